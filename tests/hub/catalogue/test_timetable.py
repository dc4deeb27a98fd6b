# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which run a moment belongs to, which full runs are over, and what is late."""

from datetime import date, datetime, timedelta

import pytest

from contracts.families.fields import BEIJING
from hub.catalogue.timetable import SETTLED, hours, late, over, run_of
from hub.config.catalogue import CatalogueSection
from hub.ports.journal.cataloguing import Ledger, RunKey
from tests.support.item_arrivals import NOON, SECTION

FULL = SECTION.full


@pytest.mark.parametrize(
    ("moment", "run"),
    [
        ("2026-03-02T21:59:59", "delta-2026-03-02"),
        ("2026-03-02T22:00:00", "full-2026-03-02"),
        ("2026-03-03T04:59:59", "full-2026-03-02"),
        ("2026-03-03T05:00:00", "delta-2026-03-03"),
    ],
)
def test_a_full_run_is_of_the_day_on_which_it_began(moment: str, run: str) -> None:
    assert run_of(SECTION, datetime.fromisoformat(moment).replace(tzinfo=BEIJING)).id == run


def test_without_a_full_run_everything_is_delta() -> None:
    assert run_of(CatalogueSection(inbox="items"), NOON.replace(hour=23)).id == "delta-2026-03-02"
    assert list(over(CatalogueSection(inbox="items"), NOON)) == []


def test_a_full_run_is_over_a_little_after_its_end() -> None:
    assert FULL is not None
    run = RunKey(full=True, day=date(2026, 3, 1))
    ended = hours(FULL, run)[1]
    assert run not in list(over(SECTION, ended + SETTLED - timedelta(seconds=1)))
    assert list(over(SECTION, ended + SETTLED))[-1] == run


def test_what_is_late_is_told_since_it_was_due() -> None:
    patience = timedelta(hours=SECTION.late_hours)
    begun = Ledger(0, NOON, None, None)
    assert list(late(SECTION, begun, NOON + patience)) == []
    told = {one.what: one.since for one in late(SECTION, begun, NOON + patience + timedelta(seconds=1))}
    assert told == {"items": NOON + patience, "items_full": NOON + patience}
    heard = Ledger(7, NOON, NOON + patience, None)
    assert [one.what for one in late(SECTION, heard, NOON + patience + timedelta(seconds=1))] == ["items_full"]
    without = CatalogueSection(inbox="items")
    assert list(late(without, heard, NOON + patience + timedelta(seconds=1))) == []
