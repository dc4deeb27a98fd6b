# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The spans of a message, made after the work is done from what a stopwatch says.

    (sender's span) -> accept                      one, named after the message; its stages are events
                         -> claim, translate, send, settle     of each attempt at each delivery
    relay                                          of a frame, which carries many deliveries: a trace of its own

Span ids are derived from the ids of message, delivery and frame, so nothing has to be stored or carried for them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from contracts.trace_context import TraceContext, read_traceparent, span_of
from hub.observing.stopwatch import Stopwatch
from hub.ports.bus import Frame, Published
from hub.ports.journal import Acceptance, Claim, Settlement, State
from hub.ports.tracer import Span

_STAGES = ("claim", "translate", "send", "settle")
_GOOD = frozenset({State.DELIVERED, State.ACCEPTED})


def accept_span(acceptance: Acceptance, trace: TraceContext, hop: str, watch: Stopwatch, now: datetime) -> Span:
    """How a message was accepted, under the sender's span if there is one."""
    own = span_of(acceptance.message_id)
    brought = read_traceparent(hop)
    above = brought if brought is not None and brought.trace_id == trace.trace_id else trace
    moments = _Moments(watch, now)
    return Span(
        name="accept",
        at=trace.at(own),
        parent="" if above.span_id == own else above.span_id,
        started=moments.of(watch.started),
        ended=now,
        attributes={
            "govhub.message": str(acceptance.message_id),
            "govhub.system": acceptance.system,
            "govhub.contract": acceptance.contract,
            "govhub.deliveries": len(acceptance.deliveries),
        },
        events=tuple((stage, moments.of(at)) for stage, at in watch.marks),
    )


def relay_span(frame: Frame, fate: Published, trace: TraceContext, watch: Stopwatch, now: datetime) -> Span:
    """How a frame was put on the bus."""
    return Span(
        name="relay",
        at=trace,
        parent="",
        started=_Moments(watch, now).of(watch.started),
        ended=now,
        attributes={"govhub.queue": str(frame.queue), "govhub.deliveries": len(frame.offers)},
        failed="" if fate is Published.CONFIRMED else fate.value,
    )


def hop_of(claim: Claim, trace: TraceContext) -> TraceContext:
    """The place of this attempt's sending in the message's trace."""
    return trace.at(_stage_span(claim, _STAGES.index("send")))


def attempt_spans(settlement: Settlement, trace: TraceContext, watch: Stopwatch, now: datetime) -> Iterator[Span]:
    """One span for each stage that the attempt came through."""
    claim = settlement.claim
    moments = _Moments(watch, now)
    before = watch.started
    for stage, at in watch.marks:
        if stage in _STAGES:
            yield Span(
                name=stage,
                at=trace.at(_stage_span(claim, _STAGES.index(stage))),
                parent=span_of(claim.message_id),
                started=moments.of(before),
                ended=moments.of(at),
                attributes={
                    "govhub.message": str(claim.message_id),
                    "govhub.delivery": str(claim.delivery_id),
                    "govhub.destination": claim.destination,
                    "govhub.attempt": claim.attempt,
                    "govhub.state": settlement.state.value,
                },
                failed=settlement.state.value if stage == "send" and settlement.state not in _GOOD else "",
            )
        before = at


def _stage_span(claim: Claim, stage: int) -> str:
    """Unique for delivery, attempt and stage: the delivery's random bits, the rest mixed in."""
    return span_of(UUID(int=claim.delivery_id.int ^ (stage << 48) ^ claim.attempt))


class _Moments:
    """Wall time of what a stopwatch saw."""

    def __init__(self, watch: Stopwatch, now: datetime) -> None:
        self._now = now
        self._monotonic = watch.monotonic()

    def of(self, at: float) -> datetime:
        return self._now - timedelta(seconds=self._monotonic - at)
