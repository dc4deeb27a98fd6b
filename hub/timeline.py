# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The timeline of a case (办件时间线): what happened to its messages, in order, where they are now and what is in the way.

All of it is put together from what the journal and the archive say, so it is the same before and after archiving.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from certs.operator_words import OperatorWord
from hub.ports.journal import Breaker, DeliveryView, Gate, MessageView, ParkedView, State, TransactionPart

BEGINS, STEP, UNDO, ENDED = "begins", "step", "undo", "ended"
"""What a message is to a business transaction."""
_FINAL = frozenset({State.DELIVERED, State.EXPIRED, State.WITHDRAWN, State.SKIPPED})


class What(StrEnum):
    """What happened."""

    ACCEPTED = "accepted"
    """A message came, and its sender has the receipt."""
    PARKED = "parked"
    """It waited for what must come before it, by the rule in ``code``; ``until`` says how long."""
    RELEASED = "released"
    """It was let out into its lanes; ``state`` says how: released, passed_on after its time, adopted with its case."""
    HELD = "held"
    """A delivery had to wait behind another one of its case; ``until`` says how long."""
    ATTEMPT = "attempt"
    """It was sent, or asked about; ``state`` is what came of it."""
    TOLD_LATE = "told_late"
    """Something was told of an attempt when that decided nothing any more."""
    SETTLED = "settled"
    """It came to its end otherwise than by an attempt: by the final answer, by time, by an operator."""
    ACT = "act"
    """An operator did something to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. Fields that say nothing of it are empty."""

    at: datetime
    what: What
    message: UUID
    contract: str
    topic: str
    """What the message is about: application, seal, notice, shipment…: the middle of its contract's name."""
    system: str = ""
    destination: str = ""
    delivery: UUID | None = None
    attempt: int | None = None
    state: str = ""
    code: str = ""
    detail: str = ""
    reference: str = ""
    until: datetime | None = None
    by: str = ""
    reason: str = ""
    transaction: UUID | None = None
    """The business transaction whose part the message is; ``part`` is which, ``step`` of which step, ``why`` it is undone."""
    part: str = ""
    step: str = ""
    why: str = ""


class Hindrance(StrEnum):
    """What a delivery waits for."""

    RULE = "rule"
    """What must come before it, by the rule in ``code``."""
    ANOTHER = "another"
    """One before it in its lane."""
    PAUSED = "paused"
    BREAKER = "breaker"
    RETRY = "retry"
    """The pause before it is tried again."""
    ANSWER = "answer"
    """The far side has it, and its final answer is to come."""
    DOUBT = "doubt"
    """Nobody knows whether it arrived."""
    DEAD = "dead"
    """A person must send it again or discard it."""
    NOTHING = "nothing"
    """It is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """One delivery that has not come to its end, or a message that waits before it has any.

    ``blocked_by``: the delivery ahead; ``until``: when it goes on by itself.
    """

    message: UUID
    contract: str
    destination: str = ""
    delivery: UUID | None = None
    state: State | None = None
    position: int | None = None
    hindrance: Hindrance
    code: str = ""
    blocked_by: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def entries(
    messages: Sequence[MessageView], waiting: Sequence[ParkedView] = (), parts: Sequence[TransactionPart] = ()
) -> Sequence[Entry]:
    """Everything that happened, in order; what happened at one moment stands in the order in which it follows.

    ``waiting`` are the messages that are parked still, ``parts`` what messages are to business transactions.
    """
    ahead = _by_position(messages)
    found = [entry for message in messages for entry in _of_message(message, ahead)]
    known = {message.id: message for message in messages}
    found += [
        _parked(known[one.message], topic_of(one.contract), one.reason, one.parked_at, None)
        for one in waiting
        if one.message in known
    ]
    of = {one.message: one for one in parts}
    found = [_as_part(entry, of[entry.message]) if entry.message in of else entry for entry in found]
    return sorted(found, key=lambda entry: entry.at)


def _as_part(entry: Entry, part: TransactionPart) -> Entry:
    kind, step = part_of(part.name)
    return replace(
        entry, transaction=part.transaction, part=kind, step=step, why=part.why if kind in {UNDO, ENDED} else ""
    )


def part_of(name: str) -> tuple[str, str]:
    """What an emission is to its transaction, and of which step: begins, step, undo or ended."""
    kind, _, rest = name.partition(".")
    return (BEGINS, "") if not kind else (kind, "" if kind == ENDED else rest.partition(".")[0])


def whereabouts(
    messages: Sequence[MessageView], gates: Mapping[str, Gate], now: datetime, waiting: Sequence[ParkedView] = ()
) -> Sequence[Whereabouts]:
    """Every message that waits and every delivery that is not finished, in the order of their messages."""
    return [
        *(_of_parking(one) for one in waiting),
        *_of_deliveries(messages, gates, now),
    ]


def _of_parking(one: ParkedView) -> Whereabouts:
    return Whereabouts(
        message=one.message,
        contract=one.contract,
        hindrance=Hindrance.RULE,
        code=one.reason,
        since=one.parked_at,
        until=one.pass_at,
    )


def _of_deliveries(messages: Sequence[MessageView], gates: Mapping[str, Gate], now: datetime) -> Sequence[Whereabouts]:
    return [
        _whereabouts(message, delivery, gates.get(delivery.destination), now)
        for message in messages
        for delivery in message.deliveries
        if delivery.state not in _FINAL
    ]


def topic_of(contract: str) -> str:
    """``cn.gov.seal.requested`` is about a seal."""
    parts = contract.split(".")
    return parts[-2] if len(parts) > 1 else contract


def _by_position(messages: Sequence[MessageView]) -> Mapping[tuple[str, int], DeliveryView]:
    return {(one.destination, one.position): one for message in messages for one in message.deliveries}


def _of_message(message: MessageView, ahead: Mapping[tuple[str, int], DeliveryView]) -> Iterator[Entry]:
    topic = topic_of(message.contract)
    yield Entry(
        at=message.accepted_at,
        what=What.ACCEPTED,
        message=message.id,
        contract=message.contract,
        topic=topic,
        system=message.system,
    )
    for delivery in message.deliveries:
        yield from _of_delivery(message, topic, delivery, ahead.get((delivery.destination, delivery.position - 1)))
    for word in message.words:
        if word.since is None:
            yield _of_operator(message, topic, word, What.ACT)
        else:
            yield _parked(message, topic, word.code, word.since, word.at)
            yield _of_operator(message, topic, word, What.RELEASED)


def _of_delivery(
    message: MessageView, topic: str, delivery: DeliveryView, before: DeliveryView | None
) -> Iterator[Entry]:
    def entry(at: datetime, what: What, **told: object) -> Entry:
        return Entry(
            at=at,
            what=what,
            message=message.id,
            contract=message.contract,
            topic=topic,
            destination=delivery.destination,
            delivery=delivery.id,
            **told,  # type: ignore[arg-type]  # because each caller below names fields of the entry
        )

    if (held := _held(message, delivery, before)) is not None:
        yield entry(message.accepted_at, What.HELD, until=held.until, state=State.WAITING.value)
    for attempt in delivery.attempts:
        yield entry(
            attempt.ended_at,
            What.ATTEMPT,
            attempt=attempt.attempt,
            state=attempt.state.value,
            code=attempt.code,
            detail=attempt.detail,
        )
        if (late := attempt.told_late) is not None:
            yield entry(
                late.at,
                What.TOLD_LATE,
                attempt=attempt.attempt,
                state=late.state.value,
                code=late.code,
                detail=late.detail,
                reference=late.reference,
            )
    if delivery.settled_at is not None and not _by_attempt(delivery):
        yield entry(
            delivery.settled_at,
            What.SETTLED,
            state=delivery.state.value,
            code=delivery.code,
            detail=delivery.detail,
            reference=delivery.reference,
        )


@dataclass(frozen=True, slots=True)
class _Held:
    until: datetime | None


def _held(message: MessageView, delivery: DeliveryView, before: DeliveryView | None) -> _Held | None:
    """Whether it had to wait behind the one before it in its lane when it came; without an end it still does."""
    if delivery.blocked_by is not None:
        return _Held(None)
    if before is None or before.settled_at is None or before.settled_at <= message.accepted_at:
        return None
    sent = min((one.started_at for one in delivery.attempts), default=None)
    if sent is not None and sent < before.settled_at:
        return None  # its lane had gone on before
    return _Held(before.settled_at)


def _by_attempt(delivery: DeliveryView) -> bool:
    return any(one.state == delivery.state and one.ended_at == delivery.settled_at for one in delivery.attempts)


def _parked(message: MessageView, topic: str, rule: str, at: datetime, until: datetime | None) -> Entry:
    return Entry(
        at=at, what=What.PARKED, message=message.id, contract=message.contract, topic=topic, code=rule, until=until
    )


def _of_operator(message: MessageView, topic: str, word: OperatorWord, what: What) -> Entry:
    return Entry(
        at=word.at,
        what=what,
        message=message.id,
        contract=message.contract,
        topic=topic,
        destination=word.destination,
        delivery=word.delivery,
        state=word.what,
        code=word.code,
        by=word.by,
        reason=word.reason,
    )


def _whereabouts(message: MessageView, delivery: DeliveryView, gate: Gate | None, now: datetime) -> Whereabouts:
    hindrance, since, until = _hindrance(delivery, gate, now)
    return Whereabouts(
        message=message.id,
        contract=message.contract,
        destination=delivery.destination,
        delivery=delivery.id,
        state=delivery.state,
        position=delivery.position,
        hindrance=hindrance,
        code=delivery.code,
        blocked_by=delivery.blocked_by if hindrance is Hindrance.ANOTHER else None,
        since=since,
        until=until,
    )


def _hindrance(
    delivery: DeliveryView, gate: Gate | None, now: datetime
) -> tuple[Hindrance, datetime | None, datetime | None]:
    """What is in the way, since when, and until when where that is known."""
    last = max((one.ended_at for one in delivery.attempts), default=None)
    match delivery.state:
        case State.DEAD:
            return Hindrance.DEAD, last, None
        case State.IN_DOUBT:
            return Hindrance.DOUBT, last, None
        case State.ACCEPTED:
            return Hindrance.ANSWER, last, delivery.answer_due
        case _ if delivery.blocked_by is not None:
            return Hindrance.ANOTHER, None, None
        case _ if gate is not None and gate.paused is not None:
            return Hindrance.PAUSED, gate.paused.at, None
        case _ if gate is not None and gate.breaker is not Breaker.CLOSED:
            return Hindrance.BREAKER, gate.since, gate.probe_at
        case _ if delivery.due_at is not None and delivery.due_at > now and delivery.state is State.WAITING:
            return Hindrance.RETRY, last, delivery.due_at
        case _:
            return Hindrance.NOTHING, None, None
