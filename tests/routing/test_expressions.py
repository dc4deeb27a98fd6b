# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Expressions: checked against a contract's fields, evaluated on its records, and stopped when they run away."""

import time
from typing import cast

import orjson
import pytest

from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from routing.expressions import Expression, Misfit, Said, Undecided, language

APPLICATION = builtin().versions("cn.gov.application.submitted")[1]
MANY = "[" + ",".join(["1"] * 120) + "]"


def record(contract: Contract, name: str = "", **changes: object) -> Said:
    example = next(one.data for one in contract.examples if one.valid and name in one.name)
    assert isinstance(example, dict)
    data = {**example, **changes}
    checked = contract.check(data, cast("str", data[contract.subject]))
    assert isinstance(checked, Checked), checked
    return language(contract).said(orjson.loads(checked.canonical), "portal")


def value(text: str, said: Said | None = None) -> bool | str | Undecided:
    compiled = language(APPLICATION).compiled(text, "bool")
    assert isinstance(compiled, Expression), compiled
    return compiled.value(said or record(APPLICATION))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("source == 'portal'", True),
        ("data.applicant.type == '1'", True),
        ("has(data.contact)", False),
        ("!has(data.applicant.legal_representative)", True),
        ("data.applicant.legal_representative == ''", True),
        ("data.item_code.matches('^1')", True),
        ("timestamp(data.applied_at) < timestamp('2099-01-01T00:00:00Z')", True),
        ("size(data.materials) > 99", False),
    ],
)
def test_what_an_expression_says_of_a_record(text: str, expected: object) -> None:
    assert value(text) is expected


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("data.applicant.nam == 'x'", (1, 15), "undefined field 'nam'"),
        ("data.materials.exists(m, m.nme == 'x')", (1, 27), "undefined field 'nme'"),
        ("data.case_no == 1", (1, 14), "no matching overload"),
        ("nobody == 'x'", (1, 1), "undeclared reference"),
        ("data.case_no", (1, 1), "its value is a string, not a bool"),
        ("data.case_no ==", (1, 16), "Syntax error"),
        ("true ||\n  data.x", (2, 7), "undefined field 'x'"),
        ("", (1, 1), "Syntax error"),
        ("true" + " || true" * 400, (1, 1), "longer than"),
        ("(" * 900 + "true" + ")" * 900, (1, 1), ""),
    ],
)
def test_what_is_no_expression_is_told_with_its_place(text: str, place: tuple[int, int], said: str) -> None:
    found = language(APPLICATION).compiled(text, "bool")

    assert isinstance(found, Misfit)
    assert (found.line, found.column) == place
    assert said in found.said
    assert "govhub" not in found.said


@pytest.mark.parametrize(
    "text",
    [
        f"{MANY}.map(a, {MANY}.map(b, {MANY}.map(c, a + b + c))).size() > 0",
        f"{MANY}.all(a, {MANY}.all(b, {MANY}.all(c, a + b + c > 0)))",
    ],
)
def test_an_expression_that_runs_away_is_stopped(text: str) -> None:
    compiled = language(APPLICATION).compiled(text, "bool")
    assert isinstance(compiled, Expression)
    said, began = record(APPLICATION), time.process_time()

    found = compiled.value(said)

    assert isinstance(found, Undecided)
    assert "budget" in found.said
    assert time.process_time() - began < 1


def test_a_form_is_anything_and_what_it_lacks_leaves_the_question_open_without_telling_a_value() -> None:
    form = {"item_code": "11510502000000051G4000117010001", "form_version": 1, "data": {"kin": {"名": "某甲"}, "n": 3}}
    said = record(APPLICATION, item_code="11510502000000051G4000117010001", form=form)

    assert value("data.form.data.n == 3", said) is True
    assert value("has(data.form.data.m)", said) is False
    found = value("data.form.data[data.form.data.kin['名']] == 1", said)
    assert isinstance(found, Undecided)
    assert "某甲" not in found.said


def test_lists_are_searched() -> None:
    said = record(APPLICATION, "材料齐全")

    assert value("data.materials.exists(m, m.name != '')", said) is True
    assert value("data.materials.all(m, m.name == '')", said) is False


def test_without_personal_fields_an_expression_cannot_read_them() -> None:
    found = language(APPLICATION, personal=False).compiled("data.applicant.name", "string")

    assert isinstance(found, Misfit)
    assert isinstance(language(APPLICATION).compiled("data.applicant.name", "string"), Expression)
    assert isinstance(language(APPLICATION, personal=False).compiled("data.applicant.type", "string"), Expression)


@pytest.mark.parametrize("contract", builtin().all(), ids=lambda one: one.schema_uri)
def test_every_example_of_every_contract_can_be_spoken_of(contract: Contract) -> None:
    compiled = language(contract).compiled(f"data.{contract.subject} != ''", "bool")
    assert isinstance(compiled, Expression)
    for example in contract.examples:
        if example.valid:
            assert compiled.value(record(contract, example.name)) is True
