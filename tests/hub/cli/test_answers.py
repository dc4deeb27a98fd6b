# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub answers``, as processes of their own beside a journal in which something is not answered."""

from pathlib import Path

import pytest

from hub.ports.journal import State
from tests.hub.cli.test_cases import config, said
from tests.path.test_answers import accepting
from tests.support.hubs import at_work, event, hub_on

__all__ = ["config"]  # the fixture

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg15"], indirect=True)


async def test_what_is_not_answered_is_listed_and_decided(config: Path, dsn: str) -> None:
    assert await said(config, "answers", "list") == {"answers": []}
    async with hub_on(dsn, {"housing": accepting(2)}) as rig, at_work(rig.hub):
        for n in (1, 2):
            await rig.accept(event(f"case-{n}"))
        await rig.until_state(State.ACCEPTED, 2)
    told = await said(config, "answers", "list", "--destination", "housing")
    assert sorted((one["case"], one["reference"], one["asked"]) for one in told["answers"]) == [
        ("case-1", "R-case-1", 0),
        ("case-2", "R-case-2", 0),
    ]
    assert await said(config, "answers", "list", "--overdue") == {"answers": []}
    one, other = (found["delivery"] for found in told["answers"])
    decide = ["answers", "decide", one, "--reason", "电话核实", "--request", "a-1"]
    done = await said(config, *decide, "--verdict", "delivered", "--reference", "letter 7")
    assert (done["applied"], done["again"]) == (1, False)
    assert (await said(config, *decide, "--verdict", "delivered", "--reference", "letter 7"))["again"]
    assert "error" in await said(config, *decide, "--verdict", "rejected", code=1)
    mute = await said(config, "answers", "decide", other, "--verdict", "ask", "--reason", "x", code=1)
    assert "housing" in mute["error"]["zh"]
    assert (await said(config, "answers", "decide", other, "--verdict", "rejected", "--reason", "拒收"))["applied"] == 1
    assert await said(config, "answers", "list") == {"answers": []}
    (group,) = (await said(config, "dead", "list"))["groups"]
    assert (group["code"], group["count"]) == ("RESOLVED_REJECTED", 1)
    acts = (await said(config, "acts", "list"))["acts"]
    assert [act["kind"] for act in acts] == ["answer", "answer"]
