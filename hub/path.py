# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The path of a message, whole. Start reading here.

    accept    identify -> verify signature -> understand -> validate contract -> plan routes
              -> COMMIT 1 (recognises duplicates) -> receipt
    relay     offer due lane heads to the bus: after a commit, a retry, a crash
    deliver   CLAIM -> translate to the destination's form -> send -> judge -> COMMIT 2 (frees the next in lane)
              -> acknowledge the bus

The journal is the truth, the bus is transport. A sender is answered after COMMIT 1 and not before; the bus is acknowledged
after COMMIT 2 and not before; no byte leaves before the claim is written. Each step is a module of :mod:`hub.stages`:
    identify    who is speaking
    verify_signature  did they sign these very bytes
    understand  in canonical JSON, whatever dialect it came in
    validate    is it what the contract says
    plan        where does it go
    record      what COMMIT 1 writes
    translate   the destination's version, dialect and format
    send        carry it, whatever the connector does
    judge       what follows from the outcome
What senders are told is :mod:`hub.intake_answers`, what ends without a sending :mod:`hub.unsent`.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum, auto
from uuid import UUID

from connectors.sdk import InDoubt, Outcome, Unavailable
from connectors.sdk.guard import raised
from contracts.cloudevent import CloudEvent
from contracts.digest import content_digest
from contracts.refusal import Refusal
from hub.access.rulings import written
from hub.intake_answers import all_answered, answered, told
from hub.naming import Names, named_in, prepared
from hub.observing.stopwatch import Stopwatch
from hub.outlet import Outlet
from hub.passage import PutOff, Ready, Received, Unplanned
from hub.ports.bus import Frame, Offer, Published, QueueName
from hub.ports.journal import (
    Acceptance,
    Claim,
    Halted,
    JournalDown,
    NotClaimable,
    Quarantined,
    Settled,
    Settlement,
    Stale,
    State,
    Unwritable,
)  # fmt: skip
from hub.ports.probe import Point
from hub.precedence import BEHIND, LATER, must_wait
from hub.privacy.sparing import spared
from hub.running import Hub
from hub.slots import Slot
from hub.stages.identify import Vouched, identify
from hub.stages.judge import judge, tried_in_vain, unwritable
from hub.stages.plan import plan
from hub.stages.record import record
from hub.stages.send import send
from hub.stages.understand import understand
from hub.stages.validate import validate
from hub.stages.verify_signature import verify_signature
from hub.unsent import AWAY, ended_unsent, translated_or_settlement

PATIENCE = 60.0
"""Seconds a delivery may wait in a worker before it goes back to the journal, so that a frame never stays for ever."""
SOON = 0.5
"""Seconds after which something that the journal did not hear is told again."""
_TOLD_AGAIN = 20
_AT_A_STRETCH = 10
"""Messages of a batch that are made ready before others get their turn."""


class Next(Enum):
    """What a delivery that was tried wants next."""

    DONE = auto()
    TURN = auto()
    ALONE = auto()
    SOON = auto()


async def accept(hub: Hub, shown: str | Vouched | None, event: CloudEvent, received: Received) -> bytes | Refusal:
    """Take a message over, or refuse it to its sender's face. Bytes: the receipt; from now on nothing loses the message."""
    system = identify(hub.keys, shown, hub.clock.now())
    if isinstance(system, Refusal):
        return system
    verified = verify_signature(hub.identities, system, event.type, received)
    if isinstance(verified, Refusal):
        return await hub.refuse(system, event, verified, received.raw)
    ready = await _ready(hub, system, event, verified, hub.names)
    if not isinstance(ready, Ready):
        return await answered(hub, system, event, received, ready)
    _go_ahead(hub, [ready.acceptance])
    result = await hub.journal.acceptances.accept(ready.acceptance)  # COMMIT 1
    return await answered(hub, system, event, received, told(hub, ready, result))


async def accept_all(
    hub: Hub, system: str, messages: Sequence[tuple[CloudEvent, Received]]
) -> Sequence[bytes | Refusal]:
    """The same for many messages of one system, which whoever brings them vouches for: they share one COMMIT 1.

    Answers in the order of the messages, which is also the order within each case. A refusal with ``retry_after`` took
    nothing, and neither did those after it in its case: all of them may come again, in their order.
    """
    each: list[Ready | Unplanned | Refusal] = []
    names = await prepared(hub.names, system, (event for event, _ in messages))
    put_off: dict[str, Refusal] = {}
    for n, (event, received) in enumerate(messages):
        if n % _AT_A_STRETCH == _AT_A_STRETCH - 1:
            await asyncio.sleep(0)  # deliveries must not wait for a whole batch
        ready = await _ready(hub, system, event, received, names)
        if isinstance(ready, PutOff):
            put_off.setdefault(ready.case, ready.refusal)
            each.append(ready.refusal)
        else:
            each.append(put_off.get(ready.acceptance.case, ready) if isinstance(ready, Ready) else ready)
    acceptances = [one.acceptance for one in each if isinstance(one, Ready)]
    _go_ahead(hub, acceptances)
    results = iter(await hub.journal.acceptances.accept_all(acceptances))  # COMMIT 1
    each_told = [told(hub, one, next(results)) if isinstance(one, Ready) else one for one in each]
    return await all_answered(hub, system, messages, each_told)


async def _ready(
    hub: Hub, system: str, event: CloudEvent, received: Received, names: Names | None
) -> Ready | PutOff | Unplanned | Refusal:
    watch, now = hub.observer.stopwatch(), hub.clock.now()
    understood = understand(hub.rules.registry, hub.rules.speakers[system].dialects, event)
    if isinstance(understood, Refusal):
        return understood
    watch.mark("understand")
    named = await named_in(names, system, understood)
    if isinstance(named, JournalDown | Unwritable):
        return PutOff(event.subject or "", hub.refusal_of(named))
    valid = validate(hub.rules, system, named.event, content_digest(event), now)
    if isinstance(valid, Refusal):
        return valid
    watch.mark("validate")
    table = hub.routes.active  # one whole table for this message, whatever is activated meanwhile
    planned = plan(table, hub.places, hub.partitions, hub.ids, system, valid, now)
    if isinstance(planned, Refusal):
        return Unplanned(planned, valid, table.table.version_id, hub.routes.otherwise(table, system, valid))
    if unready := await hub.vocabulary.admit(valid.contract):
        return PutOff(valid.case, unready)
    sample, policies = hub.observer.tracer.sample, hub.parking.policies
    receivers = {hub.places[one.destination].system for one in planned.deliveries}
    rulings = written(hub.rules.access, valid.allowed, valid.checked.facts, receivers)
    acceptance = record(
        hub.name, hub.ids, system, received, valid, planned, now, sample, policies, named, access=rulings
    )
    watch.mark("plan")
    otherwise = hub.routes.otherwise(table, system, valid)
    return Ready(acceptance, len(valid.checked.warnings), received, watch, otherwise)


def _go_ahead(hub: Hub, acceptances: Sequence[Acceptance]) -> None:
    """These are about to be committed: whoever takes more in waits for their deliveries, as far as this hub makes them."""
    planned = [d for one in acceptances for d in one.deliveries if d.queue in hub.leases.held and d.due_at is None]
    hub.headway.begin(planned, hub.clock.monotonic())


async def relay(hub: Hub, frames: Sequence[Frame]) -> None:
    """Put what a commit offered on the bus. What the bus does not confirm goes back to the journal."""
    watch = hub.observer.stopwatch()
    hub.probe.reach(Point.BEFORE_PUBLISH)
    published = await hub.bus.publish(frames)
    hub.probe.reach(Point.AFTER_PUBLISH)
    hub.observer.published(frames, published, watch)
    lost = [f for f, fate in zip(frames, published, strict=True) if fate is Published.UNCONFIRMED]
    if lost:
        hub.log.warning("unconfirmed", frames=len(lost))
        await _give_back(hub, [offer.delivery for frame in lost for offer in frame.offers])


async def deliver(hub: Hub, frame: Frame) -> None:
    """Work off one frame. Returns when none of its deliveries needs the bus again; then it may be acknowledged."""
    group, offers = frame.queue.group, frame.offers
    if halted := [offer.delivery for offer in offers if hub.breakers.shut(offer.destination)]:
        await _give_back(hub, halted)
        offers = tuple(offer for offer in offers if not hub.breakers.shut(offer.destination))
    ends = await asyncio.gather(
        *(_deliver(hub, QueueName(group, offer.partition), offer) for offer in offers), return_exceptions=True
    )
    for offer, end in zip(offers, ends, strict=True):
        if isinstance(end, Exception):  # a bug, and this delivery's alone: its claim stays until it is recovered
            hub.log.error("bug in delivery", delivery=str(offer.delivery), exc_info=end)


async def _deliver(hub: Hub, queue: QueueName, offer: Offer) -> None:
    outlet = hub.outlets.get(offer.destination)
    if outlet is None:  # this hub's configuration no longer has it: the journal keeps it
        await _give_back(hub, [offer.delivery], AWAY)
    elif queue in hub.leases.leaving:  # whoever owns the partition next takes it up
        await _give_back(hub, [offer.delivery])
    elif hub.in_hand.take(offer.delivery, queue):  # else another frame named it too
        try:
            # An immediate retry queues for its turn behind whoever waits already: it starves nobody.
            next_ = await _in_turn(hub, outlet, offer)
            while next_ is not Next.DONE:
                if next_ is Next.SOON:
                    if not hub.leases.lasts(queue):
                        break  # whoever takes the partition next offers all that was on the bus
                    await hub.clock.sleep(SOON)
                next_ = await (_alone if next_ is Next.ALONE else _in_turn)(hub, outlet, offer)
        finally:
            hub.in_hand.drop(offer.delivery)


async def _give_back(hub: Hub, deliveries: Sequence[UUID], wait: timedelta = timedelta(), code: str = "") -> None:
    """To the journal, where they wait until they are due. It believes them to be on the bus until it has heard this, or until
    somebody takes the partition after our lease has run out.
    """
    for _ in range(_TOLD_AGAIN):
        if not isinstance(await hub.journal.offers.give_back(deliveries, hub.clock.now() + wait, code), JournalDown):
            return
        await hub.clock.sleep(SOON)


async def _alone(hub: Hub, outlet: Outlet, offer: Offer) -> Next:
    """A process died while sending it: one of its kind at a time, so that a second death tells."""
    async with outlet.alone(hub.quarantine, PATIENCE) as granted:
        if granted:
            return await _in_turn(hub, outlet, offer, alone=True)
    await _give_back(hub, [offer.delivery])
    return Next.DONE


async def _in_turn(hub: Hub, outlet: Outlet, offer: Offer, *, alone: bool = False) -> Next:
    watch = hub.observer.stopwatch()
    if await must_wait(hub, outlet, offer.delivery):
        await _give_back(hub, [offer.delivery], LATER, BEHIND)
        return Next.DONE
    slot = await outlet.slots.take(PATIENCE)  # before the claim: what is claimed is sent at once
    if slot is None:
        await _give_back(hub, [offer.delivery])
        return Next.DONE
    watch.mark("slot")
    try:
        return await _claim(hub, outlet, offer, watch, slot, alone=alone)
    finally:
        slot.release()


async def _claim(hub: Hub, outlet: Outlet, offer: Offer, watch: Stopwatch, slot: Slot, *, alone: bool) -> Next:
    shut = hub.breakers.shut(outlet.name)  # perhaps while this one waited for its turn
    match Halted() if shut else await hub.journal.deliveries.claim(offer.delivery, alone=alone):  # CLAIM
        case Claim() as claim:
            watch.mark("claim")
            return await attempt(hub, outlet, claim, watch, slot)
        case Quarantined():
            return Next.ALONE
        case Halted():  # the journal keeps it; no attempt is burnt
            await _give_back(hub, [offer.delivery])
            return Next.DONE
        case JournalDown():
            return Next.SOON
        case NotClaimable():
            return Next.DONE  # done elsewhere, or found again by the sweep


async def attempt(
    hub: Hub, outlet: Outlet, claim: Claim, watch: Stopwatch, slot: Slot, trying: list[Outcome] | None = None
) -> Next:
    """From the claim to COMMIT 2. ``trying``: it is a trial, and this takes what was heard of the far side. The slot is
    given back after the sending, so that the far side never waits for our journal.
    """
    settlement = ended_unsent(hub, outlet, claim, hub.clock.now())
    if settlement is None:
        try:
            settlement = await _send(hub, outlet, claim, watch, slot, trying)
        except Exception as bug:  # because whatever was sent is not known now, and must not be sent again blindly
            hub.log.error("bug on the path", delivery=str(claim.delivery_id), exc_info=bug)
            broken = InDoubt(f"HUB_RAISED: {raised(bug)}")
            settlement = judge(hub.court, outlet.policy, claim, broken, hub.clock.now())
    written = await settle(hub, settlement, watch)
    stands = written is not None
    if settlement.state is State.ACCEPTED:
        outlet.doorbell.ring()  # only now: whoever it wakes finds the delivery
        if outlet.machine is not None:
            hub.hearing.bell.set()
    return Next.TURN if stands and settlement.at_once and trying is None else Next.DONE


async def _send(
    hub: Hub, outlet: Outlet, claim: Claim, watch: Stopwatch, slot: Slot, trying: list[Outcome] | None
) -> Settlement:
    translated = await translated_or_settlement(hub, outlet, claim)
    if isinstance(translated, Settlement):
        return translated
    watch.mark("translate")
    parcel = hub.observer.departing(claim, translated.parcel)
    hub.probe.reach(Point.BEFORE_SEND)
    outcome = await send(outlet.sink, parcel, outlet.log)
    slot.release()
    hub.probe.reach(Point.AFTER_SEND)
    watch.mark("send")
    if trying is None:
        hub.breakers.hear(outlet.name, outcome)
    else:
        trying.append(outcome)
        if isinstance(outcome, Unavailable):
            return tried_in_vain(claim, outcome.reason, hub.clock.now())
    judged = judge(hub.court, outlet.policy, claim, outcome, hub.clock.now(), translated.losses)
    return spared(judged, hub.rules.registry)


async def settle(hub: Hub, settlement: Settlement, watch: Stopwatch | None = None) -> Settlement | None:
    """COMMIT 2, until the journal has it; gives what it wrote, which differs where a final answer had come already. None: the
    claim no longer stood, or this was written already.
    """
    claim, watch = settlement.claim, watch or hub.observer.stopwatch()
    while isinstance(result := await hub.journal.deliveries.settle(settlement), JournalDown | Unwritable):
        if isinstance(result, Unwritable):
            hub.log.error("unwritable settlement", delivery=str(claim.delivery_id), reason=result.reason)
            settlement = unwritable(claim, hub.clock.now())
        await hub.clock.sleep(1.0)
    if isinstance(result, Settled) and result.instead is not None:
        settlement = result.instead
    hub.observer.settled(settlement, watch, stale=isinstance(result, Stale))
    hub.headway.end(claim.delivery_id)
    hub.hearing.hear(claim.message_id, claim.contract)
    return None if isinstance(result, Stale) else settlement
