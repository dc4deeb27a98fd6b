# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where does it go? 路由计划

Planned before the commit, so that a message nobody wants is refused to its sender's face.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from contracts.refusal import Refusal
from hub.handling import written
from hub.passage import Place, Planned, Valid
from hub.ports.bus import QueueName
from hub.ports.ids import Ids
from hub.ports.journal import PlannedDelivery
from routing.adding import Added
from routing.carriage import Carriage
from routing.explain import explain, unroutable
from routing.expressions import Said, language
from routing.index import CompiledTable
from routing.verdict import verdict

_NOTHING = Added()


def plan(
    table: CompiledTable,
    places: Mapping[str, Place],
    partitions: int,
    ids: Ids,
    system: str,
    valid: Valid,
    now: datetime,
) -> Planned | Refusal:
    """Match the routes; the table alone decides, also whether a sender's own system gets its message back."""
    attributes = valid.checked.attributes(system)
    said: list[Said] = []

    def record() -> Said:
        """Made once, and only where a route has an expression."""
        if not said:
            said.append(language(valid.contract).said(orjson.loads(valid.checked.canonical), system))
        return said[0]

    said_of = verdict(table, attributes, valid.checked.warnings, record)
    if said_of.refusal is not None:
        return said_of.refusal
    matched = said_of.plan
    if not matched.destinations:
        return unroutable(explain(table, attributes, record))
    plans = _Making(places, ids, partition_of(valid.case, partitions), now)
    deliveries = [
        plans.delivery(name, matched.carriages.get(name), said_of.added.get(name, _NOTHING))
        for name in said_of.destinations
    ]
    # Who only listens to a tap is no party to the case.
    heard = (one for one in matched.destinations if not ((how := matched.carriages.get(one)) and how.tap))
    parties = tuple(dict.fromkeys([system, *(places[name].system for name in heard)]))
    return Planned(tuple(deliveries), parties, matched.table_version)


@dataclass(frozen=True, slots=True)
class _Making:
    """What all deliveries of a message have in common."""

    places: Mapping[str, Place]
    ids: Ids
    partition: int
    now: datetime

    def delivery(self, name: str, carriage: Carriage | None, more: Added) -> PlannedDelivery:
        place = self.places[name]
        queue = QueueName(place.group, self.partition)
        if carriage is None:
            return PlannedDelivery(self.ids.new(), name, queue, place.ordered, place.priority)
        latest = max(self.now + (carriage.target.delay or timedelta()), more.until or self.now)
        due_at = latest if latest > self.now else None
        ends_at = self.now + carriage.lasts if carriage.lasts is not None else None
        return PlannedDelivery(
            self.ids.new(),
            name,
            queue,
            place.ordered and not carriage.tap,
            place.priority if carriage.priority is None else carriage.priority,
            due_at,
            ends_at,
            written(carriage, more, due_at, ends_at),
        )


def partition_of(case: str, partitions: int) -> int:
    """The partition of a case: the same in every process and on every machine."""
    return int.from_bytes(hashlib.sha256(case.encode()).digest()[:4], "big") % partitions
