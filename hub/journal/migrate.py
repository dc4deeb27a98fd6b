# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Forward-only migrations: numbered SQL files, each applied once, in one transaction, under one lock.

A file that was applied and has changed since is refused: history is not rewritten. A database that knows a migration we do
not is refused too: it belongs to a newer govhub.
"""

import hashlib
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import TypeAlias
from uuid import UUID

import asyncpg

from contracts.text import Text

_LOCK = 0x676F76687562  # "govhub"
_PATIENCE = "30s"  # another hub may be at it
_LEDGER = """
create table if not exists migration (
    number     integer     primary key,
    name       text        not null,
    checksum   text        not null,
    applied_at timestamptz not null default clock_timestamp()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: ``0001_the_journal.sql``."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Migrated:
    """Names of the migrations applied now; empty when there was nothing to do."""

    applied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MigrationRefused:
    """The database and this govhub do not belong together."""

    reason: Text


MigrationResult: TypeAlias = Migrated | MigrationRefused


def migrations() -> tuple[Migration, ...]:
    """All files, by number."""
    found = []
    for file in resources.files("hub.journal").joinpath("migrations").iterdir():
        if file.name.endswith(".sql"):
            number, _, name = file.name.removesuffix(".sql").partition("_")
            found.append(Migration(int(number), name, file.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda m: m.number))


async def migrate(connection: asyncpg.Connection, files: tuple[Migration, ...] | None = None) -> MigrationResult:
    """Bring the database to this version. Several hubs may call it at once: one works, the others wait and find it done."""
    files = migrations() if files is None else files
    async with connection.transaction():
        await connection.execute(f"set local lock_timeout = '{_PATIENCE}'")
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute(_LEDGER)
        known = {r["number"]: r for r in await connection.fetch("select number, name, checksum from migration")}
        if refusal := _refusal(known, files):
            return refusal
        applied = [f for f in files if f.number not in known]
        for file in applied:
            await connection.execute(file.sql)
            await connection.execute(
                "insert into migration (number, name, checksum) values ($1, $2, $3)",
                file.number,
                file.name,
                file.checksum,
            )
    return Migrated(tuple(f"{f.number:04} {f.name}" for f in applied))


def _refusal(known: dict[int, asyncpg.Record], files: tuple[Migration, ...]) -> MigrationRefused | None:
    ours = {f.number: f for f in files}
    for number, row in known.items():
        if number not in ours:
            return MigrationRefused(
                Text(
                    f"数据库已有迁移 {number:04} {row['name']},属于更新版本的 govhub;请升级本程序。",
                    f"The database has migration {number:04} {row['name']} of a newer govhub; upgrade this one.",
                )
            )
        if ours[number].checksum != row["checksum"]:
            return MigrationRefused(
                Text(
                    f"迁移 {number:04} {row['name']} 在应用之后被改动;请恢复原文件,另写新的迁移。",
                    f"Migration {number:04} {row['name']} changed after it was applied; restore it and write a new one.",
                )
            )
    return None


async def ensure_months(connection: asyncpg.Connection, moment: datetime, ahead: int = 2) -> None:
    """Make the monthly partitions around a moment. Rows that no month holds go to the default partition."""
    months = [_month(moment, n) for n in range(-1, ahead + 2)]
    await connection.execute("select pg_advisory_lock($1)", _LOCK)
    try:
        for table in ("message", "delivery", "attempt", "settlement", "leaf", "refusal"):
            for start, end in itertools.pairwise(months):
                await _ensure_month(connection, table, start, end)
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _LOCK)


async def _ensure_month(connection: asyncpg.Connection, table: str, start: datetime, end: datetime) -> None:
    name = f"{table}_{start:%Y_%m}"
    if await connection.fetchval("select to_regclass($1)", name) is not None:
        return
    bounds = [f"'{first_id(moment)}'" for moment in (start, end)]
    try:
        await connection.execute(
            f"create table {name} partition of {table} for values from ({bounds[0]}) to ({bounds[1]})"
        )
    except asyncpg.CheckViolationError:
        # The default partition already holds rows of that month (a clock was wrong once); they are safe where they are.
        return


def first_id(moment: datetime) -> UUID:
    """The smallest id that a message of this moment can have: UUIDv7 begins with milliseconds since 1970."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _month(moment: datetime, offset: int) -> datetime:
    months = moment.year * 12 + moment.month - 1 + offset
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
