# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rules between the fields of a record, as values: checked on what was sent, written into schema and documents.

They look at the data as the sender wrote it and hold their peace where a field is absent or of the wrong type, which is
reported by itself. So a sender learns of broken rules together with broken fields. They are asked about every message and
nearly always have nothing to say, so that answer comes first and costs little.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from contracts.cloudevent import JsonValue
from contracts.json_path import located, member
from contracts.refusal import Violation
from contracts.text import Text
from contracts.timestamps import parse_timestamp


class Rule(Protocol):
    """One statement about several fields of a record."""

    def text(self) -> Text:
        """The rule in words."""
        ...

    def broken(self, data: Mapping[str, JsonValue]) -> Iterable[Violation]:
        """Where the data breaks the rule. Never raises, whatever the data."""
        ...

    def schema(self) -> dict[str, Any] | None:
        """The rule in JSON Schema (2020-12), or None where that language cannot say it."""
        ...


@dataclass(frozen=True, slots=True)
class RequiredWhen:
    """``field`` must be there when the string field ``when`` has one of ``values``."""

    field: str
    when: str
    values: tuple[str, ...]

    def text(self) -> Text:
        values = ", ".join(self.values)
        return Text(
            f"{self.when} 为 {values} 时，{self.field} 必填", f"{self.field} is required when {self.when} is {values}"
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterable[Violation]:
        if data.get(self.field) is not None or data.get(self.when) not in self.values:
            return ()
        remedy = Text(f"补上 {self.field}", f"Add {self.field}")
        return (Violation("E_V_RULE", member("$.data", self.field), self.text(), remedy),)

    def schema(self) -> dict[str, Any] | None:
        condition = {"properties": {self.when: {"enum": list(self.values)}}, "required": [self.when]}
        return {"if": condition, "then": {"required": [self.field]}}


@dataclass(frozen=True, slots=True)
class AbsentWhen:
    """``field`` must not be there when the string field ``when`` has one of ``values``."""

    field: str
    when: str
    values: tuple[str, ...]

    def text(self) -> Text:
        values = ", ".join(self.values)
        return Text(
            f"{self.when} 为 {values} 时，不填 {self.field}", f"{self.field} is absent when {self.when} is {values}"
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterable[Violation]:
        if data.get(self.field) is None or data.get(self.when) not in self.values:
            return ()
        remedy = Text(f"删除 {self.field}", f"Remove {self.field}")
        return (Violation("E_V_RULE", member("$.data", self.field), self.text(), remedy),)

    def schema(self) -> dict[str, Any] | None:
        condition = {"properties": {self.when: {"enum": list(self.values)}}, "required": [self.when]}
        return {"if": condition, "then": {"properties": {self.field: {"type": "null"}}}}


@dataclass(frozen=True, slots=True)
class Together:
    """``fields`` stand together or not at all; in every element of the array ``each`` when that is given."""

    fields: tuple[str, ...]
    each: str | None = None

    def text(self) -> Text:
        names = ", ".join(self.fields)
        return Text(f"{names} 要么都有，要么都没有", f"{names} stand together or not at all")

    def broken(self, data: Mapping[str, JsonValue]) -> Iterable[Violation]:
        broken: list[Violation] = []
        for index, part in _parts(data, self.each):
            absent = 0
            for name in self.fields:
                if part.get(name) is None:
                    absent += 1
            if 0 < absent < len(self.fields):
                broken.append(self._violation(part, index))
        return broken

    def _violation(self, part: Mapping[str, JsonValue], index: int) -> Violation:
        missing = [name for name in self.fields if part.get(name) is None]
        names = ", ".join(missing)
        remedy = Text(f"补上 {names}", f"Add {names}")
        return Violation("E_V_RULE", _path(self.each, index, missing[0]), self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        rule = {"dependentRequired": {name: [other for other in self.fields if other != name] for name in self.fields}}
        return rule if self.each is None else {"properties": {self.each: {"items": rule}}}


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of ``fields`` is there, and only one unless ``several``; in every element of the array ``each`` if given."""

    fields: tuple[str, ...]
    each: str | None = None
    several: bool = False

    def text(self) -> Text:
        names = ", ".join(self.fields)
        if self.several:
            return Text(f"{names} 至少填写一项", f"at least one of {names} is there")
        return Text(f"{names} 必须且只能填写一项", f"exactly one of {names} is there")

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        for index, part in _parts(data, self.each):
            there = [name for name in self.fields if part.get(name) is not None]
            if not there:
                remedy = Text(f"填写 {', '.join(self.fields)} 之一", f"Add one of {', '.join(self.fields)}")
                yield Violation("E_V_RULE", _path(self.each, index, self.fields[0]), self.text(), remedy)
            elif len(there) > 1 and not self.several:
                remedy = Text(f"{', '.join(there)} 只保留一项", f"Keep only one of {', '.join(there)}")
                yield Violation("E_V_RULE", _path(self.each, index, there[1]), self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        there = [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in self.fields]
        rule = {"anyOf" if self.several else "oneOf": there}
        return rule if self.each is None else {"properties": {self.each: {"items": rule}}}


@dataclass(frozen=True, slots=True)
class Distinct:
    """No two elements of the array ``each`` have the same string as their ``member``."""

    each: str
    member: str

    def text(self) -> Text:
        return Text(f"{self.each} 中的 {self.member} 不重复", f"no two of {self.each} have the same {self.member}")

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        seen = set[str]()
        for index, part in _parts(data, self.each):
            value = part.get(self.member)
            if not isinstance(value, str):
                continue
            if value in seen:
                remedy = Text("合并或删除重复的一项", "Merge the two or remove one")
                yield Violation("E_V_RULE", _path(self.each, index, self.member), self.text(), remedy)
            seen.add(value)

    def schema(self) -> dict[str, Any] | None:
        return None


def _parts(data: Mapping[str, JsonValue], each: str | None) -> Sequence[tuple[int, Mapping[str, JsonValue]]]:
    """The record itself, or the objects of its array ``each`` with their indices."""
    if each is None:
        return [(0, data)]
    elements = data.get(each)
    return [one for one in enumerate(elements) if isinstance(one[1], dict)] if isinstance(elements, list) else ()


def _path(each: str | None, index: int, name: str) -> str:
    """Where a member of such a part stands."""
    return located("$.data", (name,) if each is None else (each, index, name))


@dataclass(frozen=True, slots=True)
class NotBefore:
    """``later`` is not before ``earlier``: both moments, or both days."""

    later: str
    earlier: str

    def text(self) -> Text:
        return Text(f"{self.later} 不早于 {self.earlier}", f"{self.later} is not before {self.earlier}")

    def broken(self, data: Mapping[str, JsonValue]) -> Iterable[Violation]:
        if not _earlier(data.get(self.later), data.get(self.earlier)):
            return ()
        remedy = Text(f"核对 {self.earlier} 与 {self.later}", f"Check {self.earlier} and {self.later}")
        return (Violation("E_V_RULE", member("$.data", self.later), self.text(), remedy),)

    def schema(self) -> dict[str, Any] | None:
        return None


@dataclass(frozen=True, slots=True)
class SameAs:
    """The string at ``repeated``, member names from the top, is the one in ``field``, where both are there."""

    repeated: tuple[str, ...]
    field: str

    def text(self) -> Text:
        path = ".".join(self.repeated)
        return Text(f"{path} 与 {self.field} 相同", f"{path} is the same as {self.field}")

    def broken(self, data: Mapping[str, JsonValue]) -> Iterable[Violation]:
        stated, inside = data.get(self.field), data.get(self.repeated[0])
        for name in self.repeated[1:]:
            inside = inside.get(name) if isinstance(inside, dict) else None
        if inside == stated or not isinstance(inside, str) or not isinstance(stated, str):
            return ()
        remedy = Text(f"核对 {self.field}", f"Check {self.field}")
        return (Violation("E_V_RULE", located("$.data", self.repeated), self.text(), remedy),)

    def schema(self) -> dict[str, Any] | None:
        return None


def _earlier(one: JsonValue, other: JsonValue) -> bool:
    """Whether both are moments, or both are days, and the first is the earlier of them."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    if one[19:] == other[19:] and one[10:11] == other[10:11] and one >= other:
        return (
            False  # of the same form, fraction and offset, texts stand in the order of their moments, if they name any
        )
    for completed in ("", "T00:00:00Z"):
        first, second = parse_timestamp(one + completed), parse_timestamp(other + completed)
        if first is not None and second is not None:
            return first < second
    return False
