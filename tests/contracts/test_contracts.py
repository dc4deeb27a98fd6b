# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every contract: its examples, its canonical form, its schema, and what it says of personal data."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from pydantic import BaseModel

from contracts.attributes import Attributes
from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.example import Example, but
from contracts.personal import PersonalClass, personal_paths
from contracts.refusal import Violation
from contracts.violation_codes import VIOLATION_CODES
from tests.contracts.events import JSON_VALUES

CONTRACTS = builtin().all()
EXAMPLES = [(contract, example) for contract in CONTRACTS for example in contract.examples]
VALID = [(contract, example) for contract, example in EXAMPLES if example.valid]
INVALID = [(contract, example) for contract, example in EXAMPLES if not example.valid]
APPLICATION = CONTRACTS[0]
STEP = next(contract for contract in CONTRACTS if contract.type == "cn.gov.process.step")


def named(value: object) -> str | None:
    if isinstance(value, Contract):
        return f"{value.type}:{value.version}"
    return value.name.rsplit(" / ", 1)[1] if isinstance(value, Example) else None


def broken(contract: Contract, data: Any, subject: str | None = None) -> tuple[Violation, ...]:
    stated = data.get(contract.subject) if isinstance(data, dict) else None
    found = contract.check(data, subject or stated)
    assert isinstance(found, tuple)
    return found


def accepted(contract: Contract, data: Any) -> Checked:
    found = contract.check(data, data[contract.subject])
    assert isinstance(found, Checked)
    return found


@pytest.mark.parametrize(("contract", "example"), VALID, ids=named)
def test_valid_examples_are_accepted_and_canonical_is_a_fixed_point(contract: Contract, example: Example) -> None:
    first = accepted(contract, example.data)

    again = accepted(contract, json.loads(first.canonical))

    assert first.canonical == again.canonical
    assert first.attributes("portal") == again.attributes("portal")


def test_one_valid_example_shows_an_odd_identifier_and_no_other_does() -> None:
    found = {
        example.name.split(" / ")[1]: [(one.code, one.path) for one in warnings]
        for contract, example in VALID
        if (warnings := accepted(contract, example.data).warnings)
    }

    assert found == {
        "a department code that lacks a character: accepted, with a warning": [
            ("E_W_TRUNCATED", "$.data.department_code")
        ]
    }


@pytest.mark.parametrize(("contract", "example"), INVALID, ids=named)
def test_invalid_examples_are_refused_for_all_their_reasons(contract: Contract, example: Example) -> None:
    found = broken(contract, example.data)

    assert sorted((violation.code, violation.path) for violation in found) == sorted(example.expect)
    assert all(violation.code in VIOLATION_CODES for violation in found)
    assert all(all(violation.expected) and all(violation.remedy) for violation in found)


@pytest.mark.parametrize("contract", CONTRACTS, ids=named)
def test_every_contract_shows_enough_examples(contract: Contract) -> None:
    assert len([example for example in contract.examples if example.valid]) >= 2
    assert len([example for example in contract.examples if not example.valid]) >= 3


@pytest.mark.parametrize("contract", CONTRACTS, ids=named)
def test_examples_use_every_field_between_them(contract: Contract) -> None:
    """A field nobody shows is a field nobody tries."""
    shown = {name for example in contract.examples if example.valid for name in example.data}
    routing = {"region_code", "item_code", "department_code", "level_code", "record_version"}

    assert set(contract.model.model_fields) - shown <= routing


@pytest.mark.parametrize("contract", CONTRACTS, ids=named)
def test_every_field_has_a_chinese_title_and_an_english_description(contract: Contract) -> None:
    schema = contract.json_schema()
    objects = [schema, *(found for found in schema.get("$defs", {}).values() if "properties" in found)]
    fields = [(name, field) for found in objects for name, field in found["properties"].items()]

    assert [name for name, field in fields if field["title"].isascii() or not field["description"]] == []


@pytest.mark.parametrize(("contract", "example"), EXAMPLES, ids=named)
def test_the_json_schema_says_what_the_contract_says(contract: Contract, example: Example) -> None:
    """Forms of moments, rules that have no schema and the envelope are beyond JSON Schema; all else must agree."""
    schema = contract.json_schema()
    moments = set(timed(schema))
    beyond = {(code, path) for code, path in example.expect if code == "E_V_FORMAT" and last(path) in moments}
    silent = [rule for rule in contract.rules if rule.schema() is None]
    beyond |= {(found.code, found.path) for rule in silent for found in rule.broken(example.data)}

    expected = example.valid or not set(example.expect) - beyond
    assert jsonschema.Draft202012Validator(schema).is_valid(example.data) == expected


def timed(schema: Any, name: str = "") -> Iterator[str]:
    """The names of the members whose ``format`` is a moment or a day."""
    if isinstance(schema, dict):
        if schema.get("format") in ("date", "date-time"):
            yield name
        for member, inner in schema.items():
            yield from timed(inner, name if member in ("anyOf", "items") else member)
    elif isinstance(schema, list):
        for inner in schema:
            yield from timed(inner, name)


def last(path: str) -> str:
    """The name of the member that a path leads to."""
    return path.rsplit(".", 1)[1].split("[", maxsplit=1)[0]


def test_the_schema_names_itself() -> None:
    schema = APPLICATION.json_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == APPLICATION.schema_uri == "urn:govhub:contract:cn.gov.application.submitted:1"
    assert schema["title"] == "申请"


def test_canonical_form_is_sorted_and_says_nothing_where_nothing_is_said() -> None:
    data = {"step_name": "核查", "status": "1", "case_no": "1", "handler": None, "started_at": "2026-03-02T01:05:00.5Z"}

    assert accepted(STEP, data).canonical == (
        '{"case_no":"1","started_at":"2026-03-02T09:05:00.500000+08:00","status":"1","step_name":"核查"}'.encode()
    )


@pytest.mark.parametrize(
    "moment", ["2026-03-02T09:05:00+08:00", "2026-03-02T01:05:00Z", "2026-03-01T15:05:00.000-10:00"]
)
def test_equal_moments_give_equal_bytes(moment: str) -> None:
    data = STEP.examples[0].data

    assert b"2026-03-02T09:05:00+08:00" in accepted(STEP, but(data, started_at=moment)).canonical


def test_routing_sees_facts_and_only_those() -> None:
    checked = accepted(APPLICATION, APPLICATION.examples[1].data)

    assert checked.attributes("portal") == Attributes(
        contract="cn.gov.application.submitted",
        version=1,
        source="portal",
        case="510500-20260302-000001",
        region="510502",
        item="1151050200000000084000131014000",
        department="115105020000000008",
        level="4",
        channel="2",
    )


def test_facts_a_message_does_not_state_are_none() -> None:
    checked = accepted(STEP, STEP.examples[0].data)

    assert checked.attributes("d") == Attributes(
        contract="cn.gov.process.step", version=1, source="d", case="510500-20260302-000001"
    )


def test_the_case_is_the_envelopes() -> None:
    data = STEP.examples[0].data

    assert [(found.code, found.path) for found in broken(STEP, data, "another")] == [
        ("E_V_CASE_MISMATCH", "$.data.case_no")
    ]
    without = STEP.check(data, None)
    assert isinstance(without, tuple)
    assert [(found.code, found.path) for found in without] == [("E_V_MISSING", "$.subject")]


def test_everything_wrong_is_said_at_once() -> None:
    data = {
        "case_no": 7,
        "step_name": "",
        "status": "3",
        "started_at": "2026-03-02T09:00:00+08:00",
        "ended_at": "2026-03-02T08:00:00+08:00",
        "opinion": "\x00",
        "handler": ["甲"],
        "record_version": 0,
        "level_code": None,
        "extra": 1,
    }

    assert [(found.code, found.path) for found in broken(STEP, data, "s")] == [
        ("E_V_TYPE", "$.data.case_no"),
        ("E_V_RANGE", "$.data.record_version"),
        ("E_V_LENGTH", "$.data.step_name"),
        ("E_V_CODE", "$.data.status"),
        ("E_V_TYPE", "$.data.handler"),
        ("E_V_FORMAT", "$.data.opinion"),
        ("E_V_UNKNOWN_FIELD", "$.data.extra"),
        ("E_V_RULE", "$.data.ended_at"),
    ]


@pytest.mark.parametrize("data", [None, 1, "a", [], [1], True])
def test_data_that_is_no_object(data: object) -> None:
    assert [(found.code, found.path) for found in broken(STEP, data, "s")] == [("E_V_TYPE", "$.data")]


def test_a_flood_of_violations_is_cut() -> None:
    data = {
        **STEP.examples[0].data,
        **{f"x{letter * 3}{other}": 1 for letter in "abcdefghijkl" for other in "abcdefghijkl"},
    }

    assert len(broken(STEP, data)) == 100


def test_the_refusal_carries_them_all() -> None:
    found = broken(STEP, {}, "s")

    refusal = STEP.invalid(found)

    assert refusal.code == "E_CONTRACT_INVALID"
    assert refusal.violations == found
    assert "urn:govhub:contract:cn.gov.process.step:1" in refusal.detail.zh


SECRET = "测试甲99010119000101001X"


@pytest.mark.parametrize("contract", CONTRACTS, ids=named)
def test_no_violation_repeats_what_was_sent(contract: Contract) -> None:
    """Every field filled with something recognisable and wrong; and a member named after a person."""
    wrong: list[Any] = [SECRET * 200, {SECRET: SECRET}, [SECRET, {SECRET: SECRET}], {"name": SECRET + "\x00"}]
    for value in wrong:
        data = dict.fromkeys(contract.model.model_fields, value)

        found = broken(contract, {**data, SECRET: value}, "s")

        assert len(found) > 3
        assert SECRET[:3] not in str(found)
        assert SECRET[3:] not in str(found)


@given(JSON_VALUES)
@settings(deadline=None, max_examples=60)
def test_nothing_makes_a_check_raise(value: object) -> None:
    for contract in CONTRACTS:
        shown = contract.examples[0].data
        parts = {name: value for name, part in shown.items() if isinstance(part, list | dict)}
        for data in (value, {**shown, **parts}):
            found = contract.check(data, shown[contract.subject])

            assert isinstance(found, Checked) or found


def test_long_document_numbers_are_taken() -> None:
    data = APPLICATION.examples[0].data

    accepted(APPLICATION, but(data, applicant={**data["applicant"], "id_number": "E" * 500}))
    assert broken(APPLICATION, but(data, applicant={**data["applicant"], "id_number": "E" * 501}))


def test_rare_characters_are_kept() -> None:
    data = APPLICATION.examples[0].data
    name = "𠮷·䶮㐂"

    canonical = accepted(APPLICATION, but(data, applicant={**data["applicant"], "name": name})).canonical

    assert f'"name":"{name}"'.encode() in canonical


def test_personal_fields_are_marked() -> None:
    assert APPLICATION.personal["$.data.applicant.id_number"] is PersonalClass.ID_NUMBER
    assert APPLICATION.personal["$.data.contact.mobile"] is PersonalClass.PHONE
    assert "$.data.case_no" not in APPLICATION.personal


def test_an_array_that_may_be_absent_is_an_array_all_the_same() -> None:
    class Person(BaseModel):
        name: Annotated[str, PersonalClass.NAME]

    class People(BaseModel):
        all: tuple[Person, ...] | None = None
        first: Person | None = None

    assert list(personal_paths(People)) == ["$.data.all[*].name", "$.data.first.name"]


@pytest.mark.parametrize("contract", CONTRACTS, ids=named)
def test_no_person_goes_unmarked(contract: Contract) -> None:
    """Fields whose names speak of people must carry a class."""
    telling = (
        "handler",
        "collector",
        "sender",
        "id_number",
        "mobile",
        "phone",
        "address",
        "approved_by",
        "payer_name",
        "signer",
        "signed_by",
        "requested_by",
    )
    schema = contract.json_schema()
    names = {name for found in [schema, *schema.get("$defs", {}).values()] for name in found.get("properties", {})}
    marked = {path.rsplit(".", 1)[1] for path in contract.personal}

    assert {name for name in names if name.endswith(telling)} <= marked
