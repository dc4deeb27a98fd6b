# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The hub's HTTP API for systems and operators: the application, and the server that runs it."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from aiohttp import web

from hub.api import (
    accounts,
    acts,
    aliases,
    answers,
    approvals,
    asyncapi,
    audit,
    authorizing,
    cases,
    catalogue,
    console,
    dead,
    deadlines,
    destinations,
    forms,
    health,
    inbound,
    items,
    lookup_records,
    lookups,
    mailbox,
    materials,
    me,
    messages,
    metrics,
    notices,
    openapi,
    operators,
    ops,
    pages,
    parked,
    reconciliations,
    replays,
    tables,
    transactions,
)
from hub.api.connection import Connection
from hub.api.gate import Gate, guarded
from hub.api.health import Readiness
from hub.api.route import Route
from hub.api.tls import HANDSHAKE_SECONDS, ServerTls
from hub.config.deployment import Limits
from hub.running import Hub

IDLE_SECONDS = 75.0
"""How long a connection may stay silent; longer than common proxies keep theirs."""

_FINISH_SECONDS = 20.0
_BACKLOG = 1024

STOPPING = web.AppKey("stopping", asyncio.Event)
"""Set once: nothing new is taken, and whoever waits is answered."""

ROUTES: web.AppKey[Sequence[Route]] = web.AppKey("routes")


def build(hub: Hub, limits: Limits) -> web.Application:
    """The application over a running hub."""
    stopping = asyncio.Event()
    registry = hub.rules.registry
    readiness = Readiness(hub, stopping)
    versioned = (
        *messages.routes(hub, limits),
        *inbound.routes(hub, limits),
        *cases.routes(hub),
        *parked.routes(hub, limits),
        *deadlines.routes(hub),
        *aliases.routes(hub, limits),
        *transactions.routes(hub, limits),
        *answers.routes(hub, limits),
        *lookups.routes(hub, limits),
        *lookup_records.routes(hub),
        *notices.routes(hub, limits),
        *mailbox.routes(hub, limits, stopping),
        *materials.routes(hub, limits),
        *me.routes(hub, limits),
        *dead.routes(hub, limits),
        *replays.routes(hub, limits),
        *reconciliations.routes(hub, limits),
        *items.routes(hub),
        *destinations.routes(hub, limits),
        *tables.routes(hub, limits),
        *acts.routes(hub),
        *operators.routes(hub, limits),
        *accounts.routes(hub, limits),
        *authorizing.routes(hub),
        *approvals.routes(hub, limits),
        *audit.routes(hub),
        *catalogue.routes(registry),
        *forms.routes(hub.rules.forms),
        *pages.routes(registry),
        *console.routes(),
        asyncapi.route_of(registry),
        *health.routes(hub, readiness),
        *metrics.routes(hub),
    )
    described = (*versioned, *ops.routes(hub, limits, readiness, stopping, versioned))
    routes = (*described, openapi.route_of(described, registry))
    app = web.Application(middlewares=[Gate(hub, stopping, routes).attend])
    app[STOPPING] = stopping
    app[ROUTES] = routes
    app.on_shutdown.append(partial(_wake_who_waits, hub))
    for route in routes:
        app.router.add_route(route.method, route.path, guarded(hub, route), expect_handler=_wait_with_the_body)
    return app


class Server:
    """A running server. ``port`` is the one it listens on; ``stopping`` is set as soon as it takes nothing more."""

    def __init__(
        self,
        runner: web.AppRunner,
        listener: asyncio.Server,
        stopping: asyncio.Event,
        keeping: asyncio.Task[None] | None = None,
    ) -> None:
        self._runner = runner
        self._keeping = keeping
        self._listener = listener
        self.stopping = stopping
        self.port: int = listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse what is new, answer who waits, finish what is under way, close every connection. Idempotent."""
        if not self.stopping.is_set():
            self.stopping.set()
            if self._keeping is not None:
                self._keeping.cancel()
                await asyncio.gather(self._keeping, return_exceptions=True)
            self._listener.close()
            await self._runner.cleanup()


async def serve(
    hub: Hub, limits: Limits, host: str, port: int, *, idle: float = IDLE_SECONDS, tls: ServerTls | None = None
) -> Server:
    """Listen on this address (port 0: any that is free) and serve, HTTPS alone if there is TLS. Raises ``OSError`` when it
    cannot be listened on.
    """
    app = build(hub, limits)
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=_FINISH_SECONDS, handler_cancellation=True)
    await runner.setup()
    manager = runner.server
    assert manager is not None, "the runner is set up"
    loop = asyncio.get_running_loop()
    try:
        listener = await loop.create_server(
            lambda: Connection(manager, hub, loop=loop, idle=idle, head=limits.header_seconds),
            host,
            port,
            backlog=_BACKLOG,
            **_secured(tls),
        )
    except OSError:
        await runner.cleanup()
        raise
    keeping = None
    if tls is not None:
        keeping = loop.create_task(
            tls.keep(lambda: hub.identities.known.anchors, hub.identities.reread_seconds), name="tls"
        )
    return Server(runner, listener, app[STOPPING], keeping)


def _secured(tls: ServerTls | None) -> dict[str, Any]:
    if tls is None:
        return {}
    return {"ssl": tls.context, "ssl_handshake_timeout": HANDSHAKE_SECONDS, "ssl_shutdown_timeout": HANDSHAKE_SECONDS}


async def _wake_who_waits(hub: Hub, _app: web.Application) -> None:
    for outlet in hub.outlets.values():
        outlet.doorbell.wake_all()


async def _wait_with_the_body(_request: web.Request) -> None:
    """``100 Continue`` is sent when the body is wanted, not before the sender is known."""
