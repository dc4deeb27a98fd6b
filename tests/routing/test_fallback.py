# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department without a system: its messages go by a fallback, copies do not count, and whoever asks is told so."""

import orjson
import pytest

from contracts.refusal import Refusal
from routing.check import Known, check
from routing.explain import explain, unroutable
from routing.plan import plan
from routing.table import RouteTable, load
from tests.routing.support import SUBMITTED, compiled, message

ROUTES = compiled(
    f"- {{name: copy, as: copy, when: {{region: 5105}}, to: municipal}}\n"
    f"- {{name: rest, as: fallback, when: {{contract: {SUBMITTED}}}, to: general-approval}}\n"
    f"- {{name: housing, when: {{contract: {SUBMITTED}, department: A}}, to: housing}}\n"
)


@pytest.mark.parametrize(
    ("department", "region", "destinations", "fallback"),
    [
        ("A", "510502", ("municipal", "housing"), False),
        ("A", "110000", ("housing",), False),
        ("B", "510502", ("municipal", "general-approval"), True),
        (None, "110000", ("general-approval",), True),
    ],
)
def test_a_department_without_a_system_goes_by_the_fallback(
    department: str | None, region: str, destinations: tuple[str, ...], *, fallback: bool
) -> None:
    made = plan(ROUTES, message(department=department, region=region))
    assert (made.destinations, made.fallback) == (destinations, fallback)


def test_a_copy_alone_is_as_if_nobody_took_it() -> None:
    said = message(contract="cn.gov.process.step", region="510502")
    made = plan(ROUTES, said)
    assert (made.destinations, made.routes) == ((), ())
    refusal = unroutable(explain(ROUTES, said))
    assert isinstance(refusal, Refusal)
    assert [(one.code, one.path) for one in refusal.violations] == [("E_UNROUTABLE", "$.type"), ("E_UNROUTABLE", "$")]


def test_several_fallbacks_are_united() -> None:
    routes = compiled(
        "- {name: one, as: fallback, when: {}, to: a}\n- {name: two, as: fallback, when: {source: portal}, to: [b, a]}\n"
    )
    assert plan(routes, message()).destinations == ("a", "b")


def test_the_explanation_says_that_it_is_a_fallback_and_why_there_was_none() -> None:
    taken = explain(ROUTES, message(department="B", region="510502"))
    assert taken.plan.fallback
    assert taken.as_dict()["fallback"] is True
    assert [(one.route, one.kind) for one in taken.matched] == [("copy", "copy"), ("rest", "fallback")]
    kept = explain(ROUTES, message(department="A", region="510502"))
    assert kept.as_dict()["fallback"] is False
    [fallback] = [one for one in kept.nearly if one.route == "rest"]
    assert fallback.miss is not None
    assert fallback.miss.reason == "fallback"
    assert "兜底" in fallback.miss.sentence.zh
    assert orjson.dumps(kept.as_dict())


def faults(routes: str) -> list[tuple[str, int]]:
    table = load(f"version: 1\nroutes:\n{routes}", "routes.yaml")
    assert isinstance(table, RouteTable), table
    return [(fault.code, fault.at.line) for fault in check(table, Known())]


def test_a_fallback_that_can_never_act_is_told_at_its_line() -> None:
    routes = "- {name: all, when: {region: 5105}, to: municipal}\n- {name: rest, as: fallback, when: {region: 510502}, to: x}\n"
    assert faults(routes) == [("E_ROUTE_UNREACHABLE", 4)]
    assert faults(routes.replace("all, when", "all, as: copy, when")) == []


def test_a_fallback_beside_the_same_route_is_no_duplicate_and_two_fallbacks_are() -> None:
    same = "when: {source: portal}, to: x"
    assert faults(f"- {{name: a, as: fallback, {same}}}\n- {{name: b, as: fallback, {same}}}\n") == [
        ("E_ROUTE_DUPLICATE", 4)
    ]
    assert faults(f"- {{name: a, {same}}}\n- {{name: b, as: copy, {same}}}\n") == [("W_ROUTE_IDLE", 4)]
    # The route makes of the copy's messages messages that are handled: it is not idle.
    assert faults(f"- {{name: a, as: copy, {same}}}\n- {{name: b, {same}}}\n") == [("W_ROUTE_IDLE", 3)]


def test_a_kind_that_is_none_is_told_at_its_line() -> None:
    table = load("version: 1\nroutes:\n- {name: a, as: cc, when: {}, to: x}\n", "routes.yaml")
    assert isinstance(table, tuple)
    assert [(fault.path, fault.at.line) for fault in table] == [("routes[0].as", 3)]


def test_a_table_without_kinds_keeps_its_name() -> None:
    plain = compiled("- {name: a, when: {}, to: x}\n").table.version_id
    assert plain == compiled("- {name: a, as: deliver, when: {}, to: x}\n").table.version_id
    assert plain != compiled("- {name: a, as: copy, when: {}, to: x}\n").table.version_id
    assert plain == "80b578e9820d0ed1", "the name it had before there were kinds"
