# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What wants a person's eye, one alarm for each condition as long as it lasts: made of what health has found. 告警"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.health import Condition, Health


class Severity(StrEnum):
    """How much it hurts."""

    BLOCKED = "blocked"
    """Messages cannot be taken or delivered at all."""
    CONCERN = "concern"
    """Work goes on, and somebody should see to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One condition that is open. ``id`` stays the same as long as it lasts, on every hub that sees it; ``runbook`` is the page
    of the documents that says what to do.
    """

    id: str
    severity: Severity
    what: str
    destination: str | None
    source: str | None
    since: datetime
    reason: str
    runbook: str


_RUNBOOKS = {
    "answers": "dead-letters.md#what-is-not-answered",
    "breaker": "path.md#recovery",
    "bus": "observing.md",
    "certificates": "identities.md",
    "deadlines": "cases.md",
    "evidence": "evidence.md",
    "identity": "identities.md",
    "intake": "path.md#recovery",
    "journal": "observing.md",
    "parked": "cases.md#the-life-of-a-case-on-the-bus",
    "paused": "path.md#recovery",
    "revocation": "identities.md",
    "routes": "routing.md",
    "transactions": "transactions.md",
}


def alarms(health: Health, more: Iterable[Condition] = ()) -> Sequence[Alarm]:
    """Every alarm that is open, what blocks first, then the oldest first."""
    found = [
        *(_alarm(one, Severity.BLOCKED) for one in health.blocked),
        *(_alarm(one, Severity.CONCERN) for one in (*more, *health.concerns)),
    ]
    by_id = {one.id: one for one in reversed(found)}
    return sorted(by_id.values(), key=lambda one: (one.severity is Severity.CONCERN, one.since, one.id))


def _alarm(one: Condition, severity: Severity) -> Alarm:
    named = "\0".join([one.what, one.destination or "", one.source or "", one.reason if one.what == "identity" else ""])
    return Alarm(
        id=hashlib.sha256(named.encode()).hexdigest()[:16],
        severity=severity,
        what=one.what,
        destination=one.destination,
        source=one.source,
        since=one.since,
        reason=one.reason,
        runbook=_RUNBOOKS.get(one.what, "observing.md"),
    )
