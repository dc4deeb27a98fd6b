# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue at work: whoever dies between taking in and telling leaves nothing out and tells nothing twice; hubs share the
work; a night's full run is closed by whoever looks next; changes come to the portal in seconds, in the order of versions.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Accepted, Outcome, Parcel
from contracts.families.fields import BEIJING
from hub.catalogue.standing import Catalogue
from hub.catalogue.taking_in import take_in
from hub.config.catalogue import CatalogueSection, FullRunSection
from hub.ports.journal import JournalDown, State
from hub.ports.journal.cataloguing import ItemCatalogue, TakenIn, Verdict
from hub.running import Hub
from hub.workers.cataloguing import catalogue_once
from tests.path.test_replay import SharedBus
from tests.support.hubs import POLICY, Destination, Rig, at_work, by_hand, event, hub_on
from tests.support.item_arrivals import DIRECTORY, item_data
from tests.support.journals import SteppedClock
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

ROUTES = f"""\
  - {{name: down, when: {{contract: {DIRECTORY}, source: province}}, to: [items]}}
  - {{name: changes, when: {{contract: {DIRECTORY}, source: catalogue}}, to: [portal]}}
"""
NIGHTLY = CatalogueSection(inbox="items", full=FullRunSection(begins="22:00", ends="05:00"))


class Shelf(ScriptedSink):
    """An inbox: what comes lies there until it is fetched."""

    async def send(self, parcel: Parcel) -> Outcome:
        await super().send(parcel)
        return Accepted(parcel.idempotency_key)


def places(portal: ScriptedSink) -> dict[str, Destination]:
    shelved = replace(POLICY, ordered_completion=True, answered_later=False)
    return {
        "items": Destination(sink=Shelf(), system="catalogue", policy=shelved),
        "portal": Destination(sink=portal),
    }


@asynccontextmanager
async def town(dsn: str, portal: ScriptedSink, **more: Any) -> AsyncIterator[Rig]:
    async with hub_on(dsn, places(portal), routes=ROUTES, systems=("province", "catalogue"), **more) as rig:
        yield rig


async def come(rig: Rig, code: str, version: int = 1, **changes: Any) -> UUID:
    data = item_data(code, version, **changes)
    return await rig.accept(event(code, f"{code}-{version}", source="province", contract=DIRECTORY, data=data))


def told(portal: ScriptedSink) -> list[tuple[str, str, int]]:
    """Id, item and version of what the portal was sent."""
    return [
        (one.attributes["id"], one.attributes["subject"], orjson.loads(one.body)["data"]["item_version"])
        for one in portal.arrived
    ]


class DiedError(Exception):
    """The process is gone at this very point."""


@dataclass(slots=True)
class Dying:
    """The catalogue of a process that dies at a point: what was committed by then stays."""

    inner: ItemCatalogue
    point: str

    async def take_in(self, *arguments: Any) -> Sequence[TakenIn] | JournalDown:
        taken = await self.inner.take_in(*arguments)
        if self.point == "taken in":
            raise DiedError
        return taken

    async def told(self, message: UUID) -> JournalDown | None:
        if self.point == "told":
            raise DiedError
        done = await self.inner.told(message)
        if self.point == "noted":
            raise DiedError
        return done


@pytest.mark.parametrize("point", ["taken in", "told", "noted"])
async def test_a_death_between_taking_in_and_telling_leaves_one_telling(dsn: str, point: str) -> None:
    portal = ScriptedSink()
    async with town(dsn, portal) as rig, by_hand(rig.hub):
        await come(rig, "A")
        await rig.until_state(State.ACCEPTED)
        dying = Dying(rig.hub.journal.item_catalogue, point)
        journal = replace(rig.hub.journal, item_catalogue=dying)  # type: ignore[arg-type]  # the part that is asked for
        outlet = rig.hub.outlets["items"]
        with pytest.raises(DiedError):
            await take_in(replace(rig.hub, journal=journal), NIGHTLY, outlet)
        assert await take_in(rig.hub, NIGHTLY, outlet) == 0, "it is lent to the dead one still"
        rig.clock.step(seconds=61)
        assert await take_in(rig.hub, NIGHTLY, outlet) == 1
        await portal.until_arrived(1)
        await rig.until_state(State.DELIVERED, 2)
        assert await take_in(rig.hub, NIGHTLY, outlet) == 0
    assert told(portal) == [("item-1", "A", 1)]


async def test_a_full_run_that_is_over_is_closed_by_whoever_looks_next(dsn: str) -> None:
    portal = ScriptedSink()
    async with town(dsn, portal) as rig, by_hand(rig.hub):
        outlet = rig.hub.outlets["items"]
        until(rig, hour=12)
        await come(rig, "A")
        await come(rig, "B")
        await rig.until_state(State.ACCEPTED, 2)
        assert await catalogue_once(rig.hub, NIGHTLY, outlet, every=0)
        until(rig, hour=23)
        night = rig.clock.now().astimezone(BEIJING).date()
        await come(rig, "A", 2)
        await rig.until_state(State.ACCEPTED, 3)
        assert await catalogue_once(rig.hub, NIGHTLY, outlet, every=0)
        assert not await catalogue_once(rig.hub, NIGHTLY, outlet, every=0)
        assert await closed(rig.hub) == [], "the night is not over"

        until(rig, hour=7)
        assert not await catalogue_once(rig.hub, NIGHTLY, outlet, every=0)
        assert await closed(rig.hub) == [f"full-{night}"]
        report = await rig.hub.journal.item_catalogue.findings(f"full-{night}", 0, 10)
        assert not isinstance(report, JournalDown)
        assert [(one.verdict, one.code) for one in report] == [(Verdict.CHANGED, "A"), (Verdict.VANISHED, "B")]
        (said,) = [one for one in rig.logged("items") if one["run"] == f"full-{night}"]
        assert said["vanished"] == 1
        assert rig.hub.catalogue.ledger is not None
        assert rig.hub.catalogue.ledger.full_at is not None


def until(rig: Rig, hour: int) -> None:
    """Step to this hour of Beijing's day, the next one."""
    now = rig.clock.now().astimezone(BEIJING)
    then = datetime(now.year, now.month, now.day, hour, tzinfo=BEIJING)
    rig.clock.step(seconds=((then if then > now else then + timedelta(days=1)) - now).total_seconds())


async def closed(hub: Hub) -> list[str]:
    runs = await hub.journal.item_catalogue.runs(10)
    assert not isinstance(runs, JournalDown)
    return [one.id for one in runs if one.closed_at is not None]


async def test_two_hubs_share_the_work_and_tell_each_change_once_in_the_order_of_versions(dsn: str) -> None:
    """A hundred items in three versions each, into either hub."""
    portals = (ScriptedSink(), ScriptedSink())
    codes = [f"I{n:03}" for n in range(100)]
    bus, clock = SharedBus(), SteppedClock()
    async with AsyncExitStack() as stack:
        rigs = [
            await stack.enter_async_context(town(dsn, portal, name=f"hub-{n}", bus=bus.of, clock=clock))
            for n, portal in enumerate(portals, 1)
        ]
        hubs = [replace(rig.hub, catalogue=Catalogue(NIGHTLY)) for rig in rigs]
        for hub in hubs:
            await stack.enter_async_context(at_work(hub))
        for version in (1, 2, 3):
            for n, code in enumerate(codes):
                await come(rigs[n % 2], code, version, item_name=f"事项 {version}")
        wanted = 3 * len(codes)
        await until_all(lambda: sum(len(portal.arrived) for portal in portals) >= wanted)
        ledger = await hubs[0].journal.item_catalogue.ledger(hubs[0].clock.now())
    every = [one for portal in portals for one in told(portal)]
    assert sorted(int(id_.removeprefix("item-")) for id_, _, _ in every) == list(range(1, wanted + 1))
    assert not isinstance(ledger, JournalDown)
    assert ledger.change == wanted
    for portal in portals:
        for code in codes:
            versions = [version for _, item, version in told(portal) if item == code]
            assert versions == sorted(versions), code


async def until_all(enough: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not enough():  # noqa: ASYNC110  # because there are two bells
            await asyncio.sleep(0.05)
