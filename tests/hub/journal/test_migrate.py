# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Migrations: once each, whole or not at all, never rewritten; and partitions that are there when they are needed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from hub.journal.migrate import Migrated, Migration, MigrationRefused, ensure_months, migrate, migrations
from hub.journal.postgres import migrate_database, open_journal
from hub.journal.queries import query
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds, first_of
from hub.ports.journal import Journal, JournalDown
from hub.ports.probe import Quiet
from tests.house.tree import run

OURS = migrations()
RELEASES = sorted((Path(__file__).parents[2] / "releases").glob("*.sql"))
"""A dump of the schema of every release so far, made when it was tagged: ``pg_dump --schema-only``, with the ledger."""

MORE = Migration(OURS[-1].number + 1, "more", "create table more (id integer);")
RANGED = ("message", "delivery", "attempt", "settlement", "leaf", "refusal")


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(dsn)
    yield opened
    await opened.close()


async def tables(connection: asyncpg.Connection) -> set[str]:
    rows = await connection.fetch("select relname from pg_class where relnamespace = 'public'::regnamespace")
    return {row["relname"] for row in rows}


async def shape(connection: asyncpg.Connection) -> list[tuple[str, ...]]:
    """Every column and index, as the server writes it down."""
    rows = await connection.fetch(
        "select table_name, column_name, data_type, is_nullable, column_default, collation_name "
        "from information_schema.columns where table_schema = 'public' "
        "union all select tablename, indexname, indexdef, '', '', '' from pg_indexes where schemaname = 'public' "
        "order by 1, 2"
    )
    return [tuple(str(value) for value in row.values()) for row in rows]


class TestFiles:
    def test_each_has_a_number_of_its_own(self) -> None:
        numbers = [one.number for one in OURS]
        assert numbers == sorted(set(numbers))
        assert numbers[0] == 1
        assert all(one.name and one.sql for one in OURS)

    def test_a_checksum_is_of_the_text(self) -> None:
        assert MORE.checksum != replace(MORE, sql=MORE.sql + " ").checksum


class TestMigrate:
    async def test_from_empty(self, connection: asyncpg.Connection) -> None:
        done = await migrate(connection)
        assert done == Migrated(tuple(f"{one.number:04} {one.name}" for one in OURS))
        assert {"message", "delivery_open", "lane", "migration"} <= await tables(connection)

    async def test_twice_is_once(self, connection: asyncpg.Connection) -> None:
        await migrate(connection)
        before = await shape(connection)
        assert await migrate(connection) == Migrated(())
        assert await shape(connection) == before

    async def test_a_new_file_is_applied_to_an_old_database(self, connection: asyncpg.Connection) -> None:
        await migrate(connection)
        assert await migrate(connection, (*OURS, MORE)) == Migrated((f"{MORE.number:04} more",))

    async def test_four_at_once_apply_it_once(self, dsn: str) -> None:
        async with asyncio.timeout(60):
            done = await asyncio.gather(*(migrate_database(dsn) for _ in range(4)))
        assert all(isinstance(one, Migrated) for one in done)
        assert sorted(len(one.applied) for one in done if isinstance(one, Migrated)) == [0, 0, 0, len(OURS)]

    async def test_four_hubs_may_open_an_empty_database_at_once(self, dsn: str) -> None:
        clock = SystemClock()
        ids = TimeOrderedIds(clock)
        async with asyncio.timeout(60):
            opened = await asyncio.gather(
                *(open_journal(dsn, clock=clock, ids=ids, probe=Quiet(), incarnation=ids.new()) for _ in range(4))
            )
        for journal in opened:
            assert isinstance(journal, Journal), journal
            await journal.close()

    async def test_a_file_that_changed_after_it_was_applied_is_refused(self, connection: asyncpg.Connection) -> None:
        await migrate(connection)
        changed = (replace(OURS[0], sql=OURS[0].sql + "\n-- changed"), *OURS[1:], MORE)
        refused = await migrate(connection, changed)
        assert isinstance(refused, MigrationRefused)
        assert f"{OURS[0].number:04} {OURS[0].name}" in refused.reason.zh
        assert f"{OURS[0].number:04} {OURS[0].name}" in refused.reason.en
        assert "more" not in await tables(connection)

    async def test_a_database_of_a_newer_hub_is_refused_and_left_alone(self, dsn: str) -> None:
        connection = await asyncpg.connect(dsn)
        await migrate(connection, (*OURS, MORE))
        await connection.close()
        refused = await migrate_database(dsn)
        assert isinstance(refused, MigrationRefused)
        assert "more" in refused.reason.en
        clock = SystemClock()
        ids = TimeOrderedIds(clock)
        assert isinstance(
            await open_journal(dsn, clock=clock, ids=ids, probe=Quiet(), incarnation=ids.new()), MigrationRefused
        )

    async def test_one_that_fails_takes_all_the_others_back(self, connection: asyncpg.Connection) -> None:
        broken = Migration(MORE.number + 1, "broken", "create table half (id integer); select 1 / 0;")
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate(connection, (*OURS, MORE, broken))
        assert await tables(connection) == set()
        assert isinstance(await migrate(connection), Migrated)

    async def test_a_database_that_is_away_is_an_answer(self) -> None:
        assert isinstance(await migrate_database("postgresql://nobody@127.0.0.1:1/nothing"), JournalDown)
        assert isinstance(await migrate_database("postgresql://[broken"), JournalDown)

    async def test_from_the_second_with_rows_in_it(self, connection: asyncpg.Connection) -> None:
        """What a journal held before there was retention is held after, and the schema is that of a fresh one."""
        fresh = connection.transaction()
        await fresh.start()
        await migrate(connection)
        wanted = await shape(connection)
        await fresh.rollback()

        assert isinstance(await migrate(connection, OURS[:2]), Migrated)
        await connection.execute(
            "insert into acceptance values ('s', 'i', '', gen_random_uuid(), now()); "
            "insert into material values ('sha256:0', 's', 1, 'x/y', now()); "
            "insert into case_message values ('c', gen_random_uuid())"
        )
        assert await migrate(connection) == Migrated(tuple(f"{one.number:04} {one.name}" for one in OURS[2:]))
        assert await shape(connection) == wanted
        for table in ("acceptance", "material", "case_message"):
            assert await connection.fetchval(f"select count(*) from {table}") == 1

    @pytest.mark.parametrize("release", [None, *RELEASES], ids=lambda path: path.stem if path else "nothing")
    async def test_from_every_release_the_schema_becomes_the_same(
        self, connection: asyncpg.Connection, release: Path | None
    ) -> None:
        """Until there is a release, from nothing only."""
        fresh = connection.transaction()
        await fresh.start()
        await migrate(connection)
        wanted = await shape(connection)
        await fresh.rollback()

        await connection.execute(release.read_text(encoding="utf-8") if release else "select 1")
        await connection.execute("set search_path to public")  # a dump empties it
        assert isinstance(await migrate(connection), Migrated)
        assert await shape(connection) == wanted

    def test_every_release_left_its_schema(self) -> None:
        tags = run("git", "tag", "--list", "v*").stdout.split()
        assert sorted(tags) == [path.stem for path in RELEASES]


class TestMonths:
    NOW = datetime(2026, 12, 15, tzinfo=UTC)

    async def test_there_is_a_partition_for_the_last_month_this_one_and_two_more(
        self, connection: asyncpg.Connection
    ) -> None:
        await migrate(connection)
        await ensure_months(connection, self.NOW)
        await ensure_months(connection, self.NOW)
        found = await tables(connection)
        for table in RANGED:
            months = {name for name in found if name.startswith(f"{table}_20") and not name.endswith(("key", "idx"))}
            assert {name for name in months if "pkey" not in name} == {
                f"{table}_{month}" for month in ("2026_11", "2026_12", "2027_01", "2027_02")
            }

    async def test_a_row_stands_in_its_month_and_odd_clocks_in_the_default(
        self, connection: asyncpg.Connection
    ) -> None:
        await migrate(connection)
        await ensure_months(connection, self.NOW)
        moments = {
            "refusal_2026_12": [datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 59, 999000, UTC)],
            "refusal_2027_01": [datetime(2027, 1, 1, tzinfo=UTC)],
            "refusal_default": [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)],
        }
        for wanted, moments_of_it in moments.items():
            for moment in moments_of_it:
                await _refuse(connection, first_of(moment), moment)
                stands = await connection.fetchval(
                    "select tableoid::regclass::text from refusal where id = $1", first_of(moment)
                )
                assert stands == wanted

    async def test_a_month_whose_rows_came_too_early_stays_in_the_default(self, connection: asyncpg.Connection) -> None:
        await migrate(connection)
        early = first_of(datetime(2027, 1, 10, tzinfo=UTC))
        await _refuse(connection, early, self.NOW)
        await ensure_months(connection, self.NOW)
        assert "refusal_2027_01" not in await tables(connection)
        assert "message_2027_01" in await tables(connection)
        await _refuse(connection, first_of(datetime(2027, 1, 11, tzinfo=UTC)), self.NOW)
        assert await connection.fetchval("select count(*) from refusal_default") == 2

    @pytest.mark.parametrize("plans", ["force_custom_plan", "force_generic_plan"])
    async def test_a_look_up_by_id_visits_one_partition(self, connection: asyncpg.Connection, plans: str) -> None:
        await migrate(connection)
        await ensure_months(connection, self.NOW)
        await connection.execute(f"set enable_seqscan = off; set plan_cache_mode = {plans}")  # the tables are empty
        moment = first_of(self.NOW + timedelta(days=1))
        for name in ("message", "bodies", "receipts", "deliveries", "attempts"):
            await connection.execute(f"prepare {name} as {query(name)}")
            rows = await connection.fetch(f"explain (analyze, costs off) execute {name} ('{{{moment}}}')")
            visited = [
                row[0] for row in rows if "_20" in row[0] and "never executed" not in row[0] and " on " in row[0]
            ]
            assert visited, name
            assert all("2026_12" in line for line in visited), "\n".join(visited)


async def _refuse(connection: asyncpg.Connection, identifier: UUID, moment: datetime) -> None:
    await connection.execute(
        query("write_refusals"),
        *([identifier], ["s"], [None], [None], ["E"], [b""], [b""], [moment], [None], [None], [None], [None]),
    )
