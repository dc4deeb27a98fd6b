# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the journal says of a run, as plain values: read past the hub, by SQL of our own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson

from tests.support.sealing import opened

Place = tuple[str, str]
"""A message's id and a destination."""


@dataclass(frozen=True, slots=True)
class Message:
    """One accepted message; ``emitted`` is the process that emitted it, or empty."""

    id: str
    system: str
    sender_id: str
    contract: str
    case: str
    data: Mapping[str, Any]
    table: str
    receipt: bytes
    emitted: str

    @property
    def parked(self) -> bool:
        """Whether its receipt says that it had to wait."""
        return any(
            one["code"].startswith(("LIFECYCLE_", "ALIAS_")) for one in orjson.loads(self.receipt).get("warnings", ())
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message was planned to go, by whatever became of it. ``final``: its state, or empty where it is open still."""

    id: str
    position: int
    final: str
    code: str
    reference: str
    attempts: tuple[tuple[str, str], ...]
    """State and code of every attempt, in order; where its sender told them late, those."""
    replays: int
    """How often an operator had it sent again."""

    @property
    def unknown(self) -> bool:
        """Whether some attempt's outcome is not known."""
        return any(code in {"IN_DOUBT", "CRASHED", "ASKED_IN_VAIN", "POISON"} for _, code in self.attempts)

    @property
    def died(self) -> bool:
        return any(state == "dead" for state, _ in self.attempts)


@dataclass(slots=True)
class Book:
    """All of it."""

    messages: dict[str, Message] = field(default_factory=dict)
    deliveries: dict[Place, Delivery] = field(default_factory=dict)
    processes: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    """By id: the message that began it, its destination, whether it is finished."""
    leaves: list[tuple[str, str, str, bytes, bytes]] = field(default_factory=list)
    """Message, destination, kind, statement, hash."""
    refusals: set[tuple[str, str, str]] = field(default_factory=set)
    """System, sender's id, code."""

    def message_of(self, system: str, sender_id: str) -> Message | None:
        return next((m for m in self.messages.values() if (m.system, m.sender_id) == (system, sender_id)), None)


async def read(connection: asyncpg.Connection) -> Book:
    """Everything."""
    book = Book()
    emitted = {str(r["message_id"]): str(r["process_id"]) for r in await connection.fetch("select * from emission")}
    for r in await connection.fetch("select * from message order by id"):
        one = str(r["id"])
        data = orjson.loads(await opened(connection, r, "canonical"))
        book.messages[one] = Message(
            one, r["system"], r["sender_id"], r["contract"], r["case_no"], data, r["table_version"], bytes(r["receipt"]),
            emitted.get(one, ""),
        )  # fmt: skip
    finals = {
        _place(r): (r["state"], r["code"], r["reference"]) for r in await connection.fetch("select * from settlement")
    }
    attempts: dict[Place, list[tuple[str, str]]] = {}
    for r in await connection.fetch("select * from attempt order by message_id, destination, attempt"):
        attempts.setdefault(_place(r), []).append((r["late_state"] or r["state"], r["late_code"] or r["code"]))
    replays: dict[Place, int] = {}
    for r in await connection.fetch("select * from replay_item where state in ('released', 'done', 'failed')"):
        replays[_place(r)] = replays.get(_place(r), 0) + 1
    for r in await connection.fetch("select * from delivery"):
        place = _place(r)
        final, code, told = finals.get(place, ("", "", ""))
        book.deliveries[place] = Delivery(
            str(r["delivery_id"]),
            r["position"],
            final,
            code,
            told,
            tuple(attempts.get(place, ())),
            replays.get(place, 0),
        )
    for r in await connection.fetch("select * from process"):
        book.processes[str(r["id"])] = (str(r["message_id"]), r["destination"], r["finished_at"] is not None)
    for r in await connection.fetch("select * from leaf"):
        book.leaves.append(
            (str(r["message_id"]), r["destination"] or "", r["kind"], bytes(r["statement"]), bytes(r["hash"]))
        )
    for r in await connection.fetch("select * from refusal"):
        book.refusals.add((r["system"], r["sender_id"] or "", r["code"]))
    return book


def _place(row: asyncpg.Record) -> Place:
    return str(row["message_id"]), row["destination"]
