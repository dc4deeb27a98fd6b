# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Valid records of any contract, made by chance: from its model, then mended until its rules hold.

Everything is read from the contract, so a new family is covered without a word here. Texts hold rare characters, reach
their longest, and moments and days reach the ends of their range.
"""

import copy
import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import BaseModel

from contracts.contract import Checked, Contract
from contracts.form_rules import FormWhen
from contracts.personal import nested
from contracts.rules import NotBefore, Rule, SameAs
from tests.contracts.shapes import CHARACTERS, Draw, Record, Shapes, written

__all__ = ["CHARACTERS", "canonical", "canonical_instances", "instances"]

_ROUNDS = 6
"""How often each way of mending is tried."""

_STEP = re.compile(r"[A-Za-z_]\w*|[0-9]+")


def instances(contract: Contract, characters: SearchStrategy[str] = CHARACTERS) -> SearchStrategy[Record]:
    """Data that the contract takes, as a sender may write it; ``subject`` of its envelope is ``data[contract.subject]``.

    ``characters`` restricts what free texts are made of, to those of an encoding for instance.
    """
    return _whole(contract, Shapes(characters))


def canonical_instances(contract: Contract, characters: SearchStrategy[str] = CHARACTERS) -> SearchStrategy[Record]:
    """The same in canonical form, as the hub holds it."""
    return instances(contract, characters).map(lambda data: canonical(contract, data))


def canonical(contract: Contract, data: Mapping[str, Any]) -> Record:
    """The canonical form of valid data."""
    checked = contract.check(dict(data), data[contract.subject])
    assert isinstance(checked, Checked), checked
    told: Record = json.loads(checked.canonical)
    return told


@st.composite
def _whole(draw: Draw, contract: Contract, shapes: "Shapes") -> Record:
    mending = _Mending(draw, contract, shapes)
    record: Record = draw(shapes.model(contract.model))
    for mend in (*(mending.toggle,) * _ROUNDS, *(mending.borrow,) * _ROUNDS):
        broken = False
        for rule in contract.rules:
            if any(rule.broken(record)):
                broken = True
                mend(record, rule)
        if not broken:
            return record
    return mending.example()


class _Mending:
    """Changes a record until its rules hold. Mending one rule may break another, so it is done in rounds."""

    def __init__(self, draw: Draw, contract: Contract, shapes: "Shapes") -> None:
        self._draw = draw
        self._contract = contract
        self._shapes = shapes

    def example(self) -> Record:
        """One of the contract's own valid examples."""
        told: Record = copy.deepcopy(
            self._draw(st.sampled_from([one.data for one in self._contract.examples if one.valid]))
        )
        return told

    def toggle(self, record: Record, rule: Rule) -> None:
        """At the place a rule complains about: what is missing is added, what is there is dropped, or made again."""
        match rule:
            case NotBefore():
                record[rule.later], record[rule.earlier] = record[rule.earlier], record[rule.later]
            case FormWhen():
                record[rule.field] = self._draw(written(rule.pattern))
            case SameAs():
                _parent(record, rule.repeated)[rule.repeated[-1]] = record[rule.field]
            case _:
                for violation in list(rule.broken(record)):
                    self._at(record, _STEP.findall(violation.path.removeprefix("$.data")))

    def borrow(self, record: Record, rule: Rule) -> None:
        """From a valid example: the members that a rule names, for a rule that chance does not satisfy, such as a sum."""
        lender = self.example()
        places = {_STEP.findall(one.path.removeprefix("$.data"))[0] for one in rule.broken(record)}
        for name in self._contract.model.model_fields.keys() & (places | set(_words(rule))):
            record.pop(name, None)
            if name in lender:
                record[name] = lender[name]

    def _at(self, record: Record, place: list[str]) -> None:
        parent: Any = record
        model: type[BaseModel] | None = self._contract.model
        *above, last = place
        for step in above:
            if step.isdigit():
                parent = parent[int(step)] if len(parent) > int(step) else None
            elif model is not None:
                parent = parent.get(step)
                model, _ = nested(model.model_fields[step].annotation)
            if parent is None:
                return
        if model is None or last.isdigit() or last not in model.model_fields:
            record[place[0]] = self._draw(self._shapes.member(self._contract.model, place[0]))
        elif parent.get(last) is None or model.model_fields[last].is_required():
            parent[last] = self._draw(self._shapes.member(model, last))
        else:
            del parent[last]


def _parent(record: Record, names: tuple[str, ...]) -> Record:
    for name in names[:-1]:
        record = record[name]
    return record


def _words(rule: Any) -> Iterator[str]:
    """Every text that a rule, a dataclass, was made with."""
    for field in dataclasses.fields(rule):
        value = getattr(rule, field.name)
        yield from (word for word in (value if isinstance(value, tuple) else (value,)) if isinstance(word, str))
