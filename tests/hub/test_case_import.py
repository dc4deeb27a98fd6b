# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Files of cases that are running already: good rows are taken, the others are told with their lines."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.fault import Fault
from contracts.legal_clock.facts import facts_of
from hub.case_import import rows_of
from hub.ports.journal import Seed

SYSTEMS = frozenset({"housing", "portal"})
GOOD: dict[str, Any] = {
    "case_no": "510500-20260302-000001",
    "parties": ["portal", "housing"],
    "accepted_at": "2026-03-03T10:00:00+08:00",
    "statutory_on": "2026-03-31",
    "procedures": [
        {"number": "1", "kind": "2", "started_at": "2026-03-05T09:00:00+08:00"},
        {
            "number": "2",
            "kind": "1",
            "started_at": "2026-03-06T09:00:00+08:00",
            "period": 10,
            "period_unit": "working_day",
        },
    ],
}


def write(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def lines(*rows: Any) -> str:
    return "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)


def test_a_row_says_who_may_speak_and_what_is_known(tmp_path: Path) -> None:
    (seed,) = rows_of(write(tmp_path, "cases.jsonl", lines(GOOD)), SYSTEMS)
    assert isinstance(seed, Seed)
    assert (seed.case, seed.parties) == ("510500-20260302-000001", ("housing", "portal"))
    facts = facts_of(seed.records)
    assert str(facts.accepted_on) == "2026-03-03"
    assert str(facts.statutory_on) == "2026-03-31"
    assert [str(one.begin) for one in facts.pauses] == ["2026-03-05"]
    assert [one.length for one in facts.extensions] == [10]


def test_a_table_says_it_too(tmp_path: Path) -> None:
    text = "\ufeffcase_no,parties,accepted_at,promised_on\r\n"
    text += "A-1,portal;housing,2026-03-03T10:00:00+08:00,2026-03-13\r\nA-2,housing,,\r\n"
    first, second = rows_of(write(tmp_path, "cases.csv", text), SYSTEMS)
    assert isinstance(first, Seed)
    assert isinstance(second, Seed)
    assert str(facts_of(first.records).promised_on) == "2026-03-13"
    assert second.records == ()


@pytest.mark.parametrize(
    ("row", "code", "path"),
    [
        ("{", "IMPORT_ROW", ""),
        ("[]", "IMPORT_ROW", ""),
        ('{"case_no": "1", "case_no": "2"}', "IMPORT_ROW", ""),
        ({"parties": ["housing"]}, "IMPORT_FIELD", "case_no"),
        ({**GOOD, "parties": []}, "IMPORT_FIELD", "parties"),
        ({**GOOD, "parties": ["houssing"]}, "IMPORT_SYSTEM", "parties"),
        ({**GOOD, "accepted_at": "yesterday"}, "IMPORT_FIELD", "accepted_at"),
        ({**GOOD, "promised": "2026-03-13"}, "IMPORT_FIELD", "promised"),
        ({**GOOD, "accepted_at": None}, "IMPORT_FIELD", "accepted_at"),
        ({**GOOD, "case_no": "\u0000" * 60}, "IMPORT_FIELD", "case_no"),
        ({**GOOD, "x" * 9000: 1}, "IMPORT_FIELD", "x" * 100),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_harms_no_other(tmp_path: Path, row: Any, code: str, path: str) -> None:
    first, bad, last = rows_of(write(tmp_path, "cases.jsonl", lines(GOOD, row, GOOD)), SYSTEMS)
    assert isinstance(first, Seed)
    assert isinstance(last, Seed)
    assert isinstance(bad, Fault)
    assert (bad.code, bad.path, bad.at.line) == (code, path, 2)
    assert "yesterday" not in str(bad)
    assert code != "IMPORT_FIELD" or (path in bad.problem.zh and path in bad.problem.en), (
        "a person sees which field it is"
    )


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (b"case_no,parties\nA-1,portal\n\xff\xfe\n", "IMPORT_ENCODING", 3),
        ("case_no,partys\nA-1,portal\n", "IMPORT_COLUMN", 1),
        ("", "IMPORT_COLUMN", 1),
        ("A-1,portal\nA-2,portal\n", "IMPORT_COLUMN", 1),
        ("case_no,parties,parties\nA-1,portal,\n", "IMPORT_COLUMN", 1),
        ('"case_no"x,parties\nA-1,portal\n', "IMPORT_ROW", 1),
        (f"case_no,{'x' * 200_000}\nA-1,portal\n", "IMPORT_ROW", 1),
        ('case_no,parties\n"A-1,portal\n', "IMPORT_ROW", 2),
        ("case_no,parties\nA-1,portal,more\n", "IMPORT_FIELD", 2),
    ],
)
def test_a_table_that_cannot_be_read(tmp_path: Path, text: str | bytes, code: str, line: int) -> None:
    (fault,) = rows_of(write(tmp_path, "cases.csv", text), SYSTEMS)
    assert isinstance(fault, Fault)
    assert (fault.code, fault.at.line) == (code, line)


def test_a_line_without_an_end_is_not_read_whole(tmp_path: Path) -> None:
    (fault,) = rows_of(write(tmp_path, "cases.jsonl", "[" * (2 * 1024 * 1024)), SYSTEMS)
    assert isinstance(fault, Fault)
    assert fault.code == "IMPORT_ROW"


def test_a_line_that_is_too_long_harms_no_other(tmp_path: Path) -> None:
    rows = "\ufeff" + lines(GOOD, "[" * (3 * 1024 * 1024), GOOD)
    first, bad, last = rows_of(write(tmp_path, "cases.jsonl", rows), SYSTEMS)
    assert isinstance(bad, Fault)
    assert (bad.code, bad.at.line) == ("IMPORT_ROW", 2)
    assert isinstance(first, Seed)
    assert isinstance(last, Seed)


def test_a_row_of_a_table_that_is_none_harms_no_other(tmp_path: Path) -> None:
    text = 'case_no,parties\nA-1,portal\n"A"-2,portal\nA-3,portal\n'
    first, bad, last = rows_of(write(tmp_path, "cases.csv", text), SYSTEMS)
    assert isinstance(bad, Fault)
    assert (bad.code, bad.at.line) == ("IMPORT_ROW", 3)
    assert isinstance(first, Seed)
    assert isinstance(last, Seed)
    assert (first.case, last.case) == ("A-1", "A-3")
