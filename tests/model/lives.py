# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Hubs that are killed within the process that tests them.

A death is what a power cut leaves: its connections to the journal are cut without a word, nothing more leaves by its sinks,
nobody hears what it was about to answer, and every task that it had begun is ended. The bus is that of all hubs, and stays.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg
import pytest

from hub.bus.memory import MemoryBus
from hub.journal.pool import JournalPool, open_pool
from hub.lifecycle import Parking, Policies
from hub.naming import Names, Numbering
from hub.ports.bus import BusState, BusUp, Frame, Published, QueueName, Subscription
from hub.ports.probe import Point
from hub.workers.gatekeeping import Gatekeeper
from hub.workers.owning import Owner
from hub.workers.relaying import Sweep
from hub.workers.rerouting import look
from tests.model.recipients import Line, Recipient
from tests.model.town import LIFECYCLE, MAKER, OWN_WAIT, SYSTEMS, TEXTS, destinations
from tests.support.hubs import Rig, by_hand, hub_on
from tests.support.journals import SteppedClock

T = TypeVar("T")
_owner: ContextVar["Life | None"] = ContextVar("life", default=None)
_START_SECONDS = 20.0


class Cut:
    """What a caller hears of a hub that died under it: nothing."""

    def __repr__(self) -> str:
        return "nothing: the hub died"


CUT: Final = Cut()


class TownClock(SteppedClock):
    """The wall clock of all hubs, moved by acts alone; whoever sleeps is woken soon, so that nothing waits for real seconds."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


@dataclass(slots=True)
class Fuse:
    """A probe that calls when its point is reached for the nth time."""

    blow: Callable[[], None] = lambda: None
    point: Point | None = None
    left: int = 0

    def reach(self, point: Point) -> None:
        if point is self.point:
            self.left -= 1
            if self.left == 0:
                self.point = None
                self.blow()


@dataclass(slots=True)
class Life:
    """One life of a hub, from its start to its death or its leaving."""

    name: str
    number: int
    fuse: Fuse = field(default_factory=Fuse)
    dead: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)
    pools: list[JournalPool] = field(default_factory=list)
    rig: Rig | None = None
    owner: Owner | None = None
    sweep: Sweep | None = None
    gatekeeper: Gatekeeper | None = None
    context: Context = field(default_factory=copy_context)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    slain: bool = False
    """It died, and did not leave."""
    main: "asyncio.Task[None] | None" = None

    def __repr__(self) -> str:
        return f"{self.name}#{self.number}"

    @property
    def alive(self) -> bool:
        return self.rig is not None and not self.dead.is_set() and not self.leaving.is_set()

    @property
    def sessions(self) -> list[int]:
        """The server's ends of all its connections."""
        return [pid for pool in self.pools for pid in pool._made_at]

    def die(self) -> None:
        """At this very moment."""
        if self.dead.is_set():
            return
        self.dead.set()
        self.slain = True
        for pool in self.pools:
            pool._pool.terminate()
        asyncio.get_running_loop().call_soon(self._reap)

    def _reap(self) -> None:
        for task in list(self.tasks):
            task.cancel()

    async def gone(self) -> None:
        """Until nothing of it is left."""
        async with asyncio.timeout(_START_SECONDS):
            while self.tasks:
                self._reap()
                await asyncio.wait(list(self.tasks), timeout=0.05)

    async def call(self, work: Coroutine[Any, Any, T]) -> T | Cut:
        """Something done by this hub; ``CUT`` if it dies meanwhile."""
        task = asyncio.get_running_loop().create_task(work, context=self.context.copy())
        await asyncio.wait([task])
        if self.dead.is_set():
            with suppress(BaseException):
                task.result()
            return CUT
        return task.result()

    @property
    def in_hand(self) -> int:
        """Deliveries that it works on."""
        return len(self.rig.hub.in_hand.deliveries) if self.alive and self.rig is not None else 0


class TownBus:
    """A hub's end of the one bus of all hubs. It stays when the hub is gone, as a broker does."""

    def __init__(self, bus: MemoryBus, dead: asyncio.Event) -> None:
        self._bus = bus
        self._dead = dead

    async def open(self, queues: Sequence[QueueName]) -> BusState:
        return self._bus.state() if isinstance(self._bus.state(), BusUp) else await self._bus.open(queues)

    async def close(self) -> None:
        """The others need it."""

    def state(self) -> BusState:
        return self._bus.state()

    async def publish(self, frames: Sequence[Frame]) -> list[Published]:
        if self._dead.is_set():
            return [Published.UNCONFIRMED for _ in frames]
        return await self._bus.publish(frames)

    def subscribe(self, queue: QueueName, prefetch: int) -> AbstractAsyncContextManager[Subscription]:
        return self._bus.subscribe(queue, prefetch)


def busy(bus: MemoryBus) -> bool:
    """Whether somebody is about to be handed something."""
    return any(queue.ready and queue.subscribers for queue in bus._queues.values())


def belongs(loop: asyncio.AbstractEventLoop, work: Any, context: Context | None = None) -> "asyncio.Task[Any]":
    """A task factory: every task is known to the life in whose context it was begun."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, context=context)
    life = context.get(_owner) if context is not None else _owner.get()
    if life is not None:
        life.tasks.add(task)
        task.add_done_callback(life.tasks.discard)
    return task


@contextmanager
def pools_known() -> Iterator[None]:
    """Every pool is known to the life that opened it."""

    async def opened(dsn: str, **settings: Any) -> JournalPool:
        pool = await open_pool(dsn, **settings)
        life = _owner.get()
        assert life is not None
        life.pools.append(pool)
        return pool

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.journal.postgres.open_pool", opened)
        yield


Mend = Callable[[Rig], Rig]
"""What is done to a hub before it works: nothing, or the harm of a mutant."""


async def begin(
    life: Life, dsn: str, clock: TownClock, bus: MemoryBus, far: Mapping[str, Recipient], data: Path, mend: Mend
) -> None:
    """Start a hub; returns when it works, or has died of it."""
    life.fuse.blow = life.die
    life.context.run(_owner.set, life)
    ready = asyncio.Event()

    async def live() -> None:
        sinks = {name: Line(one, life.dead) for name, one in far.items()}
        places = destinations(sinks)
        async with hub_on(
            dsn, places, routes=TEXTS[0], systems=SYSTEMS, probe=life.fuse, name=life.name, clock=clock, data=data,
            tables=MAKER, bus=lambda _: TownBus(bus, life.dead),
        ) as made:  # fmt: skip
            inside = made.hub
            tables = inside.journal.route_tables
            await tables.begin(inside.routes.active.table.version_id, TEXTS[0], inside.name, clock.now())
            await look(inside)
            names = Names(inside.journal.aliases, clock, {"bureau": Numbering("own", OWN_WAIT)})
            parking = Parking(Policies.of(LIFECYCLE))
            rig = mend(replace(made, hub=replace(inside, names=names, parking=parking)))
            async with by_hand(rig.hub, beating=False) as (owner, sweep):
                life.owner, life.sweep, life.gatekeeper, life.rig = owner, sweep, Gatekeeper(rig.hub), rig
                ready.set()
                await life.leaving.wait()

    life.main = asyncio.get_running_loop().create_task(live(), context=life.context.copy())
    waiting = asyncio.ensure_future(ready.wait())
    await asyncio.wait([life.main, waiting], timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if life.main.done() and not life.dead.is_set():
        life.main.result()
    assert life.dead.is_set() or ready.is_set(), f"{life} does not start"


async def buried(life: Life, keeper: asyncpg.Connection) -> None:
    """Until the server, too, has noticed that a dead hub's connections are gone: only then its name is free."""
    await life.gone()
    async with asyncio.timeout(_START_SECONDS):
        while await keeper.fetchval(  # noqa: ASYNC110  # because the server tells nobody of it
            "select count(*) from pg_stat_activity where pid = any($1::int[])", life.sessions
        ):
            await asyncio.sleep(0.002)
