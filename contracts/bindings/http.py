# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The HTTP binding (CloudEvents 1.0.2, http-protocol-binding): structured, batched and binary mode."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote_to_bytes

from contracts import strict_json
from contracts.bindings import event_format, media_type
from contracts.bindings.envelope import assemble, bad_name
from contracts.bindings.media_type import MediaType
from contracts.cloudevent import CloudEvent
from contracts.json_path import member
from contracts.refusal import Refusal, Violation
from contracts.text import Text

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
_PREFIX = "ce-"
_FAMILY = "application/cloudevents"

# Section 3.1.3.2: every printable ASCII character stands for itself, save space, double quote and percent.
_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")

_NOT_EVENT = Text("请求不是 CloudEvents 消息", "The request is not a CloudEvent")
_CHARSET = Text("结构化消息的字符编码只能是 UTF-8", "The charset of a structured message must be UTF-8")
_EMPTY_BATCH = Text("批次中没有消息", "The batch holds no message")
_NOT_ARRAY = Text("批次不是 JSON 数组", "The batch is not a JSON array")
_TOO_MANY = Text(
    "批次中有 {count} 条消息，最多 {limit} 条", "The batch holds {count} messages, at most {limit} are taken"
)
_HEADER_EXPECTED = Text("百分号编码的 UTF-8 文本", "percent-encoded UTF-8 text")
_HEADER_REMEDY = Text(
    "按 CloudEvents HTTP 绑定 3.1.3.2 编码头的值", "Encode the header as CloudEvents HTTP binding 3.1.3.2 says"
)


def read(headers: Mapping[str, str], body: bytes, *, max_batch: int) -> list[CloudEvent | Refusal] | Refusal:
    """The events of one request, in order, each read or refused by itself.

    ``headers`` have lower-case names. A single message gives a list of one. A :class:`Refusal` alone means that the
    request as a whole could not be read. Nothing here raises, whatever arrives.
    """
    content = media_type.parse(headers["content-type"]) if "content-type" in headers else media_type.JSON
    if content is None:
        return Refusal("E_CONTENT_TYPE", _NOT_EVENT)
    match content.essence:
        case "application/cloudevents+json":
            return _structured(content, body)
        case "application/cloudevents-batch+json":
            return _batched(content, body, max_batch)
        case essence if essence.startswith(_FAMILY):
            return Refusal("E_CONTENT_TYPE", _NOT_EVENT)
        case _:
            return _binary(headers, content, body)


def _structured(content: MediaType, body: bytes) -> list[CloudEvent | Refusal] | Refusal:
    if content.charset is not None:
        return Refusal("E_ENCODING", _CHARSET)
    # One level more than the data may have: the same message is taken or refused alike in every mode.
    value = strict_json.parse(body, depth=strict_json.MAX_DEPTH + 1)
    return value if isinstance(value, Refusal) else [event_format.read(value)]


def _batched(content: MediaType, body: bytes, max_batch: int) -> list[CloudEvent | Refusal] | Refusal:
    if content.charset is not None:
        return Refusal("E_ENCODING", _CHARSET)
    values = strict_json.parse(body, depth=strict_json.MAX_DEPTH + 2)
    if isinstance(values, Refusal):
        return values
    if not isinstance(values, list):
        return Refusal("E_JSON_MALFORMED", _NOT_ARRAY)
    if not values:
        return Refusal("E_BATCH_EMPTY", _EMPTY_BATCH)
    if len(values) > max_batch:
        return Refusal("E_BATCH_TOO_MANY", _TOO_MANY.filled(count=len(values), limit=max_batch))
    return [event_format.read(value) for value in values]


def _binary(headers: Mapping[str, str], content: MediaType, body: bytes) -> list[CloudEvent | Refusal] | Refusal:
    attributes: dict[str, str | None] = {}
    violations: list[Violation] = []
    for header, written in headers.items():
        if not header.startswith(_PREFIX):
            continue
        name = header.removeprefix(_PREFIX)
        value = _decode(written)
        if name == "datacontenttype":
            violations.append(bad_name(_where(name)))
            continue
        if value is None:
            violations.append(Violation("E_ATTRIBUTE_INVALID", _where(name), _HEADER_EXPECTED, _HEADER_REMEDY))
        attributes[name] = value
    if not attributes and not violations:
        return Refusal("E_CONTENT_TYPE", _NOT_EVENT)
    attributes["datacontenttype"] = content.text
    return [assemble(attributes, violations, _where, lambda known: event_format.read_content(body, known))]


def _where(name: str) -> str:
    return "$.headers.content-type" if name == "datacontenttype" else member("$.headers", f"{_PREFIX}{name}")


def _decode(written: str) -> str | None:
    """A header value as text (section 3.1.3.2), or None when it is not percent-encoded UTF-8."""
    if "%" not in written and written.isascii() and not written.startswith('"'):
        return written
    quoted = _QUOTED.fullmatch(written)
    if quoted:
        written = _ESCAPE.sub(r"\1", quoted[1])
    if _BROKEN_PERCENT.search(written):
        return None
    try:
        return unquote_to_bytes(written).decode()
    except UnicodeError:
        return None


def write_binary(event: CloudEvent) -> tuple[dict[str, str], bytes]:
    """Headers (lower-case names) and body of the event in binary mode."""
    attributes = event_format.attributes_of(event)
    headers = {"content-type": attributes.pop("datacontenttype")}
    headers.update((f"{_PREFIX}{name}", quote(value, safe=_SAFE)) for name, value in attributes.items())
    return headers, event_format.write_content(event)


def write_structured(event: CloudEvent) -> tuple[str, bytes]:
    """Content type and body of the event in structured mode."""
    return STRUCTURED, strict_json.canonical(event_format.write(event))


def write_batch(events: Sequence[CloudEvent]) -> tuple[str, bytes]:
    """Content type and body of several events in batched mode, in their order."""
    return BATCHED, strict_json.canonical([event_format.write(event) for event in events])
