# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Breakers, pauses and doubts in the journal, shared by all hubs; on PostgreSQL 15 and on the wheel's 18."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hub.ports.journal import (
    Acceptance,
    Act,
    Acted,
    Breaker,
    Claim,
    Gate,
    Halted,
    Heard,
    JournalDown,
    Pause,
    RequestTaken,
    Settled,
    Stale,
    State,
    Trial,
)
from tests.support.journals import QUEUES, Bench, Frames, bench


@pytest.fixture
async def desk(journal_dsn: str) -> AsyncIterator[Bench]:
    async with bench(journal_dsn) as opened:
        yield opened


def heard(failures: int, *, answered: bool = False, destination: str = "housing", most: int = 3) -> Heard:
    return Heard(
        destination=destination,
        answered=answered,
        failures=failures,
        reason="HTTP_503",
        most=most,
        first=10.0,
        longest=60.0,
    )


def act(desk: Bench, kind: str, request: str, destination: str = "housing") -> Act:
    return Act(
        id=desk.ids.new(), request=request, digest=kind.encode(), kind=kind, actor="wang", via="cli",
        reason="they move house", subject=destination, acted_at=desk.clock.now(),
    )  # fmt: skip


async def gate_of(desk: Bench, destination: str = "housing") -> Gate | None:
    states = await desk.journal.gates.states()
    assert not isinstance(states, JournalDown), states
    return states.get(destination)


async def opened(desk: Bench) -> Gate:
    await desk.journal.gates.report([heard(3)])
    gate = await gate_of(desk)
    assert gate is not None
    assert gate.breaker is Breaker.OPEN
    return gate


class TestBreaker:
    async def test_of_a_destination_that_never_failed_there_is_nothing_to_say(self, desk: Bench) -> None:
        await desk.journal.gates.report([heard(0, answered=True)])
        assert await gate_of(desk) is None

    async def test_failures_in_a_row_open_it_whichever_hubs_they_come_from(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as one, bench(journal_dsn, "hub-2") as two:
            await one.journal.gates.report([heard(1)])
            await two.journal.gates.report([heard(1)])
            gate = await gate_of(one)
            assert gate is not None
            assert (gate.breaker, gate.failures, gate.shut) == (Breaker.CLOSED, 2, False)

            await one.journal.gates.report([heard(1)])
            gate = await gate_of(two)
            assert gate is not None
            assert (gate.breaker, gate.shut, gate.reason, gate.opened) == (Breaker.OPEN, True, "HTTP_503", 1)
            assert gate.probe_at == one.clock.now() + timedelta(seconds=10)

    async def test_an_answer_in_between_begins_the_count_anew(self, desk: Bench) -> None:
        await desk.journal.gates.report([heard(2)])
        await desk.journal.gates.report([heard(2, answered=True)])
        gate = await gate_of(desk)
        assert gate is not None
        assert (gate.breaker, gate.failures) == (Breaker.CLOSED, 2)

    async def test_the_first_report_may_open_it(self, desk: Bench) -> None:
        assert (await opened(desk)).openings == 1

    async def test_many_hubs_at_once_open_it_once(self, desk: Bench) -> None:
        await asyncio.gather(*(desk.journal.gates.report([heard(1)]) for _ in range(20)))
        gate = await gate_of(desk)
        assert gate is not None
        assert (gate.breaker, gate.opened) == (Breaker.OPEN, 1)

    async def test_one_hub_at_a_time_probes(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as one, bench(journal_dsn, "hub-2") as two:
            two.clock.moment = one.clock.moment
            await opened(one)
            until = one.clock.now() + timedelta(seconds=40)
            assert await one.journal.gates.take_probe("housing", until) is False, "not before its time"
            one.clock.step(seconds=10)
            two.clock.step(seconds=10)
            tries = await asyncio.gather(*(d.journal.gates.take_probe("housing", until) for d in (one, two) * 5))
            assert sorted(map(bool, tries)) == [False] * 9 + [True]

            two.clock.step(seconds=60)
            assert await two.journal.gates.take_probe("housing", until), "the prober died"
            await one.journal.gates.close("housing", answered=True)
            gate = await gate_of(one)
            assert gate is not None
            assert gate.breaker is Breaker.HALF_OPEN, "who lost the right has no say"

    async def test_pauses_between_probes_grow_and_are_short_again_after_an_answered_delivery(self, desk: Bench) -> None:
        await opened(desk)
        for pause in (20.0, 40.0, 60.0, 60.0):
            desk.clock.step(seconds=60)
            assert await desk.journal.gates.take_probe("housing", desk.clock.now()) is True
            await desk.journal.gates.reopen("housing", "HTTP_503", 10.0, 60.0)
            gate = await gate_of(desk)
            assert gate is not None
            assert gate.probe_at == desk.clock.now() + timedelta(seconds=pause)
        for answered, openings in ((False, 5), (True, 0)):
            desk.clock.step(seconds=600)
            await desk.journal.gates.report([heard(3)])
            desk.clock.step(seconds=600)
            await desk.journal.gates.take_probe("housing", desk.clock.now())
            await desk.journal.gates.close("housing", answered=answered)
            gate = await gate_of(desk)
            assert gate is not None
            assert (gate.breaker, gate.failures, gate.openings) == (Breaker.CLOSED, 0, openings)

    async def test_a_probe_can_be_passed_on(self, desk: Bench) -> None:
        await opened(desk)
        desk.clock.step(seconds=10)
        await desk.journal.gates.take_probe("housing", desk.clock.now() + timedelta(hours=1))
        await desk.journal.gates.pass_on("housing", desk.clock.now() + timedelta(seconds=1))
        desk.clock.step(seconds=1)
        assert await desk.journal.gates.take_probe("housing", desk.clock.now()) is True


class TestShut:
    async def test_nothing_of_it_is_offered_released_or_claimed_and_others_go_on(self, desk: Bench) -> None:
        frames = Frames(desk.journal)
        first, second = desk.acceptance(to=("civil", "housing")), desk.acceptance(to=("civil", "housing"))
        for message in (first, second):
            await desk.journal.acceptances.accept(message)
        await frames.next()
        civil, housing = first.deliveries
        under_way = await desk.claim(housing)
        await opened(desk)
        desk.journal.offers.shut(frozenset({"housing"}))

        assert await desk.journal.deliveries.settle(desk.settlement(under_way)) == Settled()
        assert await desk.journal.deliveries.settle(desk.settlement(await desk.claim(civil))) == Settled()
        (frame,) = await frames.next()
        assert [offer.destination for offer in frame.offers] == ["civil"]
        await desk.journal.acceptances.accept(desk.acceptance(case="other", to=("civil", "housing")))
        (frame,) = await frames.next()
        assert [offer.destination for offer in frame.offers] == ["civil"]

        assert await desk.journal.offers.offer_due(QUEUES[1], 100) == 0
        pressures = await desk.journal.offers.pressure(QUEUES)
        assert not isinstance(pressures, JournalDown)
        assert pressures[QUEUES[1]].due is False
        assert await desk.journal.deliveries.claim(second.deliveries[1].id) == Halted()

        desk.clock.step(seconds=10)
        await desk.journal.gates.take_probe("housing", desk.clock.now())
        await desk.journal.gates.close("housing", answered=False)
        assert await desk.journal.offers.offer_due(QUEUES[1], 100) == 2

    async def test_what_waited_for_days_has_its_whole_age_before_it_when_the_destination_is_back(
        self, desk: Bench
    ) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        await desk.journal.gates.report([heard(1)])
        claim = await desk.claim(message.deliveries[0])
        assert claim.since == claim.accepted_at, "a failure alone renews nothing"
        back = desk.settlement(claim, State.WAITING, due_at=desk.clock.now(), leaf=None)
        await desk.journal.deliveries.settle(back)
        await desk.journal.gates.report([heard(2)])

        desk.clock.step(days=5)
        trial = await desk.journal.deliveries.claim(message.deliveries[0].id, trial=True)
        assert isinstance(trial, Claim)
        assert trial.since == desk.clock.now()
        await desk.journal.deliveries.settle(desk.settlement(trial, State.WAITING, due_at=desk.clock.now(), leaf=None))
        await desk.journal.gates.take_probe("housing", desk.clock.now())
        await desk.journal.gates.close("housing", answered=True)
        back_at = desk.clock.now()
        desk.clock.step(hours=1)
        assert (await desk.claim(message.deliveries[0])).since == back_at

    async def test_what_was_on_the_bus_already_is_not_claimed_and_loses_no_attempt(self, desk: Bench) -> None:
        message = desk.acceptance()
        await desk.journal.acceptances.accept(message)
        await opened(desk)
        assert await desk.journal.deliveries.claim(message.deliveries[0].id) == Halted()
        await desk.journal.offers.give_back([message.deliveries[0].id], desk.clock.now())

        claim = await desk.journal.deliveries.claim(message.deliveries[0].id, alone=True, trial=True)
        assert isinstance(claim, Claim)
        assert (claim.attempt, claim.failures) == (1, 0)

    async def test_it_is_tried_with_the_head_of_a_lane_that_was_tried_least(self, desk: Bench) -> None:
        assert await desk.journal.gates.trial("housing", QUEUES) is None
        failing, held, fresh = desk.acceptance(), desk.acceptance(), desk.acceptance(case="z")
        for message in (failing, held, fresh):
            await desk.journal.acceptances.accept(message)
        later = desk.clock.now() + timedelta(days=1)
        back = desk.settlement(await desk.claim(failing.deliveries[0]), State.WAITING, due_at=later, leaf=None)
        await desk.journal.deliveries.settle(back)
        await desk.journal.offers.give_back([fresh.deliveries[0].id], desk.clock.now())

        assert await desk.journal.gates.trial("housing", QUEUES) == Trial(fresh.deliveries[0].id, QUEUES[1], mine=True)
        trial = await desk.journal.gates.trial("housing", QUEUES[2:])
        assert isinstance(trial, Trial)
        assert trial.mine is False
        await desk.claim(fresh.deliveries[0])
        assert await desk.journal.gates.trial("housing", QUEUES) == Trial(
            failing.deliveries[0].id, QUEUES[1], mine=True
        )
        assert await desk.journal.deliveries.claim(failing.deliveries[0].id) != Halted(), "not due yet"
        claim = await desk.journal.deliveries.claim(failing.deliveries[0].id, alone=True, trial=True)
        assert isinstance(claim, Claim)


class TestPause:
    async def test_a_person_shuts_and_opens_a_destination_once_for_each_request(self, desk: Bench) -> None:
        pause, resume = act(desk, "pause", "r1"), act(desk, "resume", "r2")
        not_paused = act(desk, "resume", "r0")
        assert await desk.journal.gates.resume(not_paused) == Acted(not_paused.id, 0, again=False)
        assert await desk.journal.gates.pause(pause) == Acted(pause.id, 1, again=False)
        gate = await gate_of(desk)
        assert gate is not None
        assert (gate.breaker, gate.shut) == (Breaker.CLOSED, True)
        assert gate.paused == Pause(desk.clock.now(), "wang", "they move house")
        assert await desk.journal.gates.pause(act(desk, "pause", "r1")) == Acted(pause.id, 1, again=True)
        twice = act(desk, "pause", "again")
        assert await desk.journal.gates.pause(twice) == Acted(twice.id, 0, again=False)
        assert await desk.journal.gates.resume(act(desk, "resume", "r1")) == RequestTaken()

        assert await desk.journal.gates.resume(resume) == Acted(resume.id, 1, again=False)
        assert await gate_of(desk) is None

    async def test_a_paused_destination_is_not_probed_and_probed_at_once_when_resumed(self, desk: Bench) -> None:
        await opened(desk)
        await desk.journal.gates.pause(act(desk, "pause", "r1"))
        desk.clock.step(seconds=60)
        assert await desk.journal.gates.take_probe("housing", desk.clock.now()) is False
        await desk.journal.gates.reopen("housing", "x", 600.0, 600.0)
        await desk.journal.gates.resume(act(desk, "resume", "r2"))
        assert await desk.journal.gates.take_probe("housing", desk.clock.now()) is True


class TestDoubts:
    async def test_a_doubt_is_taken_when_its_time_has_come_by_one_at_a_time(self, desk: Bench) -> None:
        message, claim = await in_doubt(desk)
        assert await desk.doubts("housing") == ()
        desk.clock.step(seconds=5)
        assert await desk.doubts("civil") == ()
        taken = await asyncio.gather(*(desk.doubts("housing") for _ in range(5)))
        (doubt,) = [one for each in taken for one in each]
        assert (doubt.attempt, doubt.asked, doubt.delivery_id) == (claim.attempt + 1, 0, claim.delivery_id)
        assert await desk.state_of(message) is State.IN_DOUBT

    async def test_a_question_whose_asker_died_is_asked_again_and_the_late_answer_is_stale(self, desk: Bench) -> None:
        message, _ = await in_doubt(desk)
        desk.clock.step(seconds=5)
        (first,) = await desk.doubts("housing", seconds=60)
        desk.clock.step(seconds=61)
        (second,) = await desk.doubts("housing")

        assert await desk.journal.deliveries.settle(desk.settlement(first)) == Stale()
        assert await desk.journal.deliveries.settle(desk.settlement(second)) == Settled()
        assert await desk.state_of(message) is State.DELIVERED

    async def test_an_answer_may_leave_it_open_until_later(self, desk: Bench) -> None:
        await in_doubt(desk)
        desk.clock.step(seconds=5)
        (doubt,) = await desk.doubts("housing")
        later = desk.clock.now() + timedelta(seconds=20)
        await desk.journal.deliveries.settle(
            desk.settlement(doubt, State.IN_DOUBT, leaf=None, asked=1, ask_at=later, counted=False)
        )
        assert await desk.doubts("housing") == ()
        desk.clock.moment = later
        (doubt,) = await desk.doubts("housing")
        assert doubt.asked == 1

    async def test_never_seen_is_due_again_at_the_head_of_its_lane(self, desk: Bench) -> None:
        message, _ = await in_doubt(desk)
        held = desk.acceptance()
        await desk.journal.acceptances.accept(held)
        desk.clock.step(seconds=5)
        (doubt,) = await desk.doubts("housing")
        again = desk.settlement(doubt, State.WAITING, leaf=None, due_at=desk.clock.now(), counted=False)
        await desk.journal.deliveries.settle(again)

        assert await desk.journal.offers.offer_due(QUEUES[1], 10) == 1
        assert (await desk.claim(message.deliveries[0])).attempt == 3
        assert await desk.doubts("housing") == ()

    async def test_it_waits_for_a_person_when_nobody_is_to_be_asked(self, desk: Bench) -> None:
        await in_doubt(desk, ask=False)
        desk.clock.step(days=30)
        assert await desk.doubts("housing") == ()

    async def test_a_destination_that_is_shut_is_not_asked(self, desk: Bench) -> None:
        await in_doubt(desk)
        await opened(desk)
        desk.clock.step(seconds=5)
        assert await desk.doubts("housing") == ()

    async def test_only_the_owner_of_the_partition_asks(self, journal_dsn: str) -> None:
        async with bench(journal_dsn, "hub-1") as owner, bench(journal_dsn, "hub-2", own=False) as other:
            await in_doubt(owner)
            owner.clock.step(seconds=5)
            other.clock.moment = owner.clock.moment
            assert await other.doubts("housing") == ()
            assert len(await owner.doubts("housing")) == 1


async def in_doubt(desk: Bench, *, ask: bool = True) -> tuple[Acceptance, Claim]:
    message = desk.acceptance()
    await desk.journal.acceptances.accept(message)
    claim = await desk.claim(message.deliveries[0])
    ask_at = desk.clock.now() + timedelta(seconds=5) if ask else None
    await desk.journal.deliveries.settle(desk.settlement(claim, State.IN_DOUBT, leaf=None, ask_at=ask_at))
    return message, claim
