# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub that lived through half a year, to be archived: cases that are done, cases that are stuck, cases that went on."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from connectors.sdk import Delivered, Idempotency, InDoubt, Rejected
from contracts.refusal import Refusal
from hub.archive.writing import MonthArchiver, Stage
from hub.keeping import Retention
from hub.path import accept
from hub.ports.journal import CaseView, Part, Record
from hub.ports.materials import Materials
from tests.support.hubs import POLICY, Destination, Rig, at_work, bearer, event, hub_on, received
from tests.support.journals import SteppedClock
from tests.support.sinks import ScriptedSink

JANUARY, FEBRUARY = date(2023, 1, 1), date(2023, 2, 1)
RETENTION = Retention(
    online_months=2, duplicates=timedelta(days=45), archive=None, acts_months=2, lookups_months=2, proposals_months=2
)
BLIND = replace(POLICY, idempotency=Idempotency.NONE)


class Town:
    """A hub that lived through January to June 2023, with what it knew before anything was archived."""

    def __init__(self, rig: Rig, dsn: str, data: Path) -> None:
        self.rig = rig
        self.dsn = dsn
        self.data = data
        self.before: dict[str, tuple[CaseView, Sequence[Record]]] = {}

    async def say(self, case: str, id_: str, **changes: Any) -> UUID:
        return await self.rig.accept(event(case, id_, **changes))

    async def settled(self, case: str, id_: str, **changes: Any) -> None:
        """Say it, and wait for what becomes of it."""
        message = await self.say(case, id_, **changes)
        await self.rig.until(lambda settled: any(s.claim.message_id == message for s in settled))

    async def remember(self, *cases: str) -> None:
        for case in cases:
            self.before[case] = await self.look(case)

    async def look(self, case: str) -> tuple[CaseView, Sequence[Record]]:
        files = self.rig.hub.case_files
        view, records = await files.view(case, 500), await files.records(case, 500)
        assert isinstance(view, CaseView), view
        assert isinstance(records, Sequence), records
        return view, records

    async def assert_as_before(self) -> None:
        for case, known in self.before.items():
            assert await self.look(case) == known, case

    async def count(self, table: str, where: str = "true") -> int:
        connection = await asyncpg.connect(self.dsn)
        try:
            found: int = await connection.fetchval(f"select count(*) from {table} where {where}")
            return found
        finally:
            await connection.close()

    def archiver(self, store: Materials | None = None, stop: Stage | None = None, times: int = 1) -> MonthArchiver:
        """One that may raise at a stage, as a process may die there."""
        left = times

        def told(stage: Stage, _part: Part) -> None:
            nonlocal left
            if stage is stop:
                left -= 1
                if left == 0:
                    raise Death

        hub = self.rig.hub
        return MonthArchiver(hub.journal.archives, store or hub.archive, hub.clock, hub.name, told)


class Death(BaseException):
    """The process dies here."""


def clock_at(moment: datetime) -> SteppedClock:
    clock = SteppedClock()
    clock.moment = moment
    return clock


async def lived(town: Town) -> None:
    """Cases: ``done`` in January; ``long`` in January, February and June; ``stuck`` refused for good in January after a
    delivered message; ``asked`` in doubt in January; ``refused`` never was.
    """
    rig = town.rig
    async with at_work(rig.hub):
        for case, id_ in (
            ("done", "d1"),
            ("done", "d2"),
            ("long", "l1"),
            ("stuck", "s1"),
            ("stuck", "s2"),
            ("asked", "a1"),
        ):
            await town.settled(case, id_)
        wrong = replace(event("refused", "r1"), data={})
        assert isinstance(await accept(rig.hub, bearer("portal"), wrong, received(wrong)), Refusal)
        rig.clock.moment = datetime(2023, 2, 10, tzinfo=UTC)
        await rig.hub.journal.upkeep()
        await town.settled("long", "l2")
        await town.settled("february", "f1")
        for month in range(3, 7):
            rig.clock.moment = datetime(2023, month, 10, tzinfo=UTC)
            await rig.hub.journal.upkeep()
        await town.settled("long", "l3")
    await town.remember("done", "long", "stuck", "asked", "february")


@asynccontextmanager
async def town_on(dsn: str, data: Path, archive: Materials | None = None) -> AsyncIterator[Town]:
    """On an empty database, its stores in this folder."""
    sink = ScriptedSink({"stuck": [Delivered("far-1"), Rejected("NO")], "asked": [InDoubt("who knows")]})
    async with hub_on(
        dsn,
        {"housing": Destination(sink=sink, policy=BLIND)},
        clock=clock_at(datetime(2023, 1, 10, tzinfo=UTC)),
        data=data,
    ) as rig:
        if archive is not None:
            rig = replace(rig, hub=replace(rig.hub, archive=archive))  # noqa: PLW2901
        opened = Town(rig, dsn, data)
        await lived(opened)
        yield opened
