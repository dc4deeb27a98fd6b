# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: parts go out as those before them are done, and what they come to is told each time one is over.

It emits ``part.N`` (counted from 0), ``divided.B`` where B is how many parts had begun, since a part's days count from then, and
``progress.M.E`` where M is how many messages had joined and E how many parts were over, so that every change is told once. A
division that lacks a day, since nobody told the year, is ``divided.B.undated``, and is told again when the year is known. The
package's own delivery is answered when all parts are over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from connectors.sdk import Delivered, Parcel, Rejected
from contracts.cloudevent import CloudEvent
from contracts.codes import PartStanding
from contracts.families.handling import application_submitted, package_divided, package_progressed
from contracts.legal_clock.deadlines import YearUnknown
from hub.legal_clock import LegalClock
from hub.ports.journal import PaceWish, Process
from hub.processors.package.config import PackageConfig
from hub.processors.package.parts import JOINING, SUBMITTED, Package, Part, case_no, package, part_name
from hub.processors.processor import Correlation, Turn

_DIVIDED = "divided"
_UNDATED = ".undated"
_NEXT_LOOK = timedelta(days=1)
_PROGRESS = "progress."
_LONGEST_NUMBER = 47
"""Characters of a package's number, so that the case numbers of its parts fit into fifty."""
_SHARED = ("region_code", "channel", "applicant", "contact", "summary", "applied_at", "materials")


@dataclass(frozen=True, slots=True)
class Divider:
    """See :class:`hub.processors.processor.Processor`."""

    config: PackageConfig
    clock: LegalClock = field(default_factory=LegalClock)

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What is neither a package nor said of a part; a package with an item that nobody handles."""
        contract = parcel.attributes.get("type", "")
        if contract in JOINING:
            return None
        if contract != SUBMITTED:
            return Rejected("PACKAGE_CONTRACT", f"a divider takes {SUBMITTED} and what departments say of its parts")
        data = orjson.loads(parcel.body)
        if len(data["package_no"]) > _LONGEST_NUMBER:
            return Rejected("PACKAGE_NUMBER", f"its number has more than {_LONGEST_NUMBER} characters")
        nobody = [
            f"items[{number}].item_code: {item['item_code']} names no department, and none is configured for it"
            for number, item in enumerate(data["items"])
            if item.get("department_code") is None and item["item_code"] not in self.config.items
        ]
        return Rejected("PACKAGE_ITEM_UNKNOWN", "", tuple(nobody[:20])) if nobody else None

    def correlation(self, parcel: Parcel) -> Correlation:
        """A package is joined by the case numbers of its parts, and by its own; what is said of other cases passes by."""
        if parcel.attributes["type"] in JOINING:
            return Correlation(joins=parcel.attributes["subject"], stray=Delivered("of no package"))
        data = orjson.loads(parcel.body)
        numbers = (case_no(data["package_no"], number) for number in range(len(data["items"])))
        taken = Rejected("PACKAGE_NUMBER_TAKEN", "a package of this number is under way already, or was lately")
        return Correlation(keys=frozenset({data["package_no"], *numbers}), taken=taken)

    def wishes(self, _process: Process, _now: datetime, /) -> Sequence[PaceWish]:
        """Nothing of it is paced."""
        return ()

    def turn(self, process: Process, now: datetime, _paced: Mapping[str, datetime | None], /) -> Turn:
        """Hand over what may begin, tell what has changed, answer when all is over."""
        gives_up = self._gives_up(process)
        found = package(self.config, process, given_up=now >= gives_up)
        years = [one for _, one in self._last_days(found, process, now) if isinstance(one, YearUnknown)]
        emit = [
            *self._division(found, process, now, dated=not years),
            *(part_name(one.number) for one in found.parts if self._may_begin(found, one)),
        ]
        if any(one.over for one in found.parts) and self._untold(process, found):
            emit.append(f"{_PROGRESS}{len(process.joined)}.{sum(one.over for one in found.parts)}")
        if found.concluded:
            return Turn(emit=emit, answer=Delivered(f"{found.outcome.value}: {_counted(found)}"))
        if years:
            return Turn(emit=emit, due_at=min(gives_up, now + _NEXT_LOOK), unknown_year=years[0].year)
        return Turn(emit=emit, due_at=gives_up)

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        """The division, a part's application, or how the package stands."""
        found = package(self.config, process, given_up=named_at >= self._gives_up(process))
        if name.startswith(_DIVIDED):
            told = sum(one.startswith(_DIVIDED) for one in process.emissions if one != name)
            data = self._divided(found, process, named_at, told + 1)
            return _event(package_divided.CONTRACT, data, found.data["package_no"])
        if name.startswith(_PROGRESS):
            told = sum(one.startswith(_PROGRESS) for one in process.emissions if one != name)
            data = self._progressed(found, named_at, told + 1)
            return _event(package_progressed.CONTRACT, data, found.data["package_no"])
        part = found.parts[int(name.partition(".")[2])]
        return _event(application_submitted.CONTRACT, self._application(found, part), part.case_no)

    def _gives_up(self, process: Process) -> datetime:
        return process.begun_at + timedelta(days=self.config.give_up_days)

    def _may_begin(self, found: Package, part: Part) -> bool:
        """Whether it waits, and for nothing any more."""
        ready = all(found.parts[one].standing is PartStanding.DONE for one in part.after)
        return part.standing is PartStanding.WAITING and ready and not found.withdrawn

    def _begun(self, found: Package, part: Part, process: Process, now: datetime) -> datetime | None:
        """When it was handed over to its department; None: it waits."""
        emitted = process.emissions.get(part_name(part.number))
        if emitted is not None:
            return emitted.named_at
        return now if self._may_begin(found, part) else None

    def _division(self, found: Package, process: Process, now: datetime, *, dated: bool) -> Sequence[str]:
        """The name under which the division is told now; empty: nothing of it is new."""
        begun = [at for one in found.parts if (at := self._begun(found, one, process, now)) is not None]
        told = {
            one.removesuffix(_UNDATED): one.endswith(_UNDATED) for one in process.emissions if one.startswith(_DIVIDED)
        }
        name = f"{_DIVIDED}.{len(begun)}"
        if name in told:
            return (name,) if told[name] and dated and name not in process.emissions else ()
        plain = process.emissions.get(_DIVIDED)  # as it was named once
        if plain is not None and all(at <= plain.named_at for at in begun):
            return ()
        return (name if dated else name + _UNDATED,)

    def _last_days(
        self, found: Package, process: Process, now: datetime
    ) -> Iterator[tuple[tuple[int, str], date | YearUnknown]]:
        """By part and period; of those that have begun, from the day on which they did."""
        for one in found.parts:
            begun = self._begun(found, one, process, now)
            if begun is None or one.settings is None:
                continue
            promised = self.clock.green.promised_days(one.item["item_code"], one.settings.promised_days)
            for which, days in (("promised_on", promised), ("statutory_on", one.settings.statutory_days)):
                if days is not None:
                    yield (one.number, which), self.clock.last_day(begun, days)

    def _untold(self, process: Process, found: Package) -> bool:
        """Whether a part stands otherwise than when the parts were last told of."""
        over = sum(one.over for one in found.parts)
        told = [
            tuple(map(int, one.removeprefix(_PROGRESS).split(".")))
            for one in process.emissions
            if one.startswith(_PROGRESS)
        ]
        if not told:
            return True
        heard, ends = max(told)
        return over != ends or (heard != len(process.joined) and _says_something(process, heard))

    def _application(self, found: Package, part: Part) -> dict[str, Any]:
        item = part.item
        configured = part.settings.case_type if part.settings is not None else None
        data = {
            **{name: found.data[name] for name in _SHARED if found.data.get(name) is not None},
            "case_no": part.case_no,
            "item_code": item["item_code"],
            "item_name": item["item_name"],
            "case_type": item.get("case_type") or (configured or self.config.case_type).value,
            "department_code": part.department_code,
            "package_no": found.data["package_no"],
            "form": item.get("form"),
        }
        return {name: value for name, value in data.items() if value is not None}

    def _divided(self, found: Package, process: Process, at: datetime, version: int) -> dict[str, Any]:
        days = {
            key: day.isoformat() for key, day in self._last_days(found, process, at) if not isinstance(day, YearUnknown)
        }
        parts = [
            {
                "case_no": one.case_no,
                "item_code": one.item["item_code"],
                "item_name": one.item["item_name"],
                "department_code": one.department_code,
                "department_name": one.settings.department_name if one.settings is not None else None,
                "promised_on": days.get((one.number, "promised_on")),
                "statutory_on": days.get((one.number, "statutory_on")),
                "after": [found.parts[number].case_no for number in one.after] or None,
            }
            for one in found.parts
        ]
        return {
            **_leading(found.data),
            "package_no": found.data["package_no"],
            "region_code": found.data["region_code"],
            "parts": [_present(one) for one in parts],
            "divided_at": at.isoformat(),
            "record_version": min(version, 9999),
        }

    def _progressed(self, found: Package, at: datetime, version: int) -> dict[str, Any]:
        parts = [
            {
                "case_no": one.case_no,
                "item_code": one.item["item_code"],
                "item_name": one.item["item_name"],
                "department_code": one.department_code,
                "department_name": one.settings.department_name if one.settings is not None else None,
                "standing": one.standing.value,
                "result": one.said.get("result"),
                "licence_no": one.said.get("licence_no"),
                "since": one.since,
            }
            for one in found.parts
        ]
        data = {
            "package_no": found.data["package_no"],
            "region_code": found.data["region_code"],
            "outcome": found.outcome.value,
            "parts": [_present(one) for one in parts],
            "reported_at": at.isoformat(),
            "concluded_at": at.isoformat() if found.concluded else None,
            "record_version": min(version, 9999),
        }
        return _present(data)


def _says_something(process: Process, heard: int) -> bool:
    """Whether a completion has joined since: a late or corrected result is told also where as many parts are over as before."""
    return any(orjson.loads(one.attributes)["type"] == "cn.gov.completion.decided" for one in process.joined[heard:])


def _counted(found: Package) -> str:
    counts: dict[str, int] = {}
    for part in found.parts:
        counts[part.standing.value] = counts.get(part.standing.value, 0) + 1
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _leading(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("lead_department_name", "lead_department_code") if data.get(name) is not None}


def _present(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


def _event(contract: Any, data: dict[str, Any], subject: str) -> CloudEvent:
    return CloudEvent(id="", source="", type=contract.type, dataschema=contract.schema_uri, subject=subject, data=data)
