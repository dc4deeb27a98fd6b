# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Journals under test, and made-up messages to put in them."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from certs.evidence.receipts import ReceiptSigner
from certs.leaf import leaf_hash
from hub.journal.data_keys import Sealing
from hub.journal.postgres import open_journal
from hub.ports.bus import Frame, QueueName
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import (
    Acceptance,
    Claim,
    Journal,
    JournalDown,
    Leaf,
    MessageView,
    PlannedDelivery,
    Settlement,
    State,
)
from hub.ports.probe import Probe, Quiet
from tests.support.sealing import SEALING

QUEUES = tuple(QueueName("default", p) for p in range(4))


class SteppedClock(SystemClock):
    """Wall time that tests move; it starts at the present, since leases run on the database's clock."""

    def __init__(self) -> None:
        self.moment = super().now()

    def now(self) -> datetime:
        return self.moment

    def step(self, **elapsed: float) -> None:
        self.moment += timedelta(**elapsed)


@dataclass(slots=True)
class Bench:
    """One open journal with what it was opened with."""

    journal: Journal
    clock: SteppedClock
    ids: TimeOrderedIds
    incarnation: UUID
    dsn: str
    made: int = field(default=0)

    def acceptance(
        self,
        sender_id: str | None = None,
        case: str = "case-1",
        to: Sequence[str] = ("housing",),
        *,
        content: bytes = b'{"a":1}',
        system: str = "portal",
        ordered: bool = True,
        priority: int = 5,
        queue: QueueName = QUEUES[1],
        any_case: bool = True,
        expires_at: datetime | None = None,
        materials: tuple[str, ...] = (),
    ) -> Acceptance:
        """A message that COMMIT 1 takes."""
        self.made += 1
        message = self.ids.new()
        return Acceptance(
            message_id=message,
            system=system,
            sender_id=sender_id or f"m{self.made}",
            digest=hashlib.sha256(content).digest(),
            contract="cn.gov.test",
            version=1,
            case=case,
            event_time=None,
            expires_at=expires_at,
            accepted_at=self.clock.now(),
            content_type="application/json",
            raw=content,
            canonical=content,
            attributes=b"{}",
            table_version="t1",
            parties=(system, *to),
            materials=materials,
            any_case=any_case,
            deliveries=tuple(PlannedDelivery(self.ids.new(), d, queue, ordered, priority) for d in to),
            receipt=b"receipt " + message.bytes,
            leaf=self.leaf("accepted"),
        )

    def leaf(self, kind: str) -> Leaf:
        leaf = self.ids.new()
        statement = b'{"leaf":"%b"}' % str(leaf).encode()
        return Leaf(leaf, kind, statement, leaf_hash(kind, statement))

    def settlement(self, claim: Claim, state: State = State.DELIVERED, **changes: Any) -> Settlement:
        """How an attempt ended; delivered unless said otherwise."""
        plain = Settlement(
            claim=claim, state=state, code="X", detail="", reference="r", ended_at=self.clock.now(), leaf=self.leaf("x")
        )
        return replace(plain, **changes)

    async def claim(self, delivery: PlannedDelivery, *, alone: bool = False) -> Claim:
        """A claim that must succeed."""
        claim = await self.journal.deliveries.claim(delivery.id, alone=alone)
        assert isinstance(claim, Claim), claim
        return claim

    async def doubts(self, *destinations: str, seconds: float = 60.0) -> Sequence[Claim]:
        """What is to be asked about now, for so long."""
        taken = await self.journal.doubts.take(destinations, 100, self.clock.now() + timedelta(seconds=seconds))
        assert not isinstance(taken, JournalDown), taken
        return tuple(taken)

    async def state_of(self, acceptance: Acceptance, n: int = 0) -> State:
        """The state of a message's nth delivery."""
        view = await self.journal.lookups.message(acceptance.message_id)
        assert isinstance(view, MessageView), view
        wanted = acceptance.deliveries[n].destination
        return next(d.state for d in view.deliveries if d.destination == wanted)


class Frames:
    """What a journal offered, in order; reading waits for the next frame."""

    def __init__(self, journal: Journal) -> None:
        self._frames = journal.offers.offered()

    async def next(self) -> Sequence[Frame]:
        return await anext(self._frames)


@asynccontextmanager
async def bench(
    dsn: str,
    name: str = "hub-1",
    probe: Probe | None = None,
    *,
    own: bool = True,
    signer: ReceiptSigner | None = None,
    sealing: Sealing | None = SEALING,
) -> AsyncIterator[Bench]:
    """A journal that has joined under ``name`` and, if ``own``, owns all of ``QUEUES``."""
    clock = SteppedClock()
    ids = TimeOrderedIds(clock)
    incarnation = ids.new()
    journal = await open_journal(
        dsn, clock=clock, ids=ids, probe=probe or Quiet(), incarnation=incarnation, signer=signer, sealing=sealing
    )
    assert isinstance(journal, Journal), journal
    try:
        if own:
            assert await journal.ownerships.join(name, incarnation) is None
            await journal.ownerships.beat(QUEUES, 10.0)
        yield Bench(journal, clock, ids, incarnation, dsn)
    finally:
        await journal.close()
