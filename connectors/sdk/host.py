# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``isolation: process``: any connector behind the same port, in a process of its own.

Whatever it does there (blocks its loop, leaks, raises, exits, floods, fills its memory) ends its own process and the
sends that were under way in it; the next send finds a new one.
"""

import asyncio
from collections.abc import Callable
from typing import Self

from structlog.typing import FilteringBoundLogger

from connectors.sdk.guard import QUESTION_SECONDS
from connectors.sdk.manifest import Manifest
from connectors.sdk.outcomes import InDoubt, NotSeen, Outcome, QueryOutcome, Unavailable
from connectors.sdk.parcel import Parcel
from connectors.sdk.process import ChildProcess, Limits, Order, Unfit
from connectors.sdk.wire import parcel_head


class ProcessSink:
    """A :class:`connectors.sdk.Sink` whose work is done by a child process.

    Entering starts the child and waits for it at most ``limits.start_seconds``; one that does not start is found by
    ``send``. Restarts wait for the back-off of ``limits``, which the first answer resets.
    """

    def __init__(
        self,
        order: Order,
        *,
        secret: Callable[[str], str],
        log: FilteringBoundLogger,
        monotonic: Callable[[], float],
        limits: Limits | None = None,
    ) -> None:
        self._order = order
        self._secret = secret
        self._log = log
        self._monotonic = monotonic
        self._limits = limits or Limits()
        self._child: ChildProcess | None = None
        self._starting: asyncio.Task[None] | None = None
        self._deaths = 0
        self._not_before = 0.0
        self._unfit: Unfit | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        await self._alive(self._limits.start_seconds)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closed = True
        if (starting := self._starting) is not None:
            starting.cancel()
            await asyncio.wait({starting})
        if self._child is not None:
            await self._child.stop(self._limits.stop_seconds)

    async def send(self, parcel: Parcel) -> Outcome:
        """As the connector's, or why its process could not say."""
        return _of_a_send(await self._ask({"is": "send", "parcel": parcel_head(parcel)}, parcel.body, parcel.timeout))

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """As the connector's."""
        return await self._ask({"is": "query", "key": idempotency_key}, b"", QUESTION_SECONDS)

    async def check(self) -> Outcome:
        """As the connector's."""
        return _of_a_send(await self._ask({"is": "check"}, b"", QUESTION_SECONDS))

    async def _ask(self, head: dict[str, object], body: bytes, seconds: float) -> QueryOutcome:
        started = self._monotonic()
        child = await self._alive(seconds)
        if isinstance(child, Unavailable):
            return child
        left = max(seconds - (self._monotonic() - started), 0.0)
        outcome = await child.ask(head, body, left)
        if not child.dead:
            self._deaths = 0
        return outcome

    async def _alive(self, seconds: float) -> ChildProcess | Unavailable:
        """The child, started if there is none; waits at most so long for it."""
        if self._closed:
            return Unavailable("CLOSED: this destination is being closed")
        if self._child is not None and not self._child.dead:
            return self._child
        starting = self._starting
        if starting is None:
            pause = self._not_before - self._monotonic()
            if pause > 0:
                return Unavailable(self._trouble(), pause)
            starting = self._starting = asyncio.create_task(self._start())
        # The start goes on when this caller's time is up or it is cancelled: the next one will need it.
        await asyncio.wait({starting}, timeout=seconds)
        if self._child is not None and not self._child.dead and not self._closed:
            return self._child
        return Unavailable(self._trouble())

    async def _start(self) -> None:
        try:
            match await ChildProcess.start(self._order, self._secret, self._log, self._limits):
                case Unfit() as unfit:
                    self._unfit = unfit
                    self._back_off()
                case (child, _):
                    self._child, self._unfit = child, None
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
        pause = min(self._limits.restart_seconds * 2**self._deaths, self._limits.restart_max_seconds)
        self._deaths = min(self._deaths + 1, 20)
        self._not_before = self._monotonic() + pause

    def _trouble(self) -> str:
        if self._unfit is None:
            return "HOST_RESTARTING: the connector's process is not up yet"
        return "; ".join([f"HOST_UNFIT: {self._unfit.reason}", *self._unfit.problems])[:1_000]


def _of_a_send(outcome: QueryOutcome) -> Outcome:
    """Only a query may come to ``NotSeen``; a child may write anything."""
    return InDoubt("CONNECTOR_NONSENSE: not an answer to a send") if isinstance(outcome, NotSeen) else outcome


def _no_secret(name: str) -> str:
    raise KeyError(name)


async def describe(order: Order, *, log: FilteringBoundLogger, limits: Limits | None = None) -> Manifest | Unfit:
    """What a connector promises under these settings, without importing a line of it here."""
    match await ChildProcess.start(order, _no_secret, log, limits or Limits()):
        case Unfit() as unfit:
            return unfit
        case (child, manifest):
            await child.stop((limits or Limits()).stop_seconds)
            return manifest
