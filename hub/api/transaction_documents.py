# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON documents about business transactions (业务事务)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from hub.api.dead_documents import Act
from hub.api.documents import Document, says
from hub.ports.journal import Emission, TransactionView


class StepFate(Document):
    """What became of a step's message at one destination."""

    destination: str
    state: str
    code: str


class EmittedStep(Document):
    """One message of a transaction: a step, a compensation, or what it has come to."""

    name: Annotated[
        str, says("step.步骤、undo.步骤（补偿）、ended.结果", "step.NAME, undo.NAME (its compensation), ended.OUTCOME")
    ]
    message: UUID | None
    sentAt: datetime  # noqa: N815  # because it is the wire's name
    refused: Annotated[str, says("中枢拒收的代码", "The code with which the hub itself refused it")]
    fates: list[StepFate]
    closedAt: Annotated[  # noqa: N815  # because it is the wire's name
        datetime | None, says("自此不再发送", "Since then nothing of it is sent, whoever asks for it")
    ]
    tookEffect: Annotated[  # noqa: N815  # because it is the wire's name
        bool | None, says("停发时是否已生效或可能已生效", "When it was closed: whether it took effect, or perhaps did")
    ]


class Transaction(Document):
    """One transaction and how it stands."""

    transaction: UUID
    destination: str
    case: str
    message: Annotated[UUID, says("发起它的消息", "The message that began it")]
    standing: Annotated[
        str,
        says(
            "under_way、in_doubt、undoing、needs_person、completed、undone",
            "under_way, in_doubt, undoing, needs_person, completed or undone",
        ),
    ]
    why: Annotated[
        str,
        says(
            "撤销或需人裁定的原因：步骤与代码",
            "Why it is undone or needs a person: the step, where one failed, and the code",
        ),
    ]
    since: datetime
    awaits: Annotated[
        str | None, says("等人裁定的步骤或补偿", "The step or compensation that a person must decide about")
    ]
    begunAt: datetime  # noqa: N815  # because it is the wire's name
    endedAt: datetime | None  # noqa: N815  # because it is the wire's name


class TransactionWithSteps(Transaction):
    """One transaction with everything that it has sent."""

    steps: list[EmittedStep]


class Transactions(Document):
    """A page, the newest first."""

    transactions: list[Transaction]
    next: UUID | None


class StepDecision(Act):
    """What a person decides about the step, or the compensation, that waits for it."""

    step: Annotated[
        str,
        Field(min_length=1, max_length=60),
        says("所见的 awaits", "The `awaits` that was looked at; another one is refused"),
    ]


def transaction_document(one: TransactionView, *, steps: bool = False) -> dict[str, Any]:
    """One transaction; with its steps, if they were looked up."""
    told = {
        "transaction": one.id,
        "destination": one.destination,
        "case": one.case,
        "message": one.message,
        "standing": one.standing,
        "why": one.why,
        "since": one.standing_at,
        "awaits": one.awaits or None,
        "begunAt": one.begun_at,
        "endedAt": one.finished_at,
    }
    return {**told, "steps": [_step(step) for step in one.steps]} if steps else told


def transactions_document(
    found: Sequence[TransactionView], limit: int, shown: Sequence[TransactionView] | None = None
) -> dict[str, Any]:
    """A page; ``shown``: those of it that may be told, all unless said."""
    return {
        "transactions": [transaction_document(one) for one in (found if shown is None else shown)],
        "next": found[-1].id if len(found) >= limit else None,
    }


def _step(one: Emission) -> dict[str, Any]:
    return {
        "name": one.name,
        "message": one.message,
        "sentAt": one.named_at,
        "refused": one.refused,
        "fates": [
            {"destination": destination, "state": fate.state.value, "code": fate.code}
            for destination, fate in sorted(one.fates.items())
        ],
        "closedAt": one.closed_at,
        "tookEffect": one.taken if one.closed_at is not None else None,
    }
