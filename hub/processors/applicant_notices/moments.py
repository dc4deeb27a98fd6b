# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which moment of a case a message is (通知时点): a pure table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from contracts.codes import NoticeMoment, SpecialProcedure

APPLICATION = "cn.gov.application.submitted"


class Moment(StrEnum):
    """A moment of a case at which its applicant may be told something."""

    APPLICATION = "application"
    PREREVIEW = "prereview"
    CORRECTION = "correction"
    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    SPECIAL = "special"
    EXTENSION = "extension"
    COMPLETION = "completion"
    COLLECTION = "collection"
    MISSING = "missing"
    """It was accepted, and materials are to follow (容缺)."""
    MISSING_OVERDUE = "missing_overdue"
    """They did not all come in time; also: there is more time now."""
    MISSING_COMPLETE = "missing_complete"
    """They have all come."""

    @property
    def told_as(self) -> NoticeMoment:
        """What the notice says of itself."""
        if self in (Moment.MISSING, Moment.MISSING_OVERDUE):
            return NoticeMoment.CORRECTION
        return NoticeMoment.OTHER if self is Moment.MISSING_COMPLETE else NoticeMoment[self.name]


_SUPPLEMENT = "cn.gov.supplement.progressed"
MOMENTS_OF: Mapping[str, frozenset[Moment]] = {
    APPLICATION: frozenset({Moment.APPLICATION}),
    "cn.gov.prereview.decided": frozenset({Moment.PREREVIEW, Moment.REFUSAL, Moment.CORRECTION}),
    "cn.gov.correction.requested": frozenset({Moment.CORRECTION}),
    "cn.gov.acceptance.decided": frozenset({Moment.ACCEPTANCE, Moment.REFUSAL, Moment.CORRECTION}),
    "cn.gov.special.started": frozenset({Moment.SPECIAL, Moment.EXTENSION}),
    "cn.gov.special.ended": frozenset({Moment.SPECIAL}),
    "cn.gov.completion.decided": frozenset({Moment.COMPLETION}),
    "cn.gov.licence.issued": frozenset({Moment.COLLECTION}),
    _SUPPLEMENT: frozenset({Moment.MISSING, Moment.MISSING_OVERDUE, Moment.MISSING_COMPLETE}),
}
"""What each contract may be; what is not here is no moment of a case."""

REPEATED = frozenset({Moment.CORRECTION, Moment.SPECIAL, Moment.EXTENSION, Moment.MISSING, Moment.MISSING_OVERDUE})
"""Moments that a case may have again. All others are told once, whatever is sent again or corrected."""

LAST = frozenset({Moment.REFUSAL, Moment.COMPLETION, Moment.COLLECTION})
_NEWS = {
    "asked": Moment.MISSING,
    "extended": Moment.MISSING_OVERDUE,
    "overdue": Moment.MISSING_OVERDUE,
    "complete": Moment.MISSING_COMPLETE,
}


def moment_of(contract: str, data: Mapping[str, Any]) -> Moment | None:
    """The moment that a message is."""
    match contract, data:
        case (("cn.gov.prereview.decided" | "cn.gov.acceptance.decided"), {"decision": "refused"}):
            return Moment.REFUSAL
        case (("cn.gov.prereview.decided" | "cn.gov.acceptance.decided"), {"decision": "correction"}):
            return Moment.CORRECTION
        case "cn.gov.special.started", {"kind": SpecialProcedure.EXTENSION}:
            return Moment.EXTENSION
        case "cn.gov.prereview.decided", _:
            return Moment.PREREVIEW
        case "cn.gov.acceptance.decided", _:
            return Moment.ACCEPTANCE
        case (("cn.gov.special.started" | "cn.gov.special.ended"), _):
            return Moment.SPECIAL
        case "cn.gov.supplement.progressed", {"news": news}:
            return _NEWS.get(news)
        case known, _ if known in MOMENTS_OF:
            (only,) = MOMENTS_OF[known]
            return only
        case _:
            return None
