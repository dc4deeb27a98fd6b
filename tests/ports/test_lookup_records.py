# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The audit of lookups in every journal: page by page, by lookup and by system, written in batches, dropped when old."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from hub.ports.journal import JournalDown, LookupRecord, Unwritable
from tests.support.journals import Bench, bench


@pytest.fixture
async def desk(journal_dsn: str) -> AsyncIterator[Bench]:
    async with bench(journal_dsn) as opened:
        yield opened


def record(desk: Bench, **changes: object) -> LookupRecord:
    said: dict[str, object] = {
        "id": desk.ids.new(), "asked_at": desk.clock.now(), "lookup": "companies", "system": "portal",
        "purpose": "核验", "criteria": ("code", "name"), "outcome": "found", "code": "", "records": 2, "manner": "asked",
        "took_ms": 7,
    }  # fmt: skip
    return LookupRecord(**{**said, **changes})  # type: ignore[arg-type]  # because a test names fields by text


async def test_a_record_is_read_as_it_was_written_once(desk: Bench) -> None:
    records = desk.journal.lookup_records
    one = record(desk)
    assert [await records.record(one) for _ in range(2)] == [None, None]
    assert await records.newest(None, 10) == (one,)


async def test_they_are_read_by_lookup_and_by_system_page_by_page(desk: Bench) -> None:
    written = [
        record(desk, lookup=lookup, system=system, criteria=(), outcome="unavailable", code="BUSY")
        for lookup in ("companies", "persons")
        for system in ("portal", "civil")
        for _ in range(2)
    ]
    records = desk.journal.lookup_records
    assert await asyncio.gather(*map(records.record, written)) == [None] * len(written)
    newest = list(reversed(written))

    async def pages(**which: str) -> list[LookupRecord]:
        found: list[LookupRecord] = []
        while True:
            page = await records.newest(found[-1].id if found else None, 3, **which)
            assert not isinstance(page, JournalDown), page
            found += page
            if len(page) < 3:
                return found

    assert await pages() == newest
    assert await pages(lookup="persons") == [one for one in newest if one.lookup == "persons"]
    assert await pages(system="civil") == [one for one in newest if one.system == "civil"]
    assert await pages(system="civil", lookup="persons") == newest[:2]
    assert await pages(system="nobody") == []


async def test_concurrent_records_share_transactions_and_a_guilty_one_stands_alone(
    desk: Bench, journal_dsn: str
) -> None:
    records = desk.journal.lookup_records
    good = [record(desk) for _ in range(60)]
    bad = record(desk, purpose="nul\0")
    results = await asyncio.gather(*map(records.record, [*good[:30], bad, *good[30:]]))
    assert [type(one) for one in results] == [type(None)] * 30 + [Unwritable] + [type(None)] * 30

    connection = await asyncpg.connect(journal_dsn)
    try:
        transactions = await connection.fetchval("select count(distinct xmin::text) from lookup_record")
        assert await connection.fetchval("select count(*) from lookup_record") == 60
    finally:
        await connection.close()
    assert transactions < 30


async def test_old_ones_are_dropped_some_at_a_time(desk: Bench) -> None:
    records = desk.journal.lookup_records
    now = desk.clock.now()
    old = [record(desk, asked_at=now - timedelta(days=40)) for _ in range(3)]
    new = record(desk)
    await asyncio.gather(*map(records.record, [*old, new]))
    before = now - timedelta(hours=1)
    assert [await records.forget(before, 2) for _ in range(3)] == [2, 1, 0]
    assert await records.newest(None, 10) == (new,)
