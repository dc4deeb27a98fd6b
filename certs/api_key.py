# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""API keys: who is speaking, where nothing better is possible yet.

A key is 256 random bits, so a plain SHA-256 of it can be stored and looked up: there is nothing to guess.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

PREFIX = "ghk_"
"""Every key begins so, that a leaked one can be found by scanners."""

_LONGEST = 200


def new_key(entropy: Callable[[int], bytes]) -> str:
    """A fresh key; shown once, stored nowhere."""
    return PREFIX + base64.urlsafe_b64encode(entropy(32)).rstrip(b"=").decode()


def digest_of(key: str) -> str:
    """What the configuration holds: ``sha256:<hex>``."""
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Which digest belongs to whom. Several keys of one holder let one be replaced while both serve."""

    holders: Mapping[str, str]

    @classmethod
    def of(cls, keys: Iterable[tuple[str, Iterable[str]]]) -> "KeyRing":
        """From (holder, digests) pairs."""
        return cls({digest: holder for holder, digests in keys for digest in digests})

    def identify(self, key: str) -> str | None:
        """The holder of this key, or None."""
        if len(key) > _LONGEST or not key.isascii():  # what is not ASCII may not even be encodable
            return None
        return self.holders.get(digest_of(key))
