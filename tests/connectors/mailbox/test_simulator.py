# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated department that fetches does as its script says at a running hub, and the hub copes with all of it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from connectors.mailbox.simulator import SIMULATOR, Department, MailboxOptions, Step
from hub.bench.broker import free_ports
from tests.connectors.mailbox.test_department import Department as Hub
from tests.connectors.mailbox.test_department import department as hub
from tests.connectors.mailbox.test_department import server

__all__ = ["hub", "server"]

WITHIN = 40.0
TOLD: dict[Step, list[set[str]]] = {
    Step.OK: [{"settled"}],
    Step.REFUSE: [{"settled"}],
    Step.LATER: [{"settled"}, {"settled"}],
    Step.SLOW: [{"settled"}],
    Step.FORGET: [{"settled"}],
    Step.LATE: [{"settled"}, {"E_LEASE_LOST"}],
    Step.TWICE: [{"settled"}, {"E_LEASE_LOST"}],
    Step.CHANGED_MIND: [{"settled"}, {"E_LEASE_LOST"}],
    Step.WRONG_LEASE: [{"E_LEASE_LOST"}, {"settled"}],
    Step.GARBAGE: [{"E_ENCODING"}, {"settled"}],
    Step.LOST: [{"settled", "stale", "E_LEASE_LOST"}],
    Step.DOUBLE: [{"settled"}],
}
LENT = {Step.FORGET: 2, Step.LATE: 2, Step.LATER: 2}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVHUB_KEY", "ghk_made-up-key-of-department")


def options(url: str, **changes: Any) -> MailboxOptions:
    chosen = {
        "url": url, "mailbox": "department", "wait_seconds": 1, "every_seconds": 0.05, "slow_seconds": 0.2,
        "late_seconds": 0.2, "later_seconds": 0, **changes,
    }  # fmt: skip
    return MailboxOptions.model_validate(chosen)


@asynccontextmanager
async def simulated(hub: Hub, script: Sequence[Step], **changes: Any) -> AsyncIterator[Department]:
    async with Department(script, "", 0, options(hub.url, **changes)) as running:
        yield running


async def until(running: Department, told: int) -> None:
    async with asyncio.timeout(WITHIN), running.changed:
        await running.changed.wait_for(lambda: len(running.told) >= told)


def test_the_table_is_whole() -> None:
    assert TOLD.keys() == set(Step)


@pytest.mark.parametrize("step", Step)
async def test_it_does_with_a_message_as_its_script_says(hub: Hub, step: Step) -> None:
    event = await hub.send()
    async with simulated(hub, [step]) as running:
        await until(running, len(TOLD[step]))
    told = [one for _, _, one in running.told]
    state = await hub.state(event)
    [(delivery, lent)] = running.lent.items()
    assert all(one in allowed for one, allowed in zip(told, TOLD[step], strict=True)), told
    assert lent == LENT.get(step, 1)
    assert running.handled == ([] if step is Step.REFUSE else [delivery])
    assert (state["state"], state.get("code")) == (
        ("dead", "NOT_OURS") if step is Step.REFUSE else ("delivered", "DELIVERED")
    )


async def test_two_programmes_are_never_lent_the_same_message(hub: Hub) -> None:
    events = [await hub.send() for _ in range(3)]
    async with simulated(hub, [Step.DOUBLE, Step.OK, Step.DOUBLE], most=1) as running:
        await until(running, len(events))
    assert sorted(running.lent.values()) == [1, 1, 1]
    assert [one for _, _, one in running.told] == ["settled"] * 3


async def test_what_it_handles_it_replies_to(hub: Hub) -> None:
    event = await hub.send()
    async with simulated(hub, [Step.REFUSE, Step.OK], reply=True) as running:
        await until(running, 1)
        later = await hub.send()
        async with asyncio.timeout(WITHIN), running.changed:
            await running.changed.wait_for(lambda: running.replied)
    assert [(await hub.state(one))["state"] for one in (event, later)] == ["dead", "delivered"]
    assert running.replied == [""]


async def test_a_hub_that_is_not_there_and_a_mailbox_that_is_not_its_own_are_told(hub: Hub) -> None:
    [port] = free_ports(1)
    with pytest.raises(OSError, match=str(port)):
        async with SIMULATOR.start([], "", 0, options(f"http://127.0.0.1:{port}")):
            pass
    with pytest.raises(OSError, match="404"):
        async with SIMULATOR.start([], "", 0, options(hub.url, mailbox="nobody")):
            pass


async def test_the_command_starts_it(hub: Hub) -> None:
    event = await hub.send()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "simulate", "mailbox", "--script", "ok", "--json",
        "--option", f"url={hub.url}", "--option", "mailbox=department", stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), WITHIN))
        async with asyncio.timeout(WITHIN):
            while (await hub.state(event))["state"] != "delivered":
                await hub.hub.clock.sleep(0.05)
        process.send_signal(signal.SIGINT)
        ended = await asyncio.wait_for(process.wait(), WITHIN)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (told, ended) == ({"kind": "mailbox", "address": f"{hub.url}/v1/mailbox/department"}, 0)
