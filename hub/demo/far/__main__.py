# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One far side as a process: ``python -m hub.demo.far FILE``.

FILE is its configuration (JSON). It says ``{"port": N}`` on standard output when it can be pushed to, is told
``start ADDRESS`` and ``rest`` on standard input, and ends when that is closed: so it never outlives who started it.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from hub.demo.far.actor import Actor
from hub.demo.far.calling import Hub, Mode
from hub.demo.far.collecting import Collecting
from hub.demo.far.fate import Morning
from hub.demo.far.hall import Hall
from hub.demo.far.inbox import Inbox
from hub.demo.far.ledger import Ledger
from hub.demo.far.reception import Reception
from hub.demo.far.services import HALL
from hub.demo.far.sharing import NoticeReception, Share, SharedHub
from hub.demo.far.temper import Moody, always_well


@dataclass(frozen=True, slots=True)
class Part:
    """``key`` opens the hub to it, ``token`` opens it to the hub. ``mailbox``: it only calls out, nothing is pushed."""

    system: str
    ledger: str
    key: str
    token: str
    mode: Mode
    mailbox: bool
    moody: bool
    seed: int
    run: str
    cases: int
    speed: float
    platform: str = ""
    platform_secret: str = ""
    """Set for a department that is reached by way of the sharing platform: where it is, and what signs there."""
    folder: str = ""
    ofd: bool = False
    """Set for the hall: where it keeps sealed documents, and whether OFDs can be sealed here."""


async def play(part: Part) -> None:
    """From the first line of standard input to its end."""
    commands = await _commands()
    path = Path(part.ledger)
    ledger = Ledger(path)
    connection: list[Hub] = []
    morning = Morning(part.seed, part.run, part.cases)
    actor: Actor | Hall = (
        Hall(morning, lambda: connection[0], ledger, Path(part.folder), ofd=part.ofd)
        if part.system == HALL
        else Actor(part.system, morning, part.speed, lambda: connection[0])
    )
    inbox = Inbox(ledger, path, actor.on_effect)
    temper = Moody(part.seed) if part.moody else always_well
    tasks: list[asyncio.Task[None]] = []
    limits = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(connector=limits, timeout=aiohttp.ClientTimeout(total=30)) as session:
        share = Share(session, part.platform, part.platform_secret) if part.platform else None
        reception = (
            Reception(inbox, part.token, temper) if share is None else NoticeReception(inbox, part.token, temper, share)
        )
        port = 0 if part.mailbox else await reception.open()
        sys.stdout.write(orjson.dumps({"port": port}).decode() + "\n")
        sys.stdout.flush()
        async for line in commands:
            match line.decode().split():
                case ["start", address]:
                    connection.append(
                        Hub(session, address, part.key, ledger, part.mode)
                        if share is None
                        else SharedHub(session, address, part.key, ledger, share, part.seed)
                    )
                    tasks += _tasks(part, actor, connection[0], inbox)
                case ["rest"]:
                    actor.rest()
                case _:
                    sys.stderr.write("unknown command\n")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await actor.finish()
        await reception.close()
    await ledger.close()


def _tasks(part: Part, actor: Actor | Hall, hub: Hub, inbox: Inbox) -> list[asyncio.Task[None]]:
    tasks = []
    if isinstance(actor, Actor) and part.system == "portal":
        tasks.append(asyncio.create_task(actor.open_cases()))
    if part.mailbox:
        tasks.append(asyncio.create_task(Collecting(hub, part.system, inbox, part.seed).run()))
    return tasks


async def _commands() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def main(arguments: list[str]) -> None:
    """Read the part, then play it."""
    written: dict[str, Any] = orjson.loads(Path(arguments[1]).read_bytes())
    asyncio.run(play(Part(**written)))


if __name__ == "__main__":
    main(sys.argv)
