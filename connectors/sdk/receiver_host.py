# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``isolation: process`` for a receiver: it is called in a process of its own.

What was called while its process ended was not taken, or was taken and is told again when the caller repeats its call: a
receiver has no effects, so nothing is lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from structlog.typing import FilteringBoundLogger

from connectors.sdk.answers import Answers
from connectors.sdk.lifetime import Lifetime
from connectors.sdk.listening import Deaf
from connectors.sdk.metrics import Meter
from connectors.sdk.outcomes import InDoubt, QueryOutcome, Rejected, Unavailable
from connectors.sdk.process import Limits, Order
from connectors.sdk.receiver import Admission, Reply, Request, TurnedAway
from connectors.sdk.receiver_wire import admission_of, answers_spoken, reply_of, request_head
from connectors.sdk.source import Disposition
from connectors.sdk.wire import MAX_BODY_BYTES, Frame

CALL_SECONDS = 6.0
"""How long a call of a receiver may take there, a start of its process included."""

_LATER_SECONDS = 1.0
_TOO_LARGE = Reply(status=413)
_OWN_FAULT = "CONNECTOR_"
_Said = TypeVar("_Said")


@dataclass(frozen=True, slots=True)
class Fallen:
    """The receiver could not say. ``reason`` begins with a stable code and quotes nothing. ``retry_after``: its process is
    away or was ended, and the caller should come again after so many seconds; None: it raised or answered nonsense.
    """

    reason: str
    retry_after: float | None = None


class OpenReceiver(Protocol):
    """A receiver as the hub calls it, wherever it runs."""

    async def admit(self, request: Request) -> Admission | Fallen:
        """As the receiver's."""
        ...

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply | Fallen:
        """As the receiver's."""
        ...


class ProcessReceiver:
    """An :class:`OpenReceiver` whose work is done by a child process.

    Entering starts the child and waits for it at most ``limits.enter_seconds``; one that does
    not start, or dies, is started again by a call,
    after the back-off of ``limits``. Concurrency and cancellation are those of the port: the child is told
    when a caller hangs up. Raises nothing but ``CancelledError``.
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
            listener=lambda: Deaf(MAX_BODY_BYTES),
        )

    async def __aenter__(self) -> Self:
        await self._lifetime.begin()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._lifetime.close()

    async def admit(self, request: Request) -> Admission | Fallen:
        """As the receiver's, or why its process could not say. A call that no frame can hold is turned away."""
        head = {"is": "admit", "request": request_head(request)}
        told = await self._lifetime.consult(head, request.body, CALL_SECONDS)
        if isinstance(told, Rejected):
            return TurnedAway(code="HOST_FRAME", reply=_TOO_LARGE)
        return self._understood(told, admission_of)

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply | Fallen:
        """As the receiver's, or why its process could not say."""
        head, body = answers_spoken(note, answers)
        return self._understood(await self._lifetime.consult(head, body, CALL_SECONDS), reply_of)

    def _understood(self, told: QueryOutcome | Frame, read: Callable[[Frame], _Said | None]) -> _Said | Fallen:
        match told:
            case Frame():
                said = read(told)
                if said is not None:
                    self._lifetime.answered()
                    return said
            case InDoubt(reason=reason) if reason.startswith(_OWN_FAULT):
                return Fallen(reason)
            case InDoubt(reason=reason) | Unavailable(reason=reason):
                return Fallen(reason, max(self._lifetime.pause, _LATER_SECONDS))
            case _:
                pass
        reason = "HOST_NONSENSE: the connector's process did not answer what was asked and was ended"
        self._lifetime.end(reason)
        return Fallen(reason, max(self._lifetime.pause, _LATER_SECONDS))
