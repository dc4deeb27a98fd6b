# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the sink makes of every trouble a gateway can make; nothing is ever submitted twice."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
import structlog

from connectors.sdk import Accepted, Answer, Context, Delivered, InDoubt, Outcome, Parcel, Rejected, Unavailable
from connectors.sdk.hearing import MemoryAnswers
from connectors.sms_cmpp import CONNECTOR
from connectors.sms_cmpp.simulator import Gateway
from connectors.sms_cmpp.simulator_words import GatewayOptions, Step
from tests.connectors.sms_cmpp.far_side import NUMBER, SECRETS, sending

Make = Callable[..., Parcel]
QUICK = GatewayOptions(slow_seconds=0.05, again_seconds=0.2)
TABLE = {
    Step.OK: "Accepted",
    Step.SLOW: "Accepted",
    Step.THROTTLE: "CMPP_8",
    Step.REFUSE: "CMPP_13",
    Step.LOSE: "NO_ANSWER",
    Step.CUT: "CLOSED",
    Step.MIDFRAME: "CLOSED",
    Step.RESTART: "CLOSED",
    Step.IMPOSTOR: "CLOSED",
    Step.SPLIT: "Accepted",
    Step.GLUE: "Accepted",
    Step.WRONG_LENGTH: "DESYNCHRONISED",
    Step.ODD: "Accepted",
    Step.EARLY: "Accepted",
    Step.LATE: "Accepted",
    Step.TWICE: "Accepted",
    Step.SHORT: "Accepted",
    Step.SILENT: "Accepted",
    Step.UNDELIVERED: "Accepted",
    Step.EXPIRED: "Accepted",
    Step.REPLY: "Accepted",
}


@pytest.fixture
def answers() -> MemoryAnswers:
    return MemoryAnswers()


@pytest.fixture
def lent(context: Context, answers: MemoryAnswers) -> Context:
    return dataclasses.replace(context, answers=answers, secret=SECRETS.__getitem__)


def notice(
    parcel: Make, text: str = "您的件已办结", key: str = "key-1", to: object = NUMBER, **changes: object
) -> Parcel:
    return parcel(key, body=orjson.dumps({"to": to, "text": text}), **changes)


@asynccontextmanager
async def opened(gateway: Gateway, context: Context, **changes: object) -> AsyncIterator[Any]:
    config = CONNECTOR.config.model_validate(sending(gateway, **changes))
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


def test_the_table_is_whole() -> None:
    assert TABLE.keys() == set(Step)


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@pytest.mark.parametrize("step", Step)
async def test_every_trouble_is_what_it_is(lent: Context, parcel: Make, step: Step, version: str) -> None:
    options = QUICK.model_copy(update={"version": version})
    async with Gateway([step], options=options) as gateway, opened(gateway, lent) as sink:
        outcome = await sink.send(notice(parcel, timeout=1.0))
        taken = len(gateway.taken)
        after: Outcome = Unavailable("")
        async with asyncio.timeout(10):
            while isinstance(after, Unavailable):
                after = await sink.send(notice(parcel, key="key-2"))
        assert code(outcome) == TABLE[step]
        assert isinstance(after, Accepted)
        assert taken == (step not in {Step.THROTTLE, Step.REFUSE})
        assert len(gateway.taken) == taken + 1
    if step is Step.THROTTLE:
        assert isinstance(outcome, Unavailable)
        assert outcome.retry_after == 1.0


@pytest.mark.parametrize(
    ("step", "final"),
    [
        (Step.OK, Delivered),
        (Step.EARLY, Delivered),
        (Step.LATE, Delivered),
        (Step.TWICE, Delivered),
        (Step.SHORT, Delivered),
        (Step.UNDELIVERED, Rejected),
        (Step.EXPIRED, Rejected),
    ],
)
async def test_a_report_closes_the_delivery(
    lent: Context, answers: MemoryAnswers, parcel: Make, step: Step, final: type
) -> None:
    async with Gateway([step], options=QUICK) as gateway, opened(gateway, lent) as sink:
        outcome = await sink.send(notice(parcel))
        given = await answers.until_given(2 if step is Step.TWICE else 1)
        await gateway.until(lambda: not gateway.undelivered)
    assert isinstance(outcome, Accepted)
    assert {one.reference for one in given} == {outcome.reference}
    assert isinstance(given[0].outcome, final)
    assert given[0].at is not None


async def test_a_report_is_answered_only_when_it_is_kept(lent: Context, answers: MemoryAnswers, parcel: Make) -> None:
    answers.away = True
    async with Gateway(options=QUICK) as gateway, opened(gateway, lent) as sink:
        await sink.send(notice(parcel))
        await answers.until_given(1)
        waiting = len(gateway.undelivered)
        answers.away = False
        await gateway.until(lambda: not gateway.undelivered)
    assert waiting == 1
    assert not gateway.refused


async def test_what_was_not_answered_comes_again_with_the_next_login(
    lent: Context, answers: MemoryAnswers, parcel: Make
) -> None:
    answers.away = True
    async with Gateway(options=QUICK) as gateway:
        async with opened(gateway, lent) as sink:
            sent = await sink.send(notice(parcel))
            await answers.until_given(1)
        assert len(gateway.undelivered) == 1
        answers.away = False
        async with opened(gateway, lent):
            await gateway.until(lambda: not gateway.undelivered)
    assert isinstance(sent, Accepted)
    assert sent.reference in answers.final


async def test_parts_of_a_long_text_go_by_one_connection_in_order(lent: Context, parcel: Make) -> None:
    text = "长" * 150
    async with Gateway(options=QUICK) as gateway, opened(gateway, lent) as sink:
        outcome = await sink.send(notice(parcel, text))
        parts = gateway.taken
        assert gateway.logins == 1
    assert isinstance(outcome, Accepted)
    assert [(one.part, one.parts, one.udhi, one.report) for one in parts] == [
        (1, 3, True, False),
        (2, 3, True, False),
        (3, 3, True, True),
    ]
    assert b"".join(one.content[6:] for one in parts).decode("utf-16-be") == text


async def test_a_later_part_that_is_throttled_goes_again_and_no_other(lent: Context, parcel: Make) -> None:
    script = [Step.OK, Step.THROTTLE, Step.OK]
    async with Gateway(script, options=QUICK) as gateway, opened(gateway, lent, throttled_seconds=0.05) as sink:
        outcome = await sink.send(notice(parcel, "长" * 150))
        parts = sorted(one.part for one in gateway.taken)
    assert isinstance(outcome, Accepted)
    assert parts == [1, 2, 3]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ([Step.REFUSE], "CMPP_13"),
        ([Step.THROTTLE], "CMPP_8"),
        ([Step.OK, Step.REFUSE], "PARTLY_TAKEN"),
        ([Step.OK, Step.OK, Step.LOSE], "PARTLY_TAKEN"),
        ([Step.OK, Step.CUT], "PARTLY_TAKEN"),
        ([Step.OK, Step.THROTTLE, Step.THROTTLE, Step.THROTTLE], "PARTLY_TAKEN"),
    ],
)
async def test_parts_that_are_not_all_taken(lent: Context, parcel: Make, script: list[Step], told: str) -> None:
    async with Gateway(script, options=QUICK) as gateway, opened(gateway, lent, throttled_seconds=0.6) as sink:
        outcome = await sink.send(notice(parcel, "长" * 150, timeout=1.0))
        twice = [one.part for one in gateway.taken]
    assert code(outcome) == told
    assert isinstance(outcome, InDoubt) == (told == "PARTLY_TAKEN")
    assert len(twice) == len(set(twice))


async def test_several_numbers_are_delivered_when_they_are_taken(lent: Context, parcel: Make) -> None:
    async with Gateway(options=QUICK) as gateway, opened(gateway, lent, most_numbers=3, prefix="86") as sink:
        outcome = await sink.send(notice(parcel, to=[NUMBER, "+8613900000001", "10086"]))
        (submit,) = gateway.taken
    assert isinstance(outcome, Delivered)
    assert outcome.receipt
    assert submit.numbers == ("8613900000000", "8613900000001", "10086")
    assert not submit.report


async def test_the_window_is_never_exceeded(lent: Context, parcel: Make) -> None:
    async with Gateway([Step.LOSE] * 16, options=QUICK) as gateway, opened(gateway, lent) as sink:
        waiting = [asyncio.create_task(sink.send(notice(parcel, key=f"key-{one}", timeout=1.0))) for one in range(20)]
        outcomes = await asyncio.gather(*waiting)
        taken = len(gateway.taken)
    assert taken == 16
    assert sorted(map(code, outcomes)) == ["NO_ANSWER"] * 16 + ["WINDOW_FULL"] * 4


async def test_answers_that_come_octet_by_octet_stay_whole_beside_others(lent: Context, parcel: Make) -> None:
    script = [Step.SPLIT, Step.OK, Step.TWICE, Step.SPLIT, Step.EARLY, Step.GLUE] * 3
    async with Gateway(script, options=QUICK) as gateway, opened(gateway, lent) as sink:
        outcomes = await asyncio.gather(*(sink.send(notice(parcel, key=f"key-{n}")) for n in range(len(script))))

    assert [type(one).__name__ for one in outcomes] == ["Accepted"] * len(script)
    assert gateway.logins == 1


async def test_a_silent_line_is_tested_and_given_up(lent: Context, parcel: Make) -> None:
    """A gateway that says nothing at all after the login: the line is dead after N tests, and dialled anew."""
    deaf = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        if not deaf.is_set():
            deaf.set()
            writer.write(bytes.fromhex("0000001e8000000100000000" + "00") + bytes(16) + b"\x20")
            tests.append(await reader.read(1000))
            tests.append(await reader.read(1000))
            again.set()
        await reader.read()
        writer.close()

    tests: list[bytes] = []
    again = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = {
        "host": "127.0.0.1", "port": port, "account": "900001", "password": "sms-gateway", "version": "2.0", "sender": "1",
        "check_gateway": False, "idle_seconds": 0.05, "answer_seconds": 0.05, "tests": 2,
    }  # fmt: skip
    async with CONNECTOR.sink(CONNECTOR.config.model_validate(settings), lent):
        await asyncio.wait_for(again.wait(), 10)
    server.close()
    assert [one[4:8].hex() for one in tests] == ["00000008", "00000008"]


@pytest.mark.parametrize(
    ("options", "settings", "told"),
    [
        ({"secret": "another"}, {}, "LOGIN_3"),
        ({"account": "900002"}, {"account": "900001"}, "LOGIN_2"),
    ],
)
async def test_a_login_that_is_refused_keeps_messages_waiting(
    lent: Context, parcel: Make, options: dict[str, str], settings: dict[str, str], told: str
) -> None:
    async with (
        Gateway(options=QUICK.model_copy(update=options)) as gateway,
        opened(gateway, lent, **settings) as sink,
    ):
        outcomes = {code(await sink.send(notice(parcel))) for _ in range(3)}
    assert outcomes <= {told, "LOGIN_PAUSED"}


async def test_nobody_is_trusted_who_does_not_know_the_secret(lent: Context, parcel: Make) -> None:
    async with Gateway(options=QUICK) as gateway:
        gateway.impostor = True
        async with opened(gateway, lent) as sink:
            first = await sink.send(notice(parcel))
            assert not gateway.taken
    assert code(first) == "GATEWAY_UNPROVEN"


async def test_neither_numbers_nor_texts_reach_the_log(lent: Context, parcel: Make) -> None:
    outcomes = []
    with structlog.testing.capture_logs() as said:
        for step in (Step.OK, Step.REFUSE, Step.CUT, Step.WRONG_LENGTH, Step.UNDELIVERED):
            async with Gateway([step], options=QUICK) as gateway, opened(gateway, lent) as sink:
                outcomes.append(await sink.send(notice(parcel, "机密内容", timeout=1.0)))
    assert NUMBER not in repr((said, outcomes))
    assert "机密内容" not in repr((said, outcomes))


async def test_an_answer_says_when(lent: Context, answers: MemoryAnswers, parcel: Make) -> None:
    async with Gateway(options=QUICK) as gateway, opened(gateway, lent) as sink:
        await sink.send(notice(parcel))
        (given,) = await answers.until_given(1)
    assert isinstance(given, Answer)
    assert given.at is not None
    assert given.at.utcoffset() is not None


async def test_the_expiry_goes_with_it(lent: Context, parcel: Make) -> None:
    async with Gateway(options=QUICK) as gateway, opened(gateway, lent) as sink:
        await sink.send(notice(parcel, attributes={"id": "1", "expirytime": "2026-03-05T02:00:00Z"}))
        (submit,) = gateway.taken
    assert submit.valid_until == "260305100000032+"


async def test_no_more_go_than_were_agreed_numbers_times_parts(lent: Context, parcel: Make) -> None:
    clock = asyncio.get_running_loop().time
    async with (
        Gateway(options=QUICK) as gateway,
        opened(gateway, lent, most_per_second=20, most_numbers=2) as sink,
    ):
        began = clock()
        # Two numbers and three parts are six; the seventh and eighth wait for them.
        first = await sink.send(notice(parcel, "长" * 150, to=[NUMBER, "10086"]))
        second = await sink.send(notice(parcel, to=[NUMBER, "10086"]))
        took = clock() - began
        late = await sink.send(notice(parcel, timeout=0.01))
    assert isinstance(first, Delivered)
    assert isinstance(second, Delivered)
    assert took >= 0.25
    assert code(late) == "RATE_LIMITED"
    assert len(gateway.taken) == 4


async def test_after_a_throttled_submission_all_others_rest(lent: Context, parcel: Make) -> None:
    clock = asyncio.get_running_loop().time
    async with Gateway([Step.THROTTLE], options=QUICK) as gateway, opened(gateway, lent, throttled_seconds=0.3) as sink:
        began = clock()
        first = await sink.send(notice(parcel))
        second = await sink.send(notice(parcel, key="key-2"))
        took = clock() - began
    assert code(first) == "CMPP_8"
    assert isinstance(second, Accepted)
    assert took >= 0.3


async def test_who_only_looks_takes_no_report(
    lent: Context, context: Context, answers: MemoryAnswers, parcel: Make
) -> None:
    answers.away = True
    async with Gateway(options=QUICK) as gateway:
        async with opened(gateway, lent) as sink:
            await sink.send(notice(parcel))
            await answers.until_given(1)
        looking = dataclasses.replace(context, secret=SECRETS.__getitem__)
        async with opened(gateway, looking) as sink:
            there = await sink.check()
            await gateway.until(lambda: gateway.somebody)
        left = len(gateway.undelivered)
        answers.away = False
        async with opened(gateway, lent):
            await gateway.until(lambda: not gateway.undelivered)
    assert isinstance(there, Delivered)
    assert left == 1
