# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Properties of the check characters over generated identifiers, and an independent library beside them."""

from collections.abc import Callable
from types import MappingProxyType

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric
from stdnum.cn import uscc as other_uscc
from stdnum.iso7064 import mod_11_2, mod_37_36

from contracts.identifiers import (
    case_number,
    citizen,
    department,
    item,
    licence,
    organisation,
    project,
    region,
    uscc,
)
from contracts.identifiers.oddity import WARNING_CODES, Malformed, Oddity
from tests.contracts.identifiers.numbers import (
    CITIZENS,
    DIGITS,
    LICENCES,
    NATIONAL_ITEMS,
    ORGANISATIONS,
    PROJECTS,
    SICHUAN_ITEMS,
    USCCS,
    changed,
    swapped,
    texts,
)

PLACES = st.integers(0, 99)
Warn = Callable[[str], tuple[Oddity, ...]]
ALL: MappingProxyType[str, Warn] = MappingProxyType({
    "uscc": uscc.warnings,
    "organisation": organisation.warnings,
    "department": department.warnings,
    "citizen": citizen.warnings,
    "licence": licence.warnings,
    "item": item.warnings,
    "project": project.warnings,
    "case": case_number.warnings,
    "region": region.warnings,
})  # fmt: skip

few = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(
    ("warn", "right"),
    [
        (uscc.warnings, USCCS),
        (organisation.warnings, ORGANISATIONS),
        (department.warnings, st.one_of(USCCS, ORGANISATIONS)),
        (citizen.warnings, CITIZENS),
        (licence.warnings, LICENCES),
        (item.warnings, st.one_of(NATIONAL_ITEMS, SICHUAN_ITEMS)),
        (project.warnings, PROJECTS),
    ],
)
def test_what_is_made_rightly_is_right(warn: Warn, right: st.SearchStrategy[str]) -> None:
    @few
    @given(right)
    def holds(text: str) -> None:
        assert warn(text) == ()

    holds()


@few
@given(USCCS, PLACES, st.characters(codec="utf-8"))
def test_modulo_31_notices_any_one_character(code: str, at: int, to: str) -> None:
    wrong = changed(code, at, to)
    assume(wrong != code)

    assert uscc.warnings(wrong)


@few
@given(USCCS, PLACES)
def test_modulo_31_notices_neighbours_exchanged(code: str, at: int) -> None:
    wrong = swapped(code, at)
    assume(wrong != code)

    assert uscc.warnings(wrong)


@few
@given(CITIZENS, PLACES, st.characters(codec="utf-8"))
def test_modulo_11_2_notices_any_one_character(number: str, at: int, to: str) -> None:
    wrong = changed(number, at, to)
    assume(wrong != number)

    assert citizen.warnings(wrong)


@few
@given(CITIZENS, PLACES)
def test_modulo_11_2_notices_neighbours_exchanged(number: str, at: int) -> None:
    wrong = swapped(number, at)
    assume(wrong != number)

    assert citizen.warnings(wrong)


@few
@given(LICENCES, PLACES, st.characters(codec="utf-8"))
def test_modulo_37_36_notices_any_one_character(text: str, at: int, to: str) -> None:
    wrong = changed(text, at, to)
    assume(wrong != text)

    assert licence.warnings(wrong)


@few
@given(texts(DIGITS, 8), PLACES, st.sampled_from(DIGITS))
def test_modulo_11_notices_a_digit_for_a_digit(body: str, at: int, to: str) -> None:
    wrong = changed(body, at, to)
    assume(wrong != body)

    assert organisation.check_character(wrong) != organisation.check_character(body)


def test_modulo_11_is_blind_to_some_letters() -> None:
    """Why the organisation code makes no promise of noticing every change."""
    assert organisation.check_character("0000000B") == organisation.check_character("00000000")


@pytest.mark.parametrize("name", ALL)
def test_no_text_makes_a_warning_raise_or_repeat_it(name: str) -> None:
    @few
    @given(st.one_of(st.text(max_size=80), texts(DIGITS + "XY.- x１\u3000", 6, 60)))
    def holds(text: str) -> None:
        for oddity in ALL[name](text):
            assert oddity.code in WARNING_CODES
            assert len(text) < 12 or text not in f"{oddity.expected}{oddity.remedy}"

    holds()


@few
@given(st.one_of(USCCS, ORGANISATIONS, CITIZENS, LICENCES, SICHUAN_ITEMS), PLACES)
def test_typing_alone_is_told_as_typing(text: str, at: int) -> None:
    """A right identifier typed badly gets warnings about the writing, and none about its check character."""
    at %= len(text)
    wide = changed(text, at, chr(ord(text[at]) + 0xFEE0))
    spaced = f"{text[:at]} {text[at:]}"
    for warn in (uscc.warnings, organisation.warnings, citizen.warnings, licence.warnings, item.warnings):
        if not warn(text):
            assert [oddity.code for oddity in warn(wide)] == ["E_W_FULL_WIDTH"]
            assert [oddity.code for oddity in warn(spaced)] == ["E_W_BLANK"]
            assert {oddity.code for oddity in warn(text.lower())} <= {"E_W_CASE"}


@few
@given(st.one_of(USCCS, texts(uscc.ALPHABET, 18)))
def test_credit_codes_as_another_library_judges_them(code: str) -> None:
    """It wants digits for the first eight characters; the standard has letters there too."""
    if code[:8].isdigit():
        assert other_uscc.is_valid(code) == (uscc.warnings(code) == ())
    else:
        assert not other_uscc.is_valid(code)
    assert other_uscc.calc_check_digit(code) == uscc.check_character(code[:17])


@few
@given(CITIZENS)
def test_citizen_numbers_as_another_library_computes_them(number: str) -> None:
    """Only the check character is compared: it also judges divisions, by a table too strict for people born before them."""
    assert mod_11_2.is_valid(number)
    assert ric.calc_check_digit(number) == citizen.check_character(number[:17])


@few
@given(texts(DIGITS + "ABCXYZ", 1, 60))
def test_licence_checks_as_another_library_computes_them(body: str) -> None:
    assert mod_37_36.calc_check_digit(body) == licence.check_character(body)


@few
@given(st.text(max_size=60))
def test_what_cannot_be_parsed_says_why(text: str) -> None:
    for parse in (uscc.parse, department.parse, item.parse, citizen.parse, licence.parse, project.parse, region.parse):
        parsed = parse(text)

        assert parsed.oddities if isinstance(parsed, Malformed) else parsed.text == text
