# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Supporting services: amounts of money, addresses of channels, answers that say no more than they were asked."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.contract import Checked, Contract
from contracts.example import but
from contracts.families import services
from contracts.families.fields import Money
from contracts.families.services import (
    fee_notified,
    notice_requested,
    payment_recorded,
    verification_answered,
    verification_requested,
)
from contracts.families.services.addressed import Addressed
from contracts.families.services.adds_up import AddsUp
from contracts.families.services.verification_answered import AgreesWithVerdicts
from contracts.rules import Rule
from tests.contracts.events import JSON_VALUES

MONEY: TypeAdapter[str] = TypeAdapter(Money)
ITEMS = AddsUp("amount", ("amount",), each="items")
PARTS = AddsUp("amount", ("principal", "late_fee"))
RULES: list[Rule] = [ITEMS, PARTS, Addressed(), AgreesWithVerdicts()]


def paths(rule: Rule, data: dict[str, Any]) -> list[str]:
    found = list(rule.broken(data))
    assert all(violation.code == "E_V_RULE" and violation.expected == rule.text() for violation in found)
    return [violation.path for violation in found]


@pytest.mark.parametrize("amount", ["0.00", "0.01", "10.00", "1201.60", "9" * 14 + ".99"])
def test_an_amount_has_one_form(amount: str) -> None:
    assert MONEY.validate_python(amount) == amount
    assert f"{Decimal(amount):.2f}" == amount


@pytest.mark.parametrize(
    "amount",
    [
        *("", "0", "10", "10.0", "10.000", ".50", "10.", "010.00", "00.00", "-10.00", "+10.00", "1,200.00", "1e2"),
        *("１0.00", "10.00 ", "10.00\n", "9" * 15 + ".00", "10。00", "NaN", 10, 10.5, True, None),
    ],
)
def test_no_other_form_is_an_amount(amount: object) -> None:
    with pytest.raises(ValidationError):
        MONEY.validate_python(amount)


def test_the_sender_is_told_how_to_write_an_amount() -> None:
    contract = fee_notified.CONTRACT
    found = contract.check(but(contract.examples[0].data, amount="10"), "510500-20260302-000001")

    assert isinstance(found, tuple)
    assert [violation.path for violation in found] == ["$.data.amount"]
    assert "1200.00" in found[0].expected.zh
    assert "1200.00" in found[0].expected.en


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.integers(-1, 1))
@settings(deadline=None, max_examples=100)
def test_a_notice_is_taken_when_its_fees_add_up_to_the_cent(cents: list[int], wrong_by: int) -> None:
    def yuan(amount: int) -> str:
        return f"{amount // 100}.{amount % 100:02}"

    data = but(
        fee_notified.CONTRACT.examples[0].data,
        items=[{"name": "工本费", "amount": yuan(amount)} for amount in cents],
        amount=yuan(max(0, sum(cents) + wrong_by)),
    )
    right = max(0, sum(cents) + wrong_by) == sum(cents)

    assert isinstance(fee_notified.CONTRACT.check(data, "510500-20260302-000001"), Checked) == right


@pytest.mark.parametrize(
    ("rule", "data", "expected"),
    [
        (ITEMS, {"amount": "0.30", "items": [{"amount": "0.10"}, {"amount": "0.20"}]}, []),
        (ITEMS, {"amount": "0.31", "items": [{"amount": "0.10"}, {"amount": "0.20"}]}, ["$.data.amount"]),
        (ITEMS, {"amount": "0.31", "items": [{"amount": "0.10"}, {}]}, []),
        (ITEMS, {"amount": "0.31", "items": [{"amount": "0.10"}, 7]}, []),
        (ITEMS, {"amount": "0.31", "items": []}, []),
        (ITEMS, {"amount": 0.31, "items": [{"amount": "0.10"}]}, []),
        (PARTS, {"amount": "3.00", "principal": "1.00", "late_fee": "1.00"}, ["$.data.amount"]),
        (PARTS, {"amount": "2.00", "principal": "1.00", "late_fee": "1.00"}, []),
        (PARTS, {"amount": "3.00"}, []),
        (PARTS, {"amount": "3.00", "principal": "１.00", "late_fee": "1.00"}, []),
    ],
)
def test_sums(rule: Rule, data: dict[str, Any], expected: list[str]) -> None:
    assert paths(rule, data) == expected


@pytest.mark.parametrize(
    ("channel", "address", "right"),
    [
        ("sms", "00000000000", True),
        ("sms", "8600000000000", True),
        ("sms", "+8600000000000", True),
        ("voice", "0000-0000000", True),
        ("mail", "test@example.invalid", True),
        ("webhook", "portal", True),
        ("instant", "TEST-ACCOUNT-1", True),
        ("sms", "test@example.invalid", False),
        ("sms", "０0000000000", False),
        ("sms", "00000000000;00000000001", False),
        ("voice", "00", False),
        ("mail", "00000000000", False),
        ("mail", "a@b@example.invalid", False),
    ],
)
def test_an_address_is_one_of_its_channel(channel: str, address: str, *, right: bool) -> None:
    recipients = [7, {"ways": 1}, {"ways": [{"channel": channel, "address": address}]}]

    assert paths(Addressed(), {"recipients": recipients}) == ([] if right else ["$.data.recipients[2].ways[0].address"])


@pytest.mark.parametrize(
    ("result", "verdicts", "right"),
    [
        ("matched", ["matched", "matched"], True),
        ("matched", ["matched", "not_held"], False),
        ("matched", ["not_matched"], False),
        ("partly_matched", ["matched", "not_matched"], True),
        ("partly_matched", ["matched"], False),
        ("partly_matched", ["not_matched"], False),
        ("not_matched", ["not_matched", "not_held"], True),
        ("not_matched", ["matched"], False),
        ("not_found", [], True),
        ("unavailable", ["matched"], True),
        ("matched", ["1"], True),
    ],
)
def test_an_answer_is_what_its_verdicts_come_to(result: str, verdicts: list[str], *, right: bool) -> None:
    data = {"result": result, "verdicts": [{"verdict": verdict} for verdict in verdicts]}

    assert paths(AgreesWithVerdicts(), data) == ([] if right else ["$.data.result"])


@given(JSON_VALUES, JSON_VALUES)
@settings(deadline=None, max_examples=60)
def test_nothing_makes_a_rule_raise(one: object, other: object) -> None:
    way = {"channel": one, "address": other}
    data: dict[str, Any] = {
        "amount": "1.00",
        "items": [{"amount": one}, other],
        "principal": one,
        "late_fee": other,
        "recipients": [one, {"ways": [way, other]}],
        "result": "matched",
        "verdicts": [{"verdict": one}, other],
    }
    for rule in RULES:
        list(rule.broken(data))
        list(rule.broken({**data, **dict.fromkeys(("amount", "items", "recipients", "verdicts", "result"), one)}))


def test_an_answer_has_no_place_for_what_a_register_holds() -> None:
    """Only codes, numbers of the question and the names of bodies; no field takes a fact about anybody."""
    answer = verification_answered.CONTRACT

    assert set(answer.personal) == {"$.data.reason"}
    assert set(answer.model.model_json_schema()["$defs"]["Verdict"]["properties"]) == {"field", "verdict"}


def test_everything_that_was_stated_about_somebody_is_personal() -> None:
    assert dict(verification_requested.CONTRACT.personal) == {
        "$.data.verified.id_number": "id_number",
        "$.data.statements[*].value": "free_text",
        "$.data.requested_by": "name",
    }
    assert dict(notice_requested.CONTRACT.personal) == {
        "$.data.parameters[*].value": "free_text",
        "$.data.title": "free_text",
        "$.data.text": "free_text",
        "$.data.recipients[*].name": "name",
        "$.data.recipients[*].ways[*].address": "phone",
    }


@pytest.mark.parametrize("contract", services.CONTRACTS, ids=lambda contract: contract.type)
def test_what_serves_a_case_keeps_its_order(contract: Contract) -> None:
    """The subject is the case number wherever there must be a case, and may be it everywhere else."""
    assert contract.subject == ("case_no" if "case_no" in contract.model.model_fields else "matter_no")
    first = contract.examples[0].data
    found = contract.check(first, "510500-20260302-000001")

    assert isinstance(found, Checked)
    assert found.attributes("portal").case == "510500-20260302-000001"


def test_a_refund_says_which_payment_goes_back() -> None:
    contract = payment_recorded.CONTRACT
    refund = next(example.data for example in contract.examples if example.name.startswith("退付 "))
    found = contract.check(but(refund, drop=("refund_of", "reason")), refund["case_no"])

    assert isinstance(found, tuple)
    assert [violation.path for violation in found] == ["$.data.refund_of", "$.data.reason"]
