# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Business transactions on PostgreSQL: steps are closed, and persons' words joined, each in one transaction.

Order of the locks: emissions (as whoever hears or replays), the process, open deliveries (sorted by id), lanes (sorted).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5

import asyncpg
import orjson

from hub.journal.acts import once, transacted
from hub.journal.lanes import free
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.processes import emission_of, fence, sealed_joining, sender
from hub.journal.queries import columns, query
from hub.journal.seals import Seals
from hub.ports.journal import (
    CLOSED,
    WHOLE,
    WORD,
    Act,
    Acted,
    Closing,
    Irrevocable,
    JournalDown,
    Leaf,
    Needing,
    NoSuch,
    NotAwaited,
    RequestTaken,
    State,
    TransactionPart,
    TransactionView,
    Withdrawn,
)

_END = UUID(int=2**128 - 1)
_UNDONE = frozenset({"undoing", "undone"})
_BUSY = frozenset({State.SENDING, State.IN_DOUBT})
_TAKEN = frozenset({State.DELIVERED, State.ACCEPTED})
_FAILED = frozenset({State.DEAD, State.EXPIRED, State.WITHDRAWN, State.SKIPPED})


class PostgresTransactions:
    """The part :class:`hub.ports.journal.Transactions`."""

    def __init__(self, pool: JournalPool, readers: JournalPool, seals: Seals) -> None:
        self._seals = seals
        self._pool = pool
        self._readers = readers

    async def close(
        self, closing: Closing, leaf: Callable[[Withdrawn], Leaf], at: datetime
    ) -> Sequence[str] | JournalDown:
        async def work(connection: asyncpg.Connection) -> Sequence[str]:
            async with connection.transaction():
                return await _close(connection, closing, leaf, at)

        return await transacted(self._pool, work)

    async def decide(
        self, act: Act, process: UUID, name: str, word: str
    ) -> Acted | NotAwaited | NoSuch | RequestTaken | JournalDown:
        attributes = orjson.dumps({"type": WORD, "name": name})
        id_ = uuid5(process, f"{WORD} {name}")

        async def work(connection: asyncpg.Connection) -> int | NotAwaited | NoSuch:
            row = await connection.fetchrow(query("lock_process"), process)
            if row is None or not row["standing"]:
                return NoSuch()
            if row["awaits"] != name:
                return NotAwaited()
            sealed = sealed_joining(self._seals, process, attributes, orjson.dumps({"word": word}), id_)
            if not await connection.fetch(query("join_word"), process, id_, act.acted_at, *sealed):
                return NotAwaited()
            await connection.execute(query("wake_process"), process)
            return 1

        try:
            await self._seals.ready([(sender(attributes), process)])
        except DATABASE_ERRORS as error:
            return down(error)
        return await once(self._pool, act, work)

    async def closed(self, deliveries: Collection[UUID]) -> Collection[UUID] | JournalDown:
        try:
            rows = await self._pool.fetch(query("closed_among"), list(deliveries))
        except DATABASE_ERRORS as error:
            return down(error)
        return {row["id"] for row in rows}

    async def undo(
        self, act: Act, process: UUID, final: Mapping[str, Collection[str]]
    ) -> Acted | Irrevocable | NoSuch | RequestTaken | JournalDown:
        attributes = orjson.dumps({"type": WORD, "name": WHOLE})
        id_ = uuid5(process, f"{WORD} {WHOLE}")

        async def work(connection: asyncpg.Connection) -> int | Irrevocable | NoSuch:
            row = await connection.fetchrow(query("lock_whole_process"), process)
            if row is None:
                return NoSuch()
            if row["standing"] in _UNDONE or row["awaits"].startswith("undo."):
                return 0
            names = list(final.get(row["destination"], ()))
            if row["finished"] or await connection.fetchval(query("final_emissions"), process, names):
                return Irrevocable()
            sealed = sealed_joining(self._seals, process, attributes, orjson.dumps({"word": "undo"}), id_)
            if not await connection.fetch(query("join_word"), process, id_, act.acted_at, *sealed):
                return 0
            await connection.execute(query("interrupt_process"), process)
            return 1

        try:
            await self._seals.ready([(sender(attributes), process)])
        except DATABASE_ERRORS as error:
            return down(error)
        return await once(self._pool, act, work)

    async def list(
        self, after: UUID | None, limit: int, standing: str | None
    ) -> Sequence[TransactionView] | JournalDown:
        try:
            rows = await self._readers.fetch(query("list_transactions"), after or _END, standing, limit)
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(map(_view, rows))

    async def view(self, process: UUID) -> TransactionView | NoSuch | JournalDown:
        try:
            async with self._readers.acquire() as connection:
                row = await connection.fetchrow(query("transaction"), process)
                if row is None:
                    return NoSuch()
                return _view(row, await connection.fetch(query("steps_of"), process))
        except DATABASE_ERRORS as error:
            return down(error)

    async def parts(
        self, messages: Collection[UUID], deliveries: Collection[tuple[UUID, UUID]]
    ) -> Sequence[TransactionPart] | JournalDown:
        try:
            rows = await self._readers.fetch(
                query("parts_of_messages"), list(messages), *columns(list(deliveries), width=2)
            )
        except DATABASE_ERRORS as error:
            return down(error)
        return [
            TransactionPart(
                message=row["message_id"],
                name=row["name"],
                transaction=row["id"],
                destination=row["destination"],
                standing=row["standing"],
                why=row["why"],
                awaits=row["awaits"],
            )
            for row in rows
        ]

    async def needing(self) -> Mapping[str, Needing] | JournalDown:
        try:
            rows = await self._readers.fetch(query("needing_persons"))
        except DATABASE_ERRORS as error:
            return down(error)
        return {row["destination"]: Needing(row["n"], row["since"]) for row in rows}


async def _close(
    connection: asyncpg.Connection, closing: Closing, leaf: Callable[[Withdrawn], Leaf], at: datetime
) -> Sequence[str]:
    named = await connection.fetch(query("lock_emissions"), closing.process, list(closing.names))
    if closing.process not in await fence(connection, [(closing.process, closing.turn)]):
        return ()
    messages = {row["message_id"]: row["name"] for row in named if row["closed_at"] is None}
    await connection.fetch(query("lock_open_of"), list(messages))
    # A statement of its own: it sees what the holders of those locks have committed.
    ends: dict[str, list[asyncpg.Record]] = {name: [] for name in messages.values()}
    for row in await connection.fetch(query("ends_of"), list(messages)):
        ends[messages[row["message_id"]]].append(row)
    if closing.because and not any(State(row["state"]) in _FAILED for row in ends.get(closing.because, ())):
        return ()
    taken = {name: any(map(_taken, rows)) for name, rows in ends.items()}
    if any(taken.get(name, False) for name in closing.spared):
        return ()
    # What has no delivery is parked: nobody can tell yet where it goes.
    shut = [name for name, rows in ends.items() if rows and not any(State(row["state"]) in _BUSY for row in rows)]
    rows = [row for name in shut for row in ends[name]]
    await _withdraw(connection, [row for row in rows if not row["ended"]], leaf, at)
    await connection.execute(
        query("close_emissions"),
        closing.process,
        at,
        shut,
        [taken[name] for name in shut],
        *columns([(row["id"], row["message_id"], row["destination"]) for row in rows], width=3),
    )
    return shut


async def _withdraw(
    connection: asyncpg.Connection, rows: Sequence[asyncpg.Record], leaf: Callable[[Withdrawn], Leaf], at: datetime
) -> None:
    """Settle what is open for good. The rows are locked."""
    if not rows:
        return
    settled = [_settled(row, leaf(_withdrawn(row)), at) for row in rows]
    await connection.execute(query("end_dead"), *columns(settled, width=13))
    await free(connection, ((row["destination"], row["case_no"]) for row in rows))


def _withdrawn(row: asyncpg.Record) -> Withdrawn:
    return Withdrawn(row["id"], row["message_id"], row["destination"], row["attempt"])


def _settled(row: asyncpg.Record, leaf: Leaf, at: datetime) -> tuple[object, ...]:
    return (
        row["message_id"], leaf.id, leaf.kind, row["destination"], leaf.statement, leaf.hash, State.WITHDRAWN.value,
        row["attempt"], CLOSED, "", "", at, row["id"],
    )  # fmt: skip


def _taken(row: asyncpg.Record) -> bool:
    """Whether a delivery took effect, or perhaps did."""
    return State(row["state"]) in _TAKEN or bool(row["doubtful"])


def _view(row: asyncpg.Record, steps: Sequence[asyncpg.Record] = ()) -> TransactionView:
    return TransactionView(
        id=row["id"],
        destination=row["destination"],
        case=row["case_no"],
        message=row["message_id"],
        begun_at=row["begun_at"],
        finished_at=row["finished_at"],
        standing=row["standing"],
        standing_at=row["standing_at"] or datetime.fromtimestamp(0, UTC),
        awaits=row["awaits"],
        why=row["why"],
        steps=tuple(map(emission_of, steps)),
    )
