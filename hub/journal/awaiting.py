# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The commit of an ``accepted``: from now on its answer is awaited, or it has come already and decides at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from hub.journal.answer_book import Entry, Key, Word, open_entries, save
from hub.ports.journal import Settlement, State

REFERENCE_TAKEN = "REFERENCE_TAKEN"
"""Another delivery was accepted under the same reference: whose answer comes under it, nobody would know."""


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A batch as it is to be written: ``settlements`` in the order in which they came, some replaced by what was answered."""

    settlements: Sequence[Settlement]
    bound: Sequence[tuple[Settlement, Entry]]
    """What is written only if its settlement is: each entry as it is then."""
    opened: dict[Key, Entry]

    async def save(self, connection: asyncpg.Connection, written: Collection[int]) -> list[tuple[Entry, Word]]:
        """Write what belongs to the settlements whose ``id()`` is among these. Answers that contradict the one that counts."""
        kept = [entry for settlement, entry in self.bound if id(settlement) in written]
        keys = {entry.key for entry in kept}
        unused = [entry for key, entry in self.opened.items() if key not in keys and entry.blank]
        if kept or unused:
            await save(connection, [*kept, *unused])
        return [(entry, entry.other) for entry in kept if entry.other is not None and not entry.awaited]


async def await_answers(connection: asyncpg.Connection, batch: Sequence[Settlement], now: datetime) -> Awaiting:
    """Look up, and lock, the references of what was accepted. Comes before the lock of any delivery."""
    keys = {_key(s) for s in batch if s.on_answer is not None}
    opened = await open_entries(connection, keys, now) if keys else {}
    taken: dict[Key, Entry] = {}
    settlements: list[Settlement] = []
    bound: list[tuple[Settlement, Entry]] = []
    for settlement in batch:
        if settlement.on_answer is None:
            settlements.append(settlement)
            continue
        entry = taken.get(_key(settlement), opened[_key(settlement)])
        said, after = _accepted(settlement, entry)
        settlements.append(said)
        if after is not None:
            taken[entry.key] = after
            bound.append((said, after))
    return Awaiting(settlements, bound, opened)


def _accepted(settlement: Settlement, entry: Entry) -> tuple[Settlement, Entry | None]:
    """What is written, and what its reference says then."""
    claim = settlement.claim
    after = replace(entry)
    if settlement.state is State.IN_DOUBT:  # awaited under its key, in case that this is what the far side answers to
        if entry.delivery is not None or entry.told is None or settlement.on_answer is None:
            return settlement, None
        after.bind(claim.message_id, claim.delivery_id, claim.attempt)
        return settlement.on_answer(entry.told.outcome), after
    if entry.delivery is None:
        after.bind(claim.message_id, claim.delivery_id, claim.attempt)
        after.awaited = entry.told is None
        if entry.told is not None and settlement.on_answer is not None:
            return settlement.on_answer(entry.told.outcome), after
        return settlement, after
    if entry.delivery != claim.delivery_id:
        detail = "another delivery was accepted under the same reference"
        doubtful = replace(
            settlement, state=State.IN_DOUBT, code=REFERENCE_TAKEN, detail=detail, yields=False, ask_at=None,
            answer_due=None, on_answer=None,
        )  # fmt: skip
        return doubtful, None
    if claim.attempt > entry.attempt:  # sent, or asked about, once more
        after.bind(claim.message_id, claim.delivery_id, claim.attempt)
        after.awaited = True
        return settlement, after
    return settlement, None


def _key(settlement: Settlement) -> Key:
    doubtful = settlement.state is State.IN_DOUBT
    return settlement.claim.destination, str(settlement.claim.delivery_id) if doubtful else settlement.reference
