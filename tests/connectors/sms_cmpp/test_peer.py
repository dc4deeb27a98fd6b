# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Our simulator, and so our codec, against a client of other makers (pycmpp, CMPP 2.0), which is itself hostile.

It says that its answer to a test of the line has 13 octets and sends 16, so what follows cannot be read.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.sms_cmpp.pdus import V2, Bare, Command
from connectors.sms_cmpp.simulator import Gateway
from connectors.sms_cmpp.simulator_words import GatewayOptions, Step
from connectors.sms_cmpp.wire import encode
from tests.support.missing import missing

HERE = Path(__file__).parent
OPTIONS = GatewayOptions(version="2.0")


@pytest.fixture
async def client() -> AsyncIterator[tuple[Gateway, asyncio.subprocess.Process]]:
    modules = HERE / ".peers"
    if not modules.exists():
        missing("没有 pycmpp：运行 make servers / no pycmpp: run make servers")
    async with Gateway([Step.OK, Step.GLUE, Step.OK], options=OPTIONS) as gateway:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(HERE / "peer.py"), str(gateway.port), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(modules)},
        )  # fmt: skip
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), 30)
        try:
            yield gateway, process
        finally:
            process.kill()
            await process.wait()


async def say(process: asyncio.subprocess.Process, text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{text}\n".encode())
    await process.stdin.drain()


async def test_what_others_submit_is_read(client: tuple[Gateway, asyncio.subprocess.Process]) -> None:
    gateway, process = client
    long = "长短信测试内容" * 20
    await say(process, "您的件已办结")
    await gateway.until(lambda: len(gateway.taken) == 1)
    first = gateway.taken[0]
    assert (first.numbers, first.account, first.report) == (("13900000000",), "900001", True)
    assert first.content.decode("utf-16-be") == "您的件已办结"
    assert gateway.logins == 1
    assert not gateway.malformed
    await say(process, long)
    # The answer to the second one is glued to a test of the line; what the client answers to that cannot be read, and ends it.
    await gateway.until(lambda: bool(gateway.malformed) and not gateway.somebody)
    assert {(one.part, one.parts, one.udhi) for one in gateway.taken[1:]} <= {(1, 3, True), (2, 3, True), (3, 3, True)}


async def test_a_wrong_answer_to_a_test_of_the_line_ends_that_client_alone(
    client: tuple[Gateway, asyncio.subprocess.Process],
) -> None:
    gateway, process = client
    test = encode(Bare(Command.ACTIVE_TEST), 7, V2)
    await gateway.until(lambda: gateway.somebody)
    gateway.write_to_all(test)
    await gateway.until(lambda: gateway.tests_answered == 1)
    await say(process, "一")
    await gateway.until(lambda: bool(gateway.malformed))
    assert gateway.listening
