# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""COMMIT 1 where the lives of cases are followed: a batch is judged by the dockets of its cases, which are its first locks.

All of a batch is judged with what it was told of its own cases before, in a handful of statements however many messages it has.
What turns out to stand under its id already adds nothing: a repeat is known by then, and other content is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from certs.receipt import released_statement
from contracts.lifecycle.docket import Docket
from contracts.lifecycle.judgement import Impossible, Lawful, Parked
from contracts.lifecycle.message import Kind
from hub.journal.docket_rows import docket_columns, locked_dockets
from hub.journal.placing import LetOut
from hub.journal.queries import columns, query
from hub.journal.seals import Seals
from hub.ports.bus import QueueName
from hub.ports.ids import Ids
from hub.ports.journal import Acceptance, Leaf, Lived, PlannedDelivery, Rigour, Unlawful

MOST_EARLY = 200
"""Messages of one case that wait; real cases have a handful, and whoever sends more is told to send the rest later."""


@dataclass(slots=True)
class Followed:
    """A batch as the lives of its cases have it. ``rules`` and ``parked`` are by message; ``writing`` is what may be written."""

    hub: str
    dockets: dict[str, Docket]
    losers: set[UUID]
    now: datetime
    writing: list[Acceptance] = field(default_factory=list)
    unlawful: dict[UUID, Unlawful] = field(default_factory=dict)
    rules: dict[UUID, str] = field(default_factory=dict)
    parked: dict[UUID, Acceptance] = field(default_factory=dict)
    freeing: list[tuple[UUID, int]] = field(default_factory=list)
    """The messages that are lawful now, each behind which message of the batch."""
    barred: dict[UUID, str] = field(default_factory=dict)
    leaves: list[tuple[UUID, Leaf]] = field(default_factory=list)

    def judge(self, a: Acceptance) -> None:
        """The next message of the batch."""
        if not a.waits or a.message_id in self.losers:
            self.writing.append(a)
        elif a.nameless is not None:
            self.rules[a.message_id] = a.nameless.reason
            self.parked[a.message_id] = a
            self.writing.append(replace(a, deliveries=()))
        elif a.lived is not None:
            self._judge(a, a.lived)

    def _judge(self, a: Acceptance, lived: Lived) -> None:
        docket = self.dockets[a.case]
        if lived.begins_anywhere and lived.record.message.kind is Kind.COMPLETION and not docket.records:
            docket = replace(docket, adopted=True)
        told = docket.told(a.message_id, lived.record)
        match told.judged:
            case Impossible(rule) as judged if lived.rigour is Rigour.ENFORCE:
                self.unlawful[a.message_id] = Unlawful(judged, lived.record.message)
                return
            case Impossible(rule):
                self._odd(a, lived, rule)
                return
            case Parked(rule) as judged if len(docket.early) >= MOST_EARLY:
                if lived.rigour is Rigour.ENFORCE:
                    self.unlawful[a.message_id] = Unlawful(judged, lived.record.message)
                else:
                    self._odd(a, lived, rule)
                return
            case Parked(rule):
                self.dockets[a.case] = told.docket
                self._odd(a, lived, rule, park=lived.rigour is Rigour.ENFORCE)
                return
            case Lawful() | None:
                pass
        self.dockets[a.case] = told.docket
        self.writing.append(a)
        self.freeing += [(message, len(self.writing)) for message in told.released]
        self.barred |= {one.message: one.rule for one in told.struck}

    def _odd(self, a: Acceptance, lived: Lived, rule: str, *, park: bool = False) -> None:
        self.rules[a.message_id] = rule
        if lived.rigour is not Rigour.OBSERVE:
            receipt, leaf = lived.warned(rule)
            a = replace(a, receipt=receipt, leaf=leaf)
        if park:
            self.parked[a.message_id] = a
            a = replace(a, deliveries=())
        self.writing.append(a)


async def follow(connection: asyncpg.Connection, seals: Seals, batch: Sequence[Acceptance], now: datetime) -> Followed:
    """Lock the dockets of the batch's cases and judge it, within a transaction."""
    lived = [a for a in batch if a.lived is not None]
    dockets = await locked_dockets(connection, seals, (a.case for a in lived)) if lived else {}
    losers = await _losers(connection, [a for a in batch if a.waits])
    followed = Followed(_hub_of(lived), dockets, losers, now)
    for a in batch:
        followed.judge(a)
    return followed


def _hub_of(lived: Sequence[Acceptance]) -> str:
    return next((a.lived.hub for a in lived if a.lived is not None), "")


async def freed(connection: asyncpg.Connection, followed: Followed, ids: Ids) -> list[LetOut]:
    """What the batch lets out: of its own messages that were parked a moment ago, and of those that were parked before."""
    if not followed.freeing:
        return []
    found: list[LetOut] = []
    rows = {
        row["message_id"]: row for row in await connection.fetch(query("take_parked"), [m for m, _ in followed.freeing])
    }
    for message, behind in followed.freeing:
        if (own := followed.parked.pop(message, None)) is not None:
            found.append(_own(own, followed.now, behind))
            waited = Waited(message, followed.rules[message], own.accepted_at)
        elif (row := rows.get(message)) is not None:
            found.append(let_out(row, followed.now, behind))
            waited = Waited(message, row["reason"], row["parked_at"])
        else:
            continue  # it was only observed
        followed.leaves.append((message, released_leaf(waited, followed.hub, ids, followed.now, "released")))
    return found


async def save(connection: asyncpg.Connection, followed: Followed) -> None:
    """Write the dockets, and what waits."""
    parked = [_parked_row(a, followed.rules[a.message_id]) for a in followed.parked.values()]
    leaves = [(message, leaf.id, leaf.kind, leaf.statement, leaf.hash) for message, leaf in followed.leaves]
    await connection.execute(
        query("save_dockets"),
        *columns(docket_columns(followed.dockets), width=5),
        *columns(parked, width=10),
        *columns(list(followed.barred.items()), width=2),
        *columns(leaves, width=5),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def let_out(row: Mapping[str, Any], now: datetime, behind: int, early: str = "") -> LetOut:
    """A row of what was parked, on its way."""
    planned = tuple(
        PlannedDelivery(
            UUID(one["id"]),
            one["destination"],
            QueueName(one["group"], one["partition"]),
            one["ordered"],
            one["priority"],
            _moment(one.get("due_at")),
            _moment(one.get("expires_at")),
            one.get("handling", ""),
        )
        for one in orjson.loads(row["plan"])
    )
    return LetOut(
        message=row["message_id"],
        case=row["case_no"],
        at=now,
        expires_at=row["expires_at"],
        deliveries=planned,
        behind=behind,
        early=early,
    )


@dataclass(frozen=True, slots=True)
class Waited:
    """A message that waited, by which rule and since when."""

    message: UUID
    rule: str
    since: datetime


def released_leaf(
    waited: Waited, hub: str, ids: Ids, now: datetime, how: str, *, by: str = "", reason: str = "", case: str = ""
) -> Leaf:
    """The evidence that it was let out, and how: ``released``, ``passed_on`` after its time, ``adopted`` with its case, or
    ``resolved`` to a case.
    """
    statement = released_statement(
        hub=hub,
        message_id=waited.message,
        rule=waited.rule,
        how=how,
        parked_at=waited.since,
        released_at=now,
        by=by,
        reason=reason,
        case=case,
    )
    return Leaf(ids.new(), statement.kind, statement.body, statement.hash)


def _own(a: Acceptance, now: datetime, behind: int) -> LetOut:
    return LetOut(
        message=a.message_id, case=a.case, at=now, expires_at=a.expires_at, deliveries=a.deliveries, behind=behind
    )


def _parked_row(a: Acceptance, rule: str) -> tuple[object, ...]:
    waits = a.lived or a.nameless
    assert waits is not None, "only such a message is parked"
    number = None if a.nameless is None else a.nameless.number
    plan = [
        {
            "id": one.id,
            "destination": one.destination,
            "ordered": one.ordered,
            "group": one.queue.group,
            "partition": one.queue.partition,
            "priority": one.priority,
            **({"due_at": one.due_at} if one.due_at is not None else {}),
            **({"expires_at": one.expires_at} if one.expires_at is not None else {}),
            **({"handling": one.handling} if one.handling else {}),
        }
        for one in a.deliveries
    ]
    return (
        a.message_id, a.case, a.system, a.contract, rule, a.accepted_at, waits.pass_at, a.expires_at,
        orjson.dumps(plan).decode(), number,
    )  # fmt: skip


async def _losers(connection: asyncpg.Connection, waiting: Sequence[Acceptance]) -> set[UUID]:
    """Those of the batch whose id is taken, by the journal or by another one of the batch."""
    rows = await connection.fetch(
        query("first_acceptances"), [a.system for a in waiting], [a.sender_id for a in waiting]
    )
    losers = {waiting[row["n"] - 1].message_id for row in rows}
    seen: set[tuple[str, str]] = set()
    for a in waiting:
        if (a.system, a.sender_id) in seen:
            losers.add(a.message_id)
        seen.add((a.system, a.sender_id))
    return losers
