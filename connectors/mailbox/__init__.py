# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that can only call out: its messages wait on a shelf, it fetches them and acknowledges.

    config      lease, batch, long poll, age
    connector   the manifest and the sink

The shelf is the journal itself; the department's side of it is the hub's HTTP API.
"""

from connectors.mailbox.config import MailboxConfig as MailboxConfig
from connectors.mailbox.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR", "MailboxConfig"]
