# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How the steps of a transaction stand, from what was emitted, what became of that, and what has joined: a pure table.

A step's message is emitted as ``step.NAME``, its compensation as ``undo.NAME``; what a person has sent once more has a number
after that (``undo.NAME.1``). Of a step, the first line that fits holds.

    its condition does not hold                         not needed
    not emitted                                         waiting
    a person has settled it                             settled
    its answer says yes                                 done
    its answer says no                                  failed
    the hub refused its message                         failed
    nobody knows what became of a delivery              in doubt
    a delivery is under way, or an answer is to come    under way
    a delivery failed                                   failed
    everything is delivered                             done

A step that was closed (nothing of it is sent any more) has failed, or it took effect, or perhaps did, and is to be undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from contracts.codes import StepStanding
from hub.ports.journal import WHOLE, WORD, Emission, Joined, Process, State
from hub.processors.transaction.config import StepSettings, TransactionConfig
from hub.processors.transaction.values import holds
from hub.processors.transaction.writing import answer_of, decides, type_of

STEP, UNDO = "step", "undo"
OVER = frozenset({StepStanding.DONE, StepStanding.SETTLED, StepStanding.NOT_NEEDED})
"""How a step stands after which the next may go out."""
WITHDRAWN, ORDERED = "WITHDRAWN", "UNDO_ORDERED"
"""Why a transaction is undone of which nothing failed: its sender, or an operator, wants it."""
SETTLE, RETRY = "settle", "retry"
"""The words of a person: it was seen to by hand; send it once more."""
_NO_FAILURE = frozenset({State.DELIVERED, State.WAITING, State.OFFERED, State.SENDING, State.ACCEPTED})
_UNDER_WAY = frozenset({State.WAITING, State.OFFERED, State.SENDING, State.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Sent:
    """What was emitted of one step, or of its compensation: the last try counts. ``word`` is a person's about it. ``heard`` is
    how it stood before it was closed.
    """

    last: Emission | None
    tries: int
    standing: StepStanding
    heard: StepStanding
    code: str = ""
    word: str = ""

    @property
    def name(self) -> str:
        """The name of the last try; empty where there is none."""
        return self.last.name if self.last is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. ``refused``: its answer said no. ``due_at``: by when it must be done."""

    settings: StepSettings
    sent: Sent
    undo: Sent
    refused: bool
    due_at: datetime | None

    @property
    def name(self) -> str:
        """Its name."""
        return self.settings.name

    @property
    def standing(self) -> StepStanding:
        """How it stands, its compensation included."""
        if self.undo.last is not None:
            return {
                StepStanding.DONE: StepStanding.UNDONE,
                StepStanding.SETTLED: StepStanding.SETTLED,
                StepStanding.FAILED: StepStanding.NOT_UNDONE,
            }.get(self.undo.standing, StepStanding.UNDOING)
        return StepStanding.UNDOING if self.to_undo else self.sent.standing

    @property
    def open(self) -> bool:
        """Whether its message was accepted and something of it may still be sent."""
        last = self.sent.last
        return last is not None and last.message is not None and last.closed_at is None

    @property
    def closed(self) -> bool:
        """Whether it is sent no more, though no person said so: the transaction is being undone."""
        return self.sent.last is not None and self.sent.last.closed_at is not None and not self.sent.word

    @property
    def to_undo(self) -> bool:
        """Whether it took effect, or perhaps did, and that is to be undone."""
        last = self.sent.last
        return self.closed and last is not None and last.taken and not self.refused

    @property
    def irrevocable(self) -> bool:
        """Whether it cannot be undone, and has taken effect or may still."""
        last = self.sent.last
        if not self.settings.irreversible or last is None or last.refused or self.refused:
            return False
        if self.sent.standing is not StepStanding.FAILED:
            return True
        return last.taken or any(fate.doubtful or fate.state is State.DELIVERED for fate in last.fates.values())

    def ended_by(self, decided_at: datetime | None) -> bool:
        """Whether it was over when the transaction was decided to be undone; what was being sent then ended later."""
        last = self.sent.last
        closed_at = None if last is None else last.closed_at
        return decided_at is None or last is None or bool(last.refused) or closed_at == decided_at

    def late(self, now: datetime, decided_at: datetime | None) -> bool:
        """Whether it is not done in time, or was not when the transaction was decided to be undone."""
        done = self.sent.heard in OVER and self.ended_by(decided_at)
        return self.due_at is not None and (decided_at or now) >= self.due_at and not done


@dataclass(frozen=True, slots=True)
class Survey:
    """A process as a transaction. ``taken_back``: why it is to be undone though nothing of it failed; empty: it is not."""

    message: Mapping[str, Any]
    steps: Sequence[Step]
    taken_back: str
    words: int

    @property
    def complete(self) -> bool:
        """Whether nothing is left to be done."""
        return not self.undoing and all(step.sent.standing in OVER for step in self.steps)

    @property
    def undoing(self) -> bool:
        """Whether it was decided that it is undone: from the moment at which a step was closed."""
        return self.decided_at is not None

    @property
    def decided_at(self) -> datetime | None:
        """When that was decided."""
        closed = [step.sent.last.closed_at for step in self.steps if step.closed and step.sent.last is not None]
        return min((at for at in closed if at is not None), default=None)


def survey(config: TransactionConfig, process: Process, now: datetime) -> Survey:
    """How a transaction stands at this moment."""
    message = orjson.loads(process.canonical)
    joined = [(orjson.loads(one.attributes), one) for one in process.joined]
    words = {said["name"]: _word(one) for said, one in joined if said["type"] == WORD}
    return Survey(
        message,
        [_step(one, process, words, config, now) for one in config.steps],
        taken_back=next((code for said, one in joined if (code := _takes_back(config, said, one))), ""),
        words=len(words),
    )


def _takes_back(config: TransactionConfig, said: Mapping[str, Any], one: Joined) -> str:
    """By its sender, or by an operator: whoever was first."""
    if said["type"] == WORD:
        return ORDERED if said["name"] == WHOLE else ""
    withdrawal = config.withdrawal
    if withdrawal is None or said["type"] != type_of(withdrawal.contract):
        return ""
    return WITHDRAWN if holds(withdrawal.when, orjson.loads(one.canonical)) else ""


def _step(
    settings: StepSettings,
    process: Process,
    words: Mapping[str, str],
    config: TransactionConfig,
    now: datetime,
) -> Step:
    message = orjson.loads(process.canonical)
    said = answer_of(config, settings, process)
    answered = None if said is None or settings.until is None else decides(settings.until, said)
    first = process.emissions.get(f"{STEP}.{settings.name}")
    due_at = None
    if first is not None and settings.within_seconds is not None:
        due_at = _last(process, STEP, settings.name, first).named_at + timedelta(seconds=settings.within_seconds)
    patient = settings.on_dead == "wait" and due_at is not None and now < due_at
    sent = _sent(
        process, STEP, settings.name, words, answered=answered, awaited=settings.until is not None, patient=patient
    )
    if first is None and not holds(settings.when, message):
        sent = replace(sent, standing=StepStanding.NOT_NEEDED, heard=StepStanding.NOT_NEEDED)
    return Step(
        settings=settings,
        sent=sent,
        undo=_sent(process, UNDO, settings.name, words, answered=None, awaited=False, patient=False),
        refused=answered is False,
        due_at=due_at,
    )


def _last(process: Process, kind: str, step: str, first: Emission) -> Emission:
    last, tries = first, 1
    while (again := process.emissions.get(try_name(kind, step, tries))) is not None:
        last, tries = again, tries + 1
    return last


def try_name(kind: str, step: str, number: int) -> str:
    """The name of a try: the first has no number."""
    return f"{kind}.{step}.{number}" if number else f"{kind}.{step}"


def _sent(
    process: Process,
    kind: str,
    step: str,
    words: Mapping[str, str],
    *,
    answered: bool | None,
    awaited: bool,
    patient: bool,
) -> Sent:
    tries = 0
    while try_name(kind, step, tries) in process.emissions:
        tries += 1
    if not tries:
        return Sent(None, 0, StepStanding.WAITING, StepStanding.WAITING)
    last = process.emissions[try_name(kind, step, tries - 1)]
    word = words.get(last.name, "")
    heard, code = _heard(last, answered=answered, awaited=awaited, patient=patient)
    standing = heard
    if last.closed_at is not None and not word:
        standing = StepStanding.DONE if last.taken else StepStanding.FAILED
    elif word == SETTLE and heard is not StepStanding.DONE:
        standing = StepStanding.SETTLED
    return Sent(last, tries, standing, heard, code, word)


def _heard(last: Emission, *, answered: bool | None, awaited: bool, patient: bool) -> tuple[StepStanding, str]:
    codes = [fate.code for fate in last.fates.values() if fate.state not in _NO_FAILURE]
    code = last.refused or next(iter(codes), "")
    states = {fate.state for fate in last.fates.values()}
    match answered:
        case True:
            return StepStanding.DONE, ""
        case False:
            return StepStanding.FAILED, "ANSWERED_NO"
        case _ if last.refused:
            return StepStanding.FAILED, code
        case _ if State.IN_DOUBT in states:
            return StepStanding.IN_DOUBT, code
        case _ if not states or states & _UNDER_WAY or (patient and State.DEAD in states):
            return StepStanding.UNDER_WAY, code
        case _ if states != {State.DELIVERED}:
            return StepStanding.FAILED, code
        case _:
            return (StepStanding.UNDER_WAY if awaited else StepStanding.DONE), ""


def _word(one: Joined) -> str:
    said: str = orjson.loads(one.canonical)["word"]
    return said
