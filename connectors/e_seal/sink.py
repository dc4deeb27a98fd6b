# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Requests to seal, carried to the platform once, and taken back.

What it took is ``Accepted``; a lost answer is asked about, never repeated.
"""

from typing import Self

from connectors.e_seal.collecting import Collector
from connectors.e_seal.config import SealConfig
from connectors.e_seal.following import Follower
from connectors.e_seal.task import Task
from connectors.e_seal.voiding import WITHDRAWN, Voider
from connectors.sdk import Accepted, Context, Delivered, Outcome, Parcel, QueryOutcome, Rejected, Unavailable


class SealSink:
    """One seal platform. Safe for concurrent use."""

    def __init__(self, config: SealConfig, context: Context) -> None:
        self._collector = Collector(config, context)
        self._follower = Follower(self._collector.collect, context, config.follow_seconds)
        self._voider = Voider(self._collector, context)
        self._monotonic = context.monotonic

    async def __aenter__(self) -> Self:
        await self._collector.__aenter__()
        await self._follower.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._follower.__aexit__(*exc)
        await self._collector.__aexit__(*exc)

    async def send(self, parcel: Parcel) -> Outcome:
        """Fetch the file from the hub, upload it, create the task: of these only the last has an effect. Or take a task back."""
        platform = self._collector.platform
        if platform.closed is not None:
            return platform.closed
        if parcel.attributes.get("type") == WITHDRAWN:
            return await self._voider.void(parcel)
        task = Task.of(parcel)
        if isinstance(task, Rejected):
            return task
        began = self._monotonic()
        content = await self._collector.door.material(task.digest, parcel.timeout)
        if isinstance(content, Rejected | Unavailable):
            return content
        left = parcel.timeout - (self._monotonic() - began)
        number = await platform.create(task.with_file(content), content, left)
        if not isinstance(number, str):
            return number
        self._follower.add(number)
        return Accepted(number)

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """What became of a request, by its reference; if the task has ended, it is collected."""
        found = await self._collector.platform.find(idempotency_key)
        if not isinstance(found, str):
            return found
        ending = await self._collector.collect(found)
        if isinstance(ending, Delivered | Rejected):
            self._follower.forget(found)
        elif isinstance(ending, Accepted):
            self._follower.add(found)
        return ending

    async def check(self) -> Outcome:
        """Whether the platform answers and knows us."""
        closed: Unavailable | None = self._collector.platform.closed
        return closed if closed is not None else await self._collector.platform.check()
