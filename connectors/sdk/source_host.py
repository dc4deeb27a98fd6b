# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``isolation: process`` for a source: it brings its messages from a process of its own, behind the same port.

What it had brought and nobody had settled when its process ended comes again, as after any other interruption.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from typing import Self

from structlog.typing import FilteringBoundLogger

from connectors.sdk.answers import Answers
from connectors.sdk.guard import QUESTION_SECONDS
from connectors.sdk.item_wire import MAX_ITEMS, answers_head, items_of
from connectors.sdk.lifetime import Lifetime
from connectors.sdk.metrics import Meter
from connectors.sdk.outcomes import InDoubt, NotSeen, Outcome, Unavailable
from connectors.sdk.process import ChildProcess, Limits, Order
from connectors.sdk.source import Disposition, Item
from connectors.sdk.wire import MAX_BODY_BYTES, Frame

_MAX_PREFETCH = 100_000
_FIRST_PAUSE_SECONDS = 0.05


class ProcessSource:
    """A :class:`connectors.sdk.Source` whose work is done by a child process.

    Entering starts the child and waits for it at most ``limits.enter_seconds``; one that does
    not start, or dies, is started again by ``take``,
    after the back-off of ``limits``. One that gives no sign of life for ``limits.silence_seconds`` is
    ended: a source may wait for messages for ever, so nothing else tells a patient one from a blocked one.
    """

    def __init__(
        self,
        order: Order,
        *,
        secret: Callable[[str], str],
        log: FilteringBoundLogger,
        monotonic: Callable[[], float],
        limits: Limits | None = None,
        meter: Meter | None = None,
        answers: Answers | None = None,
    ) -> None:
        self._log = log
        self._order = order
        self._stirred = asyncio.Event()
        self._numbers = count(1)
        self._lifetime = Lifetime(
            order,
            secret=secret,
            log=log,
            monotonic=monotonic,
            limits=limits or Limits(),
            meter=meter,
            answers=answers,
            listener=lambda: Bringing(self._stirred, self._numbers),
        )
        self._watching: asyncio.Task[None] | None = None
        self._told = ""

    async def __aenter__(self) -> Self:
        await self._lifetime.begin()
        self._watching = asyncio.create_task(self._watch(), name=f"signs of life of {self._order.destination}")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        await self._lifetime.close()

    async def take(self) -> Sequence[Item]:
        """As the port says."""
        while True:
            self._stirred.clear()
            child = await self._lifetime.alive(self._lifetime.limits.start_seconds)
            if isinstance(child, Unavailable):
                await self._wait_out(child)
                continue
            self._told = ""
            bringing = self._bringing()
            if items := bringing.here():
                self._lifetime.answered()
                return items
            if not bringing.asked:
                bringing.asked = True
                await child.say({"is": "take"})
            await self._stirred.wait()

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        """As the port says. What a child brought that has died since is passed over."""
        child, bringing = self._lifetime.child, self._lifetime.listener
        if child is None or child.dead or not isinstance(bringing, Bringing):
            return
        theirs = [(inner, answer) for token, answer in answers if (inner := bringing.settled(token)) is not None]
        for start in range(0, len(theirs), _ANSWERS):
            await child.say({"is": "settle", "answers": answers_head(theirs[start : start + _ANSWERS])})

    async def check(self) -> Outcome:
        """As the connector's."""
        child = await self._lifetime.alive(QUESTION_SECONDS)
        if isinstance(child, Unavailable):
            return child
        outcome = await child.ask({"is": "check"}, b"", QUESTION_SECONDS)
        return InDoubt("CONNECTOR_NONSENSE: not an answer to a check") if isinstance(outcome, NotSeen) else outcome

    def _bringing(self) -> "Bringing":
        bringing = self._lifetime.listener
        assert isinstance(bringing, Bringing), "each of these children has one"
        return bringing

    async def _wait_out(self, trouble: Unavailable) -> None:
        if self._told != trouble.reason:
            self._log.warning("source away", reason=trouble.reason)
            self._told = trouble.reason
        await asyncio.sleep(max(self._lifetime.pause, _FIRST_PAUSE_SECONDS))

    async def _watch(self) -> None:
        """Ask the present child for signs of life, until cancelled."""
        silence = self._lifetime.limits.silence_seconds
        while True:
            await asyncio.sleep(silence / 2)
            child, bringing = self._lifetime.child, self._lifetime.listener
            if child is None or child.dead or not isinstance(bringing, Bringing):
                continue
            bringing.alive.clear()
            if await child.say({"is": "ping"}):
                await self._see(child, bringing, silence)

    async def _see(self, child: ChildProcess, bringing: "Bringing", silence: float) -> None:
        try:
            async with asyncio.timeout(silence):
                await bringing.alive.wait()
        except TimeoutError:
            child.end("HOST_BLOCKED: the connector's process gave no sign of life and was ended")


_ANSWERS = MAX_ITEMS // 20  # each may bring a problem document


class Bringing:
    """What one child has brought: hears its frames, and knows what of it is neither fetched nor settled."""

    max_body_bytes = MAX_BODY_BYTES

    def __init__(self, stirred: asyncio.Event, numbers: "count[int]") -> None:
        self.asked = False
        self.alive = asyncio.Event()
        self._stirred = stirred
        self._numbers = numbers
        self._prefetch = 0
        self._here: deque[Item] = deque()
        self._unsettled: dict[int, int] = {}
        """The child's own numbers, by those the hub knows."""

    def hear(self, frame: Frame) -> str:
        """As the port says."""
        match frame.head:
            case {"is": "ready", "prefetch": int(prefetch)} if 0 < prefetch <= _MAX_PREFETCH:
                self._prefetch = prefetch
                return ""
            case {"is": "pong"}:
                self.alive.set()
                return ""
            case {"is": "items", "items": written}:
                return self._bring(written, frame.body)
            case _:
                return "not a message"

    def ended(self) -> None:
        """As the port says: whoever waits for it looks again."""
        self._stirred.set()

    def here(self) -> list[Item]:
        """What is at hand; it is the caller's then."""
        items = list(self._here)
        self._here.clear()
        return items

    def settled(self, token: int) -> int | None:
        """Forget one; gives the child's number for it, or None for one it never brought."""
        return self._unsettled.pop(token, None)

    def _bring(self, written: object, body: bytes) -> str:
        items = items_of(written, body)
        if not items or not self.asked:
            return "not what was asked for"
        if len(self._unsettled) + len(items) > self._prefetch:
            return "more than its prefetch"
        self.asked = False
        for theirs, item in items:
            token = next(self._numbers)
            self._unsettled[token] = theirs
            self._here.append(Item(token=token, content_type=item.content_type, body=item.body, headers=item.headers))
        self._stirred.set()
        return ""
