# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the messages of the catalogue say about the life of a case, in every version of their contracts."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.example import Example
from contracts.lifecycle.judgement import Impossible, Lawful, judge, rejudge
from contracts.lifecycle.message import READINGS, VERSION, Kind, Message, message_of
from contracts.lifecycle.record import record_of
from contracts.lifecycle.state import State
from contracts.strict_json import parse
from contracts.violations import code_list
from hub.demo.far.fate import Fate, Morning
from hub.demo.far.papers import paper

KINDS = {kind.value: kind for kind in Kind}
CONTRACTS = [contract for kind in Kind for contract in builtin().versions(kind.value)]
EXAMPLES = [(contract, example) for contract in CONTRACTS for example in contract.examples if example.valid]
OUTCOMES = [
    (contract, code.value)
    for contract in CONTRACTS
    if (field := READINGS[KINDS[contract.type]].decides) is not None
    for code in code_list(contract.model.model_fields[field].annotation) or ()
]


def named(value: object) -> str | None:
    if isinstance(value, Contract):
        return f"{value.type}:{value.version}"
    return value.name.rsplit(" / ", 1)[1] if isinstance(value, Example) else None


def canonical(contract: Contract, data: object) -> dict[str, object]:
    assert isinstance(data, dict)
    checked = contract.check(data, data[contract.subject])
    assert isinstance(checked, Checked), checked
    told = parse(checked.canonical)
    assert isinstance(told, dict)
    return told


def latest(kind: Kind, **changes: str | int) -> dict[str, object]:
    contract = builtin().versions(kind.value)[-1]
    return canonical(contract, {**contract.examples[0].data, **changes})


def said(kind: Kind, **changes: str | int) -> Message:
    message = message_of(kind.value, latest(kind, **changes))
    assert message is not None
    return message


def test_every_kind_is_read() -> None:
    assert list(READINGS) == list(Kind)


@pytest.mark.parametrize("contract", CONTRACTS, ids=named)
def test_every_version_has_the_fields_that_are_read_and_no_outcome_that_is_not_known(contract: Contract) -> None:
    reading = READINGS[KINDS[contract.type]]
    fields = contract.model.model_fields
    read = {reading.at, VERSION, *(name for line in reading.keys for name in line)}
    read |= {name for name in (reading.decides, reading.number) if name is not None}

    assert read - set(fields) == set()
    assert fields[reading.at].is_required()
    if reading.decides is not None:
        told = {code.value for code in code_list(fields[reading.decides].annotation) or ()}
        assert told
        assert told <= {code.value for code in reading.outcomes or ()}
    if reading.keys:
        assert all(fields[name].is_required() for name in reading.keys[-1])


@pytest.mark.parametrize(("contract", "example"), EXAMPLES, ids=named)
def test_every_valid_example_says_something_and_fits_where_it_belongs(contract: Contract, example: Example) -> None:
    message = message_of(contract.type, canonical(contract, example.data))

    assert message is not None
    assert message.kind.value == contract.type
    assert message.version == example.data.get(VERSION, 1)
    assert message.day == str(example.data[READINGS[message.kind].at])[:10]
    assert isinstance(judge(State(adopted=True), message), Lawful)


@pytest.mark.parametrize(("contract", "outcome"), OUTCOMES, ids=lambda value: named(value) or str(value))
def test_every_outcome_of_every_version_has_its_place(contract: Contract, outcome: str) -> None:
    kind = KINDS[contract.type]
    reading = READINGS[kind]
    example = next(one.data for one in contract.examples if one.valid)
    message = message_of(contract.type, {**canonical(contract, example), str(reading.decides): outcome})

    assert message is not None
    assert message.outcome == outcome
    ground = [said(Kind.APPLICATION), said(Kind.CORRECTION_REQUESTED)]
    if kind is not Kind.ACCEPTANCE and outcome != "refused":
        ground.append(said(Kind.ACCEPTANCE))
    assert isinstance(judge(rejudge(State(), ground).state, message), Lawful)


def test_a_finding_that_asks_for_corrections_is_a_request_of_its_own() -> None:
    reason = "平面图未标注尺寸"
    asking = said(Kind.ACCEPTANCE, decision="correction", reason=reason)
    accepted = said(Kind.ACCEPTANCE, decided_at="2026-03-04T10:00:00+08:00")
    told = rejudge(State(), [said(Kind.APPLICATION), asking, accepted, said(Kind.STEP)])

    assert asking.asks
    assert (told.parked, told.impossible) == ((), ())
    assert told.state.requests_open == frozenset()
    assert said(Kind.PREREVIEW, decision="correction", reason=reason).asks


def test_a_prereview_that_was_corrected_is_the_same_record_at_another_time() -> None:
    refused = said(Kind.PREREVIEW, decision="refused", reason="不属于本部门职权范围")
    passed = said(Kind.PREREVIEW, record_version=2, decided_at="2026-03-05T10:00:00+08:00")
    told = rejudge(State(), [said(Kind.APPLICATION), passed, refused, said(Kind.ACCEPTANCE)])

    assert refused.key == passed.key
    assert (told.parked, told.impossible) == ((), ())


def test_notices_and_answers_carry_their_number() -> None:
    notice, answer = (
        said(kind, correction_no="BZ-1") for kind in (Kind.CORRECTION_REQUESTED, Kind.CORRECTION_SUPPLIED)
    )
    other = said(Kind.CORRECTION_SUPPLIED, correction_no="BZ-2")
    unnumbered = said(Kind.CORRECTION_REQUESTED)

    assert notice.number == answer.number == "BZ-1"
    assert unnumbered.number == ""
    assert len({notice.key, unnumbered.key, answer.key, other.key}) == 3


def test_which_record_a_step_is() -> None:
    begun, done = said(Kind.STEP, step_no="7", status="1"), said(Kind.STEP, step_no="7", status="2")

    assert len({begun.key, done.key, said(Kind.STEP).key}) == 3


def test_work_after_a_withdrawal_is_impossible_and_earlier_work_is_late() -> None:
    known = [said(Kind.APPLICATION), said(Kind.COMPLETION, result="withdrawn")]
    late = [said(Kind.ACCEPTANCE), said(Kind.STEP)]
    absurd = [
        said(Kind.ACCEPTANCE, decided_at="2026-03-12T10:00:00+08:00"),
        said(Kind.STEP, started_at="2026-03-12T10:00:00+08:00"),
    ]

    assert rejudge(State(), [*known, *late]).impossible == ()
    for message in absurd:
        judged = judge(rejudge(State(), known).state, message)
        assert isinstance(judged, Impossible)
        assert judged.rule == "R14"


@pytest.mark.parametrize("contract", ["cn.gov.nothing", "cn.gov.notice.requested"])
def test_other_messages_say_nothing_about_it(contract: str) -> None:
    assert message_of(contract, {"case_no": "1"}) is None


def test_a_record_without_its_fields_is_still_one() -> None:
    assert message_of(Kind.STEP.value, {}) == Message(Kind.STEP)
    assert message_of(Kind.COMPLETION.value, {"record_version": "x"}) == Message(Kind.COMPLETION)


NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MORNING = Morning(seed=2026, run="0a0b0c", cases=240)


def history(fate: Fate) -> list[Message]:
    """What the demonstration says of one case, a minute for each message."""
    messages = []
    for turn in fate.turns:
        [contract, *_] = builtin().versions(turn.contract)
        message = message_of(
            turn.contract, canonical(contract, paper(fate, turn, NINE + timedelta(minutes=turn.number)))
        )
        assert message is not None
        messages.append(message)
    return messages


def test_the_cases_of_the_demonstration_live_lawfully() -> None:
    """Every message of a morning, in its order and in the opposite one."""
    ends = set()
    for index in range(MORNING.cases):
        told = history(MORNING.fate(index))
        state = State()
        for message in told:
            judged = judge(state, message)
            assert isinstance(judged, Lawful), (message, judged)
            state = judged.next
        backwards = rejudge(State(), reversed(told))
        assert (backwards.parked, backwards.impossible) == ((), ())
        assert backwards.state == state
        ends.add(state.phase)

    assert {"refused", "closed", "collected"} == ends


@pytest.mark.parametrize(
    ("kind", "changes", "lacking"),
    [
        (Kind.ACCEPTANCE, {"missing_materials": ["平面图"]}, True),
        (Kind.ACCEPTANCE, {"missing_materials": ["平面图"], "decision": "correction", "reason": "测试"}, False),
        (Kind.ACCEPTANCE, {}, False),
        (Kind.OPINION, {"opinion": "conditions", "conditions": "补齐", "missing_materials": ["平面图"]}, True),
        (Kind.OPINION, {}, False),
        (Kind.PREREVIEW, {"missing_materials": ["平面图"]}, False),
    ],
)
def test_who_lets_materials_follow(kind: Kind, changes: dict[str, str | int], *, lacking: bool) -> None:
    """And of the list no more is kept than that there is one."""
    data = latest(kind, **changes)
    record = record_of(kind.value, data)
    assert record is not None
    assert (said(kind, **changes).lacking, record.message.lacking) == (lacking, lacking)
    assert "平面图" not in str(record)
