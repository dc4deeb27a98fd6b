# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Accounts of operators in PostgreSQL: each change with its entry in the audit trail, in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import asyncpg

from hub.journal.acts import once, transacted
from hub.journal.audit import gather_in, note_in
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.queries import query
from hub.ports.journal import (
    AccountRecord,
    Act,
    Acted,
    AuditEntry,
    Bearer,
    JournalDown,
    RequestTaken,
    TokenRecord,
    Unchanged,
)

T = TypeVar("T")
_KEPT = timedelta(days=90)


class PostgresAccounts:
    """The part :class:`hub.ports.journal.Accounts`."""

    def __init__(self, pool: JournalPool) -> None:
        self._pool = pool

    async def account(self, name: str) -> AccountRecord | JournalDown | None:
        return await self._one(query("account"), name)

    async def of_subject(self, issuer: str, subject: str) -> AccountRecord | JournalDown | None:
        return await self._one(query("account_of_subject"), issuer, subject)

    async def accounts(self) -> Sequence[AccountRecord] | JournalDown:
        try:
            return [_account(row) for row in await self._pool.fetch(query("accounts"))]
        except DATABASE_ERRORS as error:
            return down(error)

    async def add(self, account: AccountRecord, act: Act) -> Acted | Unchanged | RequestTaken | JournalDown:
        async def write(connection: asyncpg.Connection) -> int | Unchanged:
            made = await connection.fetchval(query("add_account"), *_row(account))
            return Unchanged.TAKEN if made is None else 1

        return await once(self._pool, act, write)

    async def put(
        self, account: AccountRecord, act: Act, *, out: bool, seen: AccountRecord, spare: bool
    ) -> Acted | Unchanged | RequestTaken | JournalDown:
        async def write(connection: asyncpg.Connection) -> int | Unchanged:
            # Locked in order: of two who take the role from each other's account, the second finds himself the last one.
            before = [row["name"] for row in await connection.fetch(query("whole_admins"))]
            written = await connection.fetchval(
                query("put_account"), account.name, account.title, account.password, list(account.roles),
                list(account.regions), list(account.organisations), account.disabled_at, seen.password, list(seen.roles),
                list(seen.regions), list(seen.organisations), seen.disabled_at,
            )  # fmt: skip
            if written is None:
                return Unchanged.OVERTAKEN
            if before == [account.name] and not spare and not await connection.fetch(query("whole_admins")):
                return Unchanged.LAST_ADMIN
            if out:
                await connection.execute(query("end_tokens"), account.name, act.acted_at)
            return 1

        return await once(self._pool, act, write)

    async def grant(self, token: TokenRecord, entry: AuditEntry, *, seen: AccountRecord) -> bool | JournalDown:
        async def write(connection: asyncpg.Connection) -> bool:
            await connection.execute(query("forget_tokens"), token.account, token.created_at - _KEPT)
            made = await connection.fetchval(
                query("grant_token"), token.id, token.digest, token.account, token.kind, token.title, token.created_at,
                token.expires_at, seen.password,
            )  # fmt: skip
            return made is not None

        return await self._told(write, entry)

    async def bearer(self, digest: bytes, now: datetime) -> Bearer | JournalDown | None:
        try:
            async with self._pool.acquire() as connection:
                row = await connection.fetchrow(query("bearer"), digest, now)
        except DATABASE_ERRORS as error:
            return down(error)
        if row is None:
            return None
        account = AccountRecord(
            name=row["account"],
            title=row["title"],
            issuer=row["issuer"],
            subject=row["subject"],
            roles=tuple(row["roles"]),
            regions=tuple(row["regions"]),
            organisations=tuple(row["organisations"]),
            created_at=row["created_at"],
        )
        token = TokenRecord(
            id=row["id"],
            digest=row["digest"],
            account=row["account"],
            kind=row["kind"],
            title=row["token_title"],
            created_at=row["begun_at"],
            expires_at=row["expires_at"],
        )
        return Bearer(account, token)

    async def tokens(self, account: str) -> Sequence[TokenRecord] | JournalDown:
        try:
            return [TokenRecord(**row) for row in map(dict, await self._pool.fetch(query("tokens_of"), account))]
        except DATABASE_ERRORS as error:
            return down(error)

    async def revoke(self, token: UUID, now: datetime, entry: AuditEntry) -> bool | JournalDown:
        async def write(connection: asyncpg.Connection) -> bool:
            return await connection.fetchval(query("revoke_token"), token, now) is not None

        return await self._told(write, entry)

    async def tried(self, name: bytes, now: datetime, window: timedelta, most: int) -> int | JournalDown | None:
        async def write(connection: asyncpg.Connection) -> int | None:
            await connection.execute(query("forget_sign_in_failures"), now - window)
            count: int | None = await connection.fetchval(query("count_sign_in_failure"), name, now, now - window, most)
            return count

        return await transacted(self._pool, write)

    async def failed(self, entry: AuditEntry) -> JournalDown | None:
        return await transacted(self._pool, lambda connection: gather_in(connection, entry))

    async def forgive(self, name: bytes, entry: AuditEntry | None) -> JournalDown | None:
        async def write(connection: asyncpg.Connection) -> None:
            async with connection.transaction():
                await connection.execute(query("forgive_sign_in"), name)
                if entry is not None:
                    await note_in(connection, entry)

        return await transacted(self._pool, write)

    async def _one(self, statement: str, *arguments: object) -> AccountRecord | JournalDown | None:
        try:
            async with self._pool.acquire() as connection:
                row = await connection.fetchrow(statement, *arguments)
        except DATABASE_ERRORS as error:
            return down(error)
        return None if row is None else _account(row)

    async def _told(
        self, write: Callable[[asyncpg.Connection], Awaitable[bool]], entry: AuditEntry
    ) -> bool | JournalDown:
        """Write, and if that changed anything, say so in the trail."""

        async def both(connection: asyncpg.Connection) -> bool:
            async with connection.transaction():
                changed = await write(connection)
                if changed:
                    await note_in(connection, entry)
            return changed

        return await transacted(self._pool, both)


def _row(account: AccountRecord) -> tuple[object, ...]:
    return (
        account.name, account.title, account.password, account.issuer, account.subject, list(account.roles),
        list(account.regions), list(account.organisations), account.created_at, account.disabled_at,
    )  # fmt: skip


def _account(row: asyncpg.Record) -> AccountRecord:
    lists = {key: tuple(row[key]) for key in ("roles", "regions", "organisations")}
    return AccountRecord(**{**row, **lists})
