# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the path is seen doing: one canonical log line per message and stage, the figures, and the spans. 观测

The lines and their fields are a promise to those who collect them: ``docs/observing.md`` lists them, a test reads them.
No case number, no content and no word of a far side stands in any.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import orjson
from structlog.typing import FilteringBoundLogger

from connectors.sdk import Parcel
from contracts.trace_context import TRACEPARENT, TraceContext, begun_by, read_traceparent
from hub.observing.codes import KnownCodes, speakable
from hub.observing.spans import accept_span, attempt_spans, hop_of, relay_span
from hub.observing.stopwatch import Stopwatch
from hub.passage import Ready
from hub.ports.bus import Frame, Published
from hub.ports.clock import Clock
from hub.ports.figures import PathFigures
from hub.ports.journal import Claim, Committed, Settlement, State
from hub.ports.tracer import NoTracer, Tracer

_TRACE_ID = re.compile(rb'"traceparent":"[0-9a-f]{2}-([0-9a-f]{32})-')


@dataclass(frozen=True, slots=True)
class Observer:
    """One per hub. Nothing in here waits or fails."""

    log: FilteringBoundLogger
    clock: Clock
    tracer: Tracer = field(default_factory=NoTracer)
    figures: PathFigures = field(default_factory=PathFigures)
    codes: KnownCodes = field(default_factory=KnownCodes)
    telling: bool = field(init=False)
    """Whether lines are written at all: making them up costs more than filtering them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "telling", self.log.is_enabled_for(logging.INFO))

    def stopwatch(self) -> Stopwatch:
        """One that starts now."""
        return Stopwatch(self.clock.monotonic)

    def accepted(self, ready: Ready, committed: Committed) -> None:
        """COMMIT 1 holds."""
        acceptance, watch = ready.acceptance, ready.watch
        watch.mark("commit")
        figures = self.figures
        if committed.rule:
            figures.misfits[committed.rule, "parked" if committed.parked else "passed"] += 1
        figures.accepted[acceptance.system] += 1
        figures.accept_seconds.add(watch.marks[-1][1] - watch.started)
        for delivery in acceptance.deliveries:
            figures.planned[delivery.destination] += 1
        if self.telling:
            self.log.info(
                "accepted", message=acceptance.message_id,
                trace=_trace_id(acceptance.attributes, acceptance.message_id), system=acceptance.system,
                contract=acceptance.contract, version=acceptance.version, deliveries=len(acceptance.deliveries),
                warnings=ready.warnings, **watch.milliseconds(),
            )  # fmt: skip
        if self.tracer.on:
            trace = _trace_in(acceptance.attributes)
            if trace is not None and trace.sampled:
                self.tracer.take(accept_span(acceptance, trace, ready.received.traceparent, watch, self.clock.now()))

    def repeated(self, system: str, receipt: bytes) -> None:
        """The same message came again, and was given the receipt of the first time."""
        self.figures.repeated[system] += 1
        self.log.info("repeated", message=UUID(orjson.loads(receipt)["message"]), system=system)

    def refused(self, system: str, code: str) -> None:
        """A message of this system was not taken; its answer says why."""
        self.figures.refused[code] += 1
        self.log.info("refused", system=system, code=code)

    def turned_away(self, code: str) -> None:
        """Somebody unknown was not let in."""
        self.figures.refused[code] += 1

    def published(self, frames: Sequence[Frame], fates: Sequence[Published], watch: Stopwatch) -> None:
        """The bus has said what became of these frames."""
        for fate in fates:
            self.figures.frames[fate.value] += 1
        if self.tracer.on:
            watch.mark("relay")
            for frame, fate in zip(frames, fates, strict=True):
                trace = begun_by(frame.id, self.tracer.sample)
                if trace.sampled:
                    self.tracer.take(relay_span(frame, fate, trace, watch, self.clock.now()))

    def set_aside(self) -> None:
        """Something on a queue of ours was no frame."""
        self.figures.foreign += 1

    def departing(self, claim: Claim, parcel: Parcel) -> Parcel:
        """The parcel as it leaves: where its sending is a span, the far side hangs its own under that."""
        if not self.tracer.on:
            return parcel
        trace = read_traceparent(parcel.traceparent)
        return parcel if trace is None or not trace.sampled else replace(parcel, traceparent=str(hop_of(claim, trace)))

    def settled(self, settlement: Settlement, watch: Stopwatch, *, stale: bool) -> None:
        """COMMIT 2 holds; ``stale``: it was somebody else's to write."""
        watch.mark("settle")
        claim = settlement.claim
        age = (settlement.ended_at - claim.accepted_at).total_seconds()
        if not stale:
            self._count(settlement, watch.seconds("send"), age)
        if self.telling:
            self.log.info(
                "settled", message=claim.message_id, delivery=claim.delivery_id,
                trace=_trace_id(claim.attributes, claim.message_id), destination=claim.destination,
                contract=claim.contract, attempt=claim.attempt, state=settlement.state.value,
                code=speakable(settlement.code), stale=stale, age_ms=int(age * 1000), **watch.milliseconds(),
            )  # fmt: skip
        if self.tracer.on and not stale:
            trace = _trace_in(claim.attributes)
            if trace is not None and trace.sampled:
                for span in attempt_spans(settlement, trace, watch, self.clock.now()):
                    self.tracer.take(span)

    def _count(self, settlement: Settlement, send: float | None, age: float) -> None:
        destination = settlement.claim.destination
        figures = self.figures
        figures.settled[destination, settlement.state.value, self.codes.label(destination, settlement.code)] += 1
        if send is not None:
            figures.send_seconds[destination].add(send)
        if settlement.state is State.DELIVERED:
            figures.delivered_seconds[destination].add(age)


def _trace_id(attributes: bytes, message: UUID) -> str:
    """The trace of a stored message for its log line; of one stored before there were traces, what it would be called.

    The bytes are our own JSON, in which a quotation mark within a text is escaped: so this finds the attribute or nothing.
    """
    found = _TRACE_ID.search(attributes)
    return message.hex if found is None else found[1].decode()


def _trace_in(attributes: bytes) -> TraceContext | None:
    """The trace of a stored message. One stored before messages had traces may have none, or a malformed one."""
    value = orjson.loads(attributes).get(TRACEPARENT)
    return read_traceparent(value) if isinstance(value, str) else None
