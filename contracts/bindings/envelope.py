# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From attribute strings to a CloudEvent: the rules of CloudEvents 1.0.2 section 3, every broken one at once.

The bindings differ in where the strings stand and how the data is written; what the strings must be is decided here.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from contracts.bindings import media_type
from contracts.bindings.media_type import MediaType
from contracts.cloudevent import CloudEvent, JsonValue
from contracts.refusal import Refusal, Violation
from contracts.text import Text
from contracts.timestamps import parse_timestamp

SPECVERSION = "1.0"
MAX_EXTENSIONS = 64
_MAX_VALUE = 2048

_ATTRIBUTE_NAME = re.compile(r"[a-z0-9]{1,64}")
_NONCHARACTERS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
# Control characters, surrogates and noncharacters: what the type String of the specification excludes.
_FORBIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
_URI_REFERENCE = re.compile(r"(?:[!#$&-;=?-Z\[\]_a-z~]|%[0-9A-Fa-f]{2})+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.")

_DETAIL = Text("消息信封有 {count} 处不符合 CloudEvents 1.0", "The envelope breaks CloudEvents 1.0 in {count} place(s)")


class _Rule(NamedTuple):
    longest: int
    form: Callable[[str], bool]
    expected: Text
    remedy: Text


def _any(_: str) -> bool:
    return True


def _uri_reference(value: str) -> bool:
    return bool(_URI_REFERENCE.fullmatch(value))


def _absolute_uri(value: str) -> bool:
    return bool(_SCHEME.match(value) and _URI_REFERENCE.fullmatch(value))


def _is_timestamp(value: str) -> bool:
    return parse_timestamp(value) is not None


def _is_media_type(value: str) -> bool:
    return media_type.parse(value) is not None


def _plain(longest: int) -> _Rule:
    return _Rule(
        longest,
        _any,
        Text(f"1 至 {longest} 个字符，不含控制字符", f"1 to {longest} characters without control characters"),
        Text("改正该属性的值", "Correct the value of this attribute"),
    )


_TIMESTAMP = _Rule(
    64,
    _is_timestamp,
    Text(
        "RFC 3339 时间，含时区，如 2026-03-02T09:05:00+08:00",
        "an RFC 3339 time with offset, as 2026-03-02T09:05:00+08:00",
    ),
    Text("写出完整的日期、时间与时区", "Write date, time and offset in full"),
)
_RULES: Mapping[str, _Rule] = {
    "id": _plain(256),
    "source": _Rule(
        512,
        _uri_reference,
        Text("非空的 URI 引用（RFC 3986）", "a non-empty URI reference (RFC 3986)"),
        Text(
            "填写本系统登记的标识，非 ASCII 字符用百分号编码", "Use your registered identity; percent-encode non-ASCII"
        ),
    ),
    "type": _plain(128),
    "subject": _plain(128),
    "dataschema": _Rule(
        512,
        _absolute_uri,
        Text("绝对 URI，如 urn:govhub:contract:…", "an absolute URI such as urn:govhub:contract:…"),
        Text("填写契约目录中给出的 dataschema", "Use the dataschema the catalogue of contracts gives"),
    ),
    "datacontenttype": _Rule(
        256,
        _is_media_type,
        Text("媒体类型，如 application/json", "a media type such as application/json"),
        Text("填写数据的媒体类型", "Give the media type of the data"),
    ),
    "time": _TIMESTAMP,
    "expirytime": _TIMESTAMP,
}
_EXTENSION = _plain(_MAX_VALUE)
_REQUIRED = ("id", "source", "type")

_NAME_EXPECTED = Text("属性名只含小写字母与数字", "an attribute name of lower-case letters and digits")
_NAME_REMEDY = Text("改名或删除该属性", "Rename or remove the attribute")
_MISSING_EXPECTED = Text("必填属性 {name}", "the required attribute {name}")
_MISSING_REMEDY = Text("补上属性 {name}", "Add the attribute {name}")
_VERSION_EXPECTED = Text("specversion 为 1.0", "specversion 1.0")
_VERSION_REMEDY = Text("按 CloudEvents 1.0 发送", "Send according to CloudEvents 1.0")
_MANY_EXPECTED = Text(f"最多 {MAX_EXTENSIONS} 个扩展属性", f"at most {MAX_EXTENSIONS} extension attributes")
_MANY_REMEDY = Text("减少扩展属性", "Send fewer extension attributes")

_RECURRENT = frozenset({"source", "type", "dataschema", "datacontenttype"})
"""Their values are few and come again, and none of them is personal."""
_REMEMBERED = 1024

CORE = frozenset({"id", "source", "type", "subject", "dataschema", "datacontenttype", "time", "specversion"})


def is_name(name: str) -> bool:
    """Whether an attribute may have this name: lower-case letters and digits, and not ``data``."""
    return _ATTRIBUTE_NAME.fullmatch(name) is not None and name != "data"


def bad_name(path: str) -> Violation:
    """The violation of a name that no attribute may have."""
    return Violation("E_ATTRIBUTE_INVALID", path, _NAME_EXPECTED, _NAME_REMEDY)


def refuse(violations: list[Violation]) -> Refusal:
    """One refusal for all broken rules of an envelope; the code names the gravest kind."""
    codes = {violation.code for violation in violations}
    code = next(code for code in ("E_SPECVERSION", "E_ATTRIBUTE_INVALID", "E_ATTRIBUTE_MISSING") if code in codes)
    return Refusal(code, _DETAIL.filled(count=len(violations)), tuple(violations))


def assemble(
    found: Mapping[str, str | None],
    violations: list[Violation],
    where: Callable[[str], str],
    data: Callable[[MediaType], JsonValue | bytes | Refusal],
) -> CloudEvent | Refusal:
    """The event of these attributes, or everything that is wrong with them.

    An attribute that is None was sent, but as nothing that can be a string; the binding has reported it in
    ``violations``, and it is neither missing nor judged again. ``where`` gives the path of an attribute as sent;
    ``data`` reads the data once the envelope is known to be right, given its media type.
    """
    broken = [*violations, *_check(found, where)]
    if broken:
        return refuse(broken)
    attributes = {name: value for name, value in found.items() if value is not None}
    written = attributes.get("datacontenttype")
    content = (media_type.parse(written) if written else None) or media_type.JSON
    value = data(content)
    if isinstance(value, Refusal):
        return value
    time = attributes.get("time")
    return CloudEvent(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        subject=attributes.get("subject"),
        dataschema=attributes.get("dataschema"),
        datacontenttype=content.text,
        time=_moment(time),
        extensions={name: value for name, value in attributes.items() if name not in CORE},
        data=value,
    )


def _moment(time: str | None) -> datetime | None:
    return parse_timestamp(time) if time is not None else None


def _check(attributes: Mapping[str, str | None], where: Callable[[str], str]) -> list[Violation]:
    found = []
    version = attributes.get("specversion")
    if version is not None and version != SPECVERSION:
        found.append(Violation("E_SPECVERSION", where("specversion"), _VERSION_EXPECTED, _VERSION_REMEDY))
    for name in ("specversion", *_REQUIRED):
        if name not in attributes:
            expected, remedy = _MISSING_EXPECTED.filled(name=name), _MISSING_REMEDY.filled(name=name)
            found.append(Violation("E_ATTRIBUTE_MISSING", where(name), expected, remedy))
    for name, value in attributes.items():
        if name not in _RULES and not is_name(name):
            found.append(bad_name(where(name)))
            continue
        if value is not None and not (_recurrent if name in _RECURRENT else _fits)(name, value):
            rule = _RULES.get(name, _EXTENSION)
            found.append(Violation("E_ATTRIBUTE_INVALID", where(name), rule.expected, rule.remedy))
    if len(attributes) > MAX_EXTENSIONS + len(CORE):
        found.append(Violation("E_ATTRIBUTE_INVALID", "$", _MANY_EXPECTED, _MANY_REMEDY))
    return found


@lru_cache(_REMEMBERED)
def _recurrent(name: str, value: str) -> bool:
    return _fits(name, value)


def _fits(name: str, value: str) -> bool:
    rule = _RULES.get(name, _EXTENSION)
    if not value:
        return name not in _RULES
    plain = value.isascii() and value.isprintable()  # nearly all are, and then nothing forbidden is in them
    return len(value) <= rule.longest and (plain or not _FORBIDDEN.search(value)) and rule.form(value)
