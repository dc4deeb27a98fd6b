# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What became of one recipient so far, from the fates of what was emitted for it: a pure table.

What a channel said, in this order; the first that fits holds.

    delivered                                               told: nothing more is sent
    under way, or taken and its receipt still may come      wait for it
    a person skipped or withdrew it, or it was revoked      given up: a person has decided
    refused, dead or expired, and never perhaps taken       failed for certain: the next channel
    anything else (in doubt, no receipt in time, …)         not known: the next channel if the class says so, else wait

Who is told by any channel is told, also when the receipt of an earlier one comes late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from contracts.codes import NoticeChannel
from hub.ports.journal import Emission, Fate, State
from hub.processors.message_platform.config import ClassSettings


class Verdict(StrEnum):
    """What one channel has come to; a value is what a report says of it (通知发送状态)."""

    TOLD = "delivered"
    UNDER_WAY = "accepted"
    GIVEN_UP = "deleted"
    FAILED = "undeliverable"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing more is sent to this recipient; ``verdict`` is the best that any channel came to."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something may still be heard; it is looked at again at that moment, or when it hears something."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class Untried:
    """The way with this index is the next to be tried."""

    way: int


Standing: TypeAlias = Over | Waiting | Untried


def standing(
    ways: Sequence[Emission | None],
    reached: Sequence[str | None],
    rules: ClassSettings,
    now: datetime,
    hope_ends: datetime,
) -> Standing:
    """``ways`` are what was emitted, in the order of the recipient's ways; ``reached`` the destination of each, None where there
    is none. Not known and not followed by another channel, it is waited for until ``hope_ends``.
    """
    verdicts = [
        Verdict.FAILED if place is None else None if emitted is None else verdict(emitted, place, rules, now)
        for emitted, place in zip(ways, reached, strict=True)
    ]
    for final in (Verdict.TOLD, Verdict.GIVEN_UP):
        if final in verdicts:
            return Over(final)
    for way, came_to in enumerate(verdicts):
        emitted = ways[way]
        match came_to:
            case None:
                return Untried(way)
            case Verdict.UNDER_WAY:
                taken = emitted is not None and any(f.state is State.ACCEPTED for f in emitted.fates.values())
                return Waiting(_receipt_due(emitted, rules) if taken and emitted is not None else None)
            case Verdict.UNKNOWN if rules.unknown == "wait" and now < hope_ends:
                return Waiting(hope_ends)
            case Verdict.UNKNOWN if rules.unknown == "wait":
                return Over(Verdict.UNKNOWN)
    if Verdict.UNKNOWN in verdicts:
        return Waiting(hope_ends) if now < hope_ends else Over(Verdict.UNKNOWN)
    return Over(Verdict.EXPIRED if Verdict.EXPIRED in verdicts else Verdict.FAILED)


def verdict(emitted: Emission, place: str, rules: ClassSettings, now: datetime) -> Verdict:
    """What the destination of a channel has come to; see the table above. What was closed is not looked at any more."""
    if emitted.closed_at is not None:
        return Verdict.UNKNOWN if emitted.taken else Verdict.GIVEN_UP
    if emitted.refused:
        return Verdict.EXPIRED if emitted.refused == "E_EXPIRED" else Verdict.FAILED
    if not emitted.fates:
        return Verdict.UNDER_WAY
    if (fate := emitted.fates.get(place)) is None:
        return Verdict.FAILED  # no route leads there
    if fate.state is State.ACCEPTED:
        return Verdict.UNKNOWN if now >= _receipt_due(emitted, rules) else Verdict.UNDER_WAY
    return _said(fate)


def _said(fate: Fate) -> Verdict:
    match fate.state:
        case State.DELIVERED:
            return Verdict.TOLD
        case State.WITHDRAWN | State.SKIPPED:
            return Verdict.GIVEN_UP
        case State.DEAD | State.EXPIRED if fate.doubtful:
            return Verdict.UNKNOWN
        case State.DEAD:
            return Verdict.FAILED
        case State.EXPIRED:
            return Verdict.EXPIRED
        case State.IN_DOUBT:
            return Verdict.UNKNOWN
        case _:
            return Verdict.UNDER_WAY


def best(standings: Mapping[int, Standing]) -> Mapping[Verdict, int]:
    """How many recipients came to what; of those that are over."""
    counted: dict[Verdict, int] = {}
    for one in standings.values():
        if isinstance(one, Over):
            counted[one.verdict] = counted.get(one.verdict, 0) + 1
    return counted


def channel_of(way: Mapping[str, str]) -> NoticeChannel:
    """The channel of one of a recipient's ways."""
    return NoticeChannel[way["channel"].upper()]


def _receipt_due(emitted: Emission, rules: ClassSettings) -> datetime:
    return emitted.named_at + timedelta(seconds=rules.receipt_seconds)
