# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two tables over what a real hub accepted: every delivery that appears, vanishes or is carried otherwise."""

from datetime import timedelta

import orjson
import pytest

from contracts.catalogue import builtin
from contracts.refusal import Refusal
from hub.path import accept
from hub.ports.journal import JournalDown
from hub.route_diff import RouteDiff, refused_since
from hub.trial import recorded_since
from routing.comparing import Change
from routing.index import CompiledTable
from tests.support.hubs import Destination, Rig, bearer, event, hub_on, received, table
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

STEP = "cn.gov.process.step"
OLD = """
- {name: all, when: {}, to: [housing, archive]}
"""
NEW = """
- {name: all, when: {contract: cn.gov.application.submitted}, to: [housing, {destination: civil, priority: 1}]}
- {name: u, when: {contract: cn.gov.application.submitted}, if: "data.channel == '2'", to: [{destination: archive, delay: 1h}]}
"""


async def test_every_delivery_that_would_differ_is_told_with_messages_to_look_at(dsn: str) -> None:
    places = {"housing": Destination(sink=ScriptedSink()), "archive": Destination(sink=ScriptedSink())}
    async with hub_on(dsn, places) as rig:
        applications = [await rig.accept(event(f"a{n}")) for n in range(7)]
        steps = [await rig.accept(event(f"b{n}", contract=STEP)) for n in range(2)]
        diff = RouteDiff(table(OLD), table(NEW), builtin())
        async for batch in recorded_since(rig.hub.journal.lookups, rig.clock.now() - timedelta(days=1)):
            assert not isinstance(batch, JournalDown)
            for one in batch:
                diff.take(one)

    assert (diff.messages, diff.differing, diff.unknown) == (9, 9, 0)
    found = {(one.change, one.contract): (one.count, one.samples) for one in diff.found()}
    first = "cn.gov.application.submitted@1"
    assert found == {
        (Change("appears", "civil", new="priority: 1"), first): (7, applications[:5]),
        (Change("changes", "archive", "", "delay: 3600s"), first): (7, applications[:5]),
        (Change("refused", new="E_UNROUTABLE"), f"{STEP}@1"): (2, steps),
        (Change("vanishes", "housing"), f"{STEP}@1"): (2, steps),
        (Change("vanishes", "archive"), f"{STEP}@1"): (2, steps),
    }


async def test_a_table_does_not_differ_from_itself(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        await rig.accept(event("a"))
        diff = RouteDiff(table(NEW), table(NEW), builtin())
        async for batch in recorded_since(rig.hub.journal.lookups, rig.clock.now() - timedelta(days=1)):
            assert not isinstance(batch, JournalDown)
            assert [diff.take(one) for one in batch] == [()]

    assert diff.differing == 0


NARROW = """
- {name: one, when: {contract: cn.gov.application.submitted, region: "99"}, to: [housing]}
"""
WIDE = """
- {name: one, when: {contract: cn.gov.application.submitted}, to: [housing]}
- {name: two, when: {contract: cn.gov.process.step}, if: "data.case_no != ''", to: [archive]}
"""
OTHER = """
- {name: two, when: {contract: cn.gov.process.step}, if: "data.case_no == ''", to: [housing]}
"""


async def refused_by(rig: Rig) -> None:
    """One application and one step that the routes refuse, and one that is refused for what it is."""
    for one in (event("a"), event("b", contract=STEP), event("c", data={})):
        assert isinstance(await accept(rig.hub, bearer("portal"), one, received(one)), Refusal)


async def over_refused(rig: Rig, old: CompiledTable, new: CompiledTable) -> RouteDiff:
    diff = RouteDiff(old, new, builtin())
    async for batch in refused_since(rig.hub.journal.lookups, rig.clock.now() - timedelta(days=1)):
        assert not isinstance(batch, JournalDown)
        for one in batch:
            diff.take_refused(one)
    return diff


async def test_what_the_routes_refused_and_another_table_would_take_is_told(dsn: str) -> None:
    places = {"housing": Destination(sink=ScriptedSink()), "archive": Destination(sink=ScriptedSink())}
    async with hub_on(dsn, places, routes=NARROW) as rig:
        await refused_by(rig)
        narrow, wide, other = table(NARROW), table(WIDE), table(OTHER)
        taken = await over_refused(rig, narrow, wide)
        back = await over_refused(rig, wide, narrow)
        untold = await over_refused(rig, wide, other)
        same = await over_refused(rig, narrow, table(NARROW.replace("99", "98")))

    assert (taken.refused, taken.differing, taken.untold) == (2, 2, 0)
    assert {one.change for one in taken.found()} == {
        Change("taken", old="E_UNROUTABLE"),
        Change("appears", "housing"),
        Change("perhaps", old="E_UNROUTABLE", new="archive"),
    }
    assert {one.change for one in back.found()} == {
        Change("refused", new="E_UNROUTABLE"),
        Change("vanishes", "housing"),
        Change("perhaps", old="archive", new="E_UNROUTABLE"),
    }
    assert (untold.refused, untold.untold) == (2, 1)
    assert (same.refused, same.differing) == (2, 0)


async def test_a_shadow_is_tried_on_what_the_active_table_refuses(dsn: str) -> None:
    places = {"housing": Destination(sink=ScriptedSink()), "archive": Destination(sink=ScriptedSink())}
    async with hub_on(dsn, places, routes=NARROW) as rig:
        rig.hub.routes.shadow = table(WIDE)
        await refused_by(rig)
        ((shadow, active), seen), *rest = rig.hub.routes.told().items()
        batch = await rig.hub.journal.lookups.unplanned(rig.clock.now() - timedelta(days=1), None, 10)

    assert rest == []
    assert (shadow, active) == (table(WIDE).table.version_id, table(NARROW).table.version_id)
    assert seen.planned == 2
    assert not isinstance(batch, JournalDown)
    of = {one.contract: one.id for one in batch}
    assert {(one.kind, one.destination, message) for one, message in seen.differences} == {
        ("taken", "", of["cn.gov.application.submitted"]),
        ("appears", "housing", of["cn.gov.application.submitted"]),
        ("taken", "", of[STEP]),  # the record is in hand, so its expression is asked
        ("appears", "archive", of[STEP]),
    }


async def test_nothing_of_a_person_is_kept_of_what_the_routes_refused(dsn: str) -> None:
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}, routes=NARROW) as rig:
        await refused_by(rig)
        batch = await rig.hub.journal.lookups.unplanned(rig.clock.now() - timedelta(days=1), None, 10)

    assert not isinstance(batch, JournalDown)
    kept = {"version", "region", "item", "department", "level", "channel", "odd", "table"}
    assert len(batch) == 2
    assert all(orjson.loads(one.routing).keys() <= kept for one in batch)


async def test_an_addition_without_a_value_is_foretold_as_the_refusal_that_it_is(dsn: str) -> None:
    """The hub refuses what a route cannot say (``until`` that is no moment), so a comparison must."""
    unsayable = """
- {name: all, when: {contract: cn.gov.application.submitted}, to: [{destination: housing, until: "data.item_name"}]}
"""
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
        rig.hub.routes.shadow = table(unsayable)
        await rig.accept(event("a"))
        seen = next(iter(rig.hub.routes.told().values()))

    assert [(one.kind, one.new) for one, _ in seen.differences] == [("refused", "E_ROUTE_UNDECIDED"), ("vanishes", "")]
