# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What systems call cases, in a deployment: patterns that cannot be used are told with their place."""

from datetime import timedelta
from pathlib import Path

import pytest

from hub.config.load import Loaded, load_deployment
from hub.config.naming import numberings, own_numbers
from hub.naming import Numbering
from hub.openings import policy_of


def load(folder: Path, system: str, own_number: str) -> object:
    (folder / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n")
    (folder / "govhub.yaml").write_text(
        f"systems: {{housing: {system}, portal: {{}}}}\n"
        "destinations:\n"
        "  housing:\n"
        "    system: housing\n"
        "    connector: mailbox\n"
        f"    own_number: {own_number}\n"
    )
    return load_deployment(folder / "govhub.yaml")


def test_who_numbers_cases_in_its_own_way_and_where_that_is_learned(tmp_path: Path) -> None:
    loaded = load(tmp_path, "{case_numbers: {wait_hours: 2}}", '{pattern: "no=([0-9]+)"}')
    assert isinstance(loaded, Loaded), loaded
    assert numberings(loaded.deployment) == {"housing": Numbering("own", timedelta(hours=2))}
    learns = policy_of(loaded.endpoints["housing"]).learns
    assert learns is not None
    assert learns.number("cn.gov.application.submitted", "receipt no=17.") == "17"
    assert learns.number("cn.gov.application.submitted", "none") == ""
    assert learns.number("cn.gov.process.step", "no=17") == ""


@pytest.mark.parametrize(
    ("own_number", "code"),
    [
        ('{pattern: "no=[0-9]+"}', "PATTERN_UNFIT"),
        ('{pattern: "(a)(b)"}', "PATTERN_UNFIT"),
        ('{pattern: "("}', "PATTERN_UNFIT"),
        ("{contracts: [cn.gov.nothing]}", "NAME_UNKNOWN"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(tmp_path: Path, own_number: str, code: str) -> None:
    told = load(tmp_path, "{}", own_number)
    assert isinstance(told, tuple)
    assert [(one.code, one.at.line) for one in told if one.severity == "error"] == [(code, 6)]


ACCEPTANCE = "cn.gov.acceptance.decided"


def test_where_messages_carry_both_numbers(tmp_path: Path) -> None:
    places = f"[{{contracts: [{ACCEPTANCE}], field: document_no, pattern: 'BJ(.+)'}}, {{attribute: deptcaseno}}]"
    loaded = load(tmp_path, f"{{sends: [{ACCEPTANCE}], own_numbers: {places}}}", "{}")
    assert isinstance(loaded, Loaded), loaded
    first, second = own_numbers(loaded.deployment)["housing"]
    assert (first.contracts, first.field, first.path) == (
        frozenset({ACCEPTANCE}),
        ("document_no",),
        "$.data.document_no",
    )
    assert (second.contracts, second.attribute, second.path) == (frozenset(), "deptcaseno", "$.deptcaseno")


@pytest.mark.parametrize(
    ("place", "more", "code"),
    [
        ("{contracts: [cn.gov.nothing], field: document_no}", "", "NAME_UNKNOWN"),
        (f"{{contracts: [{ACCEPTANCE}], field: documant_no}}", "", "NAME_UNKNOWN"),
        (f"{{contracts: [{ACCEPTANCE}], field: case_no}}", "", "FIELD_UNFIT"),
        (f"{{contracts: [{ACCEPTANCE}], field: decided_at}}", "", "FIELD_UNFIT"),
        ("{contracts: [cn.gov.application.submitted], field: applicant.id_number}", "", "FIELD_PERSONAL"),
        ("{contracts: [cn.gov.item.directory], attribute: deptcaseno}", "", "CONTRACT_CASELESS"),
        (f"{{contracts: [{ACCEPTANCE}], field: document_no}}", "sends: [cn.gov.process.step], ", "CONTRACT_UNSENT"),
        ("{attribute: govhubalias}", "", "ATTRIBUTE_TAKEN"),
        ("{attribute: traceparent}", "", "ATTRIBUTE_TAKEN"),
        ("{attribute: deptcaseno, pattern: '('}", "", "PATTERN_UNFIT"),
        ("{attribute: deptcaseno}", "case_numbers: {manner: own}, ", "NUMBERS_BESIDE_NOTHING"),
        ("{}", "", "E_VALUE"),
        ("{field: document_no}", "", "E_VALUE"),
        ("{attribute: Dept-Case}", "", "E_VALUE"),
    ],
)
def test_a_place_that_can_carry_no_number_is_told_with_its_line(
    tmp_path: Path, place: str, more: str, code: str
) -> None:
    sends = "" if "sends" in more else "sends: ['*'], "
    told = load(tmp_path, f"{{{sends}{more}own_numbers: [{place}]}}", "{}")
    assert isinstance(told, tuple)
    assert [(one.code, one.at.line) for one in told if one.severity == "error"] == [(code, 1)]


def speaking(folder: Path, housing: str, of: str) -> object:
    (folder / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n")
    (folder / "govhub.yaml").write_text(
        "systems:\n"
        f"  housing: {housing}\n"
        "  municipal:\n"
        "    sends: ['*']\n"
        f"    own_numbers: [{{contracts: [{ACCEPTANCE}], field: document_no, of: {of}, departments: ['1151']}}]\n"
        "destinations:\n"
        "  housing: {system: housing, connector: mailbox}\n"
    )
    return load_deployment(folder / "govhub.yaml")


def test_who_speaks_for_another_system_tells_that_systems_numbers(tmp_path: Path) -> None:
    loaded = speaking(tmp_path, "{case_numbers: {told_by: [municipal]}}", "housing")
    assert isinstance(loaded, Loaded), loaded
    (place,) = own_numbers(loaded.deployment)["municipal"]
    assert (place.of, place.departments) == ("housing", frozenset({"1151"}))


@pytest.mark.parametrize(
    ("housing", "of", "told"),
    [
        ("{case_numbers: {}}", "housing", [("NUMBERS_UNGRANTED", 5)]),
        ("{}", "housing", [("NUMBERS_UNGRANTED", 5)]),
        ("{case_numbers: {told_by: [provincial]}}", "municipal", [("NAME_UNKNOWN", 2)]),
        ("{}", "nobody", [("NAME_UNKNOWN", 5)]),
    ],
)
def test_who_was_not_let_speak_is_told_with_its_line(
    tmp_path: Path, housing: str, of: str, told: list[tuple[str, int]]
) -> None:
    faults = speaking(tmp_path, housing, of)
    assert isinstance(faults, tuple)
    assert [(one.code, one.at.line) for one in faults if one.severity == "error"] == told
