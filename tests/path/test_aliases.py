# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A result under a department's own number joins the lane of its case: learned from receipts, imported, or decided."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from connectors.sdk import Accepted, Answer, Delivered
from contracts.cloudevent import CloudEvent
from contracts.refusal import Refusal
from hub.acting import Order
from hub.lifecycle import CasePolicy, Parking, Policies
from hub.naming import ATTRIBUTE, Manner, Names, Numbering
from hub.own_numbers import Beside
from hub.path import accept, accept_all
from hub.policy import Learns
from hub.ports.journal import Acted, AliasClaim, CaseView, MessageView, NoSuch, Rigour, State
from hub.timeline import What, entries
from hub.workers.parking import let_go
from tests.path.test_timeline import acting_on
from tests.support.hubs import APPLICATION, POLICY, Destination, Rig, at_work, bearer, event, hub_on, received
from tests.support.sinks import ScriptedSink

CASE, OTHER, OWN = "510500-20260302-000001", "510500-20260302-000002", "BJ-0001"
ACCEPTANCE, STEP, CLOSED = "cn.gov.acceptance.decided", "cn.gov.process.step", "cn.gov.completion.decided"
LEARNS = Learns("housing", re.compile(r"no=(\S+)"), frozenset({APPLICATION}))
BESIDE = (
    Beside(frozenset({ACCEPTANCE}), "", ("document_no",), re.compile("(.+)")),
    Beside(frozenset(), "deptcaseno", (), re.compile("(?:no=)?(.+)")),
)


@asynccontextmanager
async def town(
    dsn: str, receipt: object = None, *, manner: Manner = "own", rigour: Rigour | None = None
) -> AsyncIterator[tuple[Rig, ScriptedSink]]:
    """Applications go to housing, which tells its own number; what housing says goes to the portal."""
    housing = ScriptedSink({} if receipt is None else {CASE: [receipt]})  # type: ignore[list-item]
    portal = ScriptedSink()
    destinations = {
        "housing": Destination(sink=housing, policy=replace(POLICY, learns=LEARNS)),
        "portal": Destination(sink=portal),
    }
    routes = (
        f"  - {{name: applications, when: {{contract: {APPLICATION}}}, to: [housing]}}\n"
        f"  - {{name: results, when: {{contract: [{ACCEPTANCE}, {STEP}, {CLOSED}]}}, to: [portal]}}\n"
    )
    async with hub_on(dsn, destinations, routes=routes) as made:
        numberings = {"housing": Numbering(manner, timedelta(hours=4))}
        beside = {"housing": BESIDE} if manner == "either" else {}
        names = Names(made.hub.journal.aliases, made.clock, numberings, beside)
        parking = Parking() if rigour is None else Parking(Policies(CasePolicy(rigour)))
        rig = replace(made, hub=replace(made.hub, names=names, parking=parking))
        async with at_work(rig.hub):
            yield rig, portal


def own(contract: str, id_: str, number: str = OWN, **data: object) -> CloudEvent:
    plain = event(number, id_, source="housing", contract=contract)
    assert isinstance(plain.data, dict)
    return replace(plain, data={**plain.data, **data})


async def case_of(rig: Rig, id_: str) -> str:
    found = await rig.hub.journal.lookups.message_by_sender_id("housing", id_)
    assert isinstance(found, MessageView)
    return found.case


async def told(rig: Rig, one: CloudEvent) -> dict[str, object]:
    receipt = await accept(rig.hub, bearer(one.source), one, received(one))
    assert not isinstance(receipt, Refusal), receipt
    found: dict[str, object] = orjson.loads(receipt)
    return found


async def waiting(rig: Rig) -> list[tuple[str, str]]:
    found = await rig.hub.journal.aliases.awaited(100)
    assert isinstance(found, tuple)
    return [(one.number, one.reason) for one in found]


async def test_a_number_is_learned_from_a_receipt_and_the_result_joins_the_lane_of_its_case(dsn: str) -> None:
    async with town(dsn, Delivered("ok no=BJ-0001 at window 3")) as (rig, portal):
        await rig.accept(event(CASE, "application"))
        await rig.until_state(State.DELIVERED, 1)
        receipt = await told(rig, own(ACCEPTANCE, "accepted"))
        assert receipt["case"] == CASE
        assert "warnings" not in receipt
        await rig.until_state(State.DELIVERED, 2)
        (parcel,) = portal.arrived
        assert parcel.attributes["subject"] == CASE
        assert parcel.attributes[ATTRIBUTE] == OWN
        assert orjson.loads(parcel.body)["data"]["case_no"] == CASE


async def test_what_is_accepted_now_and_answered_later_tells_its_number_too(dsn: str) -> None:
    async with town(dsn, Accepted("ref no=BJ-0001")) as (rig, _):
        await rig.accept(event(CASE, "application"))
        await rig.until_state(State.ACCEPTED, 1)
        assert (await told(rig, own(ACCEPTANCE, "accepted")))["case"] == CASE
        heard = await rig.hub.answers.of("housing").answered([Answer("ref no=BJ-0001", Delivered("done"))])
        assert len(heard) == 1


async def test_what_comes_before_its_number_is_known_waits_and_is_let_out_into_the_right_lane(dsn: str) -> None:
    async with town(dsn, Delivered("no=BJ-0001")) as (rig, portal):
        receipt = await told(rig, own(ACCEPTANCE, "accepted"))
        assert receipt["warnings"] == [{"code": "ALIAS_UNKNOWN", "path": "$.subject"}]
        await told(rig, own(STEP, "step"))
        assert await waiting(rig) == [(OWN, "ALIAS_UNKNOWN")]
        await rig.accept(event(CASE, "application"))
        await rig.until_state(State.DELIVERED, 3)
        assert portal.of(CASE) == ["accepted", "step"]
        assert await waiting(rig) == []
        assert [await case_of(rig, id_) for id_ in ("accepted", "step")] == [CASE, CASE]
        view = await rig.hub.case_files.view(CASE, 10)
        assert isinstance(view, CaseView)
        assert len(view.messages) == 3
        assert view.parties == {"portal", "housing"}
        released = [(one.code, one.state) for one in entries(view.messages) if one.what is What.RELEASED]
        assert released == [("ALIAS_UNKNOWN", "resolved")] * 2
        assert (await told(rig, own(STEP, "step")))["warnings"], "the receipt of the first time, byte for byte"


async def test_two_claims_wait_for_an_operator(dsn: str) -> None:
    async with town(dsn, Delivered("no=BJ-0001")) as (rig, portal):
        await rig.accept(event(CASE, "application"))
        await rig.until_state(State.DELIVERED, 1)
        assert await rig.hub.journal.aliases.claim([AliasClaim("housing", OWN, OTHER, "import")]) is None
        receipt = await told(rig, own(ACCEPTANCE, "accepted"))
        assert receipt["warnings"] == [{"code": "ALIAS_DISPUTED", "path": "$.subject"}]
        (disputed,) = await listed(rig, disputed=True)
        assert disputed == (OWN, (CASE, OTHER))
        acting = acting_on(rig)
        assert isinstance(await acting.decide_alias(order("a"), "housing", OWN, OTHER), NoSuch)
        done = await acting.decide_alias(order("b"), "housing", OWN, CASE)
        assert isinstance(done, Acted)
        await rig.until_state(State.DELIVERED, 2)
        assert portal.of(CASE) == ["accepted"]
        assert await rig.hub.journal.aliases.claim([AliasClaim("housing", OWN, OTHER, "import")]) is None
        assert await listed(rig, disputed=True) == []


def order(request: str) -> Order:
    return Order("keeper", "cli", request, "查证")


async def listed(rig: Rig, *, disputed: bool) -> list[tuple[str, tuple[str, ...]]]:
    found = await rig.hub.journal.aliases.listed(None, 100, disputed=disputed)
    assert isinstance(found, tuple)
    return [(one.number, one.claims) for one in found]


async def test_a_number_that_stays_unknown_is_passed_on_marked(dsn: str) -> None:
    async with town(dsn) as (rig, portal):
        await told(rig, own(ACCEPTANCE, "accepted"))
        assert await let_go(rig.hub) == 0
        rig.clock.step(hours=4, seconds=1)
        assert await let_go(rig.hub) == 1
        await rig.until_state(State.DELIVERED, 1)
        (parcel,) = portal.arrived
        assert (parcel.attributes["subject"], parcel.attributes["govhubearly"]) == (OWN, "ALIAS_UNKNOWN")


async def test_a_system_that_writes_either_number_is_believed(dsn: str) -> None:
    async with town(dsn, Delivered("no=BJ-0001"), manner="either") as (rig, portal):
        await rig.accept(event(CASE, "application"))
        await rig.until_state(State.DELIVERED, 1)
        assert (await told(rig, own(ACCEPTANCE, "accepted")))["case"] == CASE
        assert (await told(rig, own(STEP, "step", CASE)))["case"] == CASE
        await rig.until_state(State.DELIVERED, 3)
        assert portal.of(CASE) == ["accepted", "step"]


async def test_a_batch_is_looked_up_at_once(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with town(dsn) as (rig, _):
        aliases = rig.hub.journal.aliases
        claims = [AliasClaim("housing", f"BJ-{n}", f"case-{n}", "import") for n in range(20)]
        assert await aliases.claim(claims) is None
        asked: list[int] = []
        known = aliases.known

        async def counted(numbers: object) -> object:
            asked.append(len(numbers))  # type: ignore[arg-type]
            return await known(numbers)  # type: ignore[arg-type]

        monkeypatch.setattr(type(aliases), "known", lambda _self, numbers: counted(numbers))
        events = [own(ACCEPTANCE, f"m-{n}", f"BJ-{n}") for n in range(20)]
        answers = await accept_all(rig.hub, "housing", [(one, received(one)) for one in events])
        assert [orjson.loads(one)["case"] for one in answers if isinstance(one, bytes)] == [
            f"case-{n}" for n in range(20)
        ]
        assert asked == [20]


async def test_what_waits_for_its_number_waits_on_by_a_rule_of_its_case(dsn: str) -> None:
    async with town(dsn, Delivered("no=BJ-0001"), rigour=Rigour.ENFORCE) as (rig, portal):
        await told(rig, own(CLOSED, "closed"))
        await rig.accept(event(CASE, "application"))
        await rig.until_state(State.DELIVERED, 1)
        while await waiting(rig):
            pass  # the worker looks every second
        parked = await rig.hub.journal.dockets.parked_of(CASE)
        assert isinstance(parked, tuple)
        assert [one.reason for one in parked] == ["R03"]
        await told(rig, own(ACCEPTANCE, "accepted"))
        await rig.until_state(State.DELIVERED, 3)
        assert portal.of(CASE) == ["accepted", "closed"]


async def test_what_is_about_no_case_keeps_its_subject(dsn: str) -> None:
    async with town(dsn) as (rig, _):
        item = event("000131014000", "item", source="housing", contract="cn.gov.item.directory")
        answer = await accept(rig.hub, bearer("housing"), item, received(item))
        assert isinstance(answer, Refusal)
        assert answer.code == "E_UNROUTABLE"
        assert await waiting(rig) == []


async def test_a_message_that_carries_both_numbers_teaches_its_own(dsn: str) -> None:
    async with town(dsn, manner="either", rigour=Rigour.ENFORCE) as (rig, portal):
        both = own(ACCEPTANCE, "accepted", CASE, document_no=f" {OWN} ")
        receipt = await told(rig, both)
        assert "warnings" not in receipt
        assert await listed(rig, disputed=False) == [(OWN, (CASE,))], "in the commit that accepted it"
        assert (await told(rig, own(STEP, "step")))["case"] == CASE
        await rig.until_state(State.DELIVERED, 2)
        assert portal.of(CASE) == ["accepted", "step"]
        assert await told(rig, both) == receipt
        assert await listed(rig, disputed=False) == [(OWN, (CASE,))]


async def test_the_number_may_stand_in_the_envelope_and_in_a_batch_of_many_cases(dsn: str) -> None:
    async with town(dsn, manner="either") as (rig, _):
        events = [
            replace(own(STEP, f"step-{n}", f"case-{n % 5}"), extensions={"deptcaseno": f"no=BJ-{n % 5}"})
            for n in range(20)
        ]
        answers = await accept_all(rig.hub, "housing", [(one, received(one)) for one in events])
        assert not [one for one in answers if isinstance(one, Refusal)]
        assert await listed(rig, disputed=False) == [(f"BJ-{n}", (f"case-{n}",)) for n in range(5)]


async def test_an_operator_sees_who_said_what(dsn: str) -> None:
    async with town(dsn, manner="either") as (rig, _):
        assert await rig.hub.journal.aliases.claim([AliasClaim("housing", OWN, OTHER, "import")]) is None
        rig.clock.step(hours=1)
        await told(rig, own(ACCEPTANCE, "accepted", CASE, document_no=OWN))
        (view,) = await rig.hub.journal.aliases.listed(None, 10)  # type: ignore[misc]  # because it is there
        assert view.disputed
        assert [(one.case, one.how) for one in view.said] == [(CASE, "message"), (OTHER, "import")]
        assert view.said[0].at - view.said[1].at == timedelta(hours=1)


async def test_what_was_not_accepted_teaches_nothing(dsn: str) -> None:
    async with town(dsn, manner="either", rigour=Rigour.ENFORCE) as (rig, _):
        wrong = own(ACCEPTANCE, "wrong", CASE, document_no=OWN, decision="perhaps")
        assert isinstance(await accept(rig.hub, bearer("housing"), wrong, received(wrong)), Refusal)
        await told(rig, own(ACCEPTANCE, "refused", CASE, decision="refused", reason="材料不符"))
        impossible = replace(own(STEP, "step", CASE), extensions={"deptcaseno": OWN})
        answer = await accept(rig.hub, bearer("housing"), impossible, received(impossible))
        assert isinstance(answer, Refusal)
        assert answer.code == "E_LIFECYCLE_IMPOSSIBLE"
        assert await listed(rig, disputed=False) == []


async def test_a_parked_message_teaches_its_number_too(dsn: str) -> None:
    async with town(dsn, manner="either", rigour=Rigour.ENFORCE) as (rig, portal):
        await told(rig, replace(own(STEP, "step", CASE), extensions={"deptcaseno": OWN}))
        assert await listed(rig, disputed=False) == [(OWN, (CASE,))]
        assert (await told(rig, own(ACCEPTANCE, "accepted")))["case"] == CASE
        await rig.until_state(State.DELIVERED, 2)
        assert portal.of(CASE) == ["accepted", "step"]


async def test_two_messages_that_say_two_cases_of_one_number_dispute_it_from_whichever_hub(dsn: str) -> None:
    async with town(dsn, manner="either") as (rig, _):
        pairs = [(f"{n}-{case}", f"case-{n}-{case}", f"BJ-{n}") for n in range(10) for case in "ab"]
        events = [replace(own(STEP, id_, case), extensions={"deptcaseno": number}) for id_, case, number in pairs]
        receipts = await asyncio.gather(*(told(rig, one) for one in events))
        assert len(receipts) == 20
        found = await listed(rig, disputed=True)
        assert found == [(f"BJ-{n}", (f"case-{n}-a", f"case-{n}-b")) for n in range(10)]
        waits = await told(rig, own(ACCEPTANCE, "accepted", "BJ-3"))
        assert waits["warnings"] == [{"code": "ALIAS_DISPUTED", "path": "$.subject"}]


@pytest.mark.parametrize("value", ["x" * 51, "x" * 501, "a\u200bb"])
async def test_what_cannot_be_a_number_is_warned_of_and_not_learned(dsn: str, value: str) -> None:
    async with town(dsn, manner="either") as (rig, _):
        receipt = await told(rig, replace(own(STEP, "step", CASE), extensions={"deptcaseno": value}))
        assert receipt["warnings"] == [{"code": "ALIAS_UNUSABLE", "path": "$.deptcaseno"}]
        assert await listed(rig, disputed=False) == []


async def test_a_dispute_counts_for_the_next_message_wherever_it_was_opened(dsn: str) -> None:
    """Nothing is remembered of a number that was undisputed a moment ago: no message joins a lane that may be the wrong one."""
    async with town(dsn, Delivered("no=BJ-0001")) as (rig, portal):
        await rig.accept(event(CASE, "application"))
        await rig.until_state(State.DELIVERED, 1)
        assert (await told(rig, own(ACCEPTANCE, "accepted")))["case"] == CASE
        assert await rig.hub.journal.aliases.claim([AliasClaim("housing", OWN, OTHER, "import")]) is None
        assert (await told(rig, own(STEP, "step")))["warnings"] == [{"code": "ALIAS_DISPUTED", "path": "$.subject"}]
        batch = [own(STEP, f"step-{n}") for n in range(3)]
        answers = await accept_all(rig.hub, "housing", [(one, received(one)) for one in batch])
        assert {orjson.loads(one)["warnings"][0]["code"] for one in answers if isinstance(one, bytes)} == {
            "ALIAS_DISPUTED"
        }
        await rig.until_state(State.DELIVERED, 2)
        assert portal.of(CASE) == ["accepted"]
        assert isinstance(await acting_on(rig).decide_alias(order("a"), "housing", OWN, CASE), Acted)
        assert (await told(rig, own(CLOSED, "closed")))["case"] == CASE


SPEAKS = Beside(frozenset({ACCEPTANCE}), "", ("document_no",), re.compile("(.+)"), "housing", frozenset({"A", "B"}))


async def test_who_speaks_for_a_system_teaches_that_systems_number(dsn: str) -> None:
    async with town(dsn) as (made, portal):
        assert made.hub.names is not None
        names = replace(made.hub.names, beside={"portal": (SPEAKS,)})
        rig = replace(made, hub=replace(made.hub, names=names))
        own_word = event(CASE, "accepted", source="portal", contract=ACCEPTANCE)
        assert isinstance(own_word.data, dict)
        spoken = replace(own_word, data={**own_word.data, "document_no": OWN, "department_code": "115105020000000008"})
        assert "warnings" not in await told(rig, spoken)
        assert await listed(rig, disputed=False) == [], "it speaks for other departments"
        names = replace(names, beside={"portal": (replace(SPEAKS, departments=frozenset({"115105020000000008"})),)})
        rig = replace(made, hub=replace(made.hub, names=names))
        await told(rig, replace(spoken, id="again"))
        assert await listed(rig, disputed=False) == [(OWN, (CASE,))]
        (view,) = await rig.hub.journal.aliases.listed(None, 10, system="housing")  # type: ignore[misc]  # because it is there
        assert [(one.case, one.how) for one in view.said] == [(CASE, "message")]
        assert (await told(rig, own(STEP, "step")))["case"] == CASE
        await rig.until_state(State.DELIVERED, 3)
        assert portal.of(CASE) == ["accepted", "again", "step"]
