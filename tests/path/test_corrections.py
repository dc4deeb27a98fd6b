# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A corrected record is sent in the place of the refused one: before what was to follow it, once, and for no other reason."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from connectors.sdk import Rejected, Unavailable
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from hub.acting import Order
from hub.api.dead import acting_of
from hub.ports.journal import Acted, Named, Refused, State
from hub.workers.correcting import correct_once
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.sinks import ScriptedSink

STEP = "cn.gov.process.step"
CORRECTING = replace(POLICY, dead_corrected=True, attempts=2)


def step(id_: str, version: int = 1, *, number: str = "1", case: str = "case-1", source: str = "portal") -> CloudEvent:
    known = builtin().versions(STEP)[0]
    data = {**known.examples[0].data, known.subject: case, "step_no": number, "record_version": version}
    return event(case, id_, contract=STEP, source=source, data=data)


def arrived(sink: ScriptedSink) -> list[str]:
    return [one.attributes["id"] for one in sink.arrived]


async def refused_first(rig: Rig, sink: ScriptedSink) -> UUID:
    sink.script("case-1", Rejected("WRONG"))
    message = await rig.accept(step("first"))
    await rig.until_state(State.DEAD)
    return message


async def test_it_goes_before_what_waits_and_the_refused_one_is_over(dsn: str) -> None:
    sink = ScriptedSink()
    async with hub_on(dsn, {"front": Destination(sink=sink, policy=CORRECTING)}) as rig, at_work(rig.hub):
        first = await refused_first(rig, sink)
        second = await rig.accept(step("second", number="2"))
        assert await correct_once(rig.hub, every=0) == 0, "nothing corrects it"
        corrected = await rig.accept(step("corrected", 2))
        third = await rig.accept(step("third", number="3"))
        assert await correct_once(rig.hub, every=0) == 1
        assert await correct_once(rig.hub, every=0) == 0, "it is mended once"
        await rig.until_state(State.DELIVERED, 3)
        (ended,) = (await rig.view(first)).deliveries
        states = [await rig.state(one) for one in (second, corrected, third)]
        (said,) = rig.logged("corrected")
    assert arrived(sink) == ["first", "corrected", "second", "third"]
    assert (ended.state, ended.code, ended.detail) == (State.SKIPPED, "CORRECTED", f"WRONG; message {corrected}")
    assert states == [State.DELIVERED] * 3
    assert (said["refused"], said["by"], said["code"]) == (str(first), str(corrected), "WRONG")


async def test_a_correction_that_is_refused_too_is_corrected_by_the_next(dsn: str) -> None:
    sink = ScriptedSink()
    async with hub_on(dsn, {"front": Destination(sink=sink, policy=CORRECTING)}) as rig, at_work(rig.hub):
        await refused_first(rig, sink)
        await rig.accept(step("other", number="2"))
        sink.script("case-1", Rejected("STILL"))
        await rig.accept(step("corrected", 2))
        await rig.accept(step("again", 3))
        assert await correct_once(rig.hub, every=0) == 1
        await rig.until(lambda settled: sum(one.code == "STILL" for one in settled) == 1)
        assert await correct_once(rig.hub, every=0) == 1
        await rig.until_state(State.DELIVERED, 2)
    assert arrived(sink) == ["first", "corrected", "again", "other"]


@pytest.mark.parametrize(
    "waiting",
    [
        [step("same", 1)],
        [step("another-step", 2, number="2")],
        [step("of-another", 2, source="stranger")],
        [step("of-another-case", 2, case="case-2")],
        [event("case-1", "another-contract")],
    ],
    ids=lambda waiting: waiting[0].id,
)
async def test_what_is_no_correction_of_it_waits(dsn: str, waiting: Sequence[CloudEvent]) -> None:
    sink = ScriptedSink()
    place = Destination(sink=sink, policy=CORRECTING)
    async with hub_on(dsn, {"front": place}, systems=("portal", "stranger")) as rig, at_work(rig.hub):
        first = await refused_first(rig, sink)
        for one in waiting:
            await rig.accept(one)
        assert await correct_once(rig.hub, every=0) == 0
        assert await rig.state(first) is State.DEAD


async def test_what_nobody_refused_is_left_to_a_person(dsn: str) -> None:
    sink = ScriptedSink({"case-1": [Unavailable("away"), Unavailable("away")]})
    async with hub_on(dsn, {"front": Destination(sink=sink, policy=CORRECTING)}) as rig, at_work(rig.hub):
        first = await rig.accept(step("first"))
        await rig.until_settled(1)
        rig.clock.step(seconds=60)
        await rig.until_state(State.DEAD)
        await rig.accept(step("corrected", 2))
        assert await correct_once(rig.hub, every=0) == 0
        assert await rig.state(first) is State.DEAD


async def test_where_nobody_asked_for_it_nothing_moves(dsn: str) -> None:
    sink = ScriptedSink()
    async with hub_on(dsn, {"front": Destination(sink=sink)}) as rig, at_work(rig.hub):
        first = await refused_first(rig, sink)
        await rig.accept(step("corrected", 2))
        assert await correct_once(rig.hub, every=0) == 0
        assert await rig.state(first) is State.DEAD


async def test_an_operators_word_and_a_correction_at_once_have_one_effect(dsn: str) -> None:
    """Whoever comes second finds that the delivery no longer stands as it was seen."""
    sink = ScriptedSink()
    async with hub_on(dsn, {"front": Destination(sink=sink, policy=CORRECTING)}) as rig, at_work(rig.hub):
        first = await refused_first(rig, sink)
        await rig.accept(step("second", number="2"))
        await rig.accept(step("corrected", 2))
        corrections = rig.hub.journal.corrections
        seen: list[Refused] = []

        class Discarded:
            """Between the look and the act an operator discards it."""

            async def refused(self, *arguments: object) -> object:
                walked = await corrections.refused(*arguments)  # type: ignore[arg-type]
                seen.extend(walked.refused)  # type: ignore[union-attr]
                (delivery,) = (await rig.view(first)).deliveries
                order = Order("operator", "test", "r-1", "wrong")
                done = await acting_of(rig.hub).discard(order, Named((delivery.id,)))
                assert isinstance(done, Acted)
                return walked

            async def take_place(self, *arguments: object) -> object:
                return await corrections.take_place(*arguments)  # type: ignore[arg-type]

        hub = replace(rig.hub, journal=replace(rig.hub.journal, corrections=Discarded()))  # type: ignore[arg-type]
        assert await correct_once(hub, every=0) == 0
        await rig.until_state(State.DELIVERED, 2)
        (ended,) = (await rig.view(first)).deliveries
    assert len(seen) == 1
    assert ended.code == "SKIPPED"
    assert arrived(sink) == ["first", "second", "corrected"]
