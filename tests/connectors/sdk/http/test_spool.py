# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is large lies in a file that nobody else can see, is read and sent piece by piece, and is gone with its last reader."""

import mmap
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from connectors.sdk import Context, Unavailable
from connectors.sdk.http.exchange import Answer, Exchange
from connectors.sdk.http.spool import Spool

FEW, LARGE = 1000, bytes(range(256)) * 4000


@pytest.mark.parametrize("size", [0, 1, FEW - 1, FEW])
def test_what_is_small_stays_in_memory(size: int) -> None:
    spool = Spool(FEW)
    spool.add(b"x" * size)

    assert spool.whole() == b"x" * size


def test_what_is_large_is_mapped_whole() -> None:
    spool = Spool(FEW)
    for at in range(0, len(LARGE), 700):
        spool.add(LARGE[at : at + 700])
    body = spool.whole()
    spool.close()

    assert isinstance(body, mmap.mmap)
    assert body[:] == LARGE


@pytest.fixture
async def echo() -> AsyncIterator[URL]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    application = web.Application(client_max_size=10 * len(LARGE))
    application.router.add_post("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield URL(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    await runner.cleanup()


async def test_it_goes_out_and_comes_back_as_it_was(echo: URL, context: Context) -> None:
    async with Exchange(context, most=len(LARGE), spool_over=FEW) as exchange:
        first = await exchange.ask_with(echo, {}, LARGE, 10)
        assert isinstance(first, Answer)
        assert (first.body, isinstance(first.file, mmap.mmap)) == (None, True)
        assert first.content is not None
        second = await exchange.ask_with(echo, {}, first.content, 10)
        small = await exchange.ask_with(echo, {}, LARGE[:FEW], 10)

    assert isinstance(second, Answer)
    assert second.content is not None
    assert second.content[:] == LARGE
    assert isinstance(small, Answer)
    assert (small.body, small.file) == (LARGE[:FEW], None)


async def test_a_full_disk_is_no_answer_that_is_too_large(
    echo: URL, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path("/dev/full").open("wb")  # noqa: ASYNC230, SIM115  # because the spool closes it
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full)
    async with Exchange(context, most=len(LARGE), spool_over=FEW) as exchange:
        answer = await exchange.ask_with(echo, {}, LARGE, 10)

    assert isinstance(answer, Unavailable)
    assert answer.reason == "NO_ANSWER: UnkeptError ENOSPC"


async def test_more_than_is_wanted_is_nothing(echo: URL, context: Context) -> None:
    async with Exchange(context, most=len(LARGE) - 1, spool_over=FEW) as exchange:
        answer = await exchange.ask_with(echo, {}, LARGE, 10)

    assert isinstance(answer, Answer)
    assert answer.content is None
