# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a form's schema found wrong, said to the sender: codes, paths and titles, both languages, and never a value."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contracts.item_forms.shape import Node, codes, field_at
from contracts.item_forms.validator import Breach
from contracts.json_path import located
from contracts.refusal import Violation
from contracts.text import Text

ROOT = "$.data.form.data"

_MOST_CODES = 30
_LONGEST_PATTERN = 200

_TYPES: Mapping[str, Text] = {
    "string": Text("字符串", "a string"),
    "integer": Text("整数", "an integer"),
    "number": Text("数", "a number"),
    "boolean": Text("布尔值 true 或 false", "a boolean, true or false"),
    "array": Text("数组", "an array"),
    "object": Text("对象", "an object"),
    "null": Text("null", "null"),
}
_FORMATS: Mapping[str, Text] = {
    "date": Text("日期，如 2026-03-02", "a date such as 2026-03-02"),
    "date-time": Text(
        "带时区的 RFC 3339 时间，如 2026-03-02T09:05:00+08:00",
        "an RFC 3339 time with offset, as 2026-03-02T09:05:00+08:00",
    ),
    "time": Text("带时区的时刻，如 09:05:00+08:00", "a time of day with offset, as 09:05:00+08:00"),
    "email": Text("电子邮箱", "an e-mail address"),
    "uri": Text("网址", "a URI"),
    "uuid": Text("UUID", "a UUID"),
    "ipv4": Text("IPv4 地址", "an IPv4 address"),
    "ipv6": Text("IPv6 地址", "an IPv6 address"),
}

_FILL = Text("填写该字段", "Fill in this field")
_FILL_OR_OMIT = Text(
    "填写内容；可选字段没有内容时请省略", "Fill it in; leave an optional field out when there is nothing to say"
)
_SHORTEN = Text("缩短内容", "Shorten it")
_RETYPE = Text("改正 JSON 类型", "Correct the JSON type")
_RECODE = Text("改用代码表中的值", "Use a value of the code list")
_REFORM = Text("按要求的格式填写", "Write it in the form expected")
_REMOVE = Text("删除该字段，或改正字段名", "Remove the field or correct its name")
_NUMBER = Text("改正数值", "Correct the number")
_MORE = Text("补足内容", "Add what is missing")
_FEWER = Text("减少项数", "Send fewer elements")
_MEND = Text("按该项规则改正", "Mend it as the rule says")

_REQUIRED = Text("必填", "required")
_NO_FIELD = Text("该表单中有的字段", "a field that the form has")
_RULE = Text("符合该表单的规则", "as the form's rule says")
_DISTINCT = Text("各项不重复", "elements that differ from each other")
_NOT_HERE = Text("此情形下不填", "left out in this case")


def violations(schema: Node, breach: Breach) -> Iterator[Violation]:
    """The breach in words; one violation for each member that is missing or too many."""
    match breach.keyword:
        case "required" | "dependentRequired":
            for name in breach.names:
                yield _violation(schema, (*breach.at, name), "E_V_MISSING", _REQUIRED, _FILL)
        case "additionalProperties":
            for name in breach.names:
                yield Violation("E_V_UNKNOWN_FIELD", located(ROOT, (*breach.at, name)), _NO_FIELD, _REMOVE)
        case "falseSchema":
            yield _violation(schema, breach.at, "E_V_UNKNOWN_FIELD", _NOT_HERE, _REMOVE)
        case keyword:
            node = _node(schema, breach.schema_path[:-1])
            code, expected, remedy = _say(keyword, node)
            yield _violation(schema, breach.at, code, expected, remedy)


def _violation(schema: Node, at: tuple[str | int, ...], code: str, expected: Text, remedy: Text) -> Violation:
    field = field_at(schema, at)
    title = field.get("title") if field is not None and at else None
    if isinstance(title, str) and title:
        expected = Text(f"「{title}」：{expected.zh}", expected.en)
    return Violation(code, located(ROOT, at), expected, remedy)


def _node(schema: Node, path: tuple[str | int, ...]) -> Mapping[str, Any]:
    """The subschema at this path; the engine tells paths with references already followed."""
    node: Any = schema
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return node if isinstance(node, dict) else {}


def _say(keyword: str, node: Mapping[str, Any]) -> tuple[str, Text, Text]:
    if (one := _SAYINGS.get(keyword)) is not None:
        code, say, remedy = one
        return code, say(node.get(keyword)), remedy
    rule = node.get("x-rule")
    if isinstance(rule, dict):
        return "E_V_RULE", Text(str(rule["zh"]), str(rule["en"])), _MEND
    match keyword:
        case "oneOf" | "anyOf" if (listed := codes(node)) is not None:
            return "E_V_CODE", _codes(listed), _RECODE
        case "enum":
            return "E_V_CODE", _codes({str(value): "" for value in node.get("enum", ())}), _RECODE
        case "const":
            return "E_V_CODE", _codes({str(node.get("const")): ""}), _RECODE
        case "uniqueItems":
            return "E_V_RULE", _DISTINCT, _MEND
        case _:
            return "E_V_RULE", _RULE, _MEND


def _types(named: Any) -> Text:
    said = [_TYPES[one] for one in (named if isinstance(named, list) else [named]) if one in _TYPES]
    return Text("或".join(one.zh for one in said), " or ".join(one.en for one in said))


def _codes(listed: Mapping[str, str]) -> Text:
    shown = list(listed.items())[:_MOST_CODES]
    more = len(listed) - len(shown)
    return Text(
        "代码：" + "、".join(f"{code} {title}".rstrip() for code, title in shown) + ("…" if more else ""),
        "one of " + ", ".join(code for code, _ in shown) + (f" and {more} more" if more else ""),
    )


def _form(pattern: Any) -> Text:
    shown = str(pattern)[:_LONGEST_PATTERN]
    return Text(f"符合 {shown}", f"text that matches {shown}")


def _number(zh: str, en: str) -> Callable[[Any], Text]:
    return lambda limit: Text(zh.format(limit), en.format(limit))


_SAYINGS: Mapping[str, tuple[str, Callable[[Any], Text], Text]] = {
    "type": ("E_V_TYPE", _types, _RETYPE),
    "format": ("E_V_FORMAT", lambda name: _FORMATS[name], _REFORM),
    "pattern": ("E_V_FORMAT", _form, _REFORM),
    "minLength": ("E_V_LENGTH", _number("至少 {} 个字符", "at least {} character(s)"), _FILL_OR_OMIT),
    "maxLength": ("E_V_LENGTH", _number("最多 {} 个字符", "at most {} character(s)"), _SHORTEN),
    "minItems": ("E_V_LENGTH", _number("至少 {} 项", "at least {} element(s)"), _MORE),
    "maxItems": ("E_V_LENGTH", _number("最多 {} 项", "at most {} element(s)"), _FEWER),
    "minProperties": ("E_V_LENGTH", _number("至少 {} 个字段", "at least {} field(s)"), _MORE),
    "maxProperties": ("E_V_LENGTH", _number("最多 {} 个字段", "at most {} field(s)"), _FEWER),
    "minimum": ("E_V_RANGE", _number("不小于 {}", "not less than {}"), _NUMBER),
    "maximum": ("E_V_RANGE", _number("不大于 {}", "not more than {}"), _NUMBER),
    "exclusiveMinimum": ("E_V_RANGE", _number("大于 {}", "more than {}"), _NUMBER),
    "exclusiveMaximum": ("E_V_RANGE", _number("小于 {}", "less than {}"), _NUMBER),
    "multipleOf": ("E_V_RANGE", _number("{} 的整数倍", "a multiple of {}"), _NUMBER),
}
