# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A whole hub behind its real HTTP server, for the tests of the API: systems, keys, mailboxes and messages to send."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson
import structlog
from structlog.testing import CapturingLogger
from structlog.typing import FilteringBoundLogger

from certs.api_key import digest_of
from contracts.catalogue import builtin
from hub.api.server import Server, serve
from hub.app import running
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from hub.running import Hub
from tests.connectors.soap_caller import PASSWORD, SoapCaller
from tests.connectors.webhook_caller import SECRET, WebhookCaller

SYSTEMS = ("portal", "civil-affairs", "archives", "stranger", "superior")
_numbers = itertools.count(1)

_CONFIG = """\
hub: {{name: hub-1, data: data}}
journal: {journal}
bus: memory
partitions: 2
systems:
{systems}
operators:
  watcher: {{keys: ["{watcher}"]}}
  keeper: {{keys: ["{keeper}"], may: [act]}}
destinations:
  civil-affairs:
    system: civil-affairs
    connector: mailbox
    settings: {{lease_seconds: 5, max_batch: 50, max_wait_seconds: 30}}
    retry: {{first_seconds: 0.05, longest_seconds: 0.05}}
  archives: {{system: archives, connector: mailbox, settings: {{max_batch: 100}}}}
  archives-push: {{system: archives, connector: rest, settings: {{url: "http://127.0.0.1:9/"}}}}
secrets: {{callback: {secret}, soap-calls: {password}}}
sources:
  steps: {{system: civil-affairs, connector: rest, settings: {steps}}}
  banjian: {{system: civil-affairs, connector: soap, settings: {banjian}}}
routes: routes.yaml
"""

_ROUTES = """\
version: 1
routes:
  - name: applications
    when: { contract: cn.gov.application.submitted, region: "510502" }
    to: [civil-affairs, archives]
  - name: acceptances
    when: { contract: [cn.gov.acceptance.decided, cn.gov.process.step] }
    to: archives
"""


def key_of(system: str) -> str:
    """A made-up key."""
    return f"ghk_made-up-key-of-{system}"


def bearer(system: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key_of(system)}"}


def write_config(folder: Path, journal: str) -> Loaded:
    """A deployment in a folder of its own."""
    systems = "\n".join(
        f'  {name}: {{keys: ["{digest_of(key_of(name))}"], sends: ["*"], any_case: {str(name == "superior").lower()}}}'
        for name in SYSTEMS
    )
    (folder / "routes.yaml").write_text(_ROUTES)
    (folder / "govhub.yaml").write_text(
        _CONFIG.format(
            journal=journal,
            systems=systems,
            watcher=digest_of(key_of("watcher")),
            keeper=digest_of(key_of("keeper")),
            secret=SECRET,
            password=PASSWORD,
            banjian=orjson.dumps(SoapCaller().settings).decode(),
            steps=orjson.dumps(WebhookCaller().settings).decode(),
        )
    )
    loaded = load_deployment(folder / "govhub.yaml")
    assert isinstance(loaded, Loaded), loaded
    return loaded


def new_case() -> str:
    return f"510500-20260302-{next(_numbers):06}"


def application(case: str | None = None, **changes: Any) -> dict[str, Any]:
    """A structured CloudEvent of the portal. Members that begin with ``data_`` change the data, others the envelope."""
    contract = builtin().versions("cn.gov.application.submitted")[0]
    case = case or new_case()
    data = {**contract.examples[0].data, "case_no": case}
    event = {
        "specversion": "1.0",
        "id": f"m-{next(_numbers)}",
        "source": "portal",
        "type": contract.type,
        "subject": case,
        "dataschema": contract.schema_uri,
        "data": data,
    }
    for name, value in changes.items():
        if name.startswith("data_"):
            data[name.removeprefix("data_")] = value
        else:
            event[name] = value
    return event


@dataclass(frozen=True, slots=True)
class House:
    """The running hub, its server, and what it logged."""

    dsn: str
    data: Path
    hub: Hub
    server: Server
    http: aiohttp.ClientSession
    logged: CapturingLogger

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    async def send(self, event: Any, system: str = "portal", **headers: str) -> tuple[int, Mapping[str, str], Any]:
        """Post in structured mode; status, headers and parsed answer."""
        kind = "application/cloudevents-batch+json" if isinstance(event, list) else "application/cloudevents+json"
        async with self.http.post(
            f"{self.url}/v1/messages", json=event, headers={"Content-Type": kind, **bearer(system), **headers}
        ) as answer:
            return answer.status, answer.headers, await answer.json(content_type=None)

    async def get(self, path: str, system: str = "portal") -> tuple[int, Any]:
        async with self.http.get(f"{self.url}{path}", headers=bearer(system)) as answer:
            return answer.status, await answer.json(content_type=None)

    async def fetch(self, system: str, wait: float = 30, most: int = 50) -> tuple[int, Any]:
        return await self.get(f"/v1/mailbox/{system}?max={most}&wait={wait}", system)

    @asynccontextmanager
    async def database(self) -> AsyncIterator[asyncpg.Connection]:
        """A look at what the hub has written."""
        connection = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()

    async def raw(self, sent: bytes) -> bytes:
        """Write these bytes on a connection of its own, and read until the hub closes it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        return answer


def capturing() -> tuple[CapturingLogger, FilteringBoundLogger]:
    """A logger that remembers what it was told."""
    capture = CapturingLogger()
    log: FilteringBoundLogger = structlog.wrap_logger(
        capture, processors=[], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    return capture, log


@asynccontextmanager
async def open_house(loaded: Loaded, limits: Limits, *, idle: float = 75.0) -> AsyncIterator[House]:
    """Started in order, stopped in order."""
    capture, log = capturing()
    async with running(loaded, log) as hub:
        assert isinstance(hub, Hub), hub
        server = await serve(hub, limits, "127.0.0.1", 0, idle=idle)
        # A test that keeps the loop to itself for long may not find a connection that the hub has given up meanwhile.
        connector = aiohttp.TCPConnector(keepalive_timeout=min(15.0, idle / 2))
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(60)) as http:
            try:
                yield House(loaded.deployment.journal, loaded.path("data"), hub, server, http, capture)
            finally:
                await server.stop()
