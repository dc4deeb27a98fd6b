# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who lets which materials of a case follow: its acceptance, and departments that agree on conditions. 容缺

    an acceptance    of the highest record_version, then the last; of those that accept
    an opinion       likewise, of each department that was asked in each consultation

Names are compared without blanks, and full width is half width.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contracts.timestamps import parse_timestamp

ACCEPTANCE = "cn.gov.acceptance.decided"
OPINION = "cn.gov.opinion.given"

Told = Sequence[tuple[str, Mapping[str, Any]]]
"""What has joined, by contract, in order."""


def wanting(contract: str, data: Mapping[str, Any]) -> Sequence[str]:
    """The materials that an acceptance or an opinion lets follow; none of any other message."""
    if contract != OPINION and (contract != ACCEPTANCE or data.get("decision") != "accepted"):
        return ()
    named = {known(name): name for name in data.get("missing_materials") or ()}
    return list(named.values())


def known(name: str) -> str:
    """By what two names are the same."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


@dataclass(frozen=True, slots=True)
class MissingList:
    """Materials that may follow, who says so, and when. ``said`` is the record; an opinion's as if its lead had accepted."""

    names: Sequence[str]
    at: datetime
    written_at: str
    by: str | None
    due_on: date | None
    consequence: str | None
    said: Mapping[str, Any]

    @classmethod
    def of(cls, contract: str, data: Mapping[str, Any]) -> "MissingList":
        """The list in an acceptance or an opinion."""
        written_at = data["decided_at"] if contract == ACCEPTANCE else data["given_at"]
        day, by = data.get("missing_due_on"), data.get("department_name")
        said = data
        if contract == OPINION and (lead := data.get("lead_department_code")) is not None:
            said = {name: value for name, value in data.items() if name != "department_name"} | {
                "department_code": lead
            }
        due_on = None if day is None else date.fromisoformat(day)
        names = wanting(contract, data)
        return cls(names, moment_of(written_at), written_at, by, due_on, data.get("missing_consequence"), said)


@dataclass(frozen=True, slots=True)
class Lists:
    """All that hold, the earliest first. ``said``: what the acceptance says of the case, or else the first of them. ``ordinal``
    grows with every list that comes, corrected ones too.
    """

    lists: Sequence[MissingList]
    said: Mapping[str, Any]
    ordinal: int


def lists_of(told: Told) -> Lists:
    """The lists in what has joined."""
    acceptances = [data for contract, data in told if contract == ACCEPTANCE]
    ranked = [(data.get("record_version") or 1, place, data) for place, data in enumerate(acceptances)]
    _, ordinal, acceptance = max(ranked, key=lambda one: one[:2], default=(0, 0, {}))
    opinions, opened = _opinions(told)
    found = [MissingList.of(ACCEPTANCE, acceptance)] if wanting(ACCEPTANCE, acceptance) else []
    found += [MissingList.of(OPINION, one) for one in opinions]
    found.sort(key=lambda one: one.at)
    return Lists(found, acceptance or (found[0].said if found else {}), ordinal + opened)


def _opinions(told: Told) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Those that hold and have a list; and how many had one, or took the place of one that had."""
    holding: dict[tuple[str, str], tuple[int, Mapping[str, Any]]] = {}
    opened, listed = 0, set[tuple[str, str]]()
    for contract, data in told:
        if contract != OPINION:
            continue
        by, rank = (data["consultation_no"], data["department_code"]), data.get("record_version") or 1
        if by in holding and rank < holding[by][0]:
            continue
        holding[by] = rank, data
        if wanting(contract, data) or by in listed:
            opened += 1
            listed.add(by)
    return [data for _, data in holding.values() if wanting(OPINION, data)], opened


def moment_of(written: str) -> datetime:
    """A moment of a record whose contract says that it is one."""
    moment = parse_timestamp(written)
    assert moment is not None, "its contract says that it is one"
    return moment
