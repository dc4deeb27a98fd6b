# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Our calls against a server of other makers: the npm package soap."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sdk import Context, Delivered, NotSeen, Parcel, Rejected
from connectors.soap import CONNECTOR, SoapConfig
from tests.support.missing import missing

HERE = Path(__file__).parent
STATUS = "/tijiaoResponse/return>>/RESULT/STATUS"
STATE = "/chaxunResponse/return>>/zhuangtai"


@dataclass
class Peer:
    """The server, and what it says."""

    process: asyncio.subprocess.Process
    port: int

    async def heard(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line: dict[str, Any] = orjson.loads(await asyncio.wait_for(self.process.stdout.readline(), 30))
        return line


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").exists():
        missing("没有 Node.js 或 npm soap：运行 make servers / no Node.js, or no npm soap: run make servers")
    process = await asyncio.create_subprocess_exec(
        node, str(HERE / "server.mjs"), str(HERE / "banjian.wsdl"), stdout=asyncio.subprocess.PIPE
    )
    started = Peer(process, 0)
    try:
        started.port = (await started.heard())["port"]
        yield started
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_calls_a_server_of_other_makers(
    peer: Peer, context: Context, parcel: Callable[..., Parcel], version: str
) -> None:
    config = SoapConfig.model_validate(
        {
            "wsdl_file": str(HERE / "banjian.wsdl"),
            "url": f"http://127.0.0.1:{peer.port}/services/banjian",
            "version": version,
            "operation": "tijiao",
            "parameters": {"sblsh": "{key}", "neirong": "{body}"},
            "idempotency": "queryable",
            "query": {
                "operation": "chaxun",
                "parameters": {"sblsh": "{key}"},
                "answers": [
                    {"at": STATE, "in": ["yiban"], "means": "delivered"},
                    {"at": STATE, "in": ["wu"], "means": "not_seen"},
                ],
            },
            "answers": [{"at": STATUS, "in": ["200"], "means": "delivered", "named": STATUS.replace("STATUS", "DATA")}],
        }
    )
    body = '<办件 名="㐀&amp;">1 < 2 \n</办件>'
    async with CONNECTOR.sink(config, context) as sink:
        there = await sink.check()
        sent = await sink.send(parcel(body=body.encode()))
        known, unknown = await sink.query("key-1"), await sink.query("key-2")
        refused = await sink.send(parcel("key-2", body=b"cuowu"))
    assert isinstance(there, Delivered)
    assert (sent, known, unknown) == (Delivered("key-1"), Delivered(), NotSeen())
    assert (await peer.heard())["tijiao"] == {"sblsh": "key-1", "neirong": body}
    assert isinstance(refused, Rejected), refused
