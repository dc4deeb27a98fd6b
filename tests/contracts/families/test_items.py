# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules of an item's implementation: fees are told, and no promise goes beyond the law."""

from typing import Any

import pytest
from hypothesis import given, settings

from contracts.families.catalogue.fee import FeesTold
from contracts.families.catalogue.item_implementation import CONTRACT
from contracts.families.catalogue.time_limit import PromiseWithinLaw
from tests.contracts.events import JSON_VALUES

FEES = FeesTold("charged", "fees")
PROMISE = PromiseWithinLaw("promised", "statutory")
FEE = {"name": "工本费（示例）"}


def period(length: Any, unit: str = "working_day") -> dict[str, Any]:
    return {"length": length, "unit": unit}


@pytest.mark.parametrize(
    ("data", "broken"),
    [
        ({"charged": True}, True),
        ({"charged": True, "fees": []}, True),
        ({"charged": True, "fees": [FEE]}, False),
        ({"charged": False, "fees": [FEE]}, True),
        ({"charged": False, "fees": []}, False),
        ({"charged": False}, False),
        ({"charged": "1", "fees": [FEE]}, False),
        ({"fees": [FEE]}, False),
        ({"charged": True, "fees": "10.00"}, False),
    ],
)
def test_what_is_charged_is_told(data: dict[str, Any], *, broken: bool) -> None:
    assert [found.path for found in FEES.broken(data)] == ["$.data.fees"] * broken


@pytest.mark.parametrize(
    ("promised", "statutory", "broken"),
    [
        (period(20), period(20), False),
        (period(21), period(20), True),
        (period(0), period(20), False),
        (period(21), period(20, "day"), False),
        (period(21), None, False),
        (period("21"), period(20), False),
        (period(1.5), period(0), False),
        ("21", period(20), False),
    ],
)
def test_a_promise_is_within_the_law(promised: Any, statutory: Any, *, broken: bool) -> None:
    found = [violation.path for violation in PROMISE.broken({"promised": promised, "statutory": statutory})]

    assert found == ["$.data.promised.length"] * broken


def test_the_published_facts_are_what_routing_asks_for() -> None:
    checked = CONTRACT.check(CONTRACT.examples[0].data, "1151050200000000084000131014000")

    assert not isinstance(checked, tuple)
    facts = checked.attributes("catalogue")
    assert (facts.case, facts.item, facts.region, facts.department, facts.level) == (
        "1151050200000000084000131014000",
        "1151050200000000084000131014000",
        "510502",
        "115105020000000008",
        "4",
    )


@given(JSON_VALUES, JSON_VALUES)
@settings(deadline=None, max_examples=60)
def test_nothing_makes_a_rule_raise(one: object, other: object) -> None:
    data = {"charged": one, "fees": other, "promised": one, "statutory": other}

    for rule in (FEES, PROMISE):
        list(rule.broken(data))
    list(PROMISE.broken({"promised": {"length": one}, "statutory": {"length": other}}))
