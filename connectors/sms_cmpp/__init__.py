# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A carrier's gateway that speaks CMPP 2.0 or 3.0: text messages out, status reports and people's messages in.

frames         bytes to packets and back, however they were split or glued
pdus, wire     what the packets say, and their fields in octets
authenticator  how the two sides prove that they know the secret
report, msg_id status reports, and the gateway's number that has no year
results        what a result means, with its remedy
session        one connection: login, submissions, what the gateway brings
sink           messages out
simulator      a gateway with every trouble a gateway can make; simulator_words and simulated_connection belong to it

Line, window, reports, people's messages and long texts are :mod:`connectors.sdk.sms`, which other protocols share.
"""

from connectors.sms_cmpp.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR"]
