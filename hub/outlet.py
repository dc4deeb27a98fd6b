# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A destination that is open: its sink, how it wants its messages, and how much it is sent at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Answers, Sink
from connectors.sdk.metrics import Meter
from hub.breakers import BreakerPolicy
from hub.doorbell import Doorbell
from hub.lending import Lending
from hub.policy import Policy
from hub.processors.processor import Processor
from hub.slots import Slots
from hub.stages.translate import Form


@dataclass(frozen=True, slots=True)
class Fetching:
    """How a far side fetches by itself: how long it is lent what it fetches, and the most messages and seconds of a fetch.

    ``lent``: the most that it may hold unacknowledged; ``neglected``: how long something may lie before that is told.
    """

    lease: timedelta
    batch: int
    wait: float
    lent: int = 1000
    neglected: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Machine:
    """A processor at a destination: what it emits its system says, and ``answers`` takes its final answers."""

    processor: Processor
    system: str
    answers: Answers


@dataclass(frozen=True, slots=True)
class Outlet:
    """``slots`` bounds concurrent sends. ``fetching`` is set for a mailbox; then ``doorbell`` rings whenever a delivery
    was committed to its shelf. ``breaker`` is None where it is switched off. ``quarantine`` is set where the connector has a
    process of its own, and so can kill nothing else: its suspects then wait for each other and for nobody else's. ``kind``
    is the connector's, ``meter`` has what it measured. ``machine`` is set for a processor. ``after``: of one case nothing is sent
    here while something is unfinished at these destinations.
    """

    name: str
    system: str
    sink: Sink
    form: Form
    policy: Policy
    slots: Slots
    log: FilteringBoundLogger
    fetching: Fetching | None = None
    doorbell: Doorbell = field(default_factory=Doorbell)
    lending: Lending = field(default_factory=Lending)
    breaker: BreakerPolicy | None = None
    quarantine: asyncio.Lock | None = None
    kind: str = ""
    meter: Meter = field(default_factory=Meter)
    machine: Machine | None = None
    after: tuple[str, ...] = ()

    @asynccontextmanager
    async def alone(self, everybody: asyncio.Lock, patience: float) -> AsyncIterator[bool]:
        """The quarantine for the length of the block, its own or everybody's; False when it did not come free in time."""
        quarantine = self.quarantine or everybody
        try:
            async with asyncio.timeout(patience):
                await quarantine.acquire()
        except TimeoutError:
            yield False
            return
        try:
            yield True
        finally:
            quarantine.release()
