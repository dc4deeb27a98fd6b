# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A text whose form depends on another field: what breaks the rule, what does not, and that the schema agrees."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from contracts import forms
from contracts.form_rules import FormWhen

RULE = FormWhen("code", forms.BASIC, "kind", "basic")


@pytest.mark.parametrize(
    ("data", "holds"),
    [
        ({"kind": "basic", "code": "000131014000"}, True),
        ({"kind": "basic", "code": "00013101400"}, False),
        ({"kind": "basic", "code": "０00131014000"}, False),
        ({"kind": "other", "code": "x"}, True),
        ({"code": "x"}, True),
        ({"kind": "basic"}, True),
    ],
)
def test_the_form_counts_when_the_kind_says_so(data: dict[str, Any], holds: bool) -> None:  # noqa: FBT001  # because it is a table
    assert [violation.path for violation in RULE.broken(data)] == ([] if holds else ["$.data.code"])
    assert jsonschema.Draft202012Validator(RULE.schema()).is_valid(data) == holds


@pytest.mark.parametrize(
    "data", [{"kind": "basic", "code": 1}, {"kind": [], "code": "x"}, {"kind": "basic", "code": None}]
)
def test_what_is_of_the_wrong_type_is_reported_by_itself(data: dict[str, Any]) -> None:
    assert list(RULE.broken(data)) == []


def test_the_violation_says_what_is_expected_without_the_value() -> None:
    (violation,) = RULE.broken({"kind": "basic", "code": "secret"})

    assert violation.code == "E_V_RULE"
    assert violation.expected == (
        "kind 为 basic 时，code 为 12 位数字或大写字母的基本编码",
        "code is a basic code of 12 digits or capitals when kind is basic",
    )
    assert "secret" not in str(violation)


def test_a_line_break_at_the_end_is_no_part_of_the_form() -> None:
    """Python's ``$`` would let it pass; that of JSON Schema, ECMA-262's, does not."""
    assert list(RULE.broken({"kind": "basic", "code": "000131014000\n"}))
