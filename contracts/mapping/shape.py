# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What stands where in a contract's record: a pydantic model seen as a tree that a field map can be checked against."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo


class Kind(StrEnum):
    """What a place of a record holds in canonical JSON."""

    TEXT = "text"
    CODE = "code"
    FLAG = "flag"
    INTEGER = "integer"
    MOMENT = "moment"
    DAY = "day"
    TEXTS = "texts"
    GROUP = "group"
    GROUPS = "groups"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Shape:
    """One place. ``longest`` is in characters; ``codes`` maps each code of a closed list to its Chinese meaning."""

    kind: Kind
    title: str = ""
    required: bool = True
    longest: int | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, "Shape"] = field(default_factory=dict)

    def at(self, path: str) -> "Shape | None":
        """The place at a path such as ``applicant.name`` or ``materials[*].name``; None when there is none."""
        shape: Shape | None = self
        for step in path.split("."):
            name, many, rest = step.partition("[*]")
            if shape is None or rest:
                return None
            shape = shape.members.get(name)
            if shape is not None and many and shape.kind is not Kind.GROUPS:
                return None
        return shape

    def leaves(self, parent: str = "") -> Iterator[tuple[str, "Shape"]]:
        """Every place that holds a value, with its path."""
        for name, shape in self.members.items():
            path = f"{parent}{name}"
            match shape.kind:
                case Kind.GROUP:
                    yield from shape.leaves(f"{path}.")
                case Kind.GROUPS:
                    yield from shape.leaves(f"{path}[*].")
                case _:
                    yield path, shape


@cache
def shape_of(model: type[BaseModel]) -> Shape:
    """The record that a model describes."""
    return Shape(Kind.GROUP, members={name: _field(field) for name, field in model.model_fields.items()})


def _field(info: FieldInfo) -> Shape:
    found = _annotated(info.annotation, tuple(info.metadata))
    return Shape(found.kind, info.title or "", info.is_required(), found.longest, found.codes, found.members)


def _annotated(annotation: Any, metadata: tuple[Any, ...]) -> Shape:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _annotated(inner, (*metadata, *more))
    if origin in {Union, UnionType}:
        options = [option for option in get_args(annotation) if option is not NoneType]
        return _annotated(options[0], metadata) if len(options) == 1 else Shape(Kind.JSON)
    if origin in {tuple, list}:
        return _many(get_args(annotation)[0])
    if origin is Literal:
        return Shape(Kind.CODE, codes={str(value): str(value) for value in get_args(annotation)})
    return _plain(annotation, metadata)


def _many(annotation: Any) -> Shape:
    element = _annotated(annotation, ())
    match element.kind:
        case Kind.GROUP:
            return Shape(Kind.GROUPS, members=element.members)
        case Kind.TEXT | Kind.CODE:
            return Shape(Kind.TEXTS, longest=element.longest, codes=element.codes)
        case _:
            return Shape(Kind.JSON)


def _plain(annotation: Any, metadata: tuple[Any, ...]) -> Shape:
    if not isinstance(annotation, type):
        return Shape(Kind.JSON)
    if issubclass(annotation, BaseModel):
        return shape_of(annotation)
    if issubclass(annotation, Enum):
        codes = {str(code.value): getattr(getattr(code, "text", None), "zh", code.name) for code in annotation}
        return Shape(Kind.CODE, codes=codes)
    for known, kind in _KINDS:
        if issubclass(annotation, known):
            return Shape(kind, longest=_longest(metadata) if kind is Kind.TEXT else None)
    return Shape(Kind.JSON)


_KINDS = (
    (bool, Kind.FLAG), (int, Kind.INTEGER), (str, Kind.TEXT), (datetime, Kind.MOMENT), (date, Kind.DAY),
)  # fmt: skip


def _longest(metadata: tuple[Any, ...]) -> int | None:
    bounds = [inner for one in metadata for inner in (one.metadata if isinstance(one, FieldInfo) else (one,))]
    lengths = [bound.max_length for bound in bounds if isinstance(bound, MaxLen)]
    return min(lengths) if lengths else None
