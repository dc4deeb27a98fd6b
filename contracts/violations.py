# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What pydantic found wrong, said to the sender: stable codes, JSON paths, both languages, and never a value."""

from collections.abc import Mapping
from enum import EnumType
from itertools import islice
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from contracts.codes import Code
from contracts.forms import FORMS
from contracts.json_path import located
from contracts.personal import nested
from contracts.refusal import Violation
from contracts.text import Text

MOST = 100
"""Violations of one message beyond this number are not listed."""

_FILL = Text("填写该字段", "Fill in this field")
_FILL_OR_OMIT = Text(
    "填写内容；可选字段没有内容时请省略", "Fill it in; leave an optional field out when there is nothing to say"
)
_SHORTEN = Text("缩短内容", "Shorten it")
_FLATTEN = Text("减少嵌套", "Nest it less deeply")
_RETYPE = Text("改正 JSON 类型", "Correct the JSON type")
_RECODE = Text("改用代码表中的值", "Use a value of the code list")
_REFORM = Text("按要求的格式填写", "Write it in the form expected")
_REMOVE = Text("删除该字段，或改正字段名", "Remove the field or correct its name")

_NO_FIELD = Text("契约中有的字段", "a field that the contract has")
_REQUIRED = Text("必填", "required")
_STRING = Text("字符串", "a string")
_INTEGER = Text("整数", "an integer")
_BOOLEAN = Text("布尔值 true 或 false", "a boolean, true or false")
_ARRAY = Text("数组", "an array")
_OBJECT = Text("对象", "an object")
_MOMENT = Text(
    "带时区的 RFC 3339 时间，如 2026-03-02T09:05:00+08:00", "an RFC 3339 time with offset, as 2026-03-02T09:05:00+08:00"
)
_DAY = Text("日期，如 2026-03-02", "a date such as 2026-03-02")
_MIN_CHARS = Text("至少 {min_length} 个字符", "at least {min_length} character(s)")
_MAX_CHARS = Text("最多 {max_length} 个字符", "at most {max_length} character(s)")
_MIN_ITEMS = Text("至少 {min_length} 项", "at least {min_length} element(s)")
_MAX_ITEMS = Text("最多 {max_length} 项", "at most {max_length} element(s)")
_AT_LEAST = Text("不小于 {ge}", "not less than {ge}")
_AT_MOST = Text("不大于 {le}", "not more than {le}")
_FITTING = Text("符合契约的值", "a value as the contract says")

_SAYINGS: Mapping[str, tuple[str, Text, Text]] = {
    "missing": ("E_V_MISSING", _REQUIRED, _FILL),
    "extra_forbidden": ("E_V_UNKNOWN_FIELD", _NO_FIELD, _REMOVE),
    "string_type": ("E_V_TYPE", _STRING, _RETYPE),
    "int_type": ("E_V_TYPE", _INTEGER, _RETYPE),
    "bool_type": ("E_V_TYPE", _BOOLEAN, _RETYPE),
    "tuple_type": ("E_V_TYPE", _ARRAY, _RETYPE),
    "model_type": ("E_V_TYPE", _OBJECT, _RETYPE),
    "dict_type": ("E_V_TYPE", _OBJECT, _RETYPE),
    "string_too_short": ("E_V_LENGTH", _MIN_CHARS, _FILL_OR_OMIT),
    "string_too_long": ("E_V_LENGTH", _MAX_CHARS, _SHORTEN),
    "too_short": ("E_V_LENGTH", _MIN_ITEMS, Text("补足内容", "Add what is missing")),
    "too_long": ("E_V_LENGTH", _MAX_ITEMS, Text("减少项数", "Send fewer elements")),
    "greater_than_equal": ("E_V_RANGE", _AT_LEAST, Text("改正数值", "Correct the number")),
    "less_than_equal": ("E_V_RANGE", _AT_MOST, Text("改正数值", "Correct the number")),
    "moment": ("E_V_FORMAT", _MOMENT, _REFORM),
    "moment_type": ("E_V_TYPE", _MOMENT, _RETYPE),
    "day": ("E_V_FORMAT", _DAY, _REFORM),
    "day_type": ("E_V_TYPE", _DAY, _RETYPE),
    "form_values": ("E_V_LENGTH", Text("最多 10000 个值", "at most 10,000 values"), _SHORTEN),
    "form_depth": ("E_V_LENGTH", Text("最多嵌套 16 层", "at most 16 levels of nesting"), _FLATTEN),
}


def violations_of(error: ValidationError, model: type[BaseModel]) -> tuple[Violation, ...]:
    """Every violation in the order of the fields, at most :data:`MOST`; paths begin with ``$.data``."""
    details = error.errors(include_url=False, include_input=False)
    # pydantic counts only the good elements, so one wrong element alone would also be reported as an array too short.
    judged = {(*loc[:at],) for loc in (detail["loc"] for detail in details) for at in _indices(loc)}
    real = (detail for detail in details if not (detail["type"] == "too_short" and detail["loc"] in judged))
    return tuple(_violation(detail, model) for detail in islice(real, MOST))


def _indices(location: tuple[str | int, ...]) -> list[int]:
    return [at for at, step in enumerate(location) if isinstance(step, int)]


def _violation(detail: ErrorDetails, model: type[BaseModel]) -> Violation:
    field = _field_at(model, detail["loc"])
    code, expected, remedy = _say(detail["type"], detail.get("ctx", {}), field)
    if field is not None and field.title:
        expected = Text(f"「{field.title}」：{expected.zh}", expected.en)
    return Violation(code, located("$.data", detail["loc"]), expected, remedy)


def _say(kind: str, context: Mapping[str, Any], field: FieldInfo | None) -> tuple[str, Text, Text]:
    match kind:
        case "enum":
            return "E_V_CODE", _values(field), _RECODE
        case "string_pattern_mismatch":
            return "E_V_FORMAT", FORMS.get(context["pattern"], _FITTING), _REFORM
        case _:
            code, expected, remedy = _SAYINGS.get(kind, ("E_V_FORMAT", _FITTING, _REFORM))
            return code, expected.filled(**context), remedy


def _field_at(model: type[BaseModel], location: tuple[str | int, ...]) -> FieldInfo | None:
    field: FieldInfo | None = None
    inside: type[BaseModel] | None = model
    for step in location:
        if isinstance(step, int):
            continue
        field = inside.model_fields.get(step) if inside is not None else None
        inside = nested(field.annotation)[0] if field is not None else None
    return field


def _values(field: FieldInfo | None) -> Text:
    codes = code_list(field.annotation) if field is not None else None
    if codes is None:
        return _FITTING
    return Text(
        "代码：" + "、".join(f"{code.value} {code.text.zh}" for code in codes),
        "one of " + ", ".join(f"{code.value} ({code.text.en})" for code in codes),
    )


def code_list(annotation: Any) -> type[Code] | None:
    """The code list inside a field's annotation, if any."""
    if isinstance(annotation, EnumType) and issubclass(annotation, Code):
        return annotation
    return next((found for found in map(code_list, get_args(annotation)) if found is not None), None)
