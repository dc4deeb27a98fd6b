# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department with a front database (前置库): rows it writes are taken in, rows for it are written, each one's fate beside it.

config       the settings, and the profiles that are sets of them
profiles     the national tables up_* and dn_*: settings, and their DDL
sink         one transaction per parcel, keyed
source       tables in their order, nothing lost
claim        which rows are in hand, and whose they are
marking      what became of a row, written where its author looks
bookmark     how far a table without a flag was read
item         a row as a message
tidy         rows long settled are removed
connector    the manifest
simulator    a department's own program at the other end
"""

from connectors.front_db.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR"]
