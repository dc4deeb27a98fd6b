# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which fields hold identifiers, and of which kind: written at the field's type, collected once per model.

The looks run for every message, so they are compiled: one look-up and one cached judgement per field that is there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from contracts.identifiers import department, document, item, licence, project, region
from contracts.identifiers.oddity import Oddity
from contracts.personal import nested
from contracts.refusal import Violation
from contracts.text import Text

Judge: TypeAlias = Callable[[str], tuple[Oddity, ...]]
KindJudge: TypeAlias = Callable[[str, str], tuple[Oddity, ...]]
"""Judges an identifier by its kind and its text."""

_REMEMBERED = 4096  # departments, items and regions are few and come again; none of them is personal


class Identifier(Enum):
    """Kinds of identifiers, as metadata in a field's type.

    A ``DOCUMENT`` number is judged by the kind of document that the field beside it names: ``id_number`` by ``id_type``;
    so is an ``ITEM`` code where its kind stands beside it, ``item_code`` by ``item_code_kind``.
    """

    DEPARTMENT = "department"
    ITEM = "item"
    REGION = "region"
    PROJECT = "project"
    LICENCE = "licence"
    DOCUMENT = "document"


_JUDGES: Mapping[Identifier, Judge] = {
    Identifier.DEPARTMENT: lru_cache(_REMEMBERED)(department.warnings),
    Identifier.ITEM: lru_cache(_REMEMBERED)(item.warnings),
    Identifier.REGION: lru_cache(_REMEMBERED)(region.warnings),
    Identifier.PROJECT: project.warnings,
    Identifier.LICENCE: licence.warnings,
}

_KIND_JUDGES: Mapping[Identifier, KindJudge] = {
    Identifier.DOCUMENT: document.warnings,
    Identifier.ITEM: lru_cache(_REMEMBERED)(item.warnings_of_kind),
}


@dataclass(frozen=True, slots=True)
class _Look:
    """What to look at in one object: its identifiers, its lists of them, those with their kind beside, and what is inside."""

    judged: tuple[tuple[str, Judge, str], ...]
    listed: tuple[tuple[str, Judge, str], ...]
    by_kind: tuple[tuple[str, str, KindJudge, str], ...]
    inside: tuple[tuple[str, bool, "_Look"], ...]

    def __bool__(self) -> bool:
        return bool(self.judged or self.listed or self.by_kind or self.inside)

    def sound(self, record: Mapping[str, Any]) -> bool:
        """Whether :meth:`find` would find nothing, sooner told."""
        for name, judge, _ in self.judged:
            if (text := record.get(name)) is not None and judge(text):
                return False
        for name, judge, _ in self.listed:
            if any(map(judge, record.get(name, ()))):
                return False
        for name, kind, judge_kind, _ in self.by_kind:
            if (text := record.get(name)) is not None and judge_kind(record.get(kind, ""), text):
                return False
        for name, many, look in self.inside:
            if (found := record.get(name)) is not None and not (
                all(map(look.sound, found)) if many else look.sound(found)
            ):
                return False
        return True

    def find(self, record: Mapping[str, Any], parent: str) -> Iterator[Violation]:
        """Everything odd in the object at this path."""
        for oddities, name, title in self._own(record):
            yield from _told(oddities, f"{parent}.{name}", title)
        for name, many, look in self.inside:
            if (found := record.get(name)) is None:
                continue
            if many:
                for index, one in enumerate(found):
                    yield from look.find(one, f"{parent}.{name}[{index}]")
            else:
                yield from look.find(found, f"{parent}.{name}")

    def _own(self, record: Mapping[str, Any]) -> Iterator[tuple[tuple[Oddity, ...], str, str]]:
        """The judgement of each field and list element that is there, with its name and title."""
        for name, judge, title in self.judged:
            if (text := record.get(name)) is not None:
                yield judge(text), name, title
        for name, judge, title in self.listed:
            for index, text in enumerate(record.get(name, ())):
                yield judge(text), f"{name}[{index}]", title
        for name, kind, judge_kind, title in self.by_kind:
            if (text := record.get(name)) is not None:
                yield judge_kind(record.get(kind, ""), text), name, title


def odd(model: type[BaseModel], record: Mapping[str, Any]) -> tuple[Violation, ...]:
    """What is odd about the identifiers of a record that satisfies its model, as ``model_dump(mode="json")`` gave it."""
    look = _look(model)
    return () if look.sound(record) else tuple(look.find(record, "$.data"))


@lru_cache(_REMEMBERED)
def _told(oddities: tuple[Oddity, ...], path: str, title: str) -> tuple[Violation, ...]:
    return tuple(
        Violation(one.code, path, Text(f"「{title}」：{one.expected.zh}", one.expected.en), one.remedy)
        for one in oddities
    )


@cache
def _look(model: type[BaseModel]) -> _Look:
    fields = model.model_fields
    marked = [
        (name, mark, many, field.title or name)
        for name, field in fields.items()
        for mark, many in _marks(field).items()
    ]
    inner = [(name, *nested(field.annotation)) for name, field in fields.items()]
    looks = [(name, many, _look(found)) for name, found, many in inner if found is not None and found is not model]
    by_kind = tuple(
        (name, kind, _KIND_JUDGES[mark], title)
        for name, mark, _, title in marked
        if mark in _KIND_JUDGES and (kind := _kind_beside(mark, name)) in fields
    )
    told_by_kind = {name for name, *_ in by_kind}
    return _Look(
        judged=tuple(
            (name, _JUDGES[mark], title)
            for name, mark, many, title in marked
            if mark in _JUDGES and not many and name not in told_by_kind
        ),
        listed=tuple((name, _JUDGES[mark], title) for name, mark, many, title in marked if mark in _JUDGES and many),
        by_kind=by_kind,
        inside=tuple((name, many, look) for name, many, look in looks if look),
    )


def _kind_beside(mark: Identifier, name: str) -> str:
    """The field that would say of which kind this one is."""
    return name.removesuffix("number") + "type" if mark is Identifier.DOCUMENT else f"{name}_kind"


def marks(field: FieldInfo) -> frozenset[Identifier]:
    """The identifiers that a field's type is marked with."""
    return frozenset(_marks(field))


def _marks(field: FieldInfo) -> Mapping[Identifier, bool]:
    """Each mark, and whether it stands at the elements of an array."""
    own = {one: False for one in field.metadata if isinstance(one, Identifier)}
    return {**own, **dict(_inside(field.annotation, many=False))}


def _inside(annotation: Any, *, many: bool) -> Iterator[tuple[Identifier, bool]]:
    yield from ((one, many) for one in getattr(annotation, "__metadata__", ()) if isinstance(one, Identifier))
    arguments = get_args(annotation)
    for argument in arguments:
        yield from _inside(argument, many=many or Ellipsis in arguments)
