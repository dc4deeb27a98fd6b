# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Lanes move on: within the transaction that finished something in them, and the last thing it locks."""

from collections.abc import Iterable, Sequence

import asyncpg

from hub.journal.queries import columns, query


async def advance(connection: asyncpg.Connection, lanes: Iterable[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """Lock these lanes (destination, case) and move them on."""
    wanted = columns(sorted(set(lanes)), width=2)
    await connection.execute(query("lock_lanes"), *wanted)
    return await move(connection, wanted)


async def move(connection: asyncpg.Connection, lanes: Sequence[Sequence[object]]) -> list[tuple[str, str, int]]:
    """Move the heads of locked lanes past what is finished: each lane that is not empty, with its head's position.

    While a lane is locked nothing is added to it, so in one whose head is past the last position nobody waits.
    """
    heads = await connection.fetch(query("advance_lanes"), *lanes)
    return [(h["destination"], h["case_no"], h["head"]) for h in heads if h["head"] <= h["last_position"]]


async def free(connection: asyncpg.Connection, lanes: Iterable[tuple[str, str]]) -> None:
    """The same, where nothing is offered at once: the owner's window finds what stands at the head now."""
    if heads := await advance(connection, lanes):
        await connection.execute(query("free_heads"), *columns(heads, width=3))
