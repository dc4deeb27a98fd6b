# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A bottleneck that was put into a real hub is named first, with its evidence."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.sdk import Delivered, Outcome, Parcel, Rejected, Unavailable
from hub.analysis.report import Analysis, analysed, as_dict
from hub.breakers import BreakerPolicy
from hub.ports.journal import State
from tests.support.hubs import POLICY, Destination, at_work, event, hub_on
from tests.support.journals import SteppedClock
from tests.support.sinks import ScriptedSink, Step

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

CASES, MESSAGES = 8, 40
CANARY = "990102199001019999"


class HurriedClock(SteppedClock):
    """Wall time that runs thirty times as fast, so that a test need not wait."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self.moment + 30 * timedelta(seconds=time.monotonic() - self._began)


async def slow(_: Parcel) -> Outcome:
    await asyncio.sleep(0.1)
    return Delivered()


async def a_morning(dsn: str, bad: Destination, done: int) -> Analysis:
    """Forty messages of eight cases to a good destination, a bad one and another good one; what is made of them."""
    clock = HurriedClock()
    places = {"archives": Destination(sink=ScriptedSink()), "bad": bad, "tax": Destination(sink=ScriptedSink())}
    async with hub_on(dsn, places, clock=clock) as rig:
        since = clock.now()
        async with at_work(rig.hub):
            for n in range(MESSAGES):
                await rig.accept(event(f"c{n % CASES}", f"{CANARY}-{n}"))
            await rig.until(lambda settled: sum(s.state is not State.WAITING for s in settled) >= done)
            await asyncio.sleep(0.5)
        slots = {name: place.slots for name, place in places.items()}
        analysis = await analysed(rig.hub.journal, slots, since, clock.now(), lambda _: None)
    assert isinstance(analysis, Analysis)
    assert CANARY not in str(as_dict(analysis))
    return analysis


def scripts(*steps: Step) -> Mapping[str, list[Step]]:
    return {f"c{n}": list(steps) for n in range(CASES)}


async def test_a_slow_far_side(dsn: str) -> None:
    sink = ScriptedSink(scripts(*[slow] * MESSAGES))
    analysis = await a_morning(dsn, Destination(sink=sink, slots=1), 3 * MESSAGES)
    told = as_dict(analysis)
    first = analysis.bottlenecks()[0]
    assert (first.destination, first.kind) == ("bad", "pressure"), told["bottlenecks"]
    assert {(one.destination, one.kind) for one in analysis.bottlenecks()[:2]} == {("bad", "pressure"), ("bad", "slow")}
    assert first.examples
    assert first.evidence["deliveries"] == MESSAGES
    used = first.evidence["utilisation"]
    assert isinstance(used, float)
    assert 0.3 < used <= 1.1
    assert told["slowest"][0] == told["pressure"][0] == "bad"  # type: ignore[index]
    assert {edge["destination"]: edge["messages"] for edge in told["edges"]} == {  # type: ignore[attr-defined]
        "archives": MESSAGES, "bad": MESSAGES, "tax": MESSAGES,
    }  # fmt: skip


async def test_a_slow_far_side_with_room_enough(dsn: str) -> None:
    sink = ScriptedSink(scripts(*[slow] * MESSAGES))
    first = (await a_morning(dsn, Destination(sink=sink, slots=64), 3 * MESSAGES)).bottlenecks()[0]
    assert (first.destination, first.kind) == ("bad", "slow")
    assert "应答慢" in first.text.zh


async def test_a_flapping_far_side(dsn: str) -> None:
    away = Unavailable(f"HTTP_503: {CANARY}")
    flapping: list[Step] = [away, away, Delivered()]
    sink = ScriptedSink(scripts(*flapping * MESSAGES))
    place = Destination(sink=sink, policy=replace(POLICY, first=10, longest=20))
    analysis = await a_morning(dsn, place, 3 * MESSAGES)
    told = as_dict(analysis)
    first = analysis.bottlenecks()[0]
    assert (first.destination, first.kind) == ("bad", "failing"), told["bottlenecks"]
    share = first.evidence["failure_share"]
    assert isinstance(share, float)
    assert abs(share - 2 / 3) < 0.01
    assert first.evidence["codes"] == {"UNAVAILABLE": 2 * MESSAGES}
    assert told["failing"] == ["bad"]
    assert len(first.examples) == 5


async def test_a_far_side_that_is_away_behind_its_breaker(dsn: str) -> None:
    sink = ScriptedSink(scripts(Unavailable("HTTP_503")))
    place = Destination(sink=sink, policy=replace(POLICY, first=10, longest=20), breaker=BreakerPolicy(3, 15, 60))
    first = (await a_morning(dsn, place, 3 * MESSAGES)).bottlenecks()[0]
    assert (first.destination, first.kind) == ("bad", "failing")
    assert "UNAVAILABLE" in first.text.zh


async def test_a_blocked_lane(dsn: str) -> None:
    sink = ScriptedSink({"c3": [Rejected("R", CANARY)]})
    analysis = await a_morning(dsn, Destination(sink=sink), 3 * MESSAGES - 4)
    told = as_dict(analysis)
    first = analysis.bottlenecks()[0]
    assert (first.destination, first.kind) == ("bad", "blocked"), told["bottlenecks"]
    assert first.evidence["open"] == {"dead": 1, "waiting": 4}
    assert "1 条死信" in first.text.zh
