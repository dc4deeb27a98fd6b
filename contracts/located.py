# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Configuration read so that everything wrong with it can be said with file, line, column and remedy.

``read`` (or ``parse``) gives a :class:`Located` document, ``build`` makes a pydantic model of it; either gives faults
instead, never a traceback.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.fault import Fault, Position, UnsuitableError, dotted
from contracts.text import Text
from contracts.yaml_source import MAX_BYTES, Located, parse

__all__ = ["Fault", "Located", "Position", "UnsuitableError", "build", "nearest", "parse", "read"]

M = TypeVar("M", bound=BaseModel)


def read(path: Path) -> Located | Fault:
    """The YAML document in a UTF-8 file of at most 4 MB."""
    start = Position(str(path), 1, 1)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Fault("E_FILE_MISSING", "", start, *_MISSING_FILE)
    except IsADirectoryError:
        return Fault("E_FILE_DIRECTORY", "", start, *_DIRECTORY)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "invalid path"
        problem = Text(f"文件无法读取（{reason}）。", f"The file cannot be read: {reason}.")
        return Fault("E_FILE_UNREADABLE", "", start, problem, _UNREADABLE)
    try:
        text = content.decode() if len(content) <= MAX_BYTES else content.decode(errors="replace")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, line_start = before.count(b"\n") + 1, before.rfind(b"\n") + 1
        at = Position(str(path), line, len(before[line_start:].decode(errors="replace")) + 1)
        return Fault("E_FILE_ENCODING", "", at, *_ENCODING)
    return parse(text, str(path))


MOST = 200
"""Faults told of one file."""


def build(located: Located, model: type[M]) -> M | tuple[Fault, ...]:
    """The document as a ``model``, or every fault of it in the order of the file, :data:`MOST` of them at most.

    A validator of the model may raise :class:`UnsuitableError` to word its own fault.
    """
    try:
        return model.model_validate(located.value)
    except ValidationError as invalid:
        details = invalid.errors(include_url=False)
    faults: dict[tuple[str, str], Fault] = {}
    troubled = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    for detail in details:
        if len(faults) == MOST:
            break  # nobody mends more at a time, and guessing what was meant costs time for each
        if detail["type"] == "too_short" and detail["loc"] in troubled:
            continue  # pydantic counts only the items that are right
        fault = _fault(detail, located, model)
        faults.setdefault((fault.code, fault.path), fault)  # a union says the same once per member
    return tuple(sorted(faults.values(), key=lambda fault: (fault.at.line, fault.at.column)))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that somebody who wrote ``name`` most likely meant."""
    matches = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def _fault(detail: ErrorDetails, located: Located, model: type[BaseModel]) -> Fault:
    kind, context = detail["type"], detail.get("ctx", {})
    path = _in_document(detail["loc"], located)
    match kind:
        case "extra_forbidden":
            wanted = sorted(_keys(model, path[:-1]))
            return Fault("E_KEY_UNKNOWN", dotted(path), located.key_at(path), *_unknown_key(str(path[-1]), wanted))
        case "missing":
            path = (*path, str(detail["loc"][-1]))
            return Fault("E_KEY_MISSING", dotted(path), located.key_at(path[:-1]), *_missing_key(str(path[-1])))
        case "literal_error" | "enum":
            expected = str(context.get("expected", ""))
            return Fault("E_VALUE", dotted(path), located.at(path), *_not_one_of(expected))
        case "value_error" if isinstance(error := context.get("error"), UnsuitableError):
            return Fault("E_VALUE", dotted(path), located.at(path), error.problem, error.remedy)
    for prefix, wording in _TYPES.items():
        if kind.startswith(prefix) and kind.endswith(("_type", "_parsing", "_from_float")):
            return Fault("E_TYPE", dotted(path), located.at(path), *_wrong_type(wording))
    return Fault("E_VALUE", dotted(path), located.at(path), *_wrong_value(kind, detail["msg"], context))


def _in_document(loc: Iterable[str | int], located: Located) -> tuple[str | int, ...]:
    """The part of pydantic's location that stands in the file: without names of union members and missing keys."""
    path: tuple[str | int, ...] = ()
    place = located.root
    for step in loc:
        inner = place.children.get(step)
        if inner is not None:
            path, place = (*path, step), inner
    return path


def _keys(model: type[BaseModel], path: tuple[str | int, ...]) -> set[str]:
    """The keys that a mapping at ``path`` may have."""
    models = {model}
    for step in path:
        fields = [field for one in models for name, field in _fields(one) if name == step]
        if fields:
            models = {inner for field in fields for inner in _models(field)}
    return {name for one in models for name, _ in _fields(one)}


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        alias = field.validation_alias or field.alias
        yield (alias if isinstance(alias, str) else name), field.annotation


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _unknown_key(key: str, known: list[str]) -> tuple[Text, Text]:
    problem = Text(f"不认识的键“{key}”。", f"The key '{key}' is not known.")
    if (meant := nearest(key, known)) is not None:
        return problem, Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?")
    names = ", ".join(known)
    return problem, Text(f"此处可用：{names}。", f"Known here: {names}.")


def _missing_key(key: str) -> tuple[Text, Text]:
    return (
        Text(f"缺少必填的键“{key}”。", f"The required key '{key}' is missing."),
        Text(f"请在此处加上“{key}: …”。", f"Add '{key}: …' here."),
    )


def _not_one_of(expected: str) -> tuple[Text, Text]:
    return (
        Text("该值不在允许的范围内。", "The value is not one of those allowed."),
        Text(f"可用的值：{expected.replace(' or ', '、')}。", f"Write {expected}."),
    )


def _wrong_type(wanted: Text) -> tuple[Text, Text]:
    return (
        Text("类型不对。", "The value has the wrong type."),
        Text(f"应为{wanted.zh}。", f"Write {wanted.en}."),
    )


def _wrong_value(kind: str, said: str, context: Mapping[str, Any]) -> tuple[Text, Text]:
    if kind in _BOUNDS:
        sign, names = _BOUNDS[kind]
        bound = next((context[name] for name in names if name in context), "?")
        return (
            Text("该值超出允许的范围。", "The value is out of bounds."),
            Text(sign.zh.format(bound), sign.en.format(bound)),
        )
    said = said.removeprefix("Value error, ").rstrip(".")
    return (
        Text(f"该值不符合要求（{said}）。", f"The value does not fit: {said}."),
        Text("请按说明改正。", "Correct it as described."),
    )


_TYPES: Mapping[str, Text] = {
    "string": Text("文字（必要时加引号）", "a text (in quotes where needed)"),
    "int": Text("整数", "a whole number"),
    "float": Text("数字", "a number"),
    "decimal": Text("数字", "a number"),
    "bool": Text(" true 或 false", "true or false"),
    "list": Text("列表（每行以“- ”开头）", "a list (each line begins with '- ')"),
    "tuple": Text("列表（每行以“- ”开头）", "a list (each line begins with '- ')"),
    "set": Text("列表（每行以“- ”开头）", "a list (each line begins with '- ')"),
    "frozen_set": Text("列表（每行以“- ”开头）", "a list (each line begins with '- ')"),
    "dict": Text("键值对（键: 值）", "a mapping (key: value)"),
    "mapping": Text("键值对（键: 值）", "a mapping (key: value)"),
    "model": Text("键值对（键: 值）", "a mapping (key: value)"),
    "path": Text("文件路径", "a file path"),
    "url": Text("网址", "a URL"),
    "date": Text("日期时间", "a date or time"),
    "time": Text("时间或时长", "a time or duration"),
}
_BOUNDS: Mapping[str, tuple[Text, tuple[str, ...]]] = {
    "greater_than": (Text("应大于 {}。", "It must be greater than {}."), ("gt",)),
    "greater_than_equal": (Text("应不小于 {}。", "It must be at least {}."), ("ge",)),
    "less_than": (Text("应小于 {}。", "It must be less than {}."), ("lt",)),
    "less_than_equal": (Text("应不大于 {}。", "It must be at most {}."), ("le",)),
    "string_too_short": (Text("至少 {} 个字符。", "Its length must be at least {}."), ("min_length",)),
    "string_too_long": (Text("至多 {} 个字符。", "Its length must be at most {}."), ("max_length",)),
    "string_pattern_mismatch": (Text("应符合格式 {}。", "It must match {}."), ("pattern",)),
    "too_short": (Text("至少 {} 项。", "The list needs {} or more."), ("min_length",)),
    "too_long": (Text("至多 {} 项。", "The list may have {} or fewer."), ("max_length",)),
}
_MISSING_FILE = (
    Text("文件不存在。", "The file does not exist."),
    Text("请检查路径，或新建该文件。", "Check the path, or create the file."),
)
_DIRECTORY = (
    Text("这是一个目录，不是文件。", "This is a directory, not a file."),
    Text("请给出目录中的文件。", "Name the file inside it."),
)
_UNREADABLE = Text("请检查权限与路径。", "Check its permissions and path.")
_ENCODING = (
    Text("文件不是 UTF-8 编码。", "The file is not UTF-8."),
    Text("请另存为 UTF-8。", "Save it as UTF-8."),
)
