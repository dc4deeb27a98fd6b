# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The turns of processors: what they emit goes through ``accept``, what became of it comes back to them. 处理器的轮次

Any hub takes any process, for the length of a turn. Whatever is cut off by a crash is taken up when the turn's time is
over: named and not accepted, it is emitted under the same id; answered and not written down, it is answered again, which is
known then.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

import orjson

from connectors.sdk import Answer, Finding, Heard, Rejected, Unavailable
from contracts.bindings.http import write_structured
from contracts.cloudevent import CloudEvent
from contracts.refusal import Refusal
from hub.access.decision import Allowed
from hub.access.rulings import asking
from hub.outlet import Machine
from hub.passage import Received
from hub.path import accept_all
from hub.ports.journal import Closing, Emission, JournalDown, Kept, MessageView, PaceWish, Process, Rest
from hub.processors.processor import ASKED, Inquiry, Turn
from hub.replay_evidence import withdrawn_leaf
from hub.running import Hub

_TICK = 0.25
_AT_A_TIME = 100
_LOOKS = 500
_TURN = timedelta(seconds=30)
_SOON = timedelta(seconds=2)
_AFTER_A_BUG = timedelta(minutes=1)
_SAID_BEFORE = frozenset({"E_ID_REUSE", "E_TOO_OLD"})
_KEPT = timedelta(days=35)
_PURGE_EVERY = 600.0
_PURGED = 5000


async def process(hub: Hub) -> None:
    """Take turns until cancelled."""
    machines = {name: outlet.machine for name, outlet in hub.outlets.items() if outlet.machine is not None}
    if not machines:
        await asyncio.Event().wait()  # nothing to do, and a loop does not end
    async with asyncio.TaskGroup() as group:
        for name, machine in machines.items():  # apart, since a processor that asks may wait for an answer
            group.create_task(_serve(hub, {name: machine}))
        group.create_task(_purge(hub))


async def _serve(hub: Hub, machines: Mapping[str, Machine]) -> None:
    while True:
        if await take_turns(hub, machines) < _AT_A_TIME:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await hub.hearing.bell.wait()


async def _purge(hub: Hub) -> None:
    while True:
        await hub.clock.sleep(_PURGE_EVERY)
        await hub.journal.processes.purge(hub.clock.now() - _KEPT, _PURGED)


async def take_turns(hub: Hub, machines: Mapping[str, Machine]) -> int:
    """Hear what there is to be heard, then give a turn to those that are due; how many there were."""
    await hub.journal.processes.hear(hub.hearing.taken(), _LOOKS)
    taken = await hub.journal.processes.take(list(machines), _AT_A_TIME, hub.clock.now() + _TURN)
    if isinstance(taken, JournalDown) or not taken:
        return 0
    await _Turns(hub, machines, hub.clock.now()).take(taken)
    return len(taken)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A process in its turn. ``unsure`` are the emissions whose acceptance is not known, old ones and new ones."""

    process: Process
    turn: Turn
    unsure: tuple[Emission, ...] = ()


@dataclass(frozen=True, slots=True)
class _Turns:
    hub: Hub
    machines: Mapping[str, Machine]
    now: datetime

    async def take(self, processes: Sequence[Process]) -> None:
        paced = await self._paced(processes)
        if paced is None:
            return  # their time runs out, and they are taken again
        taken = [self._decided(one, {use: at for (of, use), at in paced.items() if of == one.id}) for one in processes]
        taken = await asyncio.gather(*(self._with_answers(one) for one in taken))
        taken = await asyncio.gather(*(self._closed(one) for one in taken))
        named = await asyncio.gather(*(self._named(one) for one in taken))
        await self._emit([one for one, stands in zip(taken, named, strict=True) if stands])

    async def _paced(self, processes: Sequence[Process]) -> Mapping[tuple[UUID, str], datetime | None] | None:
        wanted = [(one.id, wish) for one in processes for wish in self._wishes(one)]
        # Uses are told apart among all processes.
        wishes = [replace(wish, use=f"{process}:{wish.use}") for process, wish in wanted]
        answers = await self.hub.journal.processes.pace(wishes)
        if isinstance(answers, JournalDown):
            return None
        return {(process, wish.use): at for (process, wish), at in zip(wanted, answers, strict=True)}

    def _wishes(self, process: Process) -> Sequence[PaceWish]:
        try:
            return self.machines[process.destination].processor.wishes(process, self.now)
        except Exception as bug:  # noqa: BLE001  # because one process must not keep the others from their turns
            self._bug(process, bug)
            return ()

    def _decided(self, process: Process, paced: Mapping[str, datetime | None]) -> _Taken:
        old = tuple(one for one in process.emissions.values() if one.message is None and not one.refused)
        if old:  # cut off between naming and accepting: first that
            return _Taken(
                process, Turn(due_at=self.now, standing=process.standing, awaits=process.awaits, why=process.why), old
            )
        try:
            turn = self.machines[process.destination].processor.turn(process, self.now, paced)
        except Exception as bug:  # noqa: BLE001  # because of the same
            self._bug(process, bug)
            again = self.now + _AFTER_A_BUG
            return _Taken(
                process, Turn(due_at=again, standing=process.standing, awaits=process.awaits, why=process.why)
            )
        if turn.unknown_year is not None:
            self._lacking(process, turn.unknown_year)
        new = tuple(Emission(name=name, named_at=self.now) for name in turn.emit if name not in process.emissions)
        return _Taken(process, turn, new)

    async def _with_answers(self, taken: _Taken) -> _Taken:
        """Ask what is asked. Whoever is answered has another turn at once."""
        if not taken.turn.ask:
            return taken
        kept = await asyncio.gather(*(self._asked(taken.process, inquiry) for inquiry in taken.turn.ask))
        return replace(taken, turn=replace(taken.turn, due_at=self.now)) if any(kept) else taken

    async def _closed(self, taken: _Taken) -> _Taken:
        """Close what is to be closed, and what follows from that at once; nothing is emitted until then."""
        wish = taken.turn.close
        if wish is None:
            return taken
        process = taken.process
        closing = Closing(
            process=process.id, turn=process.turn, names=wish.names, because=wish.because, spared=wish.spared
        )
        leaf = partial(withdrawn_leaf, self.hub.name, self.hub.ids, self.now)
        closed = await self.hub.journal.transactions.close(closing, leaf, self.now)
        due_at = self.now if closed and not isinstance(closed, JournalDown) else taken.turn.due_at
        return replace(taken, turn=replace(taken.turn, emit=(), answer=None, replies={}, due_at=due_at), unsure=())

    async def _asked(self, process: Process, inquiry: Inquiry) -> bool:
        """Ask, and keep what the processor wants kept; whether it did."""
        system = self.machines[process.destination].system
        window = self.hub.lookups.get(inquiry.lookup)
        finding: Finding = Rejected("LOOKUP_NOT_ALLOWED", f"{system} may not ask {inquiry.lookup}")
        decision = asking(self.hub.rules.access, system, inquiry.lookup)
        if window is not None and isinstance(decision, Allowed):
            told = await window.ask(inquiry.criteria, system=system, purpose=inquiry.purpose, rule=decision.rule)
            # What cannot be recorded is not told: as if nobody could be asked.
            finding = (
                Unavailable("JOURNAL_DOWN: the journal is away") if isinstance(told, JournalDown) else told.finding
            )
        try:
            body = inquiry.keep(finding)
        except Exception as bug:  # noqa: BLE001  # because one process must not keep the others from their turns
            self._bug(process, bug)
            return False
        if body is None:
            return False
        attributes = orjson.dumps({"type": ASKED, "name": inquiry.name})
        id_ = uuid5(process.id, f"{ASKED} {inquiry.name}")
        kept = Kept(process=process.id, turn=process.turn, id=id_, attributes=attributes, body=body)
        return await self.hub.journal.processes.keep(kept) is None

    async def _named(self, taken: _Taken) -> bool:
        names = [one.name for one in taken.unsure if one.name not in taken.process.emissions]
        return not names or await self.hub.journal.processes.name(taken.process, names, self.now) is True

    async def _emit(self, taken: Sequence[_Taken]) -> None:
        """Have everything accepted, system by system, then let each process rest."""
        wanted: dict[str, list[tuple[UUID, Emission, CloudEvent]]] = {}
        known: dict[UUID, list[Emission]] = {one.process.id: [] for one in taken}
        for one in taken:
            for emission in one.unsure:
                event = self._event(one.process, emission)
                if event is None:
                    known[one.process.id].append(replace(emission, refused="E_BUG"))
                else:
                    wanted.setdefault(event.source, []).append((one.process.id, emission, event))
        unanswered: set[UUID] = set()
        for system, emissions in wanted.items():
            events = [(event, Received(*write_structured(event))) for _, _, event in emissions]
            answers = await accept_all(self.hub, system, events)
            for (process, emission, event), answer in zip(emissions, answers, strict=True):
                fate = await self._accepted(emission, event, answer)
                if fate is None:
                    unanswered.add(process)
                else:
                    known[process].append(fate)
        await asyncio.gather(
            *(self._rest(one, known[one.process.id], unanswered=one.process.id in unanswered) for one in taken)
        )

    async def _accepted(self, emission: Emission, event: CloudEvent, answer: bytes | Refusal) -> Emission | None:
        """What is known of an emission now; None: nothing, it is tried again."""
        match answer:
            case bytes():
                message = UUID(orjson.loads(answer)["message"])
            case Refusal(retry_after=float() | int()):
                return None
            case Refusal(code=code) if (
                code in _SAID_BEFORE
            ):  # in other words, since the settings have changed: it stands
                view = await self.hub.journal.lookups.message_by_sender_id(event.source, event.id)
                if isinstance(view, JournalDown):
                    return None
                if not isinstance(view, MessageView):
                    return replace(emission, refused=code)
                message = view.id
            case Refusal(code=code):
                return replace(emission, refused=code)
        self.hub.hearing.expect(message)
        return replace(emission, message=message)

    async def _rest(self, taken: _Taken, known: Sequence[Emission], *, unanswered: bool) -> None:
        process, turn = taken.process, taken.turn
        finished, due_at = False, turn.due_at
        if any(one.refused for one in known):
            due_at = self.now  # it hears of that at once
        if unanswered:
            due_at = self.now + _SOON
        elif turn.answer is not None or turn.replies:
            kept = await self._answered(process, turn)
            finished = kept and turn.answer is not None
            due_at = self.now + _SOON if not kept else None if finished else due_at
        rest = Rest(
            process=process.id,
            turn=process.turn,
            emissions=known,
            due_at=due_at,
            finished=finished,
            standing=turn.standing,
            awaits=turn.awaits,
            why=turn.why,
        )
        await self.hub.journal.processes.rest(rest)

    async def _answered(self, process: Process, turn: Turn) -> bool:
        """Whether its final answers are kept, or nobody will ever take them."""
        told = {**turn.replies, **({} if turn.answer is None else {process.id: turn.answer})}
        given = [Answer(str(delivery), answer, self.now) for delivery, answer in told.items()]
        try:
            heard = await self.machines[process.destination].answers.answered(given)
        except LookupError:
            self.hub.log.warning("nobody takes final answers", destination=process.destination)
            return True
        return Heard.TOO_MANY not in heard

    def _event(self, process: Process, emission: Emission) -> CloudEvent | None:
        machine = self.machines[process.destination]
        try:
            plain = machine.processor.event(process, emission.name, emission.named_at)
        except Exception as bug:  # noqa: BLE001  # because of the same
            self._bug(process, bug)
            return None
        id_ = str(uuid5(process.id, emission.name))
        return replace(plain, id=id_, source=machine.system, time=emission.named_at)

    def _lacking(self, process: Process, year: int) -> None:
        """Nothing is guessed, so a limit is missing: that must be heard of."""
        self.hub.log.error(
            "calendar year unknown, a limit is missing",
            destination=process.destination,
            process=str(process.id),
            year=year,
        )

    def _bug(self, process: Process, bug: Exception) -> None:
        self.hub.log.error("bug in a processor", destination=process.destination, process=str(process.id), exc_info=bug)
