# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``isolation: process``: any connector behind the same port, in a process of its own.

Whatever it does there (blocks its loop, leaks, raises, exits, floods, fills its memory) ends its own process and the
sends that were under way in it; the next send finds a new one.
"""

from collections.abc import Callable
from typing import Self

from structlog.typing import FilteringBoundLogger

from connectors.sdk.answers import Answers
from connectors.sdk.guard import QUESTION_SECONDS
from connectors.sdk.lifetime import Lifetime
from connectors.sdk.metrics import Meter
from connectors.sdk.outcomes import InDoubt, NotSeen, Outcome, QueryOutcome
from connectors.sdk.parcel import Parcel
from connectors.sdk.process import Limits, Order
from connectors.sdk.wire import Frame, parcel_head


class ProcessSink:
    """A :class:`connectors.sdk.Sink` whose work is done by a child process.

    Entering starts the child and waits for it at most ``limits.enter_seconds``; one that does not start is found by ``send``.
    Restarts wait for the back-off of ``limits``, which the first answer resets.
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
        self._lifetime = Lifetime(
            order,
            secret=secret,
            log=log,
            monotonic=monotonic,
            limits=limits or Limits(),
            meter=meter,
            answers=answers,
        )

    async def __aenter__(self) -> Self:
        await self._lifetime.begin()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._lifetime.close()

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
        told = await self._lifetime.consult(head, body, seconds)
        if isinstance(told, Frame):
            return InDoubt("CONNECTOR_NONSENSE: what it returned is not an outcome")
        if (child := self._lifetime.child) is not None and not child.dead:
            self._lifetime.answered()
        return told


def _of_a_send(outcome: QueryOutcome) -> Outcome:
    """Only a query may come to ``NotSeen``; a child may write anything."""
    return InDoubt("CONNECTOR_NONSENSE: not an answer to a send") if isinstance(outcome, NotSeen) else outcome
