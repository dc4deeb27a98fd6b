# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What operators may do about dead letters and destinations, the same for the API and the command line. 操作"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import orjson

from certs.receipt import Statement, outcome_statement
from contracts.registry import Registry
from hub.clearance import Clearance, OutOfScope
from hub.operators import EVERYWHERE, Scope
from hub.passage import Place
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import (
    MOST_IN_REPLAY,
    Act,
    Acted,
    DeadEntry,
    Ending,
    Irrevocable,
    Journal,
    JournalDown,
    Leaf,
    Named,
    NoSuch,
    NotAwaited,
    OfGroup,
    Pace,
    Previewed,
    Repeat,
    Repeated,
    RequestTaken,
    Selection,
    State,
)
from hub.replanning import replanned
from hub.route_book import RouteBook
from hub.second_person import SecondPerson, Unapproved

MOST = 1000
"""Deliveries that one act may name, discard or have planned anew. A replay as recorded takes whole groups."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks, how it came, under which name of the client's, and why; ``scope`` is for whom they are there."""

    actor: str
    via: str
    request: str
    reason: str
    scope: Scope = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Undone:
    """All that was named and is not open any more had been closed by its transaction; the act changed nothing."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """The deliveries by which it was decided, so that no others are touched; None: it did not matter which they are."""

    entries: Sequence[DeadEntry] | None


Answer: TypeAlias = Acted | NoSuch | RequestTaken | JournalDown | OutOfScope | Unapproved


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """All that acting needs; beside a running hub or without any."""

    hub: str
    clock: Clock
    ids: Ids
    journal: Journal
    registry: Registry
    routes: RouteBook
    places: Mapping[str, Place]
    partitions: int
    second: SecondPerson | None = None

    async def preview(
        self, wanted: Named | OfGroup, *, replan: bool, scope: Scope = EVERYWHERE
    ) -> Previewed | OutOfScope | JournalDown:
        """What a resend would do now."""
        if not scope.whole:
            entries = await self._every_entry(wanted, MOST if replan else MOST_IN_REPLAY)
            if isinstance(entries, JournalDown):
                return entries
            if beyond := await self.clearance.beyond(scope, entries):
                return beyond
        selection = await self._selection(wanted, None, replan=replan)
        if isinstance(selection, JournalDown):
            return selection
        return await self.journal.replays.preview(selection, list(self.places), self.clock.now())

    async def resend(self, order: Order, wanted: Named | OfGroup, pace: Pace, *, replan: bool) -> Answer:
        """Have deliveries sent again; the replay that does it has the act's id."""
        kind = "resolve" if isinstance(wanted, Named) and wanted.doubtful else "replay"
        act = self._act(kind, order, wanted, pace, "replanned" if replan else "recorded")
        how = f"by table {self.routes.active.table.version_id}" if replan else "as recorded"
        fixed = await self._cleared(act, order, wanted, MOST if replan else MOST_IN_REPLAY, (str(pace), how))
        if not isinstance(fixed, Frozen):
            return fixed
        selection = await self._selection(wanted, fixed.entries, replan=replan)
        if isinstance(selection, JournalDown):
            return selection
        return await self.journal.replays.start(act, selection, pace, list(self.places))

    async def preview_repeat(self, repeats: Sequence[Repeat]) -> Previewed | JournalDown:
        """What sending these once more would do now."""
        return await self.journal.replays.preview(Repeated(tuple(repeats)), list(self.places), self.clock.now())

    async def repeat(self, order: Order, reconciliation: UUID, repeats: Sequence[Repeat], pace: Pace) -> Answer:
        """Have what reconciling found missing sent once more; the replay that does it has the act's id."""
        messages = [f"{one.message} {one.destination}" for one in repeats]
        act = self._act("repush", order, f"reconciliation {reconciliation}", pace, *messages)
        if hindered := await self._hindered(act, order, messages, len(messages)):
            return hindered
        return await self.journal.replays.start(act, Repeated(tuple(repeats)), pace, list(self.places))

    async def discard(self, order: Order, wanted: Named | OfGroup) -> Answer | Undone:
        """Skip deliveries for good; at most :data:`MOST` at a time. Their lanes go on."""
        act = self._act("discard", order, wanted)
        fixed = await self._cleared(act, order, wanted, MOST)
        if not isinstance(fixed, Frozen):
            return fixed
        entries = await self._entries(wanted) if fixed.entries is None else fixed.entries
        if isinstance(entries, JournalDown):
            return entries
        endings = [self._ending(act, entry, State.SKIPPED, "SKIPPED", "") for entry in entries]
        return await self._ended(act, endings, wanted)

    async def resolve_delivered(self, order: Order, wanted: Named, reference: str) -> Answer | Undone:
        """Somebody found out that what is in doubt has arrived."""
        act = self._act("resolve", order, wanted, reference)
        fixed = await self._cleared(act, order, wanted, MOST, (reference,))
        if not isinstance(fixed, Frozen):
            return fixed
        entries = await self._entries(wanted) if fixed.entries is None else fixed.entries
        if isinstance(entries, JournalDown):
            return entries
        doubtful = [entry for entry in entries if entry.state is State.IN_DOUBT]
        endings = [self._ending(act, entry, State.DELIVERED, "RESOLVED", reference) for entry in doubtful]
        return await self._ended(act, endings, wanted)

    async def _ended(self, act: Act, endings: Sequence[Ending], wanted: Named | OfGroup) -> Answer | Undone:
        """End them; where that changed nothing since transactions had taken all of it back, say so."""
        answer = await self.journal.dead_letters.end(act, endings)
        if not isinstance(answer, Acted) or answer.applied or not isinstance(wanted, Named):
            return answer
        closed = await self.journal.transactions.closed(wanted.deliveries)
        if isinstance(closed, JournalDown):
            return closed
        return Undone() if closed else answer

    async def note(self, order: Order, group: int, text: str) -> Answer:
        """Leave a note on a group: whoever is there for some only must be there for all that is in it."""
        act = self._act("note", order, group, text)
        if not order.scope.whole:
            entries = await self._every_entry(OfGroup(group), MOST_IN_REPLAY)
            if isinstance(entries, JournalDown):
                return entries
            if beyond := await self.clearance.beyond(order.scope, entries):
                return beyond
        return await self.journal.dead_letters.note(act, group, text)

    async def stop(self, order: Order, replay: UUID) -> Answer:
        """Halt a replay."""
        beyond = await self.clearance.of_replay(order.scope, replay)
        return beyond or await self.journal.replays.stop(self._act("stop", order, replay), replay)

    async def resume(self, order: Order, replay: UUID) -> Answer:
        """Let a stopped replay go on."""
        beyond = await self.clearance.of_replay(order.scope, replay)
        return beyond or await self.journal.replays.resume(self._act("resume", order, replay), replay)

    async def _selection(
        self, wanted: Named | OfGroup, frozen: Sequence[DeadEntry] | None, *, replan: bool
    ) -> Selection | JournalDown:
        if not replan:
            return wanted if frozen is None else _named(wanted, frozen)
        entries = await self._entries(wanted) if frozen is None else frozen
        if isinstance(entries, JournalDown):
            return entries
        recorded = await self.journal.dead_letters.recorded([entry.message for entry in entries])
        if isinstance(recorded, JournalDown):
            return recorded
        return replanned(
            self.registry,
            self.routes.active,
            self.places,
            self.partitions,
            self.ids,
            entries,
            recorded,
        )

    async def _entries(self, wanted: Named | OfGroup) -> Sequence[DeadEntry] | JournalDown:
        match wanted:
            case Named(deliveries):
                return await self.journal.dead_letters.chosen(deliveries[:MOST])
            case OfGroup(group, seen):
                entries = await self.journal.dead_letters.entries(group, None, MOST)
                if isinstance(entries, JournalDown) or seen is None:
                    return entries
                return [entry for entry in entries if entry.failed_at <= seen]

    async def adopt(self, order: Order, case: str) -> Answer:
        """Take a case as under way before the hub knew it. ``applied`` counts the parked messages that went out."""
        act = self._act("adopt", order, case)
        waiting = await self.journal.dockets.parked_of(case)
        if isinstance(waiting, JournalDown):
            return waiting
        content = [case, *(str(one.message) for one in waiting)]
        hindered = await self.clearance.of_cases(act, order.scope, [case], content)
        return hindered or await self.journal.dockets.adopt(self.hub, act, case)

    async def decide_alias(self, order: Order, system: str, number: str, case: str) -> Answer:
        """Say whose number it is, where two cases were said to be; ``NoSuch``: there is no such case."""
        act = self._act("alias", order, f"{system} {number}", case)
        claimed: Sequence[str] | JournalDown = ()
        if not order.scope.whole:
            if not order.scope.has_organisation(system):
                return OutOfScope()
            claimed = await self.journal.jurisdictions.of_number(system, number)
        if isinstance(claimed, JournalDown):
            return claimed
        if hindered := await self.clearance.of_cases(act, order.scope, {case, *claimed}, [system, number, case]):
            return hindered
        return await self.journal.aliases.decide(act, system, number, case)

    async def decide_step(self, order: Order, transaction: UUID, emission: str, word: str) -> Answer | NotAwaited:
        """Say what becomes of the step, or the compensation, that a transaction needs a person for: ``retry`` or ``settle``."""
        act = self._act(f"transaction_{word}", order, f"{transaction} {emission}")
        if hindered := await self._of_transaction(act, order, transaction, [str(transaction), emission]):
            return hindered
        return await self.journal.transactions.decide(act, transaction, emission, word)

    async def undo_transaction(self, order: Order, transaction: UUID) -> Answer | Irrevocable:
        """Have a transaction undone now, as long as nothing irreversible of it has gone out."""
        final = {name: place.final for name, place in self.places.items() if place.final}
        act = self._act("transaction_undo", order, transaction)
        if hindered := await self._of_transaction(act, order, transaction, [str(transaction)]):
            return hindered
        return await self.journal.transactions.undo(act, transaction, final)

    async def _of_transaction(
        self, act: Act, order: Order, transaction: UUID, content: Sequence[str]
    ) -> OutOfScope | Unapproved | NoSuch | JournalDown | None:
        cases: list[str] = []
        if not order.scope.whole:
            view = await self.journal.transactions.view(transaction)
            if isinstance(view, NoSuch | JournalDown):
                return view
            cases = [view.case]
        return await self.clearance.of_cases(act, order.scope, cases, content)

    async def pause_destination(self, order: Order, destination: str) -> Answer:
        """Have a destination sent nothing until it is resumed. ``applied`` is 0 where it was paused already."""
        act = self._act("pause_destination", order, destination)
        missing = await self._missing(destination) or await self._hindered(act, order, [], 1, destination)
        return missing or await self.journal.gates.pause(act)

    async def resume_destination(self, order: Order, destination: str) -> Answer:
        """Have it sent to again. ``applied`` is 0 where it was not paused."""
        act = self._act("resume_destination", order, destination)
        missing = await self._missing(destination) or await self._hindered(act, order, [], 1, destination)
        return missing or await self.journal.gates.resume(act)

    async def _hindered(
        self, act: Act, order: Order, content: Sequence[str], size: int, destination: str = ""
    ) -> OutOfScope | Unapproved | JournalDown | None:
        return await self.clearance.of_place(act, order.scope, content, size, destination)

    @property
    def clearance(self) -> Clearance:
        """What keeps an operator from an act."""
        return Clearance(jurisdictions=self.journal.jurisdictions, places=self.places, second=self.second)

    async def _cleared(
        self, act: Act, order: Order, wanted: Named | OfGroup, most: int, more: Sequence[str] = ()
    ) -> Frozen | OutOfScope | Unapproved | JournalDown:
        """What may be touched now: the very deliveries that were seen, where the scope or a second person decided by them."""
        second = self.second
        if order.scope.whole and (second is None or act.kind not in second.beyond):
            return Frozen(None)
        entries = await self._every_entry(wanted, most)
        if isinstance(entries, JournalDown):
            return entries
        if isinstance(wanted, OfGroup):
            entries = [one for one in entries if one.replay is None]  # those have somebody's hand on them
        if beyond := await self.clearance.beyond(order.scope, entries):
            return beyond
        if second is not None:
            content = [f"{one.delivery} {one.state.value} {one.attempt}" for one in entries]
            if hindered := await second.cleared(act, [*content, *more], len(entries)):
                return hindered
        return Frozen(entries)

    async def _every_entry(self, wanted: Named | OfGroup, most: int) -> Sequence[DeadEntry] | JournalDown:
        """All of them, page by page, up to what one act takes."""
        if isinstance(wanted, Named):
            return await self.journal.dead_letters.chosen(wanted.deliveries[:most])
        entries: list[DeadEntry] = []
        while len(entries) < most:
            after = (entries[-1].failed_at, entries[-1].delivery) if entries else None
            page = await self.journal.dead_letters.entries(wanted.group, after, MOST)
            if isinstance(page, JournalDown):
                return page
            entries += [one for one in page if wanted.seen is None or one.failed_at <= wanted.seen]
            if len(page) < MOST or (wanted.seen is not None and page[-1].failed_at > wanted.seen):
                break
        return entries[:most]

    async def _missing(self, destination: str) -> NoSuch | JournalDown | None:
        """None for one that the deployment names, and for one that it named when it was shut: that can be resumed."""
        if destination in self.places:
            return None
        gates = await self.journal.gates.states()
        if isinstance(gates, JournalDown):
            return gates
        return None if destination in gates else NoSuch()

    def _act(self, kind: str, order: Order, wanted: Named | OfGroup | int | UUID | str, *more: object) -> Act:
        match wanted:
            case OfGroup(group, seen):
                subject, asked = f"group {group}", [str(seen)]
            case Named(deliveries):
                subject, asked = f"{len(deliveries)} deliveries", [str(one) for one in deliveries]
            case _:
                subject, asked = str(wanted), []
        return act_of(self.ids, self.clock, order, kind, subject, asked, [str(one) for one in more])

    def _ending(self, act: Act, entry: DeadEntry, state: State, code: str, reference: str) -> Ending:
        statement = outcome_statement(
            hub=self.hub,
            message_id=entry.message,
            delivery_id=entry.delivery,
            destination=entry.destination,
            attempt=entry.attempt,
            state=state.value,
            code=code,
            reference=reference,
            settled_at=act.acted_at,
            positive=state is State.DELIVERED,
            by=act.actor,
            reason=act.reason,
        )
        return Ending(entry, state, code, act.reason, reference, _leaf(self.ids, statement))


def _named(wanted: Named | OfGroup, frozen: Sequence[DeadEntry]) -> Named:
    doubtful = isinstance(wanted, Named) and wanted.doubtful
    return Named(tuple(one.delivery for one in frozen), doubtful, tuple(one.attempt for one in frozen))


def act_of(ids: Ids, clock: Clock, order: Order, kind: str, subject: str, *content: Sequence[str]) -> Act:
    """What is recorded of an order. ``content`` is all that makes it another order than one under the same request."""
    return Act(
        id=ids.new(),
        request=order.request,
        digest=hashlib.sha256(orjson.dumps([kind, subject, *content])).digest(),
        kind=kind,
        actor=order.actor,
        via=order.via,
        reason=order.reason,
        subject=subject,
        acted_at=clock.now(),
    )


def _leaf(ids: Ids, statement: Statement) -> Leaf:
    return Leaf(ids.new(), statement.kind, statement.body, statement.hash)
