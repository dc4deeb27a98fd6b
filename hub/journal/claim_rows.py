# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of open deliveries as claims, with what is to be sent."""

from collections.abc import Iterable

import asyncpg

from hub.journal.bodies import Body, RecentBodies
from hub.ports.bus import QueueName
from hub.ports.journal import Claim


async def claims_of(
    connection: asyncpg.Connection, recent: RecentBodies, rows: Iterable[asyncpg.Record]
) -> list[Claim]:
    """One claim per row, in order."""
    rows = list(rows)
    bodies = await recent.of(connection, {r["message_id"] for r in rows}) if rows else {}
    return [_claim(row, bodies[row["message_id"]]) for row in rows]


def _claim(row: asyncpg.Record, body: Body) -> Claim:
    return Claim(
        delivery_id=row["id"],
        message_id=row["message_id"],
        destination=row["destination"],
        queue=QueueName(row["grp"], row["partition"]),
        case=row["case_no"],
        contract=body.contract,
        version=body.version,
        attempt=row["attempt"],
        failures=row["failures"],
        suspect=row["suspect"],
        crashes=row["crashes"],
        asked=row["asked"],
        holder=row["holder"],
        epoch=row["epoch"],
        accepted_at=row["accepted_at"],
        claimed_at=row["claimed_at"],
        expires_at=row["expires_at"],
        replayed_at=row["replayed_at"],
        back_at=row.get("back_at"),
        late=row["late"],
        early=row["early"],
        reference=row.get("reference") or "",
        handling=row["handling"] or "",
        attributes=body.attributes,
        canonical=body.canonical,
        damaged=body.damaged,
    )
