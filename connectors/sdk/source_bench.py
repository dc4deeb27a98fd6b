# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a source is tried: opened as the hub would open it, in this process or in a child, with its log overheard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.sdk.bench import Isolation, lent
from connectors.sdk.feed import Feed
from connectors.sdk.fencing.fence import fence_for
from connectors.sdk.hearing import MemoryAnswers
from connectors.sdk.manifest import Role
from connectors.sdk.metrics import Meter
from connectors.sdk.overhearing import Overheard, Vault
from connectors.sdk.process import Limits, Order
from connectors.sdk.sink import Settings
from connectors.sdk.source import Source, SourceConnector
from connectors.sdk.source_host import ProcessSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceBench:
    """What a rule is handed. ``reference`` is the connector as ``package.module:ATTRIBUTE``, for the child to import."""

    connector: SourceConnector
    reference: str
    feed: Feed
    isolation: Isolation
    secret: Vault
    limits: Limits = field(default_factory=Limits)
    overheard: Overheard = field(default_factory=Overheard)
    meter: Meter = field(default_factory=Meter)
    answers: MemoryAnswers = field(default_factory=MemoryAnswers)
    changes: Mapping[str, object] = field(default_factory=dict)
    """Settings that differ from the feed's."""

    @property
    def settings(self) -> Settings:
        """What the source is opened with."""
        return {**self.feed.settings, **self.changes}

    def changed(self, changes: Mapping[str, object]) -> "SourceBench":
        """The same bench, with other settings."""
        return replace(self, changes={**self.changes, **changes})

    def open(self) -> AbstractAsyncContextManager[Source]:
        """The source, pointed at the feed, as the hub would run it."""
        match self.isolation:
            case Isolation.NONE:
                return self.open_bare()
            case Isolation.PROCESS:
                return ProcessSource(
                    Order(
                        reference=self.reference,
                        settings=self.settings,
                        destination="bench",
                        role=Role.SOURCE,
                        fence=fence_for(self.reference, self.feed),
                    ),
                    secret=self.secret,
                    log=self.overheard.log(),
                    monotonic=asyncio.get_running_loop().time,
                    limits=self.limits,
                    meter=self.meter,
                    answers=self.answers,
                )

    @asynccontextmanager
    async def open_bare(self) -> AsyncIterator[Source]:
        """The source in this process."""
        config: Any = self.connector.source_config.model_validate(self.settings)
        async with (
            lent(self.secret, self.overheard, self.meter, self.answers) as context,
            self.connector.source(config, context) as source,
        ):
            yield source
