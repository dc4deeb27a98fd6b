# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The AMQP binding on the header table of AMQP 0-9-1."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from contracts.bindings import amqp, http
from contracts.cloudevent import CloudEvent
from contracts.refusal import Refusal
from tests.contracts.events import EVENT

HEADERS: dict[str, object] = {
    "cloudEvents:specversion": "1.0",
    "cloudEvents:id": "1",
    "cloudEvents:source": "a",
    "cloudEvents:type": "t",
}


def places(found: object) -> list[tuple[str, str]]:
    assert isinstance(found, Refusal)
    return sorted((violation.code, violation.path) for violation in found.violations)


@pytest.mark.parametrize("prefix", ["cloudEvents:", "cloudEvents_", "ce-"])
def test_every_known_prefix_is_read(prefix: str) -> None:
    headers = {name.replace("cloudEvents:", prefix): value for name, value in HEADERS.items()}

    assert amqp.read("application/json", headers, b"1") == CloudEvent(id="1", source="a", type="t", data=1)


def test_values_may_have_the_types_of_a_table() -> None:
    headers = {
        **HEADERS,
        "cloudEvents:id": b"\xe5\x8a\x9e",
        "cloudEvents:time": datetime(2026, 3, 2, 1, 5, tzinfo=UTC),
        "cloudEvents:expirytime": 1772413500123,
        "cloudEvents:flag": True,
        "cloudEvents:off": False,
        "cloudEvents:count": 7,
        "x-death": [{"count": 1}],
    }

    assert amqp.read(None, headers, b"") == CloudEvent(
        id="办",
        source="a",
        type="t",
        time=datetime(2026, 3, 2, 1, 5, tzinfo=UTC),
        extensions={"expirytime": "2026-03-02T01:05:00.123000Z", "flag": "true", "off": "false", "count": "7"},
    )


def test_every_wrong_value_is_reported_at_once() -> None:
    headers = {
        **HEADERS,
        "cloudEvents:id": b"\xff",
        "cloudEvents:time": 10**30,
        "cloudEvents:big": 2**31,
        "cloudEvents:ratio": 0.5,
        "cloudEvents:money": Decimal(1),
        "cloudEvents:list": [1],
        "cloudEvents:none": None,
        "cloudEvents:naive": datetime(2026, 3, 2),  # noqa: DTZ001  # because a naive time is what is tested
        "cloudEvents_type": "t",
        "cloudEvents:datacontenttype": "a/b",
    }

    found = amqp.read("application/json", headers, b"")

    assert places(found) == [
        ("E_ATTRIBUTE_INVALID", "$.headers.*"),
        *(("E_ATTRIBUTE_INVALID", f"$.headers.{name}") for name in ["big", "id", "list", "money", "naive", "none"]),
        *(("E_ATTRIBUTE_INVALID", f"$.headers.{name}") for name in ["ratio", "time", "type"]),
    ]


def test_missing_attributes_are_reported_at_once() -> None:
    assert places(amqp.read("application/json", {"cloudEvents:specversion": "1.0"}, b"")) == [
        ("E_ATTRIBUTE_MISSING", "$.headers.id"),
        ("E_ATTRIBUTE_MISSING", "$.headers.source"),
        ("E_ATTRIBUTE_MISSING", "$.headers.type"),
    ]


@pytest.mark.parametrize(
    ("content_type", "headers", "body", "code"),
    [
        ("application/json", {}, b"{}", "E_CONTENT_TYPE"),
        ("nonsense", HEADERS, b"{}", "E_CONTENT_TYPE"),
        ("application/cloudevents+xml", HEADERS, b"{}", "E_CONTENT_TYPE"),
        (http.BATCHED, HEADERS, b"[]", "E_CONTENT_TYPE"),
        (http.STRUCTURED, {}, b"{", "E_JSON_MALFORMED"),
        (http.STRUCTURED, {}, b"{}", "E_ATTRIBUTE_MISSING"),
        ("application/cloudevents+json; charset=gbk", {}, b"{}", "E_ENCODING"),
        ("application/json; charset=gbk", HEADERS, b"{}", "E_ENCODING"),
        ("application/json", HEADERS, b"[NaN]", "E_JSON_NUMBER"),
        ("application/json", {**HEADERS, "cloudEvents:specversion": "0.2"}, b"1", "E_SPECVERSION"),
    ],
)
def test_messages_that_are_refused(content_type: str, headers: dict[str, object], body: bytes, code: str) -> None:
    found = amqp.read(content_type, headers, body)

    assert isinstance(found, Refusal)
    assert found.code == code


def test_writing_and_reading_again_changes_nothing() -> None:
    assert amqp.read(*amqp.write(EVENT)) == EVENT
    assert amqp.read(*amqp.write_structured(EVENT)) == EVENT
