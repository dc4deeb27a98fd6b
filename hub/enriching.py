# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a lookup knows of a copy, for its envelope or its record; asked when it is sent, for the system that gets it. 查询补充"""

from collections.abc import Mapping

import orjson

from connectors.sdk import Found, NotFound, Rejected, Unavailable
from contracts.trace_context import TRACEPARENT
from hub.access.decision import Allowed
from hub.access.rulings import asking
from hub.handling import Enrichment, Handling
from hub.ports.journal import Claim, JournalDown
from hub.running import Hub
from routing.carriage import Ask

_PURPOSE = "route"
_LONGEST = 500


async def enriched(hub: Hub, system: str, claim: Claim, how: Handling) -> Enrichment | None:
    """What the lookups say. None: one that is to be waited for cannot be asked now, or is not this hub's any more."""
    record = orjson.loads(claim.canonical)
    traceparent = orjson.loads(claim.attributes).get(TRACEPARENT, "")
    told: dict[str, str] = {}
    fields: dict[str, str | None] = {}
    for ask in how.ask:
        if ask.field is not None and record.get(ask.field) is not None:
            continue  # its sender has said so; nobody is asked
        value = await _answer(hub, system, ask, record, traceparent)
        if isinstance(value, Unavailable):
            if ask.otherwise == "wait":
                return None
            value = None
        if ask.field is not None:
            fields[ask.field] = value or None
        elif value and ask.attribute is not None:
            told[ask.attribute] = value
    return Enrichment(told, fields)


async def _answer(
    hub: Hub, system: str, ask: Ask, record: Mapping[str, object], traceparent: str
) -> str | Unavailable | None:
    criteria = {name: said for name, path in ask.by.items() if (said := _said(record, path)) is not None}
    if len(criteria) < len(ask.by):
        return None  # the record does not say what is asked by
    window, decision = hub.lookups.get(ask.lookup), asking(hub.rules.access, system, ask.lookup)
    if window is None or not isinstance(decision, Allowed):
        return Unavailable("LOOKUP_GONE: the deployment has no such lookup for this system")
    told = await window.ask(criteria, system=system, purpose=_PURPOSE, traceparent=traceparent, rule=decision.rule)
    if isinstance(told, JournalDown):  # what cannot be recorded is not told
        return Unavailable("JOURNAL_DOWN: the question cannot be recorded now")
    match told.finding:
        case Found(records=records):
            value = records[0].get(ask.take)
            return None if value is None else "".join(c for c in str(value) if c.isprintable())[:_LONGEST]
        case NotFound() | Rejected():
            return None
        case Unavailable() as away:
            return away


def _said(record: Mapping[str, object], path: str) -> str | None:
    value: object = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return None if value is None or isinstance(value, list | Mapping) else str(value)
