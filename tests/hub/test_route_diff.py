# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two tables over what a real hub accepted: every delivery that appears, vanishes or is carried otherwise."""

from datetime import timedelta

import pytest

from contracts.catalogue import builtin
from hub.ports.journal import JournalDown
from hub.route_diff import RouteDiff
from hub.trial import recorded_since
from routing.comparing import Change
from tests.support.hubs import Destination, event, hub_on, table
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
