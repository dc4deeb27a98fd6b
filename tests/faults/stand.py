# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the rows run on: hubs, recipients and a database as real processes, with a proxy on every line between them.

async with Stand(servers, folder, places=…) as stand:
    async with stand.row("F3", …) as row:
        await row.flowing()
        …                       # the fault
    # here everything was examined, reported, and asserted
"""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import orjson

from certs.api_key import digest_of
from tests.faults.proxy import Proxy
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.postgres import PrivatePostgres, free_port
from tests.support.rabbitmq import RabbitNode

KEY = "ghk_made-up-key-of-the-load"
TOKEN = "made-up-token"
PARTITIONS = 16
_STOP_SECONDS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A destination. ``sources``: whose messages go there. Without ``connector`` it is a REST recipient of our own."""

    name: str
    sources: tuple[str, ...] = ("load",)
    blind: bool = False
    asked: bool = False
    """It keeps no key either, but can be asked about one."""
    behind: str = ""
    """Not a recipient of its own: another line to that one's."""
    timeout: float = 5.0
    section: Mapping[str, object] = field(default_factory=dict)
    """What else its section of the deployment says."""
    connector: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)


HOUSING = Place(name="housing")
SEALS = Place(name="seals", blind=True)
REGISTRY = Place(
    name="registry", sources=("asked",), asked=True, section={"ask": {"first_seconds": 0.5, "longest_seconds": 2}}
)
ILL = tuple(
    Place(name=name, sources=("ill",), behind="housing", timeout=2.0)
    for name in ("hole", "cut", "late", "trickle", "stall")
)
"""Lines to the recipient of housing that fall ill while the others are well (N4)."""


@dataclass(frozen=True, slots=True)
class Servers:
    """The private servers, shared by all rows."""

    postgres: PrivatePostgres
    broker: RabbitNode

    async def ensure_running(self) -> None:
        await self.postgres.ensure_running()
        await self.broker.ensure_running()


@dataclass(slots=True)
class Recipient:
    """A recipient's process, and the line to it."""

    book: Path
    process: Process
    port: int
    proxy: Proxy

    async def tell(self, word: str) -> None:
        """``slow SECONDS`` or ``well``."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())
        await self.process.stdin.drain()


class Stand:
    """Hubs ``hub-1``… on one fresh database and one virtual host of the broker."""

    def __init__(
        self, servers: Servers, folder: Path, name: str, *, hubs: int = 2, places: Sequence[Place] = (HOUSING, SEALS),
        sources: Sequence[str] = ("load",), environment: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None, started: bool = True,
    ) -> None:  # fmt: skip
        self.servers = servers
        self.folder = folder
        self.name = name
        self.places = {place.name: place for place in places}
        self.hubs: dict[str, HubProcess] = {}
        self.to_journal: dict[str, Proxy] = {}
        self.to_broker: dict[str, Proxy] = {}
        self.recipients: dict[str, Recipient] = {}
        self.urls: dict[str, str] = {}
        self.dsn = ""
        self.idle_bytes = 0
        self.idle_files = 0
        self.environment = dict(environment or {})
        self._number = hubs
        self._sources = sources
        self._more = dict(more or {})
        self._started = started
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.servers.ensure_running()
        self.dsn = await self.servers.postgres.fresh_database()
        await self.make_virtual_host()
        self.folder.mkdir(parents=True, exist_ok=True)
        places = self.places.values()
        own = [place for place in places if not place.connector and not place.behind]
        opened = await asyncio.gather(*(self._recipient(place) for place in own))
        self.recipients = {place.name: recipient for place, recipient in zip(own, opened, strict=True)}
        for place in places:
            if place.behind:
                shared = self.recipients[place.behind]
                line = await self._stack.enter_async_context(Proxy(shared.port))
                self.recipients[place.name] = replace(shared, proxy=line)
        for number in range(1, self._number + 1):
            await self.add_hub(f"hub-{number}")
        if self._started:
            await asyncio.gather(*(self.start(name) for name in self.hubs))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.servers.ensure_running()
        for proxy in self.proxies:
            proxy.clear()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await asyncio.gather(*(hub.stop() for hub in self.hubs.values() if hub.running))
        finally:
            for hub in self.hubs.values():
                if hub.running:
                    await hub.kill()
        await self._stack.aclose()
        await self.servers.postgres.drop_database(self.dsn)

    @property
    def proxies(self) -> list[Proxy]:
        far = [recipient.proxy for recipient in self.recipients.values()]
        return [*self.to_journal.values(), *self.to_broker.values(), *far]

    @property
    def pooled(self) -> frozenset[int]:
        """Ports to which a hub keeps connections for reuse, bounded by the pool and by ``concurrency``."""
        far = [recipient.proxy for recipient in self.recipients.values()]
        return frozenset(proxy.port for proxy in (*self.to_journal.values(), *far))

    @property
    def blind(self) -> frozenset[str]:
        return frozenset(name for name, place in self.places.items() if place.blind)

    async def make_virtual_host(self) -> str:
        """The broker's URL of it; made anew after the broker lost everything."""
        return await self.servers.broker.virtual_host(f"faults-{self.name}")

    async def start(self, hub: str) -> None:
        await self.hubs[hub].start(self.environment)

    async def heal(self) -> None:
        """Whatever the row before left behind: servers run, lines are clear, hubs run and are awake."""
        await self.servers.ensure_running()
        for proxy in self.proxies:
            proxy.clear()
        for hub in self.hubs.values():
            if hub.running:
                hub.thaw()
        await asyncio.gather(*(self.start(name) for name, hub in self.hubs.items() if not hub.running))
        for recipient in self.recipients.values():
            await recipient.tell("well")

    async def connect(self) -> asyncpg.Connection:
        """A connection of our own to the hubs' database, past every proxy."""
        return await asyncpg.connect(self.dsn)

    async def owners(self) -> dict[int, tuple[str, int]]:
        """Who owns which partition of the default group now: the hub's name ("" for nobody), and the epoch."""
        connection = await self.connect()
        try:
            rows = await connection.fetch(
                """select p.partition, p.epoch, coalesce(h.name, '') as name from partition_lease p
                   left join hub_instance h on h.incarnation = p.owner and p.expires_at > clock_timestamp()
                   where p.grp = 'default'"""
            )
        finally:
            await connection.close()
        return {row["partition"]: (row["name"], row["epoch"]) for row in rows}

    async def until_shared(self, among: Sequence[str], seconds: float) -> float:
        """Wait until these hubs have all partitions, evenly; how long that took."""
        begun = time.monotonic()
        async with asyncio.timeout(seconds):
            while True:
                names = [name for name, _ in (await self.owners()).values()]
                shares = [names.count(one) for one in among]
                if sum(shares) == PARTITIONS and max(shares) - min(shares) <= 1:
                    return time.monotonic() - begun
                await asyncio.sleep(0.1)

    async def add_hub(self, name: str) -> HubProcess:
        """One more, not yet started."""
        journal = await self._stack.enter_async_context(Proxy(self.servers.postgres.port))
        url = urlsplit(await self.make_virtual_host())
        broker = await self._stack.enter_async_context(Proxy(url.port or 0))
        self.to_journal[name], self.to_broker[name] = journal, broker
        listen = f"127.0.0.1:{free_port()}"
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        deployment = {
            "hub": {"name": name, "listen": listen, "data": str(self.folder / "data")},
            "journal": self.servers.postgres.dsn(self.dsn.rpartition("/")[2], port=journal.port),
            "bus": urlunsplit(url._replace(netloc=f"hub:hub@127.0.0.1:{broker.port}")),
            "partitions": PARTITIONS,
            "secrets": {"token": "env:FAULTS_TOKEN"},
            "systems": {
                **{name: {} for name in self.places},
                **{one: {"keys": [digest_of(KEY + one)], "sends": ["*"], "any_case": True} for one in self._sources},
            },
            "destinations": {place.name: self._section(place) for place in self.places.values()},
            **self._more,
        }
        routes: list[Mapping[str, object]] = [
            {
                "name": one,
                "when": {"source": one},
                "to": [place.name for place in self.places.values() if one in place.sources],
            }
            for one in self._sources
        ]
        self.environment["FAULTS_TOKEN"] = TOKEN
        hub = HubProcess(write_deployment(folder, deployment, routes))
        self.hubs[name] = hub
        self.urls[name] = f"http://{listen}"
        return hub

    def log_of(self, hub: str) -> list[dict[str, Any]]:
        """What a hub has logged, line by line."""
        lines = (self.folder / hub / "hub.log").read_bytes().splitlines()
        return [orjson.loads(line) for line in lines if line.startswith(b"{")]

    def unfinished_uploads(self, hub: str) -> int:
        """Temporary files of uploads in a hub's store."""
        return sum(1 for folder in (self.folder / hub / "data").rglob("incoming") for _ in folder.iterdir())

    def _section(self, place: Place) -> dict[str, object]:
        section: dict[str, object] = {
            "system": place.name,
            "connector": place.connector or "rest",
            "timeout_seconds": place.timeout,
            "retry": {"attempts": 1000, "first_seconds": 0.2, "longest_seconds": 2},
            **place.section,
        }
        if place.connector:
            return {**section, "settings": dict(place.settings)}
        settings = {
            "url": f"http://127.0.0.1:{self.recipients[place.name].proxy.port}/events",
            "bearer_secret": "token",
            "mode": "structured" if place.blind else "binary",
            **self._memory(place),
            "timeout_seconds": place.timeout,
            **place.settings,
        }
        return {**section, "settings": settings}

    def _memory(self, place: Place) -> dict[str, object]:
        """What the far side knows of keys, as its section says it."""
        if not place.asked:
            return {"idempotency": "none" if place.blind else "native"}
        answers = [
            {"status": 200, "at": "/state", "in": ["done"], "means": "delivered", "receipt": "/receipt"},
            {"status": 404, "at": "/state", "in": ["never"], "means": "not_seen"},
        ]
        url = f"http://127.0.0.1:{self.recipients[place.name].proxy.port}/events/{{key}}"
        return {"idempotency": "queryable", "query": {"url": url, "answers": answers}}

    async def _recipient(self, place: Place) -> Recipient:
        book = self.folder / f"{place.name}.jsonl"
        kind = "blind" if place.blind else "asked" if place.asked else "keeps"
        process = await spawn(self._stack, self.folder, "tests.faults.recipient", str(book), TOKEN, kind)
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        return Recipient(book, process, port, await self._stack.enter_async_context(Proxy(port)))


async def spawn(stack: AsyncExitStack, folder: Path, module: str, *arguments: str) -> Process:
    """A process that ends when its input is closed, which happens at the end of the stack."""
    log = stack.enter_context((folder / f"{module}.log").open("ab"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdin=PIPE, stdout=PIPE, stderr=log
    )

    async def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()

    stack.push_async_callback(end)
    return process
