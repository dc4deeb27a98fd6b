# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processes of the morning: far sides and a hub, started, spoken to, and stopped in order."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

_FAR_SIDE_SECONDS = 10.0
_HUB_SECONDS = 45.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that should be running and is not. ``log`` holds its last words."""

    name: str
    code: int | None
    log: Path


@dataclass(frozen=True, slots=True)
class Child:
    """One process in a process group of its own, so that Ctrl-C reaches only the demonstration itself."""

    name: str
    process: Process
    log: Path

    def ended(self) -> Ended | None:
        """Whether it has ended."""
        return None if self.process.returncode is None else Ended(self.name, self.process.returncode, self.log)

    async def tell(self, line: str) -> None:
        """One command on its standard input."""
        with contextlib.suppress(ConnectionError):
            assert self.process.stdin is not None
            self.process.stdin.write(f"{line}\n".encode())
            await self.process.stdin.drain()

    async def heard(self) -> Mapping[str, Any] | None:
        """The next line that it says, an object; None: it has ended."""
        assert self.process.stdout is not None
        said = await self.process.stdout.readline()
        return orjson.loads(said) if said else None

    async def stop(self, seconds: float) -> None:
        """Ask, wait, and insist. A far side is asked by closing its input, a hub by SIGTERM."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        elif self.process.returncode is None:
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            self.kill()
            await self.process.wait()

    def kill(self) -> None:
        """At once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()


async def start_far_side(name: str, part: Path, log: Path) -> tuple[Child, int] | Ended:
    """A far side and the port it can be pushed to (0: it cannot). Its standard input keeps it alive."""
    match await start_part(name, "hub.demo.far", part, log):
        case Ended() as ended:
            return ended
        case (child, said):
            return child, int(said["port"])


async def start_platform(app_key: str, secret: str, log: Path) -> tuple[Child, str] | Ended:
    """The data-sharing platform as ``govhub simulate`` starts it, and its address. Secrets that it gives hold for a minute."""
    said = {"app_key": app_key, "other": "r_housing", "other_secret": secret, "life_seconds": "60"}
    options = [part for name, value in said.items() for part in ("--option", f"{name}={value}")]
    command = (sys.executable, "-m", "hub.cli.main", "simulate", "sharing_platform", "--port", "0", *options)
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub.demo.tether", str(os.getpid()), *command),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=errors,
            process_group=0,
        )
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode().strip()
    if not address.startswith("http"):
        return Ended("platform", await process.wait(), log)
    return Child("platform", process, log), address


async def start_part(name: str, module: str, part: Path, log: Path) -> tuple[Child, Mapping[str, Any]] | Ended:
    """A program of the demonstration, and what it says in its first line. Its standard input keeps it alive."""
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, str(part)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=errors,
            process_group=0,
        )
    child = Child(name, process, log)
    said = await child.heard()
    return Ended(name, await process.wait(), log) if said is None else (child, said)


async def start_hub(config: Path, log: Path) -> Child:
    """A hub as ``govhub run`` starts it."""
    command = (sys.executable, "-m", "hub.cli.main", "run", "--config", str(config))
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub.demo.tether", str(os.getpid()), *command),
            stdin=DEVNULL,
            stdout=errors,
            stderr=errors,
            process_group=0,
        )
    return Child("hub", process, log)


def serving_at(hub: Child) -> str | None:
    """The address the hub says it serves at; None: it has not said yet."""
    for line in hub.log.read_bytes().splitlines():
        if b'"serving"' in line:
            return str(orjson.loads(line)["address"])
    return None


class Company:
    """All of them. Closing lets the senders rest, drains the hub while it can still deliver, then sends all home."""

    def __init__(self) -> None:
        self.far_sides: list[Child] = []
        self.hub: Child | None = None
        self.platform: Child | None = None
        self.providers: Child | None = None
        self.province: Child | None = None

    @property
    def _beside(self) -> list[Child]:
        """Those that the hub delivers to and that outlive it."""
        return [one for one in (self.platform, self.providers, self.province) if one is not None]

    def ended(self) -> Ended | None:
        """The first that is not there any more."""
        children = [*self.far_sides, *self._beside, *([self.hub] if self.hub else [])]
        return next((ended for child in children if (ended := child.ended()) is not None), None)

    async def tell(self, line: str) -> None:
        """The same to every far side."""
        for child in self.far_sides:
            await child.tell(line)

    async def close(self) -> None:
        """In order."""
        await self.tell("rest")
        if self.hub is not None:
            await self.hub.stop(_HUB_SECONDS)
        await asyncio.gather(*(child.stop(_FAR_SIDE_SECONDS) for child in self.far_sides))
        await asyncio.gather(*(child.stop(_FAR_SIDE_SECONDS) for child in self._beside))

    def kill(self) -> None:
        """Everybody at once. Databases are told to stop as they stand (SIGQUIT), which they recover from."""
        below = [pid for one in (self.hub, self.province) if one is not None for pid in _children(one.process.pid)]
        for child in [*self.far_sides, *self._beside, *([self.hub] if self.hub else [])]:
            child.kill()
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)


def _children(pid: int) -> list[int]:
    """proc(5), ``children``: of every thread, since each may have started some."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in listed.read_text(encoding="ascii").split()]
    return found
