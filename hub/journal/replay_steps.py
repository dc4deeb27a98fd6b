# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One step of a replay, within its transaction: what is sent again, added and withdrawn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from hub.journal.lanes import free
from hub.journal.queries import columns, query
from hub.ports.journal import CLOSED, Item, ItemKind, Leaf, ReplayView

Row: TypeAlias = Mapping[str, Any]
"""An item of a replay, or a delivery to add, by the names of the item's columns."""

_GONE = ("gone", "CHANGED")
_HAS_IT = ("gone", "HAS_IT")
_SHUT = ("gone", CLOSED)


async def release(
    connection: asyncpg.Connection,
    view: ReplayView,
    count: int,
    step: int,
    leaf: Callable[[Item, ReplayView], Leaf],
    now: datetime,
) -> int:
    """Take the next items of the replay in hand; how many. What has changed since the click is left alone."""
    items = await connection.fetch(query("next_items"), view.id, count)
    held = await connection.fetch(query("shut_among"), [row["message_id"] for row in items])
    shut = {row["message_id"] for row in held if row["shut"]}
    rows = [row for row in items if row["message_id"] not in shut]
    by_kind: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row)
    await connection.fetch(query("lock_dead"), [row["delivery_id"] for row in rows])
    fates: dict[int, tuple[str, str]] = {row["n"]: _SHUT for row in items if row["message_id"] in shut}
    fates |= await _send_again(connection, by_kind.get(ItemKind.RESEND, []), now)
    fates |= await _withdraw(connection, by_kind.get(ItemKind.WITHDRAW, []), view, leaf, now)
    fates |= await add(connection, by_kind.get(ItemKind.ADD, []), now)
    fates |= await _repeat(connection, by_kind.get(ItemKind.REPEAT, []), now)
    await write_leaves(connection, ((row, leaf(_item(row), view)) for row in rows if fates[row["n"]][0] == "released"))
    fated = [(n, state, code) for n, (state, code) in sorted(fates.items())]
    numbers, states, codes = columns(fated, width=3)
    await connection.execute(query("items_released"), view.id, numbers, states, step, codes)
    return len(items)


async def _send_again(
    connection: asyncpg.Connection, rows: Sequence[asyncpg.Record], now: datetime
) -> dict[int, tuple[str, str]]:
    if not rows:
        return {}
    wanted = [(r["delivery_id"], r["attempt"], r["grp"] is not None, r["priority"], r["handling"]) for r in rows]
    ids, attempts, anew, priorities, handlings = columns(wanted, width=5)
    found = await connection.fetch(query("send_again"), ids, attempts, now, anew, priorities, handlings)
    sent = {r["id"] for r in found}
    return {row["n"]: ("released", "") if row["delivery_id"] in sent else _GONE for row in rows}


async def _withdraw(
    connection: asyncpg.Connection,
    rows: Sequence[asyncpg.Record],
    view: ReplayView,
    leaf: Callable[[Item, ReplayView], Leaf],
    now: datetime,
) -> dict[int, tuple[str, str]]:
    if not rows:
        return {}
    ended = await connection.fetch(
        query("withdraw_dead"),
        *columns([_withdrawal(row, leaf(_item(row), view)) for row in rows], width=8),
        view.reason,
        now,
    )
    if ended:
        await free(connection, ((r["destination"], r["case_no"]) for r in ended))
    gone = {r["id"] for r in ended}
    return {row["n"]: ("done", "withdrawn") if row["delivery_id"] in gone else _GONE for row in rows}


def _withdrawal(row: asyncpg.Record, leaf: Leaf) -> tuple[object, ...]:
    return (
        row["delivery_id"], row["attempt"], row["message_id"], row["destination"], leaf.id, leaf.kind, leaf.statement,
        leaf.hash,
    )  # fmt: skip


async def add(connection: asyncpg.Connection, rows: Sequence[Row], now: datetime) -> dict[int, tuple[str, str]]:
    """Give messages a delivery that the routes of their day did not, at the end of its lane."""
    if not rows:
        return {}
    wanted = columns([(row["message_id"], row["destination"]) for row in rows], width=2)
    have = {(r["message_id"], r["destination"]) for r in await connection.fetch(query("planned_already"), *wanted)}
    new = [row for row in rows if (row["message_id"], row["destination"]) not in have]
    messages = list({row["message_id"] for row in new})
    cases = {r["id"]: r["case_no"] for r in await connection.fetch(query("cases_of"), messages)}
    new = [row for row in new if row["message_id"] in cases]
    if new:
        parties = [(cases[row["message_id"]], row["party"]) for row in new if row["party"]]
        await connection.execute(query("join_cases"), *columns(parties, width=2))
        places = await _positions(connection, new, cases)
        await connection.execute(query("add_deliveries"), *columns(places, width=10), now)
    added = {row["n"] for row in new}
    return {row["n"]: ("released", "") if row["n"] in added else _HAS_IT for row in rows}


async def _repeat(
    connection: asyncpg.Connection, rows: Sequence[asyncpg.Record], now: datetime
) -> dict[int, tuple[str, str]]:
    """Send once more what was delivered and is not there."""
    if not rows:
        return {}
    found = await connection.fetch(query("cases_of"), [row["message_id"] for row in rows])
    cases = {r["id"]: r["case_no"] for r in found}
    wanted = [
        (
            r["message_id"],
            r["destination"],
            r["attempt"],
            cases[r["message_id"]],
            r["grp"],
            r["partition"],
            r["priority"],
        )
        for r in rows
        if r["message_id"] in cases
    ]
    again = {r["id"] for r in await connection.fetch(query("repeat_deliveries"), *columns(wanted, width=7), now)}
    return {row["n"]: ("released", "") if row["delivery_id"] in again else _GONE for row in rows}


async def _positions(
    connection: asyncpg.Connection, rows: Sequence[Row], cases: dict[UUID, str]
) -> list[tuple[object, ...]]:
    lanes: dict[tuple[str, str], int] = {}
    for row in rows:
        lane = (row["destination"], cases[row["message_id"]])
        lanes[lane] = lanes.get(lane, 0) + 1
    taken = await connection.fetch(query("take_positions"), *columns([(*k, n) for k, n in lanes.items()], width=3))
    following = {
        (r["destination"], r["case_no"]): r["last_position"] - lanes[(r["destination"], r["case_no"])] + 1
        for r in taken
    }
    places: list[tuple[object, ...]] = []
    for row in rows:
        lane = (row["destination"], cases[row["message_id"]])
        places.append(
            (row["message_id"], row["destination"], row["delivery_id"], lane[1], following[lane], row["ordered"],
             row["grp"], row["partition"], row["priority"], row["handling"])
        )  # fmt: skip
        following[lane] += 1
    return places


async def write_leaves(connection: asyncpg.Connection, leaves: Iterable[tuple[Row, Leaf]]) -> None:
    """The evidence of what was done to these."""
    rows = [(r["message_id"], x.id, x.kind, r["destination"], x.statement, x.hash) for r, x in leaves]
    if rows:
        await connection.execute(query("write_leaves"), *columns(rows, width=6))


def _item(row: asyncpg.Record) -> Item:
    return Item(
        kind=ItemKind(row["kind"]),
        delivery=row["delivery_id"],
        message=row["message_id"],
        destination=row["destination"],
        attempt=row["attempt"],
        late=row["late"],
    )
