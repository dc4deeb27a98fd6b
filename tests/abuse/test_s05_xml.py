# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""S5 at the door: whatever an XML document asks the hub to fetch or to unfold, it does neither, and says no soon."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator

import pytest

from tests.hub.api.house import House

_MEBIBYTE = 1024 * 1024
_CPU_SECONDS = 0.2
_MOST_BYTES = 64 * _MEBIBYTE


class Trap:
    """A server that nobody should call."""

    def __init__(self) -> None:
        self.calls = 0
        self.port = 0

    async def heard(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        writer.close()


@pytest.fixture
async def trap() -> AsyncIterator[Trap]:
    made = Trap()
    server = await asyncio.start_server(made.heard, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


_BILLION = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
ATTACKS = {
    "a file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "an address": '<!DOCTYPE a [<!ENTITY x SYSTEM "{url}">]><a>&x;</a>',
    "a DTD elsewhere": '<!DOCTYPE a SYSTEM "{url}"><a/>',
    "a public DTD": '<!DOCTYPE a PUBLIC "-//x//y" "{url}"><a/>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "{url}">%x;]><a/>',
    "a billion laughs": f'<!DOCTYPE a [<!ENTITY e0 "ha">{_BILLION}]><a>&e9;</a>',
    "a quadratic blow-up": '<!DOCTYPE a [<!ENTITY x "' + "y" * 20_000 + '">]><a>' + "&x;" * 5_000 + "</a>",
    "XInclude": '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}"/></a>',
    "a schema": '<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x {url}"/>',
    "a style sheet": '<?xml-stylesheet type="text/xsl" href="{url}"?><a/>',
    "nesting": "<a>" * 9_000 + "</a>" * 9_000,
    "attributes": "<a " + " ".join(f'b{n}=""' for n in range(6_000)) + "/>",
    "UTF-7": '<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-',
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_s05_nothing_is_fetched_or_unfolded(house: House, trap: Trap, attack: str) -> None:
    url = f"http://127.0.0.1:{trap.port}/x"
    body = ATTACKS[attack].replace("{url}", url).encode()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    async with house.http.post(f"{house.url}/v1/in/banjian", data=body, headers={"Content-Type": "text/xml"}) as answer:
        said = await answer.read()
        assert answer.status in {400, 413, 500}, said
    spent = time.process_time() - began
    assert b"root:" not in said
    assert trap.calls == 0
    assert spent < _CPU_SECONDS * 5, f"{spent:.3f} s, of which a client and a server share a process"
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < _MOST_BYTES
