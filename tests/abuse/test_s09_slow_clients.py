# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""S9: who sends a head slowly, opens connections without end, or never shakes hands, takes nothing from anybody else."""

import asyncio
import resource
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from hub.api import server as server_module
from hub.api.tls import HANDSHAKE_SECONDS
from hub.config.deployment import Limits
from tests.hub.api.house import House, application
from tests.hub.identities.secure_house import KEY, event, secure_house
from tests.support.authority import Ca

pg18 = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

_HEAD = b"POST /v1/messages HTTP/1.1\r\nHost: hub\r\n"


@asynccontextmanager
async def connected(port: int, count: int) -> AsyncIterator[list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]:
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield opened
    finally:
        for _, writer in opened:
            writer.close()


def test_the_defaults_are_those_of_the_catalogue() -> None:
    limits = Limits()
    assert (limits.header_seconds, limits.receive_seconds, limits.peer_connections) == (10, 60, 1000)
    assert HANDSHAKE_SECONDS == 10


async def test_s09_a_head_that_trickles_is_cut_though_every_byte_is_new(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write(_HEAD)
    ended = asyncio.create_task(reader.read())
    began = asyncio.get_running_loop().time()
    while not ended.done():
        writer.write(b"X-Slow: 1\r\n")
        await asyncio.wait([ended], timeout=0.05)
        assert asyncio.get_running_loop().time() - began < 30, "it was never cut"
    writer.close()
    assert ended.exception() is not None or ended.result() == b""  # a reset, or the end: no answer


async def test_s09_a_second_head_has_no_more_time_than_the_first(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write(b"GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    writer.write(b"GET /health/live HTTP/1.1\r\nX-Slow: ")
    async with asyncio.timeout(30):
        await asyncio.wait([asyncio.create_task(reader.read())])
    writer.close()
    assert "connection cut" in [call.kwargs.get("event") for call in house.logged.calls]


async def test_s09_a_body_has_a_time_of_its_own(house: House) -> None:
    """Half a second is for the head; a body may take longer."""
    body = b"{}"
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write(
        _HEAD + b"Authorization: Bearer ghk_made-up-key-of-portal\r\nContent-Type: application/cloudevents+json\r\n"
        b"Connection: close\r\nContent-Length: 2\r\n\r\n{"
    )
    await house.hub.clock.sleep(0.7)
    writer.write(body[1:])
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 "), answer


async def test_s09_many_slow_heads_hold_up_nobody(house: House) -> None:
    async with connected(house.server.port, 300) as slow:
        for _, writer in slow:
            writer.write(_HEAD)
        for _ in range(10):
            status, _, _ = await house.send(application())
            assert status == 202
        async with asyncio.timeout(60):
            for reader, _ in slow:
                await asyncio.wait([asyncio.create_task(reader.read())])
        status, _, _ = await house.send(application())
        assert status == 202


async def test_s09_one_address_takes_so_many_connections_and_the_next_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = house.hub.intake
    most = intake.peers["127.0.0.1"] + 5  # the test's own client keeps some open
    monkeypatch.setattr(intake, "peer_connections", most)
    async with connected(house.server.port, 5):
        async with asyncio.timeout(30):
            while intake.peers["127.0.0.1"] < most:
                await house.hub.clock.sleep(0.01)
        answer = await house.raw(b"")
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"E_BUSY" in answer
        assert b"Retry-After: 30\r\n" in answer
    async with asyncio.timeout(30):
        while intake.peers["127.0.0.1"] >= most:
            await house.hub.clock.sleep(0.01)
    status, _, _ = await house.send(application())
    assert status == 202


@pg18
async def test_s09_the_proxy_brings_everybody_and_is_not_counted(tmp_path: Path, dsn: str) -> None:
    proxy = {"addresses": ["127.0.0.1"], "subject_header": "X-Subject"}
    more = {"hub": {"name": "hub-1", "data": "data", "proxy": proxy}}
    async with secure_house(tmp_path / "hub", dsn, Ca(tmp_path / "ca"), more=more) as secure:
        secure.hub.intake.peer_connections = 1
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=secure.ca.file))
        async with aiohttp.ClientSession(connector=connector) as http, http.get(f"{secure.url}/v1/me") as kept:
            assert kept.status == 401
            said = await secure.send(event(), "-H", f"Authorization: Bearer {KEY}")
            assert said.status == 202
            assert not secure.hub.intake.peers


@pg18
async def test_s09_handshakes_that_never_come_are_ended_and_hold_up_nobody(
    tmp_path: Path, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as the machine lets this process open, 2,000 at most; in production each has ten seconds."""
    monkeypatch.setattr(server_module, "HANDSHAKE_SECONDS", 2.0)
    count = min(2000, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 300) // 2)
    async with (
        secure_house(tmp_path / "hub", dsn, Ca(tmp_path / "ca")) as secure,
        connected(secure.server.port, count) as silent,
    ):
        said = await secure.send(event(), "-H", f"Authorization: Bearer {KEY}")
        assert said.status == 202
        async with asyncio.timeout(60):
            await asyncio.gather(*(asyncio.wait([asyncio.create_task(reader.read())]) for reader, _ in silent))
        assert secure.hub.intake.connected == 0
