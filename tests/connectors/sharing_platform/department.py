# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that hears notices, and what the hub lends a connector: shelf and intake, each with a memory."""

import asyncio
from collections.abc import Sequence
from typing import Any, Self

import orjson
from aiohttp import web

from connectors.sdk import Disposition, Item, Material, NoMaterial, Rejected, Taken, Unavailable
from connectors.sdk.intake import Lent


class Department:
    """Hears notices at one address. ``statuses`` are its next answers; then it is 200. 0: it hears, and hangs up."""

    def __init__(self, statuses: Sequence[int] = ()) -> None:
        self.heard: list[dict[str, Any]] = []
        self.authorizations: list[str] = []
        self.statuses = list(statuses)
        self._changed = asyncio.Condition()
        application = web.Application()
        application.router.add_post("/notices", self._hear)
        self._runner = web.AppRunner(application, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/notices"

    async def until_heard(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.heard) >= count)

    async def _hear(self, request: web.Request) -> web.Response:
        status = self.statuses.pop(0) if self.statuses else 200
        said = orjson.loads(await request.read())
        self.authorizations.append(request.headers.get("Authorization", ""))
        async with self._changed:
            self.heard.append(said)
            self._changed.notify_all()
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=status or 200)


class MemoryShelf:
    """Materials in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Material] = {}
        self.away = False

    async def lend(self, digest: str, most: int) -> Lent:
        if self.away:
            return Unavailable("STORE_DOWN: away")
        material = self.kept.get(digest)
        if material is None:
            return NoMaterial()
        return Rejected("MATERIAL_TOO_LARGE") if len(material.body) > most else material

    async def keep(self, digest: str, material: Material) -> Rejected | Unavailable | None:
        if self.away:
            return Unavailable("STORE_DOWN: away")
        self.kept[digest] = material
        return None


class MemoryIntake:
    """Takes whatever comes, unless told otherwise."""

    def __init__(self) -> None:
        self.brought: list[Item] = []
        self.answers: list[Disposition] = []

    async def bring(self, items: Sequence[Item]) -> Sequence[Disposition]:
        self.brought += items
        return [self.answers.pop(0) if self.answers else Taken(b"{}") for _ in items]
