# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a source does in its process hurts only itself: it is started again, and what nobody settled comes again."""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from structlog.testing import CapturingLogger
from structlog.typing import FilteringBoundLogger

from connectors.sdk import Delivered, Disposition, Item, Metric, MetricKind, NotNow, Refused, Role, Taken, Text
from connectors.sdk.fencing.fence import Fence
from connectors.sdk.item_wire import FRAME_BYTES, MAX_ITEMS, answers_head, answers_of, items_head, items_of, portion
from connectors.sdk.metrics import Meter
from connectors.sdk.process import Limits, Order
from connectors.sdk.source_host import ProcessSource
from connectors.sdk.wire import MAX_BODY_BYTES

BAD = "tests.connectors.hostile.bad_source:CONNECTOR"
LIMITS = Limits(
    memory_bytes=512 * 1024 * 1024,
    start_seconds=60,
    stop_seconds=0.5,
    restart_seconds=0.01,
    silence_seconds=2.0,
    cores_seconds=1.0,
)


@pytest.fixture
def heard() -> CapturingLogger:
    return CapturingLogger()


@pytest.fixture
def log(heard: CapturingLogger) -> FilteringBoundLogger:
    bound: FilteringBoundLogger = structlog.wrap_logger(
        heard,
        processors=[lambda _logger, level, event: ((level, event.pop("event")), event)],
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )
    return bound


@pytest.fixture
def hosted(log: FilteringBoundLogger) -> Callable[..., ProcessSource]:
    def host(
        mood: str = "well", limits: Limits = LIMITS, meter: Meter | None = None, **settings: object
    ) -> ProcessSource:
        secrets = {"token": "made-up-token"}
        return ProcessSource(
            Order(
                reference=BAD,
                settings={"mood": mood, **settings},
                destination="department",
                role=Role.SOURCE,
                fence=Fence(folders=(str(settings["marks"]),) if "marks" in settings else ()),
            ),
            secret=secrets.__getitem__,
            log=log,
            monotonic=asyncio.get_running_loop().time,
            limits=limits,
            meter=meter,
        )

    return host


Host = Callable[..., ProcessSource]


async def until(so: Callable[[], bool]) -> None:
    """Return once it is so; nothing tells when a file appears or a log line is written."""
    async with asyncio.timeout(60):
        while not so():  # noqa: ASYNC110  # because nobody says when
            await asyncio.sleep(0.02)


async def test_it_brings_what_lies_there_under_tokens_of_the_hubs_own(hosted: Host) -> None:
    async with hosted(count=5) as source:
        items = await source.take()

        assert [item.body for item in items] == [b"1", b"2", b"3", b"4", b"5"]
        assert len({item.token for item in items}) == 5
        await source.settle([(items[0].token, Taken()), (10**9, Taken())])
        assert isinstance(await source.check(), Delivered)


async def test_a_token_of_any_size_crosses(hosted: Host) -> None:
    async with hosted("big token") as source:
        (item,) = await source.take()

        assert 0 < item.token < 2**62


@pytest.mark.parametrize("harm", ["raise", "leave", "exit", "block", "memory", "too many", "nonsense", "flood"])
async def test_whatever_it_does_it_is_started_again(harm: str, hosted: Host, tmp_path: Path) -> None:
    async with hosted(harm, marks=str(tmp_path)) as source:
        taking = asyncio.ensure_future(source.take())
        await until(lambda: len(list(tmp_path.iterdir())) >= 2)
        taking.cancel()
        await asyncio.wait({taking})


async def test_one_that_uses_more_processors_than_it_may_is_ended(hosted: Host, heard: CapturingLogger) -> None:
    async with hosted("spin", replace(LIMITS, cores=0.05)) as source:
        await source.take()
        pid = await pid_of(source)
        await until(lambda: not Path(f"/proc/{pid}").exists())

    assert any("process ended" in str(call) for call in heard.calls)


async def test_a_settlement_that_raises_ends_it_and_the_messages_come_again(hosted: Host, tmp_path: Path) -> None:
    async with hosted("raise at settle", marks=str(tmp_path)) as source:
        first = await source.take()
        await source.settle([(item.token, Taken()) for item in first])
        again = await source.take()

    assert [item.body for item in again] == [item.body for item in first]
    assert {item.token for item in again}.isdisjoint({item.token for item in first})
    assert len(list(tmp_path.iterdir())) == 2


async def test_what_a_dead_process_brought_is_settled_in_silence(hosted: Host) -> None:
    async with hosted() as source:
        items = await source.take()
        pid = await pid_of(source)
        os.kill(pid, 9)
        await until(lambda: not Path(f"/proc/{pid}").exists())
        await source.settle([(item.token, Taken()) for item in items])
        again = await source.take()

    assert [item.body for item in again] == [item.body for item in items]


async def test_a_check_that_hangs_leaves_the_taking_alone(hosted: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hosted("hang at check") as source:
        checking = asyncio.ensure_future(source.check())
        items = await source.take()
        checking.cancel()
        await asyncio.wait({checking})

        assert len(items) == 3
        assert checking.cancelled()


async def test_a_cancelled_take_loses_nothing(hosted: Host) -> None:
    async with hosted() as source:
        for _ in range(5):
            taking = asyncio.ensure_future(source.take())
            await asyncio.sleep(0)
            taking.cancel()
            await asyncio.wait({taking})

        assert len(await source.take()) == 3


async def test_it_reads_neither_other_secrets_nor_the_hubs_environment(
    hosted: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOVHUB_MADE_UP_SECRET", "made-up")
    async with hosted("secret") as source:
        (item,) = await source.take()
        assert item.body == b"refused"
    async with hosted("environment") as source:
        (item,) = await source.take()
        assert b"GOVHUB_MADE_UP_SECRET" not in item.body


async def test_what_it_measures_arrives(hosted: Host) -> None:
    pages = Metric(name="pages", kind=MetricKind.COUNTER, title=Text("页", "Pages"), label="size", values=("A4",))
    meter = Meter((pages,))
    async with hosted("measure", meter=meter) as source:
        await source.take()

    assert meter.counts == {("pages", "A4"): 3}
    assert list(meter.undeclared) == ["undeclared"]


async def test_settings_that_are_refused_are_told_once_and_waited_out(hosted: Host, heard: CapturingLogger) -> None:
    async with hosted(prefetch="many") as source:
        taking = asyncio.ensure_future(source.take())
        await until(lambda: any("source away" in str(call) for call in heard.calls))
        there = await source.check()
        taking.cancel()
        await asyncio.wait({taking})

    assert "prefetch" in str(there)
    assert sum("source away" in str(call) for call in heard.calls) <= 2


async def test_it_leaves_no_process_behind(hosted: Host) -> None:
    async with hosted() as source:
        pid = await pid_of(source)

    assert not Path(f"/proc/{pid}").exists()


async def pid_of(source: ProcessSource) -> int:
    there = await source.check()
    assert isinstance(there, Delivered), there
    return int(there.receipt)


def fields_of(answer: Disposition) -> dict[str, object]:
    return asdict(answer)


HEADERS: dict[str, object] = {
    "text": "办件",
    "flag": True,
    "number": 10**30,
    "bytes": b"\0\xff",
    "moment": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
}


class TestFrames:
    def test_items_cross(self) -> None:
        items = [
            Item(token=0, content_type="a/b", body=bytes(range(256)), headers=HEADERS),
            Item(token=0, content_type=None, body=b""),
        ]
        head, body = items_head(list(enumerate(items)))

        assert items_of(head, body) == list(enumerate(items))

    @pytest.mark.parametrize(
        "change",
        [
            {"token": -1},
            {"token": "1"},
            {"length": 4},
            {"length": 2},
            {"length": -1},
            {"content_type": 7},
            {"content_type": "x" * 1001},
            {"headers": [["a", "number", "x"]]},
            {"headers": [["a", "moment", "yesterday"]]},
            {"headers": [["a", "bytes", "?"]]},
            {"headers": [["a", "pickle", "x"]]},
            {"headers": None},
        ],
    )
    def test_what_is_no_item_is_none(self, change: dict[str, object]) -> None:
        (sound,), body = items_head([(1, Item(token=0, content_type="a/b", body=b"abc"))])

        assert items_of([sound], body) is not None
        assert items_of([{**sound, **change}], body) is None
        assert items_of({"0": sound}, body) is None
        assert items_of([sound] * (MAX_ITEMS + 1), body) is None

    def test_a_portion_fits_and_is_never_empty(self) -> None:
        def of(size: int, count: int) -> list[Item]:
            return [Item(token=0, content_type=None, body=b"x" * size)] * count

        assert portion(of(1, 5)) == 5
        assert portion(of(1, 5000)) == MAX_ITEMS
        assert portion(of(FRAME_BYTES // 2, 5)) == 2
        assert portion(of(FRAME_BYTES * 2, 5)) == 1
        assert portion([Item(token=0, content_type=None, body=b"", headers={"a": "x" * 300_000})] * 5) == 1

    def test_what_no_frame_can_hold_is_cut_to_what_no_hub_takes(self) -> None:
        huge = Item(token=0, content_type="a/b", body=bytes(MAX_BODY_BYTES + 1), headers={"a": "x" * 2_000_000})
        head, body = items_head([(1, huge)])
        ((_, item),) = items_of(head, body) or []

        assert (len(item.body), item.headers) == (MAX_BODY_BYTES, {})

    def test_answers_cross(self) -> None:
        answers: Sequence[tuple[int, Disposition]] = [
            (1, Taken(b'{"receipt":1}')),
            (2, Refused("E_X", '{"title":"错"}'.encode())),
            (3, NotNow(7.5)),
        ]
        crossed = list(answers_of(answers_head(answers)))

        assert crossed == answers
        assert [fields_of(one) for _, one in crossed] == [
            fields_of(one) for _, one in answers
        ]  # equality leaves some out
