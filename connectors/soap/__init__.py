# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department with a web service, or one that calls ours: SOAP 1.1 and 1.2 by WSDL.

config       the settings of a destination
wsdl         what a WSDL says of one operation
envelope     envelopes and faults, written exactly and read hardened
security     WS-Security UsernameToken
call         from a message to the envelope of a call
answer       what an answer means: a pure table
sink         one call from beginning to end, within its time
endpoint     the other way round: departments call; endpoint_config, and description for its WSDL, belong to it
connector    the manifest
"""

from connectors.soap.config import SoapConfig as SoapConfig
from connectors.soap.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR", "SoapConfig"]
