# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Forgetting what the archive has kept long enough, and the cases of which nothing is left anywhere."""

from datetime import datetime

import asyncpg

from hub.journal.queries import query
from hub.ports.journal import Part

_PATIENCE = "800ms"  # below the server's deadlock time-out
_BATCH = 500


async def forget_part(connection: asyncpg.Connection, part: Part, end: datetime, at: datetime) -> None:
    """Segment by segment, each in transactions of its own; a repeat goes on where it was cut. ``end`` is the month's."""
    for segment in part.segments:
        key = (part.month, part.part, segment.number)
        cases = [row["case_no"] for row in await connection.fetch(query("cases_of_segment"), *key)]
        for n in range(0, len(cases), _BATCH):
            await _forget_cases(connection, part, segment.number, cases[n : n + _BATCH])
    # What a repeat could still be told by: of a message as old as this nothing is left to tell.
    await connection.execute(query("purge_undated"), end)
    await connection.execute(query("part_expired"), part.month, part.part, at)


async def _forget_cases(connection: asyncpg.Connection, part: Part, number: int, cases: list[str]) -> None:
    async with connection.transaction():
        await connection.execute(f"set local lock_timeout = '{_PATIENCE}'")
        await connection.execute(query("lock_cases"))
        await connection.execute(query("forget_segment_index"), part.month, part.part, number, cases)
        vanished = [row["case_no"] for row in await connection.fetch(query("vanished_cases"), cases)]
        if vanished:
            for statement in (
                query("forget_parties"),
                query("forget_named"),
                query("forget_lanes"),
                query("forget_dockets"),
            ):
                await connection.execute(statement, vanished)
