# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The common differences between versions. A family with an uncommon one writes a step of its own beside its model."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from contracts.cloudevent import JsonValue
from contracts.conversion import Finding, Inexpressible, Loss, Record
from contracts.json_path import member
from contracts.text import Text

_NOT_OLD = Text("旧版本没有该字段", "The older version has no such field")
_NOT_NEW = Text("新版本没有该字段", "The newer version has no such field")
_COARSER = Text("另一版本的代码更粗", "The other version's code says less")
_SILENCE = Text("另一版本的缺省另有含义，未填不能照样传达", "The other version takes silence for something else")
_TOO_LONG = Text("旧版本最多 {longest} 个字符", "The older version holds at most {longest} characters")


def path(name: str) -> str:
    """The JSON path of a member of the record."""
    return member("$.data", name)


@cache
def lost(name: str, why: Text) -> tuple[Loss]:
    """The loss of a whole member. Steps have few names and reasons, and say the same of every record."""
    return (Loss(path(name), why),)


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
        return _drop(record, self.field, self.default, _NOT_OLD)

    def text(self) -> Text:
        return Text(f"新增 {self.field}", f"{self.field} is new")


@dataclass(frozen=True, slots=True)
class Removed:
    """A field that the older version alone has; ``default`` as for :class:`Added`, the other way round."""

    field: str
    default: JsonValue = None

    def up(self, record: Record) -> tuple[Finding, ...]:
        return _drop(record, self.field, self.default, _NOT_NEW)

    def down(self, record: Record) -> tuple[Finding, ...]:
        if self.default is not None:
            record[self.field] = self.default
        return ()

    def text(self) -> Text:
        return Text(f"删除 {self.field}", f"{self.field} is gone")


def _drop(record: Record, name: str, default: JsonValue, why: Text) -> tuple[Finding, ...]:
    if name in record:
        return () if record.pop(name) == default else lost(name, why)
    return () if default is None else lost(name, _SILENCE)


@dataclass(frozen=True, slots=True)
class Widened:
    """An optional text that may be longer in the newer version; ``longest`` is what the older one holds, in characters."""

    field: str
    longest: int

    def up(self, record: Record) -> tuple[Finding, ...]:
        del record
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        written = record.get(self.field)
        if not isinstance(written, str) or len(written) <= self.longest:
            return ()
        del record[self.field]
        return lost(self.field, _TOO_LONG.filled(longest=self.longest))

    def text(self) -> Text:
        return Text(
            f"{self.field} 可超过 {self.longest} 个字符", f"{self.field} may have more than {self.longest} characters"
        )


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
        there = [f"{old}→{new}" for old, new in self.up_codes.items()]
        back = [f"{new}→{old}" for new, old in self._down().items() if self.up_codes.get(old) != new]
        zh, en = "、".join(there), ", ".join(there)
        if back:
            zh, en = f"{zh}；回到旧版本时 {'、'.join(back)}", f"{en}; going back {', '.join(back)}"
        return Text(f"{self.field} 的代码改变：{zh}", f"{self.field} has other codes: {en}")


def _recode(record: Record, name: str, there: Mapping[str, str], back: Mapping[str, str]) -> tuple[Finding, ...]:
    code = record.get(name)
    if code is None:
        return ()
    other = there.get(code)
    if other is None:
        return (Inexpressible(path(name), Text("另一版本没有对应的代码", "The other version has no such code")),)
    record[name] = other
    if back.get(other) == code:
        return ()
    return lost(name, _COARSER)


@dataclass(frozen=True, slots=True)
class CodesAdded:
    """Codes that the older list does not have: a record that uses one is inexpressible there."""

    field: str
    codes: Mapping[str, Text]

    def up(self, record: Record) -> tuple[Finding, ...]:
        del record
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        if record.get(self.field) not in self.codes:
            return ()
        return (Inexpressible(path(self.field), Text("旧版本没有该代码", "The older version has no such code")),)

    def text(self) -> Text:
        zh = "、".join(f"{code} {meaning.zh}" for code, meaning in self.codes.items())
        en = ", ".join(f"{code} ({meaning.en})" for code, meaning in self.codes.items())
        return Text(
            f"{self.field} 新增代码：{zh}；旧版本不能表达",
            f"{self.field} has new codes, which the older version cannot say: {en}",
        )
