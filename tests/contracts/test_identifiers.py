# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Check digits, on public examples of organisations and on made-up numbers of nobody."""

import pytest

from contracts.identifiers import (
    citizen_check_character,
    citizen_warnings,
    is_region,
    uscc_check_character,
    uscc_warnings,
)


@pytest.mark.parametrize(
    "code", ["11511301008778183N", "11330105002500287C", "113700000045046442", "11370800MB28559184"]
)
def test_codes_of_public_bodies_are_right(code: str) -> None:
    assert uscc_warnings(code) == ()
    assert uscc_check_character(code[:17]) == code[17]


@pytest.mark.parametrize("code", ["11511301008778183M", "11511301008778138N", "21511301008778183N"])
def test_a_wrong_character_or_two_swapped_are_noticed(code: str) -> None:
    (warning,) = uscc_warnings(code)

    assert "校验码" in warning.zh
    assert code not in str(warning)


@pytest.mark.parametrize(
    "code", ["", "1151130100877818", "11511301008778183n", "1151130100877818IN", "１１511301008778183N"]
)
def test_what_has_not_the_form_of_a_code(code: str) -> None:
    assert "18 位" in uscc_warnings(code)[0].zh


def made_up(body: str) -> str:
    return body + citizen_check_character(body)


@pytest.mark.parametrize("body", ["00000019000101000", "99999920000229999", "00000019991231001"])
def test_made_up_numbers_with_a_right_check_character(body: str) -> None:
    assert citizen_warnings(made_up(body)) == ()


def test_the_check_character_can_be_x() -> None:
    bodies = (f"0000001900010100{digit}" for digit in range(10))

    assert "X" in {citizen_check_character(body) for body in bodies}


def test_every_oddity_of_a_number_is_told_without_the_number() -> None:
    right = made_up("00000019000230000")
    wrong = right[:17] + ("0" if right[17] != "0" else "1")

    assert [warning.en.split()[1] for warning in citizen_warnings(right)] == ["date"]
    assert len(citizen_warnings(wrong)) == 2
    assert wrong not in str(citizen_warnings(wrong))


@pytest.mark.parametrize("number", ["", "0" * 17, "0" * 15, "0" * 17 + "x", "A" * 18])
def test_what_has_not_the_form_of_a_number(number: str) -> None:
    assert "17 位" in citizen_warnings(number)[0].zh


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("510502", True),
        ("510502001", True),
        ("510502001001", True),
        ("5105", False),
        ("51050２", False),
        ("510502\n", False),
    ],
)
def test_regions(code: str, right: bool) -> None:  # noqa: FBT001  # because parametrize passes it
    assert is_region(code) is right
