# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/health``: whether the process lives, and whether it can work; if not, what is in the way and since when."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.documents import Alive, NotReady, Ready
from hub.api.route import JSON, Answer, Route
from hub.api.views import json_response
from hub.health import Condition
from hub.running import Hub


class Readiness:
    """What the watching worker found, with what the server knows itself. Asking touches neither journal nor bus."""

    def __init__(self, hub: Hub, stopping: asyncio.Event) -> None:
        self._hub = hub
        self._stopping = stopping
        self._stopped: Condition | None = None

    def blocked(self) -> Sequence[Condition]:
        """Everything in the way now; empty: ready."""
        found = self._hub.health.blocked
        if not self._stopping.is_set():
            return found
        self._stopped = self._stopped or Condition("hub", "stopping", self._hub.clock.now())
        return (self._stopped, *found)

    def concerns(self) -> Sequence[Condition]:
        """What does not block, and wants seeing to."""
        return (*self._forms(), *self._hub.health.concerns)

    def _forms(self) -> Sequence[Condition]:
        unread = self._hub.rules.forms.unread
        if unread is None:
            return ()
        first = unread.faults[0]
        where = f"{Path(first.at.file).name}:{first.at.line}:{first.at.column}"
        return (Condition("forms", f"{len(unread.faults)}: {first.code} {where}", unread.since),)


class Health:
    """The resource."""

    def __init__(self, hub: Hub, readiness: Readiness) -> None:
        self._hub = hub
        self._readiness = readiness

    async def live(self, _request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """The loop runs: it answered."""
        return json_response({"status": "alive", "hub": self._hub.name})

    async def ready(self, _request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """Whether messages can be taken and delivered."""
        blocked, concerns = self._readiness.blocked(), self._readiness.concerns()
        told: dict[str, object] = {"status": "not_ready" if blocked else "ready", "hub": self._hub.name}
        if blocked:
            return json_response({**told, "blocked": blocked, "concerns": concerns}, 503)
        return json_response({**told, "concerns": concerns})


def routes(hub: Hub, readiness: Readiness) -> Sequence[Route]:
    """The routes of this resource."""
    health = Health(hub, readiness)
    return (
        Route(
            method="GET",
            path="/health/live",
            name="isAlive",
            meaning=Text("进程是否存活。", "Whether the process lives."),
            handler=health.live,
            answers={200: Answer(Text("存活", "It does"), JSON, Alive)},
            open=True,
            quiet=True,
        ),
        Route(
            method="GET",
            path="/health/ready",
            name="isReady",
            meaning=Text(
                "能否接收和投递；否则说明受阻原因与起始时间。", "Whether it can work; if not, what is in the way."
            ),
            handler=health.ready,
            answers={
                200: Answer(Text("就绪", "It can"), JSON, Ready),
                503: Answer(Text("未就绪", "It cannot"), JSON, NotReady),
            },
            open=True,
            quiet=True,
        ),
    )
