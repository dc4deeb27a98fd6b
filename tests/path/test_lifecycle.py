# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The lives of cases on the bus: observed, warned of, or held to the rules, over a real journal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from uuid import UUID

import asyncpg
import orjson
import pytest

from contracts.bindings.http import write_structured
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent, JsonValue
from contracts.lifecycle.record import record_of
from contracts.refusal import Refusal
from hub.case_life import Life, life_of
from hub.lifecycle import CasePolicy, Parking, Policies
from hub.observing.exposition import Exposition
from hub.passage import Received
from hub.path import accept, accept_all
from hub.ports.journal import Act, Acted, CaseView, NoSuch, Rigour, Seed, Sown, State
from hub.timeline import Hindrance, What, entries, whereabouts
from hub.workers.parking import let_go, look
from hub.workers.watching import Watcher
from tests.support.hubs import Destination, Rig, at_work, bearer, event, hub_on, received
from tests.support.sinks import ScriptedSink

CASE = "510500-20260302-000001"
APPLIED, ACCEPTED, REFUSED = "cn.gov.application.submitted", "cn.gov.acceptance.decided", "refused"
SUPPLIED, OPINION = "cn.gov.correction.supplied", "cn.gov.opinion.given"
STEP, CLOSED, LICENCE = "cn.gov.process.step", "cn.gov.completion.decided", "cn.gov.licence.issued"
WAIT = timedelta(hours=4)


def said(contract: str, id_: str, case: str = CASE, source: str = "housing", **data: object) -> CloudEvent:
    plain = event(case, id_, source=source, contract=contract)
    assert isinstance(plain.data, dict)
    return replace(plain, data={**plain.data, **data})


@asynccontextmanager
async def followed(
    dsn: str, rigour: Rigour = Rigour.ENFORCE, *, begins_anywhere: bool = False
) -> AsyncIterator[tuple[Rig, ScriptedSink]]:
    sink = ScriptedSink()
    async with hub_on(dsn, {"portal": Destination(sink=sink)}, systems=("portal", "housing")) as made:
        policies = Policies(CasePolicy(rigour, begins_anywhere, WAIT))
        rig = replace(made, hub=replace(made.hub, parking=Parking(policies)))
        async with at_work(rig.hub):
            yield rig, sink


async def answer(rig: Rig, one: CloudEvent) -> dict[str, object] | Refusal:
    told = await accept(rig.hub, bearer(one.source), one, received(one))
    return told if isinstance(told, Refusal) else orjson.loads(told)


async def parked(rig: Rig) -> list[tuple[str, str]]:
    found = await rig.hub.journal.dockets.parked(None, 100)
    assert isinstance(found, tuple)
    return [(one.contract, one.reason) for one in found]


async def test_an_early_message_waits_outside_of_its_lane_and_is_let_out_in_its_order(dsn: str) -> None:
    async with followed(dsn) as (rig, sink):
        first = await answer(rig, said(LICENCE, "licence"))
        assert isinstance(first, dict)
        assert first["warnings"] == [{"code": "LIFECYCLE_R05", "path": "$.type"}]
        await rig.accept(said(CLOSED, "closed"))
        await rig.accept(said(APPLIED, "applied"))
        await rig.until_state(State.DELIVERED, 1)
        assert await parked(rig) == [(LICENCE, "R05"), (CLOSED, "R03")]
        await rig.accept(said(ACCEPTED, "accepted"))
        await rig.until_state(State.DELIVERED, 4)
        assert sink.of(CASE) == ["applied", "accepted", "closed", "licence"]
        assert await parked(rig) == []
        view = await rig.hub.case_files.view(CASE, 10)
        assert isinstance(view, CaseView)
        assert [d.position for message in view.messages for d in message.deliveries] == [4, 3, 1, 2]
        told = [(one.what, one.code) for one in entries(view.messages) if one.what in {What.PARKED, What.RELEASED}]
        assert sorted(told) == [
            (What.PARKED, "R03"), (What.PARKED, "R05"), (What.RELEASED, "R03"), (What.RELEASED, "R05")
        ]  # fmt: skip
        assert all("govhubearly" not in parcel.attributes for parcel in sink.arrived)


async def test_where_a_message_that_waits_is_and_until_when(dsn: str) -> None:
    async with followed(dsn) as (rig, _):
        message = await rig.accept(said(STEP, "step"))
        waiting = await rig.hub.journal.dockets.parked_of(CASE)
        assert isinstance(waiting, tuple)
        (place,) = whereabouts((), {}, rig.clock.now(), waiting)
        assert (place.message, place.hindrance, place.code) == (UUID(int=message.int), Hindrance.RULE, "R03")
        assert place.until == rig.clock.now() + WAIT


async def test_what_cannot_be_is_refused_with_the_number_of_its_rule_and_may_come_again_when_it_can(dsn: str) -> None:
    async with followed(dsn) as (rig, sink):
        await rig.accept(said(ACCEPTED, "refused", decision="refused", reason="材料不符"))
        told = await answer(rig, said(STEP, "step"))
        assert isinstance(told, Refusal)
        assert (told.code, told.extra) == ("E_LIFECYCLE_IMPOSSIBLE", {"rule": "R12"})
        assert "R12" in told.detail.zh
        await rig.accept(said(ACCEPTED, "accepted", record_version=2))
        await rig.accept(said(STEP, "step"))
        await rig.until_state(State.DELIVERED, 3)
        assert sink.of(CASE) == ["refused", "accepted", "step"]
        assert rig.hub.observer.figures.misfits == {("R12", "refused"): 1}


@pytest.mark.parametrize("contract", [ACCEPTED, OPINION])
async def test_what_answers_a_list_of_materials_to_follow_waits_for_that_list_and_for_nothing_else(
    dsn: str, contract: str
) -> None:
    known = builtin().versions(contract)[-1]
    listed = next(one.data for one in known.examples if one.valid and one.data.get("missing_due_on"))
    async with followed(dsn) as (rig, sink):
        await rig.accept(said(APPLIED, "applied"))
        await rig.accept(said(SUPPLIED, "early", supplied_at="2026-03-12T09:20:00+08:00"))
        await rig.until_state(State.DELIVERED, 1)
        assert await parked(rig) == [(SUPPLIED, "R02")]
        plain = event(CASE, "listed", source="housing", contract=contract)
        await rig.accept(replace(plain, dataschema=known.schema_uri, data=dict(listed)))
        later = await answer(rig, said(SUPPLIED, "later", supplied_at="2026-03-13T09:20:00+08:00"))
        await rig.until_state(State.DELIVERED, 4)
        assert await parked(rig) == []
    assert isinstance(later, dict)
    assert "warnings" not in later
    assert sink.of(CASE) == ["applied", "listed", "early", "later"]


@pytest.mark.parametrize(("rigour", "warnings"), [(Rigour.OBSERVE, None), (Rigour.WARN, ["LIFECYCLE_R03"])])
async def test_short_of_enforcing_everything_goes_on(dsn: str, rigour: Rigour, warnings: list[str] | None) -> None:
    async with followed(dsn, rigour) as (rig, sink):
        told = await answer(rig, said(STEP, "step"))
        assert isinstance(told, dict)
        found = told.get("warnings")
        assert (None if found is None else [one["code"] for one in found]) == warnings  # type: ignore[attr-defined]
        await rig.accept(said(ACCEPTED, "refused", decision="refused", reason="材料不符"))
        await rig.accept(said(LICENCE, "licence"))
        await rig.until_state(State.DELIVERED, 3)
        assert sink.of(CASE) == ["step", "refused", "licence"]
        assert rig.hub.observer.figures.misfits == {("R03", "passed"): 1, ("R12", "passed"): 1}
        assert await parked(rig) == []


async def test_what_waited_for_long_enough_is_passed_on_marked_and_its_case_waits_for_nothing_more(dsn: str) -> None:
    async with followed(dsn) as (rig, sink):
        await rig.accept(said(CLOSED, "closed"))
        rig.clock.step(hours=3)
        await rig.accept(said(LICENCE, "licence"))
        assert await let_go(rig.hub) == 0
        rig.clock.step(hours=1, seconds=1)
        assert await let_go(rig.hub) == 2  # with its case the licence waits for nothing either
        await rig.until_state(State.DELIVERED, 2)
        assert sink.of(CASE) == ["closed", "licence"]
        assert [parcel.attributes["govhubearly"] for parcel in sink.arrived] == ["R03", "R05"]
        await rig.accept(said(STEP, "step"))
        await rig.until_state(State.DELIVERED, 3)
        assert rig.hub.parking.passed_on == {"R03": 1, "R05": 1}
        assert len(rig.logged("passed on")) == 2


async def test_what_has_become_impossible_is_not_withheld_for_ever_either(dsn: str) -> None:
    async with followed(dsn) as (rig, sink):
        await rig.accept(said(STEP, "step"))
        await rig.accept(said(ACCEPTED, "refused", decision="refused", reason="材料不符"))
        await rig.until_state(State.DELIVERED, 1)
        assert await parked(rig) == [(STEP, "R12")]
        rig.clock.step(hours=4, seconds=1)
        assert await let_go(rig.hub) == 1
        await rig.until_state(State.DELIVERED, 2)
        assert sink.of(CASE) == ["refused", "step"]
        assert sink.arrived[-1].attributes["govhubearly"] == "R12"
        assert await let_go(rig.hub) == 0


async def test_a_case_at_a_window_may_begin_with_its_completion(dsn: str) -> None:
    async with followed(dsn, begins_anywhere=True) as (rig, sink):
        await rig.accept(said(LICENCE, "licence"))
        await rig.accept(said(CLOSED, "closed"))
        await rig.until_state(State.DELIVERED, 2)
        assert sink.of(CASE) == ["closed", "licence"]


async def test_the_same_message_again_changes_nothing(dsn: str) -> None:
    async with followed(dsn) as (rig, _):
        step = said(STEP, "step")
        first, second = await answer(rig, step), await answer(rig, step)
        assert first == second
        assert await parked(rig) == [(STEP, "R03")]
        reused = await answer(rig, replace(step, data={**step.data, "step_name": "其他"}))  # type: ignore[dict-item]
        assert isinstance(reused, Refusal)
        assert reused.code == "E_ID_REUSE"
        assert await parked(rig) == [(STEP, "R03")]


async def test_every_order_in_one_batch_comes_to_the_same(dsn: str) -> None:
    async with followed(dsn) as (rig, sink):
        orders = list(permutations((APPLIED, ACCEPTED, CLOSED, LICENCE)))
        for n, order in enumerate(orders):
            case = f"case-{n}"
            events = [said(contract, contract, case) for contract in order]
            events = [replace(one, id=f"{n}-{one.id}") for one in events]
            answers = await accept_all(rig.hub, "housing", [(one, Received(*write_structured(one))) for one in events])
            assert not [one for one in answers if isinstance(one, Refusal)]
        await rig.until_state(State.DELIVERED, 4 * len(orders))
        for n in range(len(orders)):
            seen = [id_.partition("-")[2] for id_ in sink.of(f"case-{n}")]
            assert [one for one in seen if one != APPLIED] == [ACCEPTED, CLOSED, LICENCE]
        assert await parked(rig) == []


async def test_a_repeat_of_what_is_not_followed_is_answered_beside_what_is(dsn: str) -> None:
    """In one commit: it says nothing of its case's life, so nothing is to be judged anew for it."""
    async with followed(dsn) as (rig, _):
        divided = said("cn.gov.package.divided", "divided")
        first = await answer(rig, divided)
        assert isinstance(first, dict)
        batch = [divided, said(APPLIED, "applied"), divided]
        answers = await accept_all(rig.hub, "housing", [(one, Received(*write_structured(one))) for one in batch])
        receipts = [orjson.loads(one) for one in answers if isinstance(one, bytes)]
        assert [one["message"] for one in receipts if one["id"] == "divided"] == [first["message"]] * 2
        assert [one["id"] for one in receipts] == ["divided", "applied", "divided"]


async def test_many_senders_at_once_of_one_case_deliver_it_in_a_lawful_order(dsn: str) -> None:
    async with followed(dsn) as (rig, sink):
        await asyncio.gather(
            *(
                rig.accept(said(contract, f"{n}-{contract}", f"case-{n}"))
                for n in range(20)
                for contract in (LICENCE, CLOSED, ACCEPTED)
            )
        )
        await rig.until_state(State.DELIVERED, 60)
        for n in range(20):
            assert sink.of(f"case-{n}") == [f"{n}-{ACCEPTED}", f"{n}-{CLOSED}", f"{n}-{LICENCE}"]


async def test_a_case_is_known_from_before_its_life_was_followed(dsn: str) -> None:
    async with followed(dsn) as (rig, sink):
        plain = replace(rig, hub=replace(rig.hub, parking=Parking()))
        await plain.accept(said(ACCEPTED, "accepted"))
        await rig.accept(said(STEP, "step"))
        await rig.until_state(State.DELIVERED, 2)
        assert sink.of(CASE) == ["accepted", "step"]
        connection = await asyncpg.connect(dsn)
        try:
            assert await connection.fetchval("select count(*) from case_docket") == 1
        finally:
            await connection.close()


async def test_what_waits_keeps_its_plan_over_a_restart(dsn: str) -> None:
    async with followed(dsn) as (rig, _):
        await rig.accept(said(STEP, "step"))
    async with followed(dsn) as (rig, sink):
        await rig.accept(said(ACCEPTED, "accepted"))
        await rig.until_state(State.DELIVERED, 2)
        assert sink.of(CASE) == ["accepted", "step"]


async def test_nobody_fills_the_parking_of_one_case_for_ever(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.journal.following.MOST_EARLY", 3)
    async with followed(dsn) as (rig, _):
        for n in range(3):
            await rig.accept(said(STEP, f"step-{n}", step_no=str(n)))
        told = await answer(rig, said(STEP, "step-4", step_no="4"))
        assert isinstance(told, Refusal)
        assert (told.code, told.extra) == ("E_LIFECYCLE_PARKED", {"rule": "R03"})


def seed(case: str, *records: tuple[str, dict[str, JsonValue]], parties: tuple[str, ...] = ("housing",)) -> Seed:
    known = tuple(record_of(contract, data) for contract, data in records)
    assert all(known)
    return Seed(case=case, parties=parties, records=tuple(one for one in known if one is not None))


async def test_a_case_that_was_taken_over_waits_for_nothing_and_knows_its_clock(dsn: str) -> None:
    accepted: tuple[str, dict[str, JsonValue]] = (
        ACCEPTED,
        {"decision": "accepted", "decided_at": "2026-03-03T10:00:00+08:00", "statutory_on": "2026-03-31"},
    )
    async with followed(dsn) as (rig, sink):
        await rig.accept(said(STEP, "step"))  # it came before the import, and waits
        dockets = rig.hub.journal.dockets
        assert await dockets.sow("hub-1", [seed(CASE, accepted), seed("case-2")]) == Sown(2, 0)
        assert await dockets.sow("hub-1", [seed(CASE, accepted), seed("case-2")]) == Sown(0, 2)
        await rig.accept(said(LICENCE, "licence", "case-2"))
        await rig.until_state(State.DELIVERED, 2)
        assert sink.of(CASE) == ["step"]
        assert "govhubearly" not in sink.arrived[0].attributes
        life = await life_of(rig.hub.case_files, CASE)
        assert isinstance(life, Life)
        assert (life.misfits, life.docket.adopted, life.docket.state.accepted) == ((), True, True)
        facts = rig.hub.legal_clock.facts(life.docket.records.values())
        assert str(facts.statutory_on) == "2026-03-31"


async def test_an_operator_may_say_that_a_case_was_under_way_before(dsn: str) -> None:
    async with followed(dsn) as (rig, sink):
        await rig.accept(said(STEP, "step"))
        act = Act(
            id=rig.hub.ids.new(), request="adopt-1", digest=b"", kind="adopt", actor="keeper", via="cli", reason="在办",
            subject=CASE, acted_at=rig.clock.now(),
        )  # fmt: skip
        done = await rig.hub.journal.dockets.adopt("hub-1", act, CASE)
        assert isinstance(done, Acted)
        assert (done.applied, done.again) == (1, False)
        again = await rig.hub.journal.dockets.adopt("hub-1", act, CASE)
        assert isinstance(again, Acted)
        assert (again.applied, again.again) == (1, True)
        other = replace(act, id=rig.hub.ids.new(), request="b")
        assert isinstance(await rig.hub.journal.dockets.adopt("hub-1", other, "never-was"), NoSuch)
        await rig.until_state(State.DELIVERED, 1)
        assert sink.of(CASE) == ["step"]
        view = await rig.hub.case_files.view(CASE, 10)
        assert isinstance(view, CaseView)
        (released,) = [one for one in entries(view.messages) if one.what is What.RELEASED]
        assert (released.state, released.by, released.reason) == ("adopted", "keeper", "在办")


async def test_what_waits_too_long_is_an_alarm_before_it_is_passed_on(dsn: str) -> None:
    async with followed(dsn) as (rig, _):
        await rig.accept(said(STEP, "step"))
        await look(rig.hub)
        watcher = Watcher(rig.hub)
        await watcher.look()
        assert [one.what for one in rig.hub.health.concerns if one.what == "parked"] == []
        rig.clock.step(hours=3)
        await look(rig.hub)
        await watcher.look()
        (alarm,) = [one for one in rig.hub.health.concerns if one.what == "parked"]
        assert "R03" in alarm.reason
        shown = Exposition(rig.hub).text().decode()
        assert 'govhub_parked_messages{rule="R03"} 1.0' in shown
        assert 'govhub_lifecycle_misfits_total{fate="parked",rule="R03"} 1.0' in shown


async def test_two_hubs_let_nothing_out_twice(dsn: str) -> None:
    async with followed(dsn) as (one, sink):
        for n in range(20):
            await one.accept(said(STEP, f"{n}", f"case-{n}"))
        one.clock.step(hours=5)
        cases = [f"case-{n}" for n in range(20)]
        dockets = one.hub.journal.dockets
        passed = await asyncio.gather(*(dockets.pass_on("hub-1", cases) for _ in range(4)))
        assert sum(len(some) for some in passed if isinstance(some, list)) == 20
        await one.until_state(State.DELIVERED, 20)
        assert sorted(parcel.attributes["id"] for parcel in sink.arrived) == sorted(str(n) for n in range(20))


async def test_what_came_while_nobody_followed_is_caught_up_with(dsn: str) -> None:
    async with followed(dsn) as (rig, sink):
        await rig.accept(said(APPLIED, "applied"))  # the docket begins
        plain = replace(rig, hub=replace(rig.hub, parking=Parking()))
        await plain.accept(said(ACCEPTED, "accepted"))
        await rig.accept(said(STEP, "step"))
        await rig.until_state(State.DELIVERED, 3)
        assert sink.of(CASE) == ["applied", "accepted", "step"]
        assert await parked(rig) == []
