# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Connectors that each break one rule, and otherwise are the REST connector."""

import asyncio
import os
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, Self

import aiohttp
from pydantic import BaseModel, ConfigDict, Field

from connectors.rest import CONNECTOR as REST
from connectors.rest import RestConfig
from connectors.rest.sink import RestSink
from connectors.sdk import (
    Context,
    Delivered,
    Idempotency,
    InDoubt,
    Manifest,
    NotSeen,
    Outcome,
    Parcel,
    QueryOutcome,
    Rejected,
    Role,
    Sink,
    Unavailable,
)

_hoard: list[int] = []
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


class Following(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        if "REDIRECT" in str(outcome):
            async with self._context.http.post(self._config.url, data=b"", allow_redirects=True):
                pass
        return outcome


class Trusting(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        if self._config.url.startswith("https"):
            with suppress(aiohttp.ClientError):
                async with self._context.http.post(self._config.url, data=b"", ssl=False):
                    pass
        return await super().send(parcel)


class Keeping(RestSink):
    def __init__(self, config: RestConfig, context: Context) -> None:
        super().__init__(config, replace(context, secret=cache(context.secret)))


class Printing(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        if isinstance(outcome, Unavailable) and outcome.retry_after:
            self._context.log.warning("refused", credentials=self._context.secret("token"))
        return outcome


class Expecting(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        self._context.secret("token")
        return await super().send(parcel)


class Gossiping(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        if isinstance(outcome, Rejected):
            self._context.log.warning("refused", body=parcel.body.decode("utf-8", "replace"))
        return outcome


class Hoarding(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        _hoard.append(os.open("/dev/null", os.O_RDONLY))
        return await super().send(parcel)


class Uncounted(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        self._context.metrics.count("surprises")
        return await super().send(parcel)


class Hasty(RestSink):
    def __init__(self, config: RestConfig, context: Context) -> None:
        super().__init__(config, context)
        with suppress(KeyError):
            context.secret("token")


class Resigned(RestSink):
    """A far side that was away at the start is away for good."""

    gone = False

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.gone = not isinstance(await self.check(), Delivered)
        return self

    async def send(self, parcel: Parcel) -> Outcome:
        return Unavailable("AWAY_AT_THE_START") if self.gone else await super().send(parcel)


class Jealous(RestSink):
    is_open: ClassVar[bool] = False

    async def __aenter__(self) -> Self:
        if Jealous.is_open:
            raise RuntimeError("one at a time")
        Jealous.is_open = True
        return await super().__aenter__()

    async def __aexit__(self, *exc: object) -> None:
        Jealous.is_open = False
        await super().__aexit__(*exc)


class Optimistic(RestSink):
    async def check(self) -> Outcome:
        there = await super().check()
        return Delivered() if there == Unavailable("HTTP_503") else there


class Renaming(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        suffix = f"-{parcel.attempt}" if parcel.attempt > 1 else ""
        return await super().send(replace(parcel, idempotency_key=parcel.idempotency_key + suffix))


class Doubting(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        return InDoubt("REFUSED") if isinstance(outcome, Rejected) and "CASE_UNKNOWN" in repr(outcome) else outcome


class Sulking(RestSink):
    sulks = False

    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        self.sulks = self.sulks or outcome == Unavailable("HTTP_503", 7)
        return Unavailable("SULKING") if self.sulks else outcome


class Clinging(RestSink):
    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        return InDoubt("CLOSED") if "CLOSED" in repr(outcome) and isinstance(outcome, Unavailable) else outcome


class Amnesiac(RestSink):
    def __init__(self, config: RestConfig, context: Context) -> None:
        super().__init__(config, context)
        self._forgotten: set[str] = set()

    async def send(self, parcel: Parcel) -> Outcome:
        outcome = await super().send(parcel)
        if _cut(outcome):
            self._forgotten.add(parcel.idempotency_key)
        return outcome

    async def query(self, idempotency_key: str) -> QueryOutcome:
        known = await super().query(idempotency_key)
        return Unavailable("FORGOTTEN") if idempotency_key in self._forgotten else known


class ByValue(RestConfig):
    password: str = Field(default="", description="The password itself.", examples=["hunter2"])


class Lax(RestConfig):
    model_config = ConfigDict(frozen=True, extra="ignore")


_SINK = replace(REST.manifest, roles=frozenset({Role.SINK}))


@dataclass(frozen=True)
class Hostile:
    """The REST connector with something wrong."""

    sink_class: type[RestSink] = RestSink
    config: type[BaseModel] = RestConfig
    manifest: Manifest = _SINK
    overpromised: bool = False
    rest: ClassVar = REST

    def promises(self, config: RestConfig) -> Manifest:
        return self.manifest if self.overpromised else self.rest.promises(config)

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
FOLLOWING = Hostile(Following)
TRUSTING = Hostile(Trusting)
KEEPING = Hostile(Keeping)
PRINTING = Hostile(Printing)
EXPECTING = Hostile(Expecting)
GOSSIPING = Hostile(Gossiping)
HOARDING = Hostile(Hoarding)
UNCOUNTED = Hostile(Uncounted)
HASTY = Hostile(Hasty)
RESIGNED = Hostile(Resigned)
JEALOUS = Hostile(Jealous)
OPTIMISTIC = Hostile(Optimistic)
RENAMING = Hostile(Renaming)
DOUBTING = Hostile(Doubting)
SULKING = Hostile(Sulking)
CLINGING = Hostile(Clinging)
AMNESIAC = Hostile(Amnesiac)
BY_VALUE = Hostile(config=ByValue)
RECEIPTLESS = Hostile(manifest=replace(_SINK, receipts=True), overpromised=True)
BOASTING = Hostile(manifest=replace(_SINK, idempotency=Idempotency.NONE))
