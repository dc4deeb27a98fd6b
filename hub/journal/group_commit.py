# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Group commit: concurrent callers share transactions.

A batch leaves when it is full, or when its first item has waited ``linger`` seconds. While one is under way the next
gathers until that is done, since a transaction costs nearly the same whatever it holds; a slow one does not hold it up for
longer than ``patience`` seconds, or once it is full.
A batch that the database refuses is split until the guilty item stands alone; its neighbours never see its error. The parts
are written in their order, and none after one that the journal was away for.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from hub.journal.pool import DATABASE_ERRORS, Trouble, down, trouble
from hub.ports.figures import KindOfCommit
from hub.ports.journal import JournalDown, Unwritable

T = TypeVar("T")
R = TypeVar("R")

_REPEATS = 5
_REPEATING_SECONDS = 3.0
"""A batch that waited longer than this for somebody's lock has not lost a race: somebody is stuck, and callers want an answer."""


class GroupCommit(Generic[T, R]):
    """Collects items and writes them in batches through ``write``, one transaction per call.

    ``write`` takes items and answers one result per item, in order; it raises what asyncpg raises. Safe for concurrent use
    from one event loop. A cancelled caller loses its answer; its item is written all the same.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        rows: int = 200,
        linger: float = 0.002,
        patience: float = 0.025,
        in_flight: int = 2,
        counted: KindOfCommit | None = None,
    ) -> None:
        self._counted = counted
        self._write = write
        self._rows = rows
        self._linger = linger
        self._patience = patience
        self._free = in_flight
        self._waiting: deque[tuple[T, asyncio.Future[R | Unwritable | JournalDown]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._flushes: set[asyncio.Task[JournalDown | None]] = set()

    async def submit(self, item: T) -> R | Unwritable | JournalDown:
        """Write one item with whatever others are waiting; answers when its transaction is committed or has failed."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R | Unwritable | JournalDown] = loop.create_future()
        self._waiting.append((item, answer))
        if len(self._waiting) >= self._rows:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_later(self._patience if self._flushes else self._linger, self._flush)
        return await answer

    async def submit_all(self, items: Sequence[T]) -> Sequence[R | Unwritable | JournalDown]:
        """Write these items as a batch of their own, in their order, without waiting for company."""
        loop = asyncio.get_running_loop()
        batch: list[tuple[T, asyncio.Future[R | Unwritable | JournalDown]]] = [
            (item, loop.create_future()) for item in items
        ]
        if batch:
            self._begin(batch)
        return await asyncio.gather(*(answer for _, answer in batch))

    async def close(self) -> None:
        """Write what is waiting and return when nothing is under way."""
        self._flush()
        while self._flushes:
            await asyncio.wait(self._flushes)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._free > 0 and self._waiting:
            self._begin([self._waiting.popleft() for _ in range(min(self._rows, len(self._waiting)))])

    def _begin(self, batch: list[tuple[T, "asyncio.Future[R | Unwritable | JournalDown]"]]) -> None:
        self._free -= 1
        task: asyncio.Task[JournalDown | None] = asyncio.get_running_loop().create_task(self._commit(batch))
        self._flushes.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[JournalDown | None]") -> None:
        self._flushes.discard(task)
        self._free += 1
        self._flush()
        if not task.cancelled() and (error := task.exception()):
            raise error  # a bug: let the loop's exception handler shout

    async def _commit(
        self, batch: list[tuple[T, "asyncio.Future[R | Unwritable | JournalDown]"]]
    ) -> JournalDown | None:
        """What kept the last of the batch from being written, if the journal was away by then."""
        try:
            results = await self._written([item for item, _ in batch])
            assert results is None or len(results) == len(batch), "write answers one result per item"
        except BaseException as bug:
            # Ours: every caller gets it, none waits for ever.
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(bug)
            raise
        if results is None:
            return await self._split(batch)
        for (_, answer), result in zip(batch, results, strict=True):
            if not answer.done():
                answer.set_result(result)
        return results[-1] if isinstance(results[-1], JournalDown) else None

    async def _split(self, batch: list[tuple[T, "asyncio.Future[R | Unwritable | JournalDown]"]]) -> JournalDown | None:
        """One half after the other. Where the journal went away in the first, nothing of the second gets ahead of it."""
        middle = len(batch) // 2
        down = None
        try:
            down = await self._commit(batch[:middle])
        finally:
            if down is None:
                down = await self._commit(batch[middle:])
            else:
                for _, answer in batch[middle:]:
                    if not answer.done():
                        answer.set_result(down)
        return down

    async def _written(self, items: list[T]) -> Sequence[R | Unwritable | JournalDown] | None:
        """One result per item, or None: somebody in this batch is guilty, split it."""
        error: BaseException
        first = time.monotonic()
        for _ in range(_REPEATS):
            began = time.monotonic()
            try:
                results = await self._write(items)
            except DATABASE_ERRORS as refused:
                error = refused
                if trouble(refused) is not Trouble.AGAIN or time.monotonic() - first > _REPEATING_SECONDS:
                    break
            else:
                if self._counted is not None:
                    self._counted.done(len(items), time.monotonic() - began)
                return results
        if trouble(error) is not Trouble.GUILTY:
            answer = down(error)
            if self._counted is not None:
                self._counted.down(answer.reason)
            return [answer] * len(items)
        return [Unwritable(down(error).reason)] if len(items) == 1 else None
