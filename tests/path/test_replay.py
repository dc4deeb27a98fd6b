# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Replays on the whole path: order, failures that return, hubs that die, and destinations that are away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from connectors.sdk import Delivered, Idempotency, InDoubt, Outcome, Parcel, Rejected, Unavailable
from hub.acting import Acting, Order
from hub.api.dead import acting_of
from hub.handling import handling
from hub.ports.bus import Bus, BusState, BusUp, Frame, Published, QueueName, Subscription
from hub.ports.journal import Act, Acted, Named, Pace, Previewed, ReplayState, ReplayView, State
from hub.route_book import RouteBook
from hub.workers.relaying import fill_once
from hub.workers.replaying import replay_once
from routing.index import CompiledTable
from tests.support.hubs import (
    APPLICATION,
    POLICY,
    Destination,
    Rig,
    at_work,
    by_hand,
    event,
    everything_to,
    hub_on,
    table,
)
from tests.support.journals import SteppedClock
from tests.support.sinks import Gate, ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

NO = Rejected("HTTP_422")
FAST = Pace(rate=1000)


def order(request: str = "r1") -> Order:
    return Order("keeper", "api", request, "mended")


async def dead_letters(rig: Rig, cases: list[str]) -> list[UUID]:
    """Messages that their destination refuses at first; the ids of their deliveries."""
    messages = [await rig.accept(event(case)) for case in cases]
    await rig.until_state(State.DEAD, len(cases))
    return [(await rig.view(message)).deliveries[0].id for message in messages]


async def resend(
    rig: Rig, deliveries: list[UUID], pace: Pace = FAST, *, replan: bool = False, doubtful: bool = False
) -> UUID:
    done = await acting_of(rig.hub).resend(order(), Named(tuple(deliveries), doubtful), pace, replan=replan)
    assert isinstance(done, Acted), done
    return done.id


async def view(rig: Rig, replay: UUID) -> ReplayView:
    found = await rig.hub.journal.replays.view(replay)
    assert isinstance(found, ReplayView), found
    return found


async def until(rig: Rig, replay: UUID, state: ReplayState) -> ReplayView:
    """The replay when it has come to that state, carried on by whoever does."""
    async with asyncio.timeout(30):
        while (found := await view(rig, replay)).state is not state:
            pass  # the journal has no bell to wait for; asking it lets the others work
    return found


async def test_a_replay_brings_everything_home_in_order(dsn: str) -> None:
    cases = [f"a{n}" for n in range(12)]
    sink = ScriptedSink({case: [NO] for case in cases})
    async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, at_work(rig.hub):
        dead = await dead_letters(rig, cases)
        for case in cases:
            await rig.accept(event(case, f"{case}-2"))
        finished = await until(rig, await resend(rig, dead), ReplayState.FINISHED)
        await rig.until_state(State.DELIVERED, 24)

        assert finished.counts == {"done": 12}
        assert finished.step == 4, "1, 2, 5 and the last four"
    for case in cases:
        assert sink.of(case) == [f"{case}-1", f"{case}-1", f"{case}-2"]
    keys = [parcel.idempotency_key for parcel in sink.arrived]
    assert all(keys.count(str(one)) == 2 for one in dead), "under the same key"


async def test_it_stops_itself_when_failures_return(dsn: str) -> None:
    cases = [f"a{n}" for n in range(10)]
    sink = ScriptedSink({case: [NO, NO, NO] for case in cases})
    async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, at_work(rig.hub):
        dead = await dead_letters(rig, cases)
        stopped = await until(rig, await resend(rig, dead), ReplayState.STOPPED)
        assert (stopped.stopped_by, stopped.stop_code) == ("", "FAILURES_RETURNED")
        assert stopped.counts == {"failed": 1, "held": 9}
    assert len(sink.arrived) == 11, "one was tried, the others were spared"


async def test_a_destination_that_is_away_makes_a_step_wait(dsn: str) -> None:
    away = Unavailable("HTTP_503: away")
    sink = ScriptedSink({"a0": [NO, away, away, Delivered()], "a1": [NO], "a2": [NO]})
    async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
        dead = await dead_letters(rig, ["a0", "a1", "a2"])
        replay = await resend(rig, dead)
        for tries in (1, 2):
            await carried(rig)
            await offered(rig)
            await rig.until_state(State.WAITING, tries)
            found = await view(rig, replay)
            assert (found.state, found.counts) == (ReplayState.RUNNING, {"released": 1, "pending": 2})
            rig.clock.step(seconds=1)
        await offered(rig)
        await rig.until_state(State.DELIVERED, 1)
        await carried(rig)
        assert (await view(rig, replay)).counts == {"done": 1, "released": 2}


async def test_a_destination_that_is_paused_makes_a_step_wait(dsn: str) -> None:
    sink = ScriptedSink({"a0": [NO], "a1": [NO]})
    async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
        dead = await dead_letters(rig, ["a0", "a1"])
        replay = await resend(rig, dead)

        def turn(kind: str) -> Act:
            one = rig.hub.ids.new()
            return Act(
                id=one, request=str(one), digest=b"", kind=kind, actor="keeper", via="api", reason="x",
                subject="housing", acted_at=rig.clock.now(),
            )  # fmt: skip

        assert isinstance(await rig.hub.journal.gates.pause(turn("pause")), Acted)
        await carried(rig)
        for _ in range(2):
            await offered(rig)
            await carried(rig)
        found = await view(rig, replay)
        assert (found.state, found.counts) == (ReplayState.RUNNING, {"released": 1, "pending": 1})
        assert len(sink.arrived) == 2

        assert isinstance(await rig.hub.journal.gates.resume(turn("resume")), Acted)
        await offered(rig)
        await rig.until_state(State.DELIVERED, 1)
        await carried(rig)
        assert (await view(rig, replay)).counts == {"done": 1, "released": 1}


async def test_age_counts_from_the_replay(dsn: str) -> None:
    away = Unavailable("HTTP_503: away")
    sink = ScriptedSink({"a": [NO, away, Delivered()]})
    async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
        dead = await dead_letters(rig, ["a"])
        rig.clock.step(days=30)
        await resend(rig, dead)
        await carried(rig)
        await offered(rig)
        (waiting,) = [one for one in await rig.until_state(State.WAITING) if one.state is State.WAITING]
        assert waiting.code == "UNAVAILABLE"


async def test_where_the_dead_do_not_block_a_replay_is_marked_late(dsn: str) -> None:
    sink = ScriptedSink({"a": [NO]})
    policy = replace(POLICY, dead_continues=True)
    async with hub_on(dsn, {"notices": Destination(sink=sink, policy=policy)}) as rig, at_work(rig.hub):
        dead = await dead_letters(rig, ["a"])
        await rig.accept(event("a", "a-2"))
        await rig.until_state(State.DELIVERED, 1)
        await until(rig, await resend(rig, dead), ReplayState.FINISHED)
        views = [await rig.view(message) for message in {one.claim.message_id for one in rig.watched.settled}]
        assert {view.sender_id: view.deliveries[0].late for view in views} == {"a-1": True, "a-2": False}
    assert sink.of("a") == ["a-1", "a-2", "a-1"]
    assert [parcel.attributes.get("govhublate") for parcel in sink.arrived] == [None, None, "true"]


async def test_doubt_that_is_resolved_as_not_delivered_is_sent_again(dsn: str) -> None:
    sink = ScriptedSink({"a": [InDoubt("cut")]})
    policy = replace(POLICY, idempotency=Idempotency.NONE)
    async with hub_on(dsn, {"seal": Destination(sink=sink, policy=policy)}) as rig, at_work(rig.hub):
        message = await rig.accept(event("a"))
        await rig.until_state(State.IN_DOUBT)
        (delivery,) = (await rig.view(message)).deliveries
        finished = await until(rig, await resend(rig, [delivery.id], doubtful=True), ReplayState.FINISHED)
        assert finished.counts == {"done": 1}
        assert await rig.state(message) is State.DELIVERED
    assert len(sink.arrived) == 2


async def test_the_present_routes_may_want_it_elsewhere(dsn: str) -> None:
    old, new = ScriptedSink({"a": [NO]}), ScriptedSink()
    places = {"housing": Destination(sink=old), "civil": Destination(sink=new)}
    async with hub_on(dsn, places, routes=everything_to("housing")) as rig, at_work(rig.hub):
        dead = await dead_letters(rig, ["a"])
        moved = Acting(
            hub="hub-1", clock=rig.hub.clock, ids=rig.hub.ids, journal=rig.hub.journal, registry=rig.hub.rules.registry,
            routes=RouteBook(now_to("civil")), places=rig.hub.places, partitions=rig.hub.partitions,
        )  # fmt: skip
        done = await moved.resend(order(), Named(tuple(dead)), FAST, replan=True)
        assert isinstance(done, Acted)
        await until(rig, done.id, ReplayState.FINISHED)
        (message,) = {one.claim.message_id for one in rig.watched.settled}
        states = {one.destination: one.state for one in (await rig.view(message)).deliveries}
        assert states == {"housing": State.WITHDRAWN, "civil": State.DELIVERED}

        again = await moved.preview(Named(tuple(dead)), replan=True)
        assert isinstance(again, Previewed)
        assert again.lots == (), "nothing is dead any more"
    assert (len(old.arrived), len(new.arrived)) == (1, 1)


def now_to(*destinations: str) -> CompiledTable:
    return table(everything_to(*destinations))


class SharedBus:
    """One memory bus for two hubs of this process, as a broker is for two processes."""

    def __init__(self) -> None:
        self._inner: Bus | None = None

    def of(self, bus: Bus) -> Bus:
        """The first hub's bus, for every hub."""
        self._inner = self._inner or bus
        return self

    async def open(self, queues: Sequence[QueueName]) -> BusState:
        return self._bus.state() if isinstance(self._bus.state(), BusUp) else await self._bus.open(queues)

    async def close(self) -> None:
        """The other hub may still need it."""

    def state(self) -> BusState:
        return self._bus.state()

    async def publish(self, frames: Sequence[Frame]) -> list[Published]:
        return await self._bus.publish(frames)

    def subscribe(self, queue: QueueName, prefetch: int) -> AbstractAsyncContextManager[Subscription]:
        return self._bus.subscribe(queue, prefetch)

    @property
    def _bus(self) -> Bus:
        assert self._inner is not None
        return self._inner


@asynccontextmanager
async def two_hubs(dsn: str, sinks: list[ScriptedSink]) -> AsyncIterator[list[Rig]]:
    """Two hubs at work on one journal and one bus, each with its own way to the same far side."""
    bus, clock = SharedBus(), SteppedClock()
    async with AsyncExitStack() as stack:
        rigs = [
            await stack.enter_async_context(
                hub_on(dsn, {"housing": Destination(sink=sink)}, name=f"hub-{n}", bus=bus.of, clock=clock)
            )
            for n, sink in enumerate(sinks)
        ]
        for rig in rigs:
            await stack.enter_async_context(at_work(rig.hub))
        yield rigs


class FarSide:
    """One far side for several hubs: refuses everything until it is mended, and keeps what it took."""

    def __init__(self) -> None:
        self.mended = False
        self.took: list[str] = []

    async def __call__(self, parcel: Parcel) -> Outcome:
        if not self.mended:
            return NO
        self.took.append(parcel.idempotency_key)
        return Delivered()


async def test_two_hubs_and_two_operators_send_each_delivery_once(dsn: str) -> None:
    far, cases = FarSide(), [f"a{n}" for n in range(30)]
    sinks = [ScriptedSink({case: [far, far] for case in cases}) for _ in range(2)]
    async with two_hubs(dsn, sinks) as rigs:
        messages = [await rigs[n % 2].accept(event(case)) for n, case in enumerate(cases)]
        deliveries = [(await rigs[0].view(message)).deliveries[0].id for message in messages]
        async with asyncio.timeout(30):
            while [await rigs[0].state(one) for one in messages].count(State.DEAD) < len(cases):
                pass
        far.mended = True
        clicks = await asyncio.gather(
            *(
                acting_of(rig.hub).resend(order(request), Named(tuple(deliveries)), FAST, replan=False)
                for request in ("one", "one", "two", "two")
                for rig in rigs
            )
        )
        acted = [one for one in clicks if isinstance(one, Acted)]
        assert len(acted) == len(clicks)
        replays = {one.id for one in acted}
        assert len(replays) == 2
        for one in replays:
            await until(rigs[0], one, ReplayState.FINISHED)
        assert [await rigs[0].state(one) for one in messages] == [State.DELIVERED] * 30
    assert sorted(far.took) == sorted(map(str, deliveries))


async def test_another_hub_carries_on_what_a_dead_one_began(dsn: str) -> None:
    cases = [f"a{n}" for n in range(6)]
    gate = Gate()
    first = ScriptedSink({"a0": [NO, gate], **{case: [NO] for case in cases[1:]}})
    second = ScriptedSink()
    async with AsyncExitStack() as stack:
        dying = AsyncExitStack()
        one = await dying.enter_async_context(hub_on(dsn, {"housing": Destination(sink=first)}, name="hub-1"))
        await dying.enter_async_context(at_work(one.hub))
        dead = await dead_letters(one, cases)
        replay = await resend(one, dead)
        await first.until_arrived(7)
        gate.open()
        await one.until_state(State.DELIVERED, 1)
        await dying.aclose()

        two = await stack.enter_async_context(hub_on(dsn, {"housing": Destination(sink=second)}, name="hub-2"))
        await stack.enter_async_context(at_work(two.hub))
        finished = await until(two, replay, ReplayState.FINISHED)
        assert finished.counts == {"done": 6}
    assert len(first.arrived) - 6 + len(second.arrived) == 6, "each went out once more, and no more often"


async def carried(rig: Rig) -> None:
    """Carry replays on until one of them was."""
    async with asyncio.timeout(30):
        while not await replay_once(rig.hub):
            pass


async def offered(rig: Rig) -> None:
    """Offer what is due."""
    await fill_once(rig.hub)


def now_by(*targets: str, name: str = "anew") -> CompiledTable:
    """A table whose one route has these targets; it knows a purpose."""
    return table(
        "version: 1\npurposes:\n  narrow: {fields: {'*': impersonal}}\n"
        f"routes:\n  - {{name: {name}, when: {{contract: {APPLICATION}}}, to: [{', '.join(targets)}]}}\n"
    )


async def test_what_is_planned_anew_keeps_to_delay_end_urgency_and_purpose_of_the_present_route(dsn: str) -> None:
    sink, late = ScriptedSink({"a": [NO]}), ScriptedSink()
    places = {"housing": Destination(sink=sink), "civil": Destination(sink=late)}
    async with hub_on(dsn, places, routes=everything_to("housing")) as rig, at_work(rig.hub):
        dead = await dead_letters(rig, ["a"])
        (message,) = {one.claim.message_id for one in rig.watched.settled}
        accepted = (await rig.view(message)).accepted_at
        rig.hub.routes.active = now_by(
            "{destination: housing, purpose: narrow, priority: 1, expires: 5h}",
            "{destination: civil, delay: 3h, priority: 8, expires: 4h}",
        )
        finished = await until(rig, await resend(rig, dead, replan=True), ReplayState.FINISHED)
        await rig.until_state(State.DELIVERED)
        again = [one for one in rig.watched.settled if one.state is State.DELIVERED]
        view = {one.destination: one for one in (await rig.view(message)).deliveries}

        assert {(lot.destination, lot.state, lot.code) for lot in finished.lots} == {
            ("housing", "done", "delivered"),
            ("civil", "done", "delayed"),
        }
        assert handling(again[0].claim.handling).purpose == "narrow"
        assert again[0].claim.expires_at == accepted + timedelta(hours=5)
        assert (view["civil"].state, view["civil"].due_at) == (State.WAITING, accepted + timedelta(hours=3))
        connection = await asyncpg.connect(dsn)
        try:
            assert await connection.fetchval("select priority from delivery_open where destination = 'civil'") == 8
        finally:
            await connection.close()
        rig.clock.step(hours=4)
        (*_, ended) = await rig.until_state(State.EXPIRED)
        assert ended.claim.expires_at == accepted + timedelta(hours=4), "its end counts from the acceptance too"
    assert len(late.arrived) == 0


async def test_what_the_present_route_says_is_worth_nothing_any_more_is_not_sent(dsn: str) -> None:
    sink = ScriptedSink({"a": [NO]})
    places = {"housing": Destination(sink=sink), "civil": Destination(sink=ScriptedSink())}
    async with hub_on(dsn, places, routes=everything_to("housing")) as rig, at_work(rig.hub):
        dead = await dead_letters(rig, ["a"])
        rig.clock.step(hours=3)
        rig.hub.routes.active = now_by("{destination: housing, expires: 2h}", "{destination: civil, expires: 1h}")
        told = await acting_of(rig.hub).preview(Named(tuple(dead)), replan=True)

    assert isinstance(told, Previewed)
    assert {(lot.destination, lot.kind.value, lot.state, lot.code) for lot in told.lots} == {
        ("housing", "resend", "refused", "EXPIRED"),
        ("civil", "add", "refused", "EXPIRED"),
    }
