# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading: tables in the order in which they build on each other, so many rows in hand, each settled where it stands.

A row of a later table may build on one of an earlier table (a step on an acceptance). So the tables are claimed from the last
to the first and brought from the first to the last: whatever a row can build on was there before it, and is brought before.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from connectors.databases.database import Database
from connectors.databases.tables import Tables
from connectors.databases.trouble import Fault, Trouble
from connectors.front_db.bookmark import MarkedLane
from connectors.front_db.claim import Batch, Claimed, Lane, LeasedLane, LockedLane
from connectors.front_db.config import SourceConfig
from connectors.front_db.item import item_of_message, item_of_row, refused
from connectors.front_db.marking import Fate
from connectors.front_db.table_config import TableConfig
from connectors.front_db.tidy import Tidying
from connectors.sdk import Context, Disposition, Item, NotNow, Outcome, Refused, Taken

_CONNECTIONS = 24
_PARTS = 4
"""In so many parts a table's share is claimed: one is claimed while another is in the hub and a third is written back."""
_SMALLEST_PART = 50
_RETRY_SECONDS = 1.0
_LONGEST_RETRY_SECONDS = 30.0
_LEAVE_SECONDS = 5.0
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _InHand:
    lane: int
    claimed: Claimed
    item: Item | None
    since: float


@dataclass(slots=True)
class _Held:
    """What was claimed of one table and not brought yet. ``more``: the last claim was as large as it could be."""

    tokens: deque[int] = field(default_factory=deque)
    more: bool = False


class FrontDbSource:
    """An open way out of some tables."""

    def __init__(self, config: SourceConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._database = Database(config, context, connections=_CONNECTIONS)
        self._tables = Tables(config.db_schema)
        self._owner = f"govhub-{secrets.token_hex(8)}"
        self._lanes = [self._lane(table) for table in config.tables]
        self._share = config.prefetch // len(self._lanes)
        self._part = max(self._share // _PARTS, min(self._share, _SMALLEST_PART))
        self._held = [_Held() for _ in self._lanes]
        self._in_hand: dict[int, _InHand] = {}
        self._again: deque[int] = deque()
        self._fates: dict[int, Taken | Refused] = {}
        self._last = 0
        self._stirred = asyncio.Event()
        self._decided = asyncio.Event()
        self._step: asyncio.Task[None] | None = None
        self._worker: asyncio.Task[None] | None = None
        self._tidying = Tidying(self._database, self._tables, config, context)
        self._pause = 0.0
        self._leaving = False
        self._told: str | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._worker = loop.create_task(self._work(), name=f"settle rows of {self._context.destination}")
        self._tidying.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._tidying.close()
        self._leaving = True
        self._decided.set()
        if self._step is not None:
            self._step.cancel()
            await asyncio.wait({self._step})
        if self._worker is not None:  # what is being written is written, if the database is there
            await asyncio.wait({self._worker}, timeout=_LEAVE_SECONDS)
            self._worker.cancel()
            await asyncio.wait({self._worker})
        with suppress(TimeoutError):  # locks end with their connection, leases run out
            async with asyncio.timeout(_LEAVE_SECONDS):
                batches = {id(one.claimed.batch): one for one in self._in_hand.values()}
                for one in batches.values():
                    await self._lanes[one.lane].let_go(one.claimed.batch)
        await self._database.close()

    async def take(self) -> Sequence[Item]:
        """As the port says."""
        while True:
            if found := self._next():
                return found
            if self._step is None:
                self._step = asyncio.create_task(self._advance())
            step = self._step
            await asyncio.wait({step})  # a take that is cancelled leaves it to go on
            self._step = None
            if not step.cancelled() and (bug := step.exception()):
                raise bug

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        """As the port says."""
        for token, answer in answers:
            if token not in self._in_hand:
                continue
            match answer:
                case Taken() | Refused():
                    self._fates[token] = answer
                case NotNow():
                    self._again.append(token)
                    self._stirred.set()
        self._decided.set()

    async def check(self) -> Outcome:
        """Look at the tables and their columns."""
        return await self._tidying.look()

    def _next(self) -> list[Item]:
        """What can be brought now: what was given back, then of the first table that has something."""
        if self._again:
            tokens, self._again = self._again, deque()
            return [item for token in tokens if (one := self._in_hand.get(token)) and (item := one.item)]
        for held in self._held:
            if held.tokens:
                tokens, held.tokens = held.tokens, deque()
                return [item for token in tokens if (one := self._in_hand.get(token)) and (item := one.item)]
            if held.more:
                return []  # what comes after may build on what is still there
        return []

    async def _advance(self) -> None:
        """One step towards something to bring: a claim, or a wait."""
        self._stirred.clear()
        if self._again:
            return
        number = next((n for n, held in enumerate(self._held) if held.more), None)
        if number is not None:
            await self._claim(number)
        else:
            for last in reversed(range(len(self._lanes))):
                await self._claim(last)
        if not any(held.tokens for held in self._held):
            await self._rest(self._pause or self._config.poll_seconds)

    async def _claim(self, number: int) -> None:
        held, lane = self._held[number], self._lanes[number]
        room = self._share - sum(one.lane == number for one in self._in_hand.values())
        if self._config.tables[number].flag is not None:  # a mark moves past a batch when all of that is settled
            room = min(room, self._part)
        if room <= 0:
            return
        found = await lane.claim(room)
        if isinstance(found, Trouble):
            held.more = False
            self._complain(found)
            return
        self._well()
        now = self._context.monotonic()
        for claimed in found:
            self._last += 1
            item = self._item(self._last, self._config.tables[number], claimed)
            if isinstance(item, Refused):
                self._in_hand[self._last] = _InHand(number, claimed, None, now)
                self._fates[self._last] = item
                self._decided.set()
            else:
                self._in_hand[self._last] = _InHand(number, claimed, item, now)
                held.tokens.append(self._last)
        held.more = len(found) == room

    def _item(self, token: int, table: TableConfig, claimed: Claimed) -> Item | Refused:
        if claimed.row is None:
            return refused(
                "ROW_UNREADABLE", table.table, "此行含有无法读取的值", "the row holds a value that cannot be read"
            )
        if self._config.message is not None:
            return item_of_message(token, self._config.message, claimed.row, self._config.row_bytes)
        details = [
            (table.details[one.number].table, one.row, table.details[one.number].own_columns) for one in claimed.details
        ]
        return item_of_row(token, table, claimed.row, details, self._config.row_bytes)

    async def _rest(self, seconds: float) -> None:
        """Wait until something is settled or given back, but so many seconds at most."""
        try:
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
        except TimeoutError:
            return

    async def _work(self) -> None:
        """Write what was decided, as it is decided; let go of what was in hand for too long."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._decided.wait()
            except TimeoutError:
                await self._expire()
                continue
            self._decided.clear()
            well = await self._settle_now()
            if self._leaving and not (well and self._fates):  # what was decided during the last write is written too
                return
            if not well:
                await asyncio.sleep(min(max(self._pause, _RETRY_SECONDS), _LONGEST_RETRY_SECONDS))
                self._decided.set()

    async def _settle_now(self) -> bool:
        """Write all that is decided; whether none of it has to be tried again."""
        fates, self._fates = self._fates, {}
        groups: dict[int, list[int]] = {}
        for token in fates:
            if token in self._in_hand:
                groups.setdefault(id(self._in_hand[token].claimed.batch), []).append(token)
        well = True
        for tokens in groups.values():
            first = self._in_hand[tokens[0]]
            batch = first.claimed.batch
            written = [
                Fate(one.claimed.key, fates[token], one.claimed.details)
                for token in tokens
                if (one := self._in_hand.get(token))
            ]
            trouble = await self._lanes[first.lane].settle(batch, written)
            if trouble is not None:
                self._complain(trouble)
            if trouble is None or batch.gone:
                self._forget(tokens if trouble is None else self._of(batch))
            else:
                well = False
                self._fates = {token: fates[token] for token in tokens} | self._fates
        return well

    async def _expire(self) -> None:
        oldest = self._context.monotonic() - self._config.hold_seconds
        late = {id(one.claimed.batch): one for one in self._in_hand.values() if one.since < oldest}
        for one in late.values():
            self._context.log.warning("rows were in hand for too long", table=self._config.tables[one.lane].table)
            await self._lanes[one.lane].let_go(one.claimed.batch)
            self._forget(self._of(one.claimed.batch))

    def _of(self, batch: Batch) -> list[int]:
        return [token for token, one in self._in_hand.items() if one.claimed.batch is batch]

    def _forget(self, tokens: Sequence[int]) -> None:
        for token in tokens:
            self._in_hand.pop(token, None)
        self._stirred.set()

    def _complain(self, trouble: Trouble) -> None:
        """Told once; tables that were changed are read anew. Then it is tried again, after growing pauses."""
        if trouble.fault is Fault.SHAPE:
            self._tables.forget()
        self._pause = min(max(self._pause * 2, self._config.poll_seconds), _LONGEST_RETRY_SECONDS)
        if trouble.code != self._told:
            self._context.log.error("front database waits", reason=str(trouble))
            self._told = trouble.code

    def _well(self) -> None:
        if self._told is not None:
            self._context.log.info("front database goes on")
        self._pause, self._told = 0.0, None

    def _lane(self, table: TableConfig) -> Lane:
        if table.flag is None:
            return MarkedLane(self._database, self._tables, self._config, table, self._context)
        if table.lease is not None:
            return LeasedLane(self._database, self._tables, self._config, table, table.flag, self._owner)
        return LockedLane(self._database, self._tables, self._config, table, table.flag)
