# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Plays one system's part in every case: sends its turns one after another, and answers what it receives.

A turn of one's own follows the one before it when that has been answered by the hub; the other side's turns are waited
for, as in life: nothing is decided on an application that has not arrived.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hub.demo.far.calling import Answer, Hub
from hub.demo.far.chance import chance
from hub.demo.far.fate import APPLICATION, Fate, Morning, Turn
from hub.demo.far.mistakes import BEHIND, Mistake, mistake
from hub.demo.far.papers import event, files

_CASES_PER_SECOND = 12.0
_THINKING_SECONDS = 0.6


class Actor:
    """``system`` is its id at the hub. ``speed`` divides every pause; 1 gives 240 cases about half a minute."""

    def __init__(self, system: str, morning: Morning, speed: float, hub: Callable[[], Hub]) -> None:
        self._system = system
        self._morning = morning
        self._speed = speed
        self._hub = hub
        self._tasks: set[asyncio.Task[None]] = set()
        self._applied = {index: asyncio.Event() for index in range(morning.cases)} if system == "portal" else {}
        self._resting = False

    async def open_cases(self) -> None:
        """The applicants come: in order, most of them early, never more than a few dozen at the portal at once."""
        loop = asyncio.get_running_loop()
        begun, length = loop.time(), self._morning.cases / _CASES_PER_SECOND / self._speed
        for index in range(self._morning.cases):
            fate = self._morning.fate(index)
            await asyncio.sleep(begun + fate.arrives * length - loop.time())
            if index >= BEHIND:
                await self._applied[index - BEHIND].wait()
            if self._resting:
                return
            self._start(fate, 0)

    async def on_effect(self, received: dict[str, Any]) -> None:
        """A message has arrived: fetch what it names, then go on with the case if it is this system's turn."""
        index = self._morning.index(received.get("subject", ""))
        if index is None or self._resting:  # of another morning, still on its way
            return
        fate = self._morning.fate(index)
        if all(fate.speaker(turn) != self._system for turn in fate.turns):  # only a copy
            return
        self._start(fate, int(received["sequence"]), received)

    def rest(self) -> None:
        """Begin nothing more."""
        self._resting = True

    async def finish(self) -> None:
        """Nothing is under way any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, fate: Fate, done: int, received: dict[str, Any] | None = None) -> None:
        task = asyncio.create_task(self._go_on(fate, done, received))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _go_on(self, fate: Fate, done: int, received: dict[str, Any] | None) -> None:
        if received is not None:
            await self._fetch(fate, received["data"])
        for turn in fate.turns[done:]:
            if fate.speaker(turn) != self._system or self._resting:
                return
            if turn.contract != APPLICATION:
                pause = _THINKING_SECONDS * (0.3 + 1.4 * chance(fate.seed, fate.index, turn.number, "pause"))
                await asyncio.sleep(pause / self._speed)
            if not await self._play(fate, turn):
                return

    async def _fetch(self, fate: Fate, data: dict[str, Any]) -> None:
        named = [*data.get("materials", ()), data]
        wanted = [one for one in named if isinstance(one.get("digest"), str)]
        await asyncio.gather(*(self._hub().fetch(fate.case, one["digest"], one["size"]) for one in wanted))

    async def _play(self, fate: Fate, turn: Turn) -> bool:
        """Whether the hub took the message. What is to be found by it must be there before it."""
        await self._upload(fate, turn)
        right = event(fate, turn, datetime.now(UTC))  # noqa: TID251  # because another's system has its own clock
        planned = mistake(self._morning, fate, turn)
        if planned is not None and not planned.after:
            await self._err(planned, right)
        answers = await self._send(fate, turn, right)
        if planned is not None and planned.after:
            await self._err(planned, right)
        if turn.contract == APPLICATION:
            self._applied[fate.index].set()
        return all(answer.status in {200, 202} for answer in answers)

    async def _send(self, fate: Fate, turn: Turn, right: dict[str, Any]) -> list[Answer]:
        """Now and then a sender presses the button twice: at the same moment, or because it is not sure."""
        drawn = chance(fate.seed, fate.index, turn.number, "twice")
        if drawn < 0.02:
            return list(await asyncio.gather(self._hub().send(right), self._hub().send(right)))
        first = await self._hub().send(right)
        return [first, await self._hub().send(right)] if drawn < 0.04 else [first]

    async def _err(self, planned: Mistake, right: dict[str, Any]) -> None:
        wrong = planned.wrong(right)
        if isinstance(wrong, bytes):
            await self._hub().send(right, wrong=planned.code, body=wrong)
        else:
            await self._hub().send(wrong, wrong=planned.code)

    async def _upload(self, fate: Fate, turn: Turn) -> None:
        for number, file in enumerate(files(fate, turn)):
            if number == 0 and chance(fate.seed, fate.index, turn.number, "wrong digest") < 0.02:
                await self._hub().upload(file, digest="sha256:" + "0" * 64)
            await self._hub().upload(file)
