# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""W3C Trace Context: the ``traceparent`` of a message (CloudEvents distributed tracing extension). 跟踪上下文

A malformed one counts as absent, as the specification says; what a stranger writes is never repeated unread.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"

_SHAPE = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]{1,200})?", re.ASCII)
_STATE = re.compile(r"[\x20-\x7e\t]{1,512}", re.ASCII)
_NO_TRACE: Final = "0" * 32
_NO_SPAN: Final = "0" * 16
_SAMPLED: Final = 1
_LOW: Final = 2**64 - 1
_SPREAD: Final = 2**56


@dataclass(frozen=True, slots=True)
class TraceContext:
    """One place in one trace: 32 and 16 hexadecimal digits, neither all zero."""

    trace_id: str
    span_id: str
    sampled: bool

    def __str__(self) -> str:
        """As a ``traceparent`` of version 00."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def at(self, span_id: str) -> "TraceContext":
        """Another place in the same trace."""
        return TraceContext(self.trace_id, span_id, self.sampled)


def read_traceparent(value: str | None) -> TraceContext | None:
    """The context in a ``traceparent``; None when there is none that may be believed (section 3.2.2)."""
    matched = _SHAPE.fullmatch(value) if value is not None else None
    if matched is None:
        return None
    version, trace_id, span_id, flags, more = matched.groups()
    if version == "ff" or (version == "00" and more) or trace_id == _NO_TRACE or span_id == _NO_SPAN:
        return None
    return TraceContext(trace_id, span_id, bool(int(flags, 16) & _SAMPLED))


def span_of(identifier: UUID) -> str:
    """The span id that goes with an id of ours: its last eight bytes, which are random."""
    return f"{identifier.int & _LOW:016x}"


def begun_by(identifier: UUID, sample: float) -> TraceContext:
    """A trace that begins with us, named after an id of ours. ``sample`` is the share of all traces that is sampled.

    The share goes by the id's random end, so every process decides alike (as OpenTelemetry's TraceIdRatioBased).
    """
    return TraceContext(identifier.hex, span_of(identifier), identifier.int % _SPREAD < sample * _SPREAD)


def traced(attributes: Mapping[str, str], hop: str, message: UUID, sample: float) -> dict[str, str]:
    """The attributes of a message with the ``traceparent`` it has from now on.

    Its own is kept as it came. Without one it is given that of the hop that brought it, and failing that a new trace.
    """
    kept = dict(attributes)
    if read_traceparent(kept.get(TRACEPARENT)) is None:
        kept.pop(TRACESTATE, None)  # says nothing without the other
        kept[TRACEPARENT] = str(read_traceparent(hop) or begun_by(message, sample))
    elif not _STATE.fullmatch(kept.get(TRACESTATE, " ")):
        del kept[TRACESTATE]
    return kept
