# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Columns and fields in JSON: what a database or a message of named texts holds, read as texts and nothing else."""

from contracts import strict_json
from contracts.cloudevent import JsonValue
from contracts.json_path import member
from contracts.refusal import Refusal, Violation
from contracts.text import Text

_INVALID = Text("报文的结构不符合方言", "The message does not have the structure of its dialect")
_VALUE = Text("文字、整数或 null", "a text, a whole number or null")
_AS_TEXT = Text(
    "写成文字；时间与小数按映射约定的写法", "Write it as a text; times and decimals in the form the map says"
)


def parsed(body: bytes) -> dict[str, JsonValue] | Refusal:
    """The object that a JSON text is."""
    value = strict_json.parse(body)
    if isinstance(value, Refusal):
        return value
    if not isinstance(value, dict):
        return misshapen("$", Text("一个 JSON 对象", "a JSON object"))
    return value


def misshapen(path: str, expected: Text) -> Refusal:
    """The refusal of a message that is built otherwise."""
    remedy = Text("按方言的结构生成报文", "Build the message as the dialect has it")
    return Refusal("E_DIALECT_INVALID", _INVALID, (Violation("E_V_TYPE", path, expected, remedy),))


def texts(values: dict[str, JsonValue], path: str) -> dict[str, str] | Refusal:
    """The fields that say something. A whole number is the text of its digits, null is nothing."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, str):
            found[name] = value
        elif isinstance(value, int) and not isinstance(value, bool):
            found[name] = str(value)
        elif value is not None:
            violation = Violation("E_V_TYPE", member(path, name), _VALUE, _AS_TEXT)
            return Refusal("E_DIALECT_INVALID", _INVALID, (violation,))
    return found
