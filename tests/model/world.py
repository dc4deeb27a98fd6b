# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The town while a plan is carried out: hubs that come and go over one database, far sides, senders and an operator."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, assert_never
from uuid import UUID

import asyncpg

from hub.acting import Acting, Order
from hub.bus.memory import MemoryBus
from hub.path import accept
from hub.ports.journal import Acted, Claim, Named, Pace
from hub.rerouting import Rerouting, Unusable
from hub.workers.asking import ask
from hub.workers.correcting import correct_once
from hub.workers.expiring import end_once
from hub.workers.parking import let_go, resolve
from hub.workers.parking import look as look_parked
from hub.workers.processing import take_turns
from hub.workers.relaying import fill_once
from hub.workers.replaying import replay_once
from hub.workers.rerouting import look
from tests.model.acts import (
    HUBS,
    JUMPS,
    Act,
    Activate,
    Adopt,
    Decide,
    Discard,
    Doom,
    Evade,
    Jump,
    Kill,
    Lapse,
    Leave,
    LetGo,
    Mislead,
    Resend,
    Send,
    Sever,
    Shut,
    Start,
    Trouble,
    Work,
)
from tests.model.lives import CUT, Cut, Life, Mend, TownClock, begin, buried, busy
from tests.model.recipients import Recipient
from tests.model.senders import Letter, Senders, Try
from tests.model.town import ASKABLE, BAD_TABLES, MAKER, RECIPIENTS, TEXTS
from tests.support.hubs import Rig, bearer, received

_LEAVE_SECONDS = 20.0
_LET_GO_EVERY = 0.05
_CALM_TURNS = 5
_SETTLE_SECONDS = 5.0


@dataclass(slots=True)
class World:
    """One run. ``findings`` are what was seen to be wrong while it went on."""

    dsn: str
    keeper: asyncpg.Connection
    data: Path
    mend: Mend = lambda rig: rig
    clock: TownClock = field(default_factory=TownClock)
    senders: Senders = field(default_factory=Senders)
    far: dict[str, Recipient] = field(init=False)
    bus: MemoryBus = field(init=False)
    lives: dict[int, Life] = field(default_factory=dict)
    past: list[Life] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    adopted: set[str] = field(default_factory=set)
    _orders: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.bus = MemoryBus(self.clock, "town")
        self.far = {name: Recipient(name, self.senders.moments) for name in RECIPIENTS}

    def tell(self, line: str) -> None:
        self.story.append(line)

    async def do(self, act: Act) -> None:
        """Carry out one act, then wait until the hubs have nothing more to do, unless it says otherwise."""
        self.tell(str(act))
        await self._do(act)
        if not (isinstance(act, Send) and act.rush):
            await self.settled()

    async def _do(self, act: Act) -> None:  # noqa: C901, PLR0912  # because there are so many acts, one line each
        match act:
            case Send(what, hub):
                letters = [self.senders.write(one, self.clock.now()) for one in what]
                await self.send([one for one in letters if one is not None], hub)
            case Trouble(place, mood, times):
                self.far[place].moods.extend([mood] * times)
            case Evade(times):
                self.far["registry"].evasive += times
            case Mislead(case):
                self.far["bureau"].own_number = (lambda of: f"BJ-{of}") if case is None else (lambda _: f"BJ-K-{case}")
            case LetGo():
                self.let_go()
            case Doom(hub, point, times):
                if (life := self.running(hub)) is not None:
                    life.fuse.point, life.fuse.left = point, times
            case Kill(hub):
                if (life := self.running(hub)) is not None:
                    life.die()
            case Start(hub):
                await self.start(hub)
            case Leave(hub):
                await self.leave(hub)
            case Lapse():
                await self.lapse()
            case Sever():
                await self.keeper.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'govhub'"
                    " and datname = current_database()"
                )
            case Work(hub):
                await self.work(hub)
            case Activate(table, hub):
                await self._activate(table, hub)
            case Jump(by):
                self.clock.step(seconds=JUMPS[by])
            case Resend() | Discard() | Shut() | Adopt() | Decide():
                await self._operate(act)
            case _:
                assert_never(act)

    # Sending.

    async def send(self, letters: Sequence[Letter], hub: int = 0) -> None:
        """All at once, to that hub or to another that runs."""
        if self.running(hub) is None:
            await self.start(hub)  # as whoever keeps watch over it does
        life = self.running(hub)
        begun = next(self.senders.moments)
        tries = []
        for letter in letters:
            letter.tries.append(Try(begun))
            tries.append(letter.tries[-1])
        if life is None or life.rig is None:
            self.tell("  no hub runs")
            return
        inside = life.rig.hub
        answers = await asyncio.gather(
            *(life.call(accept(inside, bearer(one.system), one.event, received(one.event))) for one in letters)
        )
        ended = next(self.senders.moments)
        for letter, tried, answer in zip(letters, tries, answers, strict=True):
            tried.ended, tried.answer = ended, answer
            self.tell(f"  {letter} -> {life}: {_shown(answer)}")

    def running(self, hub: int) -> Life | None:
        """That hub, or another one that runs."""
        for number in range(hub, hub + HUBS):
            life = self.lives.get(number % HUBS)
            if life is not None and life.alive:
                return life
        return None

    # Hubs.

    @property
    def deaths(self) -> int:
        """How many hubs have died so far."""
        return sum(life.slain for life in (*self.past, *self.lives.values()))

    async def start(self, hub: int) -> None:
        life = self.lives.get(hub)
        if life is not None and life.alive:
            return
        if life is not None:
            await buried(life, self.keeper)
            self.past.append(life)
        born = Life(f"hub-{hub}", len(self.past))
        self.lives[hub] = born
        await begin(born, self.dsn, self.clock, self.bus, self.far, self.data, self.mend)

    async def leave(self, hub: int) -> None:
        """Far sides answer what they hold, what is sent to them meanwhile too: a hub that leaves in order waits for that."""
        life = self.lives.get(hub)
        if life is None or not life.alive or life.main is None:
            return
        life.leaving.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                while not life.main.done():
                    self.let_go()
                    await asyncio.wait([life.main], timeout=_LET_GO_EVERY)
        if not life.main.done():
            self.findings.append(f"{life} does not leave")
            life.die()
        elif not life.dead.is_set() and life.main.exception() is not None:
            self.findings.append(f"{life} breaks as it leaves: {life.main.exception()!r}")
        life.dead.set()

    async def lapse(self) -> None:
        """By the clock of the database, which alone counts for leases."""
        living = [life.rig.hub.court.hub for life in self.lives.values() if life.alive and life.rig is not None]
        await self.keeper.execute(
            "update partition_lease set expires_at = '-infinity' where owner in"
            " (select incarnation from hub_instance where name <> all($1::text[]))",
            living,
        )
        await self.keeper.execute("update hub_instance set seen_at = '-infinity' where name <> all($1::text[])", living)

    def let_go(self) -> None:
        for one in self.far.values():
            one.let_go()

    async def settled(self) -> None:
        """Until no hub has anything more to do but wait for far sides that hold their answers back."""
        loop = asyncio.get_running_loop()
        calm, until = 0, loop.time() + _SETTLE_SECONDS
        while calm < _CALM_TURNS and loop.time() < until:
            held = sum(len(one.held) for one in self.far.values())
            stirs = busy(self.bus) or sum(life.in_hand for life in self.lives.values()) > held
            calm = 0 if stirs else calm + 1
            await asyncio.sleep(0.001 if stirs else 0)

    async def work(self, hub: int) -> None:
        """Everything that the hub's loops do, once."""
        life = self.lives.get(hub)
        if life is None or not life.alive:
            return
        await life.call(self._round(life))

    async def _round(self, life: Life) -> None:
        rig, owner, sweep, keeper = life.rig, life.owner, life.sweep, life.gatekeeper
        assert rig is not None
        assert owner is not None
        assert sweep is not None
        assert keeper is not None
        inside = rig.hub
        await owner.beat()
        await look(inside)
        await inside.breakers.tell()
        keeper.look()
        await _ask(rig)
        await inside.journal.deliveries.disown()
        for queue in sorted(inside.leases.held):
            await sweep.once(queue)
            await inside.journal.offers.free_missed(queue)
        machines = {name: one.machine for name, one in inside.outlets.items() if one.machine is not None}
        await take_turns(inside, machines)
        await resolve(inside)
        await let_go(inside)
        await look_parked(inside)
        await replay_once(inside)
        await end_once(inside)
        await correct_once(inside, 0.0)
        await fill_once(inside)

    # Operators.

    def acting(self) -> tuple[Life, Acting] | None:
        life = self.running(0)
        if life is None or life.rig is None:
            return None
        inside = life.rig.hub
        return life, Acting(
            hub=inside.name,
            clock=inside.clock,
            ids=inside.ids,
            journal=inside.journal,
            registry=inside.rules.registry,
            routes=inside.routes,
            places=inside.places,
            partitions=inside.partitions,
        )

    def order(self) -> Order:
        return Order("keeper", "cli", f"order {next(self._orders)}", "测试")

    async def operate(self, what: Callable[[Acting, Order], Awaitable[Any]]) -> Any:
        """Something an operator does, by whichever hub runs."""
        found = self.acting()
        if found is None:
            return CUT
        life, acting = found

        async def work() -> Any:
            return await what(acting, self.order())

        return await life.call(work())

    async def waiting_for_a_person(self, *, doubtful: bool = True) -> list[tuple[UUID, str, str]]:
        """Deliveries that are dead, or in doubt and asked about no more: id, destination, state; in the order of their lanes."""
        rows = await self.keeper.fetch(
            "select id, destination, state from delivery_open"
            " where state = 'dead' or ($1 and state = 'in_doubt' and ask_at is null)"
            " order by destination, case_no, position, id",
            doubtful,
        )
        return [(UUID(int=row["id"].int), row["destination"], row["state"]) for row in rows]

    async def resend(self, deliveries: Sequence[UUID], *, doubtful: bool) -> None:
        wanted, pace = Named(tuple(deliveries), doubtful), Pace(rate=10_000)
        done = await self.operate(lambda acting, order: acting.resend(order, wanted, pace, replan=False))
        self.tell(f"  resent {len(deliveries)}: {done}")

    async def discard(self, deliveries: Sequence[UUID]) -> None:
        wanted = Named(tuple(deliveries), doubtful=True)
        await self.operate(lambda acting, order: acting.discard(order, wanted))

    async def arrived(self, delivery: UUID) -> None:
        """Somebody has seen at the far side that it is there."""
        wanted = Named((delivery,), doubtful=True)
        await self.operate(lambda acting, order: acting.resolve_delivered(order, wanted, "seen"))

    async def shut(self, place: str, *, shut: bool) -> None:
        await self.operate(
            lambda acting, order: (
                acting.pause_destination(order, place) if shut else acting.resume_destination(order, place)
            )
        )

    async def _operate(self, act: Resend | Discard | Shut | Adopt | Decide) -> None:
        match act:
            case Resend(which, doubtful):
                found = [one[0] for one in await self.waiting_for_a_person(doubtful=doubtful)]
                chosen = found if which is None else found[which : which + 1]
                if chosen:
                    await self.resend(chosen, doubtful=doubtful)
            case Discard(which):
                found = [one[0] for one in await self.waiting_for_a_person()]
                if found[which : which + 1]:
                    await self.discard(found[which : which + 1])
            case Shut(place, shut):
                await self.shut(place, shut=shut)
            case Adopt(case):
                done = await self.operate(lambda acting, order: acting.adopt(order, f"K-{case}"))
                if isinstance(done, Acted | Cut):
                    self.adopted.add(f"K-{case}")
            case Decide(number, case):
                await self.operate(
                    lambda acting, order: acting.decide_alias(order, "bureau", f"BJ-K-{number}", f"K-{case}")
                )
            case _:
                assert_never(act)

    async def _activate(self, table: int, hub: int) -> None:
        life = self.running(hub)
        if life is None or life.rig is None:
            return
        inside, text = life.rig.hub, (*TEXTS, *BAD_TABLES)[table]
        assert inside.tables is not None
        rerouting = Rerouting(clock=inside.clock, ids=inside.ids, journal=inside.journal.route_tables, tables=MAKER)
        done = await life.call(rerouting.activate(self.order(), text, "table.yaml"))
        self.tell(f"  {type(done).__name__}")
        if table >= len(TEXTS) and not isinstance(done, Unusable | Cut):
            self.findings.append(f"table {table} cannot be used and was not refused: {done}")
        elif table < len(TEXTS) and isinstance(done, Unusable):
            self.findings.append(f"table {table} was refused: {done}")


async def _ask(rig: Rig) -> None:
    inside = rig.hub
    for name in sorted(ASKABLE):
        if not inside.leases.held or inside.breakers.shut(name):
            continue
        taken = await inside.journal.doubts.take([name], 8, inside.clock.now())
        if isinstance(taken, list | tuple):
            for claim in taken:
                assert isinstance(claim, Claim)
                await ask(inside, inside.outlets[name], claim)


def _shown(answer: object) -> str:
    return "receipt" if isinstance(answer, bytes) else str(getattr(answer, "code", answer))
