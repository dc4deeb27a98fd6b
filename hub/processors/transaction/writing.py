# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a step, or its compensation, sends: its contract, and its data out of what came before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.contract import Contract
from hub.ports.journal import Process
from hub.processors.transaction.config import AnswerSettings, EmittedSettings, StepSettings, TransactionConfig
from hub.processors.transaction.values import holds, written


@dataclass(frozen=True, slots=True)
class Written:
    """A record and the contract that it is of."""

    contract: Contract
    data: Mapping[str, Any]

    @property
    def event(self) -> CloudEvent:
        """As it is emitted."""
        subject = self.data.get(self.contract.subject)
        return CloudEvent(
            id="",
            source="",
            type=self.contract.type,
            dataschema=self.contract.schema_uri,
            subject=subject if isinstance(subject, str) else None,
            data=dict(self.data),
        )


def type_of(contract: str) -> str:
    """The type of a contract that may be written with its version."""
    return contract.partition("@")[0]


def contract_of(name: str) -> Contract | None:
    """The contract of this name: its newest version unless another one is written."""
    type_, _, version = name.partition("@")
    versions = builtin().versions(type_)
    if not version:
        return versions[-1] if versions else None
    return next((one for one in versions if one.version == int(version)), None)


def versions_of(name: str) -> Sequence[Contract]:
    """All versions of a contract, the newest first; the one that is written, where one is."""
    if "@" in name:
        one = contract_of(name)
        return () if one is None else (one,)
    return tuple(reversed(builtin().versions(name)))


def begun_by(process: Process) -> Written:
    """The message that began a transaction."""
    contract = builtin().by_schema(orjson.loads(process.attributes)["dataschema"])
    assert contract is not None, "what it is was checked when it was accepted"
    return Written(contract, orjson.loads(process.canonical))


def step_of(config: TransactionConfig, name: str) -> StepSettings:
    """The step of this name."""
    return next(step for step in config.steps if step.name == name)


def step_written(config: TransactionConfig, step: StepSettings, process: Process, at: datetime, cause: str) -> Written:
    """What a step sends."""
    return laid_over(step, begun_by(process), scope(config, process, at, cause))


def undo_written(config: TransactionConfig, step: StepSettings, process: Process, at: datetime, cause: str) -> Written:
    """What undoes it."""
    assert step.compensation is not None, "what cannot be undone is not closed"
    first = process.emissions[f"step.{step.name}"]
    base = step_written(config, step, process, first.named_at, cause)
    return laid_over(step.compensation, base, scope(config, process, at, cause))


def laid_over(emitted: EmittedSettings, base: Written, places: Mapping[str, Any]) -> Written:
    """The data that is written, over that of the base where it is of the same contract; None takes a member out."""
    contract = contract_of(emitted.contract)
    assert contract is not None, "its faults were told"
    same = base.contract.type == contract.type and (
        base.contract.version == contract.version or "@" not in emitted.contract
    )
    data = {**(base.data if same else {}), **{name: written(value, places) for name, value in emitted.data.items()}}
    present = {name: value for name, value in data.items() if value is not None}
    return Written(base.contract if same else contract, present)


def scope(config: TransactionConfig, process: Process, at: datetime, cause: str) -> Mapping[str, Any]:
    """What places are looked up in. Steps are as they were sent: each from what is before it."""
    steps: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    places = {
        "message": orjson.loads(process.canonical),
        "transaction": process.id.hex,
        "now": at.isoformat(),
        "cause": cause,
        "step": steps,
        "answer": answers,
    }
    base = begun_by(process)
    for step in config.steps:
        sent = process.emissions.get(f"step.{step.name}")
        if sent is None or sent.named_at > at:
            continue
        steps[step.name] = laid_over(step, base, {**places, "now": sent.named_at.isoformat()}).data
        if (answer := answer_of(config, step, process)) is not None:
            answers[step.name] = answer
    return places


def number_of(config: TransactionConfig, step: StepSettings, message: Mapping[str, Any], process: UUID) -> str | None:
    """The number by which the answer to a step belongs to it."""
    assert step.until is not None, "only a step that waits for an answer has one"
    if step.until.by in step.data:
        number = written(step.data[step.until.by], {"message": message, "transaction": process.hex})
    else:
        number = message.get(step.until.by) if type_of(step.contract) == type_of(config.begins) else None
    return number if isinstance(number, str) else None


def answer_of(config: TransactionConfig, step: StepSettings, process: Process) -> Mapping[str, Any] | None:
    """The answer that decides about a step: the first that says yes or no, before nothing of it was sent any more."""
    sent = process.emissions.get(f"step.{step.name}")
    if step.until is None or sent is None:
        return None
    number = number_of(config, step, orjson.loads(process.canonical), process.id)
    for one in process.joined:
        if sent.closed_at is not None and one.joined_at > sent.closed_at:
            return None
        if orjson.loads(one.attributes)["type"] != type_of(step.until.contract):
            continue
        data: Mapping[str, Any] = orjson.loads(one.canonical)
        if data.get(step.until.by) == number and decides(step.until, data) is not None:
            return data
    return None


def decides(answer: AnswerSettings, data: Mapping[str, Any]) -> bool | None:
    """Whether an answer says yes, or no; None: neither."""
    if answer.refused and holds(answer.refused, data):
        return False
    return True if holds(answer.done, data) else None
