# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""YAML text to values that know where they stand.

Scalars follow the core schema of YAML 1.2 (10.3), narrowed so that no code or name changes on the way in: ``no``,
``on``, ``12:30``, ``2026-01-01``, ``0510`` and ``1E5`` stay strings; only ``true``/``false``, ``null``/``~``, whole
numbers without a leading zero and decimals with a point become something else. Keys are always the string written.
Anchors, aliases, tags and further documents are refused, size, depth and number of values are bounded.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from contracts.fault import Fault, Position, dotted
from contracts.text import Text

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 32
MAX_VALUES = 400_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,63})")
_DECIMAL = re.compile(r"-?[0-9]{1,64}\.[0-9]{1,64}")
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where one value begins, where its key stands (if it has one), and the same for what is inside it."""

    value: tuple[int, int]
    key: tuple[int, int] | None = None
    children: Mapping[str | int, "Place"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Located:
    """A document: its plain value (dict, list, str, int, float, bool, None) and the place of everything in it."""

    value: Any
    file: str
    root: Place

    def at(self, path: Sequence[str | int]) -> Position:
        """Where the value at ``path`` begins; of what is not there, the nearest ancestor that is."""
        return Position(self.file, *self._place(path).value)

    def key_at(self, path: Sequence[str | int]) -> Position:
        """Where the key of ``path`` stands; for a list item, or what has no key, the same as :meth:`at`."""
        place = self._place(path)
        return Position(self.file, *(place.key or place.value))

    def below(self, path: Sequence[str | int], value: Any) -> "Located":
        """``value``, which stands at ``path``, as a document of its own that still knows its places."""
        return Located(value, self.file, self._place(path))

    def _place(self, path: Sequence[str | int]) -> Place:
        place = self.root
        for step in path:
            inner = place.children.get(step)
            if inner is None:
                break
            place = inner
        return place


def parse(text: str, file: str) -> Located | Fault:
    """The single document in ``text``; ``file`` is the name that faults carry. Never raises."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        return Fault("E_FILE_SIZE", "", Position(file, 1, 1), *_TOO_LARGE)
    text = text.removeprefix("\ufeff")
    if (unprintable := _UNPRINTABLE.search(text)) is not None:
        return Fault("E_YAML_CHARACTER", "", _position_of(text, unprintable.start(), file), *_CHARACTER)
    try:
        value, place = _Composer(text).document()
    except _Refused as refused:
        problem, remedy = _REFUSALS[refused.code]
        return Fault(refused.code, dotted(refused.path), Position(file, *refused.mark), problem, remedy)
    except yaml.YAMLError as error:
        return _syntax(error, file)
    return Located(value, file, place)


class _Refused(Exception):  # noqa: N818  # because it never leaves this module: it is how the composer stops midway
    def __init__(self, code: str, mark: tuple[int, int], path: tuple[str | int, ...]) -> None:
        super().__init__(code)
        self.code = code
        self.mark = mark
        self.path = path


class _Composer:
    """Builds values from parser events, so that what we refuse is refused before it costs anything."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._values = 0
        self._path: list[str | int] = []

    def document(self) -> tuple[Any, Place]:
        next(self._events)  # the stream's start
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise self._refused("E_YAML_EMPTY", start)
        content = self._node(next(self._events), None)
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._refused("E_YAML_DOCUMENTS", after)
        return content

    def _node(self, event: yaml.Event, key: tuple[int, int] | None) -> tuple[Any, Place]:
        self._admit(event)
        match event:
            case yaml.ScalarEvent():
                return self._scalar(event), Place(_mark(event), key)
            case yaml.SequenceStartEvent():
                return self._sequence(event, key)
            case _:
                return self._mapping(event, key)

    def _admit(self, event: yaml.Event) -> None:
        self._values += 1
        if getattr(event, "anchor", None) is not None:  # of a value, or the name of an alias
            raise self._refused("E_YAML_ANCHOR", event)
        if getattr(event, "tag", None) not in {None, "!", "tag:yaml.org,2002:str"}:
            raise self._refused("E_YAML_TAG", event)
        if self._values > MAX_VALUES or len(self._path) > MAX_DEPTH:
            raise self._refused("E_YAML_DEPTH", event)

    def _scalar(self, event: yaml.ScalarEvent) -> str | int | float | bool | None:
        text: str = event.value
        if event.style or event.tag is not None:  # quoted, block, or said to be a string
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text

    def _sequence(self, start: yaml.Event, key: tuple[int, int] | None) -> tuple[Any, Place]:
        values: list[Any] = []
        places: dict[str | int, Place] = {}
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._path.append(len(values))
            value, places[len(values)] = self._node(event, None)
            self._path.pop()
            values.append(value)
        return values, Place(_mark(start), key, places)

    def _mapping(self, start: yaml.Event, key: tuple[int, int] | None) -> tuple[Any, Place]:
        values: dict[str, Any] = {}
        places: dict[str | int, Place] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._admit(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refused("E_YAML_KEY", event)
            name: str = event.value
            self._path.append(name)
            if name in values:
                raise self._refused("E_YAML_DUPLICATE_KEY", event)
            values[name], places[name] = self._node(next(self._events), _mark(event))
            self._path.pop()
        return values, Place(_mark(start), key, places)

    def _refused(self, code: str, event: yaml.Event) -> _Refused:
        return _Refused(code, _mark(event), tuple(self._path))


def _mark(event: yaml.Event) -> tuple[int, int]:
    assert event.start_mark is not None, "events of a parser carry marks"
    return event.start_mark.line + 1, event.start_mark.column + 1


def _position_of(text: str, offset: int, file: str) -> Position:
    before = text[:offset]
    return Position(file, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def _syntax(error: yaml.YAMLError, file: str) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    at = Position(file, mark.line + 1, mark.column + 1) if mark is not None else Position(file, 1, 1)
    said = ", ".join(part for name in ("context", "problem") if (part := getattr(error, name, None))) or "unreadable"
    problem = Text(f"YAML 语法错误（{said}）。", f"This is not YAML: {said}.")
    remedy = next((remedy for sign, remedy in _HINTS if sign in said), _HINT)
    return Fault("E_YAML_SYNTAX", "", at, problem, remedy)


_HINT = Text(
    "请检查该处及上一行的缩进、冒号后的空格和引号。",
    "Check indentation, the space after colons and the quotes here and on the line above.",
)
_HINTS = (
    ("cannot start any token", Text(
        "缩进请用空格，不用制表符；以 @、` 或 % 开头的值请加引号。",
        "Indent with spaces, not tabs; put quotes around a value that begins with @, ` or %.",
    )),
    ("mapping values are not allowed", Text(
        "上一行可能缺引号或缩进不齐；含“: ”的文字请加引号。",
        "The line above may lack quotes or alignment; put quotes around text that contains ': '.",
    )),
    ("end of stream", Text("请补上缺失的引号或括号。", "Close the quote or bracket that was opened.")),
)  # fmt: skip
_TOO_LARGE = (
    Text("文件超过 4 MB。", "The file is larger than 4 MB."),
    Text("请拆分或精简。", "Split it or make it shorter."),
)
_CHARACTER = (
    Text("含有不允许的控制字符。", "There is a control character that text must not contain."),
    Text("请删除该字符，并以 UTF-8 文本保存。", "Delete it, and save the file as UTF-8 text."),
)
_REFUSALS: Mapping[str, tuple[Text, Text]] = {
    "E_YAML_EMPTY": (
        Text("文件为空。", "The file is empty."),
        Text("请写入内容，或改正文件路径。", "Write it, or correct the path of the file."),
    ),
    "E_YAML_DOCUMENTS": (
        Text("文件含有多个 YAML 文档。", "The file holds more than one YAML document."),
        Text("请去掉“---”分隔，只留一个文档。", "Keep one document: remove what follows the '---'."),
    ),
    "E_YAML_ANCHOR": (
        Text("不接受 YAML 锚点（&）与别名（*）。", "YAML anchors (&) and aliases (*) are not taken."),
        Text(
            "请写出完整的值；以 & 或 * 开头的文字请加引号。", "Write the value out; quote text that begins with & or *."
        ),
    ),
    "E_YAML_TAG": (
        Text("不接受 YAML 标签（!）。", "YAML tags (!) are not taken."),
        Text("请去掉标签；以 ! 开头的文字请加引号。", "Remove the tag; quote text that begins with !."),
    ),
    "E_YAML_DEPTH": (
        Text(
            "内容嵌套超过 32 层或超过 40 万个值。", "The file nests deeper than 32 levels or holds over 400,000 values."
        ),
        Text("请精简或拆分。", "Make it flatter, or split it."),
    ),
    "E_YAML_KEY": (
        Text("键必须是文字。", "A key must be a plain text."),
        Text("请把键写成文字，值写在冒号之后。", "Write the key as text and its value after the colon."),
    ),
    "E_YAML_DUPLICATE_KEY": (
        Text("同一个键写了两次。", "The same key stands twice."),
        Text("请只保留一个。", "Keep one of them."),
    ),
}
