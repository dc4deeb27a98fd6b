# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Connectors that each break one rule, and otherwise are the REST connector."""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from connectors.rest import CONNECTOR as REST
from connectors.rest import RestConfig
from connectors.rest.sink import RestSink
from connectors.sdk import (
    Context,
    Idempotency,
    InDoubt,
    Manifest,
    NotSeen,
    Outcome,
    Parcel,
    QueryOutcome,
    Role,
    Sink,
    Unavailable,
)

_leaked: set[asyncio.Task[object]] = set()


def _cut(outcome: Outcome) -> bool:
    return isinstance(outcome, InDoubt) and outcome.reason.startswith("NO_ANSWER")


class Raising(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        if not parcel.content_type:
            raise ValueError(parcel.content_type)
        return await super().send(parcel)


class Nonsense(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        nonsense: Any = "later, perhaps"
        return nonsense if isinstance(outcome, Unavailable) and outcome.retry_after else outcome


class Hanging(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        return await super().send(replace(parcel, timeout=60))


class Blocking(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        if len(parcel.body) > 2_000_000:
            time.sleep(2)  # noqa: ASYNC251  # because blocking the loop is its sin
        return await super().send(parcel)


class Swallowing(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        try:
            return await super().send(parcel)
        except asyncio.CancelledError:
            return InDoubt("CANCELLED: as if nothing had been asked")


class Leaking(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        _leaked.add(asyncio.create_task(asyncio.Event().wait()))
        return await super().send(parcel)


class Trimming(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        return await super().send(replace(parcel, body=parcel.body.strip()))


class Forgetting(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        return await super().send(replace(parcel, attributes=dict.fromkeys(parcel.attributes, "")))


class Chatting(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        self._context.log.info("sending")
        return await super().send(parcel)


class Repeating(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        return await super().send(parcel) if _cut(outcome) else outcome


class Hoping(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        return Unavailable("NO_ANSWER") if _cut(outcome) else outcome


class Queueing(RestSink):
    def __init__(self, config: RestConfig, context: Context) -> None:
        super().__init__(config, context)
        self._turn = asyncio.Lock()

    async def send(self, parcel: Parcel) -> Outcome:
        async with self._turn:
            return await super().send(parcel)


class Probing(RestSink):
    async def check(self) -> Outcome:
        return await self.send(
            Parcel(idempotency_key="probe", content_type="text/plain", body=b"probe", attributes={}, timeout=5)
        )


class Presuming(RestSink):
    async def query(self, idempotency_key: str) -> QueryOutcome:
        outcome = await super().query(idempotency_key)
        return NotSeen() if isinstance(outcome, Unavailable) else outcome


class Forgetful(RestSink):
    async def query(self, idempotency_key: str) -> QueryOutcome:
        return (
            Unavailable("CANNOT_BE_ASKED") if idempotency_key == "never-sent" else await super().query(idempotency_key)
        )


class Lax(RestConfig):
    model_config = ConfigDict(frozen=True, extra="ignore")


_SINK = replace(REST.manifest, roles=frozenset({Role.SINK}))


@dataclass(frozen=True)
class Hostile:
    """The REST connector with something wrong."""

    sink_class: type[RestSink] = RestSink
    config: type[BaseModel] = RestConfig
    manifest: Manifest = _SINK
    rest: ClassVar = REST

    def promises(self, config: RestConfig) -> Manifest:
        return self.rest.promises(config)

    def sink(self, config: RestConfig, context: Context) -> Sink:
        return self.sink_class(config, context)


HONEST = Hostile()
RAISING = Hostile(Raising)
NONSENSE = Hostile(Nonsense)
HANGING = Hostile(Hanging)
BLOCKING = Hostile(Blocking)
SWALLOWING = Hostile(Swallowing)
LEAKING = Hostile(Leaking)
TRIMMING = Hostile(Trimming)
FORGETTING = Hostile(Forgetting)
CHATTING = Hostile(Chatting)
REPEATING = Hostile(Repeating)
HOPING = Hostile(Hoping)
QUEUEING = Hostile(Queueing)
PROBING = Hostile(Probing)
PRESUMING = Hostile(Presuming)
FORGETFUL = Hostile(Forgetful)
LAX = Hostile(config=Lax)
BOASTING = Hostile(manifest=replace(_SINK, idempotency=Idempotency.NONE))
