# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A message centre that speaks SMPP 3.4: text messages out, receipts and people's messages in.

packets    what the packets say, and their octets
receipt    a receipt, which is a text that every maker writes in its own way
statuses   what a status means, with its remedy
session    one connection: bind, submissions, what the centre brings
sink       messages out
simulator  a centre with every trouble a centre can make; simulator_words and simulated_connection belong to it

Line, window, reports, people's messages and long texts are :mod:`connectors.sdk.sms`, which other protocols share.

The codec is ours. Of the kept libraries, aiosmpplib 0.7 ends the connection at a status or a coding that it does not know, reads
no length before it trusts it, writes bodies to its log, keeps no window, and sends later what it had queued while it was away;
smpplib 2.2 blocks its thread. A message must be sent once or never, and its text must be in no log.
"""

from connectors.sms_smpp.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR"]
