# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a change of a published version breaks, and for whom.

A producer (发送方) breaks when a record that was good is refused now. A consumer (接收方) breaks when a record may come now
that could not come before: a field missing, a code unknown, a text longer than its column. Consumers ignore members they do
not know, so a new optional field breaks nobody. Schemas are those of :meth:`contracts.contract.Contract.json_schema`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from contracts.text import Text

Schema: TypeAlias = Mapping[str, Any]


class Party(StrEnum):
    """For whom a change breaks something."""

    PRODUCERS = "producers"
    CONSUMERS = "consumers"
    BOTH = "both"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``rule`` is its stable name, ``path`` the JSON path of the field."""

    rule: str
    path: str
    breaks: Party
    text: Text


def changes(old: Schema, new: Schema) -> tuple[Change, ...]:
    """Every difference between two schemas that somebody could notice, in the order of the fields."""
    return tuple(_Comparison(old, new).differences())


@dataclass(frozen=True, slots=True)
class _Comparison:
    old: Schema
    new: Schema

    def differences(self) -> Iterator[Change]:
        yield from self._values(self.old, self.new, "$.data")
        for kind in ("allOf", "x-rules"):
            yield from _rules(self.old.get(kind, ()), self.new.get(kind, ()))
        if self.old.get("x-subject") != self.new.get("x-subject"):
            text = Text("subject 所指字段改变", "Another field is the subject")
            yield Change("SUBJECT", "$.data", Party.BOTH, text)

    def _values(self, before: Schema, after: Schema, path: str) -> Iterator[Change]:
        if before.get("x-personal") != after.get("x-personal"):
            text = Text("个人信息类别改变", "The class of personal data changed")
            yield Change("PERSONAL", path, Party.BOTH, text)
        before, after = _plain(before, self.old), _plain(after, self.new)
        if before.get("type") != after.get("type"):
            yield Change("TYPE", path, Party.BOTH, Text("JSON 类型改变", "The JSON type changed"))
            return
        yield from _codes(before.get("enum"), after.get("enum"), path)
        yield from _bounds(before, after, path)
        yield from _forms(before, after, path)
        if before.get("type") == "array":
            yield from self._values(before.get("items", {}), after.get("items", {}), f"{path}[*]")
        yield from self._members(before, after, path)

    def _members(self, before: Schema, after: Schema, path: str) -> Iterator[Change]:
        old, new = before.get("properties", {}), after.get("properties", {})
        needed, needs = set(before.get("required", ())), set(after.get("required", ()))
        for name in old:
            at = f"{path}.{name}"
            if name not in new:
                yield Change("FIELD_REMOVED", at, Party.BOTH, Text("字段被删除", "The field is gone"))
                continue
            if name in needs - needed:
                text = Text("可选字段变为必填", "An optional field became required")
                yield Change("FIELD_REQUIRED", at, Party.PRODUCERS, text)
            if name in needed - needs:
                text = Text("必填字段变为可选", "A required field became optional")
                yield Change("FIELD_OPTIONAL", at, Party.CONSUMERS, text)
            yield from self._values(old[name], new[name], at)
        for name in new:
            if name not in old:
                yield _added(f"{path}.{name}", required=name in needs)
        if before.get("additionalProperties", True) != after.get("additionalProperties", True):
            text = Text("对未知字段的处理改变", "Unknown members are treated otherwise")
            yield Change("MEMBERS_OPEN", path, Party.BOTH, text)


def _added(path: str, *, required: bool) -> Change:
    if required:
        return Change("FIELD_ADDED_REQUIRED", path, Party.PRODUCERS, Text("新增必填字段", "A new field is required"))
    return Change("FIELD_ADDED", path, Party.NOBODY, Text("新增可选字段", "A new optional field"))


def _plain(schema: Schema, root: Schema) -> Schema:
    """The schema itself behind references and "or null"."""
    while True:
        if "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        elif "anyOf" in schema:
            schema = next(choice for choice in schema["anyOf"] if choice.get("type") != "null")
        else:
            return schema


def _codes(before: Sequence[str] | None, after: Sequence[str] | None, path: str) -> Iterator[Change]:
    if before is None and after is None:
        return
    if before is None or after is None:
        text = Text("代码表的有无改变", "A code list came or went")
        yield Change("CODES", path, Party.PRODUCERS if before is None else Party.CONSUMERS, text)
        return
    for code in before:
        if code not in after:
            text = Text(f"代码 {code} 被删除", f"The code {code} is gone")
            yield Change("CODE_REMOVED", path, Party.PRODUCERS, text)
    for code in after:
        if code not in before:
            text = Text(f"新增代码 {code}", f"The code {code} is new")
            yield Change("CODE_ADDED", path, Party.CONSUMERS, text)


_LEAST = ("minLength", "minItems", "minimum")
_MOST = ("maxLength", "maxItems", "maximum")


def _bounds(before: Schema, after: Schema, path: str) -> Iterator[Change]:
    for name in (*_LEAST, *_MOST):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        tighter = old is None or (new is not None and (new > old if name in _LEAST else new < old))
        text = Text(
            f"{name} 由 {_or_none(old)} 变为 {_or_none(new)}", f"{name} was {_or_none(old)}, is {_or_none(new)}"
        )
        if tighter:
            yield Change("NARROWED", path, Party.PRODUCERS, text)
        else:
            yield Change("WIDENED", path, Party.CONSUMERS, text)


def _or_none(bound: object) -> str:
    return "∅" if bound is None else str(bound)


def _forms(before: Schema, after: Schema, path: str) -> Iterator[Change]:
    for name in ("pattern", "format", "const"):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        party = Party.PRODUCERS if old is None else Party.CONSUMERS if new is None else Party.BOTH
        text = Text(f"{name} 改变", f"Its {name} changed")
        yield Change("FORM", path, party, text)


def _rules(before: Sequence[Schema], after: Sequence[Schema]) -> Iterator[Change]:
    """Rules between fields compare as wholes: a changed rule is one gone and one new."""
    if any(rule not in before for rule in after):
        text = Text("新增字段间规则", "A new rule between fields")
        yield Change("RULE_ADDED", "$.data", Party.PRODUCERS, text)
    if any(rule not in after for rule in before):
        text = Text("删除字段间规则", "A rule between fields is gone")
        yield Change("RULE_REMOVED", "$.data", Party.CONSUMERS, text)
