# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The child's side of :mod:`connectors.sdk.receiver_host`: what it says has been read back, so that only a lie is a lie."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from connectors.sdk.guard import MARGIN_SECONDS, raised
from connectors.sdk.outcomes import InDoubt
from connectors.sdk.receiver import Admission, Receiver, Reply
from connectors.sdk.receiver_wire import (
    Spoken,
    admission_of,
    admission_spoken,
    answers_of,
    reply_of,
    reply_spoken,
    request_of,
)
from connectors.sdk.wire import Frame, Malformed, frame_bytes, outcome_head

NONSENSE = InDoubt("CONNECTOR_NONSENSE: what it returned is none of its answers, or too large to be handed over")


class ReceiverAtWork:
    """One receiver, asked as the hub asks."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def call(self, head: Mapping[str, Any], body: bytes) -> Coroutine[Any, Any, Spoken] | None:
        """What is to be done about a frame; None: nothing."""
        match head:
            case {"is": "admit", "request": dict(written), "seconds": int() | float() as seconds}:
                request = request_of(written, body)
                return _told(lambda: self._receiver.admit(request), seconds, admission_spoken, admission_of)
            case {"is": "reply", "note": str(note), "answers": list(written), "seconds": int() | float() as seconds}:
                answers = answers_of(written, body)
                return _told(lambda: self._receiver.reply(note, answers), seconds, reply_spoken, reply_of)
            case _:
                return None


def result(outcome: Any) -> Spoken:
    """An outcome as it is said."""
    return {"is": "result", "outcome": outcome_head(outcome)}, b""


async def _told(
    call: Callable[[], Awaitable[object]],
    seconds: float,
    spoken: Callable[[object], Spoken | None],
    understood: Callable[[Frame], Admission | Reply | None],
) -> Spoken:
    try:
        async with asyncio.timeout(seconds + MARGIN_SECONDS):
            said = spoken(await call())
    except TimeoutError:
        return result(InDoubt("OVERDUE: the connector ignored its time-out"))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # because a connector may raise anything
        return result(InDoubt(f"CONNECTOR_RAISED: {raised(error)}"))
    if said is None or isinstance(frame_bytes(*said), Malformed) or not _is_understood(said, understood):
        return result(NONSENSE)
    head, body = said
    return {**head, "is": "told"}, body


def _is_understood(said: Spoken, understood: Callable[[Frame], Admission | Reply | None]) -> bool:
    # Tuples and the like have become lists on the other side, which frame_bytes has seen to be possible.
    return understood(Frame(*said)) is not None
