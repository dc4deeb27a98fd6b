# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A plan that is remembered is the plan that would be made: for every order of messages, also where expressions decide."""

from functools import partial

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.attributes import Attributes
from contracts.catalogue import builtin
from routing import planned
from routing.expressions import Said, language
from routing.index import CompiledTable, compile_table
from routing.plan import plan
from routing.programs import compile_expressions
from routing.table import RouteTable, load
from tests.routing.support import SUBMITTED

APPLICATION = builtin().versions(SUBMITTED)[0]
EXAMPLE = next(one.data for one in APPLICATION.examples if one.valid)
ROUTES = f"""version: 1
routes:
  - {{name: a, when: {{contract: {SUBMITTED}, region: "51"}}, if: "data.case_type == '1'", to: [x, y]}}
  - {{name: b, when: {{contract: {SUBMITTED}, item: "A*"}}, to: [{{destination: y, priority: 1}}], identifiers: refuse}}
  - {{name: c, when: {{contract: {SUBMITTED}}}, as: fallback, to: z}}
  - {{name: d, when: {{contract: {SUBMITTED}, level: "3"}}, as: copy, if: "data.channel == '1'", to: w}}
"""


def compiled() -> CompiledTable:
    loaded = load(ROUTES, "routes.yaml")
    assert isinstance(loaded, RouteTable)
    return compile_table(loaded, programs=compile_expressions(loaded, builtin()).programs)


def said(case_type: str, channel: str) -> Said:
    assert isinstance(EXAMPLE, dict)
    record = orjson.loads(orjson.dumps(EXAMPLE | {"case_type": case_type, "channel": channel}))
    return language(APPLICATION).said(record, "portal")


messages = st.lists(
    st.tuples(
        st.builds(
            Attributes,
            contract=st.just(SUBMITTED),
            version=st.just(1),
            source=st.just("portal"),
            case=st.sampled_from(["p", "q"]),
            region=st.sampled_from(["510502", "610502", None]),
            item=st.sampled_from(["A1", "B1", None]),
            level=st.sampled_from(["3", "4"]),
        ),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["1", "2"]),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(messages=messages)
def test_a_remembered_plan_is_the_plan(messages: list[tuple[Attributes, str, str]]) -> None:
    table = compiled()
    for attributes, case_type, channel in messages:
        fresh = compiled()
        record = partial(said, case_type, channel)
        assert plan(table, attributes, record) == plan(fresh, attributes, record)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "MOST_REMEMBERED", 10)
    table = compiled()
    for n in range(100):
        plan(table, Attributes(contract=SUBMITTED, version=1, source=f"s{n}", item="A1"))
        assert len(table.remembered.by_attributes) <= 10
