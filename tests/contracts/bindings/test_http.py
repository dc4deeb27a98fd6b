# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The HTTP binding: choosing the mode, reading each, and refusing everything else with its code."""

import base64
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.bindings import http
from contracts.cloudevent import CloudEvent
from contracts.refusal import Refusal
from tests.contracts.events import EVENT, read_one

BINARY = {"content-type": "application/json", "ce-specversion": "1.0", "ce-id": "1", "ce-source": "a", "ce-type": "t"}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
BATCHED = {"content-type": "application/cloudevents-batch+json"}
MINIMAL: dict[str, Any] = {"specversion": "1.0", "id": "1", "source": "a", "type": "t"}


def structured(**changes: Any) -> object:
    return read_one(STRUCTURED, json.dumps({**MINIMAL, **changes}).encode())


def refused(found: object) -> Refusal:
    assert isinstance(found, Refusal)
    return found


def places(found: object) -> list[tuple[str, str]]:
    return sorted((violation.code, violation.path) for violation in refused(found).violations)


def test_binary_mode() -> None:
    headers = {
        **BINARY,
        "ce-subject": "%E5%8A%9E%E4%BB%B6%201",
        "ce-sequence": "7",
        "x-other": "%",
        "authorization": "k",
    }

    assert read_one(headers, b'{"a":1}') == CloudEvent(
        id="1", source="a", type="t", subject="办件 1", extensions={"sequence": "7"}, data={"a": 1}
    )


def test_binary_mode_without_a_content_type_means_json() -> None:
    headers = {name: value for name, value in BINARY.items() if name != "content-type"}

    assert read_one(headers, b"[]") == CloudEvent(id="1", source="a", type="t", data=[])


def test_binary_mode_leaves_other_content_alone() -> None:
    body = b"\xff\x00 not utf-8"

    found = read_one({**BINARY, "content-type": "Text/Plain; Charset=GBK"}, body)

    assert found == CloudEvent(id="1", source="a", type="t", datacontenttype="text/plain; charset=GBK", data=body)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a b", "a b"),
        ("%41%e5%8a%9E", "A办"),
        ("办件", "办件"),
        ('"quoted \\"text\\" %41"', 'quoted "text" A'),
        ('half "quoted"', 'half "quoted"'),
        ("%2541", "%41"),
        ('"', '"'),
    ],
)
def test_header_values_are_decoded_once(written: str, value: str) -> None:
    found = read_one({**BINARY, "ce-subject": written}, b"")

    assert isinstance(found, CloudEvent)
    assert found.subject == value


@pytest.mark.parametrize("written", ["%", "100%", "%zz", "%ff", "\udcff", "%E5%8A", "", "a\x7f", "%00", "%EF%BF%BF"])
def test_header_values_that_are_no_text_are_refused(written: str) -> None:
    found = read_one({**BINARY, "ce-subject": written}, b"")

    assert places(found) == [("E_ATTRIBUTE_INVALID", "$.headers.ce-subject")]


def test_binary_mode_reports_every_wrong_attribute_at_once() -> None:
    headers = {
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": "%zz",
        "ce-source": "a b",
        "ce-time": "yesterday",
        "ce-dataschema": "relative",
        "ce-my-extension": "1",
        "ce-datacontenttype": "application/json",
        "ce-data": "1",
        "ce-expirytime": "2026-03-02",
    }

    assert places(read_one(headers, b"not even read")) == [
        ("E_ATTRIBUTE_INVALID", "$.headers.ce-data"),
        ("E_ATTRIBUTE_INVALID", "$.headers.ce-dataschema"),
        ("E_ATTRIBUTE_INVALID", "$.headers.ce-expirytime"),
        ("E_ATTRIBUTE_INVALID", "$.headers.ce-id"),
        ("E_ATTRIBUTE_INVALID", "$.headers.ce-my-extension"),
        ("E_ATTRIBUTE_INVALID", "$.headers.ce-source"),
        ("E_ATTRIBUTE_INVALID", "$.headers.ce-time"),
        ("E_ATTRIBUTE_INVALID", "$.headers.content-type"),
        ("E_ATTRIBUTE_MISSING", "$.headers.ce-type"),
    ]


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({}, b"{}", "E_CONTENT_TYPE"),
        ({"content-type": "application/json"}, b"{}", "E_CONTENT_TYPE"),
        ({"content-type": "application/cloudevents+xml"}, b"<a/>", "E_CONTENT_TYPE"),
        ({"content-type": "application/cloudevents"}, b"{}", "E_CONTENT_TYPE"),
        ({"content-type": ""}, b"{}", "E_CONTENT_TYPE"),
        ({"content-type": "json"}, b"{}", "E_CONTENT_TYPE"),
        ({"content-type": "a/b; c"}, b"{}", "E_CONTENT_TYPE"),
        ({"content-type": "application/json;" + " " * 300}, b"{}", "E_CONTENT_TYPE"),
        (STRUCTURED, b"", "E_EMPTY_BODY"),
        (BATCHED, b" ", "E_EMPTY_BODY"),
        (STRUCTURED, b"[]", "E_JSON_MALFORMED"),
        (STRUCTURED, b"null", "E_JSON_MALFORMED"),
        (BATCHED, b"{}", "E_JSON_MALFORMED"),
        (BATCHED, b"[]", "E_BATCH_EMPTY"),
        (BATCHED, b"[1,2]", "E_BATCH_TOO_MANY"),
        ({"content-type": "application/cloudevents+json; charset=GBK"}, b"{}", "E_ENCODING"),
        ({"content-type": "application/cloudevents-batch+json; charset=GB18030"}, b"[{}]", "E_ENCODING"),
        ({**BINARY, "content-type": 'application/json; charset="gb2312"'}, b"{}", "E_ENCODING"),
        ({**BINARY, "ce-specversion": "0.3"}, b"{}", "E_SPECVERSION"),
        ({"ce-specversion": "1.0"}, b"{}", "E_ATTRIBUTE_MISSING"),
        (BINARY, b"{", "E_JSON_MALFORMED"),
        (BINARY, b"[1e400]", "E_JSON_NUMBER"),
        (BINARY, b'{"a":1,"a":1}', "E_JSON_DUPLICATE_KEY"),
        (BINARY, '"甲"'.encode("gbk"), "E_ENCODING"),
    ],
)
def test_requests_that_are_refused(headers: dict[str, str], body: bytes, code: str) -> None:
    assert refused(read_one(headers, body)).code == code


def test_structured_mode_takes_types_that_have_a_string_form() -> None:
    found = structured(flag=True, other=False, count=-7, gone=None, data=[1], time="2026-03-02t01:05:00.1234567z")

    assert isinstance(found, CloudEvent)
    assert found.extensions == {"flag": "true", "other": "false", "count": "-7"}
    assert found.time is not None
    assert found.time.isoformat() == "2026-03-02T01:05:00.123456+00:00"


def test_structured_mode_reports_every_wrong_attribute_at_once() -> None:
    found = structured(
        id=1,
        source="",
        subject={"a": 1},
        time="2026-02-30T00:00:00Z",
        Upper="a",
        ratio=1.5,
        big=2**31,
        **{"99010119000101001X": "a"},
    )

    assert places(found) == [
        ("E_ATTRIBUTE_INVALID", "$.*"),
        ("E_ATTRIBUTE_INVALID", "$.Upper"),
        ("E_ATTRIBUTE_INVALID", "$.big"),
        ("E_ATTRIBUTE_INVALID", "$.id"),
        ("E_ATTRIBUTE_INVALID", "$.ratio"),
        ("E_ATTRIBUTE_INVALID", "$.source"),
        ("E_ATTRIBUTE_INVALID", "$.subject"),
        ("E_ATTRIBUTE_INVALID", "$.time"),
    ]
    assert "99010119000101001X" not in str(found)


def test_no_value_stands_in_a_refusal() -> None:
    assert "测试甲" not in str(structured(id="测试甲\n", subject="测试甲\x00", time="测试甲", datacontenttype="测试甲"))


@pytest.mark.parametrize("version", ["0.3", "1.1", "", 1.0, 1])
def test_structured_mode_refuses_other_versions(version: object) -> None:
    assert refused(structured(specversion=version)).code in {"E_SPECVERSION", "E_ATTRIBUTE_INVALID"}


def test_attributes_have_limits() -> None:
    extensions = {f"x{number}": "a" for number in range(66)}

    assert places(structured(id="i" * 257, note="n" * 2049)) == [
        ("E_ATTRIBUTE_INVALID", "$.id"),
        ("E_ATTRIBUTE_INVALID", "$.note"),
    ]
    assert ("E_ATTRIBUTE_INVALID", "$") in places(
        structured(**extensions, datacontenttype="a/b", subject="s", time="2026-03-02T00:00:00Z", dataschema="a:b")
    )


def test_binary_data_in_structured_mode() -> None:
    encoded = base64.b64encode(b"\xff\x00").decode()

    found = structured(datacontenttype="application/ofd", data_base64=encoded)

    assert isinstance(found, CloudEvent)
    assert found.data == b"\xff\x00"
    assert read_one(STRUCTURED, http.write_structured(found)[1]) == found


def test_json_in_base64_is_the_json_it_is() -> None:
    found = structured(data_base64=base64.b64encode(b'{"a":1}').decode())

    assert isinstance(found, CloudEvent)
    assert found.data == {"a": 1}


def test_text_in_structured_mode_is_its_bytes() -> None:
    found = structured(datacontenttype="text/xml", data="<甲/>")

    assert isinstance(found, CloudEvent)
    assert found.data == "<甲/>".encode()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"data": 1, "data_base64": "AA=="}, "$.data_base64"),
        ({"data_base64": 1}, "$.data_base64"),
        ({"data_base64": "AA="}, "$.data_base64"),
        ({"data_base64": "AA\n=="}, "$.data_base64"),
        ({"data_base64": "甲"}, "$.data_base64"),
        ({"data": {"a": 1}, "datacontenttype": "text/xml"}, "$.data"),
    ],
)
def test_data_that_does_not_fit_is_refused(changes: dict[str, Any], path: str) -> None:
    assert places(structured(**changes)) == [("E_ATTRIBUTE_INVALID", path)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"data_base64": base64.b64encode(b"{").decode()}, "E_JSON_MALFORMED"),
        ({"data_base64": base64.b64encode(b"{}").decode(), "datacontenttype": "text/json;charset=gbk"}, "E_ENCODING"),
        ({"data": "<a/>", "datacontenttype": "text/xml; charset=GB2312"}, "E_ENCODING"),
    ],
)
def test_data_that_cannot_be_read_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refused(structured(**changes)).code == code


def test_a_batch_refuses_each_message_by_itself() -> None:
    body = json.dumps([MINIMAL, {**MINIMAL, "id": ""}, 1, {**MINIMAL, "id": "2"}]).encode()

    found = http.read(BATCHED, body, max_batch=4)

    assert isinstance(found, list)
    assert [one.id if isinstance(one, CloudEvent) else one.code for one in found] == [
        "1",
        "E_ATTRIBUTE_INVALID",
        "E_JSON_MALFORMED",
        "2",
    ]


@pytest.mark.parametrize("depth", [64, 65])
def test_depth_is_judged_alike_in_every_mode(depth: int) -> None:
    data: Any = []
    for _ in range(depth - 1):
        data = [data]
    event = dataclasses.replace(EVENT, data=data)
    headers, body = http.write_binary(event)
    structured_type, structured_body = http.write_structured(event)
    batch_type, batch = http.write_batch([event])

    found = [
        read_one(headers, body),
        read_one({"content-type": structured_type}, structured_body),
        read_one({"content-type": batch_type}, batch),
    ]

    assert [one == event for one in found] == [depth == 64] * 3
    assert depth == 64 or [refused(one).code for one in found] == ["E_JSON_DEPTH"] * 3


_HEADER = st.text(st.characters(max_codepoint=0x2FF) | st.characters(categories=["Cs"]), max_size=20)
_NAMES = st.sampled_from(
    ["content-type", "ce-id", "ce-source", "ce-type", "ce-specversion", "ce-time", "ce-x", "ce-", "x"]
)
_TYPES = st.sampled_from([STRUCTURED, BATCHED, BINARY, {}])


@given(_TYPES, st.dictionaries(_NAMES, _HEADER, max_size=4), st.binary(max_size=60))
@settings(deadline=None, max_examples=200)
def test_nothing_makes_it_raise(content: dict[str, str], headers: dict[str, str], body: bytes) -> None:
    found = http.read({**headers, **content}, body, max_batch=2)

    assert isinstance(found, Refusal) or all(isinstance(one, CloudEvent | Refusal) for one in found)
