# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Expressions over a record: CEL (https://cel.dev), checked against the contract's fields before they are used.

An expression has no loops but over lists, no input or output, and the engine stops it after some ten thousand steps; patterns
are matched in linear time. It sees ``data``, the record in canonical form, and ``source``, the sending system.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

from cel_expr_python import cel

from contracts.contract import Contract, Model
from routing.record_types import RecordTypes

MOST_CHARACTERS = 2000
"""Of one expression."""

Kind: TypeAlias = Literal["bool", "string"]

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


@dataclass(frozen=True, slots=True)
class Said:
    """A record made ready for the expressions of its contract."""

    activation: Any


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression, checked for one contract version."""

    text: str
    _compiled: Any

    def value(self, said: Said) -> bool | str | Undecided:
        """Its value, of the kind it was checked for. Never raises."""
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
        return Expression(text, made)

    def said(self, record: Mapping[str, Any], source: str) -> Said:
        """A record of the contract, in canonical form, for any number of its expressions."""
        return Said(self._environment.Activation({"data": self._types.message(record), "source": source}))


_contracts: dict[Model, Contract] = {}


def language(contract: Contract, *, personal: bool = True) -> Language:
    """The language of a contract version; without ``personal`` it knows no personal field."""
    _contracts[contract.model] = contract
    return _language(contract.model, personal)


@cache
def _language(model: Model, personal: bool) -> Language:  # noqa: FBT001  # because a cache is asked by position
    return Language(_contracts[model], personal=personal)


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
