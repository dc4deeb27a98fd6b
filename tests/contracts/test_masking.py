# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A masked record says what kind of record it is and never whose."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import builtin
from contracts.contract import Contract
from contracts.masking import mask, masked
from contracts.personal import PersonalClass

APPLICATION = builtin().versions("cn.gov.application.submitted")[0]


def leaves(value: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in leaves(inner, f"{path}.{name}")]
    if isinstance(value, list):
        return [found for inner in value for found in leaves(inner, f"{path}[*]")]
    return [(path, value)]


@pytest.mark.parametrize("contract", builtin().all(), ids=lambda contract: contract.schema_uri)
def test_nothing_personal_of_an_example_is_left(contract: Contract) -> None:
    for example in contract.examples:
        if not example.valid:
            continue
        shown = masked(example.data, contract.personal)
        for (path, before), (_, after) in zip(leaves(example.data, "$.data"), leaves(shown, "$.data"), strict=False):
            if path in contract.personal and before is not None:
                assert after != before, path


def test_the_rest_is_shown_as_it_is() -> None:
    data = APPLICATION.examples[1].data

    shown = masked(data, APPLICATION.personal)

    assert shown["item_code"] == data["item_code"]
    assert shown["applicant"]["type"] == data["applicant"]["type"]
    assert shown["materials"] == data["materials"]
    assert shown["applicant"]["name"] != data["applicant"]["name"]


def test_an_items_form_is_hidden_whole() -> None:
    shown = masked({"form": {"item_code": "A", "form_version": 1, "data": {"anything": "测试甲"}}}, {})

    assert "测试甲" not in str(shown)
    assert shown["form"]["item_code"] == "A"


@given(st.text(min_size=3), st.sampled_from(PersonalClass))
def test_a_mask_never_shows_the_text(text: str, kind: PersonalClass) -> None:
    assert text not in mask(text, kind)


def test_a_short_number_shows_nothing() -> None:
    assert mask("0000", PersonalClass.PHONE) == "＊＊＊＊"
    assert mask("000000000000000012", PersonalClass.ID_NUMBER) == "＊＊＊＊12"
