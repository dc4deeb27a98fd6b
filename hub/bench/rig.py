# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's set-up: hub, far side and load as processes of their own, and the CPU time each has used."""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson
from yarl import URL

from certs.api_key import digest_of, new_key
from hub.bench.papers import Papers
from hub.bench.payload import CONTRACT

_LINE = 64 * 1024 * 1024
_READY_SECONDS = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the hub under load is to do. ``http`` far sides get JSON and ``xml`` far sides XML, both over HTTP.

    ``queues``: with a broker's URL, what waits in the first queue goes to the second. ``papers``: the hub signs by these keys,
    and the sender must by its own.
    """

    http: int = 1
    xml: int = 0
    queues: tuple[str, str, str] | None = None
    concurrency: int | None = None
    papers: Papers | None = None
    load: tuple[str, ...] = ("hub.bench.load",)
    """The load generator's module, and what it is told when it starts."""


class HubProcess:
    """The hub in a process of its own, on the defaults of ``govhub run``."""

    def __init__(self, directory: Path, config: Path, environment: dict[str, str]) -> None:
        self._directory = directory
        self._config = config
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self, http: aiohttp.ClientSession) -> None:
        """Return when it is ready."""
        self._process = await _spawn(
            self._directory, "hub", "-m", "hub.cli.main", "run", "-c", str(self._config), "--log-level", "warning",
            environment=self._environment,
        )  # fmt: skip
        self.url = await _address(self._directory, self._process)
        await _ready(http, self.url, self._process)

    async def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """In order."""
        if self._process is not None:
            await _stop(self._process)


@dataclass(frozen=True, slots=True)
class Rig:
    """A running set-up. ``sink`` is the far side's address; ``pids`` name the parts whose CPU time counts."""

    hub: HubProcess
    sink: str
    key: str
    pids: Mapping[str, Callable[[], int | None]]
    load: asyncio.subprocess.Process
    http: aiohttp.ClientSession

    async def send(self, order: dict[str, object]) -> dict[str, object]:
        """Have the load generator do this, and wait for its result."""
        assert self.load.stdin is not None
        assert self.load.stdout is not None
        self.load.stdin.write(orjson.dumps({**order, "url": self.hub.url, "key": self.key}) + b"\n")
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

    async def poison(self, cases: int) -> None:
        """Have the far side take nothing about the first so many cases."""
        async with self.http.post(f"{self.sink}/poison", json=cases) as answer:
            answer.raise_for_status()

    def cpu(self) -> dict[str, float]:
        """CPU seconds used so far, by part."""
        found = {name: pid() for name, pid in self.pids.items()}
        return {name: _cpu_of_tree(pid) for name, pid in found.items() if pid is not None}

    def memory(self) -> float:
        """The most memory the hub has had resident, in MiB."""
        return resident(self.hub.pid)


@asynccontextmanager
async def rig(
    directory: Path, journal: str, bus: str, scene: Scene, pids: Mapping[str, Callable[[], int | None]]
) -> AsyncIterator[Rig]:
    """Start everything, wait until the hub is ready; at the end stop everything that was started."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        sink = await _started(stack, directory, "sink", "-m", "hub.bench.sink")
        assert sink.stdout is not None
        sink_url = f"http://127.0.0.1:{int(await sink.stdout.readline())}"
        key = new_key(secrets.token_bytes)
        config = _write_deployment(directory, sink_url, digest_of(key), scene)
        hub = HubProcess(directory, config, {"GOVHUB_BENCH_JOURNAL": journal, "GOVHUB_BENCH_BUS": bus})
        stack.push_async_callback(hub.stop)
        await hub.start(http)
        load = await _started(stack, directory, "load", "-m", *scene.load)
        yield Rig(hub, sink_url, key, {"hub": lambda: hub.pid, **pids}, load, http)


async def _started(stack: AsyncExitStack, directory: Path, name: str, *arguments: str) -> asyncio.subprocess.Process:
    process = await _spawn(directory, name, *arguments)
    stack.push_async_callback(_stop, process)
    return process


async def _spawn(
    directory: Path, name: str, *arguments: str, environment: dict[str, str] | None = None
) -> asyncio.subprocess.Process:
    with (directory / f"{name}.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=_LINE,
            env={**os.environ, **(environment or {})},
        )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), 40)
        except TimeoutError:
            process.kill()
            await process.wait()


def _write_deployment(directory: Path, sink: str, digest: str, scene: Scene) -> Path:
    def pushed(name: str, system: str) -> dict[str, object]:
        settings = {"url": f"{sink}/in/{name}", "mode": "binary"}
        bounded = {} if scene.concurrency is None else {"concurrency": scene.concurrency}
        return {"system": system, "connector": "rest", "settings": settings, **bounded}

    destinations = {f"sink-{n}": pushed(f"sink-{n}", "far") for n in range(1, scene.http + 1)}
    destinations |= {f"xml-{n}": pushed(f"xml-{n}", "far-xml") for n in range(1, scene.xml + 1)}
    sources = {}
    if scene.queues is not None:
        broker = URL(scene.queues[0])
        settings = {"url": str(broker.with_user(None)), "user": broker.user, "password_secret": "broker"}
        sources["in"] = {
            "system": "bench",
            "connector": "amqp",
            "settings": {**settings, "queue": scene.queues[1], "refused_queue": f"{scene.queues[1]}.refused"},
        }
        destinations["out"] = {
            "system": "far",
            "connector": "amqp",
            "settings": {**settings, "routing_key": scene.queues[2]},
        }
        (directory / "broker.password").write_text(broker.password or "", encoding="utf-8")
    papers = scene.papers
    deployment = {
        "hub": {"name": "bench", "listen": "127.0.0.1:0", "data": "data"},
        "journal": "env:GOVHUB_BENCH_JOURNAL",
        "bus": "env:GOVHUB_BENCH_BUS",
        "secrets": {"broker": "file:broker.password"} if sources else {},
        "systems": {
            "bench": {
                "keys": [digest],
                "sends": [CONTRACT],
                "any_case": True,
                **({} if papers is None else {"signature": papers.signature}),
            },
            "far": {"speaks": {"contracts": {"*": [1]}}},
            "far-xml": {"speaks": {"contracts": {"*": [1]}, "dialects": ["canonical_xml"]}},
        },
        "sources": sources,
        "destinations": destinations,
        **({} if papers is None else {"trust": papers.trust, "evidence": papers.evidence}),
    }
    routes = {"version": 1, "routes": [{"name": "all", "when": {"contract": CONTRACT}, "to": list(destinations)}]}
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


def resident(pid: int) -> float:
    """The most memory a process has had resident so far, in MiB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    found = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
    return found[0] / 1024 if found else 0.0
