# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Answers that are remembered for a while, in this process: the policy is the deployment's, no connector has its own.

The key is a digest: the criteria of a person are not kept in the clear longer than a question lasts.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from connectors.sdk import Found, NotFound
from hub.config.lookups import CacheSection


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer, how many seconds old it is, and whether it has outlived its time."""

    answer: Found | NotFound
    age: float
    stale: bool


class Memory:
    """The answers of one lookup. Moments are monotonic seconds."""

    def __init__(self, policy: CacheSection) -> None:
        self._policy = policy
        self._kept: OrderedDict[bytes, tuple[float, Found | NotFound]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def recall(self, criteria: Mapping[str, str], now: float) -> Remembered | None:
        """What is remembered, also if it is stale; None when it is too old even for that."""
        key = _key(criteria)
        kept = self._kept.get(key)
        if kept is None:
            return None
        since, answer = kept
        age, fresh = now - since, self._lasts(answer)
        if age > fresh + self._policy.stale_seconds:
            del self._kept[key]
            return None
        return Remembered(answer, age, age > fresh)

    def keep(self, criteria: Mapping[str, str], answer: Found | NotFound, now: float) -> None:
        """Remember it, if the policy says so; the oldest goes for it."""
        key = _key(criteria)
        self._kept.pop(key, None)
        if self._lasts(answer) + self._policy.stale_seconds <= 0:
            return
        self._kept[key] = (now, answer)
        while len(self._kept) > self._policy.entries:
            self._kept.popitem(last=False)

    def _lasts(self, answer: Found | NotFound) -> float:
        return self._policy.hit_seconds if isinstance(answer, Found) else self._policy.miss_seconds


def _key(criteria: Mapping[str, str]) -> bytes:
    text = orjson.dumps(
        sorted((name, value.encode("utf-8", "surrogatepass").hex()) for name, value in criteria.items())
    )
    return hashlib.sha256(text).digest()
