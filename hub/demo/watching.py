# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Looks on while the morning runs: reads the ledgers as they grow, asks the hub how it is, and sees when it is quiet."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from rich.console import Console
from rich.live import Live

from hub.demo.far.services import HALL
from hub.demo.figures import Figures
from hub.demo.flows import Counts, Flow, HallBook, flows
from hub.demo.ledgers import Tail, book_of
from hub.demo.processes import Company, Ended
from hub.demo.scenario import SYSTEMS, Scenario
from hub.demo.view import Moment, line, picture
from hub.demo.workplace import Workplace
from hub.ports.clock import Clock

_LOOK_SECONDS = 0.25
_QUIET_SECONDS = 1.5
_STALLED_SECONDS = 30.0
_LINE_SECONDS = 2.0


class Screen(Protocol):
    """Where progress is shown."""

    def update(self, figures: Figures, moment: Moment) -> None:
        """The state of things has changed."""
        ...


@contextmanager
def screen(console: Console, *, silent: bool) -> Iterator[Screen]:
    """A live table on a terminal, lines elsewhere."""
    if silent:
        yield _Silent()
    elif console.is_terminal:
        with Live(console=console, refresh_per_second=8, transient=True) as live:
            yield _Table(live)
    else:
        yield _Lines(console)


class _Silent:
    def update(self, figures: Figures, moment: Moment) -> None:
        """Programs want the end only."""


class _Table:
    def __init__(self, live: Live) -> None:
        self._live = live

    def update(self, figures: Figures, moment: Moment) -> None:
        self._live.update(picture(figures, moment))


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._next = 0.0

    def update(self, figures: Figures, moment: Moment) -> None:
        if moment.seconds >= self._next:
            self._next = moment.seconds + _LINE_SECONDS
            self._console.print(line(figures, moment), highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing moves any more: after so many seconds everything had come about, or nothing had moved for long."""

    seconds: float


class Watch:
    """One morning's figures, kept up to date from the ledgers."""

    def __init__(self, place: Workplace, scenario: Scenario, clock: Clock) -> None:
        self._tails = {system: Tail(book_of(place.ledgers, system)) for system in SYSTEMS}
        self._clock = clock
        self._health = ("…", True)
        self._place = place
        self._hall_tail = Tail(book_of(place.ledgers, HALL))
        self._hall = HallBook()
        self.figures = Figures(scenario)
        self.flows: tuple[Flow, ...] = ()

    async def until_quiet(
        self, company: Company, interrupted: asyncio.Event, address: str, shown: Screen
    ) -> Quiet | Ended | None:
        """Returns when it is over; None: interrupted."""
        begun = grown = progressed = self._clock.monotonic()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            asking = asyncio.create_task(self._ask(session, address))
            try:
                while not interrupted.is_set():
                    now = self._clock.monotonic()
                    before = self._progress
                    grown = now if self._look() else grown
                    progressed = now if self._progress > before else progressed
                    shown.update(self.figures, Moment(now - begun, *self._health))
                    if self._complete and now - grown > _QUIET_SECONDS:
                        return Quiet(progressed - begun)
                    if now - progressed > _STALLED_SECONDS:  # senders that repeat themselves are no progress
                        return Quiet(progressed - begun)
                    if (ended := company.ended()) is not None:
                        return ended
                    await self._clock.sleep(_LOOK_SECONDS)
            finally:
                asking.cancel()
        return None

    def _look(self) -> bool:
        """Whether any book has grown."""
        grown = False
        for system, tail in self._tails.items():
            for entry in tail.added():
                self.figures.take(system, entry)
                grown = True
        for entry in self._hall_tail.added():
            self._hall.take(entry)
            grown = True
        self.flows = flows(self.figures.scenario, self._hall, Counts.at(self._place.ledgers))
        return grown

    @property
    def _progress(self) -> int:
        return self.figures.progress + sum(sum(flow.counts.values()) for flow in self.flows)

    @property
    def _complete(self) -> bool:
        return self.figures.complete and all(not flow.lost for flow in self.flows)

    async def _ask(self, session: aiohttp.ClientSession, address: str) -> None:
        while True:
            self._health = await health(session, address)
            await self._clock.sleep(1.0)


async def health(session: aiohttp.ClientSession, address: str) -> tuple[str, bool]:
    """How the hub is, in a word or two, and whether that is well."""
    try:
        async with session.get(f"{address}/health/ready") as response:
            said = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return "无应答 no answer", False
    if response.status == 200:
        return "就绪 ready", True
    blocked = said.get("blocked", []) if isinstance(said, dict) else []
    return "未就绪 not ready: " + ", ".join(str(one.get("what")) for one in blocked), False
