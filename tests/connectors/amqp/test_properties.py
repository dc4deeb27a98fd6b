# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The quick codec of properties agrees with pamqp's, byte for byte out and value for value in; what it leaves, pamqp reads."""

import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from connectors.amqp import properties
from connectors.amqp.properties import NONE, Properties, read, written

PLAIN: dict[str, Any] = {"cloudEvents:id": "a-1", "cloudEvents:subject": "办件-1", "x": ""}
TABLES: list[dict[str, Any]] = [
    {},
    PLAIN,
    {**PLAIN, "count": 7, "flag": True, "when": datetime(2026, 3, 2, tzinfo=UTC), "inner": {"a": ["b", 1]}, "no": None},
    {"n" * 128: "as long as a name may be"},
    {f"name{n}": "v" * n for n in range(300)},
]


def _pamqp(size: int, **fields: Any) -> bytes:
    return ContentHeader(body_size=size, properties=Basic.Properties(**fields)).marshal()


@pytest.mark.parametrize("headers", TABLES)
@pytest.mark.parametrize("message_id", ["", "key-1", "键" * 85])
def test_written_as_pamqp_writes_it(headers: dict[str, Any], message_id: str) -> None:
    expected = _pamqp(
        70_000,
        content_type="application/json",
        headers=headers,
        delivery_mode=2,
        message_id=message_id or None,
        correlation_id="c",
        app_id="govhub",
    )
    assert written(70_000, "application/json", headers, message_id, "c", "govhub") == expected
    assert read(expected) == (70_000, Properties("application/json", headers, message_id, "c"))


@pytest.mark.parametrize(
    ("content_type", "headers", "message_id"),
    [
        ("t" * 256, {}, ""),
        ("application/json", {}, "m" * 256),
        ("application/json", {"name": "\ud800"}, ""),
        ("application/json", {"\ud800": "value"}, ""),
        ("application/json", {"name": object()}, ""),
    ],
)
def test_what_amqp_cannot_write_is_an_error(content_type: str, headers: dict[str, Any], message_id: str) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError, struct.error)):
        written(1, content_type, headers, message_id, "", "govhub")


@pytest.mark.parametrize("headers", [{}, PLAIN])
def test_properties_that_we_do_not_ask_for_are_passed_over(headers: dict[str, Any]) -> None:
    payload = _pamqp(
        5, content_type="text/plain", content_encoding="gzip", headers=headers, priority=3, reply_to="r", expiration="60",
        message_id="m", timestamp=datetime(2026, 3, 2, tzinfo=UTC), message_type="t", user_id="u", app_id="a",
    )  # fmt: skip
    assert read(payload) == (5, Properties("text/plain", headers, "m", ""))


def test_text_that_is_not_utf8_in_a_table_comes_as_bytes() -> None:
    payload = _pamqp(5, content_type="text/plain", headers={"name": "AAAA"})
    assert read(payload.replace(b"AAAA", b"\xff\xfe\xff\xfe")) == (
        5,
        Properties("text/plain", {"name": b"\xff\xfe\xff\xfe"}),
    )


def test_any_damage_is_told_by_both_codecs_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _pamqp(5, content_type="application/json", headers={"a": "b", "cd": "ef"}, message_id="m", delivery_mode=2)
    damaged = [whole[:end] for end in range(14, len(whole))]
    damaged += [
        whole[:at] + bytes([value]) + whole[at + 1 :] for at in range(14, len(whole)) for value in (0, 1, 83, 255)
    ]
    damaged.append(whole + b"\x00")
    quick = [read(payload) for payload in damaged]
    monkeypatch.setattr(properties, "_PLAIN", 0)
    assert quick == [read(payload) for payload in damaged]
    assert (5, NONE) in quick


@pytest.mark.parametrize("length", range(14))
def test_a_header_without_size_or_flags_is_an_error(length: int) -> None:
    with pytest.raises(struct.error):
        read(_pamqp(5, content_type="application/json")[:length])
