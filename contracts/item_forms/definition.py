# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The file in which a person writes one version of an item's own form. 事项表单

``examples/forms`` shows ten of them. ``name`` is the same in every version; ``items`` are 实施编码, whole or with one
star for any run of characters; ``schema`` is JSON Schema 2020-12 of the form's data; ``from_previous`` says what has
changed since the version before, so that forms can be converted both ways.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.fault import UnsuitableError
from contracts.item_forms.at import AT
from contracts.json_path import NAME
from contracts.text import Text

Carrier: TypeAlias = Literal["application", "step"]
"""Which record carries the form: an application, or a step of handling."""

FieldName = Annotated[str, StringConstraints(pattern=rf"^{NAME}$")]
Words = Annotated[str, Field(min_length=1, max_length=200)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)


class TitleSection(_Section):
    """What people call the form."""

    zh: Words
    en: Words


class _StepSection(_Section):
    at: Annotated[str, StringConstraints(pattern=AT)] = ""
    """The object in which it happens, from the top: ``premises``, ``staff[*]``; empty is the top."""


class RenamedSection(_StepSection):
    """The same field under another name."""

    old: FieldName = Field(alias="from")
    new: FieldName = Field(alias="to")


class AddedSection(_StepSection):
    """A field that this version alone has; ``default`` is what the silence of the version before means."""

    field: FieldName
    default: Any = None


class RemovedSection(_StepSection):
    """A field that the version before alone has; ``default`` is what the silence of this version means."""

    field: FieldName
    default: Any = None


class RecodedSection(_StepSection):
    """Other codes for the same facts: ``codes`` from old to new, ``back`` from new to old (else the inverse)."""

    field: FieldName
    codes: dict[str, str] = Field(min_length=1)
    back: dict[str, str] | None = None


class ListedSection(_StepSection):
    """What was one value is now a list of them."""

    field: FieldName


class StepSection(_Section):
    """One difference from the version before: exactly one of these."""

    renamed: RenamedSection | None = None
    added: AddedSection | None = None
    removed: RemovedSection | None = None
    recoded: RecodedSection | None = None
    listed: ListedSection | None = None

    @model_validator(mode="after")
    def _one(self) -> "StepSection":
        if len(self.model_fields_set) != 1 or None in (getattr(self, name) for name in self.model_fields_set):
            raise UnsuitableError(
                Text("一步只写一种变化。", "A step is one kind of change."),
                Text(
                    "写 renamed、added、removed、recoded、listed 之一。",
                    "Write one of renamed, added, removed, recoded and listed.",
                ),
            )
        return self


class ExpectSection(_Section):
    """A violation that an invalid example must have; ``path`` begins with ``$`` for the form's own data."""

    code: str
    path: Annotated[str, StringConstraints(pattern=r"^\$")]


class ExampleSection(_Section):
    """A form filled in with made-up values. With ``expect`` it is refused for exactly these reasons."""

    name: Words
    data: dict[str, Any]
    expect: list[ExpectSection] = Field(default_factory=list)


class FormFile(_Section):
    """The whole file."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    items: list[Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._*-]{1,64}$")]] = Field(min_length=1)
    carried_by: list[Carrier] = Field(default=["application", "step"], min_length=1, max_length=2)
    version: int = Field(ge=1, le=9999)
    title: TitleSection
    json_schema: dict[str, Any] = Field(alias="schema")
    from_previous: list[StepSection] | None = None
    examples: list[ExampleSection] = Field(default_factory=list)
