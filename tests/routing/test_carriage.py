# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a message is carried: what may be written, which route counts, and that the old tables keep their names."""

from datetime import timedelta

import orjson
import pytest

from contracts.catalogue import builtin
from contracts.contract import Checked
from routing.expressions import Said, language
from routing.index import CompiledTable, compile_table
from routing.plan import plan
from routing.programs import compile_expressions
from routing.table import RouteTable, load
from tests.routing.support import faults, message, table

APPLICATION = "cn.gov.application.submitted"
CONTRACT = builtin().versions(APPLICATION)[0]


def made(routes: str) -> CompiledTable:
    read = table(routes)
    expressions = compile_expressions(read, builtin())
    assert not expressions.faults
    return compile_table(read, programs=expressions.programs)


def record() -> Said:
    data = CONTRACT.examples[0].data
    assert isinstance(data, dict)
    checked = CONTRACT.check(data, str(data["case_no"]))
    assert isinstance(checked, Checked)
    return language(CONTRACT).said(orjson.loads(checked.canonical), "portal")


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("{destination: x, delay: 5}", "E_VALUE"),
        ("{destination: x, delay: 0m}", "E_VALUE"),
        ("{destination: x, delay: 400d}", "E_VALUE"),
        ("{destination: x, delay: 2h, expires: 1h}", "E_VALUE"),
        ("{destination: x, priority: 10}", "E_VALUE"),
        ("{destination: x, priority: true}", "E_TYPE"),
        ("{destination: x, add: {id: 'source'}}", "E_VALUE"),
        ("{destination: x, add: {govhublate: 'source'}}", "E_VALUE"),
        ("{destination: x, add: {Upper: 'source'}}", "E_VALUE"),
        ("{destination: x, purpose: nothing}", "E_ROUTE_PURPOSE_UNKNOWN"),
        ("{destination: x, whim: 1}", "E_KEY_UNKNOWN"),
        ("{destination: x, ask: [{attribute: a, lookup: b, by: {}, take: c}]}", "E_VALUE"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(target: str, code: str) -> None:
    told = faults(f"version: 1\nroutes:\n- name: a\n  when: {{}}\n  to: [{target}]\n")

    assert {(line, said) for line, _, said, _ in told} == {(5, code)}


def test_the_first_route_that_delivers_counts_before_copies() -> None:
    compiled = made(
        "- {name: c, as: copy, when: {}, to: [{destination: x, priority: 1}]}\n"
        "- {name: d, when: {}, to: [{destination: x, priority: 2}, y]}\n"
    )

    planned = plan(compiled, message())

    assert planned.destinations == ("x", "y")
    assert planned.carriages.keys() == {"x"}
    assert planned.carriages["x"].priority == 2


def test_a_tap_is_the_least_urgent_and_soon_worth_nothing() -> None:
    compiled = made("- {name: d, when: {}, to: y}\n- {name: t, as: tap, when: {}, to: ear}\n")

    carriage = plan(compiled, message()).carriages["ear"]

    assert (carriage.tap, carriage.priority, carriage.lasts) == (True, 9, timedelta(days=1))


def test_taps_alone_are_no_plan() -> None:
    compiled = made("- {name: t, as: tap, when: {}, to: ear}\n- {name: c, as: copy, when: {}, to: y}\n")

    assert plan(compiled, message()).destinations == ()


def test_expressions_are_tried_last_and_the_record_is_asked_for_once() -> None:
    compiled = made(
        f"- {{name: a, when: {{contract: {APPLICATION}}}, if: \"data.case_type == '2'\", to: x}}\n"
        f"- {{name: b, when: {{contract: {APPLICATION}}}, if: \"data.case_type == '1'\", to: y}}\n"
        f"- {{name: c, when: {{contract: {APPLICATION}, source: nobody}}, if: \"source == 'nobody'\", to: z}}\n"
    )
    asked: list[int] = []

    def once() -> Said:
        asked.append(1)
        return record()

    assert plan(compiled, message(), once).routes == ("a",)
    assert asked == [1]
    assert plan(compiled, message("cn.gov.other"), once).routes == ()
    assert asked == [1]


@pytest.mark.parametrize(
    ("route", "code", "line"),
    [
        ("{name: a, when: {}, if: 'true', to: x}", "E_ROUTE_IF_CONTRACT", 3),
        (f"{{name: a, when: {{contract: {APPLICATION}}}, if: 'data.nothing', to: x}}", "E_ROUTE_EXPRESSION", 3),
        (f"{{name: a, when: {{contract: {APPLICATION}}}, if: 'data.case_no', to: x}}", "E_ROUTE_EXPRESSION", 3),
        (  # only the first version has it not
            f"{{name: a, when: {{contract: {APPLICATION}}}, if: 'has(data.form)', to: x}}",
            None,
            0,
        ),
        (
            f"{{name: a, when: {{contract: {APPLICATION}}}, to: [{{destination: x, add: {{who: data.applicant.name}}}}]}}",
            "E_ROUTE_ATTRIBUTE_PERSONAL",
            3,
        ),
        (
            f"{{name: a, when: {{contract: {APPLICATION}}}, to: [{{destination: x, until: 'data.applied_at'}}]}}",
            None,
            0,
        ),
        (
            f"{{name: a, when: {{contract: {APPLICATION}}}, to: [{{destination: x, until: 'true'}}]}}",
            "E_ROUTE_EXPRESSION",
            3,
        ),
    ],
)
def test_expressions_are_checked_when_the_table_is_loaded(route: str, code: str | None, line: int) -> None:
    told = compile_expressions(table(f"- {route}\n"), builtin()).faults

    assert [(one.code, one.at.line) for one in told] == ([] if code is None else [(code, line)])


def test_a_table_that_says_nothing_of_this_keeps_its_name() -> None:
    text = "version: 1\nroutes:\n  - {name: all, when: {contract: cn.gov.process.step}, to: [housing, counter]}\n"
    plain = load(text, "routes.yaml")
    urgent = load(text.replace("counter", "{destination: counter, priority: 0}"), "routes.yaml")

    assert isinstance(plain, RouteTable)
    assert isinstance(urgent, RouteTable)
    assert plain.version_id == "53952fec90866c69"
    assert urgent.version_id != plain.version_id
