# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A source that is open: which system speaks through it, and what has come of it so far."""

from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringer:
    """Who brings items: the system that speaks, the largest body taken of it, and where its bugs are told."""

    system: str
    body_bytes: int
    log: FilteringBoundLogger


@dataclass(slots=True, kw_only=True)
class Inlet:
    """``body_bytes`` is the largest message taken. ``taken`` and ``refused`` count since the hub started; ``waiting`` are the
    messages in hand that the hub cannot take just now.
    """

    name: str
    system: str
    source: Source
    log: FilteringBoundLogger
    body_bytes: int
    taken: int = 0
    refused: int = 0
    waiting: int = 0
