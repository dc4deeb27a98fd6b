# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The port that takes finished spans. 跟踪"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from contracts.trace_context import TraceContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One piece of work on one message, after it has ended. Nothing in it is personal.

    ``at`` is its own place in the trace; ``parent`` the span it hangs under, empty for none. ``events`` are moments
    within it; ``links`` other places it has to do with; ``failed`` says in a code why it did not succeed.
    """

    name: str
    at: TraceContext
    parent: str
    started: datetime
    ended: datetime
    attributes: Mapping[str, str | int | bool] = field(default_factory=dict)
    events: tuple[tuple[str, datetime], ...] = ()
    links: tuple[TraceContext, ...] = ()
    failed: str = ""


class Tracer(Protocol):
    """Takes spans of sampled messages. Safe from one event loop; never blocks, raises or waits, and may drop spans."""

    @property
    def on(self) -> bool:
        """Whether spans go anywhere. Where they do not, none is made."""
        ...

    @property
    def sample(self) -> float:
        """The share, from 0 to 1, of the traces that begin here which is sampled."""
        ...

    def take(self, span: Span) -> None:
        """Take one span over."""
        ...

    async def close(self) -> None:
        """Send what is waiting, for a few seconds at most. Idempotent."""
        ...


class NoTracer:
    """Nothing is traced."""

    on = False
    sample = 0.0

    def take(self, span: Span) -> None:
        """Nothing."""

    async def close(self) -> None:
        """Nothing is waiting."""
