# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a finding says of an application's statements. A verdict is one word: nothing that a register holds is kept."""

from collections.abc import Mapping
from typing import Any

from connectors.sdk import Finding, Found, NotFound, Rejected, Unavailable
from contracts.codes import VerificationResult
from hub.processors.verification.config import CheckSettings


def stated(application: Mapping[str, Any], source: str) -> str | None:
    """The value of a field, by its dotted path; None where the application does not state it."""
    value: Any = application
    for step in source.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def applies(check: CheckSettings, application: Mapping[str, Any]) -> bool:
    """Whether the application is one that this check is for, and states all that must be asked by."""
    return all(stated(application, source) == value for source, value in check.when.items()) and all(
        stated(application, source) is not None for source in check.criteria.values()
    )


def verdict(check: CheckSettings, application: Mapping[str, Any], finding: Finding) -> VerificationResult | None:
    """What the register says; None: it could not be asked just now."""
    match finding:
        case Found(records):
            best = max(_matching(check, application, record) for record in records)
            if best == len(check.compare):
                return VerificationResult.MATCHED
            return VerificationResult.PARTLY_MATCHED if best else VerificationResult.NOT_MATCHED
        case NotFound():
            return VerificationResult.NOT_FOUND
        case Rejected():
            return VerificationResult.UNAVAILABLE
        case Unavailable():
            return None


def _matching(check: CheckSettings, application: Mapping[str, Any], record: Mapping[str, Any]) -> int:
    """How many of the compared fields are as stated; blanks around and between words do not count."""
    return sum(
        (said := stated(application, source)) is not None and _plain(str(record.get(field, ""))) == _plain(said)
        for field, source in check.compare.items()
    )


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
