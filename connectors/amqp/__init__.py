# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department with a message queue, on our broker or on its own: each message is one AMQP message, in and out.

config       the settings, checked as far as they can be without asking the broker
wire         one connection and its channel, frame by frame
envelope     what stands before a body
confirms     what is published and not yet confirmed
fate         what became of a published message
line         connects when needed, and again
sink         one message per parcel
source, aside    one queue, and where its refused messages go
connector    the manifest
"""

from connectors.amqp.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR"]
