# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the records of a case say about its periods: from when they count, what was told, what pauses and what lengthens them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from contracts.cloudevent import JsonValue
from contracts.codes import PeriodUnit, SpecialProcedure
from contracts.lifecycle.message import Kind, Message
from contracts.lifecycle.record import APPROVED, Gist, Record
from contracts.lifecycle.state import State, settles

_UNITS = {unit.value: unit for unit in PeriodUnit}
_FRUITFUL = (Kind.COMPLETION, Kind.LICENCE, Kind.COLLECTION)


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count, both included; without an end it goes on. ``number`` is that of the special procedure, if any."""

    begin: date
    end: date | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time."""

    length: int
    unit: PeriodUnit


@dataclass(frozen=True, slots=True)
class Facts:
    """``accepted_on`` None: no clock has started. ``stopped_on``: the day of the completion, or of what shows that there was one.

    ``unapproved`` are the numbers of special procedures of which nobody says who approved them.
    """

    accepted_on: date | None = None
    promised_on: date | None = None
    statutory_on: date | None = None
    item: str = ""
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Period, ...] = ()
    stopped_on: date | None = None
    unapproved: tuple[str, ...] = ()


def facts_of(records: Iterable[Record], *, presumed: bool = False) -> Facts:
    """What these records come to, whatever order they came in; of each record its latest version counts.

    A special procedure pauses or lengthens only if somebody approved it; ``presumed``: also where nobody is named.
    """
    latest: dict[tuple[Kind, str], tuple[Message, Gist]] = {}
    for record in records:
        message = record.message
        known = latest.get((message.kind, message.key))
        if known is None or message.version > known[0].version:
            latest[message.kind, message.key] = (message, record.gist)
    state = State(frozenset(message for message, _ in latest.values()))
    accepted = next(
        (one for one in latest.values() if one[0].kind is Kind.ACCEPTANCE and one[0].outcome == "accepted"), None
    )
    if accepted is None or state.refusals:
        return Facts()
    finding, told = accepted
    specials = sorted(
        (pair for pair in latest.values() if pair[0].kind is Kind.SPECIAL_STARTED),
        key=lambda pair: (pair[0].at, pair[0].key),
    )
    counted = [pair for pair in specials if presumed or pair[1].get(APPROVED)]
    ends = [_day(message.at) for message, _ in latest.values() if message.kind in _FRUITFUL]
    return Facts(
        accepted_on=_day(finding.at),
        promised_on=_day(told.get("promised_on")),
        statutory_on=_day(told.get("statutory_on")),
        item=str(told.get("item_code", "")),
        pauses=tuple(
            sorted(
                (*_procedures(state, counted), *_corrections(state, finding)), key=lambda one: (one.begin, one.number)
            )
        ),
        extensions=tuple(_extensions(counted)),
        stopped_on=min((day for day in ends if day is not None), default=None),
        unapproved=tuple(message.number for message, gist in specials if not gist.get(APPROVED)),
    )


def _procedures(state: State, specials: Iterable[tuple[Message, Gist]]) -> Iterator[Pause]:
    for message, _ in specials:
        begin = _day(message.at)
        if message.outcome == SpecialProcedure.EXTENSION.value or begin is None:
            continue
        end = state.record(Kind.SPECIAL_ENDED, message.key)
        yield Pause(begin, None if end is None else _day(end.at), message.number)


def _corrections(state: State, finding: Message) -> Iterator[Pause]:
    """What was asked for after the acceptance; what was asked before it, the acceptance has settled."""
    for request in state.requests:
        begin = _day(request.at)
        if begin is None or request.at <= finding.at:
            continue
        settled = [answer.at for answer in state.of(Kind.CORRECTION_SUPPLIED) if settles(answer, request)]
        settled += [
            later.at
            for kind in (Kind.PREREVIEW, Kind.ACCEPTANCE)
            for later in state.of(kind, "passed", "accepted")
            if later.at >= request.at
        ]
        yield Pause(begin, _day(min(settled, default=None)))


def _extensions(specials: Iterable[tuple[Message, Gist]]) -> Iterator[Period]:
    for message, gist in specials:
        length, unit = gist.get("period"), gist.get("period_unit")
        if message.outcome == SpecialProcedure.EXTENSION.value and isinstance(length, int) and unit in _UNITS:
            yield Period(length, _UNITS[str(unit)])


def _day(told: JsonValue) -> date | None:
    return date.fromisoformat(told[:10]) if isinstance(told, str) and told else None
