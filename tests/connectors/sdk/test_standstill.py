# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A process that stood still reads the answers that came meanwhile before it believes its time-outs."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from connectors.sdk.standstill import MOMENT_SECONDS, STANDSTILL_SECONDS, new_event_loop, new_fast_loop

LOOPS = [new_event_loop, new_fast_loop]

_CLIENT = """
import asyncio, sys
from connectors.sdk import standstill

async def ask(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(float(sys.argv[3])):
            writer.write(b"?")
            return (await reader.readexactly(1)).decode()
    except TimeoutError:
        return "-"

async def main():
    asked = [asyncio.ensure_future(ask(int(sys.argv[2]))) for _ in range(50)]
    await asyncio.sleep(0)
    print("".join(await asyncio.gather(*asked)), flush=True)

with asyncio.Runner(loop_factory=getattr(standstill, sys.argv[1])) as runner:
    runner.run(main())
"""


class FarSide:
    """Takes questions, and answers them when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.changed = asyncio.Event()
        self.answering = asyncio.Event()
        self.port = 0
        self.met_by: set[asyncio.Task[None]] = set()

    async def met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (meeting := asyncio.current_task()) is not None:
            self.met_by.add(meeting)
        await reader.readexactly(1)
        self.asked += 1
        self.changed.set()
        await self.answering.wait()
        writer.write(b"!")
        writer.close()

    async def until_asked(self, count: int) -> None:
        while self.asked < count:
            self.changed.clear()
            await self.changed.wait()


@pytest.fixture
async def far_side() -> AsyncIterator[FarSide]:
    far = FarSide()
    server = await asyncio.start_server(far.met, "127.0.0.1", 0)
    far.port = server.sockets[0].getsockname()[1]
    yield far
    far.answering.set()
    await asyncio.wait(far.met_by)
    server.close()


@asynccontextmanager
async def client(factory: Callable[[], asyncio.AbstractEventLoop], port: int, seconds: float) -> AsyncIterator[Process]:
    arguments = (sys.executable, "-c", _CLIENT, factory.__name__, str(port), str(seconds))
    process = await asyncio.create_subprocess_exec(*arguments, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("factory", LOOPS)
async def test_what_was_answered_while_it_stood_still_is_no_time_out(
    factory: Callable[[], asyncio.AbstractEventLoop], far_side: FarSide
) -> None:
    async with client(factory, far_side.port, 2.0) as process:
        await far_side.until_asked(50)
        os.kill(process.pid, signal.SIGSTOP)
        far_side.answering.set()
        await asyncio.sleep(2.0 + STANDSTILL_SECONDS + 0.5)  # because the standstill itself is what is tried
        os.kill(process.pid, signal.SIGCONT)
        told, _ = await process.communicate()

    assert told.decode().strip() == "!" * 50


@pytest.mark.parametrize("factory", LOOPS)
async def test_what_was_not_answered_is_one_a_moment_later(
    factory: Callable[[], asyncio.AbstractEventLoop], far_side: FarSide
) -> None:
    async with client(factory, far_side.port, 1.0) as process:
        await far_side.until_asked(50)
        os.kill(process.pid, signal.SIGSTOP)
        await asyncio.sleep(1.0 + STANDSTILL_SECONDS + 0.5)  # because the standstill itself is what is tried
        os.kill(process.pid, signal.SIGCONT)
        told, _ = await process.communicate()

    assert told.decode().strip() == "-" * 50


@pytest.mark.parametrize("factory", LOOPS)
def test_timers_that_are_in_time_are_as_ever(factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    fired: list[object] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, fired.append, "later")
        loop.call_at(loop.time() + 0.02, fired.append, "at")
        loop.call_later(0, fired.append, "at once")
        loop.call_later(0.01, fired.append, "never").cancel()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main())

    assert fired == ["at once", "later", "at"]


@pytest.mark.parametrize("factory", LOOPS)
def test_one_that_is_taken_back_while_it_is_put_off_never_fires(
    factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    fired: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        taken_back = loop.call_later(0.05, fired.append, "taken back")
        loop.call_later(0.05, fired.append, "kept")
        time.sleep(STANDSTILL_SECONDS + 0.3)  # noqa: ASYNC251  # because it stands still
        await asyncio.sleep(0)
        taken_back.cancel()
        await asyncio.sleep(2 * MOMENT_SECONDS)

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main())

    assert fired == ["kept"]
