# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON event format (CloudEvents 1.0.2, json-format): a JSON object to and from an event."""

import base64
import binascii
from collections.abc import Mapping

from contracts import strict_json
from contracts.bindings.envelope import CORE, SPECVERSION, assemble, bad_name, is_name
from contracts.bindings.media_type import MediaType
from contracts.cloudevent import CloudEvent, JsonValue
from contracts.json_path import member
from contracts.refusal import Refusal, Violation
from contracts.text import Text
from contracts.timestamps import timestamp

_INT32 = 2**31

_NOT_OBJECT = Text("消息不是 JSON 对象", "The message is not a JSON object")
_STRING_EXPECTED = Text("字符串", "a string")
_SCALAR_EXPECTED = Text("字符串、布尔值或 32 位整数", "a string, a boolean or a 32-bit integer")
_TYPE_REMEDY = Text("改正属性值的类型", "Correct the type of the value")
_BASE64_EXPECTED = Text("标准 Base64 文本（RFC 4648 第 4 节）", "standard Base64 (RFC 4648 section 4)")
_BASE64_REMEDY = Text("重新编码二进制数据，不要换行", "Encode the binary data again, without line breaks")
_ONE_EXPECTED = Text("data 与 data_base64 只能有一个", "either data or data_base64")
_ONE_REMEDY = Text("删除其中一个", "Remove one of them")
_TEXT_EXPECTED = Text("与 datacontenttype 相符的数据：字符串", "data that fits datacontenttype: a string")
_TEXT_REMEDY = Text("改用 data_base64，或改正 datacontenttype", "Use data_base64 or correct datacontenttype")
_CHARSET = Text("data 的字符编码只能是 UTF-8", "The charset of data must be UTF-8")
_DATA_INVALID = Text("消息的数据与信封不符", "The data does not fit the envelope")


def read(value: JsonValue) -> CloudEvent | Refusal:
    """The event a parsed JSON object describes. Every wrong attribute is reported at once, under its JSON path."""
    if not isinstance(value, dict):
        return Refusal("E_JSON_MALFORMED", _NOT_OBJECT)
    attributes: dict[str, str | None] = {}
    violations: list[Violation] = []
    for name, item in value.items():
        if name in {"data", "data_base64"} or item is None:
            continue
        if not is_name(name):
            violations.append(bad_name(_where(name)))
            continue
        text = item if type(item) is str else _text(name, item)
        if text is None:
            expected = _STRING_EXPECTED if name in CORE else _SCALAR_EXPECTED
            violations.append(Violation("E_ATTRIBUTE_INVALID", _where(name), expected, _TYPE_REMEDY))
        attributes[name] = text
    if value.get("data") is not None and value.get("data_base64") is not None:
        violations.append(Violation("E_ATTRIBUTE_INVALID", "$.data_base64", _ONE_EXPECTED, _ONE_REMEDY))
    return assemble(attributes, violations, _where, lambda content: _data(value, content))


def _where(name: str) -> str:
    return member("$", name)


def _text(name: str, item: JsonValue) -> str | None:
    """The string form of an extension of type Boolean or Integer (section 3.1 of the specification)."""
    if name in CORE:
        return None
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, int) and -_INT32 <= item < _INT32:
        return str(item)
    return None


def _data(value: Mapping[str, JsonValue], content: MediaType) -> JsonValue | bytes | Refusal:
    encoded = value.get("data_base64")
    if encoded is not None:
        return _decoded(encoded, content)
    data = value.get("data")
    if content.is_json or data is None:
        return data
    if not isinstance(data, str):
        return _invalid("$.data", _TEXT_EXPECTED, _TEXT_REMEDY)
    if content.charset is not None:
        return Refusal("E_ENCODING", _CHARSET)
    return data.encode()


def _decoded(encoded: JsonValue, content: MediaType) -> JsonValue | bytes | Refusal:
    if not isinstance(encoded, str):
        return _invalid("$.data_base64", _BASE64_EXPECTED, _BASE64_REMEDY)
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return _invalid("$.data_base64", _BASE64_EXPECTED, _BASE64_REMEDY)
    return read_content(data, content)


def read_content(data: bytes, content: MediaType) -> JsonValue | bytes | Refusal:
    """The data of an event from its bytes: parsed when the content type says JSON, as it is otherwise."""
    if not content.is_json:
        return data
    if content.charset is not None:
        return Refusal("E_ENCODING", _CHARSET)
    return strict_json.parse(data) if data else None


def _invalid(path: str, expected: Text, remedy: Text) -> Refusal:
    return Refusal("E_ATTRIBUTE_INVALID", _DATA_INVALID, (Violation("E_ATTRIBUTE_INVALID", path, expected, remedy),))


def attributes_of(event: CloudEvent) -> dict[str, str]:
    """Every attribute of an event in its string form, extensions last; ``datacontenttype`` included."""
    attributes = {"specversion": SPECVERSION, "id": event.id, "source": event.source, "type": event.type}
    if event.subject is not None:
        attributes["subject"] = event.subject
    if event.dataschema is not None:
        attributes["dataschema"] = event.dataschema
    if event.time is not None:
        attributes["time"] = timestamp(event.time)
    attributes["datacontenttype"] = event.datacontenttype
    attributes.update(event.extensions)
    return attributes


def write(event: CloudEvent) -> dict[str, JsonValue]:
    """The JSON object of an event. Bytes go into ``data_base64``; absent data leaves no member."""
    value: dict[str, JsonValue] = dict(attributes_of(event))
    if isinstance(event.data, bytes):
        value["data_base64"] = base64.b64encode(event.data).decode()
    elif event.data is not None:
        value["data"] = event.data
    return value


def write_content(event: CloudEvent) -> bytes:
    """The data of an event as bytes: canonical JSON, or the bytes as they are; empty when there is none."""
    if isinstance(event.data, bytes):
        return event.data
    return b"" if event.data is None else strict_json.canonical(event.data)
