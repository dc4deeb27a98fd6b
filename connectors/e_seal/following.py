# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Tasks that have no answer yet, followed: looked at in turn, and what became of them given to the hub.

For callbacks that never come, above all where a platform cannot be asked by reference. What is followed is in memory alone:
after a restart the callback is left, and the hub's own question where the platform can be asked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Self

from connectors.e_seal.collecting import Ending
from connectors.sdk import Context, Delivered, Rejected
from connectors.sdk.answers import Answer, Heard

MOST = 10_000
"""So many tasks are followed; what is beyond waits for its callback."""


class Follower:
    """Used as an async context manager. ``seconds`` lie between two looks at everything that is open; 0: nothing is followed."""

    def __init__(self, collect: Callable[[str], Awaitable[Ending]], context: Context, seconds: float) -> None:
        self._collect = collect
        self._context = context
        self._seconds = seconds
        self._open: dict[str, None] = {}
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._seconds:
            self._running = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def add(self, task: str) -> None:
        """Follow a task from now on."""
        if self._seconds and len(self._open) < MOST:
            self._open[task] = None

    def forget(self, task: str) -> None:
        """It has ended."""
        self._open.pop(task, None)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            for task in list(self._open):
                await self._look(task)

    async def _look(self, task: str) -> None:
        """One look; whatever it comes to, the others are looked at too."""
        try:
            ending = await self._collect(task)
            if isinstance(ending, Delivered | Rejected):
                [heard] = await self._context.answers.answered([Answer(task, ending)])
                if heard is not Heard.TOO_MANY:
                    self.forget(task)
        except Exception as error:  # noqa: BLE001  # because one task must not end the work on all others
            self._context.log.error("a task could not be followed", bug=type(error).__name__)
            self.forget(task)
