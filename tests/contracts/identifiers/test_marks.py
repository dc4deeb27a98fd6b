# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Identifiers at their fields: found wherever they stand in a record, and told by path without their value."""

from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.example import but
from contracts.families.fields import Department, IdNumber, IdType, Item, LicenceId, ProjectCode, Region, says
from contracts.identifiers.marks import Identifier, _look, marks, odd
from contracts.personal import nested
from tests.contracts.identifiers.numbers import CITIZENS, NATIONAL_ITEMS, USCCS, changed

CODE, SHORT = "11370800MB28559184", "1137080MB28559184"
APPLICATION = builtin().versions("cn.gov.application.submitted")[0]


class Part(BaseModel):
    """One part."""

    department_code: Annotated[Department | None, says("部门", "department")] = None


class Holder(BaseModel):
    """A holder, whose kind of document stands beside the number."""

    holder_id_type: Annotated[IdType | None, says("类型", "type")] = None
    holder_id_number: Annotated[IdNumber | None, says("号码", "number")] = None
    other_number: Annotated[IdNumber | None, says("其他", "a number of no kind")] = None


class Whole(BaseModel):
    """Everything at once."""

    region_code: Annotated[Region | None, says("区划", "region")] = None
    item_code: Annotated[Item | None, says("事项", "item")] = None
    project_code: Annotated[ProjectCode | None, says("项目", "project")] = None
    licence_id: Annotated[LicenceId | None, says("标识", "licence")] = None
    departments: Annotated[tuple[Department, ...], says("名单", "departments")] = ()
    holder: Annotated[Holder | None, says("持证者", "holder")] = None
    parts: Annotated[tuple[Part, ...], says("部分", "parts")] = ()


def found(record: dict[str, Any]) -> list[tuple[str, str]]:
    dumped = Whole.model_validate(record).model_dump(mode="json", exclude_none=True)
    return [(one.code, one.path) for one in odd(Whole, dumped)]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({}, []),
        ({"region_code": "370882"}, [("E_W_RETIRED", "$.data.region_code")]),
        ({"item_code": "X"}, [("E_W_FORM", "$.data.item_code")]),
        ({"project_code": "X"}, [("E_W_FORM", "$.data.project_code")]),
        ({"licence_id": "X"}, [("E_W_FORM", "$.data.licence_id")]),
        ({"holder": {"holder_id_type": "111", "holder_id_number": "9" * 15}}, [
            ("E_W_OLD_FORM", "$.data.holder.holder_id_number")]),
        ({"holder": {"holder_id_type": "414", "holder_id_number": "9" * 15}}, []),
        ({"holder": {"holder_id_number": "9" * 15, "other_number": "9" * 15}}, []),
        ({"departments": [CODE, SHORT]}, [("E_W_TRUNCATED", "$.data.departments[1]")]),
        ({"parts": [{"department_code": CODE}, {"department_code": SHORT}]}, [
            ("E_W_TRUNCATED", "$.data.parts[1].department_code")]),
    ],
)  # fmt: skip
def test_identifiers_are_found_where_they_stand(record: dict[str, Any], said: list[tuple[str, str]]) -> None:
    assert found(record) == said


def test_a_warning_names_the_field_and_not_the_value() -> None:
    (warning,) = odd(Whole, {"parts": [{"department_code": SHORT}]})

    assert "「部门」" in warning.expected.zh
    assert SHORT not in str(warning)


@settings(max_examples=60, deadline=None)
@given(USCCS, NATIONAL_ITEMS, CITIZENS, st.integers(0, 60), st.sampled_from("0A"))
def test_the_short_way_and_the_long_one_agree(code: str, item: str, number: str, at: int, to: str) -> None:
    record = {
        "item_code": changed(item, at, to),
        "holder": {"holder_id_type": "111", "holder_id_number": changed(number, at, to)},
        "departments": [code, changed(code, at, to)],
        "parts": [{"department_code": code}, {"department_code": changed(code, at, to)}],
    }
    look = _look(Whole)

    assert look.sound(record) == (list(look.find(record, "$.data")) == [])


def test_a_message_with_odd_identifiers_satisfies_its_contract() -> None:
    data = APPLICATION.examples[0].data
    assert isinstance(data, dict)
    odd_one = APPLICATION.check(but(data, department_code=SHORT), data["case_no"])
    right = APPLICATION.check(but(data, department_code=CODE), data["case_no"])

    assert isinstance(odd_one, Checked)
    assert isinstance(right, Checked)
    assert ("E_W_TRUNCATED", "$.data.department_code") in [(one.code, one.path) for one in odd_one.warnings]
    assert "$.data.department_code" not in {one.path for one in right.warnings}


def models(model: type[BaseModel]) -> set[type[BaseModel]]:
    inner = [nested(field.annotation)[0] for field in model.model_fields.values()]
    return {model, *(one for found in inner if found is not None and found is not model for one in models(found))}


EXPECTED = {
    "region_code": Identifier.REGION,
    "item_code": Identifier.ITEM,
    "department_code": Identifier.DEPARTMENT,
    "id_number": Identifier.DOCUMENT,
}


@pytest.mark.parametrize("contract", builtin().all(), ids=lambda contract: contract.schema_uri)
def test_no_identifier_goes_unmarked(contract: Contract) -> None:
    """Fields whose names speak of an identifier carry its mark, so that a new family cannot forget it."""
    unmarked = {
        f"{model.__name__}.{name}"
        for model in models(contract.model)
        for name, field in model.model_fields.items()
        for end, mark in EXPECTED.items()
        if name == end and mark not in marks(field)
    }

    assert unmarked == set()


def test_a_sites_own_item_code_is_judged_by_nobody() -> None:
    newest = builtin().versions("cn.gov.application.submitted")[-1]
    own = next(one.data for one in newest.examples if one.valid and one.data["item_code_kind"] != "local")
    odd_code = {**own, "item_code": "SITE-7"}

    assert [one.path for one in odd(newest.model, odd_code)] == ["$.data.item_code"]
    assert odd(newest.model, {**odd_code, "item_code_kind": "local"}) == ()
