# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How the province counts a day for reconciling (对账), after docs/reconciliation.md and with none of the hub's code.

Case numbers and contents become lines, lines buckets by SM3 of the case number, buckets a tree of three levels.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DIGITS = "0123456789abcdef"
_LEVELS = 3
_MOST_ROWS = 4000


@dataclass(frozen=True, slots=True)
class Row:
    """One record: whose, and the agreed fields."""

    case: str
    fields: Mapping[str, str]


@dataclass(slots=True)
class Day:
    """One contract's rows of a day."""

    contract: str
    version: int
    names: tuple[str, ...]
    _lines: dict[str, list[str]] = field(default_factory=dict)
    _sums: dict[str, tuple[int, str]] = field(default_factory=dict)

    def count(self, rows: Iterable[Row]) -> "Day":
        """Put the rows into buckets, and the buckets into a tree."""
        for row in rows:
            self._lines.setdefault(_sm3(row.case)[:_LEVELS], []).append(self._line(row))
        level = {name: (len(lines), _sm3("".join(sorted(lines)))) for name, lines in self._lines.items()}
        self._sums = dict(level)
        for _ in range(_LEVELS):
            families: dict[str, list[str]] = {}
            for name in sorted(level):
                families.setdefault(name[:-1], []).append(name)
            level = {name: self._above(children) for name, children in families.items()}
            self._sums |= level
        return self

    def manifest(self, head: Mapping[str, Any], opened: Iterable[str]) -> dict[str, Any]:
        """What is sent to the hub: the root, the children of opened nodes, the rows of opened buckets."""
        records, digest = self._sums.get("", (0, _sm3("")))
        rule = ["govhub-reconciliation-1", self.contract, str(self.version)]
        rule += [f"field {name}" for name in sorted(self.names)]
        told: dict[str, Any] = {
            **head,
            "contract_type": self.contract,
            "contract_version": self.version,
            "rule": _sm3("".join(f"{line}\n" for line in rule)),
            "count": records,
            "digest": digest,
        }
        nodes, buckets, room = [], [], _MOST_ROWS
        for name in opened:
            if len(name) < _LEVELS:
                children = [name + digit for digit in _DIGITS if name + digit in self._sums]
                nodes += [{"name": one, "count": self._sums[one][0], "digest": self._sums[one][1]} for one in children]
            elif len(lines := self._lines.get(name, [])) <= room:
                room -= len(lines)
                buckets.append({"name": name, "rows": [_as_row(line) for line in lines]})
        return told | ({"nodes": nodes} if nodes else {}) | ({"opened": buckets} if buckets else {})

    def _line(self, row: Row) -> str:
        told = "".join(f"{name}\t{_escaped(row.fields[name])}\n" for name in sorted(self.names) if row.fields[name])
        return f"{_escaped(row.case)}\t\t{self.contract}\t{self.version}\t{_sm3(told)}\n"

    def _above(self, children: Iterable[str]) -> tuple[int, str]:
        known = [(name, *self._sums[name]) for name in children]
        told = "".join(f"{name}\t{records}\t{digest}\n" for name, records, digest in known)
        return sum(records for _, records, _ in known), _sm3(told)


def _as_row(line: str) -> dict[str, Any]:
    case, _, _, version, content = line.rstrip("\n").split("\t")
    return {"case_no": _read_back(case), "version": int(version), "content": content}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _read_back(text: str) -> str:
    return _ESCAPED.sub(lambda found: {"t": "\t", "n": "\n", "r": "\r"}.get(found[1], found[1]), text)


def _sm3(text: str) -> str:
    return hashlib.new("sm3", text.encode()).hexdigest()
