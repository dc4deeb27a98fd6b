# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a message in the life of its case."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias, assert_never

from contracts.lifecycle.message import Kind, Message
from contracts.lifecycle.rules import BARS, CONTRADICTION, CONTRADICTS, WAITS
from contracts.lifecycle.state import State
from contracts.text import Text


class Novelty(Enum):
    """What a lawful message adds to what is known."""

    NEW = "new"
    CORRECTED = "corrected"
    REPEATED = "repeated"
    SUPERSEDED = "superseded"
    """A correction of this record came before it; the state stays as it is."""


@dataclass(frozen=True, slots=True)
class Lawful:
    """The message fits, and this is the state with it."""

    next: State
    novelty: Novelty


@dataclass(frozen=True, slots=True)
class Parked:
    """The message is early: by this rule it waits for what is told here. It is judged again when the state has changed."""

    rule: str
    waits_for: Text


@dataclass(frozen=True, slots=True)
class Impossible:
    """The message cannot be true beside what is known, by this rule."""

    rule: str
    text: Text


Judgement: TypeAlias = Lawful | Parked | Impossible


def judge(state: State, message: Message) -> Judgement:
    """What becomes of this message. Pure; never raises."""
    known = state.record(message.kind, message.key)
    if known is not None and message.version <= known.version:
        return _again(state, known, message)
    after = state.told(message)
    if (bar := next((bar for bar in BARS if bar.broken(after)), None)) is not None:
        return Impossible(bar.number, bar.text)
    wait = next((wait for wait in WAITS if wait.parks(state, message)), None)
    if wait is not None and not state.adopted:
        return Parked(wait.number, wait.needs)
    return Lawful(after, Novelty.NEW if known is None else Novelty.CORRECTED)


def _again(state: State, known: Message, message: Message) -> Judgement:
    """The same record in a version that is known, or in an earlier one."""
    if message.version < known.version:
        return Lawful(state, Novelty.SUPERSEDED)
    if message.outcome != known.outcome:
        return Impossible(CONTRADICTION, CONTRADICTS)
    # A repeat may tell another time, or a list. What bars or parks less stands, so that the order of the two does not count.
    chosen = max if known.kind is Kind.COMPLETION else min
    stands = replace(known, at=chosen(known.at, message.at), lacking=known.lacking or message.lacking)
    return Lawful(state.told(stands), Novelty.REPEATED)


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What a state came to with the messages that were parked: which still are, and which turned out impossible."""

    state: State
    parked: tuple[Message, ...]
    impossible: tuple[tuple[Message, Impossible], ...]


def rejudge(state: State, parked: Iterable[Message]) -> Rejudged:
    """Judge parked messages, in this order, until no more of them fits."""
    waiting, impossible = list(parked), list[tuple[Message, Impossible]]()
    moved = True
    while moved:
        moved, still = False, list[Message]()
        for message in waiting:
            match judge(state, message):
                case Lawful(after):
                    state, moved = after, True
                case Impossible() as why:
                    impossible.append((message, why))
                case Parked():
                    still.append(message)
                case unforeseen:
                    assert_never(unforeseen)
        waiting = still
    return Rejudged(state, tuple(waiting), tuple(impossible))
