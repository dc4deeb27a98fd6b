# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Spans of a real hub in a real collector: who hangs under whom, and that a collector's troubles are its own."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from connectors.sdk import Delivered, Unavailable
from contracts.trace_context import read_traceparent, span_of
from hub.config import telemetry
from hub.config.load import Loaded, load_deployment
from hub.observing.opening import observer_of
from hub.observing.otlp import OtlpTracer
from hub.ports.clock import SystemClock
from hub.ports.tracer import NoTracer
from tests.hub.api.house import write_config
from tests.path.test_deliver import refill
from tests.support.collector import Collector, collector
from tests.support.hubs import Destination, Rig, by_hand, captured_log, event, hub_on
from tests.support.rabbitmq import free_ports
from tests.support.sinks import ScriptedSink

wheel = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00"
CANARY = "990102199001019999"


@asynccontextmanager
async def traced_hub(
    dsn: str, opened: Collector, sink: ScriptedSink, sample: float = 0.0
) -> AsyncIterator[tuple[Rig, OtlpTracer]]:
    log, _ = captured_log()
    tracer = OtlpTracer(
        opened.url, sample, service="govhub", instance="hub-1", headers={"X-Token": "made-up"}, log=log,
        monotonic=SystemClock().monotonic,
    )  # fmt: skip
    async with hub_on(dsn, {"housing": Destination(sink=sink)}) as rig:
        hub = replace(rig.hub, observer=replace(rig.hub.observer, tracer=tracer))
        try:
            yield replace(rig, hub=hub), tracer
        finally:
            await tracer.close()


def named(spans: Sequence[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


@wheel
class TestSpans:
    async def test_a_sampled_message_is_a_tree_under_its_senders_span(self, dsn: str) -> None:
        sink = ScriptedSink({"a": [Unavailable(f"HTTP_503 {CANARY}"), Delivered(CANARY)]})
        async with collector() as opened, traced_hub(dsn, opened, sink) as (rig, _), by_hand(rig.hub):
            message = await rig.accept(event("a", CANARY, extensions={"traceparent": SAMPLED}))
            await rig.until_settled(1)
            await refill(rig, seconds=1)
            await rig.until_settled(2)
            spans = await opened.until(lambda spans: len(named(spans, "settle")) == 2)
        assert Counter(span.name for span in spans) == {"accept": 1, "claim": 2, "translate": 2, "send": 2, "settle": 2}
        assert {span.trace_id.hex() for span in spans} == {TRACE}
        assert len({span.span_id for span in spans}) == len(spans)
        (accept,) = named(spans, "accept")
        assert (accept.parent_span_id.hex(), accept.span_id.hex()) == (SPAN, span_of(message))
        assert [one.name for one in accept.events] == ["understand", "validate", "plan", "commit"]
        assert {span.parent_span_id for span in spans if span is not accept} == {accept.span_id}
        assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in spans)
        first, second = named(spans, "send")
        assert (first.status.code, first.status.message) == (Status.STATUS_CODE_ERROR, "waiting")
        assert second.status.code == Status.STATUS_CODE_UNSET
        hops = [read_traceparent(parcel.traceparent) for parcel in sink.arrived]
        assert [hop.span_id for hop in hops if hop] == [first.span_id.hex(), second.span_id.hex()]
        assert [parcel.attributes["traceparent"] for parcel in sink.arrived] == [SAMPLED] * 2
        assert opened.resource["service.name"] == "govhub"
        assert opened.headers["x-token"] == "made-up"
        assert CANARY not in "".join(map(str, spans))

    async def test_what_is_not_sampled_makes_none(self, dsn: str) -> None:
        sink = ScriptedSink()
        async with collector() as opened, traced_hub(dsn, opened, sink) as (rig, tracer), by_hand(rig.hub):
            await rig.accept(event("a", extensions={"traceparent": UNSAMPLED}))
            await rig.accept(event("b"))
            await rig.until_settled(2)
            await tracer.close()
            assert opened.spans == []
        assert {parcel.traceparent for parcel in sink.arrived} >= {UNSAMPLED}

    async def test_a_trace_that_begins_here_has_no_parent(self, dsn: str) -> None:
        async with (
            collector() as opened,
            traced_hub(dsn, opened, ScriptedSink(), sample=1.0) as (rig, _),
            by_hand(rig.hub),
        ):
            message = await rig.accept(event("a"))
            await rig.until_settled(1)
            spans = await opened.until(lambda spans: bool(named(spans, "settle") and named(spans, "relay")))
        (accept,) = named(spans, "accept")
        assert (accept.trace_id.hex(), accept.parent_span_id) == (message.hex, b"")
        (relay,) = named(spans, "relay")
        assert UUID(bytes=relay.trace_id) != message, "a frame carries many messages, and has a trace of its own"

    async def test_a_collector_that_is_away_costs_the_messages_nothing(self, dsn: str) -> None:
        (port,) = free_ports(1)
        away = Collector(url=f"http://127.0.0.1:{port}/v1/traces")
        async with traced_hub(dsn, away, ScriptedSink(), sample=1.0) as (rig, tracer), by_hand(rig.hub):
            for n in range(20):
                await rig.accept(event(f"c{n}"))
            await rig.until_settled(20)
            began = rig.hub.clock.monotonic()
            await tracer.close()
            assert rig.hub.clock.monotonic() - began < 8


class TestConfiguration:
    def configured(self, folder: Path, more: str) -> object:
        write_config(folder, "embedded")
        config = folder / "govhub.yaml"
        config.write_text(config.read_text() + more)
        return load_deployment(config, {})

    def test_without_the_section_nothing_is_traced(self, tmp_path: Path) -> None:
        loaded = self.configured(tmp_path, "")
        assert isinstance(loaded, Loaded)
        assert isinstance(observer_of(loaded, captured_log()[0], SystemClock()).tracer, NoTracer)

    async def test_with_it_spans_go_to_the_collector(self, tmp_path: Path) -> None:
        loaded = self.configured(
            tmp_path,
            "telemetry: {traces: {endpoint: 'http://127.0.0.1:9/v1/traces', sample: 0.5, secret_headers: {X-Token: callback}}}\n",
        )
        assert isinstance(loaded, Loaded), loaded
        tracer = observer_of(loaded, captured_log()[0], SystemClock()).tracer
        assert (tracer.on, tracer.sample) == (True, 0.5)
        await tracer.close()

    def test_a_secret_that_is_not_there_and_a_missing_extra_are_told_with_their_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(telemetry, "_PACKAGE", "opentelemetry_that_nobody_installed.exporter")
        faults = self.configured(
            tmp_path, "telemetry: {traces: {endpoint: 'http://127.0.0.1:9/', secret_headers: {X-Token: token}}}\n"
        )
        assert isinstance(faults, tuple)
        assert [fault.code for fault in faults] == ["NAME_UNKNOWN", "EXTRA_MISSING"]
        assert "govhub[otel]" in str(faults[1])
        assert all("govhub.yaml:" in str(fault) for fault in faults)
