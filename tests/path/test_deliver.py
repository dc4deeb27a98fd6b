# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The path on the memory bus with a real journal: order, retries, outcomes, and what is stuck staying alone."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Accepted, Delivered, Idempotency, InDoubt, Parcel, Rejected, Rendering, Unavailable
from hub.ports.bus import QueueName
from hub.ports.journal import ClaimResult, Deliveries, JournalDown, Settlement, SettlementResult, State
from hub.workers.relaying import fill_once
from tests.support.hubs import POLICY, Destination, Rig, at_work, by_hand, event, hub_on
from tests.support.sinks import Gate, ScriptedSink, Step, answering, raising

# The path asks nothing of the database that differs between its versions; the journal's own suite runs on both.
pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

AWAY = Unavailable("HTTP_503: away")


async def refill(rig: Rig, **elapsed: float) -> None:
    """Let time pass, and offer what is due."""
    rig.clock.step(**elapsed)
    await fill_once(rig.hub)


@dataclass(slots=True)
class SlowToSettle:
    """Deliveries whose settlements wait until the event is set."""

    inner: Deliveries
    settling: asyncio.Event = field(default_factory=asyncio.Event)

    async def claim(self, delivery: UUID, *, alone: bool = False, trial: bool = False) -> ClaimResult:
        return await self.inner.claim(delivery, alone=alone, trial=trial)

    async def disown(self) -> int | JournalDown:
        return await self.inner.disown()

    async def settle(self, settlement: Settlement) -> SettlementResult:
        await self.settling.wait()
        return await self.inner.settle(settlement)


class TestOrder:
    async def test_a_case_keeps_its_order_across_retries(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [AWAY, Delivered(), InDoubt("cut"), AWAY, Delivered()]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            for n in range(4):
                await rig.accept(event("a", f"m{n}"))
            for retry in (1, 3, 4):
                await rig.until_state(State.WAITING, {1: 1, 3: 2, 4: 3}[retry])
                await refill(rig, seconds=1)
            await rig.until_state(State.DELIVERED, 4)

        assert sink.of("a") == ["m0", "m0", "m1", "m1", "m1", "m2", "m3"]

    async def test_a_dead_letter_blocks_its_case_and_no_other(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [Rejected("HTTP_422")]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            dead = await rig.accept(event("a", "a1"))
            held = await rig.accept(event("a", "a2"))
            for n in range(5):
                await rig.accept(event(f"b{n}"))
            await rig.until_state(State.DELIVERED, 5)
            await rig.until_state(State.DEAD)

            assert await rig.state(dead) is State.DEAD
            (delivery,) = (await rig.view(held)).deliveries
            assert delivery.state is State.WAITING
            assert delivery.blocked_by == (await rig.view(dead)).deliveries[0].id
        assert sink.of("a") == ["a1"]

    async def test_a_send_that_hangs_holds_its_own_case_only(self, dsn: str) -> None:
        gate = Gate()
        sink = ScriptedSink({"a": [gate]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            await rig.accept(event("a", "a1"))
            await rig.accept(event("a", "a2"))
            await sink.until_arrived(1)
            for n in range(8):
                await rig.accept(event(f"b{n}"))
            others = await rig.until_settled(8)
            assert {s.claim.case for s in others} == {f"b{n}" for n in range(8)}
            assert sink.of("a") == ["a1"]
            gate.open()
            await rig.until_settled(10)
        assert sink.of("a") == ["a1", "a2"]

    async def test_the_same_case_at_another_destination_goes_on(self, dsn: str) -> None:
        stuck, free = ScriptedSink({"a": [Rejected("NO")]}), ScriptedSink()
        places = {"civil": Destination(sink=free), "housing": Destination(sink=stuck)}
        async with hub_on(dsn, places) as rig, by_hand(rig.hub):
            for n in range(3):
                await rig.accept(event("a", f"m{n}"))
            await rig.until_state(State.DELIVERED, 3)
        assert free.of("a") == ["m0", "m1", "m2"]
        assert stuck.of("a") == ["m0"]

    async def test_an_unordered_destination_waits_for_nobody(self, dsn: str) -> None:
        gate = Gate()
        sink = ScriptedSink({"a": [gate]})
        async with hub_on(dsn, {"notices": Destination(sink=sink, ordered=False)}) as rig, by_hand(rig.hub):
            await rig.accept(event("a", "a1"))
            await sink.until_arrived(1)
            await rig.accept(event("a", "a2"))
            (second,) = await rig.until_settled(1)
            gate.open()
        assert orjson.loads(second.claim.attributes)["id"] == "a2"


class TestOutcomes:
    async def test_delivered_keeps_the_far_sides_receipt(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [Delivered("R-1")]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("a"))
            (settlement,) = await rig.until_settled(1)
            (delivery,) = (await rig.view(message)).deliveries
        assert (delivery.state, delivery.reference) == (State.DELIVERED, "R-1")
        assert settlement.leaf is not None

    async def test_unavailable_comes_back_after_its_wait_and_not_before(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [Unavailable("HTTP_429: slow down", retry_after=60.0)]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("a"))
            await rig.until_state(State.WAITING)
            await refill(rig, seconds=59)
            assert await rig.state(message) is State.WAITING
            await refill(rig, seconds=2)
            await rig.until_state(State.DELIVERED)
            (delivery,) = (await rig.view(message)).deliveries
        assert [(a.attempt, a.state) for a in delivery.attempts] == [(1, State.WAITING), (2, State.DELIVERED)]

    async def test_attempts_run_out(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [AWAY] * 3})
        place = Destination(sink=sink, policy=replace(POLICY, attempts=3))
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("a"))
            for n in range(2):
                await rig.until_state(State.WAITING, n + 1)
                await refill(rig, seconds=1)
            await rig.until_state(State.DEAD)
            (delivery,) = (await rig.view(message)).deliveries
        assert (delivery.code, len(delivery.attempts)) == ("ATTEMPTS_EXHAUSTED", 3)

    async def test_in_doubt_is_repeated_where_the_far_side_keeps_the_key(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [InDoubt("TIMED_OUT: no answer")]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            await rig.accept(event("a"))
            await rig.until_state(State.WAITING)
            await refill(rig, seconds=1)
            await rig.until_state(State.DELIVERED)
        first, second = sink.arrived
        assert first.idempotency_key == second.idempotency_key
        assert (first.attempt, second.attempt) == (1, 2)

    @pytest.mark.parametrize("idempotency", [Idempotency.NONE, Idempotency.QUERYABLE])
    async def test_in_doubt_is_never_repeated_elsewhere(self, dsn: str, idempotency: Idempotency) -> None:
        sink = ScriptedSink({"a": [InDoubt("TIMED_OUT: no answer")]})
        place = Destination(sink=sink, policy=replace(POLICY, idempotency=idempotency))
        async with hub_on(dsn, {"seals": place}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("a", "a1"))
            await rig.accept(event("a", "a2"))
            await rig.until_state(State.IN_DOUBT)
            await refill(rig, days=1)
            await rig.accept(event("b"))
            await rig.until_state(State.DELIVERED)
            assert await rig.state(message) is State.IN_DOUBT
        assert sink.of("a") == ["a1"]

    async def test_accepted_frees_the_lane(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [Accepted("T-1")]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("a", "a1"))
            await rig.accept(event("a", "a2"))
            await rig.until_state(State.DELIVERED)
            (delivery,) = (await rig.view(message)).deliveries
            assert await rig.hub.outlets["housing"].doorbell.rung(0)
        assert (delivery.state, delivery.reference) == (State.ACCEPTED, "T-1")
        assert sink.of("a") == ["a1", "a2"]

    async def test_accepted_keeps_the_lane_where_completion_is_ordered(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [Accepted("T-1")]})
        place = Destination(sink=sink, policy=replace(POLICY, ordered_completion=True))
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            await rig.accept(event("a", "a1"))
            held = await rig.accept(event("a", "a2"))
            await rig.until_state(State.ACCEPTED)
            await refill(rig, days=1)
            await rig.accept(event("b"))
            await rig.until_state(State.DELIVERED)
            assert await rig.state(held) is State.WAITING
        assert sink.of("a") == ["a1"]

    async def test_what_expired_is_never_sent_and_frees_its_lane(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [AWAY]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, by_hand(rig.hub):
            until = (rig.clock.now() + timedelta(minutes=10)).isoformat()
            message = await rig.accept(event("a", "a1", extensions={"expirytime": until}))
            await rig.accept(event("a", "a2"))
            await rig.until_state(State.WAITING)
            await refill(rig, minutes=11)
            await rig.until_state(State.DELIVERED)
            assert await rig.state(message) is State.EXPIRED
        assert sink.of("a") == ["a1", "a2"]

    @pytest.mark.parametrize(
        "step",
        [
            raising(RuntimeError("made-up secret 47110815")),
            raising(TimeoutError()),
            raising(asyncio.CancelledError()),
            raising(SystemExit(3)),
            answering(None),
            answering("Delivered"),
            answering(Delivered(receipt=7)),  # type: ignore[arg-type]
            answering(Unavailable("x", retry_after=float("nan"))),
            answering(Rejected("X", "\ud800")),
        ],
        ids=["raises", "times out", "cancels", "exits", "none", "text", "number", "not a number", "surrogate"],
    )
    async def test_a_connector_with_a_bug_hurts_its_own_delivery_only(self, dsn: str, step: Step) -> None:
        sink = ScriptedSink({"a": [step]})
        place = Destination(sink=sink, policy=replace(POLICY, idempotency=Idempotency.NONE))
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            message = await rig.accept(event("a"))
            for n in range(4):
                await rig.accept(event(f"b{n}"))
            await rig.until_settled(5)
            (delivery,) = (await rig.view(message)).deliveries
        assert delivery.state is State.IN_DOUBT
        assert delivery.detail
        assert "47110815" not in delivery.detail

    async def test_a_connector_that_overruns_its_time_is_left_behind(self, dsn: str) -> None:
        async def deaf(_: Parcel) -> object:
            """Neither answers nor lets itself be cancelled; ends with the test."""
            while not released.is_set():
                try:
                    await released.wait()
                except asyncio.CancelledError:
                    continue
            return Delivered()

        released = asyncio.Event()
        sink = ScriptedSink({"a": [deaf]})
        place = Destination(sink=sink, timeout=0.1, policy=replace(POLICY, idempotency=Idempotency.NONE))
        async with hub_on(dsn, {"housing": place}) as rig, by_hand(rig.hub):
            await rig.accept(event("a"))
            (settlement,) = await rig.until_settled(1)
            released.set()
        assert settlement.state is State.IN_DOUBT


class TestLimits:
    async def test_a_destination_is_never_sent_more_than_it_takes_at_a_time(self, dsn: str) -> None:
        gates = {f"c{n}": [Gate()] for n in range(12)}
        sink = ScriptedSink(gates)
        async with hub_on(dsn, {"housing": Destination(sink=sink, slots=3)}) as rig, by_hand(rig.hub):
            await asyncio.gather(*(rig.accept(event(case)) for case in gates))
            await sink.until_arrived(3)
            for (gate,) in gates.values():
                gate.open()
            await rig.until_state(State.DELIVERED, 12)
        assert sink.most == 3

    async def test_a_slot_is_free_again_when_the_far_side_has_answered(self, dsn: str) -> None:
        """A journal that is slow to settle keeps the far side waiting for nothing."""
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink, slots=1)}) as rig, by_hand(rig.hub):
            slow = SlowToSettle(rig.watched.inner)
            rig.watched.inner = slow
            await rig.accept(event("a"))
            await rig.accept(event("b"))
            await sink.until_arrived(2)
            assert rig.watched.settled == []
            slow.settling.set()
            await rig.until_state(State.DELIVERED, 2)
        assert sink.most == 1

    async def test_a_slow_destination_takes_nothing_from_another(self, dsn: str) -> None:
        gate = Gate()
        slow, quick = ScriptedSink({f"c{n}": [gate] for n in range(10)}), ScriptedSink()
        places = {"quick": Destination(sink=quick), "slow": Destination(sink=slow, slots=1)}
        async with hub_on(dsn, places) as rig, by_hand(rig.hub):
            await asyncio.gather(*(rig.accept(event(f"c{n}")) for n in range(10)))
            await rig.until_state(State.DELIVERED, 10)
            assert len(slow.arrived) == 1
            gate.open()
            await rig.until_state(State.DELIVERED, 20)

    async def test_the_urgent_goes_first_from_a_backlog(self, dsn: str) -> None:
        gate = Gate()
        sink = ScriptedSink({"first": [gate]})
        places = {"later": Destination(sink=sink, priority=9), "now": Destination(sink=sink, priority=0)}
        routes = (
            "  - {name: slow, when: {contract: cn.gov.application.submitted}, to: later}\n"
            "  - {name: fast, when: {contract: cn.gov.completion.decided}, to: now}\n"
        )
        async with hub_on(dsn, places, routes=routes) as rig, by_hand(rig.hub):
            rig.hub.journal.offers.congested(frozenset(rig.hub.queues))
            for n in range(5):
                await rig.accept(event("a", f"m{n}"))
            await rig.accept(event("a", "urgent", contract="cn.gov.completion.decided"))
            owned = next(q for q, p in (await _pressures(rig)).items() if p)
            assert await rig.hub.journal.offers.offer_due(owned, 1) == 1
            (parcel,) = await sink.until_arrived(1)
        assert parcel.attributes["id"] == "urgent"


async def _pressures(rig: Rig) -> dict[QueueName, bool]:
    found = await rig.hub.journal.offers.pressure(rig.hub.queues)
    assert isinstance(found, dict)
    return {queue: pressure.due for queue, pressure in found.items()}


class TestMissingOutlet:
    async def test_the_journal_keeps_what_this_configuration_has_no_destination_for(self, dsn: str) -> None:
        places = {"gone": Destination(sink=ScriptedSink()), "housing": Destination(sink=ScriptedSink())}
        async with hub_on(dsn, places) as rig:
            message = await rig.accept(event("a"))
        kept = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=kept)}) as rig, by_hand(rig.hub):
            await fill_once(rig.hub)
            await rig.until_state(State.DELIVERED)
            assert await rig.state(message, 0) in {State.OFFERED, State.WAITING}
        back = ScriptedSink()
        places = {"gone": Destination(sink=back), "housing": Destination(sink=kept)}
        async with hub_on(dsn, places) as rig, by_hand(rig.hub):
            await refill(rig, seconds=30)
            await rig.until_state(State.DELIVERED)
        assert len(back.arrived) == len(kept.arrived) == 1


class TestRendering:
    @pytest.mark.parametrize("rendering", list(Rendering))
    async def test_a_sink_gets_what_it_asked_for(self, dsn: str, rendering: Rendering) -> None:
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink, rendering=rendering)}) as rig, by_hand(rig.hub):
            await rig.accept(event("a"))
            (parcel,) = await sink.until_arrived(1)
            await rig.until_settled(1)
        body = orjson.loads(parcel.body)
        data = body["data"] if rendering is Rendering.STRUCTURED else body
        assert data["case_no"] == "a"


class TestStop:
    async def test_a_stop_finishes_what_is_in_hand_and_takes_nothing_more(self, dsn: str) -> None:
        gate = Gate()
        sink = ScriptedSink({"a": [gate]})
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig:
            stopping = asyncio.Event()

            async def work() -> None:
                async with at_work(rig.hub):
                    await stopping.wait()

            working = asyncio.create_task(work())
            first = await rig.accept(event("a", "a1"))
            await sink.until_arrived(1)
            stopping.set()
            await asyncio.wait({working}, timeout=0.2)
            assert not working.done(), "it waits for the send that is under way"
            gate.open()
            await working
            late = await rig.accept(event("b"))

            assert await rig.state(first) is State.DELIVERED
            assert await rig.state(late) in {State.OFFERED, State.WAITING}
            assert rig.hub.leases.held == {}
        assert sink.of("b") == []

    async def test_the_next_start_goes_on_where_the_last_one_stopped(self, dsn: str) -> None:
        async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
            for n in range(10):
                await rig.accept(event("a", f"m{n}"))
        sink = ScriptedSink()
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig, at_work(rig.hub):
            await rig.until_state(State.DELIVERED, 10)
        assert sink.of("a") == [f"m{n}" for n in range(10)]


class TestThroughput:
    async def test_a_morning_of_many_cases_is_in_order_and_complete(self, dsn: str) -> None:
        scripts: dict[str, list[Step]] = {f"c{n}": [AWAY, Delivered(), InDoubt("cut")] for n in range(0, 30, 3)}
        sink = ScriptedSink(scripts)
        async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig:

            async def one_sender(case: str) -> None:
                for n in range(5):
                    await rig.accept(event(case, f"{case}-{n}"))

            async def ticking() -> None:
                while True:
                    rig.clock.step(seconds=1)
                    await asyncio.sleep(0.1)

            async with at_work(rig.hub):
                time = asyncio.create_task(ticking())
                await asyncio.gather(*(one_sender(f"c{n}") for n in range(30)))
                await rig.until_state(State.DELIVERED, 150)
                time.cancel()
        for n in range(30):
            firsts = list(dict.fromkeys(sink.of(f"c{n}")))
            assert firsts == [f"c{n}-{m}" for m in range(5)]
