# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department behind a one-way gap (网闸、光闸): messages in signed, numbered, chained bundles, acknowledged by a second way.

bundle, acknowledgement   what is carried, and what is said of it
keys, post                who signs, who is believed, what is sealed
carrier                   one end of a one-way path; here a folder
store, ledger, register   what each end remembers on disk
sink, resending           the sending end
source, gaps, acknowledging, quarantine   the receiving end
simulator                 a gap, with every trouble a gap can make
connector                 the manifest
"""

from connectors.ferry.connector import CONNECTOR as CONNECTOR

__all__ = ["CONNECTOR"]
