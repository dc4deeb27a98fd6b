# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What follows from an outcome: final, dead, in doubt, or again later. 判定"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from certs.receipt import outcome_statement
from connectors.sdk import Accepted, Delivered, Idempotency, InDoubt, Outcome, Rejected, Unavailable
from contracts.conversion import Loss
from hub.ports.ids import Ids
from hub.ports.journal import Claim, Leaf, Settlement, State

_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Policy:
    """When to try again and what a dead letter does to its lane. Counted in the journal, never in the broker."""

    attempts: int
    age: timedelta
    first: float
    longest: float
    idempotency: Idempotency
    ordered_completion: bool
    dead_continues: bool


@dataclass(frozen=True, slots=True)
class Court:
    """What judging needs beside the case: who we are, ids for leaves, and chance between 0 and 1 for the jitter."""

    hub: str
    ids: Ids
    chance: Callable[[], float]


def judge(
    court: Court, policy: Policy, claim: Claim, outcome: Outcome, now: datetime, losses: Sequence[Loss] = ()
) -> Settlement:
    """Exhaustive over the outcomes. In doubt is repeated only where the far side keeps the idempotency key.

    ``losses`` are what the destination's version or dialect could not say: told with a delivery that succeeded.
    """
    match outcome:
        case Delivered(receipt):
            lost = f"LOST: {', '.join(dict.fromkeys(one.path for one in losses))}" if losses else ""
            return _final(court, claim, State.DELIVERED, "DELIVERED", lost, receipt, now)
        case Accepted(reference):
            return _settlement(
                claim,
                State.ACCEPTED,
                "ACCEPTED",
                "",
                reference,
                now,
                counted=False,
                yields=not policy.ordered_completion,
            )
        case Rejected(code, detail, violations):
            told = "; ".join([detail, *violations] if detail else violations)
            return _dead(court, policy, claim, code, told, now)
        case Unavailable(reason, retry_after):
            return _again(court, policy, claim, "UNAVAILABLE", reason, retry_after, now)
        case InDoubt(reason):
            if policy.idempotency is Idempotency.NATIVE:
                return _again(court, policy, claim, "IN_DOUBT", reason, None, now)
            return _settlement(claim, State.IN_DOUBT, "IN_DOUBT", reason, "", now)
        case _:
            assert_never(outcome)


def expired(court: Court, claim: Claim, now: datetime) -> Settlement:
    """Its ``expirytime`` passed before it could be sent."""
    return _final(court, claim, State.EXPIRED, "EXPIRED", "", "", now)


def untouched(claim: Claim, now: datetime) -> Settlement:
    """Claimed and not sent after all (the lease ran out): due again at once, no attempt burnt."""
    return _settlement(claim, State.WAITING, "LEASE_LOST", "", "", now, counted=False, due_at=now)


def postponed(court: Court, policy: Policy, claim: Claim, seconds: float, now: datetime) -> Settlement:
    """The department asked for it later: no attempt burnt, but not for ever."""
    due_at = now + timedelta(seconds=seconds)
    if due_at - claim.since > policy.age:
        return _dead(court, policy, claim, "AGE_EXHAUSTED", "postponed by the department", now)
    return _settlement(claim, State.WAITING, "POSTPONED", "", "", now, counted=False, due_at=due_at)


def unwritable(claim: Claim, now: datetime) -> Settlement:
    """The journal refused the settlement itself: what happened is in the log, and a person decides."""
    return _settlement(claim, State.IN_DOUBT, "UNWRITABLE", "", "", now)


def _again(
    court: Court, policy: Policy, claim: Claim, code: str, reason: str, retry_after: float | None, now: datetime
) -> Settlement:
    failures = claim.failures + 1
    if failures >= policy.attempts:
        return _dead(court, policy, claim, "ATTEMPTS_EXHAUSTED", reason, now)
    backoff = min(policy.longest, policy.first * 2 ** min(failures - 1, 30)) * (0.5 + court.chance() / 2)
    wait = max(backoff, retry_after or 0.0)
    if (now - claim.since).total_seconds() + wait > policy.age.total_seconds():  # a wish may be beyond all time
        return _dead(court, policy, claim, "AGE_EXHAUSTED", reason, now)
    due_at = now + timedelta(seconds=wait)
    return _settlement(claim, State.WAITING, code, reason, "", now, due_at=due_at)


def _dead(court: Court, policy: Policy, claim: Claim, code: str, detail: str, now: datetime) -> Settlement:
    leaf = _leaf(court, claim, State.DEAD, code, "", now)
    return _settlement(claim, State.DEAD, code, detail, "", now, yields=policy.dead_continues, leaf=leaf)


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
    )


def _clean(text: str) -> str:
    """What far sides say, bounded and storable: PostgreSQL takes neither NUL nor lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:_LONGEST_TEXT]
