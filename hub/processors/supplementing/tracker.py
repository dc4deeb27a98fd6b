# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: one process for each case whose acceptance, or an opinion on which, lets materials follow.

It emits ``told.A.S.E.O``: by its A-th list S materials had come, E had more time and O were late; so every change is told
once. A list that lacks a last day, since nobody told the year, is ``….undated``, and is told again when the year is known. The
delivery that began it is answered when everything has come or the case is closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.sdk import Delivered, Parcel, Rejected
from contracts.cloudevent import CloudEvent
from contracts.codes import SupplementStanding
from contracts.families.handling import supplement_progressed
from hub.legal_clock import LegalClock
from hub.ports.journal import PaceWish, Process
from hub.processors.processor import Correlation, Turn
from hub.processors.supplementing.config import SupplementingConfig
from hub.processors.supplementing.lists import ACCEPTANCE, OPINION, known, wanting
from hub.processors.supplementing.missing import (
    ASKED,
    COMPLETION,
    CORRECTION,
    MATERIAL,
    Missing,
    Supplement,
    supplement,
)

_TAKEN = (ACCEPTANCE, OPINION, ASKED, CORRECTION, MATERIAL, COMPLETION)
_TOLD = "told."
_UNDATED = ".undated"
_NEXT_LOOK = timedelta(days=1)
_LONGEST_CONSEQUENCE = 1000
_NOTHING = Delivered("nothing is missing")
_PASSED_ON = ("case_no", "region_code", "item_code", "level_code", "department_code", "department_name", "item_name")


@dataclass(frozen=True, slots=True)
class Tracker:
    """See :class:`hub.processors.processor.Processor`."""

    config: SupplementingConfig
    clock: LegalClock = field(default_factory=LegalClock)

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What says nothing of materials; a list with a material that may not be missing."""
        contract = parcel.attributes.get("type", "")
        if contract not in _TAKEN:
            return Rejected("SUPPLEMENT_CONTRACT", f"a tracker of missing materials takes {', '.join(_TAKEN)}")
        data = orjson.loads(parcel.body)
        own = self.config.items.get(data.get("item_code", ""))
        if own is None or not own.materials:
            return None
        may = set(map(known, own.materials))
        firm = [
            f"missing_materials: {name} may not follow" for name in wanting(contract, data) if known(name) not in may
        ]
        return Rejected("SUPPLEMENT_NOT_TOLERABLE", "", tuple(firm[:20])) if firm else None

    def correlation(self, parcel: Parcel) -> Correlation:
        """By case. A notice of correction may come before its acceptance, so it begins, too; whatever else is heard joins."""
        contract, case = parcel.attributes["type"], parcel.attributes["subject"]
        if contract == ASKED or wanting(contract, orjson.loads(parcel.body)):
            return Correlation(joins=case, keys=frozenset({case}))
        return Correlation(joins=case, stray=_NOTHING)

    def wishes(self, _process: Process, _now: datetime, /) -> Sequence[PaceWish]:
        """Nothing of it is paced."""
        return ()

    def turn(self, process: Process, now: datetime, _paced: Mapping[str, datetime | None], /) -> Turn:
        """Tell what is new; wait for what is missing."""
        found = supplement(self.config, self.clock, process, now)
        ends = process.begun_at + timedelta(days=self.config.longest_days)
        if found is None:
            over = now >= ends or _closed(process)
            return Turn(answer=Delivered("nothing was missing")) if over else Turn(due_at=ends)
        if found.closed:
            return Turn(answer=Delivered(f"closed: {_counted(found)}"))
        emit = self._news(found, process)
        if not found.lacking or now >= ends:
            return Turn(emit=emit, answer=Delivered(f"{found.news.value}: {_counted(found)}"))
        looks = [one for one in (ends, found.next_end) if one is not None]
        if found.unknown_year is not None:
            looks.append(now + _NEXT_LOOK)
        return Turn(emit=emit, due_at=min(looks), unknown_year=found.unknown_year)

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        """How all of it stands."""
        found = supplement(self.config, self.clock, process, named_at)
        assert found is not None, "it was named for what is missing"
        version = 1 + sum(one.startswith(_TOLD) for one in process.emissions if one != name)
        contract = supplement_progressed.CONTRACT
        return CloudEvent(
            id="",
            source="",
            type=contract.type,
            dataschema=contract.schema_uri,
            subject=process.case,
            data=self._data(found, named_at, version),
        )

    def _news(self, found: Supplement, process: Process) -> Sequence[str]:
        extended = sum(one.extended for one in found.materials)
        counts = (
            found.ordinal,
            found.count(SupplementStanding.SUPPLIED),
            extended,
            found.count(SupplementStanding.OVERDUE),
        )
        name = _TOLD + ".".join(map(str, counts))
        if name in process.emissions:
            return ()
        return (name if found.unknown_year is None else name + _UNDATED,)

    def _data(self, found: Supplement, at: datetime, version: int) -> dict[str, Any]:
        days = [one.due_on for one in found.lacking if one.due_on is not None]
        data = {
            **{name: found.said.get(name) for name in _PASSED_ON},
            "news": found.news.value,
            "materials": [_material(one) for one in found.materials],
            "missing": [one.name for one in found.lacking] or None,
            "due_on": min(days).isoformat() if days else None,
            "consequence": _consequence(found) or self.config.consequence,
            "reported_at": at.isoformat(),
            "record_version": min(version, 9999),
        }
        return {name: value for name, value in data.items() if value is not None}


def _consequence(found: Supplement) -> str:
    """All that the lists tell, as far as there is room."""
    told = ""
    for one in found.consequences:
        longer = f"{told}；{one}" if told else one
        if len(longer) > _LONGEST_CONSEQUENCE:
            break
        told = longer
    return told


def _material(one: Missing) -> dict[str, Any]:
    said = {
        "name": one.name,
        "standing": one.standing.value,
        "due_on": one.due_on.isoformat() if one.due_on is not None else None,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at,
        "supplied_at": one.supplied_at,
    }
    return {name: value for name, value in said.items() if value is not None}


def _closed(process: Process) -> bool:
    return any(orjson.loads(one.attributes)["type"] == COMPLETION for one in process.joined)


def _counted(found: Supplement) -> str:
    return f"{found.count(SupplementStanding.SUPPLIED)} of {len(found.materials)} supplied"
