# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What operators may do about deliveries whose final answer does not come (待答复): say what became of them, or have it asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from certs.receipt import outcome_statement
from contracts.refusal import Refusal
from contracts.text import Text
from hub.act_refusals import refusal_of
from hub.acting import MOST, Order, act_of
from hub.clearance import Clearance, OutOfScope
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import (
    RESOLVED,
    RESOLVED_REJECTED,
    Act,
    Acted,
    Decided,
    JournalDown,
    Leaf,
    RequestTaken,
    State,
    Unanswered,
    UnansweredDeliveries,
)
from hub.second_person import Unapproved


class Verdict(StrEnum):
    """What an operator says of a delivery that is not answered."""

    DELIVERED = "delivered"
    REJECTED = "rejected"
    ASK = "ask"
    """Nobody knows: the far side is to be asked now."""


@dataclass(frozen=True, slots=True)
class Mute:
    """The far sides of these destinations cannot be asked; nothing was done."""

    destinations: tuple[str, ...]


Answer: TypeAlias = Acted | Mute | RequestTaken | JournalDown | OutOfScope | Unapproved


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Beside a running hub or without any. ``askable``: destinations whose far side can be asked; ``yielding``: those whose lanes
    go on behind a dead letter.
    """

    hub: str
    clock: Clock
    ids: Ids
    unanswered: UnansweredDeliveries
    askable: frozenset[str]
    yielding: frozenset[str]
    clearance: Clearance

    async def decide(self, order: Order, deliveries: Sequence[UUID], verdict: Verdict, reference: str = "") -> Answer:
        """``applied`` counts those that still awaited their answer, and were in nobody's hand; at most :data:`hub.acting.MOST`.

        ``reference``: the far side's own proof, where it is delivered; the one under which it was accepted otherwise. To ask
        wants no second person.
        """
        named = list(dict.fromkeys(deliveries))[:MOST]
        entries = await self.unanswered.chosen(named)
        if isinstance(entries, JournalDown):
            return entries
        asked = [str(one) for one in named]
        act = act_of(
            self.ids, self.clock, order, "answer", f"{len(named)} deliveries", asked, [verdict.value, reference]
        )
        if beyond := await self.clearance.beyond(order.scope, entries):
            return beyond
        if verdict is Verdict.ASK:
            return await self._ask(act, entries)
        if (second := self.clearance.second) is not None:
            content = [f"{one.delivery} {one.attempt}" for one in entries]
            if hindered := await second.cleared(act, [*content, verdict.value, reference], len(entries)):
                return hindered
        return await self.unanswered.decide(act, [self._decision(act, one, verdict, reference) for one in entries])

    async def _ask(self, act: Act, entries: Sequence[Unanswered]) -> Answer:
        mute = sorted({one.destination for one in entries} - self.askable)
        if mute:
            return Mute(tuple(mute))
        return await self.unanswered.ask(act, [one.delivery for one in entries], act.acted_at)

    def _decision(self, act: Act, entry: Unanswered, verdict: Verdict, reference: str) -> Decided:
        delivered = verdict is Verdict.DELIVERED
        state, code = (State.DELIVERED, RESOLVED) if delivered else (State.DEAD, RESOLVED_REJECTED)
        proof = (reference or entry.reference) if delivered else ""
        statement = outcome_statement(
            hub=self.hub,
            message_id=entry.message,
            delivery_id=entry.delivery,
            destination=entry.destination,
            attempt=entry.attempt,
            state=state.value,
            code=code,
            reference=proof,
            settled_at=act.acted_at,
            positive=delivered,
            by=act.actor,
            reason=act.reason,
        )
        leaf = Leaf(self.ids.new(), statement.kind, statement.body, statement.hash)
        return Decided(entry, state, code, act.reason, proof, entry.destination in self.yielding, leaf)


def refused(answer: Mute | RequestTaken | JournalDown | OutOfScope | Unapproved) -> Refusal:
    """What an operator is told when an act was not recorded."""
    if not isinstance(answer, Mute):
        return refusal_of(answer)
    named = "、".join(answer.destinations)
    return Refusal(
        "E_NOT_ASKABLE",
        Text(
            f"这些目的地无法查询：{named}。", f"These destinations cannot be asked: {', '.join(answer.destinations)}."
        ),
    )
