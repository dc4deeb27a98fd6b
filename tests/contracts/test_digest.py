# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One digest per message, whatever the mode; another for any other message."""

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from contracts.bindings import amqp, http
from contracts.cloudevent import CloudEvent
from contracts.digest import content_digest
from tests.contracts.events import EVENT, EVENTS, read_one


@given(EVENTS)
@settings(deadline=None, max_examples=100)
def test_every_mode_carries_the_event_unchanged(event: CloudEvent) -> None:
    headers, body = http.write_binary(event)
    content_type, structured = http.write_structured(event)
    batch_type, batch = http.write_batch([event, event])
    in_modes = [
        read_one(headers, body),
        read_one({"content-type": content_type}, structured),
        *_batch(batch_type, batch),
        amqp.read(*amqp.write(event)),
        amqp.read(*amqp.write_structured(event)),
    ]

    assert in_modes == [event] * 6
    assert {content_digest(found) for found in in_modes if isinstance(found, CloudEvent)} == {content_digest(event)}


def _batch(content_type: str, body: bytes) -> list[object]:
    found = http.read({"content-type": content_type}, body, max_batch=2)
    assert isinstance(found, list)
    return list(found)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"source": "other"},
        {"type": "other"},
        {"subject": None},
        {"dataschema": None},
        {"datacontenttype": "application/cloud+json"},
        {"time": None},
        {"time": datetime(2026, 3, 2, 1, 5, tzinfo=UTC)},
        {"extensions": {}},
        {"data": None},
        {"data": b""},
        {"data": {"rare": ""}},
    ],
    ids=str,
)
def test_any_other_word_is_another_message(change: dict[str, object]) -> None:
    assert content_digest(dataclasses.replace(EVENT, **change)) != content_digest(EVENT)  # type: ignore[arg-type]


def test_bytes_are_not_the_json_they_spell() -> None:
    spelt = dataclasses.replace(EVENT, data="a", datacontenttype="text/plain")
    raw = dataclasses.replace(EVENT, data=b'"a"', datacontenttype="text/plain")

    assert content_digest(spelt) != content_digest(raw)


def test_no_two_splits_of_a_text_are_alike() -> None:
    one = dataclasses.replace(EVENT, extensions={"a": "bc", "d": "e"})
    other = dataclasses.replace(EVENT, extensions={"a": "b", "cd": "e"})

    assert content_digest(one) != content_digest(other)


def test_trace_context_is_not_what_the_sender_says() -> None:
    other = dataclasses.replace(EVENT, extensions={**EVENT.extensions, "traceparent": "00-9-9-00", "tracestate": "a=b"})

    assert content_digest(other) == content_digest(EVENT)


def test_the_same_moment_in_another_offset_is_the_same() -> None:
    assert EVENT.time is not None
    other = dataclasses.replace(EVENT, time=EVENT.time.astimezone(UTC))

    assert content_digest(other) == content_digest(EVENT)


def test_white_space_and_order_of_keys_make_no_difference() -> None:
    headers = {"content-type": "application/json; charset=UTF-8", "ce-specversion": "1.0"}
    headers |= {"ce-id": "1", "ce-source": "a", "ce-type": "t"}

    one, other = read_one(headers, b'{"a":1,"b":2}'), read_one(headers, b'{ "b": 2, "a": 1 }')

    assert isinstance(one, CloudEvent)
    assert isinstance(other, CloudEvent)
    assert content_digest(one) == content_digest(other)


def test_the_digest_does_not_change_between_releases() -> None:
    """Stored digests are compared with new ones for as long as ids are remembered."""
    event = CloudEvent(id="1", source="a", type="t", time=datetime(2026, 3, 2, tzinfo=UTC), data={"a": 1})

    assert content_digest(event).hex() == "279489c24ffd54d64074010ec254df3cefdf62a2b40bd48941c3db87891be1bf"
