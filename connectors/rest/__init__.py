# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department with an HTTP interface: each message is pushed to it in one request.

config       the settings, checked as far as they can be without asking the far side
query        how the far side is asked what became of a key
request      the headers of one request
callback     the address that a message names itself
answer       what an answer means: a pure table from status, headers and body to an outcome
sink         one request from beginning to end, within its time
webhook      the other way round: a far side that calls; heard and webhook_config belong to it
connector    the manifest
"""

from connectors.rest.config import RestConfig as RestConfig
from connectors.rest.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR", "RestConfig"]
