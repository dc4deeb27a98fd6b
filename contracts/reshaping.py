# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Differences between versions in where facts stand, rather than in what they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.conversion import Finding, Loss, Record
from contracts.steps import path
from contracts.text import Text

_FIRST_ONLY = Text("旧版本只容一项，只保留第一项", "The older version holds one only; the first is kept")


@dataclass(frozen=True, slots=True)
class FirstOfMany:
    """Fields about one thing become members of the first object of an array, which may hold more of them.

    ``members`` leads from each older field to the name of the member; at least one of them is required on both sides,
    and the array has at least one element.
    """

    into: str
    members: Mapping[str, str]

    def up(self, record: Record) -> tuple[Finding, ...]:
        record[self.into] = [{name: record.pop(old) for old, name in self.members.items() if old in record}]
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        elements = record.pop(self.into)
        assert isinstance(elements, list), "a record that satisfies its contract has an array there"
        first = elements[0]
        for old, name in self.members.items():
            if name in first:
                record[old] = first[name]
        return tuple(Loss(f"{path(self.into)}[{index}]", _FIRST_ONLY) for index in range(1, len(elements)))

    def text(self) -> Text:
        names = ", ".join(self.members)
        return Text(f"{names} 移入 {self.into}，可填多项", f"{names} move into {self.into}, which may hold several")
