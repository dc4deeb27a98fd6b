# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Receivers that break a rule each: what the suite must find out."""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from connectors.rest import CONNECTOR
from connectors.rest.heard import Heard
from connectors.rest.webhook import Webhook
from connectors.sdk import (
    Admission,
    Admitted,
    Context,
    Disposition,
    NotNow,
    Refused,
    Reply,
    Request,
    Role,
    Taken,
    TurnedAway,
)


class Gullible(Webhook):
    """Believes anybody who says anything at all."""

    async def admit(self, request: Request) -> Admission:
        admission = await super().admit(request)
        if isinstance(admission, TurnedAway) and admission.code == "BAD_SIGNATURE":
            items = self._items(Heard(request))
            return admission if isinstance(items, TurnedAway) else Admitted(items=items)
        return admission


class Forgetful(Webhook):
    """Gives every call an id of its own."""

    _numbers = itertools.count()

    async def admit(self, request: Request) -> Admission:
        admission = await super().admit(request)
        if not isinstance(admission, Admitted):
            return admission
        new = str(next(self._numbers))
        return replace(
            admission, items=tuple(replace(i, headers={**i.headers, "cloudEvents:id": new}) for i in admission.items)
        )


class Fragile(Webhook):
    """Raises on what it cannot read."""

    async def admit(self, request: Request) -> Admission:
        admission = await super().admit(request)
        if isinstance(admission, TurnedAway) and not request.body:
            raise ValueError("no body")
        return admission


class Slow(Webhook):
    """Thinks for long about large calls, and lets nobody else work meanwhile."""

    async def admit(self, request: Request) -> Admission:
        if len(request.body) > 100_000:
            time.sleep(1.6)  # noqa: ASYNC251  # because that is what is wrong with it
        return await super().admit(request)


class Muddled(Webhook):
    """Keeps the call it is working on in a field."""

    _request: Request

    async def admit(self, request: Request) -> Admission:
        self._request = request
        await asyncio.sleep(0)
        return await super().admit(self._request)


def _replying(change: Callable[[Reply, Disposition], Reply]) -> type[Webhook]:
    class Replying(Webhook):
        async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply:
            return change(await super().reply(note, answers), answers[0][1])

    return Replying


_counted = itertools.count()
Optimist = _replying(lambda reply, answer: replace(reply, status=200) if isinstance(answer, NotNow) else reply)
Secretive = _replying(lambda reply, answer: replace(reply, body=b"no") if isinstance(answer, Refused) else reply)
Fickle = _replying(
    lambda reply, answer: replace(reply, body=b"%d" % next(_counted)) if isinstance(answer, Taken) else reply
)


class Faulty:
    """The REST kind with another receiver."""

    def __init__(self, receiver: type[Webhook]) -> None:
        self._receiver = receiver
        self.manifest = replace(CONNECTOR.manifest, roles=frozenset({Role.RECEIVER}))
        self.receiver_config = CONNECTOR.receiver_config

    def receiver(self, config: Any, context: Context) -> Webhook:
        return self._receiver(config, context)


FRAGILE = Faulty(Fragile)
"""For a child process, which finds it by this name."""
