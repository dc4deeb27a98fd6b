# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""S10: what two readers could divide differently into requests is refused, and what lies behind it never runs."""

import re

import pytest

from tests.hub.api.house import House, application, new_case

_STATUS = re.compile(rb"HTTP/1\.[01] \d{3} ")

_POST = (
    b"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer ghk_made-up-key-of-portal\r\n"
    b"Content-Type: application/cloudevents+json\r\n"
)
_BEHIND = b"GET /smuggled HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"

AMBIGUOUS = {
    "CL.TE": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "TE.CL": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "TE.TE, one hidden": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked is not the last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a tab before the name": b"\tTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "obs-fold": b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a vertical tab in the value": b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a bare CR": b"X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a NUL": b"X: a\x00\r\nContent-Length: 0\r\n\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 0\r\n\r\n",
    "a list of lengths": b"Content-Length: 0, 5\r\n\r\n",
    "a signed length": b"Content-Length: +0\r\n\r\n",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a length in hexadecimal": b"Content-Length: 0x0\r\n\r\n",
    "a length with an underline": b"Content-Length: 1_0\r\n\r\n",
    "a length in other digits": "Content-Length: \u0661\r\n\r\n".encode(),
    "a length beyond 64 bits": b"Content-Length: 99999999999999999999999999\r\n\r\n",
    "an empty name": b": x\r\n\r\n",
    "a name with a bracket": b"X[]: x\r\n\r\n",
    "a chunk with a signed size": b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
    "a chunk with an underline": b"Transfer-Encoding: chunked\r\n\r\n0_0\r\n\r\n",
    "a chunk in 0x": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
    "a chunk beyond 64 bits": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
    "a chunk ended by a bare LF": b"Transfer-Encoding: chunked\r\n\r\n0\n\r\n",
    "a chunk longer than it says": b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("shape", AMBIGUOUS)
async def test_s10_an_ambiguous_request_is_refused_and_the_connection_ends(house: House, shape: str) -> None:
    answer = await house.raw(_POST + AMBIGUOUS[shape] + _BEHIND)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 ")), answer[:200]
    assert len(_STATUS.findall(answer)) == 1, answer
    assert b"smuggled" not in answer
    assert "/smuggled" not in str([call.kwargs for call in house.logged.calls])


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /health/live HTTP/1.1\nHost: hub\n\n",
        b"GET /health/live HTTP/1.1\r\nHost: hub\nX: 1\r\n\r\n",
        b"GET\t/health/live HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"GET /health/live HTTP/1.1 \r\nHost: hub\r\n\r\n",
        b"GET /health/live\x00 HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"GET /health/live http/1.1\r\nHost: hub\r\n\r\n",
        b"G\xc3\xa9T /health/live HTTP/1.1\r\nHost: hub\r\n\r\n",
    ],
)
async def test_s10_a_head_of_other_line_ends_or_spaces_is_refused(house: House, sent: bytes) -> None:
    answer = await house.raw(sent)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 ")), answer[:200]


async def test_s10_an_old_client_may_not_chunk(house: House) -> None:
    """HTTP/1.0 has no chunks: a proxy of that version would see a request where the hub sees a body."""
    answer = await house.raw(
        b"POST /v1/messages HTTP/1.0\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + _BEHIND
    )
    assert b"smuggled" not in answer
    assert len(_STATUS.findall(answer)) == 1, answer


@pytest.mark.parametrize("name", ["id", "subject", "source", "type"])
@pytest.mark.parametrize("hidden", ["\r\nGovhub-Injected: 1", "a\u0000b", "a%0d%0ab", "a\u007fb", "a\u0085b"])
async def test_s10_an_identifier_is_one_canonical_text(house: House, name: str, hidden: str) -> None:
    """Control characters are refused; percent signs are letters like any other and never decoded."""
    plain = application(new_case())
    changed = {**plain, name: str(plain[name]) + hidden}
    if name == "subject":
        changed["data"] = {**plain["data"], "case_no": changed["subject"]}
    status, headers, said = await house.send(changed)
    assert "Govhub-Injected" not in headers
    if status == 202:
        assert "%" in hidden
        assert said["id" if name == "id" else "case"] == changed[name]
        return
    assert 400 <= status < 500, said
    assert hidden not in str(said)
