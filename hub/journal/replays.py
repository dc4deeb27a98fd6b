# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Replays on PostgreSQL. All state stands in rows; the lock on a replay's row lets one hub at a time carry it on.

Order of the locks: the replay, then as in COMMIT 2: open deliveries (sorted by id), cases, lanes (sorted).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from hub.journal.acts import once, transacted
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import columns, query
from hub.journal.replay_steps import release
from hub.ports.ids import Ids
from hub.ports.journal import (
    MOST_IN_REPLAY,
    Act,
    Acted,
    Decision,
    Finish,
    Item,
    ItemKind,
    JournalDown,
    Leaf,
    Lot,
    Named,
    NoSuch,
    OfGroup,
    Pace,
    Previewed,
    Progress,
    Release,
    Repeated,
    Replanned,
    ReplayState,
    ReplayView,
    RequestTaken,
    Selection,
    Stop,
    Wait,
    Wish,
)

_IDLE_SECONDS = 0.3  # until a replay that waits for outcomes is looked at again
_STUCK = "15s"
"""A hub that stops in the middle of a step lets go of it after so long: its session is ended by the database."""


class PostgresReplays:
    """The part :class:`hub.ports.journal.Replays`."""

    def __init__(self, pool: JournalPool, ids: Ids) -> None:
        self._pool = pool
        self._ids = ids

    async def preview(self, selection: Selection, known: Sequence[str], now: datetime) -> Previewed | JournalDown:
        # The very statements that fix a set, rolled back: a dry run that cannot differ from what it foretells.
        async def tried(connection: asyncpg.Connection) -> Previewed:
            replay = self._ids.new()
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute(
                    query("take_request"), replay, f"preview {replay}", b"", "preview", "", "", "", "", now
                )
                await _freeze(connection, replay, selection, Pace(), known, now)
                return Previewed(await _lots(connection, replay))
            finally:
                await transaction.rollback()

        return await transacted(self._pool, tried)

    async def start(
        self, act: Act, selection: Selection, pace: Pace, known: Sequence[str]
    ) -> Acted | RequestTaken | JournalDown:
        async def freeze(connection: asyncpg.Connection) -> int:
            await _freeze(connection, act.id, selection, pace, known, act.acted_at)
            await connection.execute(query("act_is_about_its_replay"), act.id)
            pending: int = await connection.fetchval(query("replay_pending"), act.id)
            if not pending:
                await connection.execute(query("finish_replay"), act.id, act.acted_at)
            return pending

        return await once(self._pool, act, freeze)

    async def view(self, replay: UUID) -> ReplayView | NoSuch | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                row = await connection.fetchrow(query("replay"), replay)
                return NoSuch() if row is None else _view(row, await _lots(connection, replay))
        except DATABASE_ERRORS as error:
            return down(error)

    async def list(self, limit: int) -> Sequence[ReplayView] | JournalDown:
        try:
            async with self._pool.acquire() as connection:
                rows = await connection.fetch(query("replays"), limit)
                return [_view(row, await _lots(connection, row["id"])) for row in rows]
        except DATABASE_ERRORS as error:
            return down(error)

    async def stop(self, act: Act, replay: UUID) -> Acted | NoSuch | RequestTaken | JournalDown:
        async def halt(connection: asyncpg.Connection) -> int | NoSuch:
            state = await connection.fetchval(query("lock_replay"), replay)
            if state != ReplayState.RUNNING:
                return NoSuch() if state is None else 0
            await _stop(connection, replay, act.actor, Stop("OPERATOR", act.reason))
            return 1

        return await once(self._pool, act, halt)

    async def resume(self, act: Act, replay: UUID) -> Acted | NoSuch | RequestTaken | JournalDown:
        async def go_on(connection: asyncpg.Connection) -> int | NoSuch:
            state = await connection.fetchval(query("lock_replay"), replay)
            if state != ReplayState.STOPPED:
                return NoSuch() if state is None else 0
            await connection.execute(query("resume_replay"), replay)
            await connection.execute(query("unhold_items"), replay)
            return 1

        return await once(self._pool, act, go_on)

    async def due(self) -> Sequence[UUID] | JournalDown:
        try:
            return [row["id"] for row in await self._pool.fetch(query("replays_due"))]
        except DATABASE_ERRORS as error:
            return down(error)

    async def advance(
        self,
        replay: UUID,
        decide: Callable[[Progress], Decision],
        leaf: Callable[[Item, ReplayView], Leaf],
        now: datetime,
    ) -> Decision | JournalDown | None:
        async def step(connection: asyncpg.Connection) -> Decision | None:
            async with connection.transaction():
                await connection.execute(f"set local idle_in_transaction_session_timeout = '{_STUCK}'")
                row = await connection.fetchrow(query("take_replay"), replay)
                if row is None:
                    return None
                await connection.execute(query("note_ends"), replay, now)
                decision = decide(await _progress(connection, row))
                await _carry_out(connection, _view(row, ()), decision, leaf, now)
                return decision

        return await transacted(self._pool, step)


async def _freeze(
    connection: asyncpg.Connection, replay: UUID, selection: Selection, pace: Pace, known: Sequence[str], now: datetime
) -> None:
    await connection.execute(query("make_replay"), replay, pace.rate, pace.tolerance)
    match selection:
        case OfGroup(group, seen):
            await connection.execute(query("freeze_group"), replay, group, seen, MOST_IN_REPLAY, list(known), now)
        case Named(deliveries, doubtful, attempts):
            await connection.execute(
                query("freeze_named"), replay, list(deliveries), doubtful, list(known), now, list(attempts)
            )
        case Replanned(wishes):
            await connection.execute(
                query("freeze_planned"), replay, *columns([_wish(w) for w in wishes], width=12), now
            )
        case Repeated(deliveries):
            rows = [(d.message, d.destination, d.queue.group, d.queue.partition, d.priority) for d in deliveries]
            await connection.execute(query("freeze_repeats"), replay, *columns(rows, width=5), list(known), now)


def _wish(w: Wish) -> tuple[object, ...]:
    plan = w.planned
    place: tuple[object, ...] = (None,) * 5
    if plan is not None:
        place = (plan.queue.group, plan.queue.partition, plan.ordered, plan.priority, plan.handling or None)
    return (w.kind.value, w.delivery, w.message, w.destination, w.attempt, w.code, w.party or None, *place)


async def _lots(connection: asyncpg.Connection, replay: UUID) -> tuple[Lot, ...]:
    rows = await connection.fetch(query("replay_lots"), replay)
    return tuple(
        Lot(
            destination=row["destination"],
            kind=ItemKind(row["kind"]),
            state=row["state"],
            code=row["code"],
            late=row["late"],
            count=row["n"],
        )
        for row in rows
    )


def _view(row: asyncpg.Record, lots: tuple[Lot, ...]) -> ReplayView:
    counts: dict[str, int] = {}
    for lot in lots:
        counts[lot.state] = counts.get(lot.state, 0) + lot.count
    return ReplayView(
        id=row["id"],
        state=ReplayState(row["state"]),
        actor=row["actor"],
        via=row["via"],
        reason=row["reason"],
        made_at=row["acted_at"],
        ended_at=row["ended_at"],
        pace=Pace(rate=row["rate"], tolerance=row["tolerance"]),
        step=row["step"],
        step_size=row["step_size"],
        step_released=row["step_released"],
        stopped_by=row["stopped_by"],
        stop_code=row["stop_code"],
        stop_detail=row["stop_detail"],
        lots=lots,
        counts=counts,
    )


async def _progress(connection: asyncpg.Connection, row: asyncpg.Record) -> Progress:
    found = await connection.fetchrow(query("replay_progress"), row["id"], row["step"])
    return Progress(
        pace=Pace(rate=row["rate"], tolerance=row["tolerance"]),
        step=row["step"],
        step_size=row["step_size"],
        released=row["step_released"],
        under_way=found["under_way"],
        failed=found["failed"],
        pending=found["pending"],
    )


async def _carry_out(
    connection: asyncpg.Connection,
    view: ReplayView,
    decision: Decision,
    leaf: Callable[[Item, ReplayView], Leaf],
    now: datetime,
) -> None:
    match decision:
        case Release(count, step, size):
            before = view.step_released if step == view.step and size == view.step_size else 0
            taken = await release(connection, view, count, step, leaf, now)
            pause = taken / view.pace.rate
            await connection.execute(query("step_taken"), view.id, step, size, before + taken, pause)
        case Wait():
            await connection.execute(query("look_later"), view.id, _IDLE_SECONDS)
        case Stop():
            await _stop(connection, view.id, "", decision)
        case Finish():
            await connection.execute(query("finish_replay"), view.id, now)


async def _stop(connection: asyncpg.Connection, replay: UUID, by: str, why: Stop) -> None:
    await connection.execute(query("stop_replay"), replay, by, why.code, why.detail)
    await connection.execute(query("hold_items"), replay)
