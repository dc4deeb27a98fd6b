# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rules against the plain telling, over any messages; and the promise that the order of arrival does not count."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.cloudevent import JsonValue
from contracts.codes import CaseClosing
from contracts.lifecycle.judgement import Impossible, Lawful, Parked, judge, rejudge
from contracts.lifecycle.message import READINGS, VERSION, Kind, Message, message_of
from contracts.lifecycle.refusing import refusal
from contracts.lifecycle.standing import Phase, Ticking
from contracts.lifecycle.state import State
from tests.contracts.events import JSON_VALUES
from tests.contracts.lifecycle.model import Case, Fact

VERSIONS = st.integers(1, 3)
DAYS = st.sampled_from(("", "2026-03-02T09:00:00+08:00", "2026-03-02T17:00:00+08:00", "2026-03-09T09:00:00+08:00"))


@st.composite
def messages(draw: st.DrawFn) -> Message:
    kind = draw(st.sampled_from(Kind))
    reading = READINGS[kind]
    outcome = str(draw(st.sampled_from(reading.outcomes))) if reading.outcomes else ""
    key = draw(st.sampled_from(("1", "2"))) if reading.keys or outcome == "correction" else ""
    number = draw(st.sampled_from(("", key))) if reading.number else ""
    lacking = (kind is Kind.OPINION or (kind, outcome) == (Kind.ACCEPTANCE, "accepted")) and draw(st.booleans())
    return Message(kind, f"{key}{number}", outcome, draw(VERSIONS), number, draw(DAYS), lacking)


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

    @rule(result=st.sampled_from(CaseClosing), at=DAYS)
    def close_it(self, result: CaseClosing, at: str) -> None:
        self._compare(Message(Kind.CORRECTION_REQUESTED, "1"))
        self._compare(Message(Kind.COMPLETION, "", str(result), at=at))

    @rule(chance=st.integers(0, 9))
    def adopt(self, chance: int) -> None:
        """Seldom, since nothing is parked any more after it."""
        if chance == 0:
            self.state, self.case.adopted = self.state.adopt(), True

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
        known = {
            (one.kind.value, one.key): Fact(one.version, one.outcome, one.number, one.at, one.lacking)
            for one in self.state.records
        }
        assert known == self.case.known

    @invariant()
    def both_clocks_tell_the_same(self) -> None:
        clock = self.state.clock
        assert clock.ticking == self.case.clock()
        assert bool(clock.paused_by) == (clock.ticking == "paused")


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


class Teller:
    """Tells a case from its beginning, a day for each record."""

    def __init__(self, draw: st.DrawFn, corrected: Iterable[Kind]) -> None:
        self.draw = draw
        self.corrected = set(corrected)
        self.said: list[Message] = []

    def tell(self, kind: Kind, key: str = "", outcome: str = "", number: str = "") -> None:
        at = f"2026-{len(self.said) // 28 + 1:02d}-{len(self.said) % 28 + 1:02d}T09:00:00+08:00"
        self.said.append(Message(kind, key, outcome, 1, number, at))

    def decide(self, kind: Kind, outcome: str, before: Sequence[str]) -> None:
        """A decision; where decisions are corrected, another one first, and perhaps what followed from it."""
        if kind not in self.corrected:
            return self.tell(kind, "", outcome)
        wrong = self.draw(st.sampled_from([one for one in before if one != outcome]))
        self.tell(kind, "", wrong)
        right = replace(self.said[-1], outcome=outcome, version=2)
        if wrong not in {"accepted", "passed"} and self.maybe():
            self.tell(Kind.COLLECTION, f"{kind.name}")
            self.tell(Kind.EVALUATION, f"{kind.name}")
        if {wrong, outcome} <= {"issued", "permitted", "closed"} and self.maybe():
            self.tell(Kind.LICENCE, f"{kind.name}")
        self.said.append(right)
        return None

    def maybe(self) -> bool:
        return self.draw(st.booleans())

    def history(self) -> list[Message]:
        if self.maybe():
            self.tell(Kind.APPLICATION)
        asked = self._corrections()
        if self.maybe():
            self.decide(Kind.PREREVIEW, "passed", ("refused",))
        if self.draw(st.integers(0, 4)):
            self.decide(Kind.ACCEPTANCE, "accepted", ("refused",))
            follows = self._lists()
            self._handling()
            self._end(asked=asked or follows)
        else:
            self.decide(Kind.ACCEPTANCE, "refused", ("accepted",))
            if self.maybe():
                self.tell(Kind.COMPLETION, "", "returned")
            if self.maybe():
                self.tell(Kind.COLLECTION, "1")
        if self.maybe():
            self.tell(Kind.EVALUATION, "1")
        return self.said

    def _corrections(self) -> bool:
        rounds = self.draw(st.integers(0, 2))
        for turn in range(rounds):
            number = self.draw(st.sampled_from(("", f"BZ{turn}")))
            by = self.draw(st.sampled_from(("prereview", "acceptance", "notice", "both")))
            if by in {"prereview", "both"}:
                self.tell(Kind.PREREVIEW, f"{turn}", "correction")
            if by == "acceptance":
                self.tell(Kind.ACCEPTANCE, f"{turn}", "correction")
            if by in {"notice", "both"}:
                self.tell(Kind.CORRECTION_REQUESTED, f"{turn}", number=number)
            if self.draw(st.integers(0, 3)):
                self.tell(Kind.CORRECTION_SUPPLIED, f"{turn}", number=number)
        return rounds > 0

    def _lists(self) -> bool:
        """Materials that the acceptance lets follow, or an opinion, and what comes of them."""
        by = self.draw(st.sampled_from(("nobody", "acceptance", "opinion")))
        if by == "nobody":
            return False
        if by == "opinion":
            self.tell(Kind.OPINION, "1")
        self.said[-1] = replace(self.said[-1], lacking=True)
        if self.maybe():
            self.tell(Kind.CORRECTION_SUPPLIED, "follows")
        return True

    def _handling(self) -> None:
        for turn in range(self.draw(st.integers(0, 3))):
            self.tell(Kind.STEP, f"{turn}")
        for turn in range(self.draw(st.integers(0, 2))):
            self.tell(Kind.SPECIAL_STARTED, f"{turn}", self.draw(st.sampled_from("12")), number=f"{turn}")
            if self.draw(st.integers(0, 3)):
                self.tell(Kind.SPECIAL_ENDED, f"{turn}", number=f"{turn}")
        if self.maybe():
            self.tell(Kind.FEE, "1")
            self.tell(Kind.PAYMENT, "1")

    def _end(self, *, asked: bool) -> None:
        possible = [code.value for code in CaseClosing if asked or code is not CaseClosing.LAPSED]
        result = self.draw(st.sampled_from(possible))
        self.decide(Kind.COMPLETION, result, possible)
        if result in {"issued", "permitted", "closed"} and self.maybe():
            self.tell(Kind.LICENCE, "1")
        if self.maybe():
            self.tell(Kind.COLLECTION, "1")


@st.composite
def histories(draw: st.DrawFn, corrected: tuple[Kind, ...] = ()) -> list[Message]:
    """A case as it should go, with repeats, and with corrections that change no decision: times on the same day only."""
    said = Teller(draw, corrected).history()
    later = {(one.kind, one.key) for one in said if one.version > 1}
    told = [one for one in said if one.version > 1 or (one.kind, one.key) not in later]
    again = [replace(one, at=draw(_same_day(one))) for one in draw(st.lists(st.sampled_from(said), max_size=4))]
    changed = [
        replace(one, version=one.version + 1, at=draw(_same_day(one)))
        for one in draw(st.lists(st.sampled_from(told), max_size=3, unique=True))
    ]
    return [*said, *again, *changed]


def _same_day(message: Message) -> st.SearchStrategy[str]:
    return st.sampled_from([message.at, f"{message.day}T08:00:00+08:00", f"{message.day}T20:00:00+08:00"])


def in_order(said: Sequence[Message]) -> State:
    state = State()
    for message in said:
        judged = judge(state, message)
        assert isinstance(judged, Lawful), (message, judged)
        state = judged.next
    return state


class Arrival:
    """What comes of messages in the order in which they arrive; parked ones are judged again after each."""

    def __init__(self, said: Iterable[Message]) -> None:
        self.state = State()
        self.parked: tuple[Message, ...] = ()
        self.refused: list[tuple[Message, Impossible]] = []
        for message in said:
            self.take(message)

    def take(self, message: Message) -> None:
        again = rejudge(self.state, [*self.parked, message])
        self.state, self.parked = again.state, again.parked
        self.refused += again.impossible


@settings(max_examples=100, deadline=None)
@given(histories(), st.data())
def test_any_order_of_a_lawful_history_ends_in_the_same_state(said: list[Message], data: st.DataObject) -> None:
    arrived = Arrival(data.draw(st.permutations(said)))

    assert (arrived.parked, arrived.refused) == ((), [])
    assert arrived.state == in_order(said)


@settings(max_examples=100, deadline=None)
@given(histories(), st.data())
def test_a_case_that_is_adopted_at_any_time_parks_nothing_and_ends_in_the_same_state(
    said: list[Message], data: st.DataObject
) -> None:
    """Whatever part of its life has never come here."""
    kept = [message for message in data.draw(st.permutations(said)) if data.draw(st.integers(0, 3))]
    first = data.draw(st.integers(0, len(kept)))
    arrived = Arrival(kept[:first])
    arrived.state = arrived.state.adopt()
    for message in kept[first:]:
        arrived.take(message)
    settled = rejudge(arrived.state, arrived.parked)

    assert (settled.parked, settled.impossible, arrived.refused) == ((), (), [])
    assert settled.state == rejudge(State(adopted=True), kept).state


@settings(max_examples=100, deadline=None)
@given(histories((Kind.PREREVIEW, Kind.ACCEPTANCE, Kind.COMPLETION)), st.data())
def test_a_message_refused_before_a_decision_was_corrected_fits_when_it_is_sent_again(
    said: list[Message], data: st.DataObject
) -> None:
    """The one limit of the promise: bars, by decisions that are corrected later. Senders keep their own order."""
    arrived = Arrival(data.draw(st.permutations(said)))
    resent = sorted((message for message, _ in arrived.refused), key=said.index)
    again = rejudge(arrived.state, [*arrived.parked, *resent])

    assert {why.rule for _, why in arrived.refused} <= {"R11", "R12", "R13", "R14"}
    assert (again.parked, again.impossible) == ((), ())
    assert again.state == in_order(said)


FIELDS = sorted(
    {VERSION}
    | {one.at for one in READINGS.values()}
    | {name for one in READINGS.values() for name in (one.decides, one.number) if name}
    | {name for one in READINGS.values() for line in one.keys for name in line}
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(Kind), st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES, max_size=4)), max_size=6
    )
)
def test_nothing_raises_whatever_the_data_says(told: list[tuple[Kind, dict[str, JsonValue]]]) -> None:
    said = [message for kind, data in told if (message := message_of(kind.value, data)) is not None]
    outcome = rejudge(State(), said)

    assert len(said) == len(told)
    assert outcome.state.phase in Phase
    assert outcome.state.clock.ticking in Ticking
    assert all(refusal(why, message).violations for message, why in outcome.impossible)
