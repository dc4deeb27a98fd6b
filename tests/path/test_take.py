# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a source brings: taken in bulk, in order, once; refused with its reason; kept in hand while the hub cannot."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Self

import orjson
import pytest

from connectors.sdk import Delivered, Disposition, Item, Outcome, Refused, Taken
from contracts.bindings import amqp
from contracts.cloudevent import CloudEvent
from hub.inlet import Inlet
from hub.ports.journal import Acceptance, AcceptanceResult, Acceptances, JournalDown, RefusalRecord
from hub.vocabulary import Vocabulary
from hub.workers.taking import hand_over, take
from tests.support.activations import Reluctant
from tests.support.hubs import Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink

STEP = "cn.gov.process.step"
pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


class ScriptedSource:
    """Brings these batches, then nothing; remembers what it was told."""

    def __init__(self, batches: Sequence[Sequence[Item]] = ()) -> None:
        self._batches = list(batches)
        self.settled: dict[int, Disposition] = {}
        self._bell = asyncio.Condition()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def take(self) -> Sequence[Item]:
        if not self._batches:
            await asyncio.Event().wait()
        return self._batches.pop(0)

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        async with self._bell:
            assert not self.settled.keys() & {token for token, _ in answers}
            self.settled.update(answers)
            self._bell.notify_all()

    async def check(self) -> Outcome:
        return Delivered()

    async def until_settled(self, count: int) -> None:
        async with asyncio.timeout(30), self._bell:
            await self._bell.wait_for(lambda: len(self.settled) >= count)


class Faltering:
    """A journal's acceptances that are away for a while, or choke on one message."""

    def __init__(self, inner: Acceptances, away: int = 0, chokes_on: str = "") -> None:
        self._inner = inner
        self._away = away
        self._chokes_on = chokes_on
        self.asked: Callable[[], None] = lambda: None

    async def accept(self, acceptance: Acceptance) -> AcceptanceResult:
        return await self._inner.accept(acceptance)

    async def accept_all(self, acceptances: Sequence[Acceptance]) -> Sequence[AcceptanceResult]:
        self.asked()
        if any(one.sender_id == self._chokes_on for one in acceptances):
            raise RuntimeError("a bug")
        if self._away:
            self._away -= 1
            return [JournalDown("away")] * len(acceptances)
        return await self._inner.accept_all(acceptances)

    async def refuse(self, record: RefusalRecord) -> JournalDown | None:
        return await self._inner.refuse(record)


def item(token: int, one: CloudEvent, *, structured: bool = False) -> Item:
    content_type, headers, body = (amqp.write_structured if structured else amqp.write)(one)
    return Item(token=token, content_type=content_type, body=body, headers=headers)


@asynccontextmanager
async def listening(
    dsn: str, source: ScriptedSource, sink: ScriptedSink | None = None, **faltering: Any
) -> AsyncIterator[tuple[Rig, Inlet]]:
    """A hub with one source, through which ``portal`` speaks."""
    async with hub_on(dsn, {"housing": Destination(sink=sink or ScriptedSink())}) as rig:
        inlet = Inlet(name="in", system="portal", source=source, log=rig.hub.log, body_bytes=100_000)
        journal = rig.hub.journal
        if faltering:
            journal = replace(journal, acceptances=Faltering(journal.acceptances, **faltering))
        yield replace(rig, hub=replace(rig.hub, journal=journal, inlets={"in": inlet})), inlet


async def test_a_batch_is_delivered_in_its_order_and_each_message_is_settled(dsn: str) -> None:
    events = [event("a", f"m{n}") for n in range(20)]
    source = ScriptedSource([[item(n, one, structured=n % 2 == 0) for n, one in enumerate(events)]])
    sink = ScriptedSink()
    async with listening(dsn, source, sink) as (rig, inlet), at_work(rig.hub):
        await source.until_settled(20)
        await rig.until_settled(20)
    assert [parcel.attributes["id"] for parcel in sink.arrived] == [f"m{n}" for n in range(20)]
    assert set(source.settled.values()) == {Taken()}
    assert (inlet.taken, inlet.refused, inlet.waiting) == (20, 0, 0)


async def test_what_comes_again_is_taken_and_delivered_once(dsn: str) -> None:
    source, sink = ScriptedSource(), ScriptedSink()
    async with listening(dsn, source, sink) as (rig, inlet), at_work(rig.hub):
        await hand_over(rig.hub, inlet, [item(1, event("a")), item(2, event("a"))])
        await hand_over(rig.hub, inlet, [item(3, event("a")), item(4, event("b"))])
        await rig.until_settled(2)
    assert set(source.settled.values()) == {Taken()}
    assert sorted(parcel.attributes["subject"] for parcel in sink.arrived) == ["a", "b"]


async def test_what_cannot_be_taken_is_refused_with_its_problem_and_holds_nobody_up(dsn: str) -> None:
    wrong = replace(event("a", "m1"), data={"case_no": "a"})
    items = [
        item(1, wrong),
        Item(token=2, content_type=None, body=b"garbage"),
        Item(token=3, content_type="application/cloudevents+json", body=b"{"),
        item(4, event("a", "m4", source="somebody-else")),
        replace(item(5, event("b", "m5")), body=b"x" * 100_001),
        replace(item(6, event("b", "m6")), headers={"cloudEvents:id": 1.5}),
        item(7, event("b", "m7")),
    ]
    source = ScriptedSource()
    async with listening(dsn, source) as (rig, inlet):
        await hand_over(rig.hub, inlet, items)
    codes = {token: answer.code for token, answer in source.settled.items() if isinstance(answer, Refused)}
    assert codes == {
        1: "E_CONTRACT_INVALID",
        2: "E_CONTENT_TYPE",
        3: "E_JSON_MALFORMED",
        4: "E_SOURCE_FOREIGN",
        5: "E_TOO_LARGE",
        6: codes[6],
    }
    assert codes[6].startswith("E_ATTRIBUTE")
    assert source.settled[7] == Taken()
    assert (inlet.taken, inlet.refused) == (1, 6)
    refused = source.settled[1]
    assert isinstance(refused, Refused)
    assert orjson.loads(refused.problem)["code"] == "E_CONTRACT_INVALID"


async def test_while_the_journal_is_away_messages_stay_in_hand_and_in_order(dsn: str) -> None:
    source, told = ScriptedSource(), list[tuple[int, int]]()
    async with listening(dsn, source, away=2) as (rig, inlet):
        faltering = rig.hub.journal.acceptances
        assert isinstance(faltering, Faltering)
        faltering.asked = lambda: told.append((len(source.settled), inlet.waiting))
        await hand_over(rig.hub, inlet, [item(n, event("a", f"m{n}")) for n in range(3)])
    assert told == [(0, 0), (0, 3), (0, 3)]
    assert set(source.settled.values()) == {Taken()}
    assert inlet.waiting == 0
    assert len(rig.logged("source waits")) == 1


async def test_a_message_that_meets_a_bug_is_set_aside_alone(dsn: str) -> None:
    source = ScriptedSource([[item(n, event("a", f"m{n}")) for n in range(4)]])
    async with listening(dsn, source, chokes_on="m2") as (rig, inlet):
        taking = asyncio.create_task(take(rig.hub, inlet))
        await source.until_settled(4)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
    assert [type(source.settled[n]) for n in range(4)] == [Taken, Taken, Refused, Taken]


async def test_what_is_put_off_keeps_back_what_follows_in_its_case(dsn: str) -> None:
    """A contract that is not in use yet, as while hubs are upgraded one by one: the case's next message is of another."""
    source, sink = ScriptedSource(), ScriptedSink()
    step = event("a", "m2", contract=STEP)
    other = event("b", "m3", contract=STEP)
    async with listening(dsn, source, sink) as (rig, inlet), at_work(rig.hub):
        activations = Reluctant(rig.hub.journal.activations, event("a").dataschema or "", times=2)
        hub = replace(rig.hub, vocabulary=Vocabulary(activations))
        await hand_over(hub, inlet, [item(1, event("a", "m1")), item(2, step), item(3, other)])
        await rig.until_settled(3)
    assert sink.of("a") == ["m1", "m2"]
    assert next(iter(source.settled)) == 3, "another case did not wait"
    assert set(source.settled.values()) == {Taken()}


async def test_after_a_bug_it_keeps_back_what_follows_in_its_case_too(dsn: str) -> None:
    source, sink = ScriptedSource(), ScriptedSink()
    step, choking = event("a", "m2", contract=STEP), event("z", "m9", contract=STEP)
    async with listening(dsn, source, sink, chokes_on="m9") as (rig, inlet), at_work(rig.hub):
        activations = Reluctant(rig.hub.journal.activations, event("a").dataschema or "", times=2)
        hub = replace(rig.hub, vocabulary=Vocabulary(activations))
        await hand_over(hub, inlet, [item(1, event("a", "m1")), item(2, step), item(9, choking)])
        await rig.until_settled(2)
    assert sink.of("a") == ["m1", "m2"]
    assert isinstance(source.settled[9], Refused)
