# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The files of the archive: what goes in comes out, the same goes in as the same bytes, and rubbish is told."""

from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from hub.archive.segment import Unreadable, pack, record_line, record_of, records_of, row_line, row_of, unpack
from hub.ports.journal import Record

ID = UUID("01960000-0000-7000-8000-000000000003")
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**53), 2**53),
    st.binary(max_size=40),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)


def record(case: str, raw: bytes = b"{}") -> Record:
    return Record({"id": ID, "case_no": case, "raw": raw, "accepted_at": datetime(2023, 1, 1, 1, 2, 3, 4, UTC)})


@given(VALUES, st.datetimes(timezones=st.just(UTC)))
def test_a_row_comes_back_as_it_was(value: object, moment: datetime) -> None:
    row = {"id": ID, "message_id": ID, "value": value, "settled_at": moment, "due_at": None, "kept": True}

    assert row_of(orjson.loads(row_line(row))) == row


def test_bytes_that_are_no_text_and_lines_in_a_text_come_back() -> None:
    one = record("case\n1", b"\xff\x00\n\r\x85")
    content = pack({"kind": "messages"}, [record_line(one), record_line(record("case-2"))])
    assert records_of(content, "case\n1") == [one]
    assert record_of(record_line(one)) == one


def test_a_body_that_quotes_a_case_is_not_of_it() -> None:
    quoting = record("case-1", b'{"case_no":"case-2"}')
    content = pack({"kind": "messages"}, [record_line(quoting)])
    assert records_of(content, "case-2") == []
    assert records_of(content, "case-1") == [quoting]


def test_the_same_lines_are_the_same_bytes() -> None:
    assert pack({"a": 1, "b": 2}, [b"1"]) == pack({"b": 2, "a": 1}, [b"1"])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"rubbish",
        zstandard.compress(b""),
        zstandard.compress(b"[1]\n"),
        zstandard.compress(b'{"format": "govhub-archive/2"}\n'),
        pack({}, [b"x" * 1000])[:-3],
    ],
)
def test_rubbish_is_told(content: bytes) -> None:
    assert isinstance(unpack(content), Unreadable)
