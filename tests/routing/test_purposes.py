# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Purposes: what is kept of a record, and what is refused because nothing of it would satisfy the contract."""

from typing import Any

import pytest

from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from routing.check_purposes import check_purposes
from routing.purposes import Purpose, limit
from routing.table import RouteTable, load

APPLICATION = builtin().versions("cn.gov.application.submitted")[1]
FULL = next(one.data for one in APPLICATION.examples if "材料齐全" in one.name)


def faults(purposes: str) -> list[tuple[int, str, str]]:
    text = f"version: 1\npurposes:\n{purposes}routes: []\n"
    table = load(text, "routes.yaml")
    assert isinstance(table, RouteTable), table
    return [(one.at.line, one.code, one.path) for one in check_purposes(table, builtin())]


def kept(fields: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    found = limit(Purpose(fields=fields), APPLICATION)
    assert found is not None
    assert isinstance(FULL, dict)
    return found.apply(FULL)


def test_only_what_is_listed_is_kept_and_what_was_left_out_is_named_by_path() -> None:
    record, left_out = kept({APPLICATION.type: ("case_no", "applicant.type", "materials.name")})

    assert isinstance(FULL, dict)
    assert record.keys() == {"case_no", "applicant", "materials"}
    assert record["applicant"].keys() == {"type"}
    assert all(one.keys() == {"name"} for one in record["materials"])
    assert {"$.data.applicant.name", "$.data.item_code", "$.data.materials[*].digest"} <= set(left_out)
    assert "$.data.case_no" not in left_out


def test_everything_is_everything() -> None:
    assert kept("all") == (FULL, ())


@pytest.mark.parametrize("width", ["required", "impersonal"])
def test_a_width_keeps_what_the_contract_requires(width: str) -> None:
    record, left_out = kept(width)

    assert isinstance(APPLICATION.check(record, record["case_no"]), Checked)
    assert "$.data.applicant.phone" in left_out
    assert "$.data.applicant.name" not in left_out  # which is personal, and required
    assert ("$.data.materials" in left_out) is (width == "required")


@pytest.mark.parametrize("contract", builtin().all(), ids=lambda one: one.schema_uri)
def test_impersonal_leaves_no_personal_field_that_is_not_required(contract: Contract) -> None:
    found = limit(Purpose(fields="impersonal"), contract)
    assert found is not None
    for example in contract.examples:
        if example.valid:
            assert isinstance(example.data, dict)
            record, _ = found.apply(example.data)
            required, _ = (limit(Purpose(fields="required"), contract) or found).apply(example.data)
            assert _personal(record, contract) == _personal(required, contract)


def _personal(record: dict[str, Any], contract: Contract) -> set[str]:
    return {path for path in _paths(record, "$.data") if path in contract.personal}


def _paths(value: Any, path: str) -> set[str]:
    if isinstance(value, dict):
        return {path}.union(*(_paths(one, f"{path}.{name}") for name, one in value.items()))
    if isinstance(value, list):
        return {path}.union(*(_paths(one, f"{path}[*]") for one in value))
    return {path}


def test_a_contract_that_is_not_named_is_not_for_the_purpose() -> None:
    purpose = Purpose(fields={"cn.gov.process.step": "all"})

    assert limit(purpose, APPLICATION) is None
    assert limit(Purpose(fields={"cn.gov.process.step": "all", "*": "required"}), APPLICATION) is not None


@pytest.mark.parametrize(
    ("purposes", "told"),
    [
        ('  a: {fields: {"*": impersonal}}\n', []),
        ("  a: {fields: all}\n", []),
        (
            '  a:\n    fields:\n      "*": [case_no]\n',
            [(5, "E_ROUTE_PURPOSE_EVERY", "purposes.a.fields.*")],
        ),
        (
            "  a:\n    fields:\n      cn.gov.nothing: all\n",
            [(5, "E_ROUTE_CONTRACT_UNKNOWN", "purposes.a.fields.cn.gov.nothing")],
        ),
        (
            "  a:\n    fields:\n      cn.gov.collection.recorded:\n      - case_no\n      - colector\n      - method.name\n",
            [
                (7, "E_ROUTE_FIELD_UNKNOWN", "purposes.a.fields.cn.gov.collection.recorded[1]"),
                (8, "E_ROUTE_FIELD_UNKNOWN", "purposes.a.fields.cn.gov.collection.recorded[2]"),
            ],
        ),
        (
            "  a:\n    fields:\n      cn.gov.collection.recorded: [case_no]\n",
            [(5, "E_ROUTE_FIELDS_REQUIRED", "purposes.a.fields.cn.gov.collection.recorded")],
        ),
        (  # a decision not to accept has its reason, says a rule
            "  a:\n    fields:\n      cn.gov.acceptance.decided: required\n",
            [
                (5, "E_ROUTE_FIELDS_RULE", "purposes.a.fields.cn.gov.acceptance.decided"),
                (5, "E_ROUTE_FIELDS_RULE", "purposes.a.fields.cn.gov.acceptance.decided"),
            ],
        ),
    ],
)
def test_what_would_not_satisfy_its_contract_is_refused_with_its_line(
    purposes: str, told: list[tuple[int, str, str]]
) -> None:
    assert faults(purposes) == told


def test_a_purpose_that_nothing_says_is_told_where_it_is_used() -> None:
    text = "version: 1\ndestinations: {b: statistic}\npurposes: {statistics: {fields: all}}\nroutes: []\n"
    found = load(text, "routes.yaml")

    assert isinstance(found, tuple)
    assert [(one.at.line, one.code) for one in found] == [(2, "E_ROUTE_PURPOSE_UNKNOWN")]
    assert "statistics" in found[0].remedy.en
