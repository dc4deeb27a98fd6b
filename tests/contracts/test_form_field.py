# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The form that an application and a process step carry: free JSON, kept exactly, within bounds."""

import json
from typing import Any

import pytest

from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.example import but
from contracts.families.form import MAX_DEPTH, MAX_MEMBERS, MAX_VALUES
from contracts.personal import PersonalClass

CARRIERS = [builtin().versions(name)[0] for name in ("cn.gov.application.submitted", "cn.gov.process.step")]
ITEM = "1151050200000000084000131014000"


def with_form(contract: Contract, data: Any) -> dict[str, Any]:
    first: Any = contract.examples[0].data
    return but(first, form={"item_code": ITEM, "form_version": 1, "data": data})


def check(contract: Contract, record: dict[str, Any]) -> Any:
    found = contract.check(record, record["case_no"])
    if isinstance(found, Checked):
        return json.loads(found.canonical)
    return [(violation.code, violation.path) for violation in found]


def nested(levels: int) -> Any:
    """An object with objects and arrays inside each other, by turns."""
    data: Any = {} if levels % 2 else []
    for _ in range(levels - 1):
        data = {"inside": data} if isinstance(data, list) else [data]
    return data


@pytest.mark.parametrize("contract", CARRIERS, ids=lambda contract: contract.type)
def test_the_canonical_form_keeps_every_value(contract: Contract) -> None:
    data: dict[str, Any] = {
        "nothing": None, "none_inside": [None, {"none": None}, []], "empty": {}, "yes": True, "one": 1, "float": 1.0,
        "large": 2**63 - 1, "name": "𠮷·䶮", "": "", "键": " blank ",
    }  # fmt: skip

    assert check(contract, with_form(contract, data))["form"]["data"] == data


@pytest.mark.parametrize("contract", CARRIERS, ids=lambda contract: contract.type)
def test_a_form_within_bounds_is_taken(contract: Contract) -> None:
    many = {"values": [0] * (MAX_VALUES - 1)}

    for data in ({}, nested(MAX_DEPTH), many, {f"f{n}": n for n in range(MAX_MEMBERS)}):
        assert check(contract, with_form(contract, data))["form"]["data"] == data


@pytest.mark.parametrize(
    "data",
    [
        {f"f{n}": n for n in range(MAX_MEMBERS + 1)},
        {"values": [0] * MAX_VALUES},
        {"values": [[0] * 99] * 100},
        nested(MAX_DEPTH + 1),
        nested(60),
    ],
    ids=["members", "values", "values-spread", "depth", "deep"],
)
def test_a_form_without_bounds_is_refused(data: Any) -> None:
    for contract in CARRIERS:
        assert check(contract, with_form(contract, data)) == [("E_V_LENGTH", "$.data.form.data")]


def test_a_step_that_names_no_item_carries_a_form() -> None:
    step = CARRIERS[1]

    assert check(step, with_form(step, {}))["form"]["item_code"] == ITEM


@pytest.mark.parametrize("contract", CARRIERS, ids=lambda contract: contract.type)
def test_the_form_is_of_the_records_item(contract: Contract) -> None:
    other = but(with_form(contract, {}), item_code="1151050200000000084000000000009")

    assert check(contract, other) == [("E_V_RULE", "$.data.form.item_code")]


@pytest.mark.parametrize("contract", CARRIERS, ids=lambda contract: contract.type)
def test_a_form_is_personal_as_a_whole_to_those_who_do_not_know_it(contract: Contract) -> None:
    assert contract.personal["$.data.form.data"] is PersonalClass.FREE_TEXT
