# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Routes that do not take odd identifiers: how they are written, planned, checked and explained."""

import pytest

from contracts.refusal import Violation
from contracts.text import Text
from routing.check import Known, check
from routing.explain import explain
from routing.plan import plan
from routing.strictness import too_odd
from tests.routing.support import SUBMITTED, compiled, faults, message, table

STRICT = (
    f"- {{name: lenient, when: {{contract: {SUBMITTED}}}, to: housing}}\n"
    f"- {{name: strict, when: {{source: portal}}, identifiers: refuse, to: municipal}}\n"
    f"- {{name: elsewhere, when: {{source: counter}}, identifiers: refuse, to: municipal}}\n"
)
WARNINGS = tuple(
    Violation(code, path, Text("甲", "a"), Text("乙", "b"))
    for code, path in (("E_W_CHECK", "$.data.department_code"), ("E_W_DATE", "$.data.applicant.id_number"))
)


def test_a_plan_names_the_strict_routes_that_took_the_message() -> None:
    assert plan(compiled(STRICT), message()).strict == ("strict",)
    assert plan(compiled(STRICT), message(source="else")).strict == ()


def test_the_refusal_names_the_route_and_tells_every_warning() -> None:
    refusal = too_odd(plan(compiled(STRICT), message()), WARNINGS)

    assert refusal is not None
    assert refusal.code == "E_IDENTIFIER"
    assert "strict" in refusal.detail.zh
    assert "strict" in refusal.detail.en
    assert refusal.violations == WARNINGS


def test_nothing_odd_or_nobody_strict_is_no_refusal() -> None:
    assert too_odd(plan(compiled(STRICT), message()), ()) is None
    assert too_odd(plan(compiled(STRICT), message(source="else")), WARNINGS) is None


def test_the_policy_is_part_of_the_table() -> None:
    lenient = table("- {name: a, when: {}, to: b}\n")
    said = table("- {name: a, when: {}, identifiers: warn, to: b}\n")
    strict = table("- {name: a, when: {}, identifiers: refuse, to: b}\n")

    assert lenient.version_id == said.version_id != strict.version_id


@pytest.mark.parametrize("written", ["reject", "true", "[refuse]"])
def test_other_policies_do_not_exist(written: str) -> None:
    text = f"version: 1\nroutes:\n  - name: a\n    when: {{}}\n    identifiers: {written}\n    to: b\n"

    assert [(line, code, path) for line, _, code, path in faults(text)] == [(5, "E_VALUE", "routes[0].identifiers")]


SAME = "- {name: a, when: {source: portal}, to: b}\n"
SAME_STRICT = "- {name: s, when: {source: portal}, identifiers: refuse, to: b}\n"


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        (SAME + SAME_STRICT, [("W_ROUTE_IDLE", "routes[0].name")]),
        (SAME_STRICT + SAME, [("W_ROUTE_IDLE", "routes[1].name")]),
        (SAME_STRICT + SAME_STRICT.replace("s,", "t,"), [("E_ROUTE_DUPLICATE", "routes[1].name")]),
        (SAME + SAME_STRICT.replace("{source", "{region: 5105, source"), []),
    ],
)
def test_strictness_is_something_that_a_route_adds(routes: str, said: list[tuple[str, str]]) -> None:
    assert [(fault.code, fault.path) for fault in check(table(routes), Known())] == said


def test_an_explanation_says_which_routes_are_strict() -> None:
    explanation = explain(compiled(STRICT), message())

    assert [(one.route, one.strict) for one in explanation.matched] == [("lenient", False), ("strict", True)]
    assert explanation.as_dict()["matched"][1]["strict"] is True  # type: ignore[index]
