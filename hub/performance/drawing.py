# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of a period out of the journal and its archive: whatever they hold, each statement reads a bounded number of rows.

The messages of the period are walked along their ids, which are in the order of time; a case that said something that counts
is then read whole, once. Costs two small queries for each such case, and the reading of the months that are in the archive.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson

from contracts.legal_clock.deadlines import YearUnknown
from hub.archive.case_files import CaseFiles
from hub.legal_clock import LegalClock
from hub.performance.counting import DECISIVE, READ, Counted, count
from hub.performance.figures import Figures
from hub.performance.period import Period
from hub.ports.ids import first_of
from hub.ports.journal import JournalDown
from hub.ports.materials import StoreDown

_ROWS = 5000
_AT_A_TIME = 16
_EARLY = timedelta(days=1)
"""A sender's clock may be ahead of ours."""


async def draw(
    files: CaseFiles, clock: LegalClock, period: Period, drawn_at: datetime
) -> Figures | YearUnknown | JournalDown | StoreDown:
    """The figures of a period by all that was accepted before ``drawn_at``; the same for the same arguments, always, for as long
    as the archive keeps those months.
    """
    figures, seen = Figures(period, drawn_at), set[str]()
    after, end = first_of(period.begins - _EARLY), first_of(drawn_at)
    while True:
        page = await files.journal.lookups.said(DECISIVE, after, end, _ROWS)
        if isinstance(page, JournalDown):
            return page
        if trouble := await _add(files, clock, figures, sorted(set(page.cases) - seen)):
            return trouble
        seen.update(page.cases)
        if page.last is None:
            break
        after = page.last
    # Only now: what leaves the journal during the walk is in the archive by then.
    archived = await files.archived_cases(DECISIVE, period.begins - _EARLY, drawn_at)
    if not isinstance(archived, set):
        return archived
    return await _add(files, clock, figures, sorted(archived - seen)) or figures


async def _add(
    files: CaseFiles, clock: LegalClock, figures: Figures, cases: Sequence[str]
) -> YearUnknown | JournalDown | StoreDown | None:
    for place in range(0, len(cases), _AT_A_TIME):
        some = cases[place : place + _AT_A_TIME]
        for one in await asyncio.gather(*(_counted(files, clock, figures, case) for case in some)):
            match one:
                case Counted():
                    figures.add(one)
                case None:
                    pass
                case trouble:
                    return trouble
    return None


async def _counted(
    files: CaseFiles, clock: LegalClock, figures: Figures, case: str
) -> Counted | YearUnknown | JournalDown | StoreDown | None:
    found = await files.before(case, first_of(figures.drawn_at), READ)
    if isinstance(found, JournalDown | StoreDown):
        return found
    told = [(one.contract, orjson.loads(one.canonical)) for one in reversed(found)]
    return count(told, clock, figures.period)
