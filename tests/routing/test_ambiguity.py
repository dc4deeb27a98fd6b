# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Routes that disagree about how one message is carried to one destination."""

import pytest

from contracts.catalogue import builtin
from routing.ambiguity import ambiguous
from routing.index import compile_table
from routing.programs import compile_expressions
from tests.routing.support import table

STEP = "contract: cn.gov.process.step"


def told(routes: str) -> list[tuple[int, str, str]]:
    made = table(routes)
    compiled = compile_table(made, programs=compile_expressions(made, builtin()).programs)
    return [(fault.at.line, fault.code, fault.severity) for fault in ambiguous(compiled)]


@pytest.mark.parametrize(
    ("routes", "faults"),
    [
        ("- {name: a, when: {}, to: x}\n- {name: b, when: {}, to: x}\n", []),
        (
            "- {name: a, when: {}, to: x}\n- {name: b, when: {}, to: [{destination: x, priority: 1}]}\n",
            [(4, "E_ROUTE_AMBIGUOUS", "error")],
        ),
        (
            (
                "- {name: a, when: {region: '5105'}, to: x}\n"
                "- {name: b, when: {region: '510502'}, to: [{destination: x, delay: 1h}]}\n"
            ),
            [(4, "E_ROUTE_AMBIGUOUS", "error")],
        ),
        (
            (
                "- {name: a, when: {region: '5105'}, to: x}\n"
                "- {name: b, when: {region: '5106'}, to: [{destination: x, delay: 1h}]}\n"
            ),
            [],
        ),
        (
            (
                "- {name: a, when: {item: 'A*'}, to: [{destination: x, delay: 1h}]}\n"
                "- {name: b, when: {item: AB, source: s}, to: [{destination: x, delay: 2h}]}\n"
            ),
            [(4, "E_ROUTE_AMBIGUOUS", "error")],
        ),
        (  # an expression may tell them apart
            (
                f"- {{name: a, when: {{{STEP}}}, if: \"data.status == '2'\", to: x}}\n"
                f"- {{name: b, when: {{{STEP}}}, to: [{{destination: x, priority: 1}}]}}\n"
            ),
            [(4, "W_ROUTE_AMBIGUOUS", "warning")],
        ),
        (  # a copy comes after what is delivered
            "- {name: a, when: {}, to: x}\n- {name: b, as: copy, when: {}, to: [{destination: x, priority: 1}]}\n",
            [],
        ),
        (
            "- {name: a, when: {}, to: x}\n- {name: b, as: tap, when: {}, to: [y, x]}\n",
            [(4, "E_ROUTE_TAP_MIXED", "error")],
        ),
    ],
)
def test_what_is_told(routes: str, faults: list[tuple[int, str, str]]) -> None:
    assert told(routes) == faults
