# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``isolation: process`` for a lookup: it asks from a process of its own. A question has no effect, so none is ever in doubt."""

from collections.abc import Callable
from typing import Self

from structlog.typing import FilteringBoundLogger

from connectors.sdk.guard import QUESTION_SECONDS
from connectors.sdk.lifetime import Lifetime
from connectors.sdk.listening import Deaf
from connectors.sdk.lookup import Finding, Question
from connectors.sdk.lookup_wire import MAX_RECORDS_BYTES, found_of, question_head
from connectors.sdk.metrics import Meter
from connectors.sdk.outcomes import InDoubt, NotSeen, Outcome, Rejected, Unavailable
from connectors.sdk.process import Limits, Order
from connectors.sdk.wire import Frame

_NONSENSE = "HOST_NONSENSE: the connector's process did not answer what was asked and was ended"


class ProcessLookup:
    """A :class:`connectors.sdk.Lookup` whose work is done by a child process.

    Entering starts the child and waits for it at most ``limits.enter_seconds``; one that does
    not start, or dies, is started again by ``ask``,
    after the back-off of ``limits``. Questions that were under way in a process that ends are
    ``Unavailable``, guilty or not.
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
    ) -> None:
        self._lifetime = Lifetime(
            order,
            secret=secret,
            log=log,
            monotonic=monotonic,
            limits=limits or Limits(),
            meter=meter,
            listener=lambda: Deaf(MAX_RECORDS_BYTES),
        )

    async def __aenter__(self) -> Self:
        await self._lifetime.begin()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._lifetime.close()

    async def ask(self, question: Question) -> Finding:
        """As the connector's, or ``Unavailable`` where its process could not say."""
        head = {"is": "ask", "question": question_head(question)}
        told = await self._lifetime.consult(head, b"", question.timeout)
        match told:
            case Frame():
                found = found_of(told)
            case Rejected() | Unavailable():
                return told
            case InDoubt(reason=reason):
                return Unavailable(reason)
            case _:
                found = None
        if found is None:
            self._lifetime.end(_NONSENSE)
            return Unavailable(_NONSENSE)
        self._lifetime.answered()
        return found

    async def check(self) -> Outcome:
        """As the connector's."""
        told = await self._lifetime.consult({"is": "check"}, b"", QUESTION_SECONDS)
        return InDoubt("CONNECTOR_NONSENSE: not an answer to a check") if isinstance(told, Frame | NotSeen) else told
