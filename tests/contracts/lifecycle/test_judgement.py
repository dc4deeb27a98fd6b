# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Each rule of the life of a case by an example, and every row of the table by each of its messages."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from contracts.codes import CaseClosing
from contracts.lifecycle.judgement import Impossible, Judgement, Lawful, Novelty, Parked, judge, rejudge
from contracts.lifecycle.message import READINGS, Kind, Message
from contracts.lifecycle.rules import BARS, CONTRADICTION, ENDINGS, FRUITLESS, WAITS, Bar, On, Wait
from contracts.lifecycle.standing import Clock, Phase, Ticking
from contracts.lifecycle.state import State

MONDAY, TUESDAY, EVENING = "2026-03-02T09:00:00+08:00", "2026-03-03T09:00:00+08:00", "2026-03-02T18:00:00+08:00"

APPLIED = Message(Kind.APPLICATION)
WANTING = Message(Kind.PREREVIEW, "t1", "correction", at=MONDAY)
PASSED, TURNED_AWAY = Message(Kind.PREREVIEW, "", "passed", at=TUESDAY), Message(Kind.PREREVIEW, "", "refused")
ASKED, SUPPLIED = (
    Message(Kind.CORRECTION_REQUESTED, "t1", at=MONDAY),
    Message(Kind.CORRECTION_SUPPLIED, "t2", at=TUESDAY),
)
ACCEPTED, REFUSED = Message(Kind.ACCEPTANCE, "", "accepted"), Message(Kind.ACCEPTANCE, "", "refused")
SENT_BACK = Message(Kind.ACCEPTANCE, "t1", "correction", at=MONDAY)
STEP = Message(Kind.STEP, "1")
STARTED, ENDED = Message(Kind.SPECIAL_STARTED, "1", "2"), Message(Kind.SPECIAL_ENDED, "1")
EXTENDED = Message(Kind.SPECIAL_STARTED, "9", "1")
FEE, PAID = Message(Kind.FEE, "1"), Message(Kind.PAYMENT, "1")
ISSUED, DENIED = Message(Kind.COMPLETION, "", "issued"), Message(Kind.COMPLETION, "", "denied")
LAPSED, RETURNED = Message(Kind.COMPLETION, "", "lapsed"), Message(Kind.COMPLETION, "", "returned")
WITHDRAWN, CLOSED = Message(Kind.COMPLETION, "", "withdrawn", at=MONDAY), Message(Kind.COMPLETION, "", "closed")
LICENCE, COLLECTED, RATED = (
    Message(Kind.LICENCE, "1"),
    Message(Kind.COLLECTION, "t9"),
    Message(Kind.EVALUATION, "t9"),
)


def numbered(message: Message, number: str) -> Message:
    return replace(message, key=number, number=number)


def corrected(message: Message, outcome: str, version: int = 2) -> Message:
    return replace(message, outcome=outcome, version=version)


def after(*messages: Message) -> State:
    state = State()
    for message in messages:
        judged = judge(state, message)
        assert isinstance(judged, Lawful), (message, judged)
        state = judged.next
    return state


def told(judged: Judgement) -> str:
    return judged.novelty.value if isinstance(judged, Lawful) else judged.rule


@pytest.mark.parametrize(
    ("messages", "phase"),
    [
        ([], Phase.UNKNOWN),
        ([APPLIED], Phase.APPLIED),
        ([APPLIED, WANTING], Phase.CORRECTING),
        ([APPLIED, WANTING, ASKED], Phase.CORRECTING),
        ([APPLIED, SENT_BACK], Phase.CORRECTING),
        ([APPLIED, WANTING, ASKED, SUPPLIED], Phase.APPLIED),
        ([APPLIED, WANTING, SUPPLIED, PASSED], Phase.PREREVIEWED),
        ([APPLIED, TURNED_AWAY], Phase.REFUSED),
        ([APPLIED, REFUSED], Phase.REFUSED),
        ([APPLIED, REFUSED, COLLECTED], Phase.REFUSED),
        ([APPLIED, ACCEPTED, STEP], Phase.HANDLING),
        ([APPLIED, SENT_BACK, SUPPLIED, ACCEPTED], Phase.HANDLING),
        ([APPLIED, ACCEPTED, STARTED], Phase.SUSPENDED),
        ([APPLIED, ACCEPTED, EXTENDED], Phase.HANDLING),
        ([APPLIED, ACCEPTED, STARTED, ENDED], Phase.HANDLING),
        ([APPLIED, ACCEPTED, ISSUED], Phase.CLOSED),
        ([APPLIED, ACCEPTED, ISSUED, LICENCE], Phase.LICENSED),
        ([APPLIED, ACCEPTED, ISSUED, LICENCE, COLLECTED], Phase.COLLECTED),
        ([APPLIED, ASKED, LAPSED], Phase.CLOSED),
        ([APPLIED, SENT_BACK, LAPSED], Phase.CLOSED),
        ([APPLIED, REFUSED, RETURNED], Phase.CLOSED),
    ],
)
def test_how_far_a_case_has_come(messages: list[Message], phase: Phase) -> None:
    assert after(*messages).phase is phase


@pytest.mark.parametrize(
    ("messages", "ticking", "by"),
    [
        ([APPLIED, PASSED], Ticking.NOT_STARTED, set()),
        ([APPLIED, WANTING], Ticking.NOT_STARTED, set()),
        ([APPLIED, ACCEPTED], Ticking.RUNNING, set()),
        ([APPLIED, ACCEPTED, EXTENDED], Ticking.RUNNING, set()),
        ([APPLIED, ACCEPTED, STARTED, EXTENDED], Ticking.PAUSED, {STARTED}),
        ([APPLIED, ACCEPTED, STARTED, ENDED], Ticking.RUNNING, set()),
        ([ACCEPTED, ASKED, STARTED], Ticking.PAUSED, {ASKED, STARTED}),
        ([ACCEPTED, ASKED, SUPPLIED], Ticking.RUNNING, set()),
        ([ACCEPTED, STARTED, ISSUED], Ticking.STOPPED, set()),
        ([APPLIED, REFUSED], Ticking.STOPPED, set()),
        ([APPLIED, WITHDRAWN], Ticking.STOPPED, set()),
    ],
)
def test_what_the_legal_clock_does(messages: list[Message], ticking: Ticking, by: set[Message]) -> None:
    assert after(*messages).clock == Clock(ticking, frozenset(by))


ONE, TWO = numbered(ASKED, "BZ1"), numbered(ASKED, "BZ2")
ANSWER_ONE, ANSWER_TWO = numbered(SUPPLIED, "BZ1"), numbered(SUPPLIED, "BZ2")
LATER = replace(ASKED, key="t3", at="2026-03-04T09:00:00+08:00")


@pytest.mark.parametrize(
    ("messages", "still_open"),
    [
        ([ONE, TWO, ANSWER_TWO], {ONE}),
        ([ONE, TWO, ANSWER_TWO, ANSWER_ONE], set()),
        ([ONE, TWO, SUPPLIED], set()),
        ([ASKED, SUPPLIED, LATER], {LATER}),
        ([WANTING, ASKED, SUPPLIED], set()),
        ([WANTING, SUPPLIED, LATER], {LATER}),
        ([WANTING, ANSWER_ONE], set()),
        ([WANTING, ONE, ANSWER_ONE], set()),
        ([WANTING, PASSED], set()),
        ([SENT_BACK, replace(ACCEPTED, at=TUESDAY)], set()),
        ([replace(ACCEPTED, at=TUESDAY), LATER], {LATER}),
    ],
)
def test_requests_and_answers_are_paired(messages: list[Message], still_open: set[Message]) -> None:
    assert after(APPLIED, *messages).requests_open == still_open


def test_an_answer_to_another_notice_is_early() -> None:
    assert told(judge(after(APPLIED, TWO), ANSWER_ONE)) == "R02"
    assert told(judge(after(APPLIED, TWO), SUPPLIED)) == "new"


@pytest.mark.parametrize(
    "listed", [replace(ACCEPTED, lacking=True), Message(Kind.OPINION, "YJ-1", at=MONDAY, lacking=True)]
)
def test_what_a_list_of_materials_to_follow_asks_for_may_be_supplied_or_fail_to_come(listed: Message) -> None:
    for answer in (SUPPLIED, ANSWER_ONE, Message(Kind.COMPLETION, "", "lapsed", at=TUESDAY)):
        assert told(judge(after(APPLIED, replace(listed, lacking=False)), answer)) == "R02"
        assert told(judge(after(APPLIED, listed), answer)) == "new"


def test_a_list_neither_stops_the_clock_nor_is_it_an_open_request() -> None:
    listed = after(APPLIED, replace(ACCEPTED, lacking=True), SUPPLIED)
    assert (listed.clock, listed.requests_open) == (Clock(Ticking.RUNNING), frozenset())


def rows(on: tuple[On, ...]) -> Iterator[Message]:
    """One message for each row of a rule, and each outcome of the row."""
    for row in on:
        for outcome in row.outcomes or tuple(READINGS[row.kind].outcomes or ("",)):
            yield Message(row.kind, "1", outcome, at=TUESDAY)


BEFORE = {
    "R01": [],
    "R02": [APPLIED],
    "R03": [APPLIED, PASSED],
    "R04": [APPLIED, ACCEPTED],
    "R05": [APPLIED, ACCEPTED],
    "R06": [APPLIED, ACCEPTED, STEP],
}
THEN = {
    "R01": [APPLIED, ASKED],
    "R02": [ASKED],
    "R03": [ACCEPTED],
    "R04": [STARTED],
    "R05": [ISSUED],
    "R06": [DENIED],
}


@pytest.mark.parametrize("wait", WAITS, ids=lambda wait: wait.number)
def test_what_is_early_waits_until_that_has_come(wait: Wait) -> None:
    for message in rows(wait.on):
        early = judge(after(*BEFORE[wait.number]), message)
        assert early == Parked(wait.number, wait.needs), message
        again = judge(after(*BEFORE[wait.number], *THEN[wait.number]), message)
        assert isinstance(again, Lawful), message


BESIDE = {
    "R11": [[APPLIED, TURNED_AWAY]],
    "R12": [[APPLIED, REFUSED], [APPLIED, TURNED_AWAY]],
    "R13": [[APPLIED, ASKED, ACCEPTED, Message(Kind.COMPLETION, "", result)] for result in FRUITLESS],
    "R14": [
        [APPLIED, ASKED, replace(WITHDRAWN, outcome=result)]
        for result in ("returned", "voided", "deleted", "lapsed", "withdrawn", "terminated")
    ],
}


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.number)
def test_what_cannot_be_is_told_with_its_rule(bar: Bar) -> None:
    for known in BESIDE[bar.number]:
        for message in rows(bar.on):
            assert judge(after(*known), message) == Impossible(bar.number, bar.text), (known, message)
            assert judge(after(*known).adopt(), message) == Impossible(bar.number, bar.text), (known, message)


@pytest.mark.parametrize(
    ("known", "message", "rule"),
    [
        ([APPLIED, ACCEPTED], TURNED_AWAY, "R11"),
        ([APPLIED, ACCEPTED, STEP], corrected(ACCEPTED, "refused"), "R12"),
        ([APPLIED, ACCEPTED, ISSUED, LICENCE], corrected(ISSUED, "denied"), "R13"),
        ([APPLIED, ACCEPTED, replace(STEP, at=TUESDAY)], WITHDRAWN, "R14"),
        ([APPLIED, ACCEPTED], REFUSED, "R21"),
        ([APPLIED, ACCEPTED, ISSUED], DENIED, "R21"),
        ([APPLIED, ACCEPTED, STARTED], replace(STARTED, outcome="1"), "R21"),
    ],
)
def test_it_is_the_same_whichever_came_first(known: list[Message], message: Message, rule: str) -> None:
    assert told(judge(after(*known), message)) == rule


@pytest.mark.parametrize(
    ("message", "novelty"),
    [
        (STEP, "new"),
        (FEE, "new"),
        (PAID, "new"),
        (COLLECTED, "new"),
        (RATED, "new"),
        (ASKED, "new"),
        (STARTED, "new"),
        (ISSUED, "repeated"),
        (ACCEPTED, "repeated"),
        (corrected(ISSUED, "issued"), "corrected"),
        (corrected(ISSUED, "denied"), "corrected"),
    ],
)
def test_a_closed_case_still_welcomes(message: Message, novelty: str) -> None:
    assert told(judge(after(APPLIED, ACCEPTED, ISSUED), message)) == novelty


@pytest.mark.parametrize("at", ["", MONDAY, EVENING])
def test_work_of_the_day_on_which_a_case_was_withdrawn_may_come_late(at: str) -> None:
    state = after(APPLIED, ACCEPTED, WITHDRAWN)

    assert told(judge(state, replace(STEP, at=at))) == "new"
    assert told(judge(state, replace(STEP, at=TUESDAY))) == "R14"
    assert told(judge(state, replace(PAID, at=TUESDAY))) == "new"


@pytest.mark.parametrize("result", CaseClosing)
def test_a_licence_needs_an_ending_that_does_not_rule_it_out(result: CaseClosing) -> None:
    known = after(APPLIED, ASKED, ACCEPTED, Message(Kind.COMPLETION, "", result.value))

    assert told(judge(known, LICENCE)) == ("new" if result in {"issued", "permitted", "closed"} else "R13")
    assert told(judge(known, COLLECTED)) == "new"


def test_every_ending_is_of_one_sort() -> None:
    assert sorted(result for group in ENDINGS for result in group) == sorted(CaseClosing)


def test_a_request_for_correction_is_not_the_acceptance() -> None:
    state = after(APPLIED, SENT_BACK)

    assert told(judge(state, STEP)) == "R03"
    assert after(APPLIED, SENT_BACK, SUPPLIED, ACCEPTED, STEP).has(Kind.ACCEPTANCE, "accepted")


def test_a_completion_waits_for_no_procedure_to_end() -> None:
    """Its end may never come, and when it comes it is welcome."""
    assert after(APPLIED, ACCEPTED, STARTED, ISSUED, ENDED) == after(APPLIED, ACCEPTED, STARTED, ENDED, ISSUED)
    assert after(APPLIED, ACCEPTED, ISSUED, STARTED).clock == Clock(Ticking.STOPPED)


def test_a_refusal_can_be_corrected() -> None:
    assert after(APPLIED, REFUSED, corrected(REFUSED, "accepted"), STEP).phase is Phase.HANDLING
    moved = replace(corrected(TURNED_AWAY, "passed"), at=TUESDAY)
    assert after(APPLIED, TURNED_AWAY, moved, ACCEPTED).phase is Phase.HANDLING


def test_a_refusal_that_was_corrected_into_a_request_bars_nothing() -> None:
    refused = replace(TURNED_AWAY, at=MONDAY)
    asking = replace(WANTING, version=2, at=TUESDAY)

    assert after(APPLIED, refused, asking).phase is Phase.CORRECTING
    assert told(judge(after(APPLIED, refused, asking), ACCEPTED)) == "new"
    assert told(judge(after(APPLIED, refused, replace(asking, at="2026-03-01T09:00:00+08:00")), ACCEPTED)) == "R11"
    assert told(judge(after(APPLIED, refused, replace(asking, version=1)), ACCEPTED)) == "R11"


def test_an_earlier_version_that_comes_late_changes_nothing() -> None:
    state = after(APPLIED, ACCEPTED, corrected(ISSUED, "denied"))

    assert judge(state, ISSUED) == Lawful(state, Novelty.SUPERSEDED)


def test_a_repeat_with_another_time_counts_the_same_in_either_order() -> None:
    early, late = replace(ASKED, key="1"), replace(ASKED, key="1", at=TUESDAY)
    assert after(early, late) == after(late, early) == after(early)

    sooner, later = WITHDRAWN, replace(WITHDRAWN, at=TUESDAY)
    assert after(APPLIED, sooner, later) == after(APPLIED, later, sooner) == after(APPLIED, later)


@pytest.mark.parametrize("first", [ACCEPTED, SENT_BACK, WANTING, ASKED, TURNED_AWAY])
def test_what_a_department_says_of_an_application_waits_for_none(first: Message) -> None:
    """The national front database has no table of applications, and one at a window may never pass the hub."""
    assert told(judge(State(), first)) == "new"
    assert told(judge(after(first), RATED)) == "new"
    assert told(judge(after(first), APPLIED)) == "new"


@pytest.mark.parametrize(
    ("message", "phase", "ticking"),
    [
        (STEP, Phase.HANDLING, Ticking.RUNNING),
        (STARTED, Phase.SUSPENDED, Ticking.PAUSED),
        (ENDED, Phase.HANDLING, Ticking.RUNNING),
        (SUPPLIED, Phase.UNKNOWN, Ticking.NOT_STARTED),
        (ISSUED, Phase.CLOSED, Ticking.STOPPED),
        (LICENCE, Phase.LICENSED, Ticking.STOPPED),
        (COLLECTED, Phase.COLLECTED, Ticking.STOPPED),
        (RATED, Phase.UNKNOWN, Ticking.NOT_STARTED),
    ],
)
def test_an_adopted_case_waits_for_nothing(message: Message, phase: Phase, ticking: Ticking) -> None:
    """It was under way before the hub was connected, so what is missing will never come."""
    waiting = rejudge(State(), [message])
    assert waiting.parked == (message,)

    adopted = rejudge(waiting.state.adopt(), waiting.parked)
    assert (adopted.parked, adopted.impossible) == ((), ())
    assert (adopted.state.phase, adopted.state.clock.ticking) == (phase, ticking)


def test_parked_messages_are_judged_until_no_more_fits() -> None:
    outcome = rejudge(State(), [COLLECTED, LICENCE, ISSUED, ENDED, STEP, RATED, ACCEPTED, APPLIED, STARTED])

    assert (outcome.parked, outcome.impossible) == ((), ())
    assert outcome.state.phase is Phase.COLLECTED


def test_a_parked_message_may_turn_out_impossible() -> None:
    outcome = rejudge(after(APPLIED, ACCEPTED), [LICENCE, DENIED])

    assert [(message, why.rule) for message, why in outcome.impossible] == [(LICENCE, "R13")]


def test_a_case_with_thousands_of_records_is_judged_at_once() -> None:
    """Linear in the records: a sender that floods one case stops nobody."""
    steps = frozenset(Message(Kind.STEP, str(number), at=MONDAY) for number in range(20_000))
    state = State(steps | {ACCEPTED})

    assert told(judge(state, corrected(ACCEPTED, "refused"))) == "R12"
    assert told(judge(state, ISSUED)) == "new"


def test_no_number_is_used_twice() -> None:
    numbers = [*(wait.number for wait in WAITS), *(bar.number for bar in BARS), CONTRADICTION]

    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers)
    assert set(BEFORE) | set(BESIDE) | {CONTRADICTION} == set(numbers)
