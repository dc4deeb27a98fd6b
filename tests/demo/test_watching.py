# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""When a morning is over: everything has come about and nothing moves, or nothing has come about for long."""

import asyncio
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from hub.demo.figures import Figures
from hub.demo.ledgers import book_of
from hub.demo.processes import Company
from hub.demo.view import Moment
from hub.demo.watching import Quiet, Watch
from hub.demo.workplace import Workplace, open_workplace
from hub.ports.clock import SystemClock
from tests.demo.books import perfect, scenario, write_others

SCENARIO = scenario(2)
NOWHERE = "http://127.0.0.1:1"


class SteppingClock:
    """Time passes only when somebody sleeps; then something may happen."""

    def __init__(self, happens: Callable[[float], None]) -> None:
        self.seconds = 0.0
        self._happens = happens

    def now(self) -> datetime:
        return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.seconds += seconds
        self._happens(self.seconds)


class Nobody:
    def update(self, figures: Figures, moment: Moment) -> None:
        assert figures.scenario is SCENARIO


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    place = open_workplace(tmp_path, "0a0b0c", SystemClock())
    assert isinstance(place, Workplace)
    yield place
    os.close(place.lock)


async def watched(place: Workplace, happens: Callable[[float], None]) -> tuple[Quiet | None, float, Figures]:
    clock = SteppingClock(happens)
    watch = Watch(place, SCENARIO, clock)
    over = await watch.until_quiet(Company(), asyncio.Event(), NOWHERE, Nobody())
    assert isinstance(over, Quiet | None)
    return over, clock.seconds, watch.figures


async def test_it_is_over_soon_after_everything_has_come_about(place: Workplace) -> None:
    for system, book in perfect(SCENARIO).items():
        book_of(place.ledgers, system).write_bytes(b"".join(orjson.dumps(entry) + b"\n" for entry in book))
    write_others(SCENARIO, place.ledgers)

    over, seconds, figures = await watched(place, lambda _: None)

    assert over is not None
    assert figures.complete
    assert seconds < 10


async def test_it_is_not_over_while_a_service_has_not_done_its_part(place: Workplace) -> None:
    for system, book in perfect(SCENARIO).items():
        book_of(place.ledgers, system).write_bytes(b"".join(orjson.dumps(entry) + b"\n" for entry in book))
    write_others(SCENARIO, place.ledgers)
    whole = (place.ledgers / "province.json").read_bytes()
    (place.ledgers / "province.json").write_bytes(b"{}")

    def take(seconds: float) -> None:
        if seconds > 20:
            (place.ledgers / "province.json").write_bytes(whole)

    over, seconds, figures = await watched(place, take)

    assert over is not None
    assert figures.complete
    assert 20 < seconds < 30


async def test_senders_that_only_repeat_themselves_do_not_keep_it_going(place: Workplace) -> None:
    sent = {"n": 1, "t": 0, "kind": "sent", "id": "i", "case": "c", "contract": "t", "order": 1, "wrong": ""}
    book = book_of(place.ledgers, "portal")
    book.write_bytes(orjson.dumps(sent) + b"\n")

    def refuse(seconds: float) -> None:
        answer = {"n": 2, "t": seconds, "kind": "answer", "to": 1, "status": 500, "receipt": "", "code": "E_BUG"}
        with book.open("ab") as file:
            file.write(orjson.dumps(answer) + b"\n")

    over, seconds, figures = await watched(place, refuse)

    assert over == Quiet(0.0)
    assert 30 < seconds < 60
    assert not figures.complete
    assert figures.again["E_BUG"] > 10


async def test_a_line_still_being_written_is_read_when_it_is_whole(place: Workplace) -> None:
    lines = b"".join(orjson.dumps(entry) + b"\n" for entry in perfect(SCENARIO)["portal"])
    book, written = book_of(place.ledgers, "portal"), iter(range(0, len(lines), 97))

    def write_on(_: float) -> None:
        start = next(written, None)
        if start is not None:
            with book.open("ab") as file:
                file.write(lines[start : start + 97])

    _, _, figures = await watched(place, write_on)

    portal = [turn for fate in SCENARIO.fates.values() for turn in fate.turns if turn.speaker == "portal"]
    assert figures.accepted.total() == len(portal)
    assert figures.delivered["portal"] == SCENARIO.messages - len(portal)
