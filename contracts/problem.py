# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A refusal as the outside reads it: a problem document (RFC 9457), in Chinese first and English beside."""

from contracts.cloudevent import JsonValue
from contracts.refusal import Refusal, Violation
from contracts.refusal_codes import CODES
from contracts.text import Text

MEDIA_TYPE = "application/problem+json"


def problem(refusal: Refusal, instance: str | None) -> dict[str, JsonValue]:
    """The members of the problem document, ready for JSON.

    ``title`` and ``detail`` are one string each, Chinese then English, for clients that know only RFC 9457; ``titles``,
    ``details``, ``remedy`` and the texts of each violation are objects ``{"zh", "en"}``. ``instance`` identifies this
    occurrence (a URI reference). ``retry_after`` is in seconds. Facts in ``refusal.extra`` stand beside, never instead.
    """
    known = CODES[refusal.code]
    document: dict[str, JsonValue] = {
        **refusal.extra,
        "type": f"urn:govhub:problem:{refusal.code}",
        "title": str(known.title),
        "status": known.status,
        "detail": str(refusal.detail),
        "code": refusal.code,
        "titles": _both(known.title),
        "details": _both(refusal.detail),
        "remedy": _both(known.remedy),
        "violations": [_violation(violation) for violation in refusal.violations],
    }
    if instance is not None:
        document["instance"] = instance
    if refusal.retry_after is not None:
        document["retry_after"] = refusal.retry_after
    return document


def _violation(violation: Violation) -> dict[str, JsonValue]:
    return {
        "code": violation.code,
        "path": violation.path,
        "expected": _both(violation.expected),
        "remedy": _both(violation.remedy),
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
