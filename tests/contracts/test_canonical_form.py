# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The derived validator against the model: it takes the same, and writes the same."""

import copy
import re
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    computed_field,
    model_serializer,
    model_validator,
)

from contracts.canonical_form import CanonicalForm, canonical_form
from contracts.catalogue import builtin
from contracts.families.fields import Day, Flag, Line20, Moment, Size
from tests.contracts.events import JSON_VALUES
from tests.contracts.instances import instances

ODD_VALUES = st.sampled_from([
    *(None, True, False, 0, 1, -1, 10**9, 1.5, "", " ", "1", "2", "甲", "a\nb", [], {}, [None], {"a": None}),
    *("2026-03-02T01:05:00Z", "2026-03-02T09:05:00.5+08:00", "2026-03-02T09:05:00+08:00", "2026-02-30T09:05:00+08:00"),
    *("1900-01-01T08:00:00+08:00", "1900-01-01T07:59:59+08:00", "2199-12-31T23:59:59Z", "2200-01-01T08:00:00+08:00"),
    *("2026-03-02T24:00:00+08:00", "2026-W09-1T09:05:00+08:00", "2026-03-02t09:05:00+08:00", "2026-03-02 09:05:00+08:00"),
    *("2026-03-02", "2026-02-29", "1899-12-31", "1900-01-01", "2199-12-31", "2200-01-01", "2026-3-2", "20260302"),
]).map(copy.deepcopy)  # fmt: skip  # a value drawn is put into others


def by_model(model: type[BaseModel], data: Any) -> Any:
    """What pydantic alone makes of it; the errors when it takes nothing."""
    try:
        return model.model_validate(data).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        return error.errors(include_url=False)


def directly(model: type[BaseModel], data: Any) -> Any:
    found = canonical_form(model).of(data)
    return found.errors(include_url=False) if isinstance(found, ValidationError) else found


@pytest.mark.parametrize("contract", builtin().all(), ids=lambda contract: contract.schema_uri)
def test_every_contract_of_ours_is_written_directly(contract: Any) -> None:
    assert canonical_form(contract.model).direct


@given(st.data())
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_takes_and_writes_what_the_model_does(data: st.DataObject) -> None:
    contract = data.draw(st.sampled_from(builtin().all()))
    record = data.draw(instances(contract))
    before = copy.deepcopy(record)

    assert directly(contract.model, record) == by_model(contract.model, record)
    assert record == before


@given(st.data())
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_refuses_what_the_model_does(data: st.DataObject) -> None:
    contract = data.draw(st.sampled_from(builtin().all()))
    record = data.draw(st.sampled_from([copy.deepcopy(example.data) for example in contract.examples]))
    for _ in range(data.draw(st.integers(1, 2))):
        holder, key = data.draw(st.sampled_from([*_places(record)]))
        holder[key] = data.draw(ODD_VALUES | JSON_VALUES)

    assert directly(contract.model, record) == by_model(contract.model, record)


def _places(record: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a record, and one that it should not have."""
    for key, value in [*record.items()] if isinstance(record, dict) else [*enumerate(record)]:
        yield record, key
        if isinstance(value, dict | list):
            yield from _places(value)
    if isinstance(record, dict):
        yield record, "surplus"


@given(ODD_VALUES | JSON_VALUES)
@settings(deadline=None, max_examples=200)
def test_anything_but_an_object_is_refused_likewise(value: Any) -> None:
    model = builtin().all()[0].model

    assert directly(model, value) == by_model(model, value)


class Part(BaseModel):
    """A part."""

    a: Line20 | None = None
    b: int = 3


class Direct(BaseModel):
    """Everything that is understood."""

    needed: Line20 | None
    part: Part | None = None
    parts: Annotated[tuple[Part, ...], Field(max_length=3)] = ()
    listed: Annotated[list[Day], Field(max_length=2)] = []
    word: str = "as it is"
    flag: Flag | None = True
    size: Size = 0
    at: Moment | None = None
    before: Annotated[str, BeforeValidator(lambda value: value[:3])] = "abc"
    after: Annotated[dict[str, Any], AfterValidator(lambda value: {**value, "seen": None})]


DIRECT = {
    "needed": "x",
    "part": {"a": None, "b": 1},
    "parts": [{"a": "y"}, {}],
    "listed": ["2026-03-02"],
    "flag": None,
    "at": "2026-03-02T01:05:00.25Z",
    "before": "abcdef",
    "after": {"null": None},
    "beyond": 1,
}


@given(st.dictionaries(st.sampled_from(sorted(DIRECT)), ODD_VALUES, max_size=3))
@settings(deadline=None, max_examples=200)
def test_defaults_nulls_and_functions_are_as_the_model_has_them(changed: dict[str, Any]) -> None:
    assert canonical_form(Direct).direct
    try:
        expected = by_model(Direct, {**DIRECT, **changed})
    except TypeError:
        with pytest.raises(TypeError):
            directly(Direct, {**DIRECT, **changed})
    else:
        assert directly(Direct, {**DIRECT, **changed}) == expected


class Numbered(Enum):
    """No texts."""

    ONE = 1


class Recursive(BaseModel):
    """It contains itself."""

    inner: "Recursive | None" = None


class Aliased(BaseModel):
    """Under another name."""

    field: Annotated[str, Field(alias="other")] = ""


class Extra(BaseModel):
    """More than it says."""

    model_config = ConfigDict(extra="allow")


class Stripping(BaseModel):
    """A setting that reaches its fields."""

    model_config = ConfigDict(str_strip_whitespace=True)

    field: str = ""


class Computed(BaseModel):
    """A field that nobody sends."""

    @computed_field  # type: ignore[prop-decorator]  # because mypy knows no decorated properties
    @property
    def more(self) -> str:
        return "more"


class Serialized(BaseModel):
    """Written its own way."""

    @model_serializer
    def written(self) -> dict[str, str]:
        return {"its": "own"}


class Validated(BaseModel):
    """A rule of its own."""

    field: str = ""

    @model_validator(mode="after")
    def never(self) -> "Validated":
        if self.field == "a":
            raise ValueError("not a")
        return self


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[str, PlainSerializer(str.upper)],
        Annotated[Moment, Field(gt=datetime.fromisoformat("2026-03-02T09:05:00+08:00"))],
        Annotated[Line20 | None, BeforeValidator(lambda value: None if value == "a" else value)],
        Annotated[str, AfterValidator(lambda value: None if value == "a" else value)],
        Annotated[Any, AfterValidator(lambda value: None)],
        (Any),
        (int | str),
        (float),
        (datetime),
        tuple[str, int],
        list[Line20 | None],
        dict[str, Moment],
        (Numbered),
        (Recursive),
        (Aliased),
        (Extra),
        (Stripping),
        (Computed),
        (Serialized),
        (Validated),
    ],
    ids=lambda annotation: re.sub(r" at 0x[0-9a-f]+", "", str(annotation)),  # the same in every process
)
@given(
    value=ODD_VALUES
    | st.fixed_dictionaries({}, optional={"inner": st.just({}), "field": ODD_VALUES, "other": ODD_VALUES})
)
@settings(deadline=None, max_examples=40)
def test_what_is_not_understood_goes_through_the_model(annotation: Any, value: Any) -> None:
    model = type("Model", (BaseModel,), {"__annotations__": {"field": annotation | None}, "field": None})

    assert directly(model, {"field": value}) == by_model(model, {"field": value})


@pytest.mark.parametrize("model", [Recursive, Aliased, Extra, Stripping, Computed, Serialized, Validated])
def test_such_a_model_is_not_written_directly(model: type[BaseModel]) -> None:
    assert not CanonicalForm(model).direct
