# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What ends every run: all that was broken is mended, senders repeat what nobody answered, departments answer what they were
asked, an operator decides what waits for one, and the hubs work until nothing is left to do.
"""

from uuid import UUID

from tests.model.recipients import Arrival
from tests.model.senders import ANSWERERS, DEPARTMENTS, Letter
from tests.model.town import APPLIED, ASKED, CLOSED, OPINION, TROUBLED
from tests.model.world import World

_ROUNDS = 60
_ALONE = 3
"""Rounds in which nothing moves before the clock is helped on by hours."""


async def heal(world: World) -> None:
    """Until nothing is left to do; what does not come to rest is a finding."""
    world.tell("everything is mended")
    await _mend(world)
    before, still, tried = "", 0, set[UUID]()
    for _ in range(_ROUNDS):
        await _repeat(world)
        for hub in list(world.lives):
            await world.work(hub)
            await world.settled()
        await _decide(world, tried)
        left = await _left(world)
        answered = (not left or left == before) and await _answer(world)
        if not left and not answered:
            return
        still = still + 1 if left == before else 0
        before = left
        world.clock.step(seconds=2.0 if still < _ALONE else 3600.0 * 3)
    world.findings.append(f"it does not come to rest: {before}")


async def _mend(world: World) -> None:
    for one in world.far.values():
        one.moods.clear()
        one.evasive = 0
    world.let_go()
    for life in world.lives.values():
        life.fuse.point = None
    if world.running(0) is None:
        await world.start(0)
    await world.lapse()
    await world.settled()
    for place in TROUBLED:
        await world.shut(place, shut=False)


async def _repeat(world: World) -> None:
    """Senders send again what was not answered, in their order."""
    for letter in world.senders.letters:
        if letter.unanswered:
            await world.send([letter])


async def _decide(world: World, tried: set[UUID]) -> None:
    """The operator looks at the far side, sends again what it has not got, and gives up what was tried in vain."""
    for delivery, place, state in await world.waiting_for_a_person():
        far = world.far.get(place)
        if state == "in_doubt" and far is not None and str(delivery) in far.keys:
            await world.arrived(delivery)
        elif delivery in tried:
            await world.discard([delivery])
        else:
            tried.add(delivery)
            await world.resend([delivery], doubtful=True)


async def _left(world: World) -> str:
    """What is not finished, in words; empty: nothing."""
    rows = await world.keeper.fetch(
        "select destination || ' ' || case_no || ' ' || position || ' ' || state || ' ' || code as what from delivery_open"
        " union all select 'parked ' || case_no || ' ' || contract || ' ' || reason from parked"
        " union all select 'replay ' || state from replay where state not in ('finished', 'stopped')"
        " union all select 'process ' || destination || ' ' || case_no from process where finished_at is null"
        " or due_at is not null order by 1"
    )
    return "; ".join(row["what"] for row in rows)


async def _answer(world: World) -> bool:
    """Departments answer, each once, what they have not answered; whether there was anything."""
    letters: list[Letter] = []
    for place in sorted({*DEPARTMENTS, *ANSWERERS}):
        for arrival in world.far[place].book:
            case, number = arrival.attributes["subject"], arrival.data.get("consultation_no")
            if not arrival.effect or _answered(world, place, arrival):
                continue
            if arrival.attributes["type"] == APPLIED:
                letters.append(world.senders.finish(place, case, "permitted"))
            elif arrival.attributes["type"] == ASKED:
                letters.append(world.senders.opine(ANSWERERS.index(place), case, str(number), "agree"))
    if letters:
        world.tell("departments answer what they were asked")
        await world.send(letters)
    return bool(letters)


def _answered(world: World, place: str, arrival: Arrival) -> bool:
    """Whether a department has said something of it since it arrived."""
    contract = {APPLIED: CLOSED, ASKED: OPINION}.get(arrival.attributes["type"])
    return any(
        one.event.type == contract
        and one.system == place
        and one.event.subject == arrival.attributes["subject"]
        and one.data.get("consultation_no") == arrival.data.get("consultation_no")
        and one.tries[0].begun > arrival.moment
        for one in world.senders.letters
        if one.tries
    )
