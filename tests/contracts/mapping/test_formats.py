# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How single values are written: times, flags, amounts, lists; both ways, and never by guessing."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.families.fields import BEIJING
from contracts.mapping import formats
from contracts.mapping.formats import Format, Lossy, Misfit


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("YYYYMMDDThhmmss", "20260302T090507"),
        ("YYYYMMDDhh:mm:ss", "2026030209:05:07"),
        ("YYYY-MM-DD hh:mm:ss", "2026-03-02 09:05:07"),
        ("YYYY/MM/DD hh:mm:ss", "2026/03/02 09:05:07"),
        ("YYYYMMDDhhmmss", "20260302090507"),
        ("YYYY年MM月DD日 hh时mm分ss秒", "2026年03月02日 09时05分07秒"),
        ("DD.MM.YYYY hh:mm:ss", "02.03.2026 09:05:07"),
    ],
)
def test_a_moment_goes_and_comes_back(pattern: str, text: str) -> None:
    told = formats.moment(pattern)

    assert told.write("2026-03-02T09:05:07+08:00") == text
    assert told.write("2026-03-02T01:05:07+00:00") == text
    assert told.read(text) == "2026-03-02T09:05:07+08:00"
    assert told.longest == len(text)


@pytest.mark.parametrize(
    ("pattern", "text", "back"),
    [
        ("YYYYMMDD", "20260302", "2026-03-02T00:00:00+08:00"),
        ("YYYYMMDDhh", "2026030209", "2026-03-02T09:00:00+08:00"),
        ("YYYYMMDDhhmm", "202603020905", "2026-03-02T09:05:00+08:00"),
    ],
)
def test_what_a_pattern_leaves_out_is_lost_and_read_as_zero(pattern: str, text: str, back: str) -> None:
    told = formats.moment(pattern)

    assert formats.fills(pattern)
    assert isinstance(told.write("2026-03-02T09:05:07+08:00"), Lossy)
    assert told.read(text) == back
    assert told.write(back) == text


@pytest.mark.parametrize(
    "text", ["", "2026030", "20260230", "20261301", "2026030２", "20260302 ", "20260302T", "2026-03-02", "０0260302"]
)
def test_a_day_of_another_form_is_refused(text: str) -> None:
    assert isinstance(formats.day("YYYYMMDD").read(text), Misfit)


@pytest.mark.parametrize(
    "pattern",
    ["", "YYYY", "YYYYMM", "YYYYMMDDmm", "YYYYMMDDhhss", "YYYYMMDDDD", "YYMMDD", "%Y%m%d", "YYYYMMDD{0}", "YYYYMMDDx"],
)
def test_what_is_no_pattern(pattern: str) -> None:
    assert formats.tokens_of(pattern) is None


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)))  # noqa: DTZ001  # because its zone is set below
def test_every_moment_comes_back_to_the_second(moment: datetime) -> None:
    told, value = formats.moment("YYYYMMDDThhmmss"), moment.replace(tzinfo=BEIJING)

    written = told.write(value.isoformat())

    assert isinstance(written, Lossy) == (value.microsecond > 0)
    text = written.text if isinstance(written, Lossy) else written
    assert told.read(str(text)) == value.replace(microsecond=0).isoformat()


@pytest.mark.parametrize(
    ("told", "value", "text"),
    [
        (formats.flag("Y", "N"), True, "Y"),
        (formats.flag("Y", "N"), False, "N"),
        (formats.WHOLE, 0, "0"),
        (formats.WHOLE, -12, "-12"),
        (formats.YUAN, 0, "0.00"),
        (formats.YUAN, 5, "0.05"),
        (formats.YUAN, 123456, "1234.56"),
        (formats.YUAN, -150, "-1.50"),
        (formats.JSON, {"b": [1, None], "a": "甲"}, '{"a":"甲","b":[1,null]}'),
        (formats.joined("；"), ["平面图", "健康证明"], "平面图；健康证明"),
        (formats.joined(", "), ["x"], "x"),
    ],
)
def test_a_value_goes_and_comes_back(told: Format, value: Any, text: str) -> None:
    assert told.write(value) == text
    assert told.read(text) == value


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (formats.flag("Y", "N"), "y"),
        (formats.flag("1", "0"), "true"),
        (formats.WHOLE, "01"),
        (formats.WHOLE, "1.0"),
        (formats.WHOLE, "１"),
        (formats.WHOLE, "9" * 30),
        (formats.YUAN, "1.234"),
        (formats.YUAN, "1,000.00"),
        (formats.YUAN, ".5"),
        (formats.JSON, "{"),
        (formats.JSON, '{"a":1,"a":2}'),
        (formats.JSON, "NaN"),
        (formats.JSON, "\ud800"),
    ],
)
def test_a_text_of_another_form_is_refused(told: Format, text: str) -> None:
    found = told.read(text)

    assert isinstance(found, Misfit)
    assert all(found.expected)
    assert all(found.remedy)


@pytest.mark.parametrize("values", [["a；b"], ["a", None], ["；"]])
def test_a_list_that_would_come_back_as_another_is_refused(values: list[str | None]) -> None:
    assert isinstance(formats.joined("；").write(values), Misfit)


@given(st.integers(-(10**15), 10**15))
def test_every_amount_comes_back(fen: int) -> None:
    text = formats.YUAN.write(fen)

    assert isinstance(text, str)
    assert formats.YUAN.read(text) == fen
