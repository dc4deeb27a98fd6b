# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""SM3 (GB/T 32905-2016), from the OpenSSL that Python is built with."""

import hashlib
from typing import Final

EMPTY: Final = hashlib.new("sm3")
"""To be copied: to look the algorithm up by its name costs more than to hash a line."""


def sm3(octets: bytes) -> bytes:
    """The digest, 32 bytes."""
    state = EMPTY.copy()
    state.update(octets)
    return state.digest()


def sm3_hex(octets: bytes) -> str:
    """The digest as 64 lower-case hexadecimal digits."""
    return sm3(octets).hex()
