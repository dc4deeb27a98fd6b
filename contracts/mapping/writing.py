# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From a record to a document: a message's plan made into functions once, then called for every record."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from contracts.conversion import Loss
from contracts.dialects.document import Cell, Fields
from contracts.dialects.encoding import Encoding, Unencodable
from contracts.mapping.formats import Lossy, Misfit
from contracts.mapping.places import Get, filled, getter
from contracts.mapping.plan import ROW_ID, Constant, Each, Group, Item, Leaf, Limit, Message, Source
from contracts.refusal import Violation
from contracts.text import Text

_ABSENT = Text("该方言读回时视为没有", "It comes back as absent from this dialect")
_ASSUMED = Text("约定的值：该报文不写此项", "the agreed value, since this message does not write the field")
_NOT_HERE = Text("为该系统另选方言，或在站点映射中补上字段", "Choose another dialect, or add a field to the site's map")
_ONE_WAY = Text("该方言写出此项，但不读回", "The dialect writes it and does not read it back")
_LENT = Text("写入了另一项的内容，读回时成为此项", "Another value stands here and comes back as this one")
_DROPPED = Text("该方言没有这一字段", "The dialect has no such field")
_REQUIRED = Text("「{title}」：{place} 必填", "required by {place}")
_FILL = Text("补上该项；该方言不能缺少它", "Supply it; the dialect cannot do without")
_FITTING = Text("「{title}」（{place}）：{expected}", "{expected}, for {place}")
_CHARACTERS = Text("最多 {most} 个字符", "at most {most} characters")
_BYTES = Text("按 {encoding} 最多 {most} 字节", "at most {most} bytes of {encoding}")
_SHORTEN = Text("缩短内容", "Shorten it")
_ENCODABLE = Text(
    "{encoding} 能表示的字符；第 {index} 个字符 {character} 不能",
    "characters of {encoding}; character {index} is {character}",
)
_RESPELL = Text(
    "改用该编码有的字符，或为该系统改用 GB18030", "Use characters of that encoding, or give the system GB18030"
)


_EMPTY: tuple[object, ...] = (None, [])


class Writing:
    """What one write has found so far. ``top`` is the whole record, ``at`` the path of the element at hand, ``part`` its
    number (from 1).
    """

    __slots__ = ("at", "losses", "part", "top", "violations")

    def __init__(self, top: Mapping[str, Any]) -> None:
        self.top = top
        self.at = "$.data"
        self.part = 0
        self.losses: list[Loss] = []
        self.violations: list[Violation] = []

    def path(self, source: Source) -> str:
        """Where a source stands in this record."""
        return source.path if source.from_top else f"{self.at}{source.path}"


@dataclass(frozen=True, slots=True)
class Checks:
    """The encoding, and whether each text is held against it on its own: slower than all at once, but it tells which."""

    encoding: Encoding
    each: bool = False


Writer: TypeAlias = Callable[[Mapping[str, Any], dict[str, Cell], Writing], None]


def writer(message: Message) -> Writer:
    """Writes a record of the message's contract. It never raises on a record that satisfies it."""
    items = _whole(message)
    dropped = [(path, path if path.isidentifier() else None) for path in message.dropped]
    assumed = [
        (path, getter(Source(tuple(path.split(".")), f"$.data.{path}")), value)
        for path, value in message.assumed.items()
    ]

    def write(record: Mapping[str, Any], out: dict[str, Cell], report: Writing) -> None:
        items(record, out, report)
        for path, name in dropped:
            if name is None or name in record:
                report.losses.extend(Loss(at, _DROPPED) for at in filled(record, path))
        for path, get, value in assumed:
            if get(record) not in {None, value}:
                report.violations.append(Violation("E_V_CODE", f"$.data.{path}", _ASSUMED, _NOT_HERE))

    return write


def _whole(message: Message) -> Writer:
    """Every field; whether the encoding has their characters is asked once for all of them, and then once for each."""
    encoding = message.encoding
    quickly = _all(message.items, Checks(encoding))
    if encoding is Encoding.UTF_8:
        return quickly
    one_by_one = _all(message.items, Checks(encoding, each=True))

    def write(record: Mapping[str, Any], out: dict[str, Cell], report: Writing) -> None:
        quickly(record, out, report)
        if isinstance(encoding.encode("".join(_texts(out))), Unencodable):
            out.clear()
            report.losses.clear()
            report.violations.clear()
            one_by_one(record, out, report)

    return write


def _texts(fields: Fields) -> list[str]:
    texts: list[str] = []
    for cell in fields.values():
        if isinstance(cell, str):
            texts.append(cell)
        elif isinstance(cell, Mapping):
            texts += _texts(cell)
        else:
            for group in cell:
                texts += _texts(group)
    return texts


def _all(items: Iterable[Item], checks: Checks) -> Writer:
    writers = [_item(item, checks) for item in items if not isinstance(item, Leaf | Each) or item.writes]

    def write(record: Mapping[str, Any], out: dict[str, Cell], report: Writing) -> None:
        for one in writers:
            one(record, out, report)

    return write


def _item(item: Item, checks: Checks) -> Writer:
    match item:
        case Leaf():
            return _plain(item) if _is_plain(item, checks) else _leaf(item, checks)
        case Constant(name, text):
            return lambda _record, out, _report: out.__setitem__(name, text)
        case Group():
            return _group(item, checks)
        case Each():
            return _each(item, checks)
        case _:
            assert_never(item)


def _is_plain(leaf: Leaf, checks: Checks) -> bool:
    special = (
        leaf.format,
        leaf.limit,
        leaf.absent,
        leaf.otherwise,
        leaf.source.steps == ROW_ID or leaf.one_way or None,
    )
    return (
        not checks.each and leaf.source.from_top and not leaf.required and not any(one is not None for one in special)
    )


def _plain(leaf: Leaf) -> Writer:
    """A text carried as it is: most fields of most dialects."""
    name, get = leaf.name, getter(leaf.source)

    def write(_record: Mapping[str, Any], out: dict[str, Cell], report: Writing) -> None:
        if (value := get(report.top)) is not None:
            out[name] = value

    return write


def _leaf(leaf: Leaf, checks: Checks) -> Writer:
    get, from_top, name = getter(leaf.source), leaf.source.from_top, leaf.name
    to_text = leaf.format.write if leaf.format is not None else None
    nothing, fits = _nothing(leaf), _fits(leaf, checks)
    otherwise = getter(leaf.otherwise) if leaf.otherwise is not None else None
    numbered = "[" in leaf.place and leaf.source.steps == ROW_ID  # a row of a child table needs an id of its own

    def write(record: Mapping[str, Any], out: dict[str, Cell], report: Writing) -> None:
        told = report.top if from_top else record
        value = get(told)
        filled = False
        if otherwise is not None:
            filled, value = value is None, _other(value, otherwise(told), leaf, report)
        if not value and value in _EMPTY:
            nothing(out, report)
            return
        text = to_text(value) if to_text is not None else value
        if text.__class__ is not str:
            text = text.text if filled and isinstance(text, Lossy) else _troubled(text, leaf, report)
        if numbered:
            text = f"{text}-{report.part}"
        if text is not None and (fits is None or fits(text, report)):
            out[name] = text
            if filled and leaf.lent:
                report.losses.append(Loss(report.path(leaf.source), _LENT))
            elif leaf.one_way and not filled:
                report.losses.append(Loss(report.path(leaf.source), _ONE_WAY))

    return write


def _other(value: Any, other: Any, leaf: Leaf, report: Writing) -> Any:
    assert leaf.otherwise is not None, "only a leaf with another source comes here"
    if value is not None and value == other and not leaf.otherwise.foreign:
        report.losses.append(Loss(report.path(leaf.source), _ABSENT))
    return other if value is None else value


def _nothing(leaf: Leaf) -> Callable[[dict[str, Cell], Writing], None]:
    """What is written when the record says nothing here."""
    named = {"title": leaf.source.title, "place": leaf.place}

    def say(out: dict[str, Cell], report: Writing) -> None:
        if leaf.absent is not None:
            out[leaf.name] = leaf.absent
        elif leaf.required:
            path = report.path(leaf.source)
            report.violations.append(Violation("E_V_MISSING", path, _REQUIRED.filled(**named), _FILL))

    return say


def _troubled(said: Any, leaf: Leaf, report: Writing) -> str | None:
    path = report.path(leaf.source)
    if isinstance(said, Lossy):
        report.losses.append(Loss(path, said.why))
        return said.text
    assert isinstance(said, Misfit)
    report.violations.append(Violation(said.code, path, _about(leaf, said.expected), said.remedy))
    return None


def _about(leaf: Leaf, expected: Text) -> Text:
    title, place = leaf.source.title, leaf.place
    return Text(
        _FITTING.zh.format(title=title, place=place, expected=expected.zh),
        _FITTING.en.format(expected=expected.en, place=place),
    )


def _fits(leaf: Leaf, checks: Checks) -> Callable[[str, Writing], bool] | None:
    """Whether the encoding has every character and the field has room; None when neither can fail."""
    limit, absent = leaf.limit, leaf.absent
    encoding, narrow = checks.encoding, checks.each
    if not narrow and limit is None and absent is None:
        return None
    encodes = narrow or (limit is not None and limit.bytes)

    def fits(text: str, report: Writing) -> bool:
        size = len(text)
        if encodes:
            body = encoding.encode(text)
            if isinstance(body, Unencodable):
                report.violations.append(_unencodable(leaf, body, checks, report))
                return False
            size = len(body) if limit is not None and limit.bytes else size
        if limit is not None and size > limit.most:
            report.violations.append(_too_long(leaf, limit, checks, report))
            return False
        if text == absent:
            report.losses.append(Loss(report.path(leaf.source), _ABSENT))
        return True

    return fits


def _too_long(leaf: Leaf, limit: Limit, checks: Checks, report: Writing) -> Violation:
    text = (_BYTES if limit.bytes else _CHARACTERS).filled(most=limit.most, encoding=checks.encoding.value)
    return Violation("E_V_LENGTH", report.path(leaf.source), _about(leaf, text), _SHORTEN)


def _unencodable(leaf: Leaf, body: Unencodable, checks: Checks, report: Writing) -> Violation:
    text = _ENCODABLE.filled(encoding=checks.encoding.value, index=body.index + 1, character=body)
    return Violation("E_V_CHARACTER", report.path(leaf.source), _about(leaf, text), _RESPELL)


def _group(group: Group, checks: Checks) -> Writer:
    inside = _all(group.items, checks)

    def write(record: Mapping[str, Any], out: dict[str, Cell], report: Writing) -> None:
        fields: dict[str, Cell] = {}
        inside(record, fields, report)
        if fields:
            out[group.name] = fields

    return write


def _each(each: Each, checks: Checks) -> Writer:
    get: Get = getter(each.source)
    inside, source = _all(each.items, checks), each.source

    def write(record: Mapping[str, Any], out: dict[str, Cell], report: Writing) -> None:
        elements = get(report.top if source.from_top else record)
        if not elements:
            return
        around, path = report.at, report.path(source)
        many: list[dict[str, Cell]] = []
        for index, element in enumerate(elements):
            report.at, report.part = f"{path}[{index}]", index + 1
            fields: dict[str, Cell] = {}
            inside(element, fields, report)
            many.append(fields)
        report.at = around
        out[each.name] = many

    return write
