# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The YAML of a site's map, as pydantic models: what may be written where. What it means is checked in ``resolving``.

Everything is optional but the version, because a site's map that extends another one says only what differs.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from contracts.fault import UnsuitableError
from contracts.text import Text

_SHAPE = ConfigDict(extra="forbid", frozen=True)

Carrier: TypeAlias = Literal["xml", "rows", "messages"]
EncodingName: TypeAlias = Literal["UTF-8", "GB18030", "GB2312"]
Direction: TypeAlias = Literal["both", "write", "read"]
Unit: TypeAlias = Literal["characters", "bytes"]

Word = Annotated[str, Field(min_length=1, max_length=200)]
CodeText = Annotated[str, Field(min_length=1, max_length=100)]
_LONG = {"write", "read", "cannot", "unmapped"}


def _codes(value: Any) -> Any:
    """``{passed: "1"}`` is short for ``{write: {passed: "1"}}``."""
    if isinstance(value, dict) and not (value.keys() <= _LONG and isinstance(value.get("write", {}), dict)):
        return {"write": value}
    return value


class CodesSpec(BaseModel):
    """A code map. ``cannot`` lists canonical codes that the dialect has no text for."""

    model_config = _SHAPE

    write: dict[Word, CodeText] = {}
    read: dict[CodeText, Word] | None = None
    cannot: list[Word] = []
    unmapped: Literal["refuse", "pass"] = "refuse"


def _kind(value: Any) -> str:
    return "name" if isinstance(value, str) else "map"


_Map = Annotated[CodesSpec, BeforeValidator(_codes), Tag("map")]
_KIND = Discriminator(_kind)

Codes = Annotated[Annotated[Literal["site", "same", "titles"], Tag("name")] | _Map, _KIND]
"""A code map; ``same`` or ``titles`` as at a field; or ``site``: codes that only a site's own map can say."""

FieldCodes = Annotated[Annotated[str, Tag("name")] | _Map, _KIND]
"""A code map, the name of one, ``same`` (the contract's own codes) or ``titles`` (their Chinese meaning)."""


def _field(value: Any) -> Any:
    """``申请者名称: applicant.name`` is short for ``申请者名称: {path: applicant.name}``."""
    return {"path": value} if isinstance(value, str) else value


class FieldSpec(BaseModel):
    """One field of the dialect: a value (``path``, ``constant`` or ``context``), a group or a repeated group."""

    model_config = _SHAPE

    path: Word | None = None
    constant: Annotated[str, Field(max_length=200)] | None = None
    context: Word | None = None
    each: Word | None = None
    fields: "dict[Word, Named | None] | None" = None

    codes: FieldCodes | None = None
    format: Word | None = None
    flag: Annotated[list[CodeText], Field(min_length=2, max_length=2)] | None = None
    fill: Literal["zero"] | None = None
    join: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    max: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    unit: Unit | None = None
    required: bool = False
    absent: CodeText | None = None
    otherwise: Word | None = None
    direction: Direction = "both"

    @model_validator(mode="after")
    def _one_source(self) -> "FieldSpec":
        said = [name for name in ("path", "constant", "context", "fields") if getattr(self, name) is not None]
        if len(said) != 1 or (self.each is not None and self.fields is None):
            raise UnsuitableError(
                Text("一个字段须恰有一个来源。", "A field has exactly one source."),
                Text(
                    "写 path、constant、context 之一；分组写 fields，重复的分组再写 each。",
                    "Write one of path, constant and context; fields for a group, with each for a repeated one.",
                ),
            )
        return self


Named = Annotated[FieldSpec, BeforeValidator(_field)]


class MessageSpec(BaseModel):
    """One kind of message: a version of a contract as the dialect names and writes it.

    ``like`` names another message of the map, of which this one says only what differs.
    """

    model_config = _SHAPE

    like: Word | None = None
    name: Word | None = None
    direction: Direction = "both"
    when: dict[Word, bool | CodeText] = {}
    earlier: dict[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,30}$")], Word] = {}
    assume: dict[Word, bool | int | CodeText | None] = {}
    fields: Annotated[dict[Word, Named | None], Field(max_length=1000)] = {}
    dropped: Annotated[list[Word], Field(max_length=1000)] = []
    ignored: Annotated[list[Word], Field(max_length=1000)] = []


class TitleSpec(BaseModel):
    """A title in both languages."""

    model_config = _SHAPE

    zh: Word
    en: Word


class FormatsSpec(BaseModel):
    """How values are written where a field does not say otherwise."""

    model_config = _SHAPE

    moment: Word | None = None
    day: Word | None = None
    flag: Annotated[list[CodeText], Field(min_length=2, max_length=2)] | None = None
    unit: Unit = "characters"


class MapFile(BaseModel):
    """A whole file."""

    model_config = _SHAPE

    map: Literal[1]
    title: TitleSpec | None = None
    extends: Word | None = None
    carrier: Carrier | None = None
    encoding: EncodingName | None = None
    suffix: Annotated[str, Field(max_length=20, pattern=r"^[0-9A-Za-z_]*$")] | None = None
    formats: FormatsSpec | None = None
    codes: Annotated[dict[Word, Codes], Field(max_length=500)] = {}
    messages: Annotated[dict[Word, MessageSpec], Field(max_length=200)] = {}
