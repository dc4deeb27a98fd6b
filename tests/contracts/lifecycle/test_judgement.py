# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Each rule of the life of a case by an example, and what the messages of the catalogue say about it."""

import pytest

from contracts.catalogue import builtin
from contracts.contract import Checked
from contracts.lifecycle.judgement import Impossible, Judgement, Lawful, Novelty, Parked, judge, rejudge
from contracts.lifecycle.message import Kind, Message, message_of
from contracts.lifecycle.rules import BARS, WAITS
from contracts.lifecycle.state import Phase, State
from contracts.strict_json import parse

APPLIED = Message(Kind.APPLICATION)
WANTING = Message(Kind.PREREVIEW, "t1", "correction")
PASSED = Message(Kind.PREREVIEW, "t2", "passed")
TURNED_AWAY = Message(Kind.PREREVIEW, "t1", "refused")
ASKED, SUPPLIED = Message(Kind.CORRECTION_REQUESTED, "1"), Message(Kind.CORRECTION_SUPPLIED, "1")
ACCEPTED, REFUSED = Message(Kind.ACCEPTANCE, "", "accepted"), Message(Kind.ACCEPTANCE, "", "refused")
STEP = Message(Kind.STEP, "1")
STARTED, ENDED = Message(Kind.SPECIAL_STARTED, "1"), Message(Kind.SPECIAL_ENDED, "1")
FEE = Message(Kind.FEE, "1")
ISSUED, DENIED = Message(Kind.COMPLETION, "", "issued"), Message(Kind.COMPLETION, "", "denied")
LAPSED, RETURNED = Message(Kind.COMPLETION, "", "lapsed"), Message(Kind.COMPLETION, "", "returned")
LICENCE, COLLECTED, RATED = (
    Message(Kind.LICENCE, "1"),
    Message(Kind.COLLECTION, "t9"),
    Message(Kind.EVALUATION, "t9"),
)


def after(*messages: Message) -> State:
    state = State()
    for message in messages:
        judged = judge(state, message)
        assert isinstance(judged, Lawful), (message, judged)
        state = judged.next
    return state


def told(judged: Judgement) -> str | int:
    return judged.novelty.value if isinstance(judged, Lawful) else judged.rule


@pytest.mark.parametrize(
    ("messages", "phase"),
    [
        ([], Phase.UNKNOWN),
        ([APPLIED], Phase.APPLIED),
        ([APPLIED, WANTING], Phase.CORRECTING),
        ([APPLIED, WANTING, ASKED], Phase.CORRECTING),
        ([APPLIED, WANTING, ASKED, SUPPLIED], Phase.APPLIED),
        ([APPLIED, WANTING, SUPPLIED, PASSED], Phase.PREREVIEWED),
        ([APPLIED, TURNED_AWAY], Phase.REFUSED),
        ([APPLIED, REFUSED], Phase.REFUSED),
        ([APPLIED, ACCEPTED, STEP], Phase.HANDLING),
        ([APPLIED, ACCEPTED, STARTED], Phase.SUSPENDED),
        ([APPLIED, ACCEPTED, STARTED, ENDED], Phase.HANDLING),
        ([APPLIED, ACCEPTED, ISSUED], Phase.CLOSED),
        ([APPLIED, ACCEPTED, ISSUED, LICENCE], Phase.LICENSED),
        ([APPLIED, ACCEPTED, ISSUED, LICENCE, COLLECTED], Phase.COLLECTED),
        ([APPLIED, ASKED, LAPSED], Phase.CLOSED),
        ([APPLIED, REFUSED, RETURNED], Phase.CLOSED),
    ],
)
def test_how_far_a_case_has_come(messages: list[Message], phase: Phase) -> None:
    assert after(*messages).phase is phase


@pytest.mark.parametrize(
    ("known", "message", "rule"),
    [
        ([], ACCEPTED, 1),
        ([], RATED, 1),
        ([APPLIED], SUPPLIED, 2),
        ([APPLIED], LAPSED, 2),
        ([APPLIED], STEP, 3),
        ([APPLIED], STARTED, 3),
        ([APPLIED], FEE, 3),
        ([APPLIED], ISSUED, 3),
        ([APPLIED, ACCEPTED], ENDED, 4),
        ([APPLIED, ACCEPTED, STARTED], ISSUED, 5),
        ([APPLIED, ACCEPTED], LICENCE, 6),
        ([APPLIED, ACCEPTED], COLLECTED, 6),
    ],
)
def test_what_is_early_waits(known: list[Message], message: Message, rule: int) -> None:
    judged = judge(after(*known), message)

    assert isinstance(judged, Parked)
    assert judged.rule == rule
    assert all(judged.waits_for)


@pytest.mark.parametrize(
    ("known", "message", "rule"),
    [
        ([APPLIED, TURNED_AWAY], ACCEPTED, 20),
        ([APPLIED, ACCEPTED], TURNED_AWAY, 20),
        ([APPLIED, REFUSED], STEP, 21),
        ([APPLIED, REFUSED], STARTED, 21),
        ([APPLIED, REFUSED], FEE, 21),
        ([APPLIED, REFUSED], ISSUED, 21),
        ([APPLIED, ACCEPTED, DENIED], LICENCE, 22),
        ([APPLIED, ACCEPTED], REFUSED, 30),
        ([APPLIED, ACCEPTED, ISSUED], DENIED, 30),
        ([APPLIED, WANTING, SUPPLIED], Message(Kind.PREREVIEW, "t1", "passed", 2), 31),
        ([APPLIED, ACCEPTED, STEP], Message(Kind.ACCEPTANCE, "", "refused", 2), 21),
        ([APPLIED, ACCEPTED, ISSUED, LICENCE], Message(Kind.COMPLETION, "", "denied", 2), 22),
    ],
)
def test_what_cannot_be_is_told_with_its_rule(known: list[Message], message: Message, rule: int) -> None:
    judged = judge(after(*known), message)

    assert isinstance(judged, Impossible)
    assert judged.rule == rule
    assert all(judged.text)


CLOSED = [APPLIED, ACCEPTED, ISSUED]


@pytest.mark.parametrize(
    ("message", "novelty"),
    [
        (STEP, "new"),
        (FEE, "new"),
        (COLLECTED, "new"),
        (RATED, "new"),
        (ASKED, "new"),
        (STARTED, "new"),
        (ISSUED, "repeated"),
        (ACCEPTED, "repeated"),
        (Message(Kind.COMPLETION, "", "issued", 2), "corrected"),
        (Message(Kind.COMPLETION, "", "denied", 2), "corrected"),
    ],
)
def test_a_closed_case_still_welcomes(message: Message, novelty: str) -> None:
    assert told(judge(after(*CLOSED), message)) == novelty


def test_an_earlier_version_that_comes_late_changes_nothing() -> None:
    state = after(*CLOSED, Message(Kind.COMPLETION, "", "denied", 2))

    assert judge(state, ISSUED) == Lawful(state, Novelty.SUPERSEDED)


@pytest.mark.parametrize("result", ["denied", "returned", "voided", "deleted", "transferred", "lapsed"])
def test_without_a_grant_there_is_no_licence(result: str) -> None:
    known = after(APPLIED, ASKED, ACCEPTED, Message(Kind.COMPLETION, "", result))

    assert told(judge(known, LICENCE)) == 22
    assert told(judge(known, COLLECTED)) == "new"


def test_a_special_procedure_told_late_stands_in_no_corrections_way() -> None:
    known = after(APPLIED, ACCEPTED, ISSUED, STARTED)

    assert told(judge(known, Message(Kind.COMPLETION, "", "issued", 2))) == 5
    assert told(judge(known, Message(Kind.APPLICATION, "", "", 2))) == "corrected"


def test_a_refusal_can_be_corrected_into_an_acceptance() -> None:
    state = after(APPLIED, REFUSED, Message(Kind.ACCEPTANCE, "", "accepted", 2), STEP)

    assert state.phase is Phase.HANDLING


def test_parked_messages_are_judged_until_no_more_fits() -> None:
    outcome = rejudge(State(), [COLLECTED, LICENCE, ISSUED, ENDED, STEP, ACCEPTED, APPLIED, STARTED])

    assert (outcome.parked, outcome.impossible) == ((), ())
    assert outcome.state.phase is Phase.COLLECTED


def test_a_parked_message_may_turn_out_impossible() -> None:
    outcome = rejudge(after(APPLIED, ACCEPTED), [LICENCE, DENIED])

    assert [(message, why.rule) for message, why in outcome.impossible] == [(LICENCE, 22)]


def test_no_number_is_used_twice() -> None:
    numbers = [*(wait.number for wait in WAITS), *(bar.number for bar in BARS)]

    assert len(set(numbers)) == len(numbers)


def canonical(kind: Kind, **changes: str | int) -> dict[str, object]:
    contract = builtin().versions(kind.value)[-1]
    example = contract.examples[0].data
    assert isinstance(example, dict)
    checked = contract.check({**example, **changes}, example["case_no"])
    assert isinstance(checked, Checked)
    data = parse(checked.canonical)
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_a_contract_and_its_first_example_says_something(kind: Kind) -> None:
    message = message_of(kind.value, canonical(kind))

    assert message is not None
    assert message.kind is kind
    assert message.version == 1


def test_what_a_message_decides_and_which_record_it_is() -> None:
    decided = message_of(Kind.COMPLETION.value, canonical(Kind.COMPLETION, record_version=2))
    begun = message_of(Kind.STEP.value, canonical(Kind.STEP, step_no="7", status="1"))
    done = message_of(Kind.STEP.value, canonical(Kind.STEP, step_no="7", status="2"))
    unnamed = message_of(Kind.STEP.value, canonical(Kind.STEP))

    assert decided == Message(Kind.COMPLETION, "", "issued", 2)
    assert begun is not None
    assert done is not None
    assert unnamed is not None
    assert len({begun.key, done.key, unnamed.key}) == 3


@pytest.mark.parametrize("contract", ["cn.gov.nothing", "cn.gov.notice.requested"])
def test_other_messages_say_nothing_about_it(contract: str) -> None:
    assert message_of(contract, {"case_no": "1"}) is None


def test_a_record_without_its_fields_is_still_one() -> None:
    assert message_of(Kind.STEP.value, {}) == Message(Kind.STEP)
    assert message_of(Kind.COMPLETION.value, {"record_version": "x"}) == Message(Kind.COMPLETION)
