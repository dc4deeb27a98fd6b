# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules against the plain telling, over any messages; and the promise that the order of arrival does not count."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.codes import AcceptanceDecision, CompletionResult, PrereviewDecision
from contracts.lifecycle.judgement import Lawful, Parked, judge, rejudge
from contracts.lifecycle.message import Kind, Message
from contracts.lifecycle.state import State
from tests.contracts.lifecycle.model import Case

OUTCOMES = {Kind.PREREVIEW: PrereviewDecision, Kind.ACCEPTANCE: AcceptanceDecision, Kind.COMPLETION: CompletionResult}
SINGLE = {Kind.APPLICATION, Kind.ACCEPTANCE, Kind.COMPLETION}
VERSIONS = st.integers(1, 3)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    kind = draw(st.sampled_from(Kind))
    outcome = str(draw(st.sampled_from(OUTCOMES[kind]))) if kind in OUTCOMES else ""
    key = "" if kind in SINGLE else draw(st.sampled_from(("1", "2")))
    return Message(kind, key, outcome, draw(VERSIONS))


class Life(RuleBasedStateMachine):
    """Messages in any order; parked ones are judged again now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.case = State(), Case()
        self.parked: list[Message] = []

    def _compare(self, message: Message) -> bool:
        judged = judge(self.state, message)
        expected = self.case.hear(message)
        if isinstance(judged, Lawful):
            self.state = judged.next
            assert expected == judged.novelty.value
            return True
        assert expected == judged.rule
        return not isinstance(judged, Parked)

    @rule(message=messages())
    def hear(self, message: Message) -> None:
        if not self._compare(message):
            self.parked.append(message)

    @rule(outcome=st.sampled_from(("accepted", "refused")), version=VERSIONS)
    def open_a_case(self, outcome: str, version: int) -> None:
        """So that most cases get somewhere."""
        self._compare(Message(Kind.APPLICATION))
        self._compare(Message(Kind.ACCEPTANCE, "", outcome, version))

    @rule(result=st.sampled_from(CompletionResult))
    def close_it(self, result: CompletionResult) -> None:
        self._compare(Message(Kind.CORRECTION_REQUESTED, "1"))
        self._compare(Message(Kind.COMPLETION, "", str(result)))

    @rule()
    def judge_again(self) -> None:
        again = rejudge(self.state, self.parked)
        moved = True
        while moved:
            before = len(self.parked)
            self.parked = [message for message in self.parked if not self._compare(message)]
            moved = len(self.parked) < before
        assert self.state == again.state
        assert tuple(self.parked) == again.parked

    @invariant()
    def both_know_the_same(self) -> None:
        known = {(one.kind.value, one.key): (one.version, one.outcome) for one in self.state.records}
        assert known == self.case.known


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


@st.composite
def histories(draw: st.DrawFn) -> Sequence[Message]:
    """A case from application to rating, as it should go, with repeats and corrections that change no decision."""
    said = [Message(Kind.APPLICATION)]
    for number in range(draw(st.integers(0, 2))):
        if draw(st.booleans()):
            said.append(Message(Kind.PREREVIEW, f"{number}", "correction"))
        said += (Message(Kind.CORRECTION_REQUESTED, f"{number}"), Message(Kind.CORRECTION_SUPPLIED, f"{number}"))
    if draw(st.booleans()):
        said.append(Message(Kind.PREREVIEW, "9", "passed"))
    if draw(st.booleans()):
        said.append(Message(Kind.ACCEPTANCE, "", "accepted"))
        said += (Message(Kind.STEP, f"{number}") for number in range(draw(st.integers(0, 3))))
        for number in range(draw(st.integers(0, 2))):
            said += (Message(Kind.SPECIAL_STARTED, f"{number}"), Message(Kind.SPECIAL_ENDED, f"{number}"))
        said += draw(st.sampled_from(((), (Message(Kind.FEE, "1"), Message(Kind.PAYMENT, "1")))))
        result = draw(st.sampled_from(("issued", "permitted", "denied", "returned", "voided")))
        said.append(Message(Kind.COMPLETION, "", result))
        if result in {"issued", "permitted"}:
            said.append(Message(Kind.LICENCE, "1"))
        said += (Message(Kind.COLLECTION, "1"), Message(Kind.EVALUATION, "1"))
    else:
        said.append(Message(Kind.ACCEPTANCE, "", "refused"))
    again = draw(st.lists(st.sampled_from(said), max_size=4))
    corrected = [
        Message(one.kind, one.key, one.outcome, 2) for one in draw(st.lists(st.sampled_from(said), max_size=3))
    ]
    return [*said, *again, *corrected]


def in_order(said: Sequence[Message]) -> State:
    state = State()
    for message in said:
        judged = judge(state, message)
        assert isinstance(judged, Lawful), (message, judged)
        state = judged.next
    return state


@settings(max_examples=100, deadline=None)
@given(histories(), st.data())
def test_any_order_of_a_lawful_history_ends_in_the_same_state(said: Sequence[Message], data: st.DataObject) -> None:
    state, parked = State(), list[Message]()
    for message in data.draw(st.permutations(said)):
        again = rejudge(state, [*parked, message])
        assert again.impossible == ()
        state, parked = again.state, list(again.parked)

    assert parked == []
    assert state == in_order(said)
