# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A source that is open: which system speaks through it, and what has come of it so far."""

from dataclasses import dataclass, field
from datetime import datetime

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Source
from connectors.sdk.metrics import Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringer:
    """Who brings items: the system that speaks, the largest body taken of it, and where its bugs are told."""

    system: str
    body_bytes: int
    log: FilteringBoundLogger


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source's far side does not answer; ``code`` says how, ``since`` when it was first noticed."""

    code: str
    since: datetime


@dataclass(slots=True, kw_only=True)
class Inlet:
    """``body_bytes`` is the largest message taken. ``taken`` and ``refused`` count since the hub started; ``waiting`` are the
    messages in hand that the hub cannot take just now. ``kind`` is the connector's, ``meter`` has what it measured.
    ``trouble`` is what the last look at its far side found, None when it answered; ``looked`` is whether there was one.
    """

    name: str
    system: str
    source: Source
    log: FilteringBoundLogger
    body_bytes: int
    taken: int = 0
    refused: int = 0
    waiting: int = 0
    kind: str = ""
    meter: Meter = field(default_factory=Meter)
    trouble: Trouble | None = None
    looked: bool = False
