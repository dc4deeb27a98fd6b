# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where does it go? 路由计划

Planned before the commit, so that a message nobody wants is refused to its sender's face.
"""

import hashlib
from collections.abc import Mapping

from contracts.refusal import Refusal
from hub.passage import Place, Planned, Valid
from hub.ports.bus import QueueName
from hub.ports.ids import Ids
from hub.ports.journal import PlannedDelivery
from routing.explain import explain, unroutable
from routing.index import CompiledTable
from routing.plan import plan as match_routes
from routing.strictness import too_odd


def plan(
    table: CompiledTable, places: Mapping[str, Place], partitions: int, ids: Ids, system: str, valid: Valid
) -> Planned | Refusal:
    """Match the routes; the table alone decides, also whether a sender's own system gets its message back."""
    attributes = valid.checked.attributes(system)
    matched = match_routes(table, attributes)
    if not matched.destinations:
        return unroutable(explain(table, attributes))
    if refusal := too_odd(matched, valid.checked.warnings):
        return refusal
    partition = partition_of(valid.case, partitions)
    deliveries = tuple(
        PlannedDelivery(ids.new(), name, QueueName(place.group, partition), place.ordered, place.priority)
        for name in matched.destinations
        for place in (places[name],)
    )
    parties = tuple(dict.fromkeys([system, *(places[name].system for name in matched.destinations)]))
    return Planned(deliveries, parties, matched.table_version)


def partition_of(case: str, partitions: int) -> int:
    """The partition of a case: the same in every process and on every machine."""
    return int.from_bytes(hashlib.sha256(case.encode()).digest()[:4], "big") % partitions
