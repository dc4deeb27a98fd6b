# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Run one call of a connector so that whatever it does, an outcome comes back, and in time.

Used around every connector, in the hub's own process and in a child. What it cannot catch is what only another process
can contain: a blocked loop, an exit, a leak.
"""

import asyncio
import hashlib
import re
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Self, cast

from connectors.sdk.answers import MAX_REFERENCE, Answer
from connectors.sdk.outcomes import Accepted, Delivered, InDoubt, NotSeen, Outcome, QueryOutcome, Rejected, Unavailable
from connectors.sdk.parcel import Parcel
from connectors.sdk.sink import Sink

MARGIN_SECONDS = 0.5
"""What a connector gets on top of a time-out: its own knows whether anything left, the guard does not."""
GRACE_SECONDS = 1.0
"""How long a cancelled call may take to clean up before it is left behind."""

QUESTION_SECONDS = 30.0
"""How long a query or a check may take."""

_surrogate = re.compile("[\ud800-\udfff]").search
_NONSENSE = "CONNECTOR_NONSENSE: what it returned is not an outcome"
_MAX_TEXT = 1_000
_MAX_VIOLATIONS = 100


async def guarded(call: Callable[[], Awaitable[object]], seconds: float) -> Outcome:
    """The outcome of a connector's ``send`` or ``check``; ends within ``seconds`` plus margin and grace.

    Raises nothing but ``CancelledError``, and that only when the caller itself is cancelled.
    """
    outcome = await guarded_query(call, seconds)
    return InDoubt(_NONSENSE) if isinstance(outcome, NotSeen) else outcome


async def guarded_query(call: Callable[[], Awaitable[object]], seconds: float) -> QueryOutcome:
    """The same for a ``query``, which alone may answer ``NotSeen``."""
    task = asyncio.create_task(_contained(call))
    task.add_done_callback(_forget)
    try:
        done = await _ended(task, seconds + MARGIN_SECONDS)
    finally:
        task.cancel()  # without effect on a task that is done
    if not done:
        await _ended(task, GRACE_SECONDS)
    if not task.done():
        return InDoubt("OVERDUE: the connector ignored its time-out and its cancellation")
    if task.cancelled():
        return InDoubt("CANCELLED: the connector gave up without an outcome" if done else "OVERDUE: out of time")
    error = task.exception()
    if error is not None:
        return InDoubt(f"CONNECTOR_RAISED: {raised(error)}")
    return sound(task.result()) or InDoubt(_NONSENSE)


def raised(error: BaseException) -> str:
    """What was raised, for people who group failures: the type, and a digest of where. Never the message: it may quote data.

    The digest is over the file, function and line of every frame, so the same bug has the same digest on every machine.
    """
    frames = traceback.extract_tb(error.__traceback__)
    stack = "\n".join(f"{Path(frame.filename).name}:{frame.name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} stack {hashlib.sha256(stack.encode()).hexdigest()[:16]}"


_BROKEN = ("CONNECTOR_", "OVERDUE:", "CANCELLED:", "HOST_DIED:", "HOST_NONSENSE:")
_ENDED = ("HOST_DIED:", "HOST_NONSENSE:", "OVERDUE: the connector's process")


def broke(reason: str) -> bool:
    """Whether an ``InDoubt`` is the connector's own doing (it raised, hung, answered nonsense, ended) and not the far side's."""
    return reason.startswith(_BROKEN)


def ended_its_process(reason: str) -> bool:
    """Whether the connector's process ended over it: then everything under way there has the same outcome, guilty or not."""
    return reason.startswith(_ENDED)


async def _ended(task: asyncio.Task[object], seconds: float) -> bool:
    """Whether the task ended within so many seconds. As ``asyncio.wait`` for one task, at half its cost: a send a call."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def tell(_: object = None) -> None:
        if not ended.done():
            ended.set_result(None)

    task.add_done_callback(tell)
    timer = loop.call_later(seconds, tell)
    try:
        await ended
    finally:
        timer.cancel()
        task.remove_done_callback(tell)
    return task.done()


def sound(value: object) -> QueryOutcome | None:
    """The value if it is an outcome whose fields are what they must be, and of a size to be stored; else None."""
    match value:
        case Delivered(receipt=text) if _text(text):
            return value
        case Accepted(reference=text) if _text(text):
            return value
        case Rejected(code=code, detail=detail, violations=them) if _text(code) and _text(detail) and _texts(them):
            return value
        case Unavailable(reason=reason, retry_after=wish) if _text(reason) and _wish(wish):
            return value
        case InDoubt(reason=reason) if _text(reason):
            return value
        case NotSeen():
            return value
        case _:
            return None


def sound_answer(value: object) -> Answer:
    """An answer whose texts are of a size to be stored and whose time has an offset; whatever its far side wrote is cut to that.

    Raises ``TypeError`` or ``ValueError`` where a connector has put together what is no answer.
    """
    match value:
        case Answer(
            reference=str() as reference, outcome=Delivered() | Rejected() as outcome, at=datetime() | None as at
        ):
            pass
        case _:
            raise TypeError("not an Answer with a reference and a final outcome")
    if at is not None and at.tzinfo is None:
        raise ValueError("the time of an answer has no offset")
    reference = storable(reference)[:MAX_REFERENCE]
    if not reference:
        raise ValueError("an answer without a reference")
    return Answer(reference, _cut(outcome), at)


def storable(text: str) -> str:
    """A text that the journal can hold: without NUL, and with lone surrogates replaced."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _cut(outcome: Delivered | Rejected) -> Delivered | Rejected:
    match outcome:
        case Delivered(receipt=str() as receipt):
            return Delivered(storable(receipt)[:_MAX_TEXT])
        case Rejected(code=str() as code, detail=str() as detail, violations=tuple() as violations):
            them = tuple(storable(str(one))[:_MAX_TEXT] for one in violations[:_MAX_VIOLATIONS])
            return replace(
                outcome, code=storable(code)[:_MAX_TEXT], detail=storable(detail)[:_MAX_TEXT], violations=them
            )
        case _:
            raise TypeError("an outcome whose fields are not what they must be")


def _text(value: object) -> bool:
    """A string that fits, and that UTF-8 can write."""
    return isinstance(value, str) and len(value) <= _MAX_TEXT and (value.isascii() or _surrogate(value) is None)


def _texts(value: object) -> bool:
    return isinstance(value, tuple) and len(value) <= _MAX_VIOLATIONS and all(map(_text, value))


def _wish(value: object) -> bool:
    """None, or a finite number of seconds."""
    return value is None or (type(value) in {int, float} and 0 <= cast("float", value) < inf)


class GuardedSink:
    """A sink in the hub's own process, every call of which is guarded."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def __aenter__(self) -> Self:
        await self._sink.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._sink.__aexit__(*exc)

    async def send(self, parcel: Parcel) -> Outcome:
        """As the sink's, whatever it does."""
        return await guarded(lambda: self._sink.send(parcel), parcel.timeout)

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """As the sink's, whatever it does."""
        return await guarded_query(lambda: self._sink.query(idempotency_key), QUESTION_SECONDS)

    async def check(self) -> Outcome:
        """As the sink's, whatever it does."""
        return await guarded(self._sink.check, QUESTION_SECONDS)


async def _contained(call: Callable[[], Awaitable[object]]) -> object:
    """The call, with the one thing held back that a task would pass on to the loop and so end the process."""
    try:
        return await call()
    except SystemExit as leaving:
        return InDoubt(f"CONNECTOR_RAISED: {raised(leaving)}")


def _forget(task: asyncio.Future[object]) -> None:
    """Look at the exception of a call that was left behind, so that the loop does not report it to nobody."""
    if not task.cancelled():
        task.exception()
