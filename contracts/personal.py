# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which fields are personal, and of which kind: written at the field, read by whatever masks or encrypts."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class PersonalClass(StrEnum):
    """Kinds of personal data, each masked in its own way."""

    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    ADDRESS = "address"
    FREE_TEXT = "free_text"
    """Written by hand: it may hold anything about anybody."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(core), "x-personal": self.value}


@cache
def personal_paths(model: type[BaseModel]) -> Mapping[str, PersonalClass]:
    """The JSON paths of a model's personal fields; ``[*]`` stands for every element of an array."""
    return MappingProxyType(dict(_marked(model, "$.data")))


def _marked(model: type[BaseModel], parent: str) -> Iterator[tuple[str, PersonalClass]]:
    for name, field in model.model_fields.items():
        yield from ((f"{parent}.{name}", mark) for mark in field.metadata if isinstance(mark, PersonalClass))
        inner, many = nested(field.annotation)
        if inner is not None:
            yield from _marked(inner, f"{parent}.{name}{'[*]' if many else ''}")


def nested(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model inside a field's annotation, if any, and whether the field holds many of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    arguments = get_args(annotation)
    found = (within for within in map(nested, arguments) if within[0] is not None)
    inner, many = next(found, (None, False))
    return inner, many or (inner is not None and Ellipsis in arguments)
