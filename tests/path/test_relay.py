# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The relay, the sweep and the owner: what a bus refuses, loses or cuts, and what a worker with a bug leaves."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import cast
from uuid import UUID

import asyncpg
import pytest

from connectors.sdk import Delivered, Idempotency
from hub.ports.bus import Bus, BusDown, BusState, Frame, Offer, Published, QueueName, Subscription
from hub.ports.journal import Claim, JournalDown, State
from hub.stages.plan import partition_of
from hub.workers.consuming import consume
from hub.workers.owning import Owner
from hub.workers.relaying import WINDOW, Sweep, fill_once
from tests.support.hubs import PARTITIONS, POLICY, Destination, Rig, at_work, by_hand, event, hub_on
from tests.support.sinks import Gate, ScriptedSink

# The relay asks nothing of the database that differs between its versions; the journal's own suite runs on both.
pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


class LossyBus:
    """The memory bus, with a fate for each frame that is published: carried, refused, or swallowed with a smile."""

    def __init__(self, inner: Bus) -> None:
        self.inner = inner
        self.refuse = 0
        self.swallow = 0
        self.down = False
        self.broken = 0

    async def open(self, queues: Sequence[QueueName]) -> BusState:
        return await self.inner.open(queues)

    async def close(self) -> None:
        await self.inner.close()

    def state(self) -> BusState:
        return BusDown("made up", 0.0) if self.down else self.inner.state()

    async def publish(self, frames: Sequence[Frame]) -> list[Published]:
        return [await self._fate(frame) for frame in frames]

    async def _fate(self, frame: Frame) -> Published:
        if frame.offers and self.refuse:
            self.refuse -= 1
            return Published.UNCONFIRMED
        if frame.offers and self.swallow:
            self.swallow -= 1
            return Published.CONFIRMED
        (fate,) = await self.inner.publish([frame])
        return fate

    def subscribe(self, queue: QueueName, prefetch: int) -> AbstractAsyncContextManager[Subscription]:
        if self.broken:
            self.broken -= 1
            raise RuntimeError("a bug in the bus")
        return self.inner.subscribe(queue, prefetch)


def lossy(rig: Rig) -> LossyBus:
    return cast("LossyBus", rig.hub.bus)


def queue_of(case: str) -> QueueName:
    return QueueName("default", partition_of(case, PARTITIONS))


class TestUnconfirmed:
    async def test_what_the_bus_does_not_confirm_goes_back_and_comes_again(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink)}, bus=LossyBus) as rig:
            lossy(rig).refuse = 3
            async with at_work(rig.hub):
                for n in range(6):
                    await rig.accept(event(f"c{n}"))
                settled = await rig.until_state(State.DELIVERED, 6)
            assert rig.logged("unconfirmed")
        assert lossy(rig).refuse == 0
        assert sorted(p.attributes["subject"] for p in sink.arrived) == [f"c{n}" for n in range(6)]
        assert {s.claim.failures for s in settled} == {0}, "no attempt is burnt"

    async def test_a_bus_that_is_down_leaves_everything_in_the_journal(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink)}, bus=LossyBus) as rig, by_hand(rig.hub):
            lossy(rig).down = True
            await fill_once(rig.hub)
            messages = [await rig.accept(event(f"c{n}")) for n in range(4)]
            assert [await rig.state(m) for m in messages] == [State.WAITING] * 4
            lossy(rig).down = False
            await fill_once(rig.hub)
            await rig.until_state(State.DELIVERED, 4)


class TestSweep:
    async def test_a_swallowed_frame_is_found_once_the_window_has_moved_past_it(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with (
            hub_on(dsn, {"housing": Destination(sink=sink)}, bus=LossyBus) as rig,
            by_hand(rig.hub) as (_, sweep),
        ):
            lossy(rig).swallow = 1
            lost = await rig.accept(event("a", "lost"))
            await rig.accept(event("b" if queue_of("b") == queue_of("a") else _sibling("a")))
            await rig.until_settled(1)

            await sweep.once(queue_of("a"))
            assert await rig.state(lost) is State.OFFERED, "nothing is offered again so soon"
            rig.clock.step(seconds=6)
            await sweep.once(queue_of("a"))
            await fill_once(rig.hub)
            await rig.until_settled(2)
            assert await rig.state(lost) is State.DELIVERED
        assert sink.of("a") == ["lost"]

    async def test_in_a_quiet_partition_a_marker_moves_the_window(self, dsn: str) -> None:
        async with (
            hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}, bus=LossyBus) as rig,
            by_hand(rig.hub) as (_, sweep),
        ):
            lossy(rig).swallow = 1
            arrived = _watch(sweep)
            lost = await rig.accept(event("a"))
            rig.clock.step(seconds=6)
            await sweep.once(queue_of("a"))
            assert await rig.state(lost) is State.OFFERED, "age alone proves nothing"
            async with asyncio.timeout(10):
                marker = await arrived.get()
            assert marker.offers == ()
            await sweep.once(queue_of("a"))
            await fill_once(rig.hub)
            await rig.until_state(State.DELIVERED)

    async def test_what_waits_for_its_turn_is_not_offered_again(self, dsn: str) -> None:
        gate = Gate()
        cases = [c for c in (f"c{n}" for n in range(60)) if queue_of(c) == queue_of("a")][:6]
        sink = ScriptedSink({case: [gate] for case in cases})
        async with (
            hub_on(dsn, {"housing": Destination(sink=sink, slots=1)}) as rig,
            by_hand(rig.hub) as (_, sweep),
        ):
            arrived = _watch(sweep)
            for case in cases:
                await rig.accept(event(case))
                await arrived.get()
            rig.clock.step(seconds=40)
            await sweep.once(queue_of("a"))
            assert rig.logged("offered again") == []
            gate.open()
            await rig.until_state(State.DELIVERED, len(cases))
        assert len(sink.arrived) == len(cases)

    async def test_a_send_under_way_is_never_unclaimed_however_often_it_is_named(self, dsn: str) -> None:
        """Two frames may name one delivery; the one that finds it taken must not make the hub forget the other."""
        gate = Gate()
        sink = ScriptedSink({"a": [gate]})
        place = Destination(sink=sink, policy=replace(POLICY, idempotency=Idempotency.NONE), timeout=60.0)
        async with hub_on(dsn, {"seals": place}) as rig, by_hand(rig.hub) as (_, sweep):
            message = await rig.accept(event("a"))
            await sink.until_arrived(1)
            (delivery,) = (await rig.view(message)).deliveries
            arrived = _watch(sweep)
            await rig.hub.bus.publish([_frame(rig, delivery.id), _frame(rig, delivery.id)])
            await arrived.get()
            await arrived.get()
            await rig.accept(event(_sibling("a")))
            await rig.until_settled(1)
            rig.clock.step(seconds=45)
            await sweep.once(queue_of("a"))
            await fill_once(rig.hub)
            assert await rig.state(message) is State.SENDING
            gate.open()
            await rig.until_settled(2)
        assert len(sink.of("a")) == 1

    async def test_a_claim_whose_answer_was_lost_is_due_again_without_an_attempt_burnt(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with (
            hub_on(dsn, {"housing": Destination(sink=sink)}, bus=LossyBus) as rig,
            by_hand(rig.hub) as (_, sweep),
        ):
            lossy(rig).swallow = 1
            message = await rig.accept(event("a"))
            (delivery,) = (await rig.view(message)).deliveries
            assert isinstance(await rig.hub.journal.deliveries.claim(delivery.id), Claim)
            rig.clock.step(seconds=31)
            await sweep.once(queue_of("a"))
            await fill_once(rig.hub)
            (settlement,) = await rig.until_settled(1)
        assert (settlement.claim.attempt, settlement.claim.failures) == (2, 0)

    async def test_a_journal_that_is_away_leaves_the_sweep_unharmed(self, dsn: str) -> None:
        async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
            await rig.hub.journal.close()
            await Sweep(rig.hub).once(queue_of("a"))
            await fill_once(rig.hub)
            assert isinstance(await rig.hub.journal.lookups.ping(), JournalDown)


class TestWindow:
    async def test_the_window_is_bounded_and_the_backlog_stays_in_the_journal(self, dsn: str) -> None:
        async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
            owner_queue = queue_of("a")
            cases = [c for c in (f"c{n}" for n in range(3000)) if queue_of(c) == owner_queue][: WINDOW + 50]
            rig.hub.leases.held[owner_queue] = (1, rig.clock.monotonic() + 60)
            await fill_once(rig.hub)
            await asyncio.gather(*(rig.accept(event(case)) for case in cases[:WINDOW]))
            await fill_once(rig.hub)
            await asyncio.gather(*(rig.accept(event(case)) for case in cases[WINDOW:]))
            await fill_once(rig.hub)
            pressures = await rig.hub.journal.offers.pressure([owner_queue])
            assert not isinstance(pressures, JournalDown)
            assert (pressures[owner_queue].offered, pressures[owner_queue].due) == (WINDOW, True)


class TestConsumer:
    async def test_a_consumer_that_died_is_revived_at_the_next_beat(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink)}, bus=LossyBus) as rig:
            lossy(rig).broken = 1
            async with by_hand(rig.hub, beating=False) as (owner, _):
                await owner.beat()
                for n in range(12):
                    await rig.accept(event(f"c{n}"))
                await rig.until_state(State.DELIVERED, 12)
            assert len(rig.logged("consumer ended")) == 1

    async def test_a_consumer_that_was_cancelled_from_elsewhere_is_revived_too(self, dsn: str) -> None:
        async with (
            hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig,
            by_hand(rig.hub, beating=False) as (owner, _),
        ):
            for consumer in owner._consumers.values():
                consumer.cancel()
            await asyncio.wait(owner._consumers.values())
            await owner.beat()
            for n in range(8):
                await rig.accept(event(f"c{n}"))
            await rig.until_state(State.DELIVERED, 8)

    async def test_a_closed_bus_does_not_make_a_consumer_spin(self, dsn: str) -> None:
        async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
            await rig.hub.bus.close()
            consuming = asyncio.create_task(consume(rig.hub, Sweep(rig.hub), queue_of("a")))
            done, _ = await asyncio.wait({consuming}, timeout=0.3)
            assert not done
            consuming.cancel()
            await asyncio.wait({consuming}, timeout=5)
            assert consuming.cancelled()


class TestOwner:
    async def test_nothing_is_sent_once_the_lease_has_run_out(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub, beating=False):
            for queue, (epoch, _) in list(rig.hub.leases.held.items()):
                rig.hub.leases.held[queue] = (epoch, rig.clock.monotonic() - 1)
            message = await rig.accept(event("a"))
            (settlement,) = await rig.until_settled(1)
            assert (settlement.state, settlement.code, settlement.counted) == (State.WAITING, "LEASE_LOST", False)
            assert await rig.state(message) is State.WAITING
        assert sink.arrived == []

    async def test_two_hubs_share_the_work_and_each_message_goes_once(self, dsn: str) -> None:
        sink = ScriptedSink()
        cases = [f"c{n}" for n in range(24)]
        async with (
            hub_on(dsn, {"housing": Destination(sink=sink)}, name="hub-1") as one,
            hub_on(dsn, {"housing": Destination(sink=sink)}, name="hub-2") as two,
            by_hand(one.hub, beating=False) as (first, _),
            by_hand(two.hub, beating=False) as (second, _),
        ):
            for _ in range(2):
                await first.beat()
                await asyncio.gather(*list(first._leaving.values()))
                await second.beat()
            assert len(one.hub.leases.held) == len(two.hub.leases.held) == PARTITIONS // 2
            for n, case in enumerate(cases):
                await (one, two)[n % 2].accept(event(case))
            # What one accepted for a partition of the other reaches it through the journal: each has its own bus.
            for rig in (one, two):
                rig.clock.step(seconds=6)
            async with _sweeping((one, first), (two, second)):
                await sink.until_arrived(len(cases))
        assert sorted(p.attributes["subject"] for p in sink.arrived) == sorted(cases)

    async def test_a_hub_cut_off_from_the_bus_alone_gives_its_partitions_to_one_that_is_not(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with (
            hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}, name="hub-1", bus=LossyBus) as one,
            hub_on(dsn, {"housing": Destination(sink=sink)}, name="hub-2") as two,
            by_hand(one.hub, beating=False) as (first, _),
            by_hand(two.hub, beating=False) as (second, _),
        ):
            assert one.hub.leases.held
            lossy(one).down = True  # since the clock began
            await first.beat()
            await asyncio.gather(*list(first._leaving.values()))
            await second.beat()
            assert (len(one.hub.leases.held), len(two.hub.leases.held)) == (0, PARTITIONS)
            await one.accept(event("a"))  # it takes messages all the same
            async with _sweeping((two, second)):
                await sink.until_arrived(1)
            lossy(one).down = False
            for _ in range(2):
                await second.beat()
                await asyncio.gather(*list(second._leaving.values()))
                await first.beat()
            assert len(one.hub.leases.held) == len(two.hub.leases.held) == PARTITIONS // 2

    async def test_what_a_dead_hub_was_sending_is_settled_by_its_heir(self, dsn: str) -> None:
        never = Gate()
        places = {
            "native": Destination(sink=ScriptedSink({"a": [never]})),
            "seals": Destination(
                sink=ScriptedSink({"a": [never]}), policy=replace(POLICY, idempotency=Idempotency.NONE)
            ),
        }
        async with hub_on(dsn, places, name="hub-1") as dead:
            message = await dead.accept(event("a"))
            sweep_owner = dead.hub.journal.ownerships
            await sweep_owner.beat(dead.hub.queues, 10.0)
            for delivery in (await dead.view(message)).deliveries:
                assert isinstance(await dead.hub.journal.deliveries.claim(delivery.id), Claim)
            await sweep_owner.release(dead.hub.queues)  # as good as dead: it never settles
            repeated, asked = ScriptedSink(), ScriptedSink()
            heirs = {"native": replace(places["native"], sink=repeated), "seals": replace(places["seals"], sink=asked)}
            async with hub_on(dsn, heirs, name="hub-2") as heir, at_work(heir.hub):
                await heir.until_state(State.DELIVERED)
                assert await heir.state(message, 0) is State.DELIVERED
                assert await heir.state(message, 1) is State.IN_DOUBT
        assert (len(repeated.arrived), len(asked.arrived)) == (1, 0)

    async def test_a_hub_that_lost_its_partitions_still_tells_what_became_of_a_blind_send(self, dsn: str) -> None:
        """As after a journal that was away for longer than a lease: the heir knows of no outcome, and the sender lives."""
        answer = Gate(Delivered("far-1"))
        blind = replace(POLICY, idempotency=Idempotency.NONE)
        first, second = ScriptedSink({"a": [answer]}), ScriptedSink()
        async with hub_on(dsn, {"seals": Destination(sink=first, policy=blind)}, name="hub-1") as one, by_hand(
            one.hub, beating=False
        ):  # fmt: skip
            message, later = await one.accept(event("a")), await one.accept(event("a", "a-2"))
            await first.until_arrived(1)
            await one.hub.journal.ownerships.release(one.hub.queues)
            await _unseen(dsn)
            async with hub_on(dsn, {"seals": Destination(sink=second, policy=blind)}, name="hub-2") as two, by_hand(
                two.hub, beating=False
            ) as (heir, _):  # fmt: skip
                assert await two.state(message) is State.IN_DOUBT
                answer.open()
                await one.until_state(State.DELIVERED)
                two.clock.step(seconds=6)
                async with _sweeping((two, heir)):
                    await two.until_state(State.DELIVERED)
                assert [await two.state(each) for each in (message, later)] == [State.DELIVERED, State.DELIVERED]
        assert (first.of("a"), second.of("a")) == (["a-1"], ["a-2"])


async def _unseen(dsn: str) -> None:
    """All hubs were last heard of long ago."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("update hub_instance set seen_at = '-infinity'")
    finally:
        await connection.close()


def _sibling(case: str) -> str:
    """Another case of the same partition."""
    return next(c for c in (f"{case}-{n}" for n in range(100)) if queue_of(c) == queue_of(case))


def _frame(rig: Rig, delivery: UUID) -> Frame:
    return Frame(rig.hub.ids.new(), queue_of("a"), (Offer(delivery, "seals", queue_of("a").partition),))


def _watch(sweep: Sweep) -> "asyncio.Queue[Frame]":
    """The frames that reach the hub from now on."""
    frames: asyncio.Queue[Frame] = asyncio.Queue()
    arrived = sweep.arrived

    def tell(frame: Frame) -> None:
        arrived(frame)
        frames.put_nowait(frame)

    sweep.arrived = tell  # type: ignore[method-assign]
    return frames


@asynccontextmanager
async def _sweeping(*rigs: tuple[Rig, Owner]) -> AsyncIterator[None]:
    async def sweep_on() -> None:
        sweeps = [(rig, owner, Sweep(rig.hub)) for rig, owner in rigs]
        while True:
            for rig, owner, sweep in sweeps:
                rig.clock.step(seconds=1)  # on a busy machine leases run out, and what was offered goes astray again
                await owner.beat()
                for queue in sorted(rig.hub.leases.held):
                    # Only this hub's own frames ever reach its bus, so a marker of its own is the newest there is.
                    sweep.arrived(Frame(rig.hub.ids.new(), queue, ()))
                    await sweep.once(queue)
                await fill_once(rig.hub)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(sweep_on())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
