# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Expressions over a record: CEL (https://cel.dev), checked against the contract's fields before they are used.

An expression has no loops but over lists, no input or output, and the engine stops it after some ten thousand steps; patterns
are matched in linear time. A step takes as long as what it reads: so one that walks over lists is not asked of a record that is
very long, or has a very long text. It sees ``data``, the record in canonical form, and ``source``, the sending system.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeAlias

from cel_expr_python import cel

from contracts.contract import Contract, Model
from routing.record_types import RecordTypes

MOST_CHARACTERS = 2000
"""Of one expression."""

Kind: TypeAlias = Literal["bool", "string"]

LONGEST_TEXT = 4_000
"""Characters of one text in a record that an expression may walk over: twice what the longest field of a contract may have."""
LONGEST_RECORD = 131_072
"""The same of a whole record: hundreds of materials."""

_WALKS = re.compile(r"\b(?:exists|exists_one|all|map|filter)\b")
_TYPES = {"bool": cel.Type.BOOL, "string": cel.Type.STRING}
_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_TYPE_NAME = re.compile(r"govhub\.record\.(\w+)")
_QUOTED = re.compile(r'"[^"]*"?')


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a text is no expression here. ``line`` and ``column`` count from 1 in the text; ``said`` is the engine's sentence."""

    line: int
    column: int
    said: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """Why an expression had no value for a record. No value of the record stands in ``said``."""

    said: str


@dataclass(slots=True)
class Said:
    """A record made ready for the expressions of its contract."""

    activation: Any
    record: Mapping[str, Any] = field(repr=False)
    _is_long: bool | None = None

    @property
    def is_long(self) -> bool:
        """Whether it is too long to be walked over; looked at once, and only where an expression does so."""
        if self._is_long is None:
            self._is_long = _is_long(self.record)
        return self._is_long


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression, checked for one contract version."""

    text: str
    _compiled: Any
    _walks: bool = True

    def value(self, said: Said) -> bool | str | Undecided:
        """Its value, of the kind it was checked for. Never raises."""
        if self._walks and said.is_long:
            return Undecided("the record is too long to be walked over")
        try:
            value = self._compiled.eval(said.activation)
        except RuntimeError as error:  # the budget, among others
            return Undecided(_first_line(str(error)))
        if value.type() == cel.Type.ERROR:
            return Undecided(_first_line(str(value.value())))
        found: bool | str = value.value()
        return found


class Language:
    """What expressions may say about the records of one contract version."""

    def __init__(self, contract: Contract, *, personal: bool) -> None:
        self._types = RecordTypes(contract, personal=personal)
        self._environment = cel.NewEnv(
            self._types.pool, variables={"data": cel.Type(self._types.name), "source": cel.Type.STRING}
        )

    def compiled(self, text: str, kind: Kind) -> Expression | Misfit:
        """The expression, or why it is none."""
        if len(text) > MOST_CHARACTERS:
            return Misfit(1, 1, f"longer than {MOST_CHARACTERS} characters")
        try:
            made = self._environment.compile(text)
        except RuntimeError as error:
            return _misfit(str(error))
        if made.return_type() != _TYPES[kind]:
            return Misfit(1, 1, f"its value is a {_plain(made.return_type().name().lower())}, not a {kind}")
        return Expression(text, made, _WALKS.search(text) is not None)

    def said(self, record: Mapping[str, Any], source: str) -> Said:
        """A record of the contract, in canonical form, for any number of its expressions."""
        return Said(self._environment.Activation({"data": self._types.message(record), "source": source}), record)


_contracts: dict[Model, Contract] = {}


def language(contract: Contract, *, personal: bool = True) -> Language:
    """The language of a contract version; without ``personal`` it knows no personal field."""
    _contracts[contract.model] = contract
    return _language(contract.model, personal)


@cache
def _language(model: Model, personal: bool) -> Language:  # noqa: FBT001  # because a cache is asked by position
    return Language(_contracts[model], personal=personal)


def _is_long(record: Mapping[str, Any]) -> bool:
    left = LONGEST_RECORD
    waiting: list[Any] = [record]
    while waiting:
        value = waiting.pop()
        match value:
            case str():
                if len(value) > LONGEST_TEXT:
                    return True
                left -= len(value)
            case Mapping():
                left -= sum(map(len, value))
                waiting += value.values()
            case list():
                waiting += value
            case _:
                pass
        left -= 4  # what stands around it
        if left < 0:
            return True
    return False


def _misfit(said: str) -> Misfit:
    found = _PLACE.search(said)
    if found is None:
        return Misfit(1, 1, _first_line(said))
    return Misfit(int(found[1]), int(found[2]), _plain(found[3]))


def _first_line(said: str) -> str:
    return _plain(_QUOTED.sub("…", said.partition("\n")[0]))[:200]


def _plain(said: str) -> str:
    """Without the names that only we give."""
    named = _TYPE_NAME.sub(lambda found: "data" if found[1] == "Record" else found[1], said)
    return named.replace(" (in container '')", "").strip()
