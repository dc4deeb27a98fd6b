# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What follows from an outcome: the whole table, the limits, and texts that the journal can hold whatever they say."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.leaf import leaf_hash
from connectors.sdk import Accepted, Delivered, Idempotency, InDoubt, NotSeen, Outcome, Rejected, Unavailable
from hub.policy import Policy
from hub.ports.journal import State
from hub.stages.judge import answered, expired, judge, poisoned, tried_in_vain, untouched, unwritable
from tests.hub.stages.made_up import NOW, POLICY, claim_of, court

OUTCOMES: dict[str, Outcome] = {
    "delivered": Delivered("R-1"),
    "accepted": Accepted("T-1"),
    "rejected": Rejected("HTTP_422", "no", ("why",)),
    "unavailable": Unavailable("HTTP_503: away"),
    "in doubt": InDoubt("TIMED_OUT: no answer"),
}
OPEN = {State.WAITING, State.ACCEPTED, State.IN_DOUBT, State.DEAD}


def expectation(name: str, policy: Policy) -> tuple[State, str, bool, bool, bool]:
    """State, code, whether it waits, whether it counts, whether its lane goes on."""
    match name:
        case "delivered":
            return State.DELIVERED, "DELIVERED", False, True, False
        case "accepted":
            return State.ACCEPTED, "ACCEPTED", False, False, not policy.ordered_completion
        case "rejected":
            return State.DEAD, "HTTP_422", False, True, policy.dead_continues
        case "unavailable":
            return State.WAITING, "UNAVAILABLE", True, True, False
        case _ if policy.idempotency is Idempotency.NATIVE:
            return State.WAITING, "IN_DOUBT", True, True, False
        case _:
            return State.IN_DOUBT, "IN_DOUBT", False, True, False


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize(
    ("idempotency", "ordered_completion", "dead_continues"), list(product(Idempotency, (False, True), (False, True)))
)
def test_the_whole_table(
    name: str, idempotency: Idempotency, *, ordered_completion: bool, dead_continues: bool
) -> None:
    policy = replace(
        POLICY, idempotency=idempotency, ordered_completion=ordered_completion, dead_continues=dead_continues
    )
    state, code, waits, counts, yields = expectation(name, policy)
    verdict = judge(court(), policy, claim_of(), OUTCOMES[name], NOW)

    assert (verdict.state, verdict.code) == (state, code)
    assert (verdict.due_at is not None) is waits
    assert verdict.counted is counts
    assert verdict.yields is yields
    assert (verdict.leaf is not None) is (state in {State.DELIVERED, State.DEAD})
    assert verdict.ended_at == NOW


def test_what_the_far_side_said_is_kept() -> None:
    assert judge(court(), POLICY, claim_of(), Delivered("R-1"), NOW).reference == "R-1"
    assert judge(court(), POLICY, claim_of(), Accepted("T-1"), NOW).reference == "T-1"
    assert judge(court(), POLICY, claim_of(), Unavailable("HTTP_503: away"), NOW).detail == "HTTP_503: away"
    assert judge(court(), POLICY, claim_of(), Rejected("X", "no", ("a", "b")), NOW).detail == "no; a; b"
    assert judge(court(), POLICY, claim_of(), Rejected("X", "", ("a", "b")), NOW).detail == "a; b"
    assert judge(court(), POLICY, claim_of(), Rejected("X"), NOW).detail == ""


class TestBackOff:
    @pytest.mark.parametrize(
        ("failures", "full"), [(0, 1.0), (1, 2.0), (2, 4.0), (7, 128.0), (8, 256.0), (9, 300.0), (10, 300.0)]
    )
    def test_it_doubles_up_to_the_longest(self, failures: int, full: float) -> None:
        for chance, factor in ((0.0, 0.5), (0.5, 0.75), (1.0, 1.0)):
            verdict = judge(court(chance), POLICY, claim_of(failures=failures), Unavailable("x"), NOW)
            assert verdict.due_at == NOW + timedelta(seconds=full * factor)

    @given(st.integers(0, 10**6), st.floats(0, 1), st.floats(0.001, 3600), st.floats(0.001, 86_400))
    def test_it_stays_between_half_and_whole(self, failures: int, chance: float, first: float, longest: float) -> None:
        policy = replace(POLICY, attempts=2 * 10**6, first=first, longest=longest)
        verdict = judge(court(chance), policy, claim_of(failures=failures), Unavailable("x"), NOW)
        assert verdict.due_at is not None
        whole = min(longest, first * 2 ** min(failures, 30))
        seconds = (verdict.due_at - NOW).total_seconds()
        assert whole / 2 - 1e-5 <= seconds <= whole + 1e-5

    def test_the_far_sides_wish_can_only_lengthen_it(self) -> None:
        long = judge(court(), POLICY, claim_of(), Unavailable("x", retry_after=1000.0), NOW)
        short = judge(court(), POLICY, claim_of(failures=5), Unavailable("x", retry_after=0.1), NOW)
        assert long.due_at == NOW + timedelta(seconds=1000)
        assert short.due_at == NOW + timedelta(seconds=32)

    @pytest.mark.parametrize("wish", [1e18, 1e300, 300_000_000_000])
    def test_a_wish_beyond_all_time_is_a_wish_beyond_the_limit(self, wish: float) -> None:
        verdict = judge(court(), POLICY, claim_of(), Unavailable("x", retry_after=wish), NOW)
        assert (verdict.state, verdict.code) == (State.DEAD, "AGE_EXHAUSTED")


class TestLimits:
    @pytest.mark.parametrize("outcome", [Unavailable("x"), InDoubt("x")])
    def test_attempts(self, outcome: Outcome) -> None:
        last_but_one = judge(court(), POLICY, claim_of(failures=10), outcome, NOW)
        last = judge(court(), POLICY, claim_of(failures=11), outcome, NOW)
        assert last_but_one.state is State.WAITING
        assert (last.state, last.code, last.detail) == (State.DEAD, "ATTEMPTS_EXHAUSTED", "x")
        assert last.leaf is not None

    def test_only_what_counts_counts(self) -> None:
        verdict = judge(court(), POLICY, claim_of(failures=0, attempt=5000), Unavailable("x"), NOW)
        assert verdict.state is State.WAITING

    def test_age(self) -> None:
        inside = claim_of(accepted_at=NOW - POLICY.age + timedelta(seconds=1))
        outside = claim_of(accepted_at=NOW - POLICY.age + timedelta(seconds=0.9))
        assert judge(court(), POLICY, inside, Unavailable("x"), NOW).state is State.WAITING
        assert judge(court(), POLICY, outside, Unavailable("x"), NOW).code == "AGE_EXHAUSTED"

    def test_a_dead_letter_yields_where_the_destination_says_so(self) -> None:
        policy = replace(POLICY, dead_continues=True, attempts=1)
        assert judge(court(), policy, claim_of(), Unavailable("x"), NOW).yields


class TestImmediate:
    def test_the_first_ones_are_due_at_once_and_pauses_begin_after_them(self) -> None:
        policy = replace(POLICY, immediate=2)
        verdicts = [judge(court(), policy, claim_of(failures=n), Unavailable("x"), NOW) for n in range(4)]
        assert [one.at_once for one in verdicts] == [True, True, False, False]
        assert [one.due_at for one in verdicts[2:]] == [NOW + timedelta(seconds=n) for n in (1, 2)]
        assert all(one.counted for one in verdicts)

    @pytest.mark.parametrize("outcome", [Unavailable("x", retry_after=5.0), InDoubt("TIMED_OUT: x")])
    def test_not_against_the_far_sides_wish_and_not_in_doubt(self, outcome: Outcome) -> None:
        verdict = judge(court(), replace(POLICY, immediate=2), claim_of(), outcome, NOW)
        assert not verdict.at_once


class TestPoison:
    BROKEN = InDoubt("CONNECTOR_RAISED: ValueError stack 00")

    def test_what_broke_the_connector_has_a_count_of_its_own(self) -> None:
        verdict = judge(court(), POLICY, claim_of(failures=3), self.BROKEN, NOW)
        assert (verdict.state, verdict.counted, verdict.crashes, verdict.suspect) == (State.WAITING, False, 1, False)
        last = judge(court(), POLICY, replace(claim_of(), crashes=4), self.BROKEN, NOW)
        assert (last.state, last.code, last.detail) == (State.DEAD, "POISON", self.BROKEN.reason)
        assert last.leaf is not None

    def test_an_ordinary_end_clears_it(self) -> None:
        suspect = replace(claim_of(), crashes=4, suspect=True)
        for outcome in (Unavailable("x"), InDoubt("TIMED_OUT: x"), Accepted("T")):
            verdict = judge(court(), POLICY, suspect, outcome, NOW)
            assert (verdict.crashes, verdict.suspect) == (0, False)

    @pytest.mark.parametrize("reason", ["HOST_DIED: x", "HOST_NONSENSE: x", "OVERDUE: the connector's process x"])
    def test_who_was_under_way_when_a_process_ended_is_suspect(self, reason: str) -> None:
        verdict = judge(court(), POLICY, claim_of(), InDoubt(reason), NOW)
        assert (verdict.state, verdict.counted, verdict.suspect) == (State.WAITING, False, True)

    def test_a_process_that_is_not_up_costs_nobody_an_attempt_and_clears_nobody(self) -> None:
        claim = replace(claim_of(), crashes=2, suspect=True)
        verdict = judge(court(), POLICY, claim, Unavailable("HOST_RESTARTING: x", retry_after=3.0), NOW)
        assert (verdict.state, verdict.counted, verdict.crashes, verdict.suspect) == (State.WAITING, False, 2, True)
        assert verdict.due_at == NOW + timedelta(seconds=3)

    def test_what_killed_too_often_is_dead_without_being_sent(self) -> None:
        verdict = poisoned(court(), replace(POLICY, dead_continues=True), replace(claim_of(), crashes=5), NOW)
        assert (verdict.state, verdict.code, verdict.counted, verdict.yields) == (State.DEAD, "POISON", False, True)


class TestAnswered:
    ASKING = replace(POLICY, idempotency=Idempotency.QUERYABLE)

    def test_a_doubt_is_asked_about_after_a_while(self) -> None:
        verdict = judge(court(), self.ASKING, claim_of(), InDoubt("cut"), NOW)
        assert (verdict.state, verdict.ask_at, verdict.asked) == (State.IN_DOUBT, NOW + timedelta(seconds=5), 0)
        assert (
            judge(court(), replace(self.ASKING, idempotency=Idempotency.NONE), claim_of(), InDoubt("x"), NOW).ask_at
            is None
        )

    @pytest.mark.parametrize("answer", [Delivered("R"), Accepted("T"), Rejected("X", "no")])
    def test_the_far_sides_word_counts_as_if_it_had_been_the_answer_to_the_send(self, answer: Outcome) -> None:
        asked, sent = (
            answered(court(), self.ASKING, claim_of(), answer, NOW),
            judge(court(), self.ASKING, claim_of(), answer, NOW),
        )
        assert replace(asked, leaf=None) == replace(sent, leaf=None)

    def test_never_seen_is_due_at_once_within_its_budgets(self) -> None:
        again = answered(court(), self.ASKING, replace(claim_of(failures=11), crashes=1, suspect=True), NotSeen(), NOW)
        assert (again.state, again.due_at, again.counted, again.crashes, again.suspect) == (
            State.WAITING,
            NOW,
            False,
            1,
            True,
        )
        assert answered(court(), self.ASKING, claim_of(failures=12), NotSeen(), NOW).code == "ATTEMPTS_EXHAUSTED"
        assert answered(court(), self.ASKING, replace(claim_of(), crashes=5), NotSeen(), NOW).code == "POISON"

    @pytest.mark.parametrize("answer", [Unavailable("HTTP_503"), InDoubt("NOT_KNOWN_YET: x")])
    def test_no_word_leaves_it_open_less_and_less_often(self, answer: Outcome) -> None:
        for asked, pause in ((0, 10), (3, 80), (9, 600), (40, 600)):
            verdict = answered(court(), self.ASKING, replace(claim_of(), asked=asked), answer, NOW)
            assert (verdict.state, verdict.asked, verdict.counted) == (State.IN_DOUBT, asked + 1, False)
            assert verdict.ask_at == NOW + timedelta(seconds=pause)
        old = claim_of(accepted_at=NOW - self.ASKING.age)
        verdict = answered(court(), self.ASKING, old, answer, NOW)
        assert (verdict.state, verdict.code, verdict.ask_at) == (State.IN_DOUBT, "ASKED_IN_VAIN", None)

    def test_who_names_a_time_is_not_asked_before(self) -> None:
        verdict = answered(court(), self.ASKING, claim_of(), Unavailable("HTTP_429", retry_after=900.0), NOW)
        assert verdict.ask_at == NOW + timedelta(seconds=900)


def test_a_trial_in_vain_burns_nothing() -> None:
    verdict = tried_in_vain(claim_of(failures=11), "HTTP_503", NOW)
    assert (verdict.state, verdict.due_at, verdict.counted, verdict.at_once) == (State.WAITING, NOW, False, False)


def test_expired_is_final_and_proved() -> None:
    verdict = expired(court(), claim_of(), NOW)
    assert (verdict.state, verdict.code, verdict.due_at) == (State.EXPIRED, "EXPIRED", None)
    assert verdict.leaf is not None
    assert verdict.leaf.kind == "not_delivered"


def test_untouched_is_due_at_once_and_burns_nothing() -> None:
    verdict = untouched(claim_of(), NOW)
    assert (verdict.state, verdict.due_at, verdict.counted, verdict.leaf) == (State.WAITING, NOW, False, None)


def test_what_could_not_be_written_waits_for_a_person() -> None:
    verdict = unwritable(claim_of(), NOW)
    assert (verdict.state, verdict.code, verdict.due_at, verdict.leaf) == (State.IN_DOUBT, "UNWRITABLE", None, None)


def test_the_leaf_is_of_the_statement_it_carries() -> None:
    verdict = judge(court(), POLICY, claim_of(attempt=3), Delivered("R-1"), NOW)
    assert verdict.leaf is not None
    assert verdict.leaf.hash == leaf_hash("delivered", verdict.leaf.statement)
    said = orjson.loads(verdict.leaf.statement)
    assert (said["attempt"], said["state"], said["reference"]) == (3, "delivered", "R-1")


ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=[]), max_size=700)
ANY_OUTCOME = st.one_of(
    st.builds(Delivered, ANY_TEXT),
    st.builds(Accepted, ANY_TEXT),
    st.builds(Rejected, ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=5).map(tuple)),
    st.builds(Unavailable, ANY_TEXT, st.none() | st.floats(0, allow_infinity=False)),
    st.builds(InDoubt, ANY_TEXT),
)


@given(
    outcome=ANY_OUTCOME,
    idempotency=st.sampled_from(Idempotency),
    ordered=st.booleans(),
    goes_on=st.booleans(),
    failures=st.integers(0, 30),
    chance=st.floats(0, 1),
)
def test_every_outcome_under_every_policy_gives_what_the_journal_can_write(
    *, outcome: Outcome, idempotency: Idempotency, ordered: bool, goes_on: bool, failures: int, chance: float
) -> None:
    policy = replace(POLICY, idempotency=idempotency, ordered_completion=ordered, dead_continues=goes_on)
    verdict = judge(court(chance), policy, claim_of(failures=failures), outcome, NOW)

    for text in (verdict.code, verdict.detail, verdict.reference):
        assert "\x00" not in text
        assert len(text) <= 500
        text.encode()
    assert (verdict.due_at is not None) is (verdict.state is State.WAITING)
    assert verdict.due_at is None or NOW < verdict.due_at <= NOW + policy.age
    assert not (verdict.yields and verdict.state not in OPEN)
    assert (verdict.leaf is not None) is (verdict.state in {State.DELIVERED, State.DEAD})
    assert verdict.leaf is None or orjson.loads(verdict.leaf.statement)["code"] == verdict.code
    if isinstance(outcome, InDoubt) and idempotency is not Idempotency.NATIVE:
        assert verdict.state is State.IN_DOUBT, "never repeated blindly"
