# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a carrier's answer comes to, whichever carrier it is. Their words are left out: they repeat names and telephones."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from connectors.logistics.config import LogisticsConfig
from connectors.sdk.http.exchange import Answer


@dataclass(frozen=True, slots=True)
class Done:
    """It has it. ``waybill`` may be empty."""

    waybill: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """It had this order number before."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It never had this order number."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The order is cancelled."""


@dataclass(frozen=True, slots=True)
class Refuses:
    """For good."""

    code: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """Nothing was done; later perhaps."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody knows what it did."""

    reason: str


Said: TypeAlias = Done | Known | Unknown | Cancelled | Refuses | NotNow | Unclear

_NOT_TAKEN = frozenset({429, 503})


def of_status(answer: Answer) -> Said | None:
    """What the HTTP status alone says; None: the body decides."""
    if 200 <= answer.status < 300:
        return None if answer.body is not None else Unclear("ANSWER_UNREADABLE: it did not come whole")
    if answer.status in _NOT_TAKEN or answer.status < 500:
        return NotNow(f"HTTP_{answer.status}")
    return Unclear(f"HTTP_{answer.status}")


def of_code(config: LogisticsConfig, prefix: str, code: str) -> Said:
    """What a business code says that is none of success."""
    if code in config.known_codes:
        return Known()
    if code in config.unknown_codes:
        return Unknown()
    if code in config.cancelled_codes:
        return Cancelled()
    if code in config.busy_codes:
        return NotNow(f"{prefix}_{code}")
    return Refuses(f"{prefix}_{code}")


def json_of(body: bytes | str) -> dict[str, Any] | None:
    """A JSON object; None for anything else."""
    try:
        value = orjson.loads(body)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None
    return value if isinstance(value, dict) else None


def word(value: object) -> str:
    """A code that may be shown and grouped by; whatever else came is UNREADABLE."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return (
        text
        if text.isascii() and text.replace("_", "").replace("-", "").isalnum() and len(text) <= 40
        else "UNREADABLE"
    )
