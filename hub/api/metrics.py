# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/metrics``: the figures for Prometheus."""

from collections.abc import Sequence

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.route import Answer, Route
from hub.observing.exposition import CONTENT_TYPE, Exposition
from hub.operators import Right
from hub.running import Hub

_TEXT = "text/plain"


class Metrics:
    """The resource."""

    def __init__(self, hub: Hub) -> None:
        self._exposition = Exposition(hub)

    async def get(self, _request: web.Request, _caller: str) -> web.StreamResponse | Refusal:
        """The figures as they are now."""
        return web.Response(body=self._exposition.text(), headers={"Content-Type": CONTENT_TYPE})


def routes(hub: Hub) -> Sequence[Route]:
    """The routes of this resource: for operators who may read, unless the deployment opens it to anybody."""
    anybody = hub.telemetry.metrics == "open"
    return (
        Route(
            method="GET",
            path="/metrics",
            name="getMetrics",
            meaning=Text("Prometheus 指标。", "The figures for Prometheus."),
            handler=Metrics(hub).get,
            answers={200: Answer(Text("文本格式 0.0.4", "Text format 0.0.4"), _TEXT)},
            open=anybody,
            right=None if anybody else Right.READ,
            quiet=True,
        ),
    )
