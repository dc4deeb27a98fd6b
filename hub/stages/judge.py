# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What follows from an outcome: final, dead, in doubt, or again at once or later. 判定

Three budgets bound a delivery, all counted in the journal: attempts that count, its age, and the sends in a row that broke the
connector or the process (poison). A send that ends in any ordinary way clears the last.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from certs.receipt import outcome_statement
from connectors.sdk import (
    Accepted,
    Delivered,
    Idempotency,
    InDoubt,
    NotSeen,
    Outcome,
    QueryOutcome,
    Rejected,
    Unavailable,
)
from connectors.sdk.guard import broke, ended_its_process
from contracts.conversion import Loss
from hub.filling import Filled
from hub.limiting import LeftOut
from hub.policy import Court, Policy
from hub.ports.journal import Claim, Leaf, Settlement, State

_LONGEST_TEXT = 500
_HOST = "HOST_"
_OUR_BUG = "HUB_RAISED:"


def _told_of(losses: Sequence[Loss]) -> str:
    withheld = dict.fromkeys(one.path for one in losses if isinstance(one, LeftOut))
    filled = dict.fromkeys(one.path for one in losses if isinstance(one, Filled))
    lost = dict.fromkeys(one.path for one in losses if not isinstance(one, LeftOut | Filled))
    told = {"LEFT_OUT": withheld, "FILLED": filled, "LOST": lost}
    return "; ".join(f"{what}: {', '.join(paths)}" for what, paths in told.items() if paths)


def judge(
    court: Court, policy: Policy, claim: Claim, outcome: Outcome, now: datetime, losses: Sequence[Loss] = ()
) -> Settlement:
    """Exhaustive over the outcomes. In doubt is repeated only where the far side keeps the idempotency key.

    ``losses`` are what the destination's version or dialect could not say, and what is not for its purpose: told with a
    delivery that succeeded.
    """
    match outcome:
        case Delivered(receipt):
            return _learning(policy, _final(court, claim, State.DELIVERED, "DELIVERED", _told_of(losses), receipt, now))
        case Accepted(reference):
            return _learning(policy, _accepted(court, policy, claim, reference, now, losses))
        case Rejected(code, detail, violations):
            told = "; ".join([detail, *violations] if detail else violations)
            return _dead(court, policy, claim, code, told, now)
        case Unavailable(reason, retry_after) if reason.startswith(_HOST):
            # The connector's process is not up: that is nothing this message did.
            return _restarting(court, policy, claim, reason, retry_after, now)
        case Unavailable(reason, retry_after):
            return _again(court, policy, claim, "UNAVAILABLE", reason, retry_after, now)
        case InDoubt(reason):
            return _doubtful(court, policy, claim, reason, now)
        case _:
            assert_never(outcome)


def _learning(policy: Policy, settlement: Settlement) -> Settlement:
    """With what the far side calls the case, if it says so."""
    if policy.learns is None:
        return settlement
    number = policy.learns.number(settlement.claim.contract, settlement.reference)
    return replace(settlement, learned=(policy.learns.system, number)) if number else settlement


def answer_given(
    court: Court,
    policy: Policy,
    reference: str,
    outcome: Delivered | Rejected,
    claim: Claim,
    now: datetime,
    losses: Sequence[Loss] = (),
) -> Settlement:
    """What follows from the final answer to what was accepted under that reference: its proof where there is no other."""
    match outcome:
        case Delivered(receipt=""):
            return judge(court, policy, claim, Delivered(reference), now, losses)
        case Rejected(code, detail) if code in policy.expiries:
            return _final(court, claim, State.EXPIRED, code, detail, "", now)
        case _:
            return judge(court, policy, claim, outcome, now, losses)


def answered(court: Court, policy: Policy, claim: Claim, answer: QueryOutcome, now: datetime) -> Settlement:
    """What follows when the far side was asked about a doubt. Its word settles it; no word leaves it open, but not for ever."""
    match answer:
        case Delivered() | Accepted() | Rejected():
            return judge(court, policy, claim, answer, now)
        case NotSeen() if claim.reference:
            detail = f"accepted under {claim.reference}, and now the far side says that it never had it"
            return _settlement(claim, State.IN_DOUBT, "ACCEPTED_NOT_SEEN", detail, "", now, counted=False)
        case Unavailable(reason) | InDoubt(reason) if claim.reference:
            return _accepted(court, policy, claim, claim.reference, now, told=f"asked: {reason}")
        case NotSeen():
            if claim.crashes >= policy.poison:
                return poisoned(court, policy, claim, now)
            if claim.failures >= policy.attempts:
                return _dead(court, policy, claim, "ATTEMPTS_EXHAUSTED", "never seen by the far side", now)
            return _settlement(
                claim, State.WAITING, "NOT_SEEN", "the far side never had it: sent again", "", now,
                counted=False, due_at=now, crashes=claim.crashes, suspect=claim.suspect,
            )  # fmt: skip
        case Unavailable(reason, retry_after):
            return _to_be_asked(
                court, policy, claim, f"cannot be asked: {reason}", now, retry_after, asked=claim.asked + 1
            )
        case InDoubt(reason):
            return _to_be_asked(court, policy, claim, f"asked: {reason}", now, None, asked=claim.asked + 1)
        case _:
            assert_never(answer)


def poisoned(court: Court, policy: Policy, claim: Claim, now: datetime) -> Settlement:
    """Claimed and not sent: the sends before broke the connector or killed the process, every one."""
    detail = f"{claim.crashes} sends in a row ended the process that made them"
    return _dead(court, policy, claim, "POISON", detail, now, counted=False, crashes=claim.crashes)


def tried_in_vain(claim: Claim, reason: str, now: datetime) -> Settlement:
    """A destination that is shut was tried with it and is still away: no attempt burnt, its turn is as before."""
    return _settlement(claim, State.WAITING, "UNAVAILABLE", reason, "", now, counted=False, due_at=now)


def expired(court: Court, claim: Claim, now: datetime) -> Settlement:
    """Its ``expirytime`` passed before it could be sent."""
    return _final(court, claim, State.EXPIRED, "EXPIRED", "", "", now)


def untouched(claim: Claim, now: datetime) -> Settlement:
    """Claimed and not sent after all (the lease ran out): due again at once, no attempt burnt."""
    return _settlement(
        claim, State.WAITING, "LEASE_LOST", "", "", now,
        counted=False, due_at=now, crashes=claim.crashes, suspect=claim.suspect,
    )  # fmt: skip


def postponed(court: Court, policy: Policy, claim: Claim, seconds: float, now: datetime) -> Settlement:
    """The department asked for it later: no attempt burnt, but not for ever."""
    due_at = now + timedelta(seconds=seconds)
    if due_at - claim.since > policy.age:
        return _dead(court, policy, claim, "AGE_EXHAUSTED", "postponed by the department", now)
    return _settlement(claim, State.WAITING, "POSTPONED", "", "", now, counted=False, due_at=due_at)


def unwritable(claim: Claim, now: datetime) -> Settlement:
    """The journal refused the settlement itself: what happened is in the log, and a person decides."""
    return _settlement(claim, State.IN_DOUBT, "UNWRITABLE", "", "", now)


def _accepted(
    court: Court,
    policy: Policy,
    claim: Claim,
    reference: str,
    now: datetime,
    losses: Sequence[Loss] = (),
    told: str = "",
) -> Settlement:
    """Taken, and the final answer comes later; asked about when it is not in by then, less and less often."""
    due = now + timedelta(seconds=policy.answer_within) if policy.answer_within is not None else None
    asked = claim.asked + 1 if claim.reference else 0
    ask_at = None
    if due is not None and policy.idempotency is Idempotency.QUERYABLE:
        again = now + timedelta(seconds=_doubled(asked, policy.ask_first, policy.ask_longest))
        ask_at = again if claim.reference else due
    return _settlement(
        claim, State.ACCEPTED, "ACCEPTED", told, reference, now,
        counted=False, yields=not policy.ordered_completion, asked=asked, ask_at=ask_at, answer_due=due,
        on_answer=_once_answered(court, policy, claim, reference, now, losses) if reference else None,
    )  # fmt: skip


def _once_answered(
    court: Court, policy: Policy, claim: Claim, reference: str, now: datetime, losses: Sequence[Loss] = ()
) -> Callable[[Delivered | Rejected], Settlement] | None:
    """What is written instead where the final answer has come already."""
    if not policy.answered_later:
        return None
    return lambda outcome: answer_given(court, policy, reference, outcome, claim, now, losses)


def _doubtful(court: Court, policy: Policy, claim: Claim, reason: str, now: datetime) -> Settlement:
    """Perhaps taken. Repeated only where the far side keeps the key, asked about only where it can be asked."""
    broken = broke(reason) or reason.startswith(_OUR_BUG)
    crashes = claim.crashes + 1 if broken else 0
    suspect = ended_its_process(reason)
    match policy.idempotency:
        case Idempotency.NATIVE if broken and crashes >= policy.poison:
            return _dead(court, policy, claim, "POISON", reason, now, counted=False, crashes=crashes)
        case Idempotency.NATIVE if broken:
            wait = _pause(court, crashes, policy.first, policy.longest)
            return _later(
                court, policy, claim, "IN_DOUBT", reason, wait, now, counted=False, crashes=crashes, suspect=suspect
            )
        case Idempotency.NATIVE:
            return _again(court, policy, claim, "IN_DOUBT", reason, None, now)
        case Idempotency.QUERYABLE:
            return _to_be_asked(
                court, policy, claim, reason, now, None, asked=0, counted=not broken, crashes=crashes, suspect=suspect
            )
        case Idempotency.NONE:
            return _settlement(
                claim, State.IN_DOUBT, "IN_DOUBT", reason, "", now,
                crashes=crashes, on_answer=_once_answered(court, policy, claim, str(claim.delivery_id), now),
            )  # fmt: skip


def _to_be_asked(
    court: Court,
    policy: Policy,
    claim: Claim,
    reason: str,
    now: datetime,
    retry_after: float | None,
    *,
    asked: int,
    counted: bool = False,
    crashes: int | None = None,
    suspect: bool | None = None,
) -> Settlement:
    """In doubt until the far side says; asked less and less often, and past its age it waits for a person."""
    wait = max(_doubled(asked, policy.ask_first, policy.ask_longest), retry_after or 0.0)
    in_time = _age(claim, now) + wait <= policy.age.total_seconds()
    return _settlement(
        claim,
        State.IN_DOUBT,
        "IN_DOUBT" if in_time else "ASKED_IN_VAIN",
        reason,
        "",
        now,
        counted=counted,
        crashes=claim.crashes if crashes is None else crashes,
        suspect=claim.suspect if suspect is None else suspect,
        asked=asked,
        ask_at=now + timedelta(seconds=wait) if in_time else None,
        on_answer=_once_answered(court, policy, claim, str(claim.delivery_id), now),
    )


def _again(
    court: Court, policy: Policy, claim: Claim, code: str, reason: str, retry_after: float | None, now: datetime
) -> Settlement:
    failures = claim.failures + 1
    if failures >= policy.attempts:
        return _dead(court, policy, claim, "ATTEMPTS_EXHAUSTED", reason, now)
    if code == "UNAVAILABLE" and failures <= policy.immediate and retry_after is None:
        return _later(court, policy, claim, code, reason, 0.0, now)
    backoff = _pause(court, failures - policy.immediate, policy.first, policy.longest)
    return _later(court, policy, claim, code, reason, max(backoff, retry_after or 0.0), now)


def _restarting(
    court: Court, policy: Policy, claim: Claim, reason: str, retry_after: float | None, now: datetime
) -> Settlement:
    wait = max(retry_after or 0.0, _pause(court, 1, policy.first, policy.longest))
    return _later(
        court, policy, claim, "UNAVAILABLE", reason, wait, now,
        counted=False, crashes=claim.crashes, suspect=claim.suspect,
    )  # fmt: skip


def _later(
    court: Court,
    policy: Policy,
    claim: Claim,
    code: str,
    reason: str,
    wait: float,
    now: datetime,
    *,
    counted: bool = True,
    crashes: int = 0,
    suspect: bool = False,
) -> Settlement:
    """It waits so many seconds, unless it grows too old by then."""
    if _age(claim, now) + wait > policy.age.total_seconds():  # a wish may be beyond all time
        return _dead(court, policy, claim, "AGE_EXHAUSTED", reason, now, counted=counted)
    due_at = now + timedelta(seconds=wait)
    return _settlement(
        claim, State.WAITING, code, reason, "", now, counted=counted, due_at=due_at, crashes=crashes, suspect=suspect
    )


def _age(claim: Claim, now: datetime) -> float:
    return (now - claim.since).total_seconds()


def _doubled(times: int, first: float, longest: float) -> float:
    return min(longest, first * 2.0 ** min(times, 30))


def _pause(court: Court, failures: int, first: float, longest: float) -> float:
    """After so many failures, beginning with 1: doubled up to the longest, and somewhere between half of it and the whole."""
    return _doubled(max(failures, 1) - 1, first, longest) * (0.5 + court.chance() / 2)


def _dead(
    court: Court,
    policy: Policy,
    claim: Claim,
    code: str,
    detail: str,
    now: datetime,
    *,
    counted: bool = True,
    crashes: int = 0,
) -> Settlement:
    leaf = _leaf(court, claim, State.DEAD, code, "", now)
    return _settlement(
        claim, State.DEAD, code, detail, "", now,
        counted=counted, yields=policy.dead_continues, leaf=leaf, crashes=crashes,
    )  # fmt: skip


def _final(
    court: Court, claim: Claim, state: State, code: str, detail: str, reference: str, now: datetime
) -> Settlement:
    return _settlement(
        claim, state, code, detail, reference, now, leaf=_leaf(court, claim, state, code, reference, now)
    )


def _leaf(court: Court, claim: Claim, state: State, code: str, reference: str, now: datetime) -> Leaf:
    statement = outcome_statement(
        hub=court.hub,
        message_id=claim.message_id,
        delivery_id=claim.delivery_id,
        destination=claim.destination,
        attempt=claim.attempt,
        state=state.value,
        code=_clean(code),
        reference=_clean(reference),
        settled_at=now,
        positive=state is State.DELIVERED,
    )
    return Leaf(court.ids.new(), statement.kind, statement.body, statement.hash)


def _settlement(
    claim: Claim,
    state: State,
    code: str,
    detail: str,
    reference: str,
    now: datetime,
    *,
    counted: bool = True,
    yields: bool = False,
    due_at: datetime | None = None,
    leaf: Leaf | None = None,
    crashes: int = 0,
    suspect: bool = False,
    asked: int = 0,
    ask_at: datetime | None = None,
    answer_due: datetime | None = None,
    on_answer: Callable[[Delivered | Rejected], Settlement] | None = None,
) -> Settlement:
    return Settlement(
        claim=claim,
        state=state,
        code=_clean(code),
        detail=_clean(detail),
        reference=_clean(reference),
        ended_at=now,
        due_at=due_at,
        counted=counted,
        yields=yields,
        leaf=leaf,
        crashes=crashes,
        suspect=suspect,
        asked=asked,
        ask_at=ask_at,
        answer_due=answer_due,
        on_answer=on_answer,
    )


def _clean(text: str) -> str:
    """What far sides say, bounded and storable: PostgreSQL takes neither NUL nor lone surrogates."""
    if len(text) <= _LONGEST_TEXT and text.isascii() and text.isprintable():  # nearly all are
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:_LONGEST_TEXT]
