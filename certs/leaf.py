# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The leaf of the evidence: one statement, hashed with its kind.

The hash is that of RFC 9162's leaves (a zero byte first) over a length-prefixed kind and the statement, so that no
statement can be read as one of another kind. The sequencer that numbers leaves and builds the tree works on these hashes.
"""

import hashlib

ACCEPTED = "accepted"
DELIVERED = "delivered"
NOT_DELIVERED = "not_delivered"
REPLAYED = "replayed"
RELEASED = "released"
SUBMISSION = "submission"
REFUSED = "refused"


def leaf_hash(kind: str, statement: bytes) -> bytes:
    """SHA-256 of ``0x00 || len(kind) || kind || statement``; the length is one byte."""
    name = kind.encode("ascii")
    return hashlib.sha256(b"\x00" + bytes([len(name)]) + name + statement).digest()
