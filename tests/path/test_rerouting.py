# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Tables are changed under a running hub: nothing is lost, every message names the table that planned it, shadows only watch."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from contracts.catalogue import builtin
from contracts.located import Fault
from contracts.registry import Registry
from hub.acting import Order
from hub.ports.journal import Acted, Observed, Overtaken, State
from hub.rerouting import Rerouting, Unusable
from hub.workers.rerouting import look
from routing.index import CompiledTable, compile_table
from routing.programs import compile_expressions
from routing.table import RouteTable, load
from tests.support.hubs import Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

ORDER = Order("wang", "cli", "one", "why not")


@dataclass(frozen=True)
class Tables:
    """Tables for hubs that have these destinations."""

    known: frozenset[str]

    @property
    def registry(self) -> Registry:
        return builtin()

    def usable(self, text: str, file: str) -> CompiledTable | tuple[Fault, ...]:
        table = load(text, file)
        if not isinstance(table, RouteTable):
            return table
        wrong = [
            Fault("E_ROUTE_DESTINATION_UNKNOWN", "", table.at(n), *(("没有", "none"),) * 2)  # type: ignore[arg-type]
            for n, route in enumerate(table.routes)
            for target in route.to
            if target.destination not in self.known
        ]
        return tuple(wrong) or compile_table(table, programs=compile_expressions(table, builtin()).programs)


def text(*to: str) -> str:
    return f"version: 1\nroutes:\n  - {{name: all, when: {{}}, to: [{', '.join(to)}]}}\n"


def places() -> dict[str, Destination]:
    return {name: Destination(sink=ScriptedSink()) for name in ("housing", "civil")}


def rerouting(rig: Rig) -> Rerouting:
    hub = rig.hub
    assert hub.tables is not None
    return Rerouting(clock=hub.clock, ids=hub.ids, journal=hub.journal.route_tables, tables=hub.tables)


async def begun(rig: Rig) -> None:
    version = rig.hub.routes.active.table.version_id
    await rig.hub.journal.route_tables.begin(version, text("housing"), rig.hub.name, rig.clock.now())
    await look(rig.hub)


async def test_a_table_is_activated_hot_and_each_message_names_the_table_that_planned_it(dsn: str) -> None:
    tables = Tables(frozenset(places()))
    async with hub_on(dsn, places(), routes=text("housing"), tables=tables) as rig:
        await begun(rig)
        old = rig.hub.routes.active.table.version_id
        before = await rig.accept(event("a"))
        done = await rerouting(rig).activate(ORDER, text("housing", "civil"), "new.yaml", expected=old)
        between = await rig.accept(event("b"))  # this hub has not looked yet
        await look(rig.hub)
        after = await rig.accept(event("c"))
        views = [await rig.view(one) for one in (before, between, after)]
        back = await rerouting(rig).reactivate(replace(ORDER, request="two"), old)
        await look(rig.hub)

    new = views[2].table_version
    assert isinstance(done, Acted)
    assert isinstance(back, Acted)
    assert [view.table_version for view in views] == [old, old, new]
    assert [sorted(one.destination for one in view.deliveries) for view in views] == [
        ["housing"],
        ["housing"],
        ["civil", "housing"],
    ]
    assert rig.hub.routes.active.table.version_id == old


async def test_no_message_is_lost_while_tables_change_under_two_hubs(dsn: str) -> None:
    tables = Tables(frozenset(places()))
    ways = [text("housing"), text("housing", "civil"), text("civil", "housing")]
    versions = {}
    for one in ways:
        table = load(one, "x")
        assert isinstance(table, RouteTable)
        versions[table.version_id] = [target.destination for target in table.routes[0].to]
    async with (
        hub_on(dsn, places(), routes=ways[0], tables=tables, name="hub-1") as rig,
        hub_on(dsn, places(), routes=ways[0], tables=tables, name="hub-2") as other,
    ):
        await begun(rig)
        await begun(other)

        async def send(at: Rig, name: str) -> list[object]:
            return [await at.accept(event(f"{name}-{n}", f"{name}{n}")) for n in range(40)]

        async def change() -> None:
            for n in range(12):
                order = replace(ORDER, request=f"change {n}")
                assert isinstance(await rerouting(rig).activate(order, ways[(n + 1) % 3], "x"), Acted)
                await asyncio.gather(look(rig.hub), look(other.hub))

        first, second, _ = await asyncio.gather(send(rig, "a"), send(other, "b"), change())
        views = [await rig.view(one) for one in (*first, *second)]  # type: ignore[arg-type]

    assert len(views) == 80
    for view in views:
        assert sorted(one.destination for one in view.deliveries) == sorted(versions[view.table_version])


async def test_what_cannot_be_used_is_refused_and_changes_nothing(dsn: str) -> None:
    async with hub_on(dsn, places(), routes=text("housing"), tables=Tables(frozenset(places()))) as rig:
        await begun(rig)
        old = await rig.hub.journal.route_tables.in_force()
        cases = "cases:\n- {name: 到民政, contract: 'cn.gov.process.step:1', from: x, example: 环节待办, to: housing}\n"
        answers = [
            await rerouting(rig).activate(ORDER, "version: 1\nroutes: 7\n", "x"),
            await rerouting(rig).activate(ORDER, text("nowhere"), "x"),
            await rerouting(rig).activate(ORDER, text("civil"), "x", cases=cases),
            await rerouting(rig).activate(ORDER, text("civil"), "x", expected="another"),
        ]

        assert [type(one) for one in answers] == [Unusable, Unusable, Unusable, Overtaken]
        assert isinstance(answers[2], Unusable)
        assert answers[2].failed == ("到民政",)
        assert await rig.hub.journal.route_tables.in_force() == old


async def test_a_hub_that_cannot_use_what_is_in_force_goes_on_by_what_it_has_and_says_so(dsn: str) -> None:
    tables = Tables(frozenset({"housing"}))
    async with hub_on(dsn, places(), routes=text("housing"), tables=tables) as rig:
        await begun(rig)
        mine = rig.hub.routes.active.table.version_id
        await rig.hub.journal.route_tables.begin("newer", text("elsewhere"), "hub-2", rig.clock.now())
        await look(rig.hub)
        message = await rig.accept(event("a"))

        assert (await rig.view(message)).table_version == mine
        assert "E_ROUTE_DESTINATION_UNKNOWN" in rig.hub.routes.trouble
        assert len(rig.logged("routes not usable")) == 1


async def test_a_shadow_delivers_nothing_and_what_it_does_otherwise_is_recorded(dsn: str) -> None:
    there = places()
    async with hub_on(dsn, there, routes=text("housing"), tables=Tables(frozenset(there))) as rig, at_work(rig.hub):
        await begun(rig)
        active = rig.hub.routes.active.table.version_id
        assert isinstance(await rerouting(rig).cast(ORDER, text("civil"), "x"), Acted)
        await look(rig.hub)
        messages = [await rig.accept(event(f"a{n}")) for n in range(3)]
        await rig.until_state(State.DELIVERED, 3)
        await look(rig.hub)
        now = await rig.hub.journal.route_tables.in_force()
        assert now is not None
        observed = await rig.hub.journal.route_tables.observed(now.shadow, active)  # type: ignore[union-attr]
        views = [await rig.view(one) for one in messages]

    assert isinstance(observed, Observed)
    assert (observed.planned, observed.differing) == (3, 3)
    assert {(one.difference.kind, one.difference.destination): one.count for one in observed.differences} == {
        ("vanishes", "housing"): 3,
        ("appears", "civil"): 3,
    }
    assert {view.table_version for view in views} == {active}
    civil = there["civil"].sink
    assert isinstance(civil, ScriptedSink)
    assert civil.arrived == []


async def test_a_shadow_that_breaks_is_dropped_and_touches_no_message(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub_on(dsn, places(), routes=text("housing"), tables=Tables(frozenset(places()))) as rig:
        await begun(rig)
        await rerouting(rig).cast(ORDER, text("civil"), "x")
        await look(rig.hub)
        assert rig.hub.routes.shadow is not None
        rig.hub.routes.shadow = replace(rig.hub.routes.shadow, root=None)  # type: ignore[arg-type]
        message = await rig.accept(event("a"))

        assert [one.destination for one in (await rig.view(message)).deliveries] == ["housing"]
        assert rig.hub.routes.shadow is None
