# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that takes messages by HTTP, refuses them, or is away: a real server, at one address for all its life."""

from dataclasses import dataclass, field

from aiohttp import web


@dataclass(slots=True)
class Department:
    """``status`` is what it answers next; ``got`` are the delivery keys that it took."""

    status: int = 200
    got: list[str] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None
    _site: web.TCPSite | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await self.come_back()

    async def go_away(self) -> None:
        """Nobody listens at its address any more, and nobody answers on what was connected before."""
        assert self._site is not None
        assert self._runner is not None
        assert self._runner.server is not None
        await self._site.stop()
        await self._runner.server.shutdown(0)

    async def come_back(self) -> None:
        """At the same address."""
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await self._site.start()
        self.port = int(self._runner.addresses[-1][1])

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        await request.read()
        if self.status == web.HTTPOk.status_code and request.method == "POST":
            self.got.append(request.headers.get("Idempotency-Key", ""))
        return web.json_response({}, status=self.status)
