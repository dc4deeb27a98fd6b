# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Code lists: the standard's codes, each with its text."""

import pytest

from contracts import codes
from contracts.codes import Code

LISTS = [
    found for found in vars(codes).values() if isinstance(found, type) and issubclass(found, Code) and found is not Code
]


@pytest.mark.parametrize(
    ("list_", "values"),
    [
        (codes.ItemType, "00 01 02 03 04 05 06 07 08 09 10 20"),
        (codes.ExerciseLevel, "1 2 3 4 5 6 7"),
        (codes.OrganisationNature, "1 2 3 9"),
        (codes.ApplicantType, "1 2 3 4 5 6"),
        (codes.Channel, "1 2 3 4 9"),
        (codes.CaseType, "1 2 9"),
        (codes.SpecialProcedure, "1 2"),
        (codes.Satisfaction, "1 2 3 4 5"),
        (codes.StepStatus, "1 2"),
    ],
)
def test_the_codes_of_the_standard(list_: type[Code], values: str) -> None:
    assert [code.value for code in list_] == values.split()


def test_satisfaction_counts_down_from_the_best() -> None:
    """The national rating interface counts the other way round; mixing them up turns praise into complaint."""
    assert {code.value: code.text.zh for code in codes.Satisfaction}["1"] == "非常满意"


@pytest.mark.parametrize("list_", LISTS)
def test_every_code_is_a_string_with_a_text(list_: type[Code]) -> None:
    for code in list_:
        assert str(code) == code.value
        assert not code.text.zh.isascii()
        assert code.text.en.isascii()
