# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Cases that are in the journal already, for a counterparty that joined later or was left out for a while. 登记库中的办件

What the present routes would send to the counterparty and what it never got is added to one destination of it, in the order
of acceptance, page by page. Run again, it goes on with what is not there yet.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson

from certs.receipt import replay_statement
from contracts.registry import Registry
from hub.acting import Order
from hub.passage import Place
from hub.ports.bus import QueueName
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import (
    Act,
    Acted,
    Addition,
    Journal,
    JournalDown,
    Leaf,
    PlannedDelivery,
    Recorded,
    RequestTaken,
)
from hub.replanning import present_plan
from hub.stages.plan import partition_of
from hub.trial import recorded_since
from routing.index import CompiledTable


@dataclass(frozen=True, slots=True)
class Counted:
    """So far: messages looked at, found missing at the counterparty, added; those that no present route can plan, and those that
    its routes say are worth nothing any more.
    """

    seen: int = 0
    missing: int = 0
    added: int = 0
    unplanned: int = 0
    at: datetime | None = None
    expired: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """All that a load from the journal needs."""

    hub: str
    clock: Clock
    ids: Ids
    journal: Journal
    registry: Registry
    table: CompiledTable
    places: Mapping[str, Place]
    partitions: int
    destination: str

    @property
    def counterparty(self) -> str:
        """The system whose destination it is."""
        return self.places[self.destination].system

    @property
    def ways(self) -> Sequence[str]:
        """All destinations of that system: what went by one of them is not sent again by another."""
        return sorted(name for name, place in self.places.items() if place.system == self.counterparty)

    async def load(
        self, order: Order, since: datetime, *, dry_run: bool
    ) -> AsyncIterator[Counted | RequestTaken | JournalDown]:
        """Walk over what was accepted since then; after each page how far it is. A journal that goes away ends it."""
        counted = Counted()
        async for batch in recorded_since(self.journal.lookups, since):
            done = batch if isinstance(batch, JournalDown) else await self._page(order, counted, batch, dry_run=dry_run)
            yield done
            if not isinstance(done, Counted):
                return
            counted = done

    async def _page(
        self, order: Order, counted: Counted, batch: Sequence[Recorded], *, dry_run: bool
    ) -> Counted | RequestTaken | JournalDown:
        unsent = await self.journal.loads.unsent([one.message_id for one in batch], self.ways)
        if isinstance(unsent, JournalDown):
            return unsent
        wanted, missing, unplanned, expired = set(unsent), [], 0, 0
        for one in batch:
            if one.message_id in wanted:
                planned = present_plan(self.registry, self.table, self.places, self.partitions, self.ids, one)
                if isinstance(planned, str):
                    unplanned += 1
                elif found := next((each for each in planned.deliveries if each.destination in self.ways), None):
                    if found.expires_at is not None and found.expires_at <= self.clock.now():
                        expired += 1
                    else:
                        missing.append((one, found.handling))
        now = Counted(
            counted.seen + len(batch),
            counted.missing + len(missing),
            counted.added,
            counted.unplanned + unplanned,
            batch[-1].accepted_at if batch else counted.at,
            counted.expired + expired,
        )
        if dry_run or not missing:
            return now
        act = self._act(order, [one.message_id for one, _ in missing])
        done = await self.journal.loads.add(act, [self._addition(act, *one) for one in missing], self.ways)
        return replace(now, added=now.added + done.applied) if isinstance(done, Acted) else done

    def _act(self, order: Order, messages: Sequence[UUID]) -> Act:
        content = orjson.dumps(["load", self.destination, [str(one) for one in messages]])
        return Act(
            id=self.ids.new(),
            request=f"{order.request} {messages[0]}",
            digest=hashlib.sha256(content).digest(),
            kind="load",
            actor=order.actor,
            via=order.via,
            reason=order.reason,
            subject=f"load of {self.destination}",
            acted_at=self.clock.now(),
        )

    def _addition(self, act: Act, one: Recorded, handling: str) -> Addition:
        place = self.places[self.destination]
        planned = PlannedDelivery(
            self.ids.new(),
            self.destination,
            QueueName(place.group, partition_of(one.case, self.partitions)),
            place.ordered,
            place.priority,
            handling=handling,
        )
        statement = replay_statement(
            hub=self.hub,
            message_id=one.message_id,
            delivery_id=planned.id,
            destination=self.destination,
            attempt=0,
            added=True,
            late=False,
            replay=act.id,
            by=act.actor,
            reason=act.reason,
            replayed_at=act.acted_at,
        )
        leaf = Leaf(self.ids.new(), statement.kind, statement.body, statement.hash)
        return Addition(one.message_id, planned, place.system, leaf)
