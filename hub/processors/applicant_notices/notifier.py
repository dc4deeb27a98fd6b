# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: the application begins a process, what happens to the case joins it, and each moment is told once.

It emits a notice named after its moment; where a case may have that again, the place of its message among those that joined is
added (``correction.3``). Its own delivery is answered when the case has come to its end; what comes after that is told too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.sdk import Delivered, Parcel, Rejected
from contracts.cloudevent import CloudEvent
from contracts.families.services import notice_requested
from contracts.notices.filling import filled, read
from contracts.notices.templates import Templates
from hub.ports.journal import PaceWish, Process
from hub.processors.applicant_notices.config import ApplicantNoticesConfig
from hub.processors.applicant_notices.moments import APPLICATION, LAST, MOMENTS_OF, REPEATED, Moment, moment_of
from hub.processors.processor import Correlation, Turn


@dataclass(frozen=True, slots=True)
class _Happened:
    """A moment of the case, and the message that it was. ``name`` is that of its notice."""

    name: str
    moment: Moment
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notifier:
    """See :class:`hub.processors.processor.Processor`."""

    config: ApplicantNoticesConfig
    templates: Templates

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What is no moment of a case."""
        if parcel.attributes.get("type") in MOMENTS_OF:
            return None
        return Rejected("NOTICE_NO_MOMENT", f"a notifier of applicants takes {', '.join(sorted(MOMENTS_OF))}")

    def correlation(self, parcel: Parcel) -> Correlation:
        """A case is followed from its application on; a window's case that has none has nobody's number to write to."""
        case = parcel.attributes["subject"]
        if parcel.attributes["type"] == APPLICATION:
            return Correlation(keys=frozenset({case}), taken=Delivered("the case is followed already"))
        return Correlation(joins=case, stray=Delivered("no application of this case has been here"))

    def wishes(self, _process: Process, _now: datetime, /) -> Sequence[PaceWish]:
        """The message platform keeps the pace."""
        return ()

    def turn(self, process: Process, now: datetime, _paced: Mapping[str, datetime | None], /) -> Turn:
        """Tell what has happened and was not told yet."""
        happened = list(self._happened(process))
        tell = [one.name for one in happened if one.moment in self.config.moments] if _number(process) else []
        ends = process.begun_at + timedelta(days=self.config.longest_days)
        if now >= ends or any(one.moment in LAST for one in happened):
            return Turn(emit=tell, answer=Delivered(f"told {len(tell)}"))
        return Turn(emit=tell, due_at=ends)

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        """The notice of one moment."""
        (one,) = (one for one in self._happened(process) if one.name == name)
        contract = notice_requested.CONTRACT
        return CloudEvent(
            id="",
            source="",
            type=contract.type,
            dataschema=contract.schema_uri,
            subject=process.case,
            data=self._notice(process, one, named_at),
        )

    def _happened(self, process: Process) -> Iterator[_Happened]:
        """The moments of the case, each once."""
        yield _Happened(Moment.APPLICATION.value, Moment.APPLICATION, orjson.loads(process.canonical))
        known = {Moment.APPLICATION}
        for place, joined in enumerate(process.joined):
            data = orjson.loads(joined.canonical)
            moment = moment_of(orjson.loads(joined.attributes)["type"], data)
            if moment is None or (moment in known and moment not in REPEATED):
                continue
            known.add(moment)
            yield _Happened(f"{moment.value}.{place}" if moment in REPEATED else moment.value, moment, data)

    def _notice(self, process: Process, one: _Happened, at: datetime) -> dict[str, Any]:
        application = orjson.loads(process.canonical)
        settings = self.config.moments[one.moment]
        template = self.templates.by_id[settings.template]
        sources = {"message": one.message, "application": application}
        number = _number(process)
        name = (application.get("contact") or {}).get("name")
        recipient = {
            "recipient_no": "1",
            "ways": [{"channel": way.value, "address": number} for way in self.config.channels],
        }
        data = {
            "matter_no": process.case,
            "region_code": application.get("region_code"),
            "item_code": application.get("item_code"),
            "department_code": application.get("department_code"),
            "notice_no": f"{process.id.hex}-{one.name}",
            "notice_class": "case",
            "moment": one.moment.told_as.value,
            "template_id": settings.template,
            "parameters": [
                {"name": place, "value": filled(template, place, read(sources, source), self.config.absent)}
                for place, source in settings.values.items()
            ]
            or None,
            "recipients": [{**recipient, "name": name} if name else recipient],
            "requested_at": at.isoformat(),
        }
        return {field: value for field, value in data.items() if value is not None}


def _number(process: Process) -> str:
    """The telephone number of whoever is to be told; empty: there is none."""
    application = orjson.loads(process.canonical)
    contact, applicant = application.get("contact") or {}, application.get("applicant") or {}
    return contact.get("mobile") or applicant.get("phone") or ""
