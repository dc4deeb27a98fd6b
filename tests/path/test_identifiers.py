# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Odd identifiers: a warning in the receipt, a refusal where a route is strict; the same message both times."""

from dataclasses import replace

import orjson
import pytest

from contracts.cloudevent import CloudEvent
from contracts.problem import problem
from contracts.refusal import Refusal
from hub.path import accept
from tests.support.hubs import Destination, bearer, event, hub_on, received
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

CODE = "1151130100877818N"  # a character short
NUMBER = "990000190002300000"  # a date that does not exist, and a check character that does not fit
ODD = [
    {"code": "E_W_TRUNCATED", "path": "$.data.department_code"},
    {"code": "E_W_DATE", "path": "$.data.applicant.id_number"},
    {"code": "E_W_CHECK", "path": "$.data.applicant.id_number"},
]
STRICT = "  - {name: strict, when: {source: portal}, identifiers: refuse, to: housing}\n"


def odd() -> CloudEvent:
    one = event("a", "m1")
    assert isinstance(one.data, dict)
    applicant = {"type": "1", "name": "测试申请人甲", "id_type": "111", "id_number": NUMBER}
    item = "11370800MB285591843370117002011"
    return replace(one, data={**one.data, "item_code": item, "department_code": CODE, "applicant": applicant})


async def test_by_default_the_receipt_tells_what_is_odd_and_tells_it_again(dsn: str) -> None:
    one = odd()
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        first = await accept(rig.hub, bearer("portal"), one, received(one))
        again = await accept(rig.hub, bearer("portal"), one, received(one))
        counted = [line["warnings"] for line in rig.logged("accepted")]
        repeats = rig.logged("repeated")
        written = repr(rig.log.entries)
    assert isinstance(first, bytes)
    assert orjson.loads(first)["warnings"] == ODD
    assert first == again
    assert counted == [3]
    assert len(repeats) == 1
    assert NUMBER not in first.decode() + written
    assert CODE not in first.decode() + written


async def test_a_strict_route_refuses_the_same_message_with_everything_that_is_odd(dsn: str) -> None:
    one = odd()
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}, routes=STRICT) as rig:
        answer = await accept(rig.hub, bearer("portal"), one, received(one))
        assert await rig.hub.journal.lookups.case("a") is None
    assert isinstance(answer, Refusal)
    told = problem(answer, None)
    assert (told["code"], told["status"]) == ("E_IDENTIFIER", 422)
    assert [{"code": v.code, "path": v.path} for v in answer.violations] == ODD
    assert "strict" in str(told["detail"])
    assert NUMBER not in repr(told)


async def test_a_strict_route_takes_what_is_right(dsn: str) -> None:
    one = odd()
    assert isinstance(one.data, dict)
    applicant = {"type": "1", "name": "测试申请人甲", "id_type": "414", "id_number": "E00000000"}
    right = replace(one, data={**one.data, "department_code": "11370800MB28559184", "applicant": applicant})
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}, routes=STRICT) as rig:
        answer = await accept(rig.hub, bearer("portal"), right, received(right))
    assert isinstance(answer, bytes)
    assert "warnings" not in orjson.loads(answer)
