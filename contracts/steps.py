# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The common differences between versions. A family with an uncommon one writes a step of its own beside its model."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.cloudevent import JsonValue
from contracts.conversion import Finding, Inexpressible, Loss, Record
from contracts.json_path import member
from contracts.text import Text


def _path(name: str) -> str:
    return member("$.data", name)


@dataclass(frozen=True, slots=True)
class Renamed:
    """The same field under another name."""

    old: str
    new: str

    def up(self, record: Record) -> tuple[Finding, ...]:
        return _rename(record, self.old, self.new)

    def down(self, record: Record) -> tuple[Finding, ...]:
        return _rename(record, self.new, self.old)

    def text(self) -> Text:
        return Text(f"{self.old} 改名为 {self.new}", f"{self.old} is now called {self.new}")


def _rename(record: Record, before: str, after: str) -> tuple[Finding, ...]:
    if before in record:
        record[after] = record.pop(before)
    return ()


@dataclass(frozen=True, slots=True)
class Added:
    """A field that the newer version alone has. ``default`` is what a record of the older version means by its silence;
    only another value is a loss on the way down.
    """

    field: str
    default: JsonValue = None

    def up(self, record: Record) -> tuple[Finding, ...]:
        if self.default is not None:
            record[self.field] = self.default
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        return _drop(record, self.field, self.default, Text("旧版本没有该字段", "The older version has no such field"))

    def text(self) -> Text:
        return Text(f"新增 {self.field}", f"{self.field} is new")


@dataclass(frozen=True, slots=True)
class Removed:
    """A field that the older version alone has; ``default`` as for :class:`Added`, the other way round."""

    field: str
    default: JsonValue = None

    def up(self, record: Record) -> tuple[Finding, ...]:
        return _drop(record, self.field, self.default, Text("新版本没有该字段", "The newer version has no such field"))

    def down(self, record: Record) -> tuple[Finding, ...]:
        if self.default is not None:
            record[self.field] = self.default
        return ()

    def text(self) -> Text:
        return Text(f"删除 {self.field}", f"{self.field} is gone")


def _drop(record: Record, name: str, default: JsonValue, why: Text) -> tuple[Finding, ...]:
    if name not in record or record.pop(name) == default:
        return ()
    return (Loss(_path(name), why),)


@dataclass(frozen=True, slots=True)
class Recoded:
    """A code list with other codes for the same facts.

    ``up`` maps every older code; ``down`` every newer one that the older list can say. A code that comes back as another
    one is a loss; a code of the newer list without a counterpart makes the record inexpressible in the older version.
    """

    field: str
    up_codes: Mapping[str, str]
    down_codes: Mapping[str, str] | None = None
    """None: the inverse of ``up_codes``."""

    def up(self, record: Record) -> tuple[Finding, ...]:
        return _recode(record, self.field, self.up_codes, self._down())

    def down(self, record: Record) -> tuple[Finding, ...]:
        return _recode(record, self.field, self._down(), self.up_codes)

    def _down(self) -> Mapping[str, str]:
        if self.down_codes is not None:
            return self.down_codes
        return {new: old for old, new in self.up_codes.items()}

    def text(self) -> Text:
        codes = "、".join(f"{old}→{new}" for old, new in self.up_codes.items())
        return Text(f"{self.field} 的代码改变：{codes}", f"{self.field} has other codes: {codes}")


def _recode(record: Record, name: str, there: Mapping[str, str], back: Mapping[str, str]) -> tuple[Finding, ...]:
    code = record.get(name)
    if code is None:
        return ()
    other = there.get(code)
    if other is None:
        return (Inexpressible(_path(name), Text("另一版本没有对应的代码", "The other version has no such code")),)
    record[name] = other
    if back.get(other) == code:
        return ()
    return (Loss(_path(name), Text("另一版本的代码更粗", "The other version's code says less")),)
