# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Accepting: one receipt per message whatever is repeated, and a refusal to the sender's face that takes nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import orjson
import pytest

from contracts.problem import problem
from contracts.refusal import Refusal
from hub.path import accept, accept_all
from hub.ports.journal import CaseView
from tests.support.hubs import Destination, bearer, event, hub_on, key_of, received
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

HOUSING_ONLY = "  - {name: housing, when: {contract: cn.gov.application.submitted}, to: housing}\n"


async def test_the_same_message_again_gets_the_same_bytes(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        one = event("a")
        answers = await asyncio.gather(*(accept(rig.hub, bearer("portal"), one, received(one)) for _ in range(50)))
    assert len(set(map(bytes, (a for a in answers if isinstance(a, bytes))))) == 1
    assert not any(isinstance(a, Refusal) for a in answers)


async def test_other_content_under_an_accepted_id_is_refused(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        await rig.accept(event("a", "m1"))
        other = event("b", "m1")
        answer = await accept(rig.hub, bearer("portal"), other, received(other))
    assert isinstance(answer, Refusal)
    assert answer.code == "E_ID_REUSE"
    assert problem(answer, None)["status"] == 409


async def test_many_of_one_system_are_answered_each_by_itself_and_in_their_order(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        first, second = event("a", "m1"), event("a", "m2")
        wrong = replace(event("a", "m3"), data={"case_no": "a"})
        events = [first, wrong, second, first]
        answers = await accept_all(rig.hub, "portal", [(one, received(one)) for one in events])
        again = await accept_all(rig.hub, "portal", [(one, received(one)) for one in events])
        receipts = [answer for answer in answers if isinstance(answer, bytes)]
        views = [await rig.view(UUID(orjson.loads(receipt)["message"])) for receipt in receipts[:2]]
    assert [isinstance(answer, bytes) for answer in answers] == [True, False, True, True]
    assert answers[0] == answers[3]
    assert isinstance(answers[1], Refusal)
    assert answers[1].code == "E_CONTRACT_INVALID"
    assert [answer for answer in again if isinstance(answer, bytes)] == receipts
    assert [view.deliveries[0].position for view in views] == [1, 2]


async def test_a_refused_message_is_mended_under_its_id_and_leaves_its_trace(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}, routes=HOUSING_ONLY) as rig:
        wrong = replace(event("a", "m1"), data={"case_no": "a"})
        unroutable = event("a", "m1", contract="cn.gov.completion.decided")
        codes = []
        for one in (wrong, unroutable):
            answer = await accept(rig.hub, bearer("portal"), one, received(one))
            assert isinstance(answer, Refusal)
            codes.append(answer.code)
        await rig.accept(event("a", "m1"))
        connection = await asyncpg.connect(dsn)
        rows = await connection.fetch("select system, sender_id, code, problem from refusal order by id")
        await connection.close()
    assert codes == ["E_CONTRACT_INVALID", "E_UNROUTABLE"]
    assert [(r["system"], r["sender_id"], r["code"]) for r in rows] == [("portal", "m1", code) for code in codes]
    assert [orjson.loads(r["problem"])["code"] for r in rows] == codes


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic cG9ydGFs", "Bearer ghk_unknown", "Bearer \udcff"])
async def test_an_unknown_sender_leaves_nothing(dsn: str, authorization: str | None) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        one = event("a")
        answer = await accept(rig.hub, authorization, one, received(one))
        assert isinstance(answer, Refusal)
        assert answer.code in {"E_KEY_MISSING", "E_KEY_UNKNOWN"}
        assert await rig.hub.journal.lookups.case("a") is None


async def test_a_system_without_leave_speaks_of_its_own_cases_only(dsn: str) -> None:
    async with hub_on(
        dsn, {"housing": Destination(sink=ScriptedSink())}, systems=("portal", "counter"), routes=HOUSING_ONLY
    ) as rig:
        shy = replace(rig.hub.rules.speakers["counter"], any_case=False)
        hub = replace(
            rig.hub, rules=replace(rig.hub.rules, speakers={**rig.hub.rules.speakers, "counter": shy, "housing": shy})
        )
        await rig.accept(event("a"))
        foreign = event("a", "c1", source="counter")
        own = event("b", "c2", source="counter")
        party = event("a", "h1", source="housing")
        refused = await accept(hub, bearer("counter"), foreign, received(foreign))
        assert isinstance(refused, Refusal)
        assert refused.code == "E_CASE_FOREIGN"
        assert isinstance(await accept(hub, bearer("counter"), own, received(own)), bytes)
        assert isinstance(await accept(hub, bearer("housing"), party, received(party)), bytes)
        view = await hub.journal.lookups.case("a")
        assert isinstance(view, CaseView)
        assert view.parties == {"portal", "housing"}


async def test_a_journal_that_is_away_refuses_and_says_when_to_come_again(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        await rig.hub.journal.close()
        one = event("a")
        answer = await accept(rig.hub, bearer("portal"), one, received(one))
        wrong = replace(one, subject="b")
        still = await accept(rig.hub, bearer("portal"), wrong, received(wrong))
    assert isinstance(answer, Refusal)
    assert answer.code == "E_JOURNAL_DOWN"
    assert answer.retry_after
    assert isinstance(still, Refusal)
    assert still.code == "E_CONTRACT_INVALID", "the answer does not depend on its being recorded"


async def test_no_line_of_the_log_holds_what_a_message_says(dsn: str) -> None:
    canary = "测试申请人金丝雀"
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        one = event("a")
        assert isinstance(one.data, dict)
        data = dict(one.data)
        one = replace(one, data={**data, "summary": canary, "item_name": canary})
        await rig.accept(one)
        wrong = replace(one, id="m2", data={**data, "channel": canary})
        assert isinstance(await accept(rig.hub, bearer("portal"), wrong, received(wrong)), Refusal)
        assert len(rig.logged("accepted")) == len(rig.logged("refused")) == 1
        written = repr(rig.log.entries)
    assert canary not in written
    assert key_of("portal") not in written


async def test_an_accepted_message_keeps_its_receipt_after_its_time(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        expiry = (rig.clock.now() + timedelta(hours=1)).isoformat()
        one = event("a", extensions={"expirytime": expiry}, time=rig.clock.now())
        first = await accept(rig.hub, bearer("portal"), one, received(one))
        assert isinstance(first, bytes)
        rig.clock.step(days=400)

        assert await accept(rig.hub, bearer("portal"), one, received(one)) == first
        other = replace(one, data=None)
        answer = await accept(rig.hub, bearer("portal"), other, received(other))
    assert isinstance(answer, Refusal), "other content is not what was accepted"
