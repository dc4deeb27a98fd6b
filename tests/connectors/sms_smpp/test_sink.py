# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the sink makes of every trouble a message centre can make; nothing is ever submitted twice."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from connectors.sdk import Accepted, Context, Delivered, InDoubt, Outcome, Parcel, Rejected, Taken, Unavailable
from connectors.sdk.hearing import MemoryAnswers
from connectors.sms_smpp import CONNECTOR
from connectors.sms_smpp.packets import MESSAGE_PAYLOAD
from connectors.sms_smpp.simulator import Centre
from connectors.sms_smpp.simulator_words import CentreOptions, Step
from tests.connectors.sms_smpp.far_side import NUMBER, SECRETS, account_of, sending

Make = Callable[..., Parcel]
QUICK = CentreOptions(slow_seconds=0.05, again_seconds=0.2)
TABLE = {
    **dict.fromkeys(Step, "Accepted"),
    Step.THROTTLE: "SMPP_58",
    Step.FULL: "SMPP_14",
    Step.REFUSE: "SMPP_0B",
    Step.VENDOR: "SMPP_455",
    Step.NACK: "SMPP_03",
    Step.LOSE: "NO_ANSWER",
    Step.CUT: "CLOSED",
    Step.MIDFRAME: "CLOSED",
    Step.RESTART: "CLOSED",
    Step.WRONG_LENGTH: "DESYNCHRONISED",
}
NOT_TAKEN = {Step.THROTTLE, Step.FULL, Step.REFUSE, Step.VENDOR, Step.NACK}


@pytest.fixture
def answers() -> MemoryAnswers:
    return MemoryAnswers()


@pytest.fixture
def lent(context: Context, answers: MemoryAnswers) -> Context:
    return dataclasses.replace(context, answers=answers, secret=SECRETS.__getitem__)


def notice(parcel: Make, text: str = "您的件已办结", key: str = "key-1", **changes: object) -> Parcel:
    return parcel(key, body=orjson.dumps({"to": NUMBER, "text": text}), **changes)


@asynccontextmanager
async def opened(centre: Centre, context: Context, **changes: object) -> AsyncIterator[Any]:
    config = CONNECTOR.config.model_validate(sending(centre, **changes))
    async with CONNECTOR.sink(config, context) as sink:
        yield sink


def code(outcome: Outcome) -> str:
    match outcome:
        case Rejected(code=told):
            return told
        case InDoubt(reason=reason) | Unavailable(reason=reason):
            return reason.partition(":")[0]
        case _:
            return type(outcome).__name__


@pytest.mark.parametrize("step", Step)
async def test_every_trouble_is_what_it_is(lent: Context, parcel: Make, step: Step) -> None:
    async with Centre([step], options=QUICK) as centre, opened(centre, lent) as sink:
        outcome = await sink.send(notice(parcel, timeout=1.0))
        taken = len(centre.taken)
        after: Outcome = Unavailable("")
        async with asyncio.timeout(10):
            while isinstance(after, Unavailable):
                after = await sink.send(notice(parcel, key="key-2"))
        assert code(outcome) == TABLE[step]
        assert isinstance(after, Accepted)
        assert taken == (step not in NOT_TAKEN)
        assert len(centre.taken) == taken + 1
    if step in {Step.THROTTLE, Step.FULL}:
        assert isinstance(outcome, Unavailable)
        assert outcome.retry_after == 1.0


@pytest.mark.parametrize("ids", ["text", "hex_then_decimal"])
@pytest.mark.parametrize(
    ("step", "final"),
    [
        (Step.OK, Delivered),
        (Step.EARLY, Delivered),
        (Step.LATE, Delivered),
        (Step.TWICE, Delivered),
        (Step.ENROUTE, Delivered),
        (Step.TAGGED, Delivered),
        (Step.UNDELIVERED, Rejected),
    ],
)
async def test_a_receipt_closes_the_delivery(
    lent: Context, answers: MemoryAnswers, parcel: Make, step: Step, final: type, ids: str
) -> None:
    options = QUICK.model_copy(update={"ids": ids})
    forms = {} if ids == "text" else {"submit_ids": "hex", "receipt_ids": "decimal"}
    async with Centre([step], options=options) as centre, opened(centre, lent, **forms) as sink:
        outcome = await sink.send(notice(parcel))
        given = await answers.until_given(2 if step is Step.TWICE else 1)
        await centre.until(lambda: not centre.undelivered)
    assert isinstance(outcome, Accepted)
    assert {one.reference for one in given} == {outcome.reference}
    assert isinstance(given[0].outcome, final)


@pytest.mark.parametrize(("text", "coding", "parts"), [("长" * 150, 8, 3), ("a{" * 140, 0, 3), ("好" * 70, 8, 1)])
async def test_long_texts_go_in_parts_by_one_connection(
    lent: Context, parcel: Make, text: str, coding: int, parts: int
) -> None:
    async with Centre(options=QUICK) as centre, opened(centre, lent) as sink:
        outcome = await sink.send(notice(parcel, text))
        taken = centre.taken
        assert centre.logins == 1
    assert isinstance(outcome, Accepted)
    assert [one.coding for one in taken] == [coding] * parts
    assert [one.registered for one in taken] == [0] * (parts - 1) + [1]
    assert all(one.headed == (parts > 1) and len(one.content) <= 159 for one in taken)


async def test_long_texts_may_go_whole(lent: Context, parcel: Make) -> None:
    async with Centre(options=QUICK) as centre, opened(centre, lent, long_texts="payload") as sink:
        outcomes = [await sink.send(notice(parcel, text)) for text in ("长" * 150, "短")]
        long, short = centre.taken
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert long.content == b""
    assert long.optional[MESSAGE_PAYLOAD].decode("utf-16-be") == "长" * 150
    assert short.content.decode("utf-16-be") == "短"


async def test_parts_that_are_not_all_taken_are_in_doubt(lent: Context, parcel: Make) -> None:
    async with Centre([Step.OK, Step.REFUSE], options=QUICK) as centre, opened(centre, lent) as sink:
        outcome = await sink.send(notice(parcel, "长" * 150, timeout=2.0))
    assert code(outcome) == "PARTLY_TAKEN"


@pytest.mark.parametrize(
    ("changes", "told"), [({"password": "another"}, "LOGIN_0E"), ({"system_id": "other"}, "LOGIN_0F")]
)
async def test_a_bind_that_is_refused_keeps_messages_waiting(
    lent: Context, parcel: Make, changes: dict[str, str], told: str
) -> None:
    async with (
        Centre(options=QUICK.model_copy(update=changes)) as centre,
        opened(centre, lent, system_id="gov") as sink,
    ):
        outcomes = {code(await sink.send(notice(parcel))) for _ in range(3)}
    assert outcomes <= {told, "LOGIN_PAUSED"}


async def test_neither_numbers_nor_texts_reach_the_log(lent: Context, parcel: Make) -> None:
    outcomes = []
    with structlog.testing.capture_logs() as said:
        for step in (Step.OK, Step.REFUSE, Step.CUT, Step.WRONG_LENGTH, Step.UNDELIVERED):
            async with Centre([step], options=QUICK) as centre, opened(centre, lent) as sink:
                outcomes.append(await sink.send(notice(parcel, "机密内容", timeout=1.0)))
    assert NUMBER not in repr((said, outcomes))
    assert "机密内容" not in repr((said, outcomes))


async def test_what_people_send_comes_by_the_same_login(
    lent: Context, answers: MemoryAnswers, tmp_path: Path, parcel: Make
) -> None:
    incoming = {"refused_folder": str(tmp_path), "answers_for": "sms", "form": "text"}
    async with Centre([Step.REPLY], options=QUICK) as centre, opened(centre, lent, upstream=True) as sink:
        await sink.send(notice(parcel))
        config = CONNECTOR.source_config.model_validate({**account_of(centre), **incoming})
        async with CONNECTOR.source(config, lent) as source:
            (item,) = await source.take()
            before = len(centre.undelivered)
            await source.settle([(item.token, Taken())])
            await centre.until(lambda: not centre.undelivered)
        assert centre.logins == 1
    assert item.body.decode() == "收到"
    assert before >= 1
