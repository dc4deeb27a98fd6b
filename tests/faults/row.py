# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One row of the fault catalogue while it runs: its load, its watch, and at the end its examination and report."""

import asyncio
import itertools
import time
import traceback
from asyncio.subprocess import Process
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import fields
from pathlib import Path
from statistics import quantiles
from types import TracebackType
from typing import Self

import orjson

from hub.demo.far.chance import chance
from hub.demo.ledgers import Entry, Tail, read_book
from hub.stages.plan import partition_of
from tests.faults import reports
from tests.faults.journal_book import JournalBook, count_unfinished, read_journal
from tests.faults.oracle import Counts, Evidence, examine
from tests.faults.reports import Report
from tests.faults.sizes import Size
from tests.faults.stand import KEY, PARTITIONS, Stand, spawn
from tests.faults.watch import Watch, children, open_files

QUIET_SECONDS = 120.0
NOTICE_SECONDS = 10.0
"""How soon health must say that something is in the way, and that it is not any more (I7)."""
_MOST_GROWTH = 256 * 1024 * 1024
_MOST_FILES = 10
_LOOK = 0.1
_EARLY_SECONDS = 300.0
NOTHING_COUNTED = Counts(*[0] * len(fields(Counts)))

_numbers = itertools.count(1)


class Row:
    """Use as ``async with``: it begins to send, and at the end waits for quiet, examines, reports and asserts.

    ``check`` notes what the row's own criterion found wanting; ``figures`` are what it measured.
    """

    def __init__(
        self, stand: Stand, name: str, size: Size, repetition: int, seed: int, *, source: str = "load",
        cases: int = 40, rate: float | None = None, most: int = 0, hubs: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.stand = stand
        self.name = name
        self.size = size
        self.repetition = repetition
        self.seed = seed
        self.figures: dict[str, float | str] = {}
        self.findings: list[str] = []
        self._reported = False
        self.prefix = f"{name.lower().replace(' ', '-')}-{next(_numbers)}"
        self.book = stand.folder / f"sender-{self.prefix}.jsonl"
        self.watch = Watch(stand.hubs)
        self.begun = time.monotonic()
        self._order = {
            "ledger": str(self.book),
            "urls": [stand.urls[hub] for hub in (hubs or tuple(stand.hubs))],
            "key": KEY + source,
            "source": source,
            "prefix": self.prefix,
            "seed": seed,
            "cases": cases,
            "rate": rate or size.rate,
            "most": most,
        }
        self._stack = AsyncExitStack()
        self._pids: dict[str, int] = {}
        self._load: Process | None = None
        self._rested: asyncio.Task[bytes] | None = None
        self._places = [name for name, place in stand.places.items() if source in place.sources and not place.connector]

    async def __aenter__(self) -> Self:
        self.begun = time.monotonic()
        await self.stand.heal()
        await self._stack.enter_async_context(self.watch)
        await self.watch.until_ready(self.stand.hubs)
        self._pids = {name: hub.pid for name, hub in self.stand.hubs.items()}
        order = self.stand.folder / f"order-{self.prefix}.json"
        order.write_bytes(orjson.dumps(self._order))
        self._load = await spawn(self._stack, self.stand.folder, "tests.faults.load", str(order))
        assert self._load.stdout is not None
        self._rested = asyncio.create_task(self._load.stdout.readline())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self._finish()
            elif isinstance(error, Exception):
                await self._end_early(error)
        finally:
            if self._rested is not None:
                self._rested.cancel()
            await self._stack.aclose()
        if error is None:
            assert not self.findings, "\n".join([f"{self.name}, seed {self.seed}:", *self.findings])

    def draw(self, low: float, high: float, *about: object) -> float:
        """A number between the two that depends on the seed and on nothing else."""
        return low + (high - low) * chance(self.seed, self.name, *about)

    def check(self, right: bool, what: str) -> None:  # noqa: FBT001  # because it reads like an assertion
        """Note ``what`` unless it is right."""
        if not right:
            self.findings.append(what)

    def within(self, figure: str, seconds: float, most: float) -> None:
        """A figure with its bound."""
        self.figures[figure] = round(seconds, 3)
        self.check(seconds <= most, f"{figure}: {seconds:.2f} s, at most {most:g} s")

    async def flowing(self, effects: int = 20, seconds: float = 60.0) -> None:
        """Wait until so many more messages have taken effect at every recipient."""
        await asyncio.gather(
            *(self._grown(self.stand.recipients[name].book, effects, seconds) for name in self._places)
        )

    async def flowing_at(self, place: str, effects: int, seconds: float = 60.0) -> None:
        """The same for one recipient."""
        await self._grown(self.stand.recipients[place].book, effects, seconds)

    async def accepted(self, messages: int = 10, seconds: float = 60.0) -> None:
        """Wait until so many more messages are accepted."""
        await self._until(
            self.book, lambda entry: entry["kind"] == "answer" and entry["status"] == 202, messages, seconds
        )

    async def blocked(self, what: str, begun: float, *, most: float = NOTICE_SECONDS, hubs: Iterable[str] = ()) -> None:
        """See that health says so in time; ``begun`` is when the fault began."""
        await self.watch.until_blocked(what, hubs or tuple(self.stand.hubs), 60)
        self.within(f"{what} noticed", time.monotonic() - begun, most)

    async def ready(self, healed: float, *, most: float = NOTICE_SECONDS, hubs: Iterable[str] = ()) -> None:
        """See that health is well again in time; ``healed`` is when the fault was gone."""
        await self.watch.until_ready(hubs or tuple(self.stand.hubs), max(60.0, most * 2))
        self.within("ready again", time.monotonic() - healed, most)

    async def drained(self, since: float, most: float) -> None:
        """Wait until nothing that was accepted up to now is unfinished; the load goes on."""
        connection = await self.stand.connect()
        try:
            newest = await connection.fetchval(
                "select max(id::text)::uuid from message where case_no like $1", f"{self.prefix}%"
            )
            async with asyncio.timeout(max(QUIET_SECONDS, most * 2)):
                while await count_unfinished(connection, self.prefix, newest):
                    await asyncio.sleep(_LOOK)
        finally:
            await connection.close()
        self.within("drained", time.monotonic() - since, most)

    async def rest(self) -> None:
        """Send nothing new, and return when everything that was sent is accepted."""
        assert self._load is not None
        assert self._load.stdin is not None
        assert self._rested is not None
        self._load.stdin.write(b"rest\n")
        await asyncio.wait_for(asyncio.shield(self._rested), QUIET_SECONDS)

    async def all_sent(self) -> None:
        """Return when everything is accepted, where the row says how much that is."""
        assert self._rested is not None
        await asyncio.wait_for(asyncio.shield(self._rested), QUIET_SECONDS * 2)

    async def quiet(self) -> None:
        """Wait until no delivery can move by itself any more, or for two minutes."""
        connection = await self.stand.connect()
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                while await count_unfinished(connection, self.prefix):
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            self.findings.append(f"not quiet after {QUIET_SECONDS:g} s")
        finally:
            await connection.close()

    def sender(self) -> list[Entry]:
        return read_book(self.book)

    def effects(self, place: str) -> list[Entry]:
        return [
            one for one in read_book(self.stand.recipients[place].book) if one["kind"] == "effect" and self._mine(one)
        ]

    def answers(self, since: float, until: float) -> list[Entry]:
        """What the load was answered in that time."""
        return [one for one in self.sender() if one["kind"] == "answer" and since <= one["t"] <= until]

    def delays(self, place: str) -> dict[str, tuple[float, float, str]]:
        """For every message: when its acceptance was answered, how long after that it took effect, by which hub accepted."""
        ids = {one["n"]: one["id"] for one in self.sender() if one["kind"] == "sent"}
        accepted = {ids[one["to"]]: one for one in self.sender() if one["kind"] == "answer" and one["status"] == 202}
        names = {url: name for name, url in self.stand.urls.items()}
        return {
            one["id"]: (
                accepted[one["id"]]["t"],
                one["t"] - accepted[one["id"]]["t"],
                names[accepted[one["id"]]["hub"]],
            )
            for one in self.effects(place)
            if one["id"] in accepted
        }

    def partition_of(self, message: str) -> int:
        """Where a message of this row belongs."""
        number = int(message.rpartition("-")[2])
        return partition_of(f"{self.prefix}-{number * 2654435761 % int(str(self._order['cases']))}", PARTITIONS)

    async def journal(self) -> JournalBook:
        connection = await self.stand.connect()
        try:
            return await read_journal(connection, self.prefix)
        finally:
            await connection.close()

    async def _end_early(self, error: Exception) -> None:
        """Its own criterion could not be tried to the end: it is reported all the same, red, with what the books say by then."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        self.findings.append(f"ended early: {type(error).__name__} in {place.name}: {error}")
        try:
            async with asyncio.timeout(_EARLY_SECONDS):
                await self.stand.heal()
                await self._finish()
        except Exception as bug:  # noqa: BLE001  # because a row always reports
            self.findings.append(f"not examined: {type(bug).__name__}: {bug}")
            self._report(NOTHING_COUNTED)

    async def _finish(self) -> None:
        counts = NOTHING_COUNTED
        try:
            counts = await self._examined()
        except Exception as bug:
            self.findings.append(f"not examined: {type(bug).__name__}: {bug}")
            raise
        finally:
            self._report(counts)

    async def _examined(self) -> Counts:
        try:
            await self.rest()
        except TimeoutError:
            self.findings.append(f"the sender had not everything accepted after {QUIET_SECONDS:g} s")
        await self.quiet()
        await self._end_load()
        recipients = {name: self._of_this_row(self.stand.recipients[name].book) for name in self._places}
        evidence = Evidence(self.sender(), recipients, await self.journal(), self.stand.blind)
        verdict = examine(evidence)
        self.findings += map(str, verdict.findings)
        self._bounded()
        return verdict.counts

    def _report(self, counts: Counts) -> None:
        if self._reported:
            return
        self._reported = True
        seconds, found = time.monotonic() - self.begun, tuple(self.findings)
        reports.add(Report(self.name, self.size.name, self.repetition, self.seed, counts, seconds, self.figures, found))

    async def _end_load(self) -> None:
        assert self._load is not None
        assert self._load.stdin is not None
        self._load.stdin.close()
        await asyncio.wait_for(self._load.wait(), 30)

    def _bounded(self) -> None:
        """I8, for the hub processes of this row."""
        for pid, most in self.watch.most_bytes.items():
            if self.stand.idle_bytes and most > self.stand.idle_bytes + _MOST_GROWTH:
                self.findings.append(f"I8: hub process {pid} grew to {most >> 20} MiB")
        for name, hub in self.stand.hubs.items():
            if not hub.running:
                continue
            files = open_files(hub.pid, self.stand.pooled)
            if self.stand.idle_files and files > self.stand.idle_files + _MOST_FILES:
                self.findings.append(f"I8: {name} holds {files} files, idle were {self.stand.idle_files}")
            if self.stand.idle_files and (processes := children(hub.pid)):
                self.findings.append(f"I8: {name} has child processes: {processes}")
            # A hub that was killed leaves what it was taking in; the next round of clearing removes it, a day later.
            if self._pids.get(name) == hub.pid and (left := self.stand.unfinished_uploads(name)):
                self.findings.append(f"I8: {name} left {left} temporary files")

    def _of_this_row(self, path: Path) -> list[Entry]:
        """Its entries, numbered anew; what is damaged stays, since nobody knows whose it was."""
        mine = [one for one in read_book(path) if one["kind"] == "damaged" or self._mine(one)]
        return [{**one, "n": n} if one["n"] > 0 else one for n, one in enumerate(mine, 1)]

    def _mine(self, entry: Entry) -> bool:
        return str(entry.get("id", "")).startswith(f"{self.prefix}-")

    async def _grown(self, path: Path, number: int, seconds: float) -> None:
        await self._until(path, lambda entry: entry["kind"] == "effect" and self._mine(entry), number, seconds)

    @staticmethod
    async def _until(path: Path, counts: Callable[[Entry], bool], number: int, seconds: float) -> None:
        tail, found = Tail(path), 0
        list(tail.added())  # what was there before does not count
        async with asyncio.timeout(seconds):
            while found < number:
                found += sum(map(counts, tail.added()))
                await asyncio.sleep(0.05)


def p99(seconds: Sequence[float]) -> float:
    """The 99th percentile; 0 of nothing."""
    if len(seconds) < 2:
        return max(seconds, default=0.0)
    return quantiles(seconds, n=100, method="inclusive")[98]
