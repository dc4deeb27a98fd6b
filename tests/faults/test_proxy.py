# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The proxy does to connections what its weather says."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import CLEAR, Proxy, Weather


@pytest.fixture
async def echo() -> AsyncIterator[Proxy]:
    """A proxy before a server that says everything back."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1024):
            writer.write(piece)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    async with server, Proxy(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


async def silent(reader: asyncio.StreamReader, seconds: float = 0.15) -> bool:
    """Whether nothing comes for a moment."""
    try:
        await asyncio.wait_for(reader.readexactly(1), seconds)
    except TimeoutError:
        return True
    return False


async def test_in_clear_weather_everything_passes_and_an_end_is_an_end(echo: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    writer.write(b"x" * 200_000)
    writer.write_eof()
    assert await reader.read(-1) == b"x" * 200_000
    writer.close()


async def test_a_partition_holds_and_its_end_brings_what_was_held(echo: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    echo.change(Weather(held=True))
    writer.write(b"a")
    assert await silent(reader)
    echo.clear()
    assert await asyncio.wait_for(reader.readexactly(1), 5) == b"a"
    writer.close()


async def test_after_a_long_partition_old_connections_stay_silent_and_new_ones_work(echo: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    writer.write(b"a")
    assert await reader.readexactly(1) == b"a"
    echo.change(Weather(held=True))
    echo.clear(half_open=True)
    writer.write(b"b")
    assert await silent(reader)
    newer, another = await asyncio.open_connection("127.0.0.1", echo.port)
    another.write(b"c")
    assert await asyncio.wait_for(newer.readexactly(1), 5) == b"c"
    for one in (writer, another):
        one.close()


async def test_a_swallowed_reply_is_told(echo: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    echo.change(Weather(mute=True))
    writer.write(b"a")
    await asyncio.wait_for(echo.swallowed.wait(), 5)
    assert await silent(reader)
    writer.close()


async def test_replies_are_swallowed_from_one_request_on(echo: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    echo.change(Weather(mute_from=b"PUT"))
    writer.write(b"GET")
    assert await reader.readexactly(3) == b"GET"
    writer.write(b"PUT")
    await asyncio.wait_for(echo.swallowed.wait(), 5)
    echo.change(CLEAR)
    writer.write(b"GET")
    assert await reader.readexactly(3) == b"GET"
    writer.close()


async def test_replies_trickle_and_are_late(echo: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    echo.change(Weather(pace=20, delay=0.1))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    writer.write(b"abcde")
    assert await reader.readexactly(5) == b"abcde"
    assert loop.time() - begun >= 0.1 * 2 + 4 / 20
    writer.close()


@pytest.mark.parametrize("which", ["open", "new"])
async def test_connections_are_reset(echo: Proxy, which: str) -> None:
    if which == "new":
        echo.change(Weather(refusing=True))
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    if which == "open":
        writer.write(b"a")
        await reader.readexactly(1)
        echo.reset()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.readexactly(1), 5)
    writer.close()
