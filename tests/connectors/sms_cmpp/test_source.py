# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What people send comes whole, once, and in the hub's own contract; destination and source of an account share its login."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sdk import Accepted, Context, Parcel, Refused, Taken
from connectors.sdk.hearing import MemoryAnswers
from connectors.sdk.sms.parts import cut
from connectors.sms_cmpp import CONNECTOR
from connectors.sms_cmpp.pdus import Deliver
from connectors.sms_cmpp.simulator import Gateway
from connectors.sms_cmpp.simulator_words import GatewayOptions, Step
from contracts.catalogue import builtin
from contracts.notices.segments import Alphabet
from tests.connectors.sms_cmpp.far_side import NUMBER, SECRETS, account_of, sending

QUICK = GatewayOptions(slow_seconds=0.05, again_seconds=0.2)
LONG = "长短信𠮷" * 40


@pytest.fixture
def answers() -> MemoryAnswers:
    return MemoryAnswers()


@pytest.fixture
def lent(context: Context, answers: MemoryAnswers) -> Context:
    return dataclasses.replace(context, answers=answers, secret=SECRETS.__getitem__)


@asynccontextmanager
async def source_of(gateway: Gateway, context: Context, folder: Path, **changes: object) -> AsyncIterator[Any]:
    settings = {**account_of(gateway), "refused_folder": str(folder), "answer_seconds": 5, **changes}
    async with CONNECTOR.source(CONNECTOR.source_config.model_validate(settings), context) as source:
        yield source


def parts_of(gateway: Gateway, text: str, number: str = NUMBER) -> list[Deliver]:
    made = cut(text, (Alphabet.UCS2,), 7)
    assert made is not None
    return [
        Deliver(
            msg_id=gateway.next_id(), number=number, service_number="106900001", content=one.content, coding=8,
            udhi=one.headed,
        )
        for one in made.parts
    ]  # fmt: skip


async def test_a_reply_is_the_contracts(lent: Context, tmp_path: Path) -> None:
    (contract, *_) = builtin().versions("cn.gov.notice.reported")
    async with Gateway(options=QUICK) as gateway, source_of(gateway, lent, tmp_path) as source:
        gateway.say(f"86{NUMBER}", "收到", "106900001")
        (item,) = await source.take()
        before = len(gateway.undelivered)
        await source.settle([(item.token, Taken())])
        await gateway.until(lambda: not gateway.undelivered)
    body = orjson.loads(item.body)
    assert before == 1
    assert isinstance(contract.model.model_validate_json(item.body), contract.model)
    assert item.headers["cloudEvents:type"] == contract.type
    assert item.headers["cloudEvents:subject"] == body["matter_no"] == item.headers["cloudEvents:id"]
    assert (body["reply"]["sender_address"], body["reply"]["text"]) == (NUMBER, "收到")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
async def test_a_long_message_comes_whole(lent: Context, tmp_path: Path, order: tuple[int, ...]) -> None:
    async with Gateway(options=QUICK) as gateway, source_of(gateway, lent, tmp_path, form="text") as source:
        parts = parts_of(gateway, LONG)
        for at in order:
            gateway.bring(parts[at])
        for other in parts_of(gateway, LONG[::-1], "13900000001"):
            gateway.bring(other)
        items = [*await source.take()]
        while len(items) < 2:
            items += await source.take()
        assert len(gateway.undelivered) == 6
        await source.settle([(item.token, Taken()) for item in items])
        await gateway.until(lambda: not gateway.undelivered)
    assert sorted(item.body.decode() for item in items) == sorted([LONG, LONG[::-1]])


async def test_a_long_message_that_never_becomes_whole_is_not_lost(lent: Context, tmp_path: Path) -> None:
    async with (
        Gateway(options=QUICK) as gateway,
        source_of(gateway, lent, tmp_path, form="text", assembly_seconds=0.1) as source,
    ):
        gateway.bring(parts_of(gateway, LONG)[0])
        (item,) = await source.take()
        await source.settle([(item.token, Taken())])
        await gateway.until(lambda: not gateway.undelivered)
    assert LONG.startswith(item.body.decode())


async def test_what_is_brought_again_while_it_is_in_hand_is_one(lent: Context, tmp_path: Path) -> None:
    async with Gateway(options=QUICK) as gateway, source_of(gateway, lent, tmp_path) as source:
        gateway.say(NUMBER, "一")
        (item,) = await source.take()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(source.take(), 0.5)
        await source.settle([(item.token, Taken())])
        await gateway.until(lambda: not gateway.undelivered)


async def test_destination_and_source_share_one_login(
    lent: Context, answers: MemoryAnswers, tmp_path: Path, parcel: Callable[..., Parcel]
) -> None:
    async with Gateway([Step.REPLY], options=QUICK) as gateway:
        config = CONNECTOR.config.model_validate(sending(gateway, upstream=True))
        async with CONNECTOR.sink(config, lent) as sink:
            outcome = await sink.send(parcel(body=orjson.dumps({"to": NUMBER, "text": "请回复"})))
            await answers.until_given(1)
            # The reply came before there was a source: it is kept for it.
            async with source_of(gateway, lent, tmp_path) as source:
                (item,) = await source.take()
                await source.settle([(item.token, Taken())])
                await gateway.until(lambda: not gateway.undelivered)
            logins = gateway.logins
    assert isinstance(outcome, Accepted)
    assert logins == 1


async def test_without_a_source_the_gateway_is_told_that_nobody_is_there(
    lent: Context, answers: MemoryAnswers, parcel: Callable[..., Parcel]
) -> None:
    async with (
        Gateway([Step.REPLY], options=QUICK) as gateway,
        CONNECTOR.sink(CONNECTOR.config.model_validate(sending(gateway)), lent) as sink,
    ):
        await sink.send(parcel(body=orjson.dumps({"to": NUMBER, "text": "请回复"})))
        await gateway.until(lambda: bool(gateway.refused))
    assert gateway.refused[0] == 9


async def test_a_source_gives_on_reports_of_the_destination_it_names(
    lent: Context, answers: MemoryAnswers, tmp_path: Path, parcel: Callable[..., Parcel]
) -> None:
    answers.away = True
    async with Gateway(options=QUICK) as gateway:
        async with CONNECTOR.sink(CONNECTOR.config.model_validate(sending(gateway)), lent) as sink:
            outcome = await sink.send(parcel(body=orjson.dumps({"to": NUMBER, "text": "您好"})))
        answers.away = False
        async with source_of(gateway, lent, tmp_path, answers_for="sms"):
            await gateway.until(lambda: not gateway.undelivered)
    assert isinstance(outcome, Accepted)
    assert outcome.reference in answers.final


async def test_refused_messages_are_only_for_this_user(lent: Context, tmp_path: Path) -> None:
    async with Gateway(options=QUICK) as gateway, source_of(gateway, lent, tmp_path / "aside") as source:
        gateway.say(NUMBER, "一")
        (item,) = await source.take()
        await source.settle([(item.token, Refused("E_X", b"{}"))])
        await gateway.until(lambda: not gateway.undelivered)
    (file,) = (tmp_path / "aside").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert NUMBER not in file.name
