# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue in the journal: versions, numbers of changes, runs and what vanished. On the oldest and the newest PostgreSQL."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import date, datetime, timedelta

import orjson
import pytest

from hub.catalogue.editions import judge
from hub.catalogue.snapshot import snapshot
from hub.catalogue.timetable import hours
from hub.journal.postgres import open_journal
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import Journal, JournalDown
from hub.ports.journal.cataloguing import Edition, Entry, ItemCatalogue, Ledger, RunKey, TakenIn, Verdict
from hub.ports.probe import Quiet
from tests.support.item_arrivals import NOON, SECTION, arrival, edition
from tests.support.sealing import SEALING

NIGHT = NOON.replace(hour=23)
FULL = RunKey(full=True, day=NOON.date())


@pytest.fixture
async def journal(journal_dsn: str) -> AsyncIterator[ItemCatalogue]:
    clock = SystemClock()
    ids = TimeOrderedIds(clock)
    opened = await open_journal(
        journal_dsn, clock=clock, ids=ids, probe=Quiet(), incarnation=ids.new(), sealing=SEALING
    )
    assert isinstance(opened, Journal), opened
    yield opened.item_catalogue
    await opened.close()


async def take(journal: ItemCatalogue, *editions: Edition, at: datetime = NOON) -> Sequence[TakenIn]:
    taken = await journal.take_in([arrival(one, at) for one in editions], judge, at)
    assert not isinstance(taken, JournalDown), taken
    return taken


async def entries(found: Sequence[Entry] | JournalDown) -> list[tuple[str, int, int]]:
    assert not isinstance(found, JournalDown), found
    return [(one.edition.code, one.edition.version, one.change) for one in found]


async def test_changes_are_numbered_without_gaps_and_pulled_in_their_order(journal: ItemCatalogue) -> None:
    first, second = edition("A"), edition("B", 4)
    taken = await take(journal, first, second, edition("A", 2, item_name="二"), edition("B", 3))
    assert [(one.judged.verdict, one.change) for one in taken] == [
        (Verdict.ADDED, 1),
        (Verdict.ADDED, 2),
        (Verdict.CHANGED, 3),
        (Verdict.LATE, 0),
    ]
    assert await entries(await journal.changes(0, 2)) == [("A", 1, 1), ("B", 4, 2)]
    assert await entries(await journal.changes(2, 2)) == [("A", 2, 3)]
    assert await entries(await journal.versions("B")) == [("B", 3, 0), ("B", 4, 2)]


async def test_a_message_that_comes_again_gets_the_same_answer_until_it_was_told(journal: ItemCatalogue) -> None:
    one = edition("A")
    (first,) = await take(journal, one)
    assert (await take(journal, one))[0] == first
    assert first.tell
    assert await journal.told(one.message) is None
    (again,) = await take(journal, one)
    assert (again.change, again.tell) == (1, False)
    (repeated,) = await take(journal, edition("A"))
    assert (repeated.judged.verdict, repeated.tell) == (Verdict.REPEATED, False)


async def test_a_correction_takes_the_place_of_what_had_its_version(journal: ItemCatalogue) -> None:
    await take(journal, edition("A", 1, item_name="一"), edition("A", 1, item_name="二"))
    assert await entries(await journal.changes(0, 9)) == [("A", 1, 2)]
    found = await journal.versions("A")
    assert not isinstance(found, JournalDown)
    assert "二" in found[0].edition.data.decode()


async def test_a_full_run_names_what_vanished_and_withdraws_nothing(journal: ItemCatalogue) -> None:
    await take(journal, edition("A"), edition("B"), edition("C", status="withdrawn", expires_on="2026-02-01"))
    await take(journal, edition("A"), edition("D"), at=NIGHT)
    assert SECTION.full is not None
    began, ended = hours(SECTION.full, FULL)
    assert await journal.close(FULL, began, ended) == 1
    assert await journal.close(FULL, began, ended) is None
    report = await journal.findings(FULL.id, 0, 10)
    assert not isinstance(report, JournalDown)
    assert [(one.verdict, one.code) for one in report] == [(Verdict.ADDED, "D"), (Verdict.VANISHED, "B")]
    assert await entries(await journal.in_force(NOON.date(), None, 9)) == [("A", 1, 1), ("B", 1, 2), ("D", 1, 4)]
    runs = await journal.runs(10)
    assert not isinstance(runs, JournalDown)
    assert [(one.id, one.heard, one.repeated, one.closed_at) for one in runs] == [
        ("full-2026-03-02", 2, 1, ended),
        ("delta-2026-03-02", 3, 0, None),
    ]
    assert dict(runs[0].counts) == {"added": 1, "vanished": 1, "coming": 0}
    ledger = await journal.ledger(NIGHT)
    assert ledger == Ledger(4, NOON, NIGHT, ended)


async def test_a_night_without_items_is_no_full_run(journal: ItemCatalogue) -> None:
    await take(journal, edition("A"))
    assert SECTION.full is not None
    assert await journal.close(FULL, *hours(SECTION.full, FULL)) is None
    ledger = await journal.ledger(NIGHT)
    assert isinstance(ledger, Ledger)
    assert ledger.full_at is None


async def test_in_force_and_coming_are_handed_out_and_what_is_over_is_not(journal: ItemCatalogue) -> None:
    await take(
        journal,
        edition("A", 3, effective_on="2026-04-01"),
        edition("A", 2, effective_on="2026-02-01"),
        edition("A", 1),
        edition("B", 1, expires_on="2026-03-01"),
    )
    today = date(2026, 3, 2)
    assert await entries(await journal.in_force(today, None, 9)) == [("A", 2, 0), ("A", 3, 1)]
    assert await entries(await journal.in_force(date(2026, 4, 1), None, 9)) == [("A", 3, 1)]


async def test_a_snapshot_ends_with_a_digest_of_all_its_lines(journal: ItemCatalogue) -> None:
    await take(journal, *(edition(f"I{n:04}") for n in range(600)))
    async with aclosing(snapshot(journal, NOON)) as pieces:
        whole = b"".join([piece async for piece in pieces if not isinstance(piece, JournalDown)])
    *lines, last = whole.splitlines(keepends=True)
    assert orjson.loads(lines[0]) == {"version": 600, "on": "2026-03-02"}
    assert [orjson.loads(line)["code"] for line in lines[1:]] == [f"I{n:04}" for n in range(600)]
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    assert orjson.loads(last) == {"count": 600, "digest": f"sha256:{digest}"}


async def test_old_reports_are_dropped_and_versions_stay(journal: ItemCatalogue) -> None:
    await take(journal, edition("A"))
    assert await journal.forget(NOON.date() + timedelta(days=1)) is None
    assert await journal.runs(9) == []
    assert await entries(await journal.versions("A")) == [("A", 1, 1)]
