# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which contract versions are in use. Entering hubs and activations take turns under one lock."""

from collections.abc import Sequence
from typing import Final

from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import InUse, JournalDown, Unready

CONTRACTS_LOCK: Final = 0x636F6E747261  # "contra"


class PostgresActivations:
    """The part :class:`hub.ports.journal.Activations`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def activate(self, schema: str, ttl: float) -> Unready | JournalDown | None:
        try:
            async with self._pool.prompt() as connection, connection.transaction():
                await connection.execute(query("lock_contracts"), CONTRACTS_LOCK)
                ignorant = await connection.fetch(query("hubs_not_speaking"), schema, ttl)
                if ignorant:
                    return Unready(tuple(row["name"] for row in ignorant))
                await connection.execute(query("activate_contract"), schema)
        except DATABASE_ERRORS as error:
            return down(error)
        return None

    async def active(self) -> Sequence[str] | JournalDown:
        try:
            rows = await self._pool.promptly(query("active_contracts"))
        except DATABASE_ERRORS as error:
            return down(error)
        return tuple(row["schema"] for row in rows)

    async def retire(self, schema: str, contract: str, version: int, ttl: float) -> InUse | JournalDown | None:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(query("lock_contracts"), CONTRACTS_LOCK)
                hubs = await connection.fetchval(query("living_hubs"), ttl)
                deliveries = await connection.fetchval(query("open_deliveries_of"), contract, version)
                if hubs or deliveries:
                    return InUse(hubs, deliveries)
                await connection.execute(query("deactivate_contract"), schema)
        except DATABASE_ERRORS as error:
            return down(error)
        return None
