# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a conversion loses or cannot say, found by converting: every example, with every code of its lists in turn."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from contracts.cloudevent import JsonValue
from contracts.contract import Checked, Contract
from contracts.conversion import Inexpressible
from contracts.registry import Registry
from contracts.strict_json import parse
from contracts.text import Text

_Told: TypeAlias = tuple[str, Text, bool]
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Finds:
    """One thing that the other version cannot say, and the codes that it was found with, if it depends on codes.

    ``refused``: the record cannot be converted at all; else only this much of it is lost.
    """

    path: str
    text: Text
    refused: bool
    codes: tuple[str, ...]


def finds(registry: Registry, contract: Contract, version: int) -> tuple[Finds, ...]:
    """What converting this contract to a neighbouring version came upon. Both are of the registry."""
    always = set[_Told]()
    taken = dict[str, set[str]]()
    coded = dict[_Told, dict[tuple[str, str], None]]()
    for example in contract.examples:
        if not (example.valid and isinstance(example.data, dict)):
            continue
        always |= _found(registry, contract, version, example.data) or set()
        for name, code in _coded_fields(contract):
            found = _found(registry, contract, version, {**example.data, name: code})
            if found is None:
                continue
            taken.setdefault(name, set()).add(code)
            for one in found:
                coded.setdefault(one, {})[name, code] = None
    order = sorted(always | coded.keys(), key=lambda one: (one[2], one[0], one[1]))
    return tuple(Finds(*one, _codes_of(one, coded, taken, always)) for one in order)


def _codes_of(
    told: _Told,
    coded: Mapping[_Told, Mapping[tuple[str, str], None]],
    taken: Mapping[str, set[str]],
    always: set[_Told],
) -> tuple[str, ...]:
    """The codes on which it depends: those of its own field, if not all of them lead to it; else those of any other."""
    own = told[0].removeprefix("$.data.")
    by_field = dict[str, list[str]]()
    for name, code in coded.get(told, ()):
        by_field.setdefault(name, []).append(code)
    if own in by_field:
        codes = by_field[own]
        return () if set(codes) == taken[own] else tuple(f"{own} = {code}" for code in codes)
    if told in always:
        return ()
    # A code that stops the whole conversion hides what else would have been lost; it is no condition of that loss.
    stopping = {seen for (_, _, refused), codes in coded.items() if refused for seen in codes}
    return tuple(
        f"{name} = {code}"
        for name, codes in by_field.items()
        if set(codes) != {code for code in taken[name] if (name, code) not in stopping}
        for code in codes
    )


def _coded_fields(contract: Contract) -> Iterator[tuple[str, str]]:
    """Every code of every field of the record itself that has a code list."""
    schema = contract.json_schema()
    for name, written in schema["properties"].items():
        for code in _codes(written, schema.get("$defs", {})):
            yield name, code


def _codes(written: Mapping[str, Any], definitions: Mapping[str, Any]) -> tuple[str, ...]:
    for one in (written, *written.get("anyOf", ())):
        said = definitions[one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else one
        if "enum" in said:
            return tuple(said["enum"])
    return ()


def _found(registry: Registry, contract: Contract, version: int, data: Mapping[str, JsonValue]) -> set[_Told] | None:
    """What is found on the way; None for a record that its own contract does not take."""
    subject = data.get(contract.subject)
    checked = contract.check(dict(data), subject if isinstance(subject, str) else None)
    if not isinstance(checked, Checked):
        return None
    record = parse(checked.canonical)
    assert isinstance(record, dict), "a contract's canonical form is an object"
    converted = registry.convert(record, contract, version)
    findings = (converted,) if isinstance(converted, Inexpressible) else converted.losses
    return {(_INDEX.sub("[*]", one.path), one.text, isinstance(one, Inexpressible)) for one in findings}
