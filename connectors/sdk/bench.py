# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a connector is tried: opened as the hub would open it, in this process or in a child, with its log overheard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from connectors.sdk.answers import Answers, NoAnswers
from connectors.sdk.far_side import FarSide
from connectors.sdk.fencing.fence import fence_for
from connectors.sdk.guard import GuardedSink
from connectors.sdk.hearing import MemoryAnswers
from connectors.sdk.host import ProcessSink
from connectors.sdk.manifest import Manifest
from connectors.sdk.metrics import Meter
from connectors.sdk.overhearing import Overheard, Vault
from connectors.sdk.process import Limits, Order
from connectors.sdk.session import open_session
from connectors.sdk.sink import Connector, Context, Settings, Sink


class Isolation(StrEnum):
    """Where the connector's code runs."""

    NONE = "none"
    """In this process, as the hub's own kinds do."""
    PROCESS = "process"
    """In a child process, as third parties' do."""


@asynccontextmanager
async def lent(
    secret: Vault, overheard: Overheard, meter: Meter, answers: Answers | None = None
) -> AsyncIterator[Context]:
    """What a connector on a bench is lent, for the length of the block."""
    async with open_session() as session:
        yield Context(
            destination="bench",
            http=session,
            log=overheard.log(),
            secret=secret,
            monotonic=asyncio.get_running_loop().time,
            metrics=meter,
            answers=answers or NoAnswers(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a rule is handed. ``reference`` is the connector as ``package.module:ATTRIBUTE``, for the child to import."""

    connector: Connector
    reference: str
    far_side: FarSide
    isolation: Isolation
    secret: Vault
    limits: Limits = field(default_factory=Limits)
    overheard: Overheard = field(default_factory=Overheard)
    meter: Meter = field(default_factory=Meter)
    answers: MemoryAnswers = field(default_factory=MemoryAnswers)
    changes: Mapping[str, object] = field(default_factory=dict)
    """Settings that differ from the far side's."""

    @property
    def said(self) -> list[str]:
        """Every log line, by the event's name."""
        return self.overheard.said

    @property
    def settings(self) -> Settings:
        """What the connector is opened with."""
        return {**self.far_side.settings, **self.changes}

    @property
    def promised(self) -> Manifest:
        """What the connector promises under the far side's settings."""
        return self.connector.promises(self.connector.config.model_validate(self.settings))

    def changed(self, changes: Mapping[str, object]) -> "Bench":
        """The same bench, with other settings."""
        return replace(self, changes={**self.changes, **changes})

    def open(self) -> AbstractAsyncContextManager[Sink]:
        """The connector, pointed at the far side, as the hub would run it."""
        match self.isolation:
            case Isolation.NONE:
                return self._guarded()
            case Isolation.PROCESS:
                return ProcessSink(
                    Order(
                        reference=self.reference,
                        settings=self.settings,
                        destination="bench",
                        fence=fence_for(self.reference, self.far_side),
                    ),
                    secret=self.secret,
                    log=self.overheard.log(),
                    monotonic=asyncio.get_running_loop().time,
                    limits=self.limits,
                    meter=self.meter,
                    answers=self.answers,
                )

    @asynccontextmanager
    async def open_bare(self) -> AsyncIterator[Sink]:
        """The connector in this process without the guard the hub puts around it."""
        config: Any = self.connector.config.model_validate(self.settings)
        async with (
            lent(self.secret, self.overheard, self.meter, self.answers) as context,
            self.connector.sink(config, context) as sink,
        ):
            yield sink

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[Sink]:
        async with self.open_bare() as sink:
            yield GuardedSink(sink)
