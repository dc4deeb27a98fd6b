# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The AMQP binding (CloudEvents 1.0.2, amqp-protocol-binding), in the form AMQP 0-9-1 can carry.

That binding is written for AMQP 1.0. Its application properties become the header table of 0-9-1, and its content-type
property the property of the same name.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from contracts.bindings import event_format, http, media_type
from contracts.bindings.envelope import assemble, bad_name
from contracts.cloudevent import CloudEvent
from contracts.json_path import member
from contracts.refusal import Refusal, Violation
from contracts.text import Text
from contracts.timestamps import timestamp

_PREFIX = "cloudEvents:"
_PREFIXES = (_PREFIX, "cloudEvents_", "ce-")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INT32 = 2**31

_NOT_EVENT = Text("消息不是 CloudEvents 消息", "The message is not a CloudEvent")
_BATCH = Text("AMQP 绑定没有批次模式", "The AMQP binding has no batched mode")
_VALUE_EXPECTED = Text("字符串、布尔值、整数或带时区的时间", "a string, a boolean, an integer or a time with offset")
_VALUE_REMEDY = Text("改正属性值的类型", "Correct the type of the value")
_TWICE_EXPECTED = Text("每个属性只出现一次", "each attribute once")
_TWICE_REMEDY = Text("只使用一种前缀", "Use one prefix")


def read(content_type: str | None, headers: Mapping[str, object], body: bytes) -> CloudEvent | Refusal:
    """The event of one AMQP message: structured by its content type, binary otherwise. Never raises.

    Header values may have any type of an AMQP table. Attributes may stand under ``cloudEvents:``, ``cloudEvents_`` or
    ``ce-``; the last is the prefix of the RabbitMQ binding that Knative describes, which some clients write.
    ``time`` may be an AMQP timestamp or a count of milliseconds since 1970, as some producers write it.
    """
    content = media_type.parse(content_type) if content_type else media_type.JSON
    if content is None:
        return Refusal("E_CONTENT_TYPE", _NOT_EVENT)
    if content.essence == http.BATCHED:
        return Refusal("E_CONTENT_TYPE", _BATCH)
    if content.essence == http.STRUCTURED:
        found = http.read({"content-type": content.text}, body, max_batch=1)
        return found if isinstance(found, Refusal) else found[0]
    attributes, violations = _attributes(headers)
    if content.essence.startswith("application/cloudevents") or not (attributes or violations):
        return Refusal("E_CONTENT_TYPE", _NOT_EVENT)
    attributes["datacontenttype"] = content.text
    return assemble(attributes, violations, _where, lambda known: event_format.read_content(body, known))


def write(event: CloudEvent) -> tuple[str, dict[str, str], bytes]:
    """Content type, headers and body of the event in binary mode."""
    attributes = event_format.attributes_of(event)
    content_type = attributes.pop("datacontenttype")
    headers = {f"{_PREFIX}{name}": value for name, value in attributes.items()}
    return content_type, headers, event_format.write_content(event)


def write_structured(event: CloudEvent) -> tuple[str, dict[str, str], bytes]:
    """Content type, headers (none) and body of the event in structured mode."""
    content_type, body = http.write_structured(event)
    return content_type, {}, body


def _attributes(headers: Mapping[str, object]) -> tuple[dict[str, str | None], list[Violation]]:
    attributes: dict[str, str | None] = {}
    violations: list[Violation] = []
    for header, value in headers.items():
        if header.startswith(_PREFIX):
            name = header[len(_PREFIX) :]
        elif (prefix := next((prefix for prefix in _PREFIXES if header.startswith(prefix)), None)) is not None:
            name = header.removeprefix(prefix)
        else:
            continue
        text = value if type(value) is str else _text(name, value)
        if name == "datacontenttype":
            violations.append(bad_name(member("$.headers", header)))
        elif name in attributes:
            violations.append(Violation("E_ATTRIBUTE_INVALID", _where(name), _TWICE_EXPECTED, _TWICE_REMEDY))
        else:
            if text is None:
                violations.append(Violation("E_ATTRIBUTE_INVALID", _where(name), _VALUE_EXPECTED, _VALUE_REMEDY))
            attributes[name] = text
    return attributes, violations


def _where(name: str) -> str:
    return "$.properties.content_type" if name == "datacontenttype" else member("$.headers", name)


def _text(name: str, value: object) -> str | None:
    """The string form of a value of an AMQP table; None when no attribute can have it."""
    match value:
        case str():
            return value
        case bytes():
            return _utf8(value)
        case bool():
            return "true" if value else "false"
        case int():
            return _number(name, value)
        case datetime() if value.tzinfo is not None:
            return timestamp(value)
    return None


def _utf8(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _number(name: str, value: int) -> str | None:
    if name not in {"time", "expirytime"}:
        return str(value) if -_INT32 <= value < _INT32 else None
    try:
        return timestamp(_EPOCH + timedelta(milliseconds=value))
    except OverflowError:
        return None
