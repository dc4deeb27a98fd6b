# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A small OpenTelemetry collector: takes OTLP over HTTP, decodes the real protobuf, and keeps the spans."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """``url`` is where spans are to be sent; ``headers`` are those of the last request."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)
    resource: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    bell: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        asked = ExportTraceServiceRequest.FromString(body)
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        async with self.bell:
            for resource in asked.resource_spans:
                self.resource = {one.key: one.value.string_value for one in resource.resource.attributes}
                for scope in resource.scope_spans:
                    self.spans.extend(scope.spans)
            self.bell.notify_all()
        return web.Response(
            body=ExportTraceServiceResponse().SerializeToString(), content_type="application/x-protobuf"
        )

    async def until(self, enough: Callable[[Sequence[Span]], bool]) -> list[Span]:
        """Wait until the spans that came are enough."""
        async with asyncio.timeout(30), self.bell:
            await self.bell.wait_for(lambda: enough(self.spans))
        return list(self.spans)


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """One, listening on a free loopback port."""
    opened = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", opened.take)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    opened.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/traces"
    try:
        yield opened
    finally:
        await runner.cleanup()
