# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Paths and moments as texts."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from contracts.json_path import located, member
from contracts.timestamps import instant, parse_timestamp, timestamp


def test_paths() -> None:
    assert located("$.data", ("materials", 2, "digest")) == "$.data.materials[2].digest"
    assert member("$.headers", "ce-id") == "$.headers.ce-id"


@pytest.mark.parametrize("name", ["", "甲", "a b", "a.b", "99010119000101001X", "n123456", "a" * 65, "a\n", "']"])
def test_names_that_might_say_too_much_are_not_shown(name: str) -> None:
    assert member("$.data", name) == "$.data.*"


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("2026-03-02T09:05:00+08:00", "2026-03-02T09:05:00+08:00"),
        ("2026-03-02T01:05:00Z", "2026-03-02T01:05:00Z"),
        ("2026-03-02t01:05:00z", "2026-03-02T01:05:00Z"),
        ("2026-03-02T01:05:00.5-00:00", "2026-03-02T01:05:00.500000Z"),
        ("2026-03-02T01:05:00.123456789Z", "2026-03-02T01:05:00.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_moments_that_are_read(text: str, again: str) -> None:
    moment = parse_timestamp(text)

    assert moment is not None
    assert timestamp(moment) == again


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-02",
        "2026-03-02 09:05:00Z",
        "2026-03-02T09:05:00",
        "20260302T090500Z",
        "2026-W10-1T00:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-03-02T09:05:00+0800",
        "2026-03-02T09:05:00+24:00",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "２026-03-02T09:05:00Z",
        "2026-03-02T09:05:00Z\n",
        "2026-03-02T09:05:00.Z",
    ],
)
def test_texts_that_are_no_moment(text: str) -> None:
    assert parse_timestamp(text) is None


def test_one_instant_has_one_text() -> None:
    beijing = datetime(2026, 3, 2, 9, 5, tzinfo=timezone(timedelta(hours=8)))

    assert instant(beijing) == instant(beijing.astimezone(UTC)) == "2026-03-02T01:05:00.000000Z"
    assert instant(datetime(7, 1, 1, tzinfo=UTC)) == "0007-01-01T00:00:00.000000Z"
