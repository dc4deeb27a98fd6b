# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Two hubs with a one-way gap between them: every message arrives exactly once, and each case's in order."""

import asyncio
import random  # noqa: TID251  # because it is seeded, so that a run can be repeated
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.ferry.config import SinkConfig, SourceConfig
from connectors.ferry.connector import CONNECTOR
from connectors.ferry.simulator import Chances, Gap, Trouble
from connectors.sdk import Answer, Context, Heard
from connectors.sdk.session import open_session
from hub.inlet import Inlet
from hub.running import Hub
from tests.connectors.ferry.ends import Ends
from tests.support.hubs import POLICY, Destination, Rig, at_work, captured_log, event, hub_on
from tests.support.sinks import ScriptedSink

CASES, STEPS = 8, 12


@pytest.fixture
async def second_dsn(shared_postgres: Any, migrated: str) -> AsyncIterator[str]:
    """The database of the hub at the other side."""
    name = await shared_postgres.fresh_database(migrated)
    yield name
    await shared_postgres.drop_database(name)


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[tuple[Ends, Context]]:
    ends = Ends(tmp_path / "ends", sealed=True)
    async with open_session() as session:
        yield (
            ends,
            Context(
                destination="ferry",
                http=session,
                log=captured_log()[0],
                secret=ends.secrets.__getitem__,
                monotonic=asyncio.get_running_loop().time,
            ),
        )


@dataclass(slots=True)
class Later:
    """Where a sink gives its answers that is made before its hub."""

    hub: Hub | None = None

    async def answered(self, answers: Sequence[Answer]) -> Sequence[Heard]:
        if self.hub is None:
            return [Heard.TOO_MANY] * len(answers)
        return await self.hub.answers.of("ferry").answered(answers)


async def until_nothing_is_open(rig: Rig) -> None:
    """Every delivery is acknowledged; whoever hears an acknowledgement rings no bell."""
    async with asyncio.timeout(60):
        while await rig.hub.journal.lookups.counts() != {}:  # noqa: ASYNC110  # because the journal rings no bell
            await asyncio.sleep(0.05)


async def gaps_at_work(*gaps: Gap) -> None:
    while True:
        for gap in gaps:
            gap.move()
        await asyncio.sleep(0.01)


async def test_what_one_hub_ferries_arrives_at_the_other_once_and_in_order(
    journal_dsn: str, second_dsn: str, context: tuple[Ends, Context]
) -> None:
    ends, lent = context
    chance = random.Random(11).random
    forth = Gap(ends.outbox, ends.inbox, Chances(chance, 0.1, 0.1, 0.2, 0.1, 0.05))
    back = Gap(ends.acks_sent, ends.acks_heard, Chances(chance, 0.1, 0.1, 0.2, 0.1, 0.05))
    answers = Later()
    out = CONNECTOR.sink(SinkConfig.model_validate(ends.sender(resend_seconds=0.5)), replace(lent, answers=answers))
    into = CONNECTOR.source(SourceConfig.model_validate(ends.receiver(ack_seconds=0.5)), lent)
    arriving = ScriptedSink()
    ferrying = Destination(sink=out, rendering=CONNECTOR.manifest.rendering, policy=POLICY, slots=500)
    async with (
        hub_on(journal_dsn, {"ferry": ferrying}, name="hub-a") as near,
        hub_on(second_dsn, {"housing": Destination(sink=arriving)}, name="hub-b") as far,
        into,
    ):
        answers.hub = near.hub
        inlet = Inlet(name="ferry", system="portal", source=into, log=far.hub.log, body_bytes=100_000)
        far_hub = replace(far.hub, inlets={"ferry": inlet})
        moving = asyncio.create_task(gaps_at_work(forth, back))
        try:
            async with at_work(near.hub), at_work(far_hub):
                for step in range(STEPS):
                    for case in range(CASES):
                        await near.accept(event(f"case-{case}", f"case-{case}-{step}"))
                await near.until_settled(CASES * STEPS)
                for part in range(1, 5):  # each waits for a while of its own
                    await far.until_settled(CASES * STEPS * part // 4)
                await until_nothing_is_open(near)
        finally:
            moving.cancel()
            await asyncio.wait({moving})
    arrived = [(parcel.attributes["subject"], parcel.attributes["id"]) for parcel in arriving.arrived]
    assert len(arrived) == CASES * STEPS
    for case in range(CASES):
        mine = [id_ for subject, id_ in arrived if subject == f"case-{case}"]
        assert mine == [f"case-{case}-{step}" for step in range(STEPS)]
    assert forth.happened[Trouble.LOSE] + forth.happened[Trouble.DAMAGE] > 0, forth.happened
