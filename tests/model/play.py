# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Plays plans: one server and one loop for all of them, an empty journal for each, and a readable story of one that fails."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self

import asyncpg

from hub.journal.migrate import Migrated, ensure_months, migrate
from tests.model.acts import Act, Send
from tests.model.books import Book, read
from tests.model.healing import heal
from tests.model.lives import Mend, belongs, buried, pools_known
from tests.model.oracle import Evidence, examine
from tests.model.world import World
from tests.support.hubs import Rig
from tests.support.postgres import PrivatePostgres

_QUICK = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
"""The model kills hubs and never the server: nothing needs to be on disk."""
_FRESH_AFTER = 150
"""Runs over one database, whose dead rows nobody clears away."""
_RUN_SECONDS = 60.0
_BUGS = ("bug", "loop ended", "unwritable")
_KEPT = {"migration"}


class Harm(AssertionError):  # noqa: N818  # because it is what a run came to
    """What a run found, with its story."""


@dataclass(slots=True)
class Tally:
    """What was played."""

    runs: int = 0
    acts: int = 0
    messages: int = 0
    deaths: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    """What came about, in how many runs: a model that never meets trouble proves nothing."""


@dataclass(slots=True)
class Stage:
    """Where plans are played. Used as a context manager, by one thread."""

    tally: Tally = field(default_factory=Tally)
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _data: Path = field(default_factory=lambda: Path(mkdtemp(prefix="govhub-model-")))
    _server: PrivatePostgres | None = None
    _template: str = ""
    _dsn: str = ""
    _keeper: asyncpg.Connection | None = None
    _clear: str = ""
    _troubles: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.runner.__enter__()
        loop = self.runner.get_loop()
        loop.set_task_factory(belongs)
        loop.set_exception_handler(self._shout)
        self.runner.run(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.runner.run(self._close())
        self.runner.__exit__(kind, error, trace)
        shutil.rmtree(self._data, ignore_errors=True)

    def play(self, plan: Sequence[Act], mend: Mend = lambda rig: rig, *, times: int = 1) -> None:
        """Carry out a plan and judge it; raises :class:`Harm`."""
        for _ in range(times):
            self._once(plan, mend)

    def _once(self, plan: Sequence[Act], mend: Mend) -> None:
        world, findings = self.runner.run(self._play(plan, mend))
        self.tally.runs += 1
        self.tally.acts += len(plan)
        self.tally.messages += sum(len(one.what) for one in plan if isinstance(one, Send))
        if findings:
            told = "\n".join(["what happened:", *world.story, "what does not hold:", *(f"! {one}" for one in findings)])
            raise Harm(told)

    async def _open(self) -> None:
        self._server = PrivatePostgres(settings=_QUICK)
        await self._server.start()
        self._template = await self._server.fresh_database()
        connection = await asyncpg.connect(self._template)
        try:
            assert isinstance(await migrate(connection), Migrated)
        finally:
            await connection.close()

    async def _close(self) -> None:
        if self._keeper is not None:
            await self._keeper.close()
        if self._server is not None:
            await self._server.close()

    async def _empty(self) -> asyncpg.Connection:
        """A journal with nothing in it."""
        assert self._server is not None
        if self._keeper is not None and self.tally.runs % _FRESH_AFTER:
            await self._keeper.execute(self._clear)
            return self._keeper
        if self._keeper is not None:
            await self._keeper.close()
            await self._server.drop_database(self._dsn)
        self._dsn = await self._server.fresh_database(self._template.rpartition("/")[2])
        self._keeper = await asyncpg.connect(self._dsn)
        tables = [
            row["relname"]
            for row in await self._keeper.fetch(
                "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
                " and not relispartition"
            )
        ]
        deletes = "".join(f"delete from {name};" for name in tables if name not in _KEPT)
        await self._keeper.execute("set session_replication_role = replica")  # no table waits for another
        self._clear = f"begin;{deletes}commit"
        return self._keeper

    async def _play(self, plan: Sequence[Act], mend: Mend) -> tuple[World, list[str]]:
        self._troubles.clear()
        keeper = await self._empty()
        world = World(self._dsn, keeper, self._data, mend)
        await ensure_months(keeper, world.clock.now())
        with pools_known():
            try:
                async with asyncio.timeout(_RUN_SECONDS):
                    await world.start(0)
                    for act in plan:
                        await world.do(act)
                    await heal(world)
                findings = [*world.findings, *await self._judged(world)]
            except TimeoutError:
                findings = [*world.findings, f"it hangs: {_where(world)}"]
            finally:
                await _end(world)
        return world, findings

    async def _judged(self, world: World) -> list[str]:
        book = await read(world.keeper)
        self.tally.seen.update(_came_about(book, world))
        self.tally.deaths += world.deaths
        found = list(examine(Evidence(world.senders, world.far, book, frozenset(world.adopted))))
        for life in [*world.past, *world.lives.values()]:
            if life.rig is not None and not life.dead.is_set():
                found += [f"bug: {life} wrote {line}" for line in _bugs(life.rig)]
        return found + [f"bug: {one}" for one in self._troubles]

    def _shout(self, _loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        """What nobody caught. Of a dead hub that is no wonder."""
        error = context.get("exception")
        if not isinstance(error, asyncio.CancelledError | asyncpg.InterfaceError | asyncpg.PostgresError | OSError):
            self._troubles.append(f"{context.get('message')}: {error!r}")


def _came_about(book: Book, world: World) -> set[str]:
    """By name, what a run has met."""
    attempts = {code for one in book.deliveries.values() for _, code in one.attempts}
    ends = {f"ended as {one.final}" for one in book.deliveries.values()}
    refused = {f"refused {code}" for _, _, code in book.refusals}
    tables = {one.table for one in book.messages.values()}
    return (
        {f"attempt {code}" for code in attempts}
        | ends
        | refused
        | {destination for _, destination, done in book.processes.values() if done}
        | ({"parked"} if any(one.parked for one in book.messages.values()) else set())
        | ({"replayed"} if any(one.replays for one in book.deliveries.values()) else set())
        | ({"several tables"} if len(tables) > 1 else set())
        | ({"several hubs"} if len(world.past) + len(world.lives) > 1 else set())
        | ({"died"} if world.deaths else set())
    )


def _where(world: World) -> list[str]:
    """What the tasks of the hubs wait for."""
    return [
        f"{life} {task.get_name()} {task.get_stack(limit=1)}" for life in world.lives.values() for task in life.tasks
    ]


def _bugs(rig: Rig) -> list[str]:
    return [
        f"{entry['event']} {entry.get('exc_info', '')!r}"
        for entry in rig.log.entries
        if str(entry["event"]).startswith(_BUGS)
    ]


async def _end(world: World) -> None:
    world.let_go()
    for life in world.lives.values():
        life.die()
    for life in world.lives.values():
        await buried(life, world.keeper)
