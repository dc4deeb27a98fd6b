# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the journal says of the cases of one row, as plain values. Asked past the hub, by SQL of our own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

MessageId = str
Place = tuple[MessageId, str]
"""A message and a destination."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One accepted message."""

    id: MessageId
    sender_id: str
    case: str
    digest: str
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Open:
    """A delivery that is not finished."""

    state: str
    code: str
    failures: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of the evidence; ``destination`` is empty for an acceptance."""

    message: MessageId
    destination: str
    kind: str
    statement: bytes
    hash: bytes


@dataclass(slots=True)
class JournalBook:
    """All of it."""

    messages: dict[MessageId, Recorded] = field(default_factory=dict)
    positions: dict[Place, int] = field(default_factory=dict)
    open: dict[Place, Open] = field(default_factory=dict)
    final: dict[Place, str] = field(default_factory=dict)
    attempts: dict[Place, list[tuple[str, str]]] = field(default_factory=dict)
    """State and code of every attempt, in order; where its sender told them late, those."""
    leaves: list[Leaf] = field(default_factory=list)


async def read_journal(connection: asyncpg.Connection, prefix: str) -> JournalBook:
    """Everything about the cases whose number begins so."""
    book = JournalBook()
    like = f"{prefix}%"
    for row in await connection.fetch("select * from message where case_no like $1", like):
        digest, receipt = row["digest"].hex(), bytes(row["receipt"])
        book.messages[str(row["id"])] = Recorded(str(row["id"]), row["sender_id"], row["case_no"], digest, receipt)
    ids = list(book.messages)
    for row in await _of(connection, "delivery", ids):
        book.positions[_place(row)] = row["position"]
    for row in await _of(connection, "delivery_open", ids):
        book.open[_place(row)] = Open(row["state"], row["code"], row["failures"], row["attempt"])
    for row in await _of(connection, "settlement", ids):
        book.final[_place(row)] = row["state"]
    for row in sorted(await _of(connection, "attempt", ids), key=lambda row: int(row["attempt"])):
        book.attempts.setdefault(_place(row), []).append(
            (row["late_state"] or row["state"], row["late_code"] or row["code"])
        )
    for row in await _of(connection, "leaf", ids):
        statement, digest = bytes(row["statement"]), bytes(row["hash"])
        book.leaves.append(Leaf(str(row["message_id"]), row["destination"] or "", row["kind"], statement, digest))
    return book


async def count_unfinished(connection: asyncpg.Connection, prefix: str, newest: UUID | None = None) -> int:
    """How many deliveries may still move by themselves: not dead, not in doubt for a person, and not behind one that is.

    ``newest``: only those of messages up to this one.
    """
    number: int = await connection.fetchval(
        """select count(*) from delivery_open o where o.case_no like $1
             and (o.state not in ('dead', 'in_doubt') or o.ask_at is not null)
             and ($2::uuid is null or o.message_id <= $2)
           and not exists (select from delivery_open b
                           where b.destination = o.destination and b.case_no = o.case_no and b.position < o.position
                             and b.state in ('dead', 'in_doubt') and b.ask_at is null and not b.yields)""",
        f"{prefix}%",
        newest,
    )
    return number


async def _of(connection: asyncpg.Connection, table: str, ids: Sequence[str]) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        f"select * from {table} where message_id = any($1::uuid[])", ids
    )
    return rows


def _place(row: asyncpg.Record) -> Place:
    return str(row["message_id"]), row["destination"]
