# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""COMMIT 1 as rows: messages with what belongs to them, and parked messages that are let out beside them, into their lanes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from hub.journal.offers import OfferBoard
from hub.journal.persons import person_rows
from hub.journal.queries import columns, query
from hub.journal.seals import MESSAGE, Seals
from hub.ports.bus import QueueName
from hub.ports.journal import Acceptance, Leaf, PlannedDelivery

_APART = 1_000_000
"""Places between two messages of a batch, for what the first of them lets out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetOut:
    """A parked message on its way into its lanes, behind the ``behind``-th message of a batch, from 1. ``early``: the rule by
    which it waited in vain.
    """

    message: UUID
    case: str
    at: datetime
    expires_at: datetime | None
    deliveries: tuple[PlannedDelivery, ...]
    behind: int
    early: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """The messages whose ids were free, and the deliveries that were offered at once, as the board wants them."""

    taken: frozenset[UUID]
    offered: Sequence[tuple[UUID, str, QueueName]]


async def place(
    connection: asyncpg.Connection,
    seals: Seals,
    batch: Sequence[Acceptance],
    frame: UUID,
    board: OfferBoard | None,
    let_out: Sequence[LetOut] = (),
) -> Placed:
    """Write it all in one statement; outside of a transaction, that is one.

    Without a board nothing is offered at once: the window of its partition finds it. ``seals`` is ready for the batch.
    """
    rows = await connection.fetch(query("accept"), *_columns(seals, batch, frame, board, let_out))
    offered = {row["offered"] for row in rows}
    planned = [d for one in batch for d in one.deliveries] + [d for one in let_out for d in one.deliveries]
    taken = frozenset(row["message_id"] for row in rows if row["message_id"] is not None)
    return Placed(taken, [(d.id, d.destination, d.queue) for d in planned if d.id in offered])


def _columns(
    seals: Seals, batch: Sequence[Acceptance], frame: UUID, board: OfferBoard | None, let_out: Sequence[LetOut]
) -> list[object]:
    """What the statement asks for. A delivery may be offered at once if there is room for it on the bus."""
    numbered = [(n * _APART, a) for n, a in enumerate(batch, start=1)]
    freed = [(one.behind * _APART + n, one) for n, one in enumerate(let_out, start=1)]
    leaves = [(a.leaf.id, a.leaf.kind, a.leaf.statement, a.leaf.hash) for a in batch]
    planned = [(n, d) for n, a in numbered for d in a.deliveries] + [(n, d) for n, one in freed for d in one.deliveries]
    deliveries = [_delivery_row(n, d, board) for n, d in planned]
    return [
        *columns([_message_row(seals, a) for a in batch], width=18),
        *columns(leaves, width=4),
        *columns(deliveries, width=11),
        frame,
        *columns([(n, system) for n, a in numbered for system in a.parties], width=2),
        *columns([(n, digest) for n, a in numbered for digest in a.materials], width=2),
        *columns([(n, one.message, one.case, one.at, one.expires_at, one.early) for n, one in freed], width=6),
        *columns([_submission_row(a, a.submission) for a in batch if a.submission is not None], width=5),
        *columns(person_rows(seals, batch), width=3),
    ]


def _submission_row(a: Acceptance, leaf: Leaf) -> tuple[object, ...]:
    return (a.message_id, leaf.id, leaf.kind, leaf.statement, leaf.hash)


def _message_row(seals: Seals, a: Acceptance) -> tuple[object, ...]:
    owner = (a.system, a.message_id)
    codec, (raw, canonical), (attributes,) = seals.seal(MESSAGE, owner, (a.raw, a.canonical), (a.attributes,))
    return (
        a.message_id, a.system, a.sender_id, a.contract, a.version, a.case, a.event_time, a.accepted_at, a.expires_at,
        a.content_type, codec, raw, canonical, attributes, a.digest, a.table_version, a.receipt,
        a.access or None,
    )  # fmt: skip


def _delivery_row(message: int, d: PlannedDelivery, board: OfferBoard | None) -> tuple[object, ...]:
    room = board is not None and board.open_for(d.queue, d.destination) and board.takes(d.destination)
    return (
        d.id, message, d.destination, d.ordered, d.queue.group, d.queue.partition, d.priority, room and d.due_at is None,
        d.due_at, d.expires_at, d.handling or None,
    )  # fmt: skip
