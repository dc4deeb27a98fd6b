# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: each step goes out when the one before it is done; when one fails, what took effect is undone in reverse.

It emits ``step.NAME``, ``undo.NAME`` and what it has come to: ``ended.completed``, ``ended.undone``, and ``ended.person.N`` each
time that it needs a person, N being how many words it had before.

That it is undone is decided in the journal, by the commit that closes its steps: from then on nobody sends one again, an
operator's replay no more than anybody. Until that commit nothing is decided: a step that was sent again in time and arrived has
not failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from connectors.sdk import Delivered, Parcel, Rejected
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.codes import StepStanding, TransactionOutcome
from contracts.families.services import transaction_ended
from hub.ports.journal import PaceWish, Process
from hub.processors.processor import Close, Correlation, Turn
from hub.processors.transaction.config import TransactionConfig
from hub.processors.transaction.survey import OVER, RETRY, STEP, UNDO, Sent, Step, Survey, survey, try_name
from hub.processors.transaction.values import holds
from hub.processors.transaction.writing import number_of, step_of, step_written, type_of, undo_written

_ENDED = "ended."
_AGAIN = timedelta(seconds=5)
_LONGEST_CODE = 50


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a transaction is undone, or needs a person: of which step (None: of none), and whether that step failed."""

    code: str
    step: str | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Coordinator:
    """See :class:`hub.processors.processor.Processor`."""

    config: TransactionConfig

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What neither begins a transaction nor belongs to one."""
        taken = {type_of(self.config.begins), *self._joining()}
        if parcel.attributes.get("type") in taken:
            return None
        return Rejected("TRANSACTION_CONTRACT", f"this coordinator takes {', '.join(sorted(taken))}")

    def correlation(self, parcel: Parcel) -> Correlation:
        """Answers and withdrawals join by contract and number; what belongs to no transaction passes by."""
        contract, data = parcel.attributes["type"], orjson.loads(parcel.body)
        stray = Delivered("of no transaction")
        field = self._joining().get(contract)
        joins = _key(contract, data.get(field)) if field is not None else None
        if contract != type_of(self.config.begins) or not self._begins(data):
            return Correlation(joins=joins or _key(contract, None), stray=stray)
        number = data.get(self._number(parcel.attributes))
        keys = {_key("", number)} | {
            _key(type_of(step.until.contract), number_of(self.config, step, data, UUID(parcel.idempotency_key)))
            for step in self.config.steps
            if step.until is not None
        }
        if self.config.withdrawal is not None:
            keys.add(_key(type_of(self.config.withdrawal.contract), data.get(self.config.withdrawal.by)))
        taken = Rejected("TRANSACTION_EXISTS", "a transaction of this number is under way, or was lately")
        return Correlation(keys=frozenset(keys), taken=taken)

    def wishes(self, _process: Process, _now: datetime, /) -> Sequence[PaceWish]:
        """Nothing of it is paced."""
        return ()

    def turn(self, process: Process, now: datetime, _paced: Mapping[str, datetime | None], /) -> Turn:
        """Go on, or back."""
        found = survey(self.config, process, now)
        cause = _cause(found, now)
        if found.undoing or (cause is not None and not found.complete and not _irrevocable(found)):
            return replace(self._back(process, found, cause or Cause(""), now), why=_why(cause))
        if found.complete:
            return self._over(TransactionOutcome.COMPLETED, "completed")
        turn = self._forward(process, found, now)
        return replace(turn, why=_why(cause)) if turn.awaits else turn

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        """A step, a compensation, or what it has come to."""
        found = survey(self.config, process, named_at)
        cause = _cause(found, named_at) or Cause("")
        if name.startswith(_ENDED):
            return self._ended(process, found, name, named_at)
        kind, step, *_ = name.split(".")
        write = step_written if kind == STEP else undo_written
        return write(self.config, step_of(self.config, step), process, named_at, cause.code).event

    def _forward(self, process: Process, found: Survey, now: datetime) -> Turn:
        """Whatever failed here cannot be undone any more: it waits for a person."""
        emit: list[str] = []
        held = ""
        for step in found.steps:
            if step.sent.standing is StepStanding.FAILED or step.sent.word:
                match _worded(step.sent, STEP, step.name):
                    case Close() as close:
                        return Turn(close=close, due_at=now + _AGAIN, standing="under_way")
                    case str(again):
                        emit.append(again)
                    case None if step.sent.standing is StepStanding.FAILED:
                        held = held or step.sent.name
                    case None:
                        pass
        emit += _next(found) if not held else []
        doubt = any(step.sent.standing is StepStanding.IN_DOUBT for step in found.steps)
        dues = [step.due_at for step in found.steps if step.due_at is not None and step.due_at > now]
        if held:
            return self._person(process, found, held, emit, min(dues, default=None))
        return Turn(emit=emit, due_at=min(dues, default=None), standing="in_doubt" if doubt else "under_way")

    def _back(self, process: Process, found: Survey, cause: Cause, now: datetime) -> Turn:
        """First nothing of any step is sent any more, then what took effect is undone, the last one first."""
        if open_ := [step.sent.name for step in found.steps if step.open]:
            decided = found.undoing
            spared = frozenset(step.sent.name for step in found.steps if step.settings.irreversible)
            close = Close(open_, "" if decided else cause.because, spared)
            doubt = any(step.open and step.sent.standing is StepStanding.IN_DOUBT for step in found.steps)
            return Turn(close=close, due_at=now + _AGAIN, standing="in_doubt" if doubt else "undoing")
        for step in reversed(found.steps):
            if (step.to_undo or step.undo.last is not None) and step.settings.compensation is not None:
                turn = self._undo(process, found, step, now)
                if turn is not None:
                    return turn
        return self._over(TransactionOutcome.UNDONE, "undone")

    def _undo(self, process: Process, found: Survey, step: Step, now: datetime) -> Turn | None:
        """What is next to undo one step; None: it is undone."""
        match _worded(step.undo, UNDO, step.name):
            case Close() as close:
                return Turn(close=close, due_at=now + _AGAIN, standing="undoing")
            case str(again):
                return Turn(emit=(again,), standing="undoing")
            case None:
                pass
        match step.undo.standing:
            case StepStanding.WAITING:
                return Turn(emit=(try_name(UNDO, step.name, 0),), standing="undoing")
            case StepStanding.DONE | StepStanding.SETTLED:
                return None
            case StepStanding.FAILED:
                return self._person(process, found, step.undo.name, (), None)
            case StepStanding.IN_DOUBT:
                return Turn(standing="in_doubt")
            case _:
                return Turn(standing="undoing")

    def _person(
        self, process: Process, found: Survey, awaits: str, emit: Sequence[str], due_at: datetime | None
    ) -> Turn:
        told = f"{_ENDED}person.{found.words}"
        news = () if told in process.emissions else (told,)
        return Turn(emit=(*emit, *news), due_at=due_at, standing=TransactionOutcome.NEEDS_PERSON.value, awaits=awaits)

    def _over(self, outcome: TransactionOutcome, said: str) -> Turn:
        return Turn(emit=(f"{_ENDED}{outcome.value}",), answer=Delivered(said), standing=outcome.value)

    def _ended(self, process: Process, found: Survey, name: str, at: datetime) -> CloudEvent:
        told = name.removeprefix(_ENDED)
        outcome = TransactionOutcome.NEEDS_PERSON if told.startswith("person") else TransactionOutcome[told.upper()]
        cause = _cause(found, at) or Cause("FAILED")
        stuck = next((step for step in found.steps if step.undo.standing is StepStanding.FAILED), None)
        if stuck is not None:
            cause = Cause("COMPENSATION_FAILED", stuck.name)
        version = 1 + sum(one.startswith(_ENDED) for one in process.emissions if one != name)
        attributes = orjson.loads(process.attributes)
        data = {
            "matter_no": process.case,
            **{field: found.message.get(field) for field in ("region_code", "item_code", "department_code")},
            "transaction_no": process.id.hex,
            "request_id": attributes["id"],
            "outcome": outcome.value,
            "failed_step": cause.step if outcome is not TransactionOutcome.COMPLETED else None,
            "code": cause.code[:_LONGEST_CODE] if outcome is not TransactionOutcome.COMPLETED else None,
            "steps": [_told_step(step) for step in found.steps],
            "begun_at": min(process.begun_at, at).isoformat(),
            "ended_at": at.isoformat(),
            "record_version": min(version, 9999),
        }
        contract = transaction_ended.CONTRACT
        return CloudEvent(
            id="",
            source="",
            type=contract.type,
            dataschema=contract.schema_uri,
            subject=process.case,
            data={field: value for field, value in data.items() if value is not None},
        )

    def _begins(self, data: Mapping[str, Any]) -> bool:
        taken_back = self.config.withdrawal
        withdraws = (
            taken_back is not None
            and type_of(taken_back.contract) == type_of(self.config.begins)
            and holds(taken_back.when, data)
        )
        return holds(self.config.begins_when, data) and not withdraws

    def _number(self, attributes: Mapping[str, str]) -> str:
        if self.config.number is not None:
            return self.config.number
        contract = builtin().by_schema(attributes["dataschema"])
        assert contract is not None, "what it is was checked when it was accepted"
        return contract.subject

    def _joining(self) -> dict[str, str]:
        """What may join, and by which field."""
        joining = {type_of(step.until.contract): step.until.by for step in self.config.steps if step.until is not None}
        if self.config.withdrawal is not None:
            joining[type_of(self.config.withdrawal.contract)] = self.config.withdrawal.by
        return joining


def _next(found: Survey) -> list[str]:
    """The steps that may go out now: those whose predecessors are done, but for those that go together with them."""
    emit: list[str] = []
    before, group = True, True
    for step in found.steps:
        if not step.settings.together:
            before, group = before and group, True
        if not before:
            break
        if step.sent.standing is StepStanding.WAITING:
            emit.append(try_name(STEP, step.name, 0))
        group = group and step.sent.standing in OVER
    return emit


def _worded(sent: Sent, kind: str, step: str) -> Close | str | None:
    """What follows from a person's word about the last try: it is closed, then it is sent once more or counts as done."""
    last = sent.last
    if last is None or not sent.word or sent.standing is StepStanding.DONE:
        return None
    if last.message is not None and last.closed_at is None:
        return Close((last.name,), last.name)
    return try_name(kind, step, sent.tries) if sent.word == RETRY else None


def _irrevocable(found: Survey) -> bool:
    return any(step.irrevocable for step in found.steps)


def _cause(found: Survey, now: datetime) -> Cause | None:
    """Why it is or should be undone: as it was when that was decided."""
    for step in found.steps:
        if step.sent.heard is StepStanding.FAILED and step.ended_by(found.decided_at):
            certain = step.refused or step.sent.last is None or step.sent.last.refused
            return Cause(step.sent.code or "FAILED", step.name, "" if certain else step.sent.name)
    for step in found.steps:
        if step.late(now, found.decided_at):
            return Cause("TIME_IS_UP", step.name)
    return Cause(found.taken_back) if found.taken_back else None


def _why(cause: Cause | None) -> str:
    if cause is None:
        return ""
    return cause.code if cause.step is None else f"{cause.step}: {cause.code}"


def _told_step(step: Step) -> dict[str, Any]:
    standing = step.standing
    code = step.undo.code if standing is StepStanding.NOT_UNDONE else step.sent.code
    failed = standing in (StepStanding.FAILED, StepStanding.NOT_UNDONE)
    told = {"step": step.name, "contract": type_of(step.settings.contract), "standing": standing.value}
    return {**told, "code": code[:_LONGEST_CODE]} if failed and code else told


def _key(contract: str, number: Any) -> str:
    return f"{contract} {number}"
