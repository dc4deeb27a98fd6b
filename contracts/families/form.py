# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The item's own form (事项表单): what one item asks beyond what every application says."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from contracts.families.case_record import STRICT
from contracts.families.fields import Item, says
from contracts.personal import PersonalClass
from contracts.rules import SameAs

MAX_MEMBERS = 500
"""Members of the outermost object."""

MAX_VALUES = 10_000
"""Values of any kind in one form, on all levels."""

MAX_DEPTH = 16
"""Objects and arrays inside each other, ``data`` itself counted as one."""


def within_bounds(data: dict[str, Any]) -> bool:
    """Whether a form's data is small enough to be looked at. ``data`` is JSON."""
    return _beyond(data) is None


def _bounded(data: dict[str, Any]) -> dict[str, Any]:
    match _beyond(data):
        case "values":
            raise PydanticCustomError("form_values", "too many values")
        case "depth":
            raise PydanticCustomError("form_depth", "too deep")
        case None:
            return data


def _beyond(data: dict[str, Any]) -> Literal["values", "depth"] | None:
    """Level by level, so that nothing recurses and a form too large is left half read."""
    level: list[Any] = [data]
    seen = 0
    for _ in range(MAX_DEPTH):
        deeper: list[Any] = []
        for container in level:
            seen += len(container)
            if seen > MAX_VALUES:
                return "values"
            inside = container.values() if type(container) is dict else container
            deeper.extend(value for value in inside if type(value) is dict or type(value) is list)
        if not deeper:
            return None
        level = deeper
    return "depth"


FormData = Annotated[dict[str, Any], Field(strict=True, max_length=MAX_MEMBERS), AfterValidator(_bounded)]
"""A JSON object as :func:`contracts.strict_json.parse` gave it. It is carried exactly: a null in it stays a null."""

FormVersion = Annotated[int, Field(strict=True, ge=1, le=9999)]


class ItemForm(BaseModel):
    """One form, filled in. What ``data`` may hold is said by the form registered for the item and version."""

    model_config = STRICT

    item_code: Annotated[Item, says("表单实施编码", "Code of the item whose form this is")]
    form_version: Annotated[FormVersion, says("表单版本", "Version of the item's form, from 1")]
    data: Annotated[
        FormData,
        says("表单数据", "What was filled in, as the item's form says; its personal fields are named there"),
        PersonalClass.FREE_TEXT,
    ]


SAME_ITEM = SameAs(("form", "item_code"), "item_code")
"""The form is the form of the record's own item, where the record names it."""
