# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's set-up: hub, far side and load as processes of their own, and the CPU time each has used."""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson

from certs.api_key import digest_of, new_key
from hub.bench.payload import CONTRACT

_LINE = 64 * 1024 * 1024
_READY_SECONDS = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Rig:
    """A running set-up. ``url`` is the hub's address, ``sink`` the far side's."""

    url: str
    sink: str
    key: str
    hub_pid: int
    database_pid: int | None
    load: asyncio.subprocess.Process
    http: aiohttp.ClientSession

    async def send(self, order: dict[str, object]) -> dict[str, object]:
        """Have the load generator do this, and wait for its result."""
        assert self.load.stdin is not None
        assert self.load.stdout is not None
        self.load.stdin.write(orjson.dumps({**order, "url": self.url, "key": self.key}) + b"\n")
        result: dict[str, object] = orjson.loads(await self.load.stdout.readline())
        return result

    async def tally(self) -> dict[str, float]:
        """What the far side has seen."""
        async with self.http.get(f"{self.sink}/tally") as answer:
            tally: dict[str, float] = await answer.json()
            return tally

    async def latencies(self) -> list[float]:
        """The far side's latencies since the last call."""
        async with self.http.post(f"{self.sink}/latencies") as answer:
            latencies: list[float] = await answer.json()
            return latencies

    def cpu(self) -> dict[str, float]:
        """CPU seconds used so far, by part."""
        used = {"hub": _cpu_of(self.hub_pid)}
        if self.database_pid is not None:
            used["database"] = _cpu_of_tree(self.database_pid)
        return used


@asynccontextmanager
async def rig(
    directory: Path, journal: str, bus: str, destinations: int, database_pid: int | None
) -> AsyncIterator[Rig]:
    """Start everything, wait until the hub is ready; at the end stop everything that was started."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        sink = await _start(stack, directory, "sink", "-m", "hub.bench.sink")
        assert sink.stdout is not None
        sink_url = f"http://127.0.0.1:{int(await sink.stdout.readline())}"
        key = new_key(secrets.token_bytes)
        config = _write_deployment(directory, sink_url, digest_of(key), destinations)
        environment = {"GOVHUB_BENCH_JOURNAL": journal, "GOVHUB_BENCH_BUS": bus}
        hub = await _start(
            stack, directory, "hub", "-m", "hub.cli.main", "run", "-c", str(config), "--log-level", "warning",
            environment=environment,
        )  # fmt: skip
        url = await _address(directory, hub)
        await _ready(http, url, hub)
        load = await _start(stack, directory, "load", "-m", "hub.bench.load")
        yield Rig(url, sink_url, key, hub.pid, database_pid, load, http)


async def _start(
    stack: AsyncExitStack, directory: Path, name: str, *arguments: str, environment: dict[str, str] | None = None
) -> asyncio.subprocess.Process:
    log = stack.enter_context((directory / f"{name}.log").open("ab"))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
        limit=_LINE,
        env={**os.environ, **(environment or {})},
    )

    async def stop() -> None:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 40)
            except TimeoutError:
                process.kill()
                await process.wait()

    stack.push_async_callback(stop)
    return process


def _write_deployment(directory: Path, sink: str, digest: str, destinations: int) -> Path:
    names = [f"sink-{n}" for n in range(1, destinations + 1)]
    deployment = {
        "hub": {"name": "bench", "listen": "127.0.0.1:0", "data": "data"},
        "journal": "env:GOVHUB_BENCH_JOURNAL",
        "bus": "env:GOVHUB_BENCH_BUS",
        "systems": {"bench": {"keys": [digest], "sends": [CONTRACT], "any_case": True}, "far": {}},
        "destinations": {
            name: {
                "system": "far",
                "connector": "rest",
                "settings": {"url": f"{sink}/in/{name}", "mode": "binary"},
                "concurrency": 50,
            }
            for name in names
        },
    }
    routes = {"version": 1, "routes": [{"name": "all", "when": {"contract": CONTRACT}, "to": names}]}
    (directory / "routes.yaml").write_bytes(orjson.dumps(routes))  # JSON is YAML too
    config = directory / "govhub.yaml"
    config.write_bytes(orjson.dumps(deployment))
    return config


async def _address(directory: Path, hub: asyncio.subprocess.Process) -> str:
    """The hub prints the address it serves on."""
    assert hub.stdout is not None
    try:
        line = await asyncio.wait_for(hub.stdout.readline(), _READY_SECONDS)
        return str(json.loads(line)["address"])
    except (TimeoutError, ValueError, KeyError) as error:
        raise RuntimeError(f"the hub did not start: see {directory / 'hub.log'}") from error


async def _ready(http: aiohttp.ClientSession, url: str, hub: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_READY_SECONDS):
        while hub.returncode is None:
            async with http.get(f"{url}/health/ready") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.1)


def _cpu_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _cpu_of_tree(pid: int) -> float:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        children = []
    return _cpu_of(pid) + sum(_cpu_of_tree(int(child)) for child in children)
