# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A register that is a database: one parameterised statement, which only reads.

config       the settings: the statement and its criteria
lookup       one question, within its time
connector    the manifest
"""

from connectors.database_query.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR"]
