# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The hub runs on uvloop where there is one: a whole suite under it, both ways, and a source in a child."""

import asyncio

import pytest
import uvloop

from connectors.sdk import Role, Taken
from connectors.sdk.bench import Isolation
from connectors.sdk.conformance import bench_for
from connectors.sdk.overhearing import Overheard
from connectors.sdk.process import Order
from connectors.sdk.rules import RULES
from connectors.sdk.source_host import ProcessSource
from tests.connectors.far_http import QueryableFarSide

BAD = "tests.connectors.hostile.bad_source:CONNECTOR"


async def broken_rules(isolation: Isolation) -> dict[str, str]:
    assert isinstance(asyncio.get_running_loop(), uvloop.Loop)
    broken = {}
    for rule in RULES:
        if isolation in rule.isolations:
            async with QueryableFarSide() as far:
                if said := await rule.broken(bench_for("connectors.rest:CONNECTOR", far, isolation)):
                    broken[rule.name] = said
    return broken


@pytest.mark.timeout(300)
@pytest.mark.parametrize("isolation", list(Isolation))
def test_the_suite_is_kept_on_uvloop(isolation: Isolation) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(broken_rules(isolation)) == {}


def test_a_source_in_a_child_brings_and_settles_on_uvloop() -> None:
    async def work() -> list[bytes]:
        order = Order(reference=BAD, settings={}, destination="department", role=Role.SOURCE)
        source = ProcessSource(
            order, secret=dict[str, str]().__getitem__, log=Overheard().log(), monotonic=asyncio.get_running_loop().time
        )
        async with source:
            items = await source.take()
            await source.settle([(item.token, Taken()) for item in items])
            return [item.body for item in items]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(work()) == [b"1", b"2", b"3"]
