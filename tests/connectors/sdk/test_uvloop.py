# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The hub runs on uvloop where there is one: a whole suite under it, both ways, and a source in a child."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import uvloop

from connectors.sdk import Role, Taken
from connectors.sdk.bench import Isolation
from connectors.sdk.conformance import bench_for
from connectors.sdk.far_side import FarSide
from connectors.sdk.overhearing import Overheard
from connectors.sdk.process import Order
from connectors.sdk.rules import RULES
from connectors.sdk.source_host import ProcessSource
from connectors.sms_cmpp.simulator import Gateway
from connectors.sms_smpp.simulator import Centre
from tests.connectors.far_http import QueryableFarSide
from tests.connectors.sms_cmpp.far_side import SECRETS as CMPP_SECRETS
from tests.connectors.sms_cmpp.far_side import CmppFarSide
from tests.connectors.sms_smpp.far_side import SECRETS as SMPP_SECRETS
from tests.connectors.sms_smpp.far_side import SmppFarSide

BAD = "tests.connectors.hostile.bad_source:CONNECTOR"


@asynccontextmanager
async def cmpp() -> AsyncIterator[CmppFarSide]:
    async with Gateway() as gateway:
        yield CmppFarSide(gateway)


@asynccontextmanager
async def smpp() -> AsyncIterator[SmppFarSide]:
    async with Centre() as gateway:
        yield SmppFarSide(gateway)


@pytest.mark.parametrize(
    ("reference", "opened", "secrets"),
    [("connectors.sms_cmpp:CONNECTOR", cmpp, CMPP_SECRETS), ("connectors.sms_smpp:CONNECTOR", smpp, SMPP_SECRETS)],
    ids=["cmpp", "smpp"],
)
def test_connections_that_are_protocols_are_kept_on_uvloop(
    reference: str, opened: Callable[[], AbstractAsyncContextManager[FarSide]], secrets: Mapping[str, str]
) -> None:
    """Its transports are no instances of asyncio's classes."""

    async def work() -> str:
        async with opened() as far:
            [rule] = [one for one in RULES if one.name == "sends_once"]
            return await rule.broken(bench_for(reference, far, Isolation.NONE, secrets=secrets))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(work()) == ""


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
