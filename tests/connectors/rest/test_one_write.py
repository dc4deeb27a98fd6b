# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Small requests go a shorter way through aiohttp; the far side sees the same, and connections are kept as well."""

from collections.abc import Callable

import pytest
from aiohttp import web
from yarl import URL

from connectors.sdk import Context, Delivered, Parcel
from connectors.sdk.http.one_write import MOST_BYTES, OneWrite
from tests.connectors.far_http import HttpFarSide
from tests.connectors.rest.test_sink import rest

BIG = MOST_BYTES + 1
SETTINGS = {"mode": "binary", "headers": {"X-System": "govhub", "accept": "text/plain"}, "bearer_secret": "token"}


def _headers(request: web.Request) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in request.headers.items() if name.lower() != "content-length")


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_the_far_side_sees_no_difference(
    method: str, far_side: HttpFarSide, context: Context, parcel: Callable[..., Parcel]
) -> None:
    attributes = {"id": "一 %", "subject": "case-1"}
    async with rest(context, f"{far_side.url}?a=%2F&b=办", method=method, **SETTINGS) as sink:
        for body in (b"", b"x", b"x" * (BIG - 1), b"x" * BIG):
            assert await sink.send(parcel(body=body, attributes=attributes)) == Delivered()
    first, *others = far_side.requests
    assert [len(one.body) for one in far_side.arrived] == [0, 1, BIG - 1, BIG]
    for other in others:
        assert (other.method, other.raw_path) == (first.method, first.raw_path)
        assert _headers(other) == _headers(first)
    assert dict(_headers(first))["accept"] == "text/plain"


@pytest.mark.parametrize(
    ("settings", "answer", "connections"),
    [
        ({}, web.Response, 1),
        ({"receipt_pointer": "/no"}, lambda: web.json_response({"no": "1"}), 1),
        ({}, lambda: web.Response(headers={"Connection": "close"}), 3),
        ({"idempotency": "none"}, web.Response, 3),
    ],
)
async def test_a_connection_is_kept_where_it_may_be(
    settings: dict[str, object],
    answer: Callable[[], web.Response],
    connections: int,
    far_side: HttpFarSide,
    context: Context,
    parcel: Callable[..., Parcel],
) -> None:
    ports = set()

    def answered(request: web.Request) -> web.Response:
        assert request.transport is not None
        ports.add(request.transport.get_extra_info("peername")[1])
        return answer()

    far_side.answer = answered
    async with rest(context, far_side.url, **settings) as sink:
        for n in range(3):
            assert isinstance(await sink.send(parcel(f"key-{n}")), Delivered)
    assert len(ports) == connections


@pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\nb", "a\rb", "a\0b", "办"])
async def test_a_header_stays_on_its_line(value: str, context: Context) -> None:
    way = OneWrite(context.http, "POST", URL("http://far.example/cases"), tls=True)
    plain = {"Content-Type": "application/json"}
    assert way.head({**plain, "X-One": "a"}, 2) is not None
    assert way.head({**plain, "X-One": value}, 2) is None
    assert way.head({**plain, value: "b"}, 2) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "a/b", "content-type": "c/d"},
        {"Content-Type": "a/b", "Content-Length": "9"},
        {"Content-Type": "a/b", "Transfer-Encoding": "chunked"},
        {"Content-Type": "a/b", "Expect": "100-continue"},
    ],
)
async def test_what_frames_the_body_is_left_to_aiohttp(headers: dict[str, str], context: Context) -> None:
    assert OneWrite(context.http, "POST", URL("http://far.example/cases"), tls=True).head(headers, 2) is None
