# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Mail out by SMTP (RFC 5321), and what comes back of it (RFC 3464).

config       the settings
composing    a notice, or any parcel, as a mail: pure
judging      what a server's reply means: a pure table
sink         one mail by one connection, within its time
bounce       a delivery status notification, read: pure
bounces      the folder (maildir) to which they come, and the answers they are
connector    the manifest
"""

from connectors.mail.config import MailConfig as MailConfig
from connectors.mail.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR", "MailConfig"]
