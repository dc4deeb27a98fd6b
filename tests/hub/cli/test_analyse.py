# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub analyse`` beside a journal with history: for people and for programs."""

import asyncio
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from connectors.sdk import Rejected
from hub.cli.main import app
from hub.ports.journal import State
from tests.hub.api.house import write_config
from tests.support.hubs import Destination, by_hand, event, hub_on
from tests.support.journals import SteppedClock
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


async def govhub(*arguments: str) -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, ["analyse", *arguments]))


async def test_what_is_blocked_is_told_in_both_languages_with_its_messages(journal_dsn: str, tmp_path: Path) -> None:
    write_config(tmp_path, journal_dsn)
    config = ("-c", str(tmp_path / "govhub.yaml"))
    sink = ScriptedSink({"a": [Rejected("R-1", "unknown item")]})
    clock = SteppedClock()
    clock.step(minutes=-1)
    async with hub_on(journal_dsn, {"archives": Destination(sink=sink)}, clock=clock) as rig, by_hand(rig.hub):
        stuck = await rig.accept(event("a", "a1"))
        await rig.accept(event("a", "a2"))
        await rig.until_state(State.DEAD)

    shown = await govhub(*config, "--since", "30m")
    assert shown.exit_code == 0, shown.output
    assert "1. archives 受阻：1 条死信或存疑待人工处理" in shown.stdout
    assert str(stuck) in shown.stdout
    told = orjson.loads((await govhub(*config, "--json")).stdout)
    (bottleneck,) = told["bottlenecks"]
    assert (bottleneck["destination"], bottleneck["kind"]) == ("archives", "blocked")
    assert bottleneck["evidence"]["open"] == {"dead": 1, "waiting": 1}
    assert set(bottleneck["examples"]) >= {str(stuck)}
    assert told["edges"] == [
        {"system": "portal", "contract": "cn.gov.application.submitted", "destination": "archives", "messages": 2}
    ]
    assert told["messages"] == told["sampled"] == 2


async def test_an_empty_journal_and_a_wrong_period(journal_dsn: str, tmp_path: Path) -> None:
    write_config(tmp_path, journal_dsn)
    config = ("-c", str(tmp_path / "govhub.yaml"))
    assert "没有突出的问题" in (await govhub(*config)).stdout
    wrong = await govhub(*config, "--since", "soon")
    assert wrong.exit_code == 1
    assert "时段写法不对" in wrong.output
