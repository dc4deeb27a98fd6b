# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The task that keeps a link to RabbitMQ: connects, sees that everything stands, watches, and begins again.

Others look at what it has put up: the state, and the link while there is one.
"""

import asyncio
from collections.abc import Callable
from typing import Never

import structlog

from hub.bus.amqp_link import Link, LinkLostError, linked
from hub.bus.topology import Topology
from hub.ports.bus import BusDown, BusState, BusUp
from hub.ports.clock import Clock

WATCH_SECONDS = 0.25
REVIEW_SECONDS = 30.0
"""How often topology and identity are looked at on a link that seems well: another hub may have changed them."""
DOUBT_SECONDS = 1.0
"""The least time between two looks, however many doubts arise."""
STEADY_SECONDS = 10.0
"""A link that lasted so long was a good one: the pauses begin small again."""
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0
BLOCKED = "blocked: the broker is short of memory or disk and takes no messages"

log = structlog.get_logger(__name__)


class Supervisor:
    """``start`` once, ``stop`` once. ``random`` gives numbers from 0 up to 1, for the jitter."""

    def __init__(self, url: str, topology: Topology, clock: Clock, random: Callable[[], float]) -> None:
        self.state: BusState = BusDown("connecting", clock.monotonic())
        self.link: Link | None = None
        self.told = asyncio.Event()
        """Set once the first attempt to connect has ended, well or not."""
        self.attached = asyncio.Event()
        """Set while there is a link to consume on, and for good once closing."""
        self.closing = False
        self._url = url
        self._topology = topology
        self._clock = clock
        self._random = random
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._supervise(), name="bus supervisor")

    def begin_closing(self) -> None:
        """Down for good; the link stays for what is under way."""
        self.closing = True
        self._down("closed")
        self.attached.set()

    async def stop(self) -> None:
        """Disconnect."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _supervise(self) -> None:
        """Keep a link until cancelled. A bug is logged and costs the link, never the supervisor."""
        while True:
            try:
                await self._keep_linked()
            except Exception:
                log.exception("bus.supervisor_failed")
                self._detach("an error inside the hub; its log says more")
            await self._clock.sleep(LONGEST_PAUSE_SECONDS)

    async def _keep_linked(self) -> Never:
        failures = 0
        while True:
            began = self._clock.monotonic()
            try:
                async with linked(self._url) as link:
                    await self._serve(link)
            except LinkLostError as loss:
                self._detach(loss.reason)
            if self._clock.monotonic() - began > STEADY_SECONDS:
                failures = 0
            await self._clock.sleep(self._pause(failures))
            failures += 1

    def _pause(self, failures: int) -> float:
        """Seconds until the next attempt: between half and all of a doubling, capped time."""
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(failures, 16))
        return longest * (0.5 + self._random() / 2)

    async def _serve(self, link: Link) -> None:
        """Use a link until it is lost."""
        try:
            identity = await self._topology.settle(link)
            self.link = link
            self.attached.set()
            await self._watch(link, identity)
        except LinkLostError as loss:
            self._detach(BLOCKED if link.is_blocked() else loss.reason)
            link.abandon()

    async def _watch(self, link: Link, identity: str) -> None:
        """Follow what the broker says; raises ``LinkLostError`` when the link is lost or things no longer stand."""
        reviewed = self._clock.monotonic()
        while True:
            if link.is_blocked():
                link.give_up_confirms()
                self._down(BLOCKED)
            else:
                self._up(identity)
                age = self._clock.monotonic() - reviewed
                if age >= REVIEW_SECONDS or (link.suspect and age >= DOUBT_SECONDS):
                    link.suspect = False
                    identity = await self._topology.settle(link)
                    reviewed = self._clock.monotonic()
                    continue
            await self._next_look(link)
            link.ensure_alive()

    async def _next_look(self, link: Link) -> None:
        """Return when the link is stirred, or after a moment: that the broker blocks us has to be looked for."""
        loop = asyncio.get_running_loop()
        waits = {loop.create_task(link.stirred.wait()), loop.create_task(self._clock.sleep(WATCH_SECONDS))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        link.stirred.clear()

    def _detach(self, reason: str) -> None:
        self.link = None
        if not self.closing:
            self.attached.clear()
        self._down(reason)

    def _up(self, identity: str) -> None:
        if not self.closing and self.state != BusUp(identity):
            self.state = BusUp(identity)
            log.info("bus.up", identity=identity)
        self.told.set()

    def _down(self, reason: str) -> None:
        if self.closing:
            reason = "closed"
        since = self.state.since if isinstance(self.state, BusDown) else self._clock.monotonic()
        down = BusDown(reason, since, blocked=reason == BLOCKED)
        if self.state != down:
            self.state = down
            if not self.closing:
                log.warning("bus.down", reason=reason)
        self.told.set()
