# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A register with an HTTP interface: a question is one request without effect, and its answer is given back at once.

config       the settings: the request as templates, and what answers mean
lookup       one question from beginning to end, within its time
connector    the manifest
"""

from connectors.rest_query.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR"]
