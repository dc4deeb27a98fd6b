# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Materials by claim check over HTTP: who may store, who may fetch, and what is never kept."""

import asyncio
import hashlib
import io
import itertools
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.hub.api.house import House, application, bearer

_numbers = itertools.count()


def material() -> tuple[str, bytes]:
    """Bytes nobody has stored yet, with their digest."""
    content = f"材料 {next(_numbers)}".encode() * 50_000
    return f"sha256:{hashlib.sha256(content).hexdigest()}", content


async def put(house: House, digest: str, body: Any, system: str = "portal", **headers: str) -> tuple[int, Any]:
    async with house.http.put(
        f"{house.url}/v1/materials/{digest}", data=body, headers=bearer(system) | headers
    ) as answer:
        return answer.status, await answer.json(content_type=None)


async def get(house: House, digest: str, system: str = "portal", method: str = "GET") -> tuple[int, Any, bytes]:
    async with house.http.request(method, f"{house.url}/v1/materials/{digest}", headers=bearer(system)) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_a_material_is_stored_once_and_given_back(house: House) -> None:
    digest, content = material()
    stored = {"digest": digest, "size": len(content)}
    assert await put(house, digest, content, **{"Content-Type": "application/pdf"}) == (201, stored)
    assert await put(house, digest, content) == (200, stored)
    status, headers, body = await get(house, digest)
    assert (status, body) == (200, content)
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Server"] == "govhub"
    status, headers, body = await get(house, digest, method="HEAD")
    assert (status, headers["Content-Length"], body) == (200, str(len(content)), b"")


async def test_a_material_in_chunks_needs_no_length(house: House) -> None:
    digest, content = material()

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(content), 7777):
            yield content[at : at + 7777]

    assert (await put(house, digest, chunks()))[0] == 201
    assert (await get(house, digest))[2] == content


async def test_wrong_bytes_are_refused_and_not_kept(house: House) -> None:
    digest, content = material()
    status, problem = await put(house, digest, content[:-1])
    assert (status, problem["code"]) == (422, "E_DIGEST_MISMATCH")
    assert await house.hub.materials.exists(digest) is False
    assert (await get(house, digest))[0] == 404


async def test_knowing_a_digest_gives_no_right_to_the_bytes(house: House) -> None:
    digest, content = material()
    assert (await put(house, digest, content))[0] == 201
    assert (await get(house, digest, "stranger"))[0] == 404
    assert (await put(house, digest, b"", "stranger"))[0] == 422
    assert (await get(house, digest, "stranger"))[0] == 404


async def test_the_parties_of_a_case_that_names_a_material_may_fetch_it(house: House) -> None:
    digest, content = material()
    assert (await put(house, digest, content))[0] == 201
    assert (await get(house, digest, "civil-affairs"))[0] == 404
    named = {"name": "营业执照", "digest": digest, "size": len(content), "media_type": "application/pdf"}
    assert (await house.send(application(data_materials=[named])))[0] == 202
    assert (await get(house, digest, "civil-affairs"))[2] == content
    status, _, _ = await get(house, digest, "stranger")
    assert status == 404


@pytest.mark.parametrize("digest", ["x", "sha256:" + "A" * 64, "sha256:..%2F..%2Fetc%2Fpasswd", "sha256:" + "a" * 63])
async def test_a_digest_that_is_none_is_refused(house: House, digest: str) -> None:
    status, problem = await put(house, digest, b"x")
    assert (status, problem["code"]) == (400, "E_QUERY_INVALID")
    assert (await get(house, digest))[0] == 404


async def test_a_material_has_a_largest_size(house: House) -> None:
    too_much = b"0" * (3 * 1024 * 1024 + 1)
    digest = f"sha256:{hashlib.sha256(too_much).hexdigest()}"

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(too_much), 65536):
            yield too_much[at : at + 65536]

    for body in (io.BytesIO(too_much), chunks()):
        status, problem = await put(house, digest, body)
        assert (status, problem["code"]) == (413, "E_TOO_LARGE")
    exact = too_much[:-1]
    assert (await put(house, f"sha256:{hashlib.sha256(exact).hexdigest()}", io.BytesIO(exact)))[0] == 201


async def test_a_slow_line_that_keeps_its_pace_is_given_time_and_a_stalled_one_is_not(house: House) -> None:
    digest, content = material()
    head = (
        f"PUT /v1/materials/{digest} HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer('portal')['Authorization']}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    ).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write(head)
    for at in range(0, len(content), len(content) // 6):
        writer.write(content[at : at + len(content) // 6])
        await house.hub.clock.sleep(0.3)  # in all, longer than the receive time of 1 s
    assert (await reader.readuntil(b"\r\n")) == b"HTTP/1.1 201 Created\r\n"
    writer.close()
    stalled = await house.raw(head + content[:10])
    assert stalled.startswith(b"HTTP/1.1 408 ")


async def test_a_material_the_store_has_lost_is_told_from_one_that_never_was(house: House) -> None:
    digest, content = material()
    assert (await put(house, digest, content))[0] == 201
    await asyncio.to_thread(next(house.data.rglob(digest.removeprefix("sha256:"))).unlink)
    status, headers, _ = await get(house, digest)
    assert (status, headers["Retry-After"]) == (503, "5")
    assert [call.kwargs["event"] for call in house.logged.calls if call.method_name == "error"] == ["material missing"]
    house.logged.calls.clear()


async def test_a_client_that_takes_nothing_is_cut_off(house: House) -> None:
    content = b"0" * (3 * 1024 * 1024)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    await put(house, digest, io.BytesIO(content))
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", house.server.port))
        key = bearer("portal")["Authorization"]
        client.sendall(f"GET /v1/materials/{digest} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n\r\n".encode())
        async with asyncio.timeout(30):
            while not any(call.kwargs["event"] == "material not taken" for call in house.logged.calls):
                await house.hub.clock.sleep(0.1)


async def test_a_material_whose_media_type_is_nonsense_is_bytes(house: House) -> None:
    digest, content = material()
    assert (await put(house, digest, content, **{"Content-Type": "text/html<script>"}))[0] == 201
    assert (await get(house, digest))[1]["Content-Type"] == "application/octet-stream"
