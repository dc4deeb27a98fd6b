# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The timeline of a case out of a real journal: everything that happened, where things are, and what is in the way."""

from dataclasses import replace
from uuid import UUID

from connectors.sdk import Accepted, Idempotency, InDoubt, Rejected, Unavailable
from hub.acting import Acting, Order
from hub.case_life import Life, life_of
from hub.ports.journal import Acted, CaseView, MessageView, Named, State
from hub.timeline import Entry, Hindrance, What, Whereabouts, entries, whereabouts
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink

CASE = "510500-20260302-000001"
STEP, ACCEPTANCE = "cn.gov.process.step", "cn.gov.acceptance.decided"


async def messages(rig: Rig) -> tuple[MessageView, ...]:
    view = await rig.hub.case_files.view(CASE, 100)
    assert isinstance(view, CaseView)
    return view.messages


async def where(rig: Rig) -> list[Whereabouts]:
    gates = await rig.hub.journal.gates.states()
    assert isinstance(gates, dict)
    return list(whereabouts(await messages(rig), gates, rig.clock.now()))


def told(found: Entry) -> tuple[str, str, str]:
    return (found.what.value, found.destination, found.state)


async def test_every_hop_retry_hold_and_receipt_stands_in_its_order(dsn: str) -> None:
    housing = ScriptedSink({CASE: [Unavailable("AWAY"), Unavailable("AWAY")]})
    eager = Destination(sink=housing, policy=replace(POLICY, immediate=2))
    async with hub_on(dsn, {"housing": eager, "portal": Destination(sink=ScriptedSink())}) as rig:
        first = await rig.accept(event(CASE, "a"))
        rig.clock.step(seconds=1)
        second = await rig.accept(event(CASE, "b", contract=ACCEPTANCE))
        rig.clock.step(seconds=1)
        async with at_work(rig.hub):
            await rig.until_state(State.DELIVERED, 4)
        found = entries(await messages(rig))
        assert await where(rig) == []

    assert [told(one) for one in found if one.message == first and one.destination == "housing"] == [
        ("attempt", "housing", "waiting"),
        ("attempt", "housing", "waiting"),
        ("attempt", "housing", "delivered"),
    ]
    assert [(one.what, one.system) for one in found if one.message == second and not one.destination] == [
        (What.ACCEPTED, "portal")
    ]
    held = [one for one in found if one.what is What.HELD]
    assert {(one.message, one.destination) for one in held} == {(second, "housing"), (second, "portal")}
    assert all(one.until is not None and one.until >= one.at for one in held)
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert {one.topic for one in found} == {"application", "acceptance"}


async def test_where_it_is_now_and_what_is_in_the_way(dsn: str) -> None:
    careful = replace(POLICY, idempotency=Idempotency.NONE)
    destinations = {
        "refuses": Destination(sink=ScriptedSink({CASE: [Rejected("WRONG", "no such item")]})),
        "vanished": Destination(sink=ScriptedSink({CASE: [InDoubt("TIMED_OUT")]}), policy=careful),
        "slow": Destination(
            sink=ScriptedSink({CASE: [Accepted("R-1")]}), policy=replace(careful, ordered_completion=True)
        ),
        "away": Destination(sink=ScriptedSink({CASE: [Unavailable("AWAY", 3600.0)] * 3})),
        "paused": Destination(sink=ScriptedSink()),
    }
    async with hub_on(dsn, destinations) as rig:
        acting = acting_on(rig)
        paused = await acting.pause_destination(Order("keeper", "cli", "pause-1", "maintenance"), "paused")
        assert isinstance(paused, Acted)
        async with at_work(rig.hub):
            await rig.accept(event(CASE, "a"))
            second = await rig.accept(event(CASE, "b", contract=STEP))
            await rig.until(lambda settled: {one.claim.destination for one in settled} >= {*destinations} - {"paused"})
        found = {(one.destination, one.message == second): one for one in await where(rig)}

    first = {name: found[name, False].hindrance for name in destinations}
    assert first == {
        "refuses": Hindrance.DEAD,
        "vanished": Hindrance.DOUBT,
        "slow": Hindrance.ANSWER,
        "away": Hindrance.RETRY,
        "paused": Hindrance.PAUSED,
    }
    assert found["refuses", False].code == "WRONG"
    assert found["away", False].until is not None
    behind = [found[name, True] for name in ("refuses", "vanished", "slow", "away")]
    assert {one.hindrance for one in behind} == {Hindrance.ANOTHER}
    assert [one.blocked_by for one in behind] == [
        found[name, False].delivery for name in ("refuses", "vanished", "slow", "away")
    ]


def acting_on(rig: Rig) -> Acting:
    hub = rig.hub
    return Acting(
        hub=hub.name,
        clock=hub.clock,
        ids=hub.ids,
        journal=hub.journal,
        registry=hub.rules.registry,
        routes=hub.routes,
        places=hub.places,
        partitions=hub.partitions,
    )


async def test_what_operators_did_stands_with_their_reasons(dsn: str) -> None:
    sink = ScriptedSink({CASE: [Rejected("WRONG", "no such item")]})
    async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig:
        async with at_work(rig.hub):
            await rig.accept(event(CASE, "a"))
            (dead,) = await rig.until_state(State.DEAD)
            rig.clock.step(seconds=1)
            order = Order("keeper", "cli", "discard-1", "sent by mistake")
            done = await acting_on(rig).discard(order, Named((dead.claim.delivery_id,), doubtful=False))
            assert isinstance(done, Acted)
        found = entries(await messages(rig))

    acts = [one for one in found if one.what is What.ACT]
    assert [(one.by, one.reason, one.state) for one in acts] == [("keeper", "sent by mistake", "skipped")]
    assert found[-1].what in {What.ACT, What.SETTLED}


async def test_what_would_not_fit_the_life_of_its_case_is_told_and_nothing_is_kept_of_it(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        early = await rig.accept(event(CASE, "a", contract=STEP))
        life = await life_of(rig.hub.case_files, CASE)
        assert isinstance(life, Life)
        assert [(one.message, one.rule, one.early) for one in life.misfits] == [(UUID(int=early.int), "R03", True)]
        await rig.accept(event(CASE, "b", contract=ACCEPTANCE))
        after = await life_of(rig.hub.case_files, CASE)
        assert isinstance(after, Life)
        assert after.misfits == ()
        assert after.docket.state.accepted
