# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A recipient, a process of its own: ``python -m tests.faults.recipient LEDGER TOKEN keeps|blind|asked``.

``keeps``: knows the idempotency key, so a repeat is none. ``blind``: every arrival is an effect. ``asked``: so it is there too,
but it can be asked what became of a key. Every effect is on disk before it is answered. Says its port; told ``slow SECONDS``,
``reject PREFIX`` (of ids, which it then refuses for good) or ``well`` on its input; ends when that is closed.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from hub.demo.far.inbox import Inbox
from hub.demo.far.ledger import Ledger, payload_digest
from hub.demo.far.reception import Reception, parse
from hub.demo.far.temper import Slow, Temper, Well


class BlindInbox(Inbox):
    """Has no memory of keys, but for being asked."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.had: set[str] = set()

    async def take(self, key: str, event: dict[str, Any]) -> bool:
        await self._ledger.write(
            "effect", key=key, id=event["id"], source=event["source"], case=event["subject"], contract=event["type"],
            order=0, digest=payload_digest(event["data"]),
        )  # fmt: skip
        self.had.add(key)
        return True


@dataclass(frozen=True, slots=True)
class Unwilling:
    """Refuses for good whatever has an id that begins so."""

    prefix: str


class Desk(Reception):
    """Where the recipient is reached."""

    def __init__(self, inbox: Inbox, token: str, mood: list[Temper | Unwilling], *, asked: bool) -> None:
        super().__init__(inbox, token, lambda _key, _attempt: Well() if isinstance(mood[-1], Unwilling) else mood[-1])
        self._desk = inbox
        self._mood = mood
        self._asked = asked

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), *([web.get("/events/{key}", self._look_up)] if self._asked else [])]

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        mood = self._mood[-1]
        event = parse(request.headers.get("Content-Type", ""), request.headers, await request.read())
        if isinstance(mood, Unwilling) and event is not None and event["id"].startswith(mood.prefix):
            return web.json_response({"code": "UNWANTED", "title": "not this one"}, status=422)
        return await super()._receive(request)

    async def _look_up(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        assert isinstance(self._desk, BlindInbox)
        if key in self._desk.had:
            return web.json_response({"state": "done", "receipt": f"HZ-{key}"})
        return web.json_response({"state": "never"}, status=404)


async def _nobody(event: dict[str, Any]) -> None:
    """Nothing follows from an effect here."""


async def _play(path: Path, token: str, kind: str) -> None:
    ledger = Ledger(path)
    inbox = (Inbox if kind == "keeps" else BlindInbox)(ledger, path, _nobody)
    mood: list[Temper | Unwilling] = [Well()]
    reception = Desk(inbox, token, mood, asked=kind == "asked")
    print(await reception.open(), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        match line.decode().split():
            case ["slow", seconds]:
                mood.append(Slow(float(seconds)))
            case ["reject", prefix]:
                mood.append(Unwilling(prefix))
            case _:
                mood.append(Well())
    await reception.close()
    await ledger.close()


if __name__ == "__main__":
    asyncio.run(_play(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
