# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a receiver does in its process hurts only itself: its callers are told to come again, and find another one."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from structlog.testing import CapturingLogger
from structlog.typing import FilteringBoundLogger

from connectors.sdk import Admitted, Disposition, Item, NotNow, Refused, Reply, Request, Role, Taken, TurnedAway
from connectors.sdk import receiver_host as hosting
from connectors.sdk.metrics import Meter
from connectors.sdk.process import Limits, Order
from connectors.sdk.receiver_host import Fallen, ProcessReceiver
from connectors.sdk.receiver_wire import (
    admission_of,
    admission_spoken,
    answers_of,
    answers_spoken,
    reply_of,
    request_head,
    request_of,
)
from connectors.sdk.wire import MAX_BODY_BYTES, Frame
from tests.connectors.hostile.bad_receiver import BadConnector

BAD = "tests.connectors.hostile.bad_receiver:CONNECTOR"
LIMITS = Limits(
    memory_bytes=512 * 1024 * 1024, start_seconds=60, stop_seconds=0.5, restart_seconds=0.01, grace_seconds=0.3
)
Host = Callable[..., ProcessReceiver]


@pytest.fixture
def heard() -> CapturingLogger:
    return CapturingLogger()


@pytest.fixture
def hosted(heard: CapturingLogger) -> Host:
    log: FilteringBoundLogger = structlog.wrap_logger(
        heard, processors=[lambda _logger, level, event: ((level, event.pop("event")), event)]
    )

    def host(mood: str = "well", limits: Limits = LIMITS, meter: Meter | None = None) -> ProcessReceiver:
        return ProcessReceiver(
            Order(reference=BAD, settings={"mood": mood}, destination="desk", role=Role.RECEIVER),
            secret={"token": "made-up-token"}.__getitem__,
            log=log,
            monotonic=asyncio.get_running_loop().time,
            limits=limits,
            meter=meter,
        )

    return host


@pytest.fixture
def short_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hanging is soon seen."""
    monkeypatch.setattr(hosting, "CALL_SECONDS", 0.5)


def call(body: bytes = b"", **more: object) -> Request:
    return Request(method="POST", body=body, **more)  # type: ignore[arg-type]


async def well(receiver: ProcessReceiver) -> int:
    """Call until it answers again, as a caller that obeys does; the number of its process."""
    async with asyncio.timeout(60):
        while isinstance(told := await receiver.admit(call()), Fallen):
            assert told.retry_after is not None, told
            await asyncio.sleep(0.02)
    assert isinstance(told, Reply), told
    return int(told.body)


async def until_called_back(receiver: ProcessReceiver) -> None:
    """Return once the child has said that it gave up what was cancelled, or has been ended because it did not."""
    child = receiver._lifetime.child  # because nothing outside tells
    assert child is not None
    async with asyncio.timeout(60):
        while child._pending:  # noqa: ASYNC110  # because nobody says when
            await asyncio.sleep(0.02)


async def test_messages_and_what_became_of_them_cross(hosted: Host) -> None:
    problem = b'{"code":"E_X"}' + b" " * 100_000
    async with hosted() as receiver:
        admitted = await receiver.admit(call(b"admit"))
        reply = await receiver.reply("note", [(7, Taken(b"receipt")), (3, Refused("E_X", problem)), (1, NotNow(2.5))])

    assert admitted == Admitted(
        items=(
            Item(token=7, content_type="text/plain", body=b"one", headers={"n": 1 << 80, "b": b"\xff"}),
            Item(token=3, content_type=None, body=b"two"),
        ),
        note="办",
    )
    assert reply == Reply(
        status=200, headers=(("X-Note", "note"),), body=b"['7 Taken', '3 Refused', '1 NotNow'] %d" % len(problem)
    )


async def test_a_call_is_seen_as_it_came(hosted: Host) -> None:
    odd = call(b"echo", path="/%00/办", query="a=\udcff", headers=(("X", "\udcff"), ("X", "1")), url="http://办/")
    async with hosted() as receiver:
        told = await receiver.admit(odd)

    heard = repr((odd.method, odd.path, odd.query, odd.headers, odd.url)).encode("utf-8", "backslashreplace")
    assert told == TurnedAway(code="ECHO", reply=Reply(status=400, body=heard))


@pytest.mark.usefixtures("short_calls")
@pytest.mark.parametrize(
    ("harm", "code"),
    [("exit", "HOST_DIED"), ("block", "OVERDUE"), ("cling", "OVERDUE")],
)
async def test_one_that_ends_its_process_or_blocks_it_is_to_be_called_again(hosted: Host, harm: str, code: str) -> None:
    async with hosted() as receiver, hosted() as other:
        before, neighbour = await well(receiver), await well(other)
        told = await receiver.admit(call(harm.encode()))

        assert isinstance(told, Fallen)
        assert told.reason.startswith(code)
        assert told.retry_after is not None
        assert told.retry_after >= 1
        assert await well(receiver) != before
        assert await well(other) == neighbour
        assert not Path(f"/proc/{before}").exists()


@pytest.mark.parametrize("lie", ["lie", "delivered"])
async def test_one_that_says_what_is_no_answer_is_ended(hosted: Host, lie: str) -> None:
    async with hosted() as receiver:
        told = await receiver.admit(call(lie.encode()))

        assert isinstance(told, Fallen)
        assert told.reason.startswith("HOST_NONSENSE")
        assert told.retry_after is not None
        assert await well(receiver)


@pytest.mark.usefixtures("short_calls")
async def test_one_that_waits_too_long_is_to_be_called_again_and_keeps_its_process(hosted: Host) -> None:
    async with hosted() as receiver:
        before = await well(receiver)
        told = await receiver.admit(call(b"hang"))

        assert isinstance(told, Fallen)
        assert told.retry_after is not None
        assert await well(receiver) == before


async def test_one_that_leaks_meets_its_limit_and_no_other_does(hosted: Host) -> None:
    async with hosted() as receiver, hosted() as other:
        told = await receiver.admit(call(b"leak"))

        assert isinstance(told, Fallen), told
        assert isinstance(await other.admit(call()), Reply)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("raise", "CONNECTOR_RAISED: RuntimeError"),
        ("leave", "CONNECTOR_RAISED: SystemExit"),
        ("nonsense", "CONNECTOR_NONSENSE"),
        ("two headers", "CONNECTOR_NONSENSE"),
        ("too much", "CONNECTOR_NONSENSE"),
    ],
)
async def test_its_own_bugs_are_told_as_bugs_and_quote_nothing(hosted: Host, harm: str, code: str) -> None:
    async with hosted() as receiver:
        before = await well(receiver)
        told = await receiver.admit(call(harm.encode()))

        assert isinstance(told, Fallen)
        assert told.reason.startswith(code)
        assert told.retry_after is None
        assert "510502" not in told.reason
        assert await well(receiver) == before


async def test_one_that_ends_while_it_replies_is_asked_again(hosted: Host) -> None:
    async with hosted("exit at reply") as receiver:
        told = await receiver.reply("", [(1, Taken())])

        assert isinstance(told, Fallen)
        assert told.retry_after is not None
        assert await well(receiver)


async def test_others_under_way_in_a_process_that_ends_are_to_be_called_again(hosted: Host) -> None:
    async with hosted() as receiver:
        waiting = asyncio.ensure_future(receiver.admit(call(b"hang")))
        os.kill(await well(receiver), 9)
        told = await waiting

    assert isinstance(told, Fallen)
    assert told.retry_after is not None


async def test_a_caller_that_hangs_up_costs_nobody_the_process(hosted: Host) -> None:
    async with hosted() as receiver:
        before = await well(receiver)
        for body in (b"hang", b""):
            hanging = asyncio.ensure_future(receiver.admit(call(body)))
            await asyncio.sleep(0)
            hanging.cancel()
            await asyncio.wait({hanging})
        assert hanging.cancelled()
        await until_called_back(receiver)

        assert await well(receiver) == before


async def test_one_that_does_not_start_is_away_with_its_reason(hosted: Host) -> None:
    async with hosted("no start") as receiver:
        told = await receiver.admit(call())

    assert isinstance(told, Fallen)
    assert told.reason == "HOST_UNFIT: opening raises RuntimeError"
    assert told.retry_after is not None


async def test_a_call_that_no_frame_holds_is_turned_away(hosted: Host) -> None:
    async with hosted() as receiver:
        told = await receiver.admit(call(bytes(MAX_BODY_BYTES + 1)))

        assert told == TurnedAway(code="HOST_FRAME", reply=Reply(status=413))
        assert await well(receiver)


async def test_it_reads_neither_other_secrets_nor_the_hubs_environment(
    hosted: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOVHUB_MADE_UP_SECRET", "made-up")
    async with hosted() as receiver:
        secret, environment = await receiver.admit(call(b"secret")), await receiver.admit(call(b"environment"))

    assert secret == Reply(status=200, body=b"refused, but made-up-token")
    assert isinstance(environment, Reply)
    assert b"GOVHUB_MADE_UP_SECRET" not in environment.body


async def test_what_it_measures_arrives_and_it_leaves_no_process_behind(hosted: Host) -> None:
    meter = Meter(BadConnector.manifest.metrics)
    async with hosted(meter=meter) as receiver:
        await receiver.admit(call(b"measure"))
        pid = await well(receiver)

    assert meter.counts == {("calls", "all"): 3}
    assert not Path(f"/proc/{pid}").exists()


class TestFrames:
    def test_a_request_crosses(self) -> None:
        request = call(b"\0", path="/办", headers=(("A", "\ud800\udcff"), ("a", "")), subject="CN=办", peer="::1")

        assert request_of(request_head(request), request.body) == request

    def test_answers_cross(self) -> None:
        answers: list[tuple[int, Disposition]] = [
            (5, Taken(b"r" * 10_000)),
            (1, Refused("E_X", b"p" * 10_000)),
            (2, NotNow(1.5)),
        ]
        head, body = answers_spoken("n", answers)

        assert repr(answers_of(head["answers"], body)) == repr(answers)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "change",
        [
            {"status": 199},
            {"status": 600},
            {"status": "200"},
            {"headers": None},
            {"headers": [["A"]]},
            {"headers": [["A B", "1"]]},
            {"headers": [["A", "1\n"]]},
            {"headers": [["A", 1]]},
            {"headers": [["A", "x" * 8193]]},
            {"headers": [["A", "1"]] * 101},
        ],
    )
    def test_what_is_no_reply_is_none(self, change: dict[str, object]) -> None:
        sound: dict[str, object] = {"status": 200, "headers": [["A", "1\t"]]}

        assert reply_of(Frame(sound)) is not None
        assert reply_of(Frame({**sound, **change})) is None
        assert admission_of(Frame({**sound, **change, "turned_away": "NO"})) is None

    @pytest.mark.parametrize(
        "items",
        [
            (),
            (Item(token=1, content_type=None, body=b""),) * 2,
            tuple(Item(token=n, content_type=None, body=b"") for n in range(101)),
        ],
    )
    def test_what_is_no_admission_is_none(self, items: tuple[Item, ...]) -> None:
        spoken = admission_spoken(Admitted(items=items))

        assert spoken is not None
        assert admission_of(Frame(*spoken)) is None
        assert admission_of(Frame({"turned_away": "not a code", "status": 400, "headers": []})) is None
        assert admission_of(Frame({"admitted": [], "note": "x" * 20_000})) is None
        assert admission_spoken("hello") is None
