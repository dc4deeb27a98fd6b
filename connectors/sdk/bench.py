# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a connector is tried: opened as the hub would open it, in this process or in a child, with its log overheard."""

import asyncio
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

import structlog
from structlog.typing import FilteringBoundLogger

from connectors.sdk.far_side import FarSide
from connectors.sdk.guard import GuardedSink
from connectors.sdk.host import ProcessSink
from connectors.sdk.manifest import Manifest
from connectors.sdk.process import Limits, Order
from connectors.sdk.session import open_session
from connectors.sdk.sink import Connector, Context, Sink


class Isolation(StrEnum):
    """Where the connector's code runs."""

    NONE = "none"
    """In this process, as the hub's own kinds do."""
    PROCESS = "process"
    """In a child process, as third parties' do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a rule is handed. ``reference`` is the connector as ``package.module:ATTRIBUTE``, for the child to import."""

    connector: Connector
    reference: str
    far_side: FarSide
    isolation: Isolation
    secret: Callable[[str], str]
    limits: Limits = field(default_factory=Limits)
    said: list[str] = field(default_factory=list)
    """Every log line, by the event's name."""

    @property
    def promised(self) -> Manifest:
        """What the connector promises under the far side's settings."""
        return self.connector.promises(self.connector.config.model_validate(self.far_side.settings))

    def open(self) -> AbstractAsyncContextManager[Sink]:
        """The connector, pointed at the far side, as the hub would run it."""
        match self.isolation:
            case Isolation.NONE:
                return self._guarded()
            case Isolation.PROCESS:
                return ProcessSink(
                    Order(reference=self.reference, settings=self.far_side.settings, destination="bench"),
                    secret=self.secret,
                    log=self._log(),
                    monotonic=asyncio.get_running_loop().time,
                    limits=self.limits,
                )

    @asynccontextmanager
    async def open_bare(self) -> AsyncIterator[Sink]:
        """The connector in this process without the guard the hub puts around it."""
        config = self.connector.config.model_validate(self.far_side.settings)
        async with open_session() as session:
            context = Context(
                destination="bench",
                http=session,
                log=self._log(),
                secret=self.secret,
                monotonic=asyncio.get_running_loop().time,
            )
            async with self.connector.sink(config, context) as sink:
                yield sink

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[Sink]:
        async with self.open_bare() as sink:
            yield GuardedSink(sink)

    def _log(self) -> FilteringBoundLogger:
        def overhear(_logger: object, _level: str, event: MutableMapping[str, Any]) -> NoReturn:
            self.said.append(str(event.get("event")))
            raise structlog.DropEvent

        logger: FilteringBoundLogger = structlog.wrap_logger(
            None, processors=[overhear], wrapper_class=structlog.make_filtering_bound_logger(0)
        )
        return logger
