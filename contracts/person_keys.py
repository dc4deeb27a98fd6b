# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""By which numbers a case is looked for: those of persons and bodies that a record names, each written in one way."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import cache
from typing import Any

from pydantic import BaseModel

from contracts.contract import Contract
from contracts.personal import PersonalClass, personal_paths


class NumberKind(IntEnum):
    """Kinds of such numbers; the values lie in databases."""

    ID_NUMBER = 1
    PHONE = 2
    CREDIT_CODE = 3


_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CITIZEN = re.compile(r"[0-9]{17}[0-9X]")
_BETWEEN = re.compile(r"[\s\-()（）]+")
_ABROAD = re.compile(r"^(?:\+|00)?86(?=1[0-9]{10}$)")
_LONGEST = 64


def normalised(kind: NumberKind, text: str) -> str:
    """The number as it is compared: half width, upper case, without what stands between; phones without +86. Empty: none."""
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    if kind is NumberKind.PHONE:
        plain = _ABROAD.sub("", plain)
    return plain if len(plain) <= _LONGEST else ""


def numbers_in(contract: Contract, record: Mapping[str, Any]) -> frozenset[tuple[NumberKind, str]]:
    """The numbers in the fields that the contract marks as document numbers or telephones, normalised.

    A document number that has the form of a unified social credit code (GB 32100), and not that of an identity card, is one.
    """
    found = set[tuple[NumberKind, str]]()
    for way, kind in _ways(contract.model):
        for text in _at(record, way):
            plain = normalised(kind, text)
            if kind is NumberKind.ID_NUMBER and _CREDIT_CODE.fullmatch(plain) and not _CITIZEN.fullmatch(plain):
                kind = NumberKind.CREDIT_CODE  # noqa: PLW2901  # because a field may hold either
            if plain:
                found.add((kind, plain))
    return frozenset(found)


@cache
def _ways(model: type[BaseModel]) -> tuple[tuple[tuple[str, ...], NumberKind], ...]:
    kinds = {PersonalClass.ID_NUMBER: NumberKind.ID_NUMBER, PersonalClass.PHONE: NumberKind.PHONE}
    return tuple(
        (tuple(path.replace("[*]", ".[*]").split(".")[2:]), kinds[mark])
        for path, mark in personal_paths(model).items()
        if mark in kinds
    )


def _at(value: Any, way: tuple[str, ...]) -> Iterator[str]:
    if not way:
        if isinstance(value, str):
            yield value
    elif way[0] == "[*]":
        for one in value if isinstance(value, list | tuple) else ():
            yield from _at(one, way[1:])
    elif isinstance(value, dict) and (inner := value.get(way[0])) is not None:
        yield from _at(inner, way[1:])
