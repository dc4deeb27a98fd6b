# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How the missing materials of a case stand, from what has joined: a pure table.

    the lists           see :mod:`hub.processors.supplementing.lists`; a material in several is the first one's
    by when             the last notice of correction that names it and a day; else its list's day; else the settings, counted
                        from the list
    supplied            a correction or a material of that name came, at or after its list
    overdue             its last day is over, an extension included

A day is over when its work ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from contracts.codes import SupplementNews, SupplementStanding
from contracts.families.fields import BEIJING
from contracts.legal_clock.deadlines import YearUnknown
from hub.legal_clock import LegalClock
from hub.ports.journal import Process
from hub.processors.supplementing.config import SupplementingConfig
from hub.processors.supplementing.lists import MissingList, Told, known, lists_of, moment_of

ASKED = "cn.gov.correction.requested"
CORRECTION = "cn.gov.correction.supplied"
MATERIAL = "cn.gov.material.supplied"
COMPLETION = "cn.gov.completion.decided"


@dataclass(frozen=True, slots=True)
class Missing:
    """One material. ``due_on`` None: nobody can tell it. ``supplied_at`` as its message wrote it."""

    name: str
    standing: SupplementStanding
    due_on: date | None
    asked_by: str | None
    asked_at: str
    supplied_at: str | None = None
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Supplement:
    """A case whose materials may follow. ``said``: what its acceptance says, or else its first opinion with a list, as an
    acceptance would; ``consequences`` those that its lists tell. ``ordinal`` grows with every list, corrected ones too;
    ``unknown_year``: a last day is missing for want of that year's calendar. ``next_end``: when the next material is late.
    """

    said: Mapping[str, Any]
    consequences: Sequence[str]
    ordinal: int
    materials: Sequence[Missing]
    closed: bool
    unknown_year: int | None
    next_end: datetime | None

    def count(self, standing: SupplementStanding) -> int:
        """Materials that stand so."""
        return sum(one.standing is standing for one in self.materials)

    @property
    def lacking(self) -> Sequence[Missing]:
        """What has not come yet."""
        return [one for one in self.materials if one.standing is not SupplementStanding.SUPPLIED]

    @property
    def news(self) -> SupplementNews:
        """What is to be told of it."""
        if not self.lacking:
            return SupplementNews.COMPLETE
        if self.count(SupplementStanding.OVERDUE):
            return SupplementNews.OVERDUE
        if any(one.extended for one in self.lacking):
            return SupplementNews.EXTENDED
        return SupplementNews.SUPPLIED if self.count(SupplementStanding.SUPPLIED) else SupplementNews.ASKED


def supplement(config: SupplementingConfig, clock: LegalClock, process: Process, now: datetime) -> Supplement | None:
    """How the case stands at a moment; None: nothing of it may follow, as far as is known."""
    told: Told = list(_told(process))
    found = lists_of(told)
    if not found.lists:
        return None
    table = _Table(config, clock, told, found.said.get("item_code", ""), now)
    named: dict[str, tuple[str, MissingList]] = {}
    for one in found.lists:
        for name in one.names:
            named.setdefault(known(name), (name, one))
    materials = [table.missing(name, of) for name, of in named.values()]
    ends = [table.end(one.due_on) for one in materials if one.standing is SupplementStanding.AWAITED and one.due_on]
    return Supplement(
        found.said,
        list(dict.fromkeys(one.consequence for one in found.lists if one.consequence)),
        found.ordinal,
        materials,
        any(contract == COMPLETION for contract, _ in told),
        table.unknown_year,
        min(ends, default=None),
    )


class _Table:
    def __init__(self, config: SupplementingConfig, clock: LegalClock, told: Told, item: str, now: datetime) -> None:
        self._config = config
        self._clock = clock
        self._now = now
        self._item = item
        self._supplied = list(_supplies(told))
        self._asked = {name: (data, day) for name, data, day in _notices(told)}
        self.unknown_year: int | None = None

    def missing(self, name: str, of: MissingList) -> Missing:
        notice, due_on = self._asked.get(known(name), ({}, None))
        at = notice.get("requested_at") or of.written_at
        by = notice.get("department_name") or of.by
        came = [written for one, written in self._supplied if one == known(name) and moment_of(written) >= of.at]
        if came:
            return Missing(name, SupplementStanding.SUPPLIED, due_on or self._first_day(of), by, at, came[-1])
        due_on = due_on or self._first_day(of)
        extended = False
        if due_on is not None and self._config.overdue == "extend" and self._now >= self.end(due_on):
            later = self._reckoned(self.end(due_on), self._config.extension_working_days)
            extended, due_on = later is not None, later or due_on
        late = due_on is not None and self._now >= self.end(due_on)
        standing = SupplementStanding.OVERDUE if late else SupplementStanding.AWAITED
        return Missing(name, standing, due_on, by, at, extended=extended)

    def end(self, day: date) -> datetime:
        """When its work ends."""
        return datetime.combine(day, self._clock.closes, BEIJING)

    def _first_day(self, of: MissingList) -> date | None:
        return of.due_on or self._reckoned(of.at, self._config.days(self._item))

    def _reckoned(self, begun: datetime, days: int) -> date | None:
        match self._clock.last_day(begun, self._clock.green.working_days(self._item, days)):
            case YearUnknown(year):
                self.unknown_year = year
                return None
            case day:
                return day


def _supplies(told: Told) -> Iterator[tuple[str, str]]:
    """What came, and when it did, as it was written; the last of each name counts."""
    for contract, data in told:
        if contract not in (CORRECTION, MATERIAL):
            continue
        for one in data["materials"] if contract == CORRECTION else (data,):
            if one.get("collected") is not False:
                yield known(one["name"]), data["supplied_at"]


def _notices(told: Told) -> Iterator[tuple[str, Mapping[str, Any], date]]:
    notices = [data for contract, data in told if contract == ASKED and data.get("due_on") is not None]
    for data in sorted(notices, key=lambda one: moment_of(one["requested_at"])):
        for one in data["materials"]:
            yield known(one["name"]), data, date.fromisoformat(data["due_on"])


def _told(process: Process) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield orjson.loads(process.attributes)["type"], orjson.loads(process.canonical)
    for one in process.joined:
        yield orjson.loads(one.attributes)["type"], orjson.loads(one.canonical)
