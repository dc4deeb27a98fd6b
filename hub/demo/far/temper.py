# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a department's server is on a working morning: mostly well, sometimes busy, slow, or silent after it has acted."""

from dataclasses import dataclass
from typing import TypeAlias

from hub.demo.far.chance import chance


@dataclass(frozen=True, slots=True)
class Well:
    """Takes it at once."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Takes nothing: 503 with Retry-After, in seconds."""

    retry_after: int


@dataclass(frozen=True, slots=True)
class Slow:
    """Takes it, after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Mute:
    """Takes it, and hangs up without an answer; the hub cannot know."""


Temper: TypeAlias = Well | Busy | Slow | Mute


def always_well(key: str, attempt: int) -> Temper:  # noqa: ARG001  # because every temper is asked the same
    """A system in good order."""
    return Well()


@dataclass(frozen=True, slots=True)
class Moody:
    """Of a hundred messages some four find it busy, four slow and three silent; at the third attempt it is well."""

    seed: int

    def __call__(self, key: str, attempt: int) -> Temper:
        drawn = chance(self.seed, key, attempt) if attempt < 3 else 1.0
        if drawn < 0.04:
            return Busy(1)
        if drawn < 0.08:
            return Slow(drawn * 10)
        if drawn < 0.11:
            return Mute()
        return Well()
