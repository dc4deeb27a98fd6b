# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From a document to a record: a message's plan made into functions once, then called for every document."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, assert_never

from contracts.cloudevent import JsonValue
from contracts.conversion import Loss, Record
from contracts.dialects.document import Cell, Fields
from contracts.json_path import member
from contracts.mapping.formats import Misfit
from contracts.mapping.places import Put, getter, putter, remover
from contracts.mapping.plan import Constant, Each, Group, Item, Leaf, Message, Source
from contracts.refusal import Violation
from contracts.text import Text

MOST = 100
"""Violations of one document beyond this number are not collected."""

_REQUIRED = Text("必填", "required")
_FILL = Text("填写该字段", "Fill in this field")
_ONE_TEXT = Text("一个文字值", "one text")
_ONE_GROUP = Text("一组字段", "one group of fields")
_RESHAPE = Text("改正结构", "Correct the structure")
_KNOWN = Text("该映射列出的字段", "a field that the map lists")
_REMOVE = Text("删除该字段，或在映射的 ignored 中声明", "Remove the field, or declare it in the map under 'ignored'")
_IGNORED = Text("契约没有这一字段", "The contract has no such field")
_SAME = Text("与主记录一致", "the same as in the main record")
_CHECK = Text("核对主记录与子记录", "Compare the main record with this one")


class Reading:
    """What one read has found so far. ``at`` is the path of the fields at hand, in the dialect's document."""

    __slots__ = ("at", "later", "losses", "supplied", "violations")

    def __init__(self) -> None:
        self.at = "$"
        self.losses: list[Loss] = []
        self.violations: list[Violation] = []
        self.supplied: dict[str, JsonValue] = {}
        self.later: list[tuple[str, Source, JsonValue]] = []

    def violate(self, code: str, name: str, expected: Text, remedy: Text) -> None:
        """Note one thing wrong with the field of this name."""
        if len(self.violations) < MOST:
            self.violations.append(Violation(code, f"{self.at}.{name}", expected, remedy))


Reader: TypeAlias = Callable[[Fields, Record, Reading], None]


def reader(message: Message) -> Reader:
    """Reads a document of this name. It never raises, whatever the document."""
    items = _all(message.items, message.ignored, "")
    assumed = [(_top(path), value) for path, value in message.assumed.items()]
    puts = [(getter(source), putter(source), value) for source, value in assumed]

    def read(fields: Fields, record: Record, report: Reading) -> None:
        items(fields, record, report)
        for place, source, value in report.later:
            if getter(source)(record) != value:
                report.violations.append(Violation("E_V_RULE", place, _SAME, _CHECK))
        for get, put, value in puts:
            if get(record) is None:
                put(record, value)

    return read


def _top(path: str) -> Source:
    return Source(tuple(path.split(".")), f"$.data.{path}")


def _all(items: Sequence[Item], ignored: frozenset[str], prefix: str) -> Reader:
    readers = [one for item in items if (one := _item(item, ignored, prefix)) is not None]
    taken = _taken(items)
    silent = {item.name for item in items} - taken
    passed = {name.removeprefix(prefix) for name in ignored if name.startswith(prefix)} | (
        silent - _told_elsewhere(items)
    )
    known = taken | silent | passed
    repeats = [
        (getter(item.source), getter(item.otherwise), remover(item.source))
        for item in items
        if isinstance(item, Leaf) and item.reads and item.otherwise is not None
    ]

    def read(fields: Fields, record: Record, report: Reading) -> None:
        for one in readers:
            one(fields, record, report)
        for get, other, remove in repeats:
            if (value := get(record)) is not None and value == other(record):
                remove(record)
        if not taken.issuperset(fields):
            _surplus(fields, known, passed, report)

    return read


def _taken(items: Iterable[Item]) -> set[str]:
    """Names whose content is read, or says nothing that could be lost."""
    return {item.name for item in items if isinstance(item, Group) or (not isinstance(item, Constant) and item.reads)}


def _told_elsewhere(items: Iterable[Item]) -> set[str]:
    """Names that are only written because another field reads the same fact, and constants."""
    leaves = [item for item in items if isinstance(item, Leaf)]
    read = {leaf.source.path for leaf in leaves if leaf.reads}
    constants = {item.name for item in items if isinstance(item, Constant)}
    return constants | {leaf.name for leaf in leaves if not leaf.reads and leaf.source.path in read}


def _surplus(fields: Fields, known: set[str], passed: set[str], report: Reading) -> None:
    for name, cell in fields.items():
        if name not in known:
            if len(report.violations) < MOST:
                path = member(report.at, name)
                report.violations.append(Violation("E_V_UNKNOWN_FIELD", path, _KNOWN, _REMOVE))
        elif name in passed and cell:
            report.losses.append(Loss(f"{report.at}.{name}", _IGNORED))


def _item(item: Item, ignored: frozenset[str], prefix: str) -> Reader | None:
    match item:
        case Leaf():
            return _leaf(item) if item.reads else None
        case Constant():
            return None
        case Group():
            return _group(item, ignored, f"{prefix}{item.name}.")
        case Each():
            return _each(item, ignored, f"{prefix}{item.name}.") if item.reads else None
        case _:
            assert_never(item)


def _leaf(leaf: Leaf) -> Reader:
    name, required, absent = leaf.name, leaf.required, leaf.absent
    from_text = leaf.format.read if leaf.format is not None else None
    keep = _keeper(leaf)

    def read(fields: Fields, record: Record, report: Reading) -> None:
        cell = fields.get(name)
        if not cell or cell == absent:
            if required and not cell:
                report.violate("E_V_MISSING", name, _REQUIRED, _FILL)
            return
        if cell.__class__ is not str:
            report.violate("E_V_TYPE", name, _ONE_TEXT, _RESHAPE)
            return
        value: Any = from_text(cell) if from_text is not None else cell
        if value.__class__ is Misfit:
            report.violate(value.code, name, value.expected, value.remedy)
            return
        keep(record, value, report)

    return read


_Keep: TypeAlias = Callable[[Record, Any, Reading], None]


def _keeper(leaf: Leaf) -> _Keep:
    """Where a value goes: into the record, beside it, or nowhere because the main record has it."""
    source = leaf.source
    if source.foreign:
        key = source.steps[1]
        if "[" in leaf.place:
            return lambda _record, _value, _report: None  # what the main record says counts
        return lambda _record, value, report: report.supplied.__setitem__(key, value)
    if "[" in leaf.place and source.from_top:
        name = leaf.name
        return lambda _record, value, report: report.later.append((f"{report.at}.{name}", source, value))
    put: Put = putter(source)
    return lambda record, value, _report: put(record, value)


def _group(group: Group, ignored: frozenset[str], prefix: str) -> Reader:
    inside, name = _all(group.items, ignored, prefix), group.name

    def read(fields: Fields, record: Record, report: Reading) -> None:
        cell = fields.get(name)
        if not cell:
            cell = {}
        if not isinstance(cell, Mapping):
            report.violate("E_V_TYPE", name, _ONE_GROUP, _RESHAPE)
            return
        around = report.at
        report.at = f"{around}.{name}"
        inside(cell, record, report)
        report.at = around

    return read


def _each(each: Each, ignored: frozenset[str], prefix: str) -> Reader:
    inside, put, name, always = _all(each.items, ignored, prefix), putter(each.source), each.name, each.always

    def read(fields: Fields, record: Record, report: Reading) -> None:
        cell = fields.get(name)
        if not cell:
            if always:
                put(record, [])
            return
        around = report.at
        elements: list[Record] = []
        for index, part in enumerate(_many(cell)):
            report.at = f"{around}.{name}[{index}]"
            one = part or {}  # because XML has an empty text for a group of nothing
            if not isinstance(one, Mapping):
                report.violations.append(Violation("E_V_TYPE", report.at, _ONE_GROUP, _RESHAPE))
                break
            element: Record = {}
            inside(one, element, report)
            elements.append(element)
        report.at = around
        put(record, elements)

    return read


def _many(cell: Cell) -> Sequence[object]:
    """A carrier cannot know that what stands there once might have been repeated."""
    return (cell,) if isinstance(cell, Mapping | str) else cell
