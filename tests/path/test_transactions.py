# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Business transactions through whole hubs: steps in order, what fails is undone in reverse, what nobody knows is asked first."""

import asyncio
from functools import partial
from typing import Any

import pytest

from connectors.sdk import Accepted, Delivered, InDoubt, NotSeen, Rejected, Unavailable
from hub.acting import Undone
from hub.ports.journal import Acted, Closing, Named, NoSuch, NotAwaited, ReplayView, State
from hub.replay_evidence import withdrawn_leaf
from hub.workers.replaying import replay_once
from tests.support.hubs import by_hand, event
from tests.support.sinks import Gate
from tests.support.transactions import (
    ACCEPTANCE,
    APPLICATION,
    APPLY,
    ASKABLE,
    BLIND,
    SETTINGS,
    SHIP,
    TELL,
    Town,
    order,
    rows,
    town,
)

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

NO = Rejected("NO_SUCH_ADDRESS")


def standings(told: dict[str, Any]) -> dict[str, str]:
    return {one["step"]: one["standing"] for one in told["steps"]}


PATIENT = {**SHIP, "on_dead": "wait", "within_seconds": 3600}


async def close(here: Town, dsn: str, *names: str, because: str = "") -> object:
    """What the coordinator would do in its present turn."""
    ((process, turn),) = await rows(dsn, "select id, turn from process")
    closing = Closing(process=process, turn=turn, names=names, because=because)
    hub = here.rig.hub
    leaf = partial(withdrawn_leaf, hub.name, hub.ids, hub.clock.now())
    return await hub.journal.transactions.close(closing, leaf, hub.clock.now())


class TestGoingOn:
    async def test_each_step_goes_out_when_the_one_before_is_done(self, dsn: str) -> None:
        gate = Gate(Delivered("far"))
        async with town(dsn) as here:
            here.office.script("c-1", gate)
            await here.begin()
            await here.until(lambda: bool(here.office.arrived))
            await here.turns(5)
            assert here.effects == ["apply"]
            gate.open()
            told = await here.until_ended("completed")
            await here.until(lambda: bool(here.listener.told))
        assert here.effects == ["apply", "ship", "tell"]
        assert set(standings(told).values()) == {"done"}
        assert here.listener.outcomes == [Delivered("completed")]

    async def test_what_was_only_accepted_is_waited_for(self, dsn: str) -> None:
        async with town(dsn) as here:
            here.office.script("c-1", Accepted("ref-1"))
            await here.begin()
            await here.until(lambda: bool(here.office.finished))
            await here.turns(10)
            assert here.effects == ["apply"]
            assert not here.told


class TestGoingBack:
    @pytest.mark.parametrize(
        ("failing", "effects", "said"),
        [
            ("office", ["apply"], {"application": "failed", "shipment": "waiting", "notice": "waiting"}),
            (
                "carrier",
                ["apply", "withdraw", "ship"],
                {"application": "undone", "shipment": "failed", "notice": "waiting"},
            ),
            (
                "notices",
                ["apply", "withdraw", "ship", "cancel", "tell"],
                {"application": "undone", "shipment": "undone", "notice": "failed"},
            ),
        ],
    )
    async def test_whichever_step_fails_what_took_effect_is_undone(
        self, dsn: str, failing: str, effects: list[str], said: dict[str, str]
    ) -> None:
        async with town(dsn) as here:
            getattr(here, failing).script("c-1", NO)
            await here.begin()
            told = await here.until_ended("undone")
            await here.until(lambda: bool(here.listener.told))
        assert here.effects == effects
        assert standings(told) == said
        assert told["code"] == "NO_SUCH_ADDRESS"
        assert here.listener.outcomes == [Delivered("undone")]

    async def test_one_after_another_the_last_one_first(self, dsn: str) -> None:
        gate = Gate(Delivered("far"))
        async with town(dsn) as here:
            here.notices.script("c-1", NO)
            here.carrier.script("c-1", Delivered("far"), gate)
            await here.begin()
            await here.until(lambda: len(here.carrier.arrived) == 2)
            await here.turns(10)
            assert "withdraw" not in here.effects
            gate.open()
            await here.until_ended("undone")
        assert here.effects == ["apply", "withdraw", "ship", "cancel", "tell"]

    async def test_a_step_whose_condition_does_not_hold_is_neither_done_nor_undone(self, dsn: str) -> None:
        settings = {**SETTINGS, "steps": [APPLY, {**SHIP, "when": {"channel": "9"}}, TELL]}
        async with town(dsn, settings) as here:
            here.notices.script("c-1", NO)
            await here.begin()
            told = await here.until_ended("undone")
        assert here.effects == ["apply", "withdraw", "tell"]
        assert standings(told)["shipment"] == "not_needed"

    async def test_steps_that_go_together_are_undone_one_after_another(self, dsn: str) -> None:
        gate = Gate(NO)
        async with town(dsn, {**SETTINGS, "steps": [APPLY, {**SHIP, "together": True}]}) as here:
            here.carrier.script("c-1", gate)
            await here.begin()
            await here.until(lambda: bool(here.office.arrived and here.carrier.arrived))
            await here.turns(5)
            assert here.effects == ["apply", "ship"]
            gate.open()
            await here.until_ended("undone")
        assert here.effects == ["apply", "withdraw", "ship"]

    async def test_what_the_hub_refuses_has_failed(self, dsn: str) -> None:
        wrong = {**SHIP, "data": {**SHIP["data"], "order_no": "x" * 51}}
        async with town(dsn, {**SETTINGS, "steps": [APPLY, wrong, TELL]}) as here:
            await here.begin()
            told = await here.until_ended("undone")
        assert here.effects == ["apply", "withdraw"]
        assert told["code"] == "E_CONTRACT_INVALID"

    async def test_the_same_beginning_twice_is_one_transaction(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.begin()
            await here.begin()
            second = await here.rig.accept(event("c-1", "other-id", contract=APPLICATION))
            await here.until_ended("completed")
            await here.until(lambda: any(s.code == "TRANSACTION_EXISTS" for s in here.rig.watched.settled))
        assert here.effects == ["apply", "ship", "tell"]
        assert any(s.claim.message_id == second and s.code == "TRANSACTION_EXISTS" for s in here.rig.watched.settled)


class TestInDoubt:
    """Nobody knows whether the courier has the order: nothing is decided until somebody does."""

    @pytest.mark.parametrize(
        ("word", "effects"),
        [
            (Delivered("he has it"), ["apply", "ship", "tell"]),
            (Rejected("NEVER"), ["apply", "withdraw", "ship"]),
        ],
    )
    async def test_the_far_side_is_asked_first(self, dsn: str, word: Any, effects: list[str]) -> None:
        async with town(dsn, policy=ASKABLE) as here:
            here.carrier.answers = [InDoubt("not yet"), InDoubt("not yet"), word]
            here.carrier.script("c-1", InDoubt("timeout"))
            await here.begin()
            await here.until_standing("in_doubt")
            assert here.effects == ["apply", "ship"]
            await here.until(lambda: bool(here.told))
        assert here.effects[: len(effects)] == effects or here.effects == ["apply", "withdraw", "ship", "cancel"]
        assert here.told[-1]["outcome"] == ("completed" if len(effects) == 3 and effects[1] == "ship" else "undone")

    async def test_what_was_never_seen_there_is_sent_again(self, dsn: str) -> None:
        async with town(dsn, policy=ASKABLE) as here:
            here.carrier.answers = [NotSeen()]
            here.carrier.script("c-1", InDoubt("timeout"), NO)
            await here.begin()
            await here.until_ended("undone")
        assert here.effects == ["apply", "withdraw", "ship", "ship"]

    async def test_a_person_who_says_that_it_arrived_lets_it_go_on(self, dsn: str) -> None:
        async with town(dsn, policy=BLIND) as here:
            here.carrier.script("c-1", InDoubt("timeout"))
            await here.begin()
            view = await here.until_standing("in_doubt")
            delivery = (await here.rig.view(here.step(view, "step.shipment"))).deliveries[0].id
            await here.acting.resolve_delivered(order("seen"), Named((delivery,)), "seen by telephone")
            await here.until_ended("completed")
        assert here.effects == ["apply", "ship", "tell"]

    async def test_a_person_who_discards_a_doubt_has_it_undone_since_it_may_have_arrived(self, dsn: str) -> None:
        async with town(dsn, policy=BLIND) as here:
            here.carrier.script("c-1", InDoubt("timeout"))
            await here.begin()
            view = await here.until_standing("in_doubt")
            assert await here.discard(here.step(view, "step.shipment")) == 1
            await here.until_ended("undone")
        assert here.effects == ["apply", "withdraw", "ship", "cancel"]

    async def test_a_withdrawal_waits_for_what_is_in_doubt(self, dsn: str) -> None:
        async with town(dsn, policy=BLIND) as here:
            here.carrier.script("c-1", InDoubt("timeout"))
            await here.begin()
            view = await here.until_standing("in_doubt")
            await here.withdraw()
            await here.turns(20)
            assert here.effects == ["apply", "ship"]
            delivery = (await here.rig.view(here.step(view, "step.shipment"))).deliveries[0].id
            await here.acting.resolve_delivered(order("seen"), Named((delivery,)), "seen by telephone")
            told = await here.until_ended("undone")
        assert told["code"] == "WITHDRAWN"
        assert here.effects == ["apply", "withdraw", "ship", "cancel"]


class TestWithdrawing:
    async def test_in_the_middle_everything_is_taken_back(self, dsn: str) -> None:
        """The courier cannot be reached, so the order waits: it is never sent, and never cancelled."""
        async with town(dsn) as here:
            here.carrier.script("c-1", Unavailable("down", 3600.0))
            await here.begin()
            await here.until(lambda: bool(here.carrier.finished))
            await here.withdraw()
            told = await here.until_ended("undone")
        assert here.effects == ["apply", "withdraw", "ship"]
        assert (told["code"], standings(told)["shipment"]) == ("WITHDRAWN", "failed")

    async def test_what_is_being_sent_is_waited_for(self, dsn: str) -> None:
        gate = Gate(Delivered("far"))
        async with town(dsn) as here:
            here.carrier.script("c-1", gate)
            await here.begin()
            await here.until(lambda: bool(here.carrier.arrived))
            await here.withdraw()
            await here.until_standing("undoing")
            await here.turns(10)
            assert "withdraw" not in here.effects
            gate.open()
            await here.until_ended("undone")
        assert here.effects == ["apply", "withdraw", "ship", "cancel"]

    async def test_after_the_end_it_changes_nothing(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.begin()
            await here.until_ended("completed")
            await here.withdraw()
            await here.turns(20)
        assert here.effects == ["apply", "ship", "tell"]
        assert len(here.told) == 1

    async def test_another_result_of_the_case_is_no_withdrawal(self, dsn: str) -> None:
        gate = Gate(Delivered("far"))
        async with town(dsn) as here:
            here.carrier.script("c-1", gate)
            await here.begin()
            await here.until(lambda: bool(here.carrier.arrived))
            await here.close("c-1", "closed")
            await here.turns(10)
            gate.open()
            await here.until_ended("completed")


ANSWERED: dict[str, Any] = {
    **APPLY,
    "until": {
        "contract": ACCEPTANCE,
        "by": "case_no",
        "done": {"decision": "accepted"},
        "refused": {"decision": "refused"},
    },
    "within_seconds": 3600,
}


class TestAnswers:
    async def test_a_step_may_wait_for_its_answer(self, dsn: str) -> None:
        async with town(dsn, {**SETTINGS, "steps": [ANSWERED, SHIP]}) as here:
            await here.begin()
            await here.until(lambda: bool(here.office.finished))
            await here.turns(10)
            assert here.effects == ["apply"]
            await here.decide("accepted")
            await here.until_ended("completed")
        assert here.effects == ["apply", "ship"]

    async def test_no_is_a_failure_of_what_took_no_effect(self, dsn: str) -> None:
        async with town(dsn, {**SETTINGS, "steps": [{**SHIP, "name": "first"}, ANSWERED]}) as here:
            await here.begin()
            await here.until(lambda: bool(here.office.finished))
            await here.decide("refused")
            told = await here.until_ended("undone")
        assert here.effects == ["apply", "ship", "cancel"]
        assert told["code"] == "ANSWERED_NO"

    async def test_silence_is_a_failure_when_time_is_up_and_a_later_answer_changes_nothing(self, dsn: str) -> None:
        async with town(dsn, {**SETTINGS, "steps": [ANSWERED, SHIP]}) as here:
            await here.begin()
            await here.until(lambda: bool(here.office.finished))
            here.rig.clock.step(seconds=3600)
            told = await here.until_ended("undone")
            await here.decide("accepted")
            await here.turns(20)
        assert (told["code"], told["failed_step"]) == ("TIME_IS_UP", "application")
        assert here.effects == ["apply", "withdraw"]
        assert len(here.told) == 1


class TestReplays:
    """An operator's replay of a failed step, against its transaction that undoes it."""

    async def test_before_it_is_undone_it_is_a_success(self, dsn: str) -> None:
        async with town(dsn, {**SETTINGS, "steps": [APPLY, PATIENT, TELL]}) as here:
            here.carrier.script("c-1", NO)
            await here.begin()
            await here.rig.until_state(State.DEAD)
            await here.turns(10)
            assert here.effects == ["apply", "ship"]
            view = await here.view()
            assert view is not None
            await here.resend(here.step(view, "step.shipment"))
            await here.until_ended("completed")
        assert here.effects == ["apply", "ship", "ship", "tell"]

    async def test_once_it_is_undone_nothing_is_sent_and_the_operator_is_told_why(self, dsn: str) -> None:
        gate = Gate(Delivered("far"))
        async with town(dsn) as here:
            here.carrier.script("c-1", NO)
            here.office.script("c-1", Delivered("far"), gate)
            await here.begin()
            await here.until(lambda: len(here.office.arrived) == 2)
            view = await here.view()
            assert view is not None
            shipment = here.step(view, "step.shipment")
            replay = await here.rig.hub.journal.replays.view(await here.resend(shipment))
            (delivery,) = (await here.rig.view(shipment)).deliveries
            assert await here.acting.discard(order("discard"), Named((delivery.id,))) == Undone()
            gate.open()
            await here.until_ended("undone")
        assert isinstance(replay, ReplayView)
        assert [(lot.state, lot.code, lot.count) for lot in replay.lots] == [("refused", "TRANSACTION_UNDONE", 1)]
        assert here.effects == ["apply", "withdraw", "ship"]

    async def test_a_replay_that_was_fixed_before_sends_nothing_after(self, dsn: str) -> None:
        """By the time it is carried on, its transaction is undoing it."""
        async with town(dsn, {**SETTINGS, "steps": [APPLY, PATIENT]}, working=by_hand) as here:
            here.carrier.script("c-1", NO)
            await here.begin()
            await here.until(lambda: any(s.state is State.DEAD for s in here.rig.watched.settled))
            view = await here.until_standing("under_way")
            replay = await here.resend(here.step(view, "step.shipment"))
            here.rig.clock.step(seconds=3600)
            await here.until_ended("undone")
            assert await replay_once(here.rig.hub) == 1
            seen = await here.rig.hub.journal.replays.view(replay)
        assert isinstance(seen, ReplayView)
        assert [(lot.state, lot.code) for lot in seen.lots] == [("gone", "TRANSACTION_UNDONE")]
        assert here.effects == ["apply", "withdraw", "ship"]

    async def test_while_it_is_sent_again_its_failure_is_no_reason_any_more(self, dsn: str) -> None:
        gate = Gate(Delivered("far"))
        async with town(dsn, {**SETTINGS, "steps": [APPLY, PATIENT]}) as here:
            here.carrier.script("c-1", NO, gate)
            await here.begin()
            await here.rig.until_state(State.DEAD)
            view = await here.until_standing("under_way")
            await here.resend(here.step(view, "step.shipment"))
            await here.carrier.until_arrived(2)
            closed = await close(here, dsn, "step.application", "step.shipment", because="step.shipment")
            gate.open()
            await here.until_ended("completed")
        assert closed == ()
        assert here.effects == ["apply", "ship", "ship"]

    async def test_what_is_being_sent_again_when_time_is_up_is_waited_for_and_undone(self, dsn: str) -> None:
        gate = Gate(Delivered("far"))
        async with town(dsn, {**SETTINGS, "steps": [APPLY, PATIENT]}) as here:
            here.carrier.script("c-1", NO, gate)
            await here.begin()
            await here.rig.until_state(State.DEAD)
            view = await here.until_standing("under_way")
            await here.resend(here.step(view, "step.shipment"))
            await here.carrier.until_arrived(2)
            here.rig.clock.step(seconds=3600)
            await here.until_standing("undoing")
            await here.turns(10)
            assert "withdraw" not in here.effects
            gate.open()
            told = await here.until_ended("undone")
        assert told["code"] == "TIME_IS_UP"
        assert here.effects == ["apply", "withdraw", "ship", "ship", "cancel"]

    @pytest.mark.parametrize("turn", range(6))
    async def test_whoever_comes_first_of_two_operators_and_the_transaction_no_effect_stays(
        self, dsn: str, turn: int
    ) -> None:
        """Two replays and the closing, at once: whatever the order, what was sent is undone or everything is done."""
        async with town(dsn, {**SETTINGS, "steps": [APPLY, PATIENT]}) as here:
            here.carrier.script("c-1", NO)
            await here.begin()
            await here.rig.until_state(State.DEAD)
            view = await here.until_standing("under_way")
            message = here.step(view, "step.shipment")
            acts = [here.resend(message, request="one"), here.resend(message, request="two"), here.discard(message)]
            here.rig.clock.step(seconds=3600)
            await asyncio.gather(*(acts[(turn + n) % 3] for n in range(3)))
            await here.until(lambda: bool(here.told))
        shipped = here.effects.count("ship") - 1  # the first was refused
        if here.told[-1]["outcome"] == "completed":
            assert (shipped, here.effects.count("cancel"), here.effects.count("withdraw")) == (1, 0, 0)
        else:
            assert (here.effects.count("cancel"), here.effects.count("withdraw")) == (shipped, 1)

    async def test_an_operator_who_discards_a_failed_step_has_it_undone(self, dsn: str) -> None:
        async with town(dsn, {**SETTINGS, "steps": [APPLY, PATIENT, TELL]}) as here:
            here.carrier.script("c-1", NO)
            await here.begin()
            await here.rig.until_state(State.DEAD)
            view = await here.until_standing("under_way")
            assert await here.discard(here.step(view, "step.shipment")) == 1
            await here.until_ended("undone")
        assert here.effects == ["apply", "withdraw", "ship"]


class TestPersons:
    """A compensation that failed."""

    async def test_it_waits_for_a_person_and_goes_on_when_its_dead_letter_is_sent_again(self, dsn: str) -> None:
        async with town(dsn) as here:
            here.notices.script("c-1", NO)
            here.carrier.script("c-1", Delivered("far"), Rejected("TOO_LATE"))
            await here.begin()
            told = await here.until_ended("needs_person")
            view = await here.until_standing("needs_person")
            assert (view.awaits, told["code"], standings(told)["shipment"]) == (
                "undo.shipment",
                "COMPENSATION_FAILED",
                "not_undone",
            )
            assert "withdraw" not in here.effects
            await here.resend(here.step(view, "undo.shipment"))
            await here.until_ended("needs_person", "undone")
        assert here.effects == ["apply", "withdraw", "ship", "cancel", "cancel", "tell"]

    async def test_a_person_has_it_sent_once_more(self, dsn: str) -> None:
        async with town(dsn) as here:
            here.notices.script("c-1", NO)
            here.carrier.script("c-1", Delivered("far"), Rejected("TOO_LATE"))
            await here.begin()
            view = await here.until_standing("needs_person")
            answers = [
                await here.acting.decide_step(order(name), view.id, "undo.shipment", word)
                for name, word in (("first", "retry"), ("first", "retry"), ("second", "settle"))
            ]
            told = await here.until_ended("needs_person", "undone")
        assert [type(one).__name__ for one in answers] == ["Acted", "Acted", "NotAwaited"]
        assert isinstance(answers[1], Acted)
        assert answers[1].again
        assert here.effects == ["apply", "withdraw", "ship", "cancel", "cancel", "tell"]
        assert standings(told) == {"application": "undone", "shipment": "undone", "notice": "failed"}

    async def test_a_person_has_seen_to_it_by_hand(self, dsn: str) -> None:
        async with town(dsn) as here:
            here.notices.script("c-1", NO)
            here.carrier.script("c-1", Delivered("far"), Rejected("TOO_LATE"))
            await here.begin()
            view = await here.until_standing("needs_person")
            assert isinstance(await here.acting.decide_step(order("x"), view.id, "undo.shipment", "settle"), Acted)
            told = await here.until_ended("needs_person", "undone")
            replay = await here.rig.hub.journal.replays.view(await here.resend(here.step(view, "undo.shipment")))
        assert here.effects == ["apply", "withdraw", "ship", "cancel", "tell"]
        assert standings(told)["shipment"] == "settled"
        assert isinstance(replay, ReplayView)
        assert [lot.code for lot in replay.lots] == ["TRANSACTION_UNDONE"]

    async def test_nothing_waits_for_a_word_that_nobody_asked_for(self, dsn: str) -> None:
        gate = Gate(Delivered("far"))
        async with town(dsn) as here:
            here.carrier.script("c-1", gate)
            await here.begin()
            view = await here.until_standing("under_way")
            early = await here.acting.decide_step(order("1"), view.id, "step.shipment", "retry")
            stray = await here.acting.decide_step(order("2"), here.rig.hub.ids.new(), "undo.shipment", "retry")
            gate.open()
            await here.until_ended("completed")
        assert (early, stray) == (NotAwaited(), NoSuch())

    async def test_what_follows_an_irreversible_step_is_not_undone_but_goes_to_a_person(self, dsn: str) -> None:
        last = {**TELL, "name": "last", "data": {**TELL["data"], "notice_no": "{transaction}-2"}}
        async with town(dsn, {**SETTINGS, "steps": [APPLY, TELL, last]}) as here:
            here.notices.script("c-1", Delivered("far"), NO)
            await here.begin()
            view = await here.until_standing("needs_person")
            assert view.awaits == "step.last"
            await here.withdraw()
            await here.turns(10)
            assert here.effects == ["apply", "tell", "tell"]
            await here.acting.decide_step(order("x"), view.id, "step.last", "retry")
            await here.until_ended("needs_person", "completed")
        assert here.effects == ["apply", "tell", "tell", "tell"]
