# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""数据共享平台: store and notify. Records are put to a platform that both sides reach, and the other side is told to fetch.

account      who we are at the platform, and how it is reached
signing      its signature, and the form of a new secret. Pure
keyring      the secrets that may sign just now; both count while one changes
calling      one call, signed again where the platform refuses the signature itself
config       the settings of a destination and of a source
record       a record, a notice, and what of them is a message. Pure
store        the platform as a place: put, asked about, fetched, listed, acknowledged
notifying    telling the department
collecting   a record on its way into the hub, its materials with it
sink         store and notify; and following a notice
source       what waits for us, whether we were told or not
asking       the settings of a verification query, and of the catalogue
lookup       one question
connector    the manifest
registers    the registers of the simulator
simulator    a platform with registers, secrets that end, and a script of troubles
"""

from connectors.sharing_platform.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR"]
