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
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import AfterValidator, BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from contracts import forms
from contracts.contract import Checked, Contract
from contracts.form_rules import FormWhen
from contracts.personal import nested
from contracts.rules import NotBefore, Rule, SameAs
from tests.contracts.events import JSON_VALUES

Record: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[SearchStrategy[Any]], Any]

CHARACTERS = st.sampled_from("甲乙丙测试市𠮷·䶮㐂𬭎é-0aZ&<>\"'\\　 ") | st.characters(exclude_categories=["Cs", "Cc"])
"""What texts are made of: common and rare ideographs, the dot of long names, what markup escapes, and anything else."""

_MANY = 3
"""Elements of an array at most, unless its contract wants more."""

_ROUNDS = 6
"""How often each way of mending is tried."""

_STEP = re.compile(r"[A-Za-z_]\w*|[0-9]+")

_EDGE_MOMENTS = (
    "1900-01-01T00:00:00Z",
    "2199-12-31T23:59:59.999999Z",
    "2000-02-29T23:59:59.5Z",
    "2099-12-31T00:00:00+08:00",
    "2026-03-02T09:05:00+08:00",
)
_EDGE_DAYS = ("1900-01-01", "2199-12-31", "2000-02-29", "2099-12-31", "2026-03-02")


def instances(contract: Contract, characters: SearchStrategy[str] = CHARACTERS) -> SearchStrategy[Record]:
    """Data that the contract takes, as a sender may write it; ``subject`` of its envelope is ``data[contract.subject]``.

    ``characters`` restricts what free texts are made of, to those of an encoding for instance.
    """
    return _whole(contract, _Shapes(characters))


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
def _whole(draw: Draw, contract: Contract, shapes: "_Shapes") -> Record:
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

    def __init__(self, draw: Draw, contract: Contract, shapes: "_Shapes") -> None:
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


class _Shapes:
    """The strategies of one alphabet, by type."""

    def __init__(self, characters: SearchStrategy[str]) -> None:
        self._characters = characters
        self._members = cache(self._each_member)
        self.model = cache(self._record)

    def member(self, model: type[BaseModel], name: str) -> SearchStrategy[Any]:
        """One field of a model, there for certain."""
        return self._members(model)[name]

    def _each_member(self, model: type[BaseModel]) -> dict[str, SearchStrategy[Any]]:
        return {name: self._of(field.annotation, tuple(field.metadata)) for name, field in model.model_fields.items()}

    def _record(self, model: type[BaseModel]) -> SearchStrategy[Record]:
        required: dict[str, SearchStrategy[Any]] = {}
        optional: dict[str, SearchStrategy[Any]] = {}
        for name, strategy in self._members(model).items():
            (required if model.model_fields[name].is_required() else optional)[name] = strategy
        return st.fixed_dictionaries(required, optional=optional)

    def _of(self, annotation: Any, metadata: tuple[Any, ...]) -> SearchStrategy[Any]:
        strategy = self._shaped(annotation, metadata)
        if not any(isinstance(mark, AfterValidator) for mark in metadata):
            return strategy
        adapter = TypeAdapter[Any](Annotated[(annotation, *metadata)])
        return strategy.filter(lambda value: _takes(adapter, value))

    def _shaped(self, annotation: Any, metadata: tuple[Any, ...]) -> SearchStrategy[Any]:
        limits = _Limits(metadata)
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self._of(arguments[0], (*_flat(arguments[1:]), *metadata))
        if origin in {Union, UnionType}:
            return st.one_of([self._of(one, metadata) for one in arguments if one is not NoneType])
        if origin is Literal:
            return st.sampled_from(arguments)
        if origin in {tuple, list}:
            least = limits.least or 0
            return st.lists(self._of(arguments[0], ()), min_size=least, max_size=max(least, limits.most_of(_MANY)))
        if origin is dict:
            names = st.text(self._characters, min_size=1, max_size=8)
            return st.dictionaries(names, self._of(arguments[1], ()), max_size=limits.most_of(_MANY))
        return self._plain(annotation, limits)

    def _plain(self, kind: Any, limits: "_Limits") -> SearchStrategy[Any]:  # noqa: C901  # because it is one table
        if kind is Any:
            return JSON_VALUES
        if kind is str:
            return self._text(limits)
        if kind is bool:
            return st.booleans()
        if kind is int:
            return st.integers(limits.low(-(2**63)), limits.high(2**63 - 1))
        if kind is float:
            return st.floats(limits.low(None), limits.high(None), allow_nan=False, allow_infinity=False)
        if kind is datetime:
            return st.sampled_from(_EDGE_MOMENTS) | _moments()
        if kind is date:
            return st.sampled_from(_EDGE_DAYS) | st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat)
        if issubclass(kind, Enum):
            return st.sampled_from([member.value for member in kind])
        if issubclass(kind, BaseModel):
            return st.deferred(lambda: self.model(kind))
        raise TypeError(f"say how to make a {kind} by chance")

    def _text(self, limits: "_Limits") -> SearchStrategy[str]:
        if limits.pattern not in {None, forms.LINE, forms.PROSE}:
            return written(str(limits.pattern)).filter(limits.takes_length)
        characters = self._characters
        if limits.pattern != forms.LINE:
            characters |= st.sampled_from("\n\t\r")
        least, most = limits.least or 0, limits.most_of(4000)
        # Lists, since a text strategy would join the alphabets and so lose the weight of the rare characters.
        short = st.lists(characters, min_size=least, max_size=max(least, min(most, 8))).map("".join)
        longest = st.lists(characters, min_size=1, max_size=3).map(lambda few: ("".join(few) * most)[:most])
        return (short | short | longest).filter(lambda text: limits.pattern is None or _shows(text))


def written(pattern: str) -> SearchStrategy[str]:
    """Texts that have one of the forms of :mod:`contracts.forms`."""
    whole = pattern.removeprefix("^").removesuffix("$")
    return st.from_regex(whole, fullmatch=True, alphabet=st.characters(exclude_categories=["Cs"]))


class _Limits:
    """What a field's metadata says, in one place."""

    def __init__(self, metadata: tuple[Any, ...]) -> None:
        self._said: dict[str, Any] = {}
        for mark in metadata:
            known = ("min_length", "max_length", "ge", "le", "gt", "lt", "pattern")
            self._said |= {name: value for name in known if (value := getattr(mark, name, None)) is not None}

    @property
    def pattern(self) -> str | None:
        return self._said.get("pattern")

    @property
    def least(self) -> int | None:
        return self._said.get("min_length")

    def most_of(self, enough: int) -> int:
        return min(enough, int(self._said.get("max_length", enough)))

    def low(self, otherwise: int | None) -> int | None:
        above = self._said.get("gt")
        return above + 1 if above is not None else self._said.get("ge", otherwise)

    def high(self, otherwise: int | None) -> int | None:
        below = self._said.get("lt")
        return below - 1 if below is not None else self._said.get("le", otherwise)

    def takes_length(self, text: str) -> bool:
        return (self.least or 0) <= len(text) <= int(self._said.get("max_length", len(text)))


def _flat(marks: tuple[Any, ...]) -> Iterator[Any]:
    for mark in marks:
        yield from mark.metadata if isinstance(mark, FieldInfo) else (mark,)


def _shows(text: str) -> bool:
    return bool(text.strip("\n\t\r "))


def _takes(adapter: TypeAdapter[Any], value: Any) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


@st.composite
def _moments(draw: Draw) -> str:
    # A day away from the ends of the range, any offset is still inside it.
    first = datetime(1900, 1, 2)  # noqa: DTZ001  # because the strategy adds the offset
    last = datetime(2199, 12, 30)  # noqa: DTZ001  # because the strategy adds the offset
    offsets = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
    moment: datetime = draw(st.datetimes(first, last, timezones=offsets))
    return moment.isoformat()
