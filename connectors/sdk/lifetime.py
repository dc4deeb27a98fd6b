# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A connector's child processes, one after the other: started when needed, and after a death not in the same breath."""

import asyncio
from collections.abc import Callable, Mapping

from structlog.typing import FilteringBoundLogger

from connectors.sdk.answers import Answers
from connectors.sdk.listening import Listener
from connectors.sdk.metrics import Meter
from connectors.sdk.outcomes import QueryOutcome, Unavailable
from connectors.sdk.process import ChildProcess, Limits, Order, Unfit
from connectors.sdk.wire import Frame


class Lifetime:
    """``listener`` makes what listens to each new child. Restarts wait for the back-off of ``limits``, which
    :meth:`answered` resets.
    """

    def __init__(
        self,
        order: Order,
        *,
        secret: Callable[[str], str],
        log: FilteringBoundLogger,
        monotonic: Callable[[], float],
        limits: Limits,
        meter: Meter | None = None,
        listener: Callable[[], Listener] | None = None,
        answers: Answers | None = None,
    ) -> None:
        self.limits = limits
        self.child: ChildProcess | None = None
        self.listener: Listener | None = None
        """Of the present child, or of the last one."""
        self._order = order
        self._secret = secret
        self._log = log
        self._monotonic = monotonic
        self._meter = meter or Meter()
        self._listen = listener
        self._answers = answers
        self._starting: asyncio.Task[None] | None = None
        self._deaths = 0
        self._not_before = 0.0
        self._unfit: Unfit | None = None
        self._closed = False

    async def close(self) -> None:
        """End what there is. Idempotent."""
        self._closed = True
        if (starting := self._starting) is not None:
            starting.cancel()
            await asyncio.wait({starting})
        if self.child is not None:
            await self.child.stop(self.limits.stop_seconds)

    def answered(self) -> None:
        """The present child does what it is for."""
        self._deaths = 0

    @property
    def pause(self) -> float:
        """How many seconds the next start still has to wait."""
        return max(self._not_before - self._monotonic(), 0.0)

    async def begin(self) -> None:
        """Have a child started, and wait for it as long as ``limits`` says; whoever asks it first waits for the rest."""
        await self.alive(min(self.limits.enter_seconds, self.limits.start_seconds))

    async def alive(self, seconds: float) -> ChildProcess | Unavailable:
        """The child, started if there is none; waits at most so long for it."""
        if self._closed:
            return Unavailable("CLOSED: this destination is being closed")
        if self.child is not None and not self.child.dead:
            return self.child
        starting = self._starting
        if starting is None:
            if (pause := self.pause) > 0:
                return Unavailable(self._trouble(), pause)
            starting = self._starting = asyncio.create_task(self._start())
        # The start goes on when this caller's time is up or it is cancelled: the next one will need it.
        await asyncio.wait({starting}, timeout=seconds)
        if self.child is not None and not self.child.dead and not self._closed:
            return self.child
        return Unavailable(self._trouble())

    async def consult(self, head: Mapping[str, object], body: bytes, seconds: float) -> QueryOutcome | Frame:
        """Have the child do one call, started first if there is none, all within so many seconds; it learns how many are left.

        As :meth:`ChildProcess.consult`; nobody has looked into a frame, so the caller says when it :meth:`answered`.
        """
        started = self._monotonic()
        child = await self.alive(seconds)
        if isinstance(child, Unavailable):
            return child
        left = max(seconds - (self._monotonic() - started), 0.0)
        return await child.consult({**head, "seconds": left}, body, left)

    def end(self, reason: str) -> None:
        """End the present child, which cannot be trusted any more; the next call starts another one, after a pause."""
        if self.child is not None:
            self.child.end(reason)

    async def _start(self) -> None:
        listener = self._listen() if self._listen is not None else None
        try:
            started = await ChildProcess.start(
                self._order,
                self._secret,
                self._log,
                self.limits,
                meter=self._meter,
                listener=listener,
                answers=self._answers,
            )
            match started:
                case Unfit() as unfit:
                    self._unfit = unfit
                    self._back_off()
                case (child, _):
                    self.child, self.listener, self._unfit = child, listener, None
                    child.on_death = self._mourn
                    if child.dead:
                        self._mourn()
        finally:
            self._starting = None

    def _mourn(self) -> None:
        """It died by itself: say so once, and do not start the next one in the same breath."""
        self._log.warning("a connector's process ended", destination=self._order.destination)
        self._back_off()

    def _back_off(self) -> None:
        pause = min(self.limits.restart_seconds * 2**self._deaths, self.limits.restart_max_seconds)
        self._deaths = min(self._deaths + 1, 20)
        self._not_before = self._monotonic() + pause

    def _trouble(self) -> str:
        if self._unfit is None:
            return "HOST_RESTARTING: the connector's process is not up yet"
        return "; ".join([f"HOST_UNFIT: {self._unfit.reason}", *self._unfit.problems])[:1_000]
