# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Our messages against a message centre of other makers: the npm package smpp."""

import asyncio
import dataclasses
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sdk import Accepted, Context, Delivered, Parcel, Taken, Unavailable
from connectors.sdk.hearing import MemoryAnswers
from connectors.sms_smpp import CONNECTOR
from tests.connectors.sms_smpp.far_side import NUMBER, SECRETS
from tests.support.missing import missing

HERE = Path(__file__).parent


@dataclass
class Peer:
    """The server, and what it says."""

    process: asyncio.subprocess.Process
    port: int

    async def heard(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line: dict[str, Any] = orjson.loads(await asyncio.wait_for(self.process.stdout.readline(), 30))
        return line

    @property
    def account(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port, "system_id": "gov", "password": "sms-centre"}


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").exists():
        missing("没有 Node.js 或 npm smpp：运行 make servers / no Node.js, or no npm smpp: run make servers")
    process = await asyncio.create_subprocess_exec(
        node, str(HERE / "server.mjs"), stdout=asyncio.subprocess.PIPE, cwd=HERE
    )
    started = Peer(process, 0)
    try:
        started.port = (await started.heard())["port"]
        yield started
    finally:
        process.kill()
        await process.wait()


async def test_messages_and_receipts_both_ways(
    peer: Peer, context: Context, parcel: Callable[..., Parcel], tmp_path: Path
) -> None:
    answers = MemoryAnswers()
    lent = dataclasses.replace(context, answers=answers, secret=SECRETS.__getitem__)
    settings = {**peer.account, "sender": "106900001", "to": "{/to}", "upstream": True}
    incoming = {**peer.account, "refused_folder": str(tmp_path), "form": "text"}

    def of(text: str) -> Parcel:
        return parcel(body=orjson.dumps({"to": NUMBER, "text": text}))

    async with (
        CONNECTOR.sink(CONNECTOR.config.model_validate(settings), lent) as sink,
        CONNECTOR.source(CONNECTOR.source_config.model_validate(incoming), lent) as source,
    ):
        there = await sink.check()
        first = await sink.send(of("您的件已办结"))
        heard = await peer.heard()
        closed = await peer.heard()
        throttled = await sink.send(of("throttle"))
        long = await sink.send(of("长" * 100))
        parts = [await peer.heard() for _ in range(2)]
        await peer.heard()
        await sink.send(of("reply"))
        (item,) = await source.take()
        await source.settle([(item.token, Taken())])
        said = [await peer.heard() for _ in range(3)]
        (given, *_) = await answers.until_given(3)
    assert isinstance(there, Delivered)
    assert isinstance(first, Accepted)
    assert heard["to"] == f"86{NUMBER}"
    assert (heard["from"], heard["coding"], heard["registered"], heard["text"]) == ("106900001", 8, 1, "您的件已办结")
    assert closed == {"receipt": 0}
    assert (given.reference, type(given.outcome)) == (first.reference, Delivered)
    assert isinstance(throttled, Unavailable)
    assert throttled.reason.startswith("SMPP_58")
    assert isinstance(long, Accepted)
    assert "".join(one["text"] for one in parts) == "长" * 100
    assert [one["udh"][0][-4:] for one in parts] == ["0201", "0202"]
    assert item.body.decode() == "收到"
    assert {"reply": 0} in said


async def test_a_wrong_password_waits(peer: Peer, context: Context, parcel: Callable[..., Parcel]) -> None:
    lent = dataclasses.replace(context, secret=lambda _: "wrong")
    settings = {**peer.account, "sender": "106900001", "to": NUMBER}
    async with CONNECTOR.sink(CONNECTOR.config.model_validate(settings), lent) as sink:
        outcome = await sink.send(parcel(body=b'{"text": "x"}'))
    assert isinstance(outcome, Unavailable)
    assert outcome.reason.startswith("LOGIN_")
