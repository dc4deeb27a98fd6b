# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Checksum files as ``sha256sum`` writes and reads them, for SHA-256 and for SM3 (GB/T 32905)."""

import hashlib
import hmac
import re

_LINE = re.compile(rb"\\?([0-9A-Fa-f]{64})(?:[ \t]+[*]?[^\r\n]*)?[\r\n]*")


def digest(algorithm: str, body: bytes) -> str:
    """The digest in small hexadecimal digits; ``algorithm`` is ``sha256`` or ``sm3``."""
    return hashlib.new(algorithm, body).hexdigest()


def checksum_file(algorithm: str, name: bytes, body: bytes) -> bytes:
    """One line: digest, two spaces, name."""
    return digest(algorithm, body).encode() + b"  " + name + b"\n"


def agrees(algorithm: str, line: bytes, body: bytes) -> bool:
    """Whether a checksum file tells the digest of these bytes. The name in it does not matter: files get renamed."""
    found = _LINE.fullmatch(line)
    return found is not None and hmac.compare_digest(found[1].lower(), digest(algorithm, body).encode())
