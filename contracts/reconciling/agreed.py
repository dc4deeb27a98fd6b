# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
r"""What two sides have agreed to compare (对账口径), and the line that a record becomes by it.

A line is ``case TAB record TAB contract TAB version TAB content LF`` in UTF-8, where ``content`` is SM3, in lower-case
hexadecimal, of the *content text*:

- with agreed fields: ``name TAB value LF`` for each field that has a value, in the order of the names' bytes;
- without: the whole record as canonical JSON.

A value's text: a string as it is, a whole number in decimal, ``true`` or ``false``, anything else as canonical JSON; a code
that the agreement translates, as the far side writes it. Null, the empty string and absence are the same: no value. In
cases, records and values ``\`` is written ``\\``, a tab ``\t``, a line feed ``\n``, a carriage return ``\r``, so that no
two records share a text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from contracts.reconciling.sm3 import sm3_hex

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_PLAIN: Final = {"t": "\t", "n": "\n", "r": "\r"}
_JSON: Final = orjson.OPT_SORT_KEYS


def escaped(text: str) -> str:
    """The text without tabs, line feeds and carriage returns, so that it can be read back."""
    return text if text.isalnum() else text.translate(_ESCAPES)


def read_back(text: str) -> str:
    """What :func:`escaped` was given."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda found: _PLAIN.get(found[1], found[1]), text)


@dataclass(frozen=True, slots=True)
class AgreedField:
    """``path`` leads from the record to the value; ``codes`` says how the far side writes ours."""

    name: str
    path: tuple[str, ...]
    codes: Mapping[str, str] = field(default_factory=dict)

    def text(self, record: Mapping[str, Any]) -> str:
        """The value's text; empty where there is none."""
        value: Any = record
        for step in self.path:
            if not isinstance(value, dict):
                return ""
            value = value.get(step)
        text = value_text(value)
        return self.codes.get(text, text) if self.codes else text


def value_text(value: object) -> str:
    """A value of a canonical record as text."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return orjson.dumps(value, option=_JSON).decode()


@dataclass(frozen=True, slots=True)
class Agreed:
    """``record``: the fields that tell records of one case apart, in this order; none: one record of a case is the other."""

    contract: str
    version: int
    fields: tuple[AgreedField, ...] = ()
    record: tuple[AgreedField, ...] = ()

    @property
    def rule(self) -> str:
        """SM3 of what was agreed: two sides with different ones need not begin to compare."""
        told = [
            "govhub-reconciliation-1",
            self.contract,
            str(self.version),
            *(f"record {one.name}" for one in self.record),
            *(f"field {one.name}" for one in self._in_order()),
        ]
        return sm3_hex("".join(f"{line}\n" for line in told).encode())

    def content(self, record: Mapping[str, Any]) -> str:
        """SM3 of the record's content text."""
        if not self.fields:
            return sm3_hex(orjson.dumps(record, option=_JSON))
        texts = ((one.name, one.text(record)) for one in self._in_order())
        return sm3_hex("".join(f"{name}\t{escaped(text)}\n" for name, text in texts if text).encode())

    def key(self, case: str, record: Mapping[str, Any]) -> bytes:
        """What the line begins with: which record of which case this is."""
        named = "/".join(one.text(record) for one in self.record)
        return f"{escaped(case)}\t{escaped(named)}\t".encode()

    def rest(self, version: int, content: str) -> bytes:
        """What the line ends with."""
        return f"{self.contract}\t{version}\t{content}\n".encode()

    def _in_order(self) -> Sequence[AgreedField]:
        return sorted(self.fields, key=lambda one: one.name.encode())
