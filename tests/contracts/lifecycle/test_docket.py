# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The docket beside the rules: it knows what they know, whatever came when, and lets through what they let through."""

from collections.abc import Sequence
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.lifecycle.docket import Docket
from contracts.lifecycle.judgement import Impossible, Lawful, Parked, judge, rejudge
from contracts.lifecycle.message import READINGS, VERSION, Kind
from contracts.lifecycle.record import Record, record_of
from contracts.lifecycle.state import State

TIMES = tuple(f"2026-03-0{day}T09:00:00+08:00" for day in range(2, 6))


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(Kind))
    reading = READINGS[kind]
    data = {name: draw(st.sampled_from(("1", "2"))) for line in reading.keys for name in line}
    if reading.decides is not None and reading.outcomes is not None:
        data[reading.decides] = str(draw(st.sampled_from(reading.outcomes)))
    if reading.number is not None:
        data[reading.number] = draw(st.sampled_from(("1", "2")))
    record = record_of(kind.value, {**data, reading.at: draw(st.sampled_from(TIMES)), VERSION: draw(st.integers(1, 3))})
    assert record is not None
    return record


def number(n: int) -> UUID:
    return UUID(int=n)


@given(st.lists(records(), max_size=12))
def test_a_docket_knows_what_the_rules_know(told: Sequence[Record]) -> None:
    docket, state, parked = Docket(), State(), list[Record]()
    for n, record in enumerate(told):
        answer = docket.told(number(n), record)
        docket = answer.docket
        match judge(state, record.message):
            case Lawful(state):
                assert isinstance(answer.judged, Lawful)
                after = rejudge(state, [one.message for one in parked])
                state = after.state
                kept = [*after.parked, *(message for message, _ in after.impossible)]
                assert len(answer.released) == len(parked) - len(kept)
                parked = [one.record for one in docket.early]
                assert {one.rule for one in answer.struck} == {why.rule for _, why in after.impossible}
            case Parked(rule):
                assert answer.judged == Parked(rule, answer.judged.waits_for)  # type: ignore[union-attr]
                parked.append(record)
            case Impossible() as impossible:
                assert answer.judged == impossible
        assert docket.state == state
        assert [one.record for one in docket.early] == parked


@given(st.lists(records(), max_size=12))
def test_an_adopted_case_waits_for_nothing(told: Sequence[Record]) -> None:
    docket = Docket()
    for n, record in enumerate(told):
        docket = docket.told(number(n), record).docket
    waited = docket.early
    adopted = docket.adopt()
    assert adopted.docket.adopted
    assert len(adopted.released) + len(adopted.docket.early) == len(waited)
    assert adopted.docket.early == adopted.struck


@given(st.lists(records(), max_size=8), records())
def test_a_message_that_waits_is_told_again_and_changes_nothing(told: Sequence[Record], last: Record) -> None:
    docket = Docket()
    for n, record in enumerate([*told, last]):
        docket = docket.told(number(n), record).docket
    for one in docket.early:
        again = docket.told(one.message, one.record)
        assert (again.docket, again.released) == (docket, ())
        assert one.message not in {early.message for early in docket.dismiss(one.message).early}


def test_an_early_result_is_released_by_the_acceptance_and_what_follows_it_too() -> None:
    def record(contract: str, **data: str) -> Record:
        found = record_of(contract, data)
        assert found is not None
        return found

    licence = record("cn.gov.licence.issued", licence_no="JY0", issued_on="2026-03-11")
    completion = record("cn.gov.completion.decided", result="issued", completed_at="2026-03-11T15:00:00+08:00")
    acceptance = record("cn.gov.acceptance.decided", decision="accepted", decided_at="2026-03-03T10:00:00+08:00")
    docket = Docket().told(number(1), licence).docket.told(number(2), completion).docket
    assert [(one.message, one.rule) for one in docket.early] == [(number(1), "R05"), (number(2), "R03")]
    answer = docket.told(number(3), acceptance)
    assert answer.released == (number(2), number(1))
    assert answer.docket.early == ()


def test_what_waits_is_struck_when_it_cannot_be_any_more() -> None:
    step = record_of("cn.gov.process.step", {"step_no": "1", "status": "2", "started_at": TIMES[1]})
    refused = record_of("cn.gov.acceptance.decided", {"decision": "refused", "decided_at": TIMES[0]})
    assert step is not None
    assert refused is not None
    # The refusal itself would be beside a step that is known; the step waits, so it is the step that cannot be.
    answer = Docket().told(number(1), step).docket.told(number(2), refused)
    assert isinstance(answer.judged, Lawful)
    assert [(one.message, one.rule) for one in answer.struck] == [(number(1), "R12")]


@given(st.lists(records(), max_size=8), st.lists(records(), max_size=4))
def test_what_is_learned_afterwards_counts_as_if_it_had_been_told(
    told: Sequence[Record], learned: Sequence[Record]
) -> None:
    docket = Docket()
    for n, record in enumerate(told, start=1):
        docket = docket.told(number(n), record).docket
    for n, record in enumerate(learned, start=len(told) + 1):
        judged = judge(docket.state, record.message)
        after = docket.learn(number(n), record)
        assert after.early == docket.early
        assert after.state == (judged.next if isinstance(judged, Lawful) else docket.state)
        assert after.upto == number(n)
        docket = after
