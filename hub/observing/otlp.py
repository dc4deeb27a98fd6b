# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Spans to an OpenTelemetry collector by OTLP over HTTP: the extra ``govhub[otel]``. 跟踪输出

OpenTelemetry's own exporter sends them from a thread of its own. Its queue is bounded: what a collector that is away
cannot take is dropped and counted, and the path never waits for it.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode
from structlog.typing import FilteringBoundLogger

from contracts.trace_context import TraceContext
from hub.ports.tracer import Span

_QUEUE: Final = 8192
_BATCH: Final = 512
_DELAY_MS: Final = 1000.0
_TIMEOUT: Final = 3.0
_LAST_WORDS: Final = 5.0
_TELL_EVERY: Final = 60.0
_KINDS: Final = {"accept": SpanKind.SERVER, "relay": SpanKind.PRODUCER, "send": SpanKind.CLIENT}


class OtlpTracer:
    """The port :class:`hub.ports.tracer.Tracer`. ``endpoint`` is the full URL, ``sample`` from 0 to 1."""

    on = True

    def __init__(
        self,
        endpoint: str,
        sample: float,
        *,
        service: str,
        instance: str,
        headers: Mapping[str, str],
        log: FilteringBoundLogger,
        monotonic: Callable[[], float],
    ) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # we tell of failures once a minute ourselves
        self.sample = sample
        self._resource = Resource({"service.name": service, "service.instance.id": instance})
        self._scope = InstrumentationScope("govhub")
        exporter = OTLPSpanExporter(endpoint, headers=dict(headers), timeout=_TIMEOUT, compression=Compression.Gzip)
        self._processor = BatchSpanProcessor(
            _Telling(exporter, log, monotonic), _QUEUE, schedule_delay_millis=_DELAY_MS, max_export_batch_size=_BATCH
        )
        self._closed = False

    def take(self, span: Span) -> None:
        self._processor.on_end(
            ReadableSpan(
                name=span.name,
                context=_context(span.at),
                parent=_context(span.at.at(span.parent)) if span.parent else None,
                resource=self._resource,
                attributes=dict(span.attributes),
                events=[Event(name, timestamp=_nanoseconds(at)) for name, at in span.events],
                links=[Link(_context(other)) for other in span.links],
                kind=_KINDS.get(span.name, SpanKind.INTERNAL),
                status=Status(StatusCode.ERROR, span.failed) if span.failed else Status(),
                start_time=_nanoseconds(span.started),
                end_time=_nanoseconds(span.ended),
                instrumentation_scope=self._scope,
            )
        )

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def last_words() -> None:
            self._processor.shutdown()  # type: ignore[no-untyped-call]
            with suppress(RuntimeError):  # the loop did not wait for us
                loop.call_soon_threadsafe(done.set)

        # A thread that nobody must join: a collector that hangs may not keep the process.
        threading.Thread(target=last_words, name="govhub spans", daemon=True).start()
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), _LAST_WORDS)


class _Telling(SpanExporter):
    """The exporter, with a word in the log when the collector does not take what it is sent."""

    def __init__(self, inner: SpanExporter, log: FilteringBoundLogger, monotonic: Callable[[], float]) -> None:
        self._inner = inner
        self._log = log
        self._monotonic = monotonic
        self._told_at = -_TELL_EVERY
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._lost += len(spans)
            if self._monotonic() - self._told_at >= _TELL_EVERY:
                self._told_at = self._monotonic()
                self._log.warning("spans lost", spans=self._lost)
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


def _context(place: TraceContext) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if place.sampled else TraceFlags.DEFAULT)
    return SpanContext(int(place.trace_id, 16), int(place.span_id, 16), is_remote=False, trace_flags=flags)


def _nanoseconds(moment: datetime) -> int:
    """Since the epoch, exact to the microsecond."""
    return round(moment.timestamp() * 1_000_000) * 1000
