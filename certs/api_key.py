# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""API keys: who is speaking, where nothing better is possible yet.

A key is 256 random bits, so a plain SHA-256 of it can be stored and looked up: there is nothing to guess.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PREFIX = "ghk_"
"""Every key begins so, that a leaked one can be found by scanners."""

_LONGEST = 200


def new_key(entropy: Callable[[int], bytes]) -> str:
    """A fresh key; shown once, stored nowhere."""
    return PREFIX + base64.urlsafe_b64encode(entropy(32)).rstrip(b"=").decode()


def digest_of(key: str) -> str:
    """What the configuration holds: ``sha256:<hex>``."""
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


class Scope(StrEnum):
    """What a system's key may be used for."""

    INTAKE = "intake"
    """Handing over messages and materials."""
    MAILBOX = "mailbox"
    """Fetching what is for the system, and acknowledging it."""
    QUERY = "query"
    """Asking: what became of messages and cases, items, materials, registers."""


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """A key by its digest: from when and until when it is good, and for what; an empty ``scopes`` is everything."""

    digest: str
    not_before: datetime | None = None
    not_after: datetime | None = None
    scopes: frozenset[Scope] = frozenset()

    def covers(self, scope: Scope | None) -> bool:
        """Whether it may be used for this; None: a place that no scope narrows."""
        return scope is None or not self.scopes or scope in self.scopes


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Which digest belongs to whom. Several keys of one holder let one be replaced while both serve.

    ``terms`` has the keys that are not good for everything and for ever.
    """

    holders: Mapping[str, str]
    terms: Mapping[str, KeyTerms] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: Iterable[tuple[str, Iterable[str | KeyTerms]]]) -> "KeyRing":
        """From (holder, keys) pairs, each key a digest or its terms."""
        held = [(holder, KeyTerms(key) if isinstance(key, str) else key) for holder, all_ in keys for key in all_]
        return cls(
            {key.digest: holder for holder, key in held},
            {key.digest: key for _, key in held if key != KeyTerms(key.digest)},
        )

    def identify(self, key: str) -> str | None:
        """The holder of this key, or None. Whether it is good today, :meth:`terms_for` says."""
        if len(key) > _LONGEST or not key.isascii():  # what is not ASCII may not even be encodable
            return None
        return self.holders.get(digest_of(key))

    def terms_for(self, key: str) -> KeyTerms | None:
        """The terms of a key that has a holder; None: it is good for everything and for ever."""
        return self.terms.get(digest_of(key)) if self.terms else None
