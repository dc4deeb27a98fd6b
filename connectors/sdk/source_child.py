# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The child's side of :mod:`connectors.sdk.source_host`: takes when asked, and keeps what does not fit into one frame."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from connectors.sdk.item_wire import answers_of, items_head, portion
from connectors.sdk.source import Item, Source

Say = Callable[[Mapping[str, object], bytes], None]


class SourceAtWork:
    """One source and what it has in hand. A source that raises is at its end, and so is its process."""

    def __init__(self, source: Source, say: Say, fail: Callable[[BaseException], None]) -> None:
        self._source = source
        self._say = say
        self._fail = fail
        self._numbers = count(1)
        self._tokens: dict[int, int] = {}
        self._kept: deque[Item] = deque()
        self._taking: asyncio.Task[None] | None = None
        self._answers: asyncio.Queue[list[Any]] = asyncio.Queue()
        self._settling = asyncio.create_task(self._watched(self._settle()), name="settle")

    def take(self) -> None:
        """Bring something when there is something."""
        if self._taking is None or self._taking.done():
            self._taking = asyncio.create_task(self._watched(self._take()), name="take")

    def settle(self, written: list[Any]) -> None:
        """In the order in which it is told."""
        self._answers.put_nowait(written)

    async def close(self, grace: float) -> None:
        """Take no more; what was to be settled is settled, within so many seconds."""
        if self._taking is not None:
            self._taking.cancel()
            await asyncio.wait({self._taking}, timeout=grace)
        settled = asyncio.ensure_future(self._answers.join())
        await asyncio.wait({settled, self._settling}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        for task in (settled, self._settling):
            task.cancel()
        await asyncio.wait({settled, self._settling}, timeout=grace)

    async def _take(self) -> None:
        if not self._kept:
            self._kept.extend(await self._source.take())
        fitting = [self._kept.popleft() for _ in range(portion(list(self._kept)))]
        numbered = []
        for item in fitting:
            number = next(self._numbers)
            self._tokens[number] = item.token
            numbered.append((number, item))
        head, body = items_head(numbered)
        self._say({"is": "items", "items": head}, body)

    async def _settle(self) -> None:
        while True:
            written = await self._answers.get()
            try:
                known = [(self._tokens.pop(number), answer) for number, answer in answers_of(written)]
                await self._source.settle(known)
            finally:
                self._answers.task_done()

    async def _watched(self, work: Any) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException as bug:  # noqa: BLE001  # because a stranger's code may raise anything, SystemExit as well
            self._fail(bug)
