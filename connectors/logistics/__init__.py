# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Carriers of originals and results: SF Express and China Post EMS, one kind with a profile for each. 物流

config      settings: which carrier, who we are there, where an order stands in a message
order       a message as an order, or why nobody may have it carried
digests     what proves who we are: one rule for each interface
sf, ems     the two carriers' forms: what is asked, and what their answers mean
sink        orders and cancels; asks before it orders again
tracing     asks where a parcel is
routes      what a carrier tells of a parcel's way
receiver    is told, and closes the delivery when it was signed for
simulator   both carriers, behaving as a script says
"""

from connectors.logistics.connector import CONNECTOR as CONNECTOR
