# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Retired division codes and what took their place: a table that people write, effective from certain days.

    version: 1
    retired:
      - {code: "370882", successor: "370812", on: 2013-10-18, source: 国函〔2013〕115号}

A division that was split has no single successor and does not belong here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.located import Fault, Located, UnsuitableError, build, read
from contracts.text import Text

_WRONG_CODE = (
    Text("不是 6 位的行政区划代码。", "This is not a division code of 6 digits."),
    Text('请写 6 位数字并加引号，如 "370812"。', "Write 6 digits in quotes, as in '370812'."),
)


def _county(value: str) -> str:
    if len(value) != 6 or not (value.isascii() and value.isdigit()):
        raise UnsuitableError(*_WRONG_CODE)
    return value


_Code = Annotated[str, AfterValidator(_county)]


class Retirement(BaseModel):
    """One code that went out of use on the day ``on``, when its ``successor`` took its place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: _Code
    successor: _Code
    on: date
    source: Annotated[str, Field(min_length=1)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    retired: tuple[Retirement, ...]


@dataclass(frozen=True, slots=True)
class Successions:
    """Retired codes, each with its retirement; no code succeeds itself, however far one follows."""

    retired: Mapping[str, Retirement]

    def successor(self, code: str, on: date) -> str | None:
        """What the 6-digit code had become by that day, through every retirement until then; None: it was in use."""
        current = code
        while (retirement := self.retired.get(current)) is not None and retirement.on <= on:
            current = retirement.successor
        return None if current == code else current

    def on(self, day: date) -> Mapping[str, str]:
        """Every code that was retired by that day, with what it had become."""
        return {code: now for code in self.retired if (now := self.successor(code, day)) is not None}

    def and_also(self, other: "Successions") -> "Successions | str":
        """This table and the other, whose word counts where both speak; a code that would succeed itself, if there is one."""
        return _without_circle({**self.retired, **other.retired})


def load(path: Path) -> Successions | tuple[Fault, ...]:
    """The table in a YAML file, or everything wrong with it."""
    source = read(path)
    if isinstance(source, Fault):
        return (source,)
    document = build(source, _Document)
    if isinstance(document, tuple):
        return document
    if faults := tuple(_repeated(document, source)):
        return faults
    table = _without_circle({one.code: one for one in document.retired})
    if isinstance(table, Successions):
        return table
    index = next(index for index, one in enumerate(document.retired) if one.code == table)
    place = ("retired", index, "successor")
    return (Fault("E_REGION_CIRCLE", f"retired[{index}].successor", source.at(place), *_CIRCLE),)


def _repeated(document: _Document, source: Located) -> list[Fault]:
    codes = [one.code for one in document.retired]
    return [
        Fault("E_REGION_TWICE", f"retired[{index}].code", source.at(("retired", index, "code")), *_TWICE)
        for index, code in enumerate(codes)
        if code in codes[:index]
    ]


def _without_circle(retired: Mapping[str, Retirement]) -> Successions | str:
    for code in retired:
        seen, current = set[str](), code
        while current in retired:
            if current in seen:
                return current
            seen.add(current)
            current = retired[current].successor
    return Successions(MappingProxyType(dict(retired)))


_CIRCLE = (
    Text("沿继任代码会回到原代码。", "Following the successors leads back to this code."),
    Text("请改正继任代码。", "Correct the successor."),
)
_TWICE = (
    Text("同一代码写了两次。", "The same code stands twice."),
    Text("请删去一条；一个代码只有一个继任代码。", "Remove one: a code has one successor."),
)
