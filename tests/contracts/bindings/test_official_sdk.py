# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The official CloudEvents SDK as producer and as consumer: an independent reading of the specification."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings import amqp as sdk_amqp
from cloudevents.core.bindings import http as sdk_http
from cloudevents.core.bindings import rabbitmq as sdk_rabbitmq
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as SdkEvent

from contracts.bindings import amqp, http
from contracts.bindings.event_format import attributes_of
from contracts.cloudevent import CloudEvent
from contracts.digest import content_digest
from contracts.timestamps import parse_timestamp
from tests.contracts.events import EVENT, read_one

FORMAT = JSONFormat()
BYTES = b"\xff\x00\x01"
# The AMQP binding of the SDK writes times in milliseconds; a moment that has no finer part survives.
MOMENT = datetime(2026, 3, 2, 1, 5, 0, 123000, tzinfo=UTC)


def theirs(**changes: Any) -> SdkEvent:
    attributes = {
        "id": '办件 1%"a"',
        "source": "urn:govhub:system:portal",
        "type": "cn.gov.process.step",
        "specversion": "1.0",
        "subject": "510500-20260302-000001",
        "dataschema": "urn:govhub:contract:cn.gov.process.step:1",
        "time": MOMENT,
        "sequence": "7",
        "datacontenttype": "application/json",
    }
    data = changes.pop(
        "data", {"case_no": "510500-20260302-000001", "step": {"name": "𠮷·现场核查", "n": [1, 2.5, None]}}
    )
    return SdkEvent({**attributes, **changes}, data)


def lowered(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def ways_in(event: SdkEvent) -> list[object]:
    binary, structured = sdk_http.to_binary(event, FORMAT), sdk_http.to_structured(event, FORMAT)
    batch = b"[" + structured.body + b"]"
    over_amqp, over_amqp_structured = sdk_amqp.to_binary(event, FORMAT), sdk_amqp.to_structured(event, FORMAT)
    rabbit, rabbit_structured = sdk_rabbitmq.to_binary(event, FORMAT), sdk_rabbitmq.to_structured(event, FORMAT)
    return [
        read_one(lowered(binary.headers), binary.body),
        read_one(lowered(structured.headers), structured.body),
        read_one({"content-type": http.BATCHED}, batch),
        *(
            amqp.read(one.properties["content-type"], one.application_properties, one.application_data)
            for one in (over_amqp, over_amqp_structured)
        ),
        *(amqp.read(one.content_type, one.headers, one.body) for one in (rabbit, rabbit_structured)),
    ]


@pytest.mark.parametrize(
    "changes", [{}, {"datacontenttype": "application/ofd", "data": BYTES}, {"data": None}], ids=str
)
def test_what_the_sdk_sends_is_read_alike_in_every_mode(changes: dict[str, Any]) -> None:
    event = theirs(**changes)

    found = ways_in(event)

    expected = CloudEvent(
        id=event.get_id(),
        source=event.get_source(),
        type=event.get_type(),
        subject=event.get_subject(),
        dataschema=event.get_dataschema(),
        datacontenttype=str(event.get_datacontenttype()),
        time=MOMENT,
        extensions={"sequence": "7"},
        data=event.get_data(),
    )
    assert found == [expected] * 7
    assert len({content_digest(one) for one in found if isinstance(one, CloudEvent)}) == 1


def as_read(event: Any) -> tuple[dict[str, str], object]:
    """Attributes and data of an event of the SDK, in our string form."""
    attributes = dict(event.get_attributes())
    attributes["time"] = attributes["time"].astimezone(UTC)
    return attributes, event.get_data()


@pytest.mark.parametrize("mode", ["binary", "structured", "batched", "amqp", "amqp structured"])
def test_what_we_send_is_read_by_the_sdk(mode: str) -> None:
    match mode:
        case "binary":
            found = sdk_http.from_http(sdk_http.HTTPMessage(*http.write_binary(EVENT)), FORMAT)
        case "structured":
            content_type, body = http.write_structured(EVENT)
            found = sdk_http.from_http(sdk_http.HTTPMessage({"content-type": content_type}, body), FORMAT)
        case "batched":
            _, batch = http.write_batch([EVENT, EVENT])
            found = FORMAT.read(None, json.dumps(json.loads(batch)[1]))
        case "amqp":
            content_type, headers, body = amqp.write(EVENT)
            found = sdk_amqp.from_amqp(sdk_amqp.AMQPMessage({"content-type": content_type}, headers, body), FORMAT)
        case _:
            content_type, headers, body = amqp.write_structured(EVENT)
            found = sdk_amqp.from_amqp(sdk_amqp.AMQPMessage({"content-type": content_type}, headers, body), FORMAT)

    attributes, data = as_read(found)
    ours = attributes_of(EVENT)
    assert attributes.pop("time") == parse_timestamp(ours.pop("time"))
    assert attributes == ours
    assert data == EVENT.data
