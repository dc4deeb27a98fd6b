# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which moment of a case a message is (通知时点): a pure table."""

from collections.abc import Mapping
from typing import Any

from contracts.codes import NoticeMoment, SpecialProcedure

APPLICATION = "cn.gov.application.submitted"
MOMENTS_OF: Mapping[str, frozenset[NoticeMoment]] = {
    APPLICATION: frozenset({NoticeMoment.APPLICATION}),
    "cn.gov.prereview.decided": frozenset({NoticeMoment.PREREVIEW, NoticeMoment.REFUSAL, NoticeMoment.CORRECTION}),
    "cn.gov.correction.requested": frozenset({NoticeMoment.CORRECTION}),
    "cn.gov.acceptance.decided": frozenset({NoticeMoment.ACCEPTANCE, NoticeMoment.REFUSAL, NoticeMoment.CORRECTION}),
    "cn.gov.special.started": frozenset({NoticeMoment.SPECIAL, NoticeMoment.EXTENSION}),
    "cn.gov.special.ended": frozenset({NoticeMoment.SPECIAL}),
    "cn.gov.completion.decided": frozenset({NoticeMoment.COMPLETION}),
    "cn.gov.licence.issued": frozenset({NoticeMoment.COLLECTION}),
}
"""What each contract may be; what is not here is no moment of a case."""

REPEATED = frozenset({NoticeMoment.CORRECTION, NoticeMoment.SPECIAL, NoticeMoment.EXTENSION})
"""Moments that a case may have again. All others are told once, whatever is sent again or corrected."""

LAST = frozenset({NoticeMoment.REFUSAL, NoticeMoment.COMPLETION, NoticeMoment.COLLECTION})


def moment_of(contract: str, data: Mapping[str, Any]) -> NoticeMoment | None:
    """The moment that a message is."""
    match contract, data:
        case (("cn.gov.prereview.decided" | "cn.gov.acceptance.decided"), {"decision": "refused"}):
            return NoticeMoment.REFUSAL
        case (("cn.gov.prereview.decided" | "cn.gov.acceptance.decided"), {"decision": "correction"}):
            return NoticeMoment.CORRECTION
        case "cn.gov.special.started", {"kind": SpecialProcedure.EXTENSION}:
            return NoticeMoment.EXTENSION
        case "cn.gov.prereview.decided", _:
            return NoticeMoment.PREREVIEW
        case "cn.gov.acceptance.decided", _:
            return NoticeMoment.ACCEPTANCE
        case (("cn.gov.special.started" | "cn.gov.special.ended"), _):
            return NoticeMoment.SPECIAL
        case known, _ if known in MOMENTS_OF:
            (only,) = MOMENTS_OF[known]
            return only
        case _:
            return None
