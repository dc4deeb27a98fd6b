# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a lookup does in its process hurts only itself: whoever asked cannot be answered just now, and later can."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from connectors.sdk import Delivered, Finding, Found, InDoubt, NotFound, Question, Rejected, Role, Unavailable
from connectors.sdk.lookup_host import ProcessLookup
from connectors.sdk.lookup_wire import MAX_RECORDS_BYTES, MOST_RECORDS, found_of, found_spoken
from connectors.sdk.process import Limits, Order
from connectors.sdk.wire import Frame

BAD = "tests.connectors.hostile.bad_lookup:CONNECTOR"
LIMITS = Limits(
    memory_bytes=512 * 1024 * 1024, start_seconds=60, stop_seconds=0.5, restart_seconds=0.01, grace_seconds=0.3
)
Host = Callable[..., ProcessLookup]


@pytest.fixture
def hosted() -> Host:
    def host(reference: str = BAD) -> ProcessLookup:
        return ProcessLookup(
            Order(reference=reference, settings={}, destination="register", role=Role.LOOKUP),
            secret={"token": "made-up-token"}.__getitem__,
            log=structlog.get_logger(),
            monotonic=asyncio.get_running_loop().time,
            limits=LIMITS,
        )

    return host


async def ask(lookup: ProcessLookup, key: str, seconds: float = 30.0) -> Finding:
    return await lookup.ask(Question(criteria={"key": key}, purpose="核验\udcff", timeout=seconds))


async def well(lookup: ProcessLookup) -> object:
    """Ask until it answers again; the number of its process."""
    async with asyncio.timeout(60):
        while isinstance(finding := await ask(lookup, "well"), Unavailable):  # noqa: ASYNC110  # because nobody says when
            await asyncio.sleep(finding.retry_after or 0)
    assert isinstance(finding, Found), finding
    return finding.records[0]["pid"]


async def test_questions_and_findings_cross(hosted: Host) -> None:
    async with hosted() as lookup:
        echo = await lookup.ask(Question(criteria={"key": "echo", "名\ud800": "\0"}, purpose="核验\udcff", timeout=30))
        nothing, refused = await ask(lookup, "nothing"), await ask(lookup, "refused")
        there, pid = await lookup.check(), await well(lookup)

    assert echo == Found(({"heard": ascii(({"key": "echo", "名\ud800": "\0"}, "核验\udcff"))},), complete=False)
    assert nothing == NotFound()
    assert refused == Rejected("NO", "never", ("said so",))
    assert there == Delivered(str(pid))


@pytest.mark.parametrize(
    ("harm", "code"),
    [("exit", "HOST_DIED"), ("block", "OVERDUE"), ("cling", "OVERDUE")],
)
async def test_one_that_ends_its_process_or_blocks_it_is_away_for_a_moment(hosted: Host, harm: str, code: str) -> None:
    async with hosted() as lookup, hosted() as other:
        before, neighbour = await well(lookup), await well(other)
        finding = await ask(lookup, harm, 0.5)

        assert isinstance(finding, Unavailable)
        assert finding.reason.startswith(code)
        assert await well(lookup) != before
        assert await well(other) == neighbour
        assert not Path(f"/proc/{before}").exists()


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("raise", "CONNECTOR_RAISED: RuntimeError"),
        ("leave", "CONNECTOR_RAISED: SystemExit"),
        ("hang", "OVERDUE"),
        ("nonsense", "CONNECTOR_NONSENSE"),
        ("decimal", "CONNECTOR_NONSENSE"),
        ("too much", "CONNECTOR_NONSENSE"),
    ],
)
async def test_whatever_else_it_does_is_unavailable_and_quotes_nothing(hosted: Host, harm: str, code: str) -> None:
    async with hosted() as lookup:
        before = await well(lookup)
        finding = await ask(lookup, harm, 0.5)

        assert isinstance(finding, Unavailable)
        assert finding.reason.startswith(code)
        assert "510502" not in finding.reason
        assert await well(lookup) == before


@pytest.mark.parametrize("lie", ["lie", "delivered"])
async def test_one_that_says_what_is_no_finding_is_ended(hosted: Host, lie: str) -> None:
    async with hosted() as lookup:
        finding = await ask(lookup, lie)

        assert isinstance(finding, Unavailable)
        assert finding.reason.startswith("HOST_NONSENSE")
        assert await well(lookup)


async def test_one_that_leaks_meets_its_limit_and_no_other_does(hosted: Host) -> None:
    async with hosted() as lookup, hosted() as other:
        assert isinstance(await ask(lookup, "leak"), Unavailable)
        assert isinstance(await ask(other, "well"), Found)


async def test_others_under_way_in_a_process_that_ends_may_ask_again(hosted: Host) -> None:
    async with hosted() as lookup:
        waiting = asyncio.ensure_future(ask(lookup, "hang"))
        os.kill(int(str(await well(lookup))), 9)

        assert isinstance(await waiting, Unavailable)


async def test_what_is_no_lookup_is_unavailable_with_its_reason(hosted: Host) -> None:
    async with hosted("tests.connectors.hostile.bad_receiver:CONNECTOR") as lookup:
        finding, there = await ask(lookup, "well"), await lookup.check()

    assert finding == Unavailable("HOST_UNFIT: it answers no questions", getattr(finding, "retry_after", None))
    assert not isinstance(there, Delivered | InDoubt)


async def test_it_reads_neither_other_secrets_nor_the_hubs_environment(
    hosted: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOVHUB_MADE_UP_SECRET", "made-up")
    async with hosted() as lookup:
        secret, environment, pid = await ask(lookup, "secret"), await ask(lookup, "environment"), await well(lookup)

    assert secret == Found(({"said": "refused, but made-up-token"},))
    assert isinstance(environment, Found)
    assert "GOVHUB_MADE_UP_SECRET" not in repr(environment)
    assert not Path(f"/proc/{pid}").exists(), "it leaves no process behind"


class TestFrames:
    def test_records_cross(self) -> None:
        found = Found(({"a": [1, None, {"b": "办"}]}, {}), complete=False)
        spoken = found_spoken(found)

        assert spoken is not None
        assert found_of(Frame(*spoken)) == found

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{}",
            b"[1]",
            b"[[]]",
            b"[" * 100_000,
            b"[{}" + b",{}" * MOST_RECORDS + b"]",
            b"[{}]" + b" " * MAX_RECORDS_BYTES,
        ],
        ids=range(8),
    )
    def test_what_is_no_answer_is_none(self, body: bytes) -> None:
        assert found_of(Frame({"found": True, "complete": True}, body)) is None

    def test_nor_is_a_head_that_does_not_say(self) -> None:
        assert found_of(Frame({"found": True}, b"[{}]")) is None
        assert found_of(Frame({"found": 1, "complete": 1}, b"[{}]")) is None
        assert found_of(Frame({}, b"")) is None
