# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/health``: whether the process lives, and whether it can work; if not, what is in the way and since when."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from aiohttp import web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.documents import Alive, NotReady, Ready
from hub.api.route import JSON, Answer, Route
from hub.api.views import json_response
from hub.ports.bus import BusDown
from hub.ports.journal import JournalDown
from hub.running import Hub

_PATIENCE = 2.0  # a journal that takes longer to say that it is there is not
_FRESH = 1.0  # so long an answer serves, however often it is asked for

Obstacles: TypeAlias = Mapping[str, str]
"""What is in the way, and the reason."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """One thing in the way, since the moment it was first noticed."""

    what: str
    reason: str
    since: datetime


class Readiness:
    """Looks at journal and bus when asked, at most once a second."""

    def __init__(self, hub: Hub, stopping: asyncio.Event) -> None:
        self._hub = hub
        self._stopping = stopping
        self._since: dict[str, datetime] = {}
        self._known: Obstacles = {}
        self._looked_at = -_FRESH
        self._looking = asyncio.Lock()

    async def blocked(self) -> Sequence[Blocked]:
        """Everything in the way now; empty: ready."""
        async with self._looking:
            if self._hub.clock.monotonic() - self._looked_at >= _FRESH:
                self._known = await self._look()
                self._looked_at = self._hub.clock.monotonic()
        known = {"hub": "stopping", **self._known} if self._stopping.is_set() else self._known
        now = self._hub.clock.now()
        self._since = {what: self._since.get(what, now) for what in known}
        return [Blocked(what, reason, self._since[what]) for what, reason in known.items()]

    async def _look(self) -> Obstacles:
        found = {}
        try:
            async with asyncio.timeout(_PATIENCE):
                journal = await self._hub.journal.lookups.ping()
        except TimeoutError:
            journal = JournalDown("slow")
        if journal is not None:
            found["journal"] = journal.reason
        bus = self._hub.bus.state()
        if isinstance(bus, BusDown):
            found["bus"] = bus.reason
        if self._hub.vocabulary.unspoken:
            found["contracts"] = ", ".join(self._hub.vocabulary.unspoken)
        return found


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
        blocked = await self._readiness.blocked()
        if not blocked:
            concerns = [concern] if (concern := self._about_forms()) else []
            return json_response({"status": "ready", "hub": self._hub.name, "concerns": concerns})
        return json_response({"status": "not_ready", "hub": self._hub.name, "blocked": blocked}, 503)

    def _about_forms(self) -> Blocked | None:
        unread = self._hub.rules.forms.unread
        if unread is None:
            return None
        first = unread.faults[0]
        where = f"{Path(first.at.file).name}:{first.at.line}:{first.at.column}"
        return Blocked("forms", f"{len(unread.faults)}: {first.code} {where}", unread.since)


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
