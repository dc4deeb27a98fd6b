# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every request meets: paths, methods, HTTP itself, log lines, health, and the end."""

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest

from hub.api.health import Readiness
from hub.api.server import serve
from hub.config.deployment import Limits
from tests.hub.api.house import House, application, bearer, open_house, write_config
from tests.support.postgres import PrivatePostgres


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/messages/", "/v1/../etc/passwd", "/v1/contracts/x/1", "/%00", "/v2/messages"]
)
async def test_an_unknown_path_is_a_problem(house: House, path: str) -> None:
    status, problem = await house.get(path)
    assert (status, problem["code"]) == (404, "E_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/messages", "POST"),
        ("DELETE", "/v1/messages/x", "GET"),
        ("POST", "/v1/materials/x", "GET, HEAD, PUT"),
        ("HEAD", "/v1/mailbox/x", "GET"),
        ("PATCH", "/health/live", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(house: House, method: str, path: str, allowed: str) -> None:
    async with house.http.request(method, f"{house.url}{path}", headers=bearer("portal")) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == allowed
        if method != "HEAD":
            assert (await answer.json(content_type=None))["code"] == "E_METHOD"


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\rX-Injected: 1\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: x\r\nExpect: the-unexpected\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_refused_as_a_problem(house: House, sent: bytes) -> None:
    answer = await house.raw(sent)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"application/problem+json" in answer
    assert b"E_HTTP_MALFORMED" in answer
    assert b"Server: govhub\r\n" in answer
    assert b"aiohttp" not in answer


async def test_a_connection_that_never_sends_its_headers_is_closed(house: House) -> None:
    async with asyncio.timeout(20):
        assert await house.raw(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ") == b""


async def test_requests_on_one_connection_are_answered_in_order(house: House) -> None:
    one = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await house.raw(one * 5 + b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 6


async def test_a_client_that_takes_no_large_answer_is_cut_off(house: House) -> None:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", house.server.port))
        client.settimeout(0)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        manager = house.server._runner.server
        assert manager is not None
        async with asyncio.timeout(30):
            mine = client.getsockname()
            while mine not in [connection.peername for connection in manager.connections]:
                await house.hub.clock.sleep(0.01)
            while mine in [connection.peername for connection in manager.connections]:
                await house.hub.clock.sleep(0.1)


async def test_every_request_has_one_line_without_its_query_or_names(house: House) -> None:
    event = application()
    await house.send(event)
    await house.send({})
    await house.get(f"/v1/cases/{event['subject']}?secret=1")
    calls = [call for call in house.logged.calls if call.kwargs.get("event") == "request"]
    lines = [call.kwargs for call in calls]
    assert [
        (call.method_name, line["method"], line["route"], line["status"], line["system"])
        for call, line in zip(calls, lines, strict=True)
    ] == [
        ("debug", "POST", "/v1/messages", 202, "portal"),  # the path has a line of its own for what it accepts
        ("info", "POST", "/v1/messages", 400, "portal"),
        ("info", "GET", "/v1/cases/{case}", 200, "portal"),
    ]
    assert len({line["request"] for line in lines}) == 3
    assert "secret" not in str(lines)
    assert event["subject"] not in str(lines)


async def test_a_bug_is_a_problem_without_details_and_is_logged(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_request: object) -> None:
        raise RuntimeError("inner secret")

    monkeypatch.setattr(type(house.hub.journal.lookups), "case", broken)
    status, problem = await house.get("/v1/cases/any")
    assert (status, problem["code"]) == (500, "E_BUG")
    assert "secret" not in str(problem)
    errors = [call.kwargs for call in house.logged.calls if call.method_name == "error"]
    assert len(errors) == 1
    assert problem["instance"] == f"urn:uuid:{errors[0]['request']}"
    assert isinstance(errors[0]["exc_info"], TypeError)
    house.logged.calls.clear()


async def test_a_living_hub_says_so_and_logs_it_for_debugging_only(house: House) -> None:
    async with house.http.get(f"{house.url}/health/live") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "alive", "hub": "hub-1"})
    async with house.http.get(f"{house.url}/health/ready") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ready", "hub": "hub-1", "concerns": []})
    assert [call.method_name for call in house.logged.calls if call.kwargs["event"] == "request"] == ["debug"] * 2


async def test_without_its_journal_a_hub_lives_and_is_not_ready(tmp_path: Path) -> None:
    async with PrivatePostgres() as postgres:
        loaded = write_config(tmp_path, await postgres.fresh_database())
        async with open_house(loaded, Limits()) as house:
            assert (await house.get("/health/ready"))[0] == 200
            await postgres.kill()
            assert (await house.get("/health/live"))[0] == 200
            async with asyncio.timeout(20):
                while (await house.get("/health/ready"))[0] == 200:
                    await house.hub.clock.sleep(0.1)
            _, first = await house.get("/health/ready")
            assert [(blocked["what"]) for blocked in first["blocked"]] == ["journal"]
            _, second = await house.get("/health/ready")
            assert second["blocked"][0]["since"] == first["blocked"][0]["since"]
            status, headers, problem = await house.send(application())
            assert (status, problem["code"], headers["Retry-After"]) == (503, "E_JOURNAL_DOWN", "5")
            for path in ("/v1/messages/01900000-0000-7000-8000-000000000000", "/v1/cases/x", "/v1/mailbox/civil-affairs",
                         f"/v1/materials/sha256:{'0' * 64}"):  # fmt: skip
                status, problem = await house.get(path, "civil-affairs")
                assert (status, problem["code"]) == (503, "E_JOURNAL_DOWN")
            await postgres.start()
            async with asyncio.timeout(30):
                while (await house.get("/health/ready"))[0] != 200:
                    await house.hub.clock.sleep(0.1)
            assert (await house.send(application()))[0] == 202


async def test_a_stopping_hub_ends_its_long_polls_and_refuses_what_is_new(tmp_path: Path, house: House) -> None:
    server = await serve(house.hub, Limits(), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}"
    readiness = Readiness(house.hub, server.stopping)
    assert list(readiness.blocked()) == []
    while (await house.fetch("archives", wait=0))[0] == 200:
        pass
    waiting = asyncio.create_task(house.http.get(f"{url}/v1/mailbox/archives?wait=30", headers=bearer("archives")))
    async with asyncio.timeout(10):
        while server._runner.server is None or server._runner.server.requests_count == 0:
            await house.hub.clock.sleep(0.01)
        async with asyncio.timeout(5):
            await server.stop()
    answer = await waiting
    assert answer.status == 204
    assert [(b.what, b.reason) for b in readiness.blocked()] == [("hub", "stopping")]
    with pytest.raises(aiohttp.ClientConnectorError):
        await house.http.get(f"{url}/health/live")
    await server.stop()


async def test_a_port_that_is_taken_is_an_error_of_the_system(house: House) -> None:
    with pytest.raises(OSError, match="address already in use"):
        await serve(house.hub, Limits(), "127.0.0.1", house.server.port)
