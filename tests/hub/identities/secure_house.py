# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A whole hub behind its own TLS, with authorities of both suites, and curl and openssl as the systems that call it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from structlog.testing import CapturingLogger

from certs.api_key import digest_of
from certs.authority import Use
from contracts.catalogue import builtin
from hub.api.server import Server, serve
from hub.api.tls import ServerTls
from hub.app import running
from hub.cli.serving import server_tls
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from hub.running import Hub
from tests.hub.api.house import capturing
from tests.support.authority import Ca
from tests.support.hub_process import write_deployment

KEY = "ghk_made-up-key-of-portal"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Said:
    """What curl was told: its exit code, the HTTP status (0: none) and the body."""

    code: int
    status: int
    body: bytes

    @property
    def problem(self) -> str:
        return str(json.loads(self.body)["code"])


@dataclass(frozen=True, slots=True)
class SecureHouse:
    hub: Hub
    server: Server
    tls: ServerTls
    ca: Ca
    folder: Path
    logged: CapturingLogger

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server.port}"

    async def curl(self, path: str, *words: str | Path) -> Said:
        """One request of curl, which trusts this authority alone."""
        body = self.folder / f"answer-{next(_numbers)}"
        process = await asyncio.create_subprocess_exec(
            *("curl", "--silent", "--cacert", self.ca.file, "--output", body, "--write-out", "%{http_code}"),
            *("--max-time", "60", *words, f"{self.url}{path}"),
            stdout=asyncio.subprocess.PIPE,
        )
        status, _ = await process.communicate()
        return Said(process.returncode or 0, int(status or b"0"), body.read_bytes() if body.exists() else b"")

    async def send(self, body: bytes, *words: str | Path) -> Said:
        """One message by curl, in structured mode."""
        file = self.folder / f"body-{next(_numbers)}"
        file.write_bytes(body)
        kind = ("-H", "Content-Type: application/cloudevents+json")
        return await self.curl("/v1/messages", *kind, "--data-binary", f"@{file}", *words)

    def lines(self, event: str) -> list[Mapping[str, Any]]:
        return [call.kwargs for call in self.logged.calls if call.kwargs.get("event") == event]


def event(id_: str | None = None, **changes: Any) -> bytes:
    """The bytes of one application, written as its sender happens to write JSON."""
    contract = builtin().versions("cn.gov.application.submitted")[0]
    number = next(_numbers)
    case = f"510500-20260302-{number:06}"
    return json.dumps(
        {
            "specversion": "1.0",
            "id": id_ or f"m-{number}",
            "source": "portal",
            "type": contract.type,
            "subject": case,
            "dataschema": contract.schema_uri,
            "data": {**contract.examples[0].data, "case_no": case},
            **changes,
        },
        ensure_ascii=False,
        indent=1,
    ).encode()


@asynccontextmanager
async def secure_house(
    folder: Path,
    dsn: str,
    ca: Ca,
    *,
    client_auth: str = "optional",
    minimum: str = "1.2",
    portal: Mapping[str, Any] | None = None,
    trust: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> AsyncIterator[SecureHouse]:
    """The portal may send anything, by key or by what ``portal`` says."""
    folder.mkdir(exist_ok=True)
    served = ca.pair(ca.issue("hub", Use.SERVER, hosts=("127.0.0.1", "localhost")))
    for name, file in zip(("hub.pem", "hub.key"), served, strict=True):
        (folder / name).write_bytes(file.read_bytes())
    config = write_deployment(
        folder,
        {
            "hub": {"name": "hub-1", "data": "data"},
            "journal": dsn,
            "bus": "memory",
            "partitions": 1,
            "secrets": {"tls-key": "file:hub.key"},
            "tls": {"certificate": "hub.pem", "key": "tls-key", "client_auth": client_auth, "minimum": minimum},
            "trust": {"anchors": [str(ca.file)], "check_seconds": 0.05, **(trust or {})},
            "systems": {
                "portal": {"keys": [digest_of(KEY)], "sends": ["*"], "any_case": True, **(portal or {})},
                "archives": {},
            },
            "destinations": {"archives": {"system": "archives", "connector": "mailbox"}},
            **(more or {}),
        },
        [{"name": "all", "when": {"contract": "cn.gov.application.submitted"}, "to": "archives"}],
    )
    loaded = load_deployment(config)
    assert isinstance(loaded, Loaded), loaded
    capture, log = capturing()
    async with running(loaded, log) as hub:
        assert isinstance(hub, Hub), hub
        tls = server_tls(loaded, hub)
        assert isinstance(tls, ServerTls), tls
        server = await serve(hub, Limits(), "127.0.0.1", 0, tls=tls)
        try:
            yield SecureHouse(hub, server, tls, ca, folder, capture)
        finally:
            await server.stop()
