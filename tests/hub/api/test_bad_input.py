# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bad input: a 4xx with its code, journaled where the sender is known, and the hub untouched."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.hub.api.house import House, application, bearer

STRUCTURED = "application/cloudevents+json"
DEEP = b'{"data":' + b"[" * 5000 + b"]" * 5000 + b"}"


async def post(
    house: House, body: Any, kind: str | None = STRUCTURED, *, system: str = "portal", **headers: str
) -> tuple[int, Any]:
    wanted = bearer(system) | headers | ({"Content-Type": kind} if kind else {})
    async with house.http.post(f"{house.url}/v1/messages", data=body, headers=wanted) as answer:
        assert answer.content_type == "application/problem+json"
        problem = await answer.json(content_type=None)
        assert problem["status"] == answer.status
        assert problem["instance"] == f"urn:uuid:{answer.headers['Govhub-Request']}"
        assert answer.headers["Server"] == "govhub"
        return answer.status, problem


async def refusals(house: House, code: str) -> int:
    async with house.database() as connection:
        count: int = await connection.fetchval(
            "select count(*) from refusal where code = $1 and system = 'portal'", code
        )
        return count


def changed(**changes: Any) -> bytes:
    return json.dumps(application(**changes)).encode()


def without(name: str) -> bytes:
    event = application()
    del event[name]
    return json.dumps(event).encode()


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", STRUCTURED, 400, "E_EMPTY_BODY"),
        (b"{", STRUCTURED, 400, "E_JSON_MALFORMED"),
        (b"[]", STRUCTURED, 400, "E_JSON_MALFORMED"),
        (b"null", STRUCTURED, 400, "E_JSON_MALFORMED"),
        (b'{"id":1,"id":2}', STRUCTURED, 400, "E_JSON_DUPLICATE_KEY"),
        (b'{"data":NaN}', STRUCTURED, 400, "E_JSON_NUMBER"),
        (b'{"data":1e999}', STRUCTURED, 400, "E_JSON_NUMBER"),
        (DEEP, STRUCTURED, 400, "E_JSON_DEPTH"),
        ('{"data":"甲"}'.encode("gb18030"), STRUCTURED, 400, "E_ENCODING"),
        (b'{"data":"\\ud800"}', STRUCTURED, 400, "E_ENCODING"),
        (changed(), f"{STRUCTURED}; charset=gb18030", 400, "E_ENCODING"),
        (changed(), "application/json", 415, "E_CONTENT_TYPE"),
        (changed(), "application/cloudevents+avro", 415, "E_CONTENT_TYPE"),
        (changed(), "nonsense", 415, "E_CONTENT_TYPE"),
        (bytes(range(256)), "application/octet-stream", 415, "E_CONTENT_TYPE"),
        (bytes(range(256)), STRUCTURED, 400, "E_ENCODING"),
        (changed(specversion="0.3"), STRUCTURED, 400, "E_SPECVERSION"),
        (without("id"), STRUCTURED, 400, "E_ATTRIBUTE_MISSING"),
        (without("subject"), STRUCTURED, 400, "E_ATTRIBUTE_MISSING"),
        (without("dataschema"), STRUCTURED, 400, "E_ATTRIBUTE_MISSING"),
        (changed(time="yesterday"), STRUCTURED, 400, "E_ATTRIBUTE_INVALID"),
        (changed(id="a\x00b"), STRUCTURED, 400, "E_ATTRIBUTE_INVALID"),
        (changed(type="cn.gov.nothing"), STRUCTURED, 422, "E_CONTRACT_UNKNOWN"),
        (changed(dataschema="urn:govhub:contract:cn.gov.application.submitted:9"), STRUCTURED, 422, "E_CONTRACT_VERSION"),
        (changed(time="2199-01-01T00:00:00Z"), STRUCTURED, 422, "E_CLOCK_FUTURE"),
        (changed(time="1999-01-01T00:00:00Z"), STRUCTURED, 422, "E_TOO_OLD"),
        (changed(expirytime="1999-01-01T00:00:00Z"), STRUCTURED, 422, "E_EXPIRED"),
        (changed(data_region_code="110000"), STRUCTURED, 422, "E_UNROUTABLE"),
        (changed(source="civil-affairs"), STRUCTURED, 403, "E_SOURCE_FOREIGN"),
        (changed(data=None), STRUCTURED, 422, "E_CONTRACT_INVALID"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_and_journaled(
    house: House, body: bytes, kind: str, status: int, code: str
) -> None:
    before = await refusals(house, code)
    answered, problem = await post(house, body, kind)
    assert (answered, problem["code"]) == (status, code), problem
    assert await refusals(house, code) == before + 1


async def test_a_header_of_binary_mode_must_be_one_and_clean(house: House) -> None:
    headers = [
        *bearer("portal").items(), ("Content-Type", "application/json"), ("ce-specversion", "1.0"), ("ce-id", "a"),
        ("ce-id", "b"), ("ce-source", "portal"), ("ce-type", "t"),
    ]  # fmt: skip
    async with house.http.post(f"{house.url}/v1/messages", data=b"{}", headers=headers) as answer:
        problem = await answer.json(content_type=None)
    assert (answer.status, problem["code"]) == (400, "E_ATTRIBUTE_INVALID")
    assert problem["violations"][0]["path"] == "$.headers.ce-id"
    status, problem = await post(
        house, b"{}", "application/json", **{"ce-id": "%0d%0aX-Injected: 1", "ce-source": "portal"}
    )
    assert (status, problem["code"]) == (400, "E_ATTRIBUTE_INVALID")
    status, problem = await post(house, b"\xff\xfe", "application/json", **{
        "ce-id": "a", "ce-source": "portal", "ce-type": "t", "ce-specversion": "1.0"})  # fmt: skip
    assert (status, problem["code"]) == (400, "E_ENCODING")


async def test_no_value_of_a_message_is_repeated_in_its_refusal(house: House) -> None:
    _, problem = await post(house, changed(data_summary="秘密" * 600, data_item_name=["秘密"]))
    assert problem["code"] == "E_CONTRACT_INVALID"
    assert "秘密" not in json.dumps(problem, ensure_ascii=False)
    assert "秘密" not in str(house.logged.calls)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "E_KEY_MISSING"),
        ({"Authorization": "Basic eDp5"}, "E_KEY_MISSING"),
        ({"Authorization": "Bearer "}, "E_KEY_MISSING"),
        ({"Authorization": "Bearer ghk_nobody"}, "E_KEY_UNKNOWN"),
        ({"Authorization": "Bearer " + "x" * 5000}, "E_KEY_UNKNOWN"),
    ],
)
async def test_an_unknown_system_is_turned_away(house: House, headers: dict[str, str], code: str) -> None:
    for method, path in (("POST", "/v1/messages"), ("GET", "/v1/messages/x"), ("PUT", "/v1/materials/x")):
        async with house.http.request(method, f"{house.url}{path}", headers=headers) as answer:
            problem = await answer.json(content_type=None)
            assert (answer.status, problem["code"]) == (401, code)
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="govhub"'


async def test_the_body_of_an_unknown_system_is_not_waited_for(house: House) -> None:
    answer = await house.raw(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"Connection: close" in answer


async def test_an_unknown_system_is_not_told_to_go_on(house: House) -> None:
    head = b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
    answer = await house.raw(head)
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_a_known_system_that_asks_is_told_to_go_on(house: House) -> None:
    body = json.dumps(application()).encode()
    head = (
        f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: {STRUCTURED}\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: {bearer('portal')['Authorization']}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    ).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write(head)
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 202 ")


def head_of(*lines: str) -> bytes:
    known = f"Authorization: {bearer('portal')['Authorization']}"
    fixed = ("POST /v1/messages HTTP/1.1", "Host: x", f"Content-Type: {STRUCTURED}", known)
    return "\r\n".join([*fixed, *lines, "", ""]).encode()


async def test_an_oversize_body_is_refused_by_its_declared_length(house: House) -> None:
    before = await refusals(house, "E_TOO_LARGE")
    answer = await house.raw(head_of("Content-Length: 70000") + b"{")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in answer
    assert b"E_TOO_LARGE" in answer
    assert await refusals(house, "E_TOO_LARGE") == before + 1


async def test_an_endless_body_without_a_length_is_cut_soon_after_the_limit(house: House) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 256 * 1024 * 1024:
            sent += 16 * 1024
            yield b" " * 16 * 1024

    try:
        status, problem = await post(house, endless())
    except aiohttp.ClientError:  # the connection may be closed before the client has read its answer
        pass
    else:
        assert (status, problem["code"]) == (413, "E_TOO_LARGE")
    assert (await house.send(application()))[0] == 202


async def test_a_body_larger_than_it_said_is_not_read_as_part_of_it(house: House) -> None:
    answer = await house.raw(head_of("Content-Length: 2") + b'{}{"more": "than was said"}\r\n\r\n')
    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b"E_HTTP_MALFORMED" in answer
    assert b"was said" not in answer


async def test_a_body_smaller_than_it_said_ends_when_its_time_is_over(house: House) -> None:
    before = await refusals(house, "E_TOO_SLOW")
    answer = await house.raw(head_of("Content-Length: 100") + b"{}")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"E_TOO_SLOW" in answer
    assert b"Connection: close" in answer
    assert await refusals(house, "E_TOO_SLOW") == before + 1


async def test_a_trickle_does_not_earn_time(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write(head_of("Transfer-Encoding: chunked"))
    answer = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
    async with asyncio.timeout(10):
        while not answer.done():
            writer.write(b"1\r\n \r\n")
            await asyncio.wait([answer], timeout=0.2)
    writer.close()
    assert (await answer).startswith(b"HTTP/1.1 408 ")


async def test_broken_chunks_are_refused(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write(head_of("Transfer-Encoding: chunked", "Expect: 100-continue"))
    await reader.readuntil(b"\r\n\r\n")  # the hub waits for the body now
    writer.write(b"2\r\n{}\r\nnonsense\r\n")
    answer = await reader.read()
    writer.close()
    # aiohttp's parser in C tells the waiting reader nothing, so the time runs out; the one in Python does.
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 408 "))


async def test_a_compressed_body_is_not_taken(house: House) -> None:
    status, problem = await post(house, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
    assert (status, problem["code"]) == (415, "E_CONTENT_TYPE")


async def test_a_client_that_goes_away_in_the_middle_harms_nobody(house: House) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    writer.write(head_of("Content-Length: 100") + b"{")
    await writer.drain()
    writer.transport.abort()
    assert (await house.send(application()))[0] == 202
