# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which cases breach their promised or legal period if a destination stays down (时限预警), by what it would then not know.

A case is as the destination sees it: a completion that has not arrived there stops no clock. Nothing of this is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.legal_clock.deadlines import Deadline, Limit, YearUnknown
from contracts.lifecycle.message import Kind
from contracts.lifecycle.standing import Ticking
from hub.legal_clock import LegalClock
from hub.ports.journal import Dockets, JournalDown, WaitingCase

MOST = 20_000
"""Cases that one look goes through; a day's work of a province's destination."""

_AT_A_TIME = 500
_STOPPING = frozenset({Kind.COMPLETION.value, Kind.LICENCE.value, Kind.COLLECTION.value})


@dataclass(frozen=True, slots=True)
class Breach:
    """A last day of a case that ends by then. ``over``: it has ended already."""

    case: str
    deadline: Deadline
    runs_out: datetime
    over: bool

    @property
    def limit(self) -> Limit:
        return self.deadline.limit


@dataclass(frozen=True, slots=True)
class Outlook:
    """What was found at one destination: ``looked`` cases wait for it; of the ``unreckoned`` nobody can tell, since the calendar
    lacks the year ``unknown``, or a part of them is archived. ``more``: there are more cases than one look goes through.
    """

    destination: str
    by: datetime
    breaches: tuple[Breach, ...]
    looked: int
    unreckoned: int = 0
    unknown: int | None = None
    more: bool = False

    @property
    def coming(self) -> int:
        """Cases that are not late yet, and will be."""
        return len({one.case for one in self.breaches if not one.over})


async def outlook(
    dockets: Dockets, clock: LegalClock, destination: str, by: datetime, now: datetime
) -> Outlook | JournalDown:
    """Every case that would breach by then, the most urgent first."""
    found: list[Breach] = []
    told = Outlook(destination, by, (), 0)
    after = ""
    while told.looked < MOST:
        page = await dockets.waiting_at(destination, after, _AT_A_TIME)
        if isinstance(page, JournalDown):
            return page
        for one in page:
            breaches = _breaches(clock, one, by, now)
            if isinstance(breaches, YearUnknown):
                told = replace(told, unreckoned=told.unreckoned + 1, unknown=breaches.year)
            else:
                found += breaches
                told = replace(told, unreckoned=told.unreckoned + (one.archived and not breaches))
        told = replace(told, looked=told.looked + len(page))
        if len(page) < _AT_A_TIME:
            return replace(told, breaches=_sorted(found))
        after = page[-1].case
    return replace(told, breaches=_sorted(found), more=True)


def _breaches(clock: LegalClock, one: WaitingCase, by: datetime, now: datetime) -> Sequence[Breach] | YearUnknown:
    untold = one.missing & _STOPPING
    facts = clock.facts(record for record in one.records if record.contract not in untold)
    reckoned = clock.reckon(facts, now)
    if isinstance(reckoned, YearUnknown):
        return reckoned
    if reckoned.ticking is not Ticking.RUNNING:
        return ()
    ends = ((deadline, clock.runs_out(deadline)) for deadline in reckoned.deadlines)
    return [Breach(one.case, deadline, end, end <= now) for deadline, end in ends if end <= by]


def _sorted(found: Sequence[Breach]) -> tuple[Breach, ...]:
    return tuple(sorted(found, key=lambda one: (one.runs_out, one.case, one.limit.value)))
