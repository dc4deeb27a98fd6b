# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How the missing materials of a case stand, from what has joined: a pure table.

    what is missing     the acceptance of the highest record_version, then the last
    by when             the last notice of correction that names it and a day; else the acceptance's day; else the settings
    supplied            a correction or a material of that name came, at or after the acceptance
    overdue             its last day is over, an extension included

Names are compared without blanks, and full width is half width.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from contracts.codes import SupplementNews, SupplementStanding
from contracts.families.fields import BEIJING
from contracts.legal_clock.deadlines import YearUnknown
from contracts.timestamps import parse_timestamp
from hub.legal_clock import LegalClock
from hub.ports.journal import Process
from hub.processors.supplementing.config import SupplementingConfig

ACCEPTANCE = "cn.gov.acceptance.decided"
ASKED = "cn.gov.correction.requested"
CORRECTION = "cn.gov.correction.supplied"
MATERIAL = "cn.gov.material.supplied"
COMPLETION = "cn.gov.completion.decided"

Told = Sequence[tuple[str, Mapping[str, Any]]]


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
    """A case that was accepted with materials to follow. ``ordinal`` counts its acceptances, corrected ones too;
    ``unknown_year``: a last day is missing for want of that year's calendar. ``next_end``: when the next material is late.
    """

    acceptance: Mapping[str, Any]
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


def wanting(contract: str, data: Mapping[str, Any]) -> Sequence[str]:
    """The materials that an acceptance lets follow; none of any other message."""
    if contract != ACCEPTANCE or data.get("decision") != "accepted":
        return ()
    named = {known(name): name for name in data.get("missing_materials") or ()}
    return list(named.values())


def known(name: str) -> str:
    """By what two names are the same."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def supplement(config: SupplementingConfig, clock: LegalClock, process: Process, now: datetime) -> Supplement | None:
    """How the case stands at a moment; None: it was not accepted with anything missing, as far as is known."""
    told: Told = list(_told(process))
    acceptances = [data for contract, data in told if contract == ACCEPTANCE]
    ranked = [(data.get("record_version") or 1, place, data) for place, data in enumerate(acceptances)]
    _, ordinal, acceptance = max(ranked, key=lambda one: one[:2], default=(0, 0, {}))
    names = wanting(ACCEPTANCE, acceptance)
    closed = any(contract == COMPLETION for contract, _ in told)
    if not names:
        return None
    table = _Table(config, clock, told, acceptance, now)
    materials = [table.missing(name) for name in names]
    ends = [table.end(one.due_on) for one in materials if one.standing is SupplementStanding.AWAITED and one.due_on]
    return Supplement(acceptance, ordinal, materials, closed, table.unknown_year, min(ends, default=None))


class _Table:
    def __init__(
        self, config: SupplementingConfig, clock: LegalClock, told: Told, acceptance: Mapping[str, Any], now: datetime
    ) -> None:
        self._config = config
        self._clock = clock
        self._acceptance = acceptance
        self._accepted_at = _moment(acceptance["decided_at"])
        self._now = now
        self._item: str = acceptance.get("item_code", "")
        self._supplied = dict(self._supplies(told))
        self._asked = {name: (data, day) for name, data, day in self._notices(told)}
        self.unknown_year: int | None = None

    def missing(self, name: str) -> Missing:
        notice, due_on = self._asked.get(known(name), (self._acceptance, None))
        at = notice.get("requested_at") or self._acceptance["decided_at"]
        by = notice.get("department_name") or self._acceptance.get("department_name")
        if (came := self._supplied.get(known(name))) is not None:
            return Missing(name, SupplementStanding.SUPPLIED, due_on or self._first_day(), by, at, came)
        due_on = due_on or self._first_day()
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

    def _first_day(self) -> date | None:
        if (written := self._acceptance.get("missing_due_on")) is not None:
            return date.fromisoformat(written)
        return self._reckoned(self._accepted_at, self._config.days(self._item))

    def _reckoned(self, begun: datetime, days: int) -> date | None:
        match self._clock.last_day(begun, self._clock.green.working_days(self._item, days)):
            case YearUnknown(year):
                self.unknown_year = year
                return None
            case day:
                return day

    def _supplies(self, told: Told) -> Iterator[tuple[str, str]]:
        """The last of each name counts."""
        for contract, data in told:
            if contract not in (CORRECTION, MATERIAL) or _moment(data["supplied_at"]) < self._accepted_at:
                continue
            for one in data["materials"] if contract == CORRECTION else (data,):
                if one.get("collected") is not False:
                    yield known(one["name"]), data["supplied_at"]

    def _notices(self, told: Told) -> Iterator[tuple[str, Mapping[str, Any], date]]:
        notices = [data for contract, data in told if contract == ASKED and data.get("due_on") is not None]
        for data in sorted(notices, key=lambda one: _moment(one["requested_at"])):
            for one in data["materials"]:
                yield known(one["name"]), data, date.fromisoformat(data["due_on"])


def _told(process: Process) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield orjson.loads(process.attributes)["type"], orjson.loads(process.canonical)
    for one in process.joined:
        yield orjson.loads(one.attributes)["type"], orjson.loads(one.canonical)


def _moment(written: str) -> datetime:
    moment = parse_timestamp(written)
    assert moment is not None, "its contract says that it is one"
    return moment
