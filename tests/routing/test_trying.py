# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The cases beside a table: what passes, what differs, and what is wrong with the file."""

import pytest

from contracts.catalogue import builtin
from contracts.located import Fault, Located, parse
from routing.trying import Difference, Ran, run
from tests.routing.support import compiled

ROUTES = """
- {name: housing, when: {contract: cn.gov.application.submitted, region: "5105"}, to: [housing, archive]}
- {name: strict, when: {contract: cn.gov.process.step}, identifiers: refuse, to: archive}
- {name: idle, when: {contract: cn.gov.process.step, source: nobody}, to: archive}
"""
CASE = """
cases:
- name: one
  contract: "cn.gov.application.submitted:1"
  from: portal
  example: 个人网上申请
"""


def ran(text: str) -> Ran | list[tuple[int, str]]:
    located = parse(text, "routes_test.yaml")
    assert isinstance(located, Located)
    found = run(located, compiled(ROUTES), builtin())
    if isinstance(found, Ran):
        return found
    assert all(isinstance(one, Fault) for one in found)
    return [(one.at.line, one.code) for one in found]


def test_a_case_that_goes_where_it_should_passes_and_names_what_no_case_takes() -> None:
    told = ran(CASE + "  to: [archive, housing]\n  routes: housing\n")

    assert isinstance(told, Ran)
    assert told.failed == ()
    assert told.untried == ("strict", "idle")


def test_what_goes_elsewhere_is_told_on_both_sides() -> None:
    told = ran(CASE + "  to: [housing]\n  routes: [strict]\n")

    assert isinstance(told, Ran)
    assert told.failed[0].line == 3
    assert told.failed[0].differences == (
        Difference("to", ("housing",), ("archive", "housing")),
        Difference("routes", ("strict",), ("housing",)),
    )


def test_members_are_laid_over_an_example_and_null_takes_one_out() -> None:
    told = ran(CASE + '  data: {region_code: "510602", contact: null}\n  refused: E_UNROUTABLE\n')

    assert isinstance(told, Ran)
    assert not told.failed


def test_a_message_that_is_refused_though_it_should_go_is_told() -> None:
    told = ran(CASE + '  data: {region_code: "610602"}\n  to: housing\n')

    assert isinstance(told, Ran)
    assert told.failed[0].differences == (Difference("refused", (), ("E_UNROUTABLE",)),)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (CASE, [(3, "E_VALUE")]),
        (CASE + "  to: a\n  refused: E_UNROUTABLE\n", [(3, "E_VALUE")]),
        (CASE.replace("submitted:1", "submited:1") + "  to: a\n", [(4, "E_CASE_CONTRACT")]),
        (CASE.replace("个人网上申请", "nothing") + "  to: a\n", [(6, "E_CASE_EXAMPLE")]),
        (CASE + "  data: {region_code: x}\n  to: a\n", [(7, "E_CASE_DATA")]),
        ("cases: []\n", [(1, "E_VALUE")]),
        ("cases: 7\n", [(1, "E_TYPE")]),
    ],
)
def test_what_is_wrong_with_the_file_is_told_with_its_line(text: str, faults: list[tuple[int, str]]) -> None:
    assert ran(text) == faults
