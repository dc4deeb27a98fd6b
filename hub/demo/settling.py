# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""对账: the morning's day, reconciled with the province before it is over.

A day is closed after midnight and cannot be counted before; a demonstration cannot wait so long. So the day is counted by a clock
that says it is closed; beside that it is counted, compared and drilled as on any other day, and the province counts its own
rows and talks over the hub's API.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from contracts.families.fields import BEIJING
from contracts.refusal import Refusal
from contracts.text import Text
from hub.acting import Acting
from hub.app import agreements_for, consulting
from hub.config.load import Loaded, load_deployment
from hub.demo.province import AGREEMENT
from hub.logging import configure
from hub.ports.clock import Clock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import Journal, JournalDown
from hub.ports.journal.reconciling import Verdict
from hub.reconcile.desk import Reconciling
from hub.route_book import RouteBook
from hub.start_failures import Failure
from hub.table_choice import in_force

_UNTIL_CLOSED = timedelta(days=2)


class Talker(Protocol):
    """The province's program."""

    async def tell(self, line: str) -> None:
        """Have it do something."""
        ...

    async def heard(self) -> Mapping[str, Any] | None:
        """What it says next."""
        ...


@dataclass(frozen=True, slots=True)
class Settled:
    """One day. ``here`` and ``there``: how many records either side counted; ``differing``: cases of this morning that differ."""

    day: date
    verdict: str
    here: int
    there: int
    differing: tuple[str, ...]
    reason: Text | None = None

    @property
    def holds(self) -> bool:
        """Both sides have everything of this morning, and the same."""
        return self.verdict in {Verdict.AGREED.value, Verdict.DIFFERS.value} and not self.differing

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        told = {"day": self.day.isoformat(), "verdict": self.verdict, "here": self.here, "there": self.there}
        return {**told, "differing": list(self.differing[:100])}


@dataclass(frozen=True, slots=True)
class _Closed:
    """The time after the day is closed."""

    clock: Clock

    def now(self) -> datetime:
        return self.clock.now() + _UNTIL_CLOSED

    def monotonic(self) -> float:
        return self.clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self.clock.sleep(seconds)


async def settle(
    config: Path, hub: str, province: Talker, cases: frozenset[str], begun: datetime, clock: Clock
) -> list[Settled]:
    """Every day that the morning touched: one, unless it went past midnight. ``cases``: this morning's."""
    loaded = load_deployment(config)
    assert isinstance(loaded, Loaded), "the hub runs with it"
    days = {moment.astimezone(BEIJING).date() for moment in (begun, clock.now())}
    async with consulting(loaded, configure("error")) as journal:
        if isinstance(journal, Failure):
            return [_failed(day, journal.reason) for day in sorted(days)]
        book = await in_force(loaded.table, loaded.tables, journal.route_tables, configure("error"))
        if isinstance(book, JournalDown):
            return [_failed(day, Text("登记库不可用。", "The journal is away.")) for day in sorted(days)]
        desk = _desk(loaded, journal, book, clock)
        return [await _one(desk, day, hub, province, cases) for day in sorted(days)]


def _desk(loaded: Loaded, journal: Journal, book: RouteBook, clock: Clock) -> Reconciling:
    closed = _Closed(clock)
    acting = Acting(
        hub=loaded.deployment.hub.name,
        clock=closed,
        ids=TimeOrderedIds(clock),
        journal=journal,
        registry=loaded.registry,
        routes=book,
        places=loaded.places(),
        partitions=loaded.deployment.partitions,
    )
    return Reconciling.of(acting, agreements_for(loaded))


async def _one(desk: Reconciling, day: date, hub: str, province: Talker, cases: frozenset[str]) -> Settled:
    counted = await desk.run(AGREEMENT, day, "govhub demo")
    if isinstance(counted, Refusal):
        return _failed(day, counted.detail)
    await province.tell(f"reconcile {hub} {day.isoformat()}")
    said = await province.heard()
    known = await desk.show(counted.id)
    found = await desk.differences(counted.id)
    if isinstance(known, Refusal) or isinstance(found, Refusal) or said is None:
        return _failed(day, Text("对账没有完成。", "Reconciling did not come to its end."))
    here = 0 if known.root is None else known.root.records
    differing = tuple(sorted({one.case for one in found if one.case in cases}))
    return Settled(day, known.verdict.value, here, int(said["records"]), differing)


def _failed(day: date, reason: Text) -> Settled:
    return Settled(day, "failed", 0, 0, (), reason)
