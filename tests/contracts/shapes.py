# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Strategies for the fields of a pydantic model, by their types and limits, as values of JSON."""

from collections.abc import Callable, Iterator
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
from tests.contracts.events import JSON_VALUES

Record: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[SearchStrategy[Any]], Any]

CHARACTERS = st.sampled_from("甲乙丙测试市𠮷·䶮㐂𬭎é-0aZ&<>\"'\\　 ") | st.characters(exclude_categories=["Cs", "Cc"])
"""What texts are made of: common and rare ideographs, the dot of long names, what markup escapes, and anything else."""

_MANY = 3
"""Elements of an array at most, unless its contract wants more."""

_EDGE_MOMENTS = (
    "1900-01-01T00:00:00Z",
    "2199-12-31T23:59:59.999999Z",
    "2000-02-29T23:59:59.5Z",
    "2099-12-31T00:00:00+08:00",
    "2026-03-02T09:05:00+08:00",
)
_EDGE_DAYS = ("1900-01-01", "2199-12-31", "2000-02-29", "2099-12-31", "2026-03-02")


class Shapes:
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
