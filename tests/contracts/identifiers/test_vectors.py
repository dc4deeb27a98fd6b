# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Identifiers that were read in public texts, and each way of being odd."""

import pytest

from contracts.identifiers import (
    case_number,
    citizen,
    department,
    document,
    item,
    licence,
    organisation,
    project,
    region,
    uscc,
)
from contracts.identifiers.item import NationalItem, PlainItem, SichuanItem
from contracts.identifiers.licence import LicenceId
from contracts.identifiers.oddity import WARNING_CODES, Malformed, Oddity
from contracts.identifiers.organisation import OrganisationCode
from contracts.identifiers.uscc import Uscc

PUBLIC_BODIES = [
    "11511301008778183N",
    "11330105002500287C",
    "113700000045046442",
    "11370800MB28559184",
    "11100000000013338W",
    "11430000006122244L",
    "11100000MB03271699",
]
LICENCES = [
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
]
SICHUAN = "511A0138600000-511602000000-000-115113010833722043-1-00"
NATIONAL = "11370800MB285591843370117002011"


def codes(oddities: tuple[Oddity, ...]) -> list[str]:
    assert all(oddity.code in WARNING_CODES for oddity in oddities)
    return [oddity.code for oddity in oddities]


@pytest.mark.parametrize("code", PUBLIC_BODIES)
def test_codes_of_public_bodies_are_right_and_hold_a_right_organisation_code(code: str) -> None:
    parsed = uscc.parse(code)

    assert isinstance(parsed, Uscc)
    assert isinstance(organisation.parse(parsed.organisation), OrganisationCode)
    assert parsed.authority + parsed.category + parsed.region + parsed.organisation + parsed.check == code


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("11511301008778183M", ["E_W_CHECK"]),
        ("11511301008778138N", ["E_W_CHECK"]),
        ("11511301008778183n", ["E_W_CASE"]),
        ("１1511301008778183N", ["E_W_FULL_WIDTH"]),
        ("11511301 008778183N", ["E_W_BLANK"]),
        (" 11511301008778183n\u3000", ["E_W_BLANK", "E_W_CASE"]),
        ("1151130100877818IN", ["E_W_ALPHABET"]),
        ("1151130100877818N", ["E_W_TRUNCATED"]),
        ("", ["E_W_LENGTH"]),
        ("008778183", ["E_W_LENGTH"]),
        ("11511301008778183m", ["E_W_CASE", "E_W_CHECK"]),
    ],
)
def test_each_oddity_of_a_credit_code_has_its_own_name(code: str, said: list[str]) -> None:
    assert codes(uscc.warnings(code)) == said
    assert uscc.parse(code) == Malformed(uscc.warnings(code))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("008778183", []),
        ("00877818-3", []),
        ("MB2855918", []),
        ("MB2855919", ["E_W_CHECK"]),
        ("mb2855918", ["E_W_CASE"]),
        ("00877818", ["E_W_TRUNCATED"]),
        ("0087781830", ["E_W_LENGTH"]),
        ("00877818Y", ["E_W_ALPHABET"]),
    ],
)
def test_organisation_codes(code: str, said: list[str]) -> None:
    parsed = organisation.parse(code)

    assert codes(organisation.warnings(code)) == said
    if isinstance(parsed, OrganisationCode):
        assert (parsed.body, parsed.check) == (code[:8], code[-1])
    else:
        assert said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("11511301008778183N", []),
        ("008778183", []),
        ("1151130100877818N", ["E_W_TRUNCATED"]),
        ("1151130100877818n", ["E_W_CASE", "E_W_TRUNCATED"]),
        ("11511301008778183n", ["E_W_CASE"]),
        ("11511301008778183M", ["E_W_CHECK"]),
        ("dept-0007", ["E_W_FORM"]),
        ("510502", ["E_W_FORM"]),
    ],
)
def test_a_department_has_one_of_two_codes(code: str, said: list[str]) -> None:
    assert codes(department.warnings(code)) == said
    assert isinstance(department.parse(code), Malformed) == bool(said)


def made_up(body: str) -> str:
    return body + citizen.check_character(body)


@pytest.mark.parametrize("body", ["99000019000101000", "99999920000229999", "99000019991231001", "99820020000101001"])
def test_made_up_numbers_with_a_right_check_character(body: str) -> None:
    parsed = citizen.parse(made_up(body))

    assert isinstance(parsed, citizen.CitizenNumber)
    assert parsed.region + f"{parsed.born:%Y%m%d}" + parsed.sequence + parsed.check == made_up(body)
    assert body[6:] not in repr(parsed)


def test_the_check_character_can_be_x() -> None:
    assert {citizen.check_character(f"990000190001010{number:02}") for number in range(20)} == set("0123456789X")


def test_a_small_x_is_a_matter_of_writing() -> None:
    number = next(made for n in range(20) if (made := made_up(f"990000190001010{n:02}")).endswith("X"))

    assert citizen.warnings(number) == ()
    assert codes(citizen.warnings(number.lower())) == ["E_W_CASE"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (made_up("99000019000230000"), ["E_W_DATE"]),
        (made_up("99000000000101000"), ["E_W_DATE"]),
        ("990000190002300000", ["E_W_DATE", "E_W_CHECK"]),
        ("9" * 15, ["E_W_OLD_FORM"]),
        ("9" * 17, ["E_W_TRUNCATED"]),
        ("9" * 16, ["E_W_LENGTH"]),
        ("", ["E_W_LENGTH"]),
        ("A" * 18, ["E_W_ALPHABET"]),
        ("9" * 17 + "Y", ["E_W_ALPHABET"]),
    ],
)
def test_every_oddity_of_a_citizen_number_is_told_without_it(number: str, said: list[str]) -> None:
    found = citizen.warnings(number)

    assert codes(found) == said
    assert not number or number not in str(found)


@pytest.mark.parametrize("text", LICENCES)
def test_identifiers_of_real_licences_are_right(text: str) -> None:
    parsed = licence.parse(text)

    assert isinstance(parsed, LicenceId)
    assert [parsed.kind, parsed.issuer, parsed.serial, parsed.version, parsed.check] == text.split(".")[5:]
    assert isinstance(uscc.parse(parsed.defined_by), Uscc)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LICENCES[0][:-1] + "M", ["E_W_CHECK"]),
        (LICENCES[0].lower(), ["E_W_CASE"]),
        (LICENCES[0].replace(".001.", ". 001."), ["E_W_BLANK"]),
        (LICENCES[0].removeprefix("1.2.156."), ["E_W_FORM"]),
        (LICENCES[1].replace("340100", "3401"), ["E_W_FORM"]),
        ("", ["E_W_FORM"]),
    ],
)
def test_oddities_of_a_licence_identifier(text: str, said: list[str]) -> None:
    assert codes(licence.warnings(text)) == said
    assert isinstance(licence.parse(text), Malformed)


def test_the_national_item_code_has_parts() -> None:
    parsed = item.parse(NATIONAL)

    assert parsed == NationalItem(NATIONAL)
    assert (parsed.department, parsed.level, parsed.basic, parsed.handling) == (
        "11370800MB28559184",
        "3",
        "370117002011",
        None,
    )


def test_a_handling_item_has_two_characters_more() -> None:
    parsed = item.parse(NATIONAL + "01")

    assert isinstance(parsed, NationalItem)
    assert parsed.handling == "01"


def test_the_item_code_of_sichuan_has_parts() -> None:
    parsed = item.parse(SICHUAN)

    assert parsed == SichuanItem(SICHUAN)
    assert (parsed.basic, parsed.region, parsed.department) == ("511A0138600000", "511602000000", "115113010833722043")


@pytest.mark.parametrize("text", ["XK0010100Y", "0" * 24, "1" * 36, "a1b2c3d4-0000-0000-0000-000000000000", "2" * 50])
def test_old_and_other_lengths_are_taken_as_they_are(text: str) -> None:
    assert item.parse(text) == PlainItem(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NATIONAL.lower(), ["E_W_CASE"]),
        (NATIONAL[:17] + "5" + NATIONAL[18:], ["E_W_CHECK"]),
        (NATIONAL[:18] + "8" + NATIONAL[19:], ["E_W_ALPHABET"]),
        (SICHUAN.replace("115113010833722043", "083372204"), []),
        (SICHUAN.replace("115113010833722043", "11511301083372204"), ["E_W_TRUNCATED"]),
        (SICHUAN.replace("115113010833722043", "115113010833722044"), ["E_W_CHECK"]),
        ("0" * 24 + " ", ["E_W_BLANK"]),
        ("0" * 30, ["E_W_FORM"]),
        ("xk0010100y", ["E_W_CASE"]),
        ("", ["E_W_FORM"]),
    ],
)
def test_oddities_of_an_item_code(text: str, said: list[str]) -> None:
    assert codes(item.warnings(text)) == said
    assert isinstance(item.parse(text), Malformed) == bool(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2020-510502-47-03-123456", []),
        ("2020－510502－47－03－123456", ["E_W_FULL_WIDTH"]),
        ("2020-510502-47-03-12345", ["E_W_FORM"]),
        ("20205105024703123456", ["E_W_FORM"]),
    ],
)
def test_project_codes_have_a_form_and_no_known_check(text: str, said: list[str]) -> None:
    parsed = project.parse(text)

    assert codes(project.warnings(text)) == said
    if isinstance(parsed, project.ProjectCode):
        assert f"{parsed.time}-{parsed.region}-{parsed.ministry}-{parsed.kind}-{parsed.tail}" == text
    else:
        assert said


@pytest.mark.parametrize("text", ["512000-20201223-003381", "办件 一", "0" * 21, "x" * 50])
def test_a_case_number_is_what_it_is(text: str) -> None:
    parsed = case_number.parse(text)

    assert parsed == case_number.CaseNumber(text)
    assert {name for name in dir(parsed) if not name.startswith("_")} == {"text"}


@pytest.mark.parametrize(
    ("text", "said"), [("", "E_W_LENGTH"), (" ", "E_W_LENGTH"), ("x" * 51, "E_W_LENGTH"), (" a", "E_W_BLANK")]
)
def test_what_can_be_odd_about_a_case_number(text: str, said: str) -> None:
    assert codes(case_number.warnings(text)) == [said]
    assert isinstance(case_number.parse(text), Malformed)


def test_only_identity_cards_are_judged_by_their_kind() -> None:
    assert document.DOCUMENT_TYPES["111"].evidence == "sourced"
    assert codes(document.warnings("111", "9" * 15)) == ["E_W_OLD_FORM"]
    assert document.warnings("414", "E00000000") == document.warnings("999", "x") == ()


def test_an_enciphered_number_is_not_judged() -> None:
    assert document.warnings("111", "E" * 64) == ()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("510502", []),
        ("510502001", []),
        ("510502001001", []),
        ("5105", ["E_W_LENGTH"]),
        ("51050", ["E_W_TRUNCATED"]),
        ("51050a", ["E_W_CASE", "E_W_ALPHABET"]),
        ("51050２", ["E_W_FULL_WIDTH"]),
        ("510502\n", ["E_W_BLANK"]),
        ("370882", ["E_W_RETIRED"]),
        ("370882001", ["E_W_RETIRED"]),
        ("370812", []),
    ],
)
def test_region_codes(code: str, said: list[str]) -> None:
    assert codes(region.warnings(code)) == said
