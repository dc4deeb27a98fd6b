# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How far a case has come, by what the journal and the archive say of it. 办件进程

This is what *observing* is: nothing is kept of it, and it can be asked at any time for any case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from contracts.lifecycle.docket import Docket
from contracts.lifecycle.judgement import Impossible
from contracts.lifecycle.record import CONTRACTS, record_of
from contracts.text import Text
from hub.archive.case_files import CaseFiles
from hub.ports.journal import JournalDown, Recorded, Seed
from hub.ports.materials import StoreDown

SUPPLEMENT = "cn.gov.supplement.progressed"
_BEFORE_ALL, _AFTER_ALL = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A message that does not fit the life of its case: by which rule, and what that says. ``early``: it came too soon."""

    message: UUID
    rule: str
    says: Text
    early: bool


@dataclass(frozen=True, slots=True)
class Life:
    """The docket of a case, and what did not fit it. ``supplement``: what was last said of materials to follow (容缺)."""

    docket: Docket
    misfits: tuple[Misfit, ...]
    supplement: Mapping[str, Any] = field(default_factory=dict)


async def life_of(files: CaseFiles, case: str) -> Life | JournalDown | StoreDown:
    """The life of a case, told again from its first message."""
    found = await files.before(case, _AFTER_ALL, (*CONTRACTS, SUPPLEMENT))
    if isinstance(found, JournalDown | StoreDown):
        return found
    before = await files.journal.dockets.taken_over(case)
    if isinstance(before, JournalDown):
        return before
    return retold(found[::-1], before)


def retold(recorded: Sequence[Recorded], before: Seed | None = None) -> Life:
    """The life that these messages tell, the oldest first; ``before``: what the case was when it was taken over."""
    docket, barred = Docket(adopted=before is not None), list[Misfit]()
    for seed in () if before is None else before.records:
        docket = docket.told(_BEFORE_ALL, seed).docket
    supplement: Mapping[str, Any] = {}
    for one in recorded:
        if one.contract == SUPPLEMENT:
            supplement = _later(supplement, orjson.loads(one.canonical))
        record = record_of(one.contract, orjson.loads(one.canonical))
        if record is None:
            continue
        told = docket.told(one.message_id, record)
        docket = told.docket
        if isinstance(told.judged, Impossible):
            barred.append(Misfit(one.message_id, told.judged.rule, told.judged.text, early=False))
    early = [Misfit(one.message, one.rule, one.says, early=one.waits) for one in docket.early]
    misfits = sorted([*barred, *early], key=lambda one: one.message)
    return Life(docket, tuple(misfits), supplement)


def _later(before: Mapping[str, Any], told: Mapping[str, Any]) -> Mapping[str, Any]:
    return told if (told.get("record_version") or 1) >= (before.get("record_version") or 1) else before
