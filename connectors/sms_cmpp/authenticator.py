# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How the two sides prove to each other that they know the shared secret. Pure. CMPP V3.0.0 (QB-GF-028-2003), 7.4.1.

MD5 is the protocol's; nothing better can be had on this line.
"""

import hashlib
from datetime import datetime

from connectors.sms_cmpp.pdus import V3, Version


def stamp(now: datetime) -> int:
    """MMDDHHMMSS as a number, of a local time."""
    return int(now.strftime("%m%d%H%M%S"))


def of_account(account: str, secret: str, timestamp: int) -> bytes:
    """What the account shows at login: over account, nine zero octets, secret and time."""
    return _md5(account.encode("ascii") + bytes(9) + secret.encode() + b"%010d" % timestamp)


def of_gateway(status: int, shown: bytes, secret: str, version: Version) -> bytes:
    """What the gateway shows in its answer: over status, what the account had shown, and secret."""
    return _md5(status.to_bytes(4 if version == V3 else 1, "big") + shown + secret.encode())


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
