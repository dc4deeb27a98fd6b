# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a version of an item is beside the newest known, whatever order it comes in."""

import pytest

from hub.catalogue.editions import differing, judge
from hub.ports.journal.cataloguing import Edition, Judged, Verdict
from tests.support.item_arrivals import arrival, edition

KNOWN = edition("A", 2, item_name="许可")


@pytest.mark.parametrize(
    ("newest", "came", "verdict", "fields"),
    [
        (None, edition("A", 1), Verdict.ADDED, ()),
        (None, edition("A", 3, status="withdrawn"), Verdict.WITHDRAWN, ()),
        (KNOWN, edition("A", 3, item_name="备案"), Verdict.CHANGED, ("item_name", "item_version")),
        (KNOWN, edition("A", 2, item_name="备案"), Verdict.CORRECTED, ("item_name",)),
        (KNOWN, edition("A", 2, item_name="许可"), Verdict.REPEATED, ()),
        (KNOWN, edition("A", 1, item_name="登记"), Verdict.LATE, ()),
        (KNOWN, edition("A", 2, item_name="许可", effective_on="2025-01-01"), Verdict.LATE, ()),
        (
            KNOWN,
            edition("A", 3, item_name="许可", status="withdrawn", expires_on="2026-12-31"),
            Verdict.WITHDRAWN,
            ("expires_on", "item_version", "status"),
        ),
    ],
)
def test_a_version_beside_the_newest(
    newest: Edition | None, came: Edition, verdict: Verdict, fields: tuple[str, ...]
) -> None:
    assert judge(newest, arrival(came)) == Judged(verdict, fields)


def test_what_is_not_yet_in_force_is_told() -> None:
    assert judge(KNOWN, arrival(edition("A", 3, effective_on="2026-03-03"))).coming
    assert not judge(KNOWN, arrival(edition("A", 3, effective_on="2026-03-02"))).coming


def test_a_member_that_only_one_has_differs() -> None:
    assert differing(b'{"a":1,"b":null}', b'{"a":1,"c":2}') == ("b", "c")
