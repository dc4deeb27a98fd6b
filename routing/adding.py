# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a route adds to the copy of a destination, and when it wants it sent: its expressions, evaluated once, when planning."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from contracts.families.fields import BEIJING
from contracts.timestamps import parse_timestamp
from routing.carriage import FILLS, Carriage
from routing.expressions import Said, Undecided

MOST_CHARACTERS = 500
"""Of one attribute."""


@dataclass(frozen=True, slots=True)
class Added:
    """Attributes of the envelope, fields for the record, and the moment before which nothing is sent (None: none)."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None


def added(carriage: Carriage, contract: str, said: Said) -> Added | Undecided:
    """What the expressions say of a record; ``contract`` is its contract's fact. An empty text adds nothing."""
    attributes: dict[str, str] = {}
    fields: dict[str, str] = {}
    until: datetime | None = None
    for name, by_contract in carriage.expressions.items():
        value = by_contract[contract].value(said)
        if isinstance(value, Undecided):
            return value
        text = str(value)
        if not text:
            continue
        if name.startswith(FILLS):
            fields[name.removeprefix(FILLS)] = text
        elif name:
            attributes[name] = _attribute(text)
        else:
            moment = _moment(text)
            if moment is None:
                return Undecided("until: neither a day nor a moment")
            until = moment
    return Added(attributes, fields, until)


def _attribute(text: str) -> str:
    """As CloudEvents wants it: no control characters, and not without end."""
    return "".join(one for one in text if one.isprintable())[:MOST_CHARACTERS]


def _moment(text: str) -> datetime | None:
    """A moment, or the beginning of a day in Beijing."""
    if (moment := parse_timestamp(text)) is not None:
        return moment
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)
