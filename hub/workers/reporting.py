# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Performance reports at work (绩效报告): each period is reported once, by whichever hub looks first.

How far the reports have come stands in the journal. A hub that dies in the middle leaves the period to the next one, which
draws the same figures as of the same moment and sends them under the same ids: what was accepted already is a duplicate.
"""

from collections.abc import Sequence
from typing import Any, Never

from contracts.bindings.http import write_structured
from contracts.cloudevent import CloudEvent
from contracts.families.oversight.performance_reported import CONTRACT
from contracts.legal_clock.deadlines import YearUnknown
from contracts.refusal import Refusal
from hub.config.performance import PerformanceSection
from hub.passage import Received
from hub.path import accept_all
from hub.performance.drawing import draw
from hub.performance.figures import Figures
from hub.ports.journal import JournalDown
from hub.ports.materials import StoreDown
from hub.running import Hub

_TICK = 60.0
_AT_A_TIME = 50
_SAID_BEFORE = frozenset({"E_ID_REUSE", "E_TOO_OLD"})
CHORE = "performance"


async def report(hub: Hub) -> Never:
    """Until cancelled; does nothing without the section."""
    while True:
        if hub.performance is not None:
            await look(hub, hub.performance, await report_once(hub, hub.performance))
        await hub.clock.sleep(_TICK)


async def report_once(hub: Hub, section: PerformanceSection, every: float = _TICK) -> str:
    """The next period that is due, if there is one. What kept it from being sent; empty: nothing, or it is another hub's turn."""
    schedule = section.schedule
    async with hub.journal.chores.turn(CHORE, every) as turn:
        if turn is None or isinstance(turn, JournalDown):
            return ""
        period = schedule.due(turn.reached, hub.clock.now())
        if period is not None:
            drawn = await draw(hub.case_files, hub.legal_clock, period, schedule.drawn_at(period))
            if not isinstance(drawn, Figures):
                hub.log.error("no performance report", until=str(period.last), reason=str(drawn))
                return _kept_by(drawn)
            if refused := await _told(hub, section.system, drawn):
                return refused
            turn.reached = period.last.isoformat()
        turn.done = True
    return ""


async def look(hub: Hub, section: PerformanceSection, trouble: str) -> None:
    """Whether a report is overdue, whoever should have sent it; ``trouble``: why this hub has not."""
    reached = await hub.journal.chores.reached(CHORE)
    if isinstance(reached, JournalDown):
        return
    period = section.schedule.due(reached, hub.clock.now())
    due_at = None if period is None else section.schedule.drawn_at(period)
    hub.reports.look(period, due_at, trouble, hub.clock.now())


def _kept_by(trouble: YearUnknown | JournalDown | StoreDown) -> str:
    match trouble:
        case YearUnknown(year):
            return f"the calendar has no year {year}"
        case JournalDown():
            return "the journal is away"
        case StoreDown():
            return "the archive is away, or a file of it is damaged"


async def _told(hub: Hub, system: str, figures: Figures) -> str:
    """Empty once all of it stands in the journal; else the code of what was refused."""
    reports = list(figures.reports(hub.legal_clock.green))
    for place in range(0, len(reports), _AT_A_TIME):
        if refused := await _sent(hub, system, reports[place : place + _AT_A_TIME], figures):
            return refused
    hub.log.info("performance reported", until=str(figures.period.last), departments=len(reports), cases=figures.cases)
    if figures.nameless:
        hub.log.warning("cases without a department", until=str(figures.period.last), cases=figures.nameless)
    return ""


async def _sent(hub: Hub, system: str, reports: Sequence[dict[str, Any]], figures: Figures) -> str:
    events = [
        CloudEvent(
            id=data["report_no"],
            source=system,
            type=CONTRACT.type,
            subject=data["report_no"],
            dataschema=CONTRACT.schema_uri,
            time=figures.drawn_at,
            data=data,
        )
        for data in reports
    ]
    answers = await accept_all(hub, system, [(one, Received(*write_structured(one))) for one in events])
    refused = [one for one in answers if isinstance(one, Refusal) and one.code not in _SAID_BEFORE]
    for one in refused:
        hub.log.error("performance report refused", code=one.code)
    return refused[0].code if refused else ""
