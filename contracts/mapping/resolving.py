# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One field of a map held against the contract: where its value comes from, how it is written, what it may not exceed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.dialects.encoding import Encoding
from contracts.mapping.choosing import Choice
from contracts.mapping.context import CONTEXT
from contracts.mapping.faults import Faults, Path
from contracts.mapping.map_file import Carrier, FieldSpec, Unit
from contracts.mapping.plan import CONTEXT_KEY, Constant, Each, Group, Item, Leaf, Limit, Source
from contracts.mapping.shape import Kind, Shape
from contracts.text import Text
from contracts.xml.text import NAME as ELEMENT_NAME

_NAMES = {
    "xml": ELEMENT_NAME,
    "rows": re.compile(r"[^\W\d][\w$#]{0,127}"),
    "messages": re.compile(r"[^\W\d]\w{0,127}"),
}
_MEMBER = re.compile(r"(?P<array>[^\[\]]+)\[\*\]\.(?P<member>[^.\[\]]+)")
_WIDEST = {Encoding.GB2312: 2, Encoding.GB18030: 4, Encoding.UTF_8: 4}


def may_be_called(carrier: Carrier, name: str) -> bool:
    """Whether the carrier can have an element, a table, a column or a member of this name."""
    return _NAMES[carrier].fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a field stands: the shape its paths begin at, and what that is called."""

    shape: Shape
    top: bool = True
    place: str = ""
    base: str = ""
    writes: bool = True
    reads: bool = True


class FieldResolver:
    """Resolves the fields of one message. ``records`` are the shapes of its own record and of the earlier ones."""

    def __init__(
        self,
        records: Mapping[str, Shape],
        choice: Choice,
        faults: Faults,
        carrier: Carrier,
        encoding: Encoding,
        unit: Unit,
        suffix: str,
    ) -> None:
        self._records = records
        self._choice = choice
        self._faults = faults
        self._carrier: Carrier = carrier
        self._encoding = encoding
        self._unit: Unit = unit
        self._suffix = suffix
        self.covered: set[str] = set()
        self.read: dict[str, Path] = {}

    def items(self, fields: Mapping[str, FieldSpec | None], scope: Scope, at: Path) -> tuple[Item, ...]:
        """The fields that could be resolved; of the others the faults are noted."""
        return tuple(self._items(fields, scope, at))

    def _items(self, fields: Mapping[str, FieldSpec | None], scope: Scope, at: Path) -> Iterator[Item]:
        for name, spec in fields.items():
            if spec is None:
                continue  # a field that the site's own map takes out
            here = (*at, name)
            if not may_be_called(self._carrier, name):
                self._faults.add("E_MAP_NAME", here, *BAD_NAME, key=True)
            item = self._item(name, spec, scope, here)
            if item is not None:
                yield item

    def _item(self, name: str, spec: FieldSpec, scope: Scope, at: Path) -> Item | None:
        if spec.constant is not None:
            return Constant(name, spec.constant)
        if spec.fields is not None:
            return self._each(name, spec, scope, at) if spec.each is not None else self._group(name, spec, scope, at)
        return self._leaf(name, spec, scope, at)

    def _group(self, name: str, spec: FieldSpec, scope: Scope, at: Path) -> Group | None:
        if self._carrier != "xml":
            self._faults.add("E_MAP_NESTED", at, *_FLAT, key=True)
            return None
        place = f"{scope.place}{name}"
        inner = Scope(scope.shape, scope.top, f"{place}.", scope.base, scope.writes, scope.reads)
        return Group(name, place, self.items(spec.fields or {}, inner, (*at, "fields")))

    def _each(self, name: str, spec: FieldSpec, scope: Scope, at: Path) -> Each | None:
        if self._carrier == "messages" or (self._carrier == "rows" and scope.place):
            self._faults.add("E_MAP_NESTED", at, *_FLAT, key=True)
            return None
        name = f"{name}{self._suffix}" if self._carrier == "rows" else name
        found = self._source(spec.each or "", scope, (*at, "each"))
        if found is None:
            return None
        source, shape = found
        if shape.kind is not Kind.GROUPS:
            self._faults.add("E_MAP_EACH", (*at, "each"), *_NO_ARRAY)
            return None
        writes, reads = self._directions(spec, scope, source)
        place = f"{scope.place}{name}"
        told = f"{canonical(source, scope.base)}[*]."
        inner = Scope(shape, top=False, place=f"{place}[*].", base=told, writes=writes, reads=reads)
        items = self.items(spec.fields or {}, inner, (*at, "fields"))
        return Each(name, place, source, items, writes, reads, shape.required)

    def _leaf(self, name: str, spec: FieldSpec, scope: Scope, at: Path) -> Leaf | None:
        found = self._context(spec.context, at) if spec.context is not None else self._path(spec, scope, at)
        if found is None:
            return None
        source, shape = found
        writes, reads = self._directions(spec, scope, source)
        way = self._choice.format(spec, shape, at, reads=reads)
        otherwise = self._otherwise(spec, shape, scope, at)
        self._note(source, scope, at, writes=writes, reads=reads and (source.from_top == scope.top))
        limit = self._limit(spec, shape, way.longest if way is not None else shape.longest, at)
        place = f"{scope.place}{name}"
        return Leaf(name, place, source, way, limit, spec.required, spec.absent, otherwise, writes, reads)

    def _directions(self, spec: FieldSpec, scope: Scope, source: Source) -> tuple[bool, bool]:
        elsewhere = source.foreign and source.steps[0] != CONTEXT_KEY
        return (
            scope.writes and spec.direction != "read",
            scope.reads and spec.direction != "write" and not elsewhere,
        )

    def _path(self, spec: FieldSpec, scope: Scope, at: Path) -> tuple[Source, Shape] | None:
        path = spec.path or ""
        member = _MEMBER.fullmatch(path)
        if member is None:
            return self._source(path, scope, (*at, "path"))
        found = self._source(member["array"], scope, (*at, "path"))
        if found is None:
            return None
        source, shape = found
        inner = shape.members.get(member["member"]) if shape.kind is Kind.GROUPS else None
        if inner is None or inner.kind is not Kind.TEXT:
            self._unknown(path, scope, (*at, "path"))
            return None
        many = Source(source.steps, source.path, inner.title, source.from_top, member["member"])
        return many, Shape(Kind.TEXTS, inner.title, longest=inner.longest)

    def _source(self, path: str, scope: Scope, at: Path) -> tuple[Source, Shape] | None:
        alias, colon, below = path.rpartition(":")
        absolute = path.startswith("$.") and not colon
        steps: tuple[str, ...] = ()
        if colon:
            shape, steps, told = self._records.get(alias), (f"@{alias}",), f"$.earlier.{alias}."
        elif absolute or scope.top:
            shape, steps, told, below = (
                self._records[""],
                (),
                "$.data.",
                below.removeprefix("$.") if absolute else below,
            )
        else:
            shape, told = scope.shape, "."
        found = shape.at(below) if shape is not None and "[" not in below else None
        if found is None:
            self._unknown(path, scope, at)
            return None
        from_top = bool(colon) or absolute or scope.top
        return Source((*steps, *below.split(".")), f"{told}{below}", found.title, from_top), found

    def _unknown(self, path: str, scope: Scope, at: Path) -> None:
        known = {leaf for leaf, _ in scope.shape.leaves()}
        known |= {f"{alias}:{leaf}" for alias, shape in self._records.items() if alias for leaf, _ in shape.leaves()}
        self._faults.unknown("E_MAP_PATH", at, Text("契约字段", "field of the contract"), path, known)

    def _context(self, name: str, at: Path) -> tuple[Source, Shape] | None:
        shape = CONTEXT.members.get(name)
        if shape is None:
            what = Text("随附信息", "context")
            self._faults.unknown("E_MAP_CONTEXT", (*at, "context"), what, name, CONTEXT.members)
            return None
        return Source((CONTEXT_KEY, name), f"$.context.{name}", shape.title), shape

    def _otherwise(self, spec: FieldSpec, shape: Shape, scope: Scope, at: Path) -> Source | None:
        if spec.otherwise is None:
            return None
        found = self._source(spec.otherwise, scope, (*at, "otherwise"))
        if found is not None and found[1].kind is not shape.kind:
            self._faults.add("E_MAP_OTHERWISE", (*at, "otherwise"), *_OTHER_KIND)
            return None
        return found[0] if found is not None else None

    def _note(self, source: Source, scope: Scope, at: Path, *, writes: bool, reads: bool) -> None:
        if source.foreign:
            return
        path = canonical(source, scope.base)
        if writes:
            self.covered.add(path)
        if reads:
            if path in self.read:
                self._faults.add("E_MAP_TWICE", at, *_TWICE, key=True)
            self.read.setdefault(path, at)

    def _limit(self, spec: FieldSpec, shape: Shape, longest: int | None, at: Path) -> Limit | None:
        if spec.max is None:
            return None
        limit = Limit(spec.max, (spec.unit or self._unit) == "bytes")
        needed = None if longest is None else longest * (_WIDEST[self._encoding] if limit.bytes else 1)
        if shape.kind is Kind.TEXT and needed is not None and needed > spec.max:
            problem = Text(
                f"该字段比契约的短（契约最多 {needed}，此处 {spec.max}）；过长的内容将被拒绝。",
                f"This field is shorter than the contract's ({needed} there, {spec.max} here); longer content is refused.",
            )
            self._faults.add("E_MAP_SHORT", (*at, "max"), problem, _SHORT, severity="warning")
        elif shape.kind is not Kind.TEXT and longest is not None and longest > spec.max:
            self._faults.add("E_MAP_LENGTH", (*at, "max"), *_TOO_SHORT)
        exact = not limit.bytes and longest is not None and longest <= spec.max
        return None if exact else limit


def canonical(source: Source, base: str) -> str:
    """The place as a path of the contract, with ``[*]`` for every element; ``base`` is the path of the element at hand."""
    path = source.path.removeprefix("$.data.").removeprefix("$.") if source.from_top else f"{base}{source.path[1:]}"
    return f"{path}[*].{source.many}" if source.many is not None else path


BAD_NAME = (
    Text("这个名称不能用在该载体中。", "The carrier cannot have a field of this name."),
    Text(
        "XML 元素名与列名以文字或下划线开头，不含空格、括号与斜杠。",
        "Names of elements and columns begin with a letter or underscore and hold no spaces, brackets or slashes.",
    ),
)
_FLAT = (
    Text("该载体没有这样的嵌套。", "The carrier does not nest like this."),
    Text(
        "messages 没有嵌套，rows 只有一层子表；可改用 join 或 format: json。",
        "Messages are flat and rows have one level of child tables; use join or 'format: json' instead.",
    ),
)
_NO_ARRAY = (
    Text("each 指向的不是对象数组。", "'each' does not name an array of objects."),
    Text(
        "请写契约中的数组字段；文字数组用 path 与 join。",
        "Name such an array; for an array of texts use path and join.",
    ),
)
_OTHER_KIND = (
    Text("otherwise 的字段类型不同。", "The field in 'otherwise' is of another kind."),
    Text("请写同类型的字段。", "Name a field of the same kind."),
)
_TWICE = (
    Text("两个字段都读入契约的同一处。", "Two fields are read into the same place of the contract."),
    Text("请给其中一个写 direction: write。", "Write 'direction: write' at one of them."),
)
_SHORT = Text("核对该系统的真实长度。", "See whether the other system really has no more room.")
_TOO_SHORT = (
    Text("该字段放不下自己的写法。", "The field has no room for what is written in it."),
    Text("请加大 max，或换一种写法。", "Raise max or choose another form."),
)
