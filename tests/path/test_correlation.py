# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Messages that join a process by a correlation identifier: whose it is, how often it counts, and what a crash leaves."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Delivered, Idempotency, Parcel, Rejected, Rendering
from contracts.cloudevent import CloudEvent
from hub.ports.journal import DeliveryView, Entered, Joining, JournalDown, PaceWish, Process, Rest, State
from hub.processors.processor import Correlation, Turn
from hub.workers.processing import take_turns
from tests.support.hubs import POLICY, Destination, Rig, at_work, by_hand, event, hub_on
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

OPINION = "cn.gov.opinion.given"
QUESTION = "cn.gov.consultation.requested"
ROUTES = "  - {name: asked, when: {contract: [cn.gov.consultation.requested, cn.gov.opinion.given]}, to: [gathering]}\n"
FINAL = replace(POLICY, idempotency=Idempotency.NATIVE, dead_continues=True)


class Gathering:
    """Ends when as many opinions have joined as departments were asked; begun by a question, joined by its number."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    def refusal(self, parcel: Parcel) -> Rejected | None:
        return None if parcel.attributes["type"] in (OPINION, QUESTION) else Rejected("NOT_MINE")

    def correlation(self, parcel: Parcel) -> Correlation:
        number = orjson.loads(parcel.body)["consultation_no"]
        return (
            Correlation(joins=number) if parcel.attributes["type"] == OPINION else Correlation(keys=frozenset({number}))
        )

    def wishes(self, _process: Process, _now: datetime) -> Sequence[PaceWish]:
        return ()

    def turn(self, process: Process, _now: datetime, _paced: Mapping[str, datetime | None]) -> Turn:
        asked = len(orjson.loads(process.canonical)["consulted"])
        said = [orjson.loads(one.canonical)["opinion"] for one in process.joined]
        self.seen.append(said)
        return Turn(answer=Delivered(" ".join(said))) if len(said) >= asked else Turn()

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        raise NotImplementedError


@dataclass
class Desk:
    rig: Rig
    gathering: Gathering

    async def ask(self, number: str, departments: int = 1, id_: str | None = None) -> UUID:
        return await self._say(QUESTION, id_ or f"q-{number}", number, consulted=DEPARTMENTS[:departments])

    async def answer(self, number: str, opinion: str, id_: str) -> UUID:
        reason = {"reason": "测试"} if opinion == "object" else {}
        return await self._say(OPINION, id_, number, opinion=opinion, **reason)

    async def delivery(self, message: UUID, *states: State) -> DeliveryView:
        async with asyncio.timeout(30):
            while True:
                (delivery,) = (await self.rig.view(message)).deliveries
                if delivery.state in states:
                    return delivery
                await self.turns()

    async def turns(self) -> None:
        machine = self.rig.hub.outlets["gathering"].machine
        assert machine is not None
        await take_turns(self.rig.hub, {"gathering": machine})

    async def _say(self, contract: str, id_: str, number: str, **changes: object) -> UUID:
        plain = event("c-1", id_, contract=contract)
        assert isinstance(plain.data, dict)
        return await self.rig.accept(replace(plain, data={**plain.data, "consultation_no": number, **changes}))


DEPARTMENTS = [{"department_code": "115105020000000270"}, {"department_code": "11510502000000035T"}]


@asynccontextmanager
async def desk(dsn: str, name: str = "hub-1") -> AsyncIterator[Desk]:
    processor = Gathering()
    gathering = Destination(
        sink=ScriptedSink(), processor=processor, ordered=False, rendering=Rendering.DATA, policy=FINAL
    )
    async with hub_on(dsn, {"gathering": gathering}, routes=ROUTES, name=name) as rig, at_work(rig.hub):
        yield Desk(rig, processor)


async def taken(rig: Rig, until: datetime) -> list[Process]:
    found = await rig.hub.journal.processes.take(["gathering"], 10, until)
    assert not isinstance(found, JournalDown)
    return list(found)


class TestJoining:
    async def test_what_joins_during_the_last_turn_has_another_turn(self, dsn: str) -> None:
        gathering = Destination(
            sink=ScriptedSink(), processor=Gathering(), ordered=False, rendering=Rendering.DATA, policy=FINAL
        )
        async with hub_on(dsn, {"gathering": gathering}, routes=ROUTES) as rig, by_hand(rig.hub):
            here, processes = Desk(rig, Gathering()), rig.hub.journal.processes
            await here.ask("Y-1")
            await rig.until_state(State.ACCEPTED)
            until = rig.clock.now() + timedelta(seconds=30)
            (last,) = await taken(rig, until)
            await here.answer("Y-1", "agree", "o-1")
            await rig.until_state(State.DELIVERED)
            assert await processes.rest(Rest(process=last.id, turn=last.turn, finished=True)) is True
            (again,) = await taken(rig, until)
            assert len(again.joined) == 1
            assert await processes.rest(Rest(process=again.id, turn=again.turn, finished=True)) is True
            assert await taken(rig, until) == []

    async def test_what_joins_is_heard_and_the_process_ends_with_what_it_heard(self, dsn: str) -> None:
        async with desk(dsn) as here:
            asked = await here.ask("Y-1", departments=2)
            await here.delivery(asked, State.ACCEPTED)
            for number, opinion in enumerate(("agree", "object")):
                said = await here.answer("Y-1", opinion, f"o-{number}")
                await here.delivery(said, State.DELIVERED)
            await here.delivery(asked, State.DELIVERED)
        assert here.gathering.seen[-1] == ["agree", "object"]

    async def test_what_nobody_waits_for_is_refused(self, dsn: str) -> None:
        async with desk(dsn) as here:
            said = await here.answer("Y-none", "agree", "o-1")
            assert (await here.delivery(said, State.DEAD)).attempts[-1].code == "PROCESS_UNKNOWN"

    async def test_an_identifier_is_one_process_s(self, dsn: str) -> None:
        async with desk(dsn) as here:
            first = await here.ask("Y-1")
            await here.delivery(first, State.ACCEPTED)
            second = await here.ask("Y-1", id_="again")
            assert (await here.delivery(second, State.DEAD)).attempts[-1].code == "PROCESS_EXISTS"
            said = await here.answer("Y-1", "none", "o-1")
            await here.delivery(said, State.DELIVERED)
            await here.delivery(first, State.DELIVERED)
        assert here.gathering.seen[-1] == ["none"]

    async def test_of_many_that_want_one_identifier_at_once_one_begins(self, dsn: str) -> None:
        async with desk(dsn) as here:
            asked = await asyncio.gather(*(here.ask("Y-1", id_=f"q-{n}") for n in range(20)))
            ends = [await here.delivery(one, State.ACCEPTED, State.DEAD) for one in asked]
            assert sorted(one.state for one in ends).count(State.ACCEPTED) == 1

    async def test_joining_again_counts_once(self, dsn: str) -> None:
        async with desk(dsn) as here:
            asked = await here.ask("Y-1", departments=2)
            await here.delivery(asked, State.ACCEPTED)
            said = await here.answer("Y-1", "agree", "o-1")
            delivery = await here.delivery(said, State.DELIVERED)
            body = orjson.dumps({"consultation_no": "Y-1", "opinion": "agree"})
            again = Joining(delivery=delivery.id, destination="gathering", key="Y-1", attributes=b"{}", body=body)
            processes = here.rig.hub.journal.processes
            assert await asyncio.gather(*(processes.join(again) for _ in range(5))) == [Entered.JOINED] * 5
            taken = await processes.take(["gathering"], 10, here.rig.clock.now() + timedelta(seconds=30))
            assert not isinstance(taken, JournalDown)
            assert sum(len(one.joined) for one in taken) <= 1
            assert (await here.rig.view(asked)).deliveries[0].state is State.ACCEPTED

    async def test_a_finished_process_has_another_turn(self, dsn: str) -> None:
        async with desk(dsn) as here:
            asked = await here.ask("Y-1")
            await here.delivery(asked, State.ACCEPTED)
            await here.delivery(await here.answer("Y-1", "agree", "o-1"), State.DELIVERED)
            await here.delivery(asked, State.DELIVERED)
            await here.delivery(await here.answer("Y-1", "object", "o-2"), State.DELIVERED)
            async with asyncio.timeout(30):
                while here.gathering.seen[-1] != ["agree", "object"]:
                    await here.turns()

    async def test_what_began_a_process_does_not_join_it_when_it_is_told_again(self, dsn: str) -> None:
        async with desk(dsn) as here:
            asked = await here.ask("Y-1")
            delivery = await here.delivery(asked, State.ACCEPTED)
            again = Joining(delivery=delivery.id, destination="gathering", key="Y-1", attributes=b"{}", body=b"{}")
            assert await here.rig.hub.journal.processes.join(again) is Entered.NO_PROCESS
