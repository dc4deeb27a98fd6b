# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rows of references: under which of them something was accepted, and what was answered.

Order of the locks: these rows (sorted by key), then open deliveries (sorted by id), then lanes. So whoever commits an
``accepted`` and whoever brings its answer at the same moment wait for each other here, and the second sees what the first
wrote.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import asyncpg

from connectors.sdk import Delivered, Rejected
from hub.journal.queries import columns, query
from hub.ports.journal import RESOLVED, RESOLVED_REJECTED, State

Key: TypeAlias = tuple[str, str]
"""Destination and reference."""


_DECIDED = frozenset({(State.DELIVERED, RESOLVED), (State.DEAD, RESOLVED_REJECTED)})

_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One final answer as it is kept: what it makes of the delivery, and when."""

    state: State
    code: str
    detail: str
    receipt: str
    at: datetime | None
    heard_at: datetime

    @classmethod
    def of(
        cls, outcome: Delivered | Rejected, at: datetime | None, heard_at: datetime, *, expired: bool = False
    ) -> "Word":
        """As it was given; ``expired``: it says that it was too late."""
        match outcome:
            case Delivered(receipt):
                return cls(
                    state=State.DELIVERED, code="DELIVERED", detail="", receipt=receipt, at=at, heard_at=heard_at
                )
            case Rejected(code, detail, violations):
                told = "; ".join([detail, *violations] if detail else violations)[:_LONGEST_DETAIL]
                state = State.EXPIRED if expired else State.DEAD
                return cls(state=state, code=code, detail=told, receipt="", at=at, heard_at=heard_at)

    @property
    def decided(self) -> bool:
        """Whether an operator said it, and not the far side."""
        return (self.state, self.code) in _DECIDED

    @property
    def outcome(self) -> Delivered | Rejected:
        """The answer again."""
        return Delivered(self.receipt) if self.state is State.DELIVERED else Rejected(self.code, self.detail)


@dataclass(slots=True, kw_only=True)
class Entry:
    """One reference. ``told`` is the answer that counts, ``other`` the first that said the opposite.

    Without ``delivery`` nothing was accepted under it yet. ``told`` and ``awaited`` together: what was answered before was
    sent again since.
    """

    key: Key
    message: UUID | None = None
    delivery: UUID | None = None
    attempt: int = 0
    awaited: bool = False
    told: Word | None = None
    contradictions: int = 0
    other: Word | None = None

    @property
    def blank(self) -> bool:
        """Whether it says nothing."""
        return self.delivery is None and self.told is None

    def bind(self, message: UUID, delivery: UUID, attempt: int) -> None:
        """Something was accepted under it."""
        self.message, self.delivery, self.attempt = message, delivery, attempt

    def contradict(self, word: Word) -> None:
        """Somebody says the opposite."""
        self.contradictions += 1
        self.other = self.other or word


async def open_entries(connection: asyncpg.Connection, keys: Iterable[Key], now: datetime) -> dict[Key, Entry]:
    """The rows of these references, locked; those that did not exist are made, and blank."""
    entries: dict[Key, Entry] = {}
    missing = sorted(set(keys))
    while missing:  # again only where one was purged between the two statements
        made = await connection.fetch(query("make_answers"), *columns(missing, width=2), now)
        entries |= {(r["destination"], r["reference"]): Entry(key=(r["destination"], r["reference"])) for r in made}
        if known := [key for key in missing if key not in entries]:
            for row in await connection.fetch(query("lock_answers"), *columns(known, width=2)):
                entry = _entry(row)
                entries[entry.key] = entry
        missing = [key for key in missing if key not in entries]
    return entries


async def save(connection: asyncpg.Connection, entries: Sequence[Entry]) -> None:
    """Write them; those that are blank are removed."""
    if kept := [_row(entry) for entry in entries if not entry.blank]:
        await connection.execute(query("save_answers"), *columns(kept, width=19))
    if blank := [entry.key for entry in entries if entry.blank]:
        await connection.execute(query("unmake_answers"), *columns(blank, width=2))


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(
        key=(row["destination"], row["reference"]),
        message=row["message_id"],
        delivery=row["delivery_id"],
        attempt=row["attempt"],
        awaited=row["awaited"],
        told=_word(row, "", "answered_at"),
        contradictions=row["contradictions"],
        other=_word(row, "other_", "other_at"),
    )


def _word(row: asyncpg.Record, prefix: str, at: str) -> Word | None:
    if row[f"{prefix}state"] is None:
        return None
    return Word(
        state=State(row[f"{prefix}state"]),
        code=row[f"{prefix}code"],
        detail=row[f"{prefix}detail"],
        receipt=row[f"{prefix}receipt"],
        at=row[at],
        heard_at=row[f"{prefix}heard_at"],
    )


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        *entry.key, entry.message, entry.delivery, entry.attempt, entry.awaited, *_columns(entry.told),
        entry.contradictions, *_columns(entry.other),
    )  # fmt: skip


def _columns(word: Word | None) -> tuple[object, ...]:
    if word is None:
        return None, "", "", "", None, None
    return word.state.value, word.code, word.detail, word.receipt, word.at, word.heard_at
