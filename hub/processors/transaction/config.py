# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a coordinator of transactions."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from connectors.sdk import STRICT

ContractName = Annotated[str, Field(pattern=r"^[a-z0-9]+(\.[a-z0-9_]+)+(@[1-9][0-9]{0,3})?$", max_length=200)]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
FieldPath = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.([a-z][a-z0-9_]*|[0-9]{1,3}))*$", max_length=200)]
StepName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=30)]
Cases = Annotated[
    dict[FieldPath, str | Annotated[tuple[str, ...], Field(min_length=1, max_length=50)]], Field(max_length=20)
]
"""Values that fields must have: one, one of several, or ``*`` for whatever is there."""
Data = dict[FieldName, JsonValue]


class EmittedSettings(BaseModel):
    """What a step, or its compensation, sends."""

    model_config = STRICT

    contract: ContractName = Field(
        description="发出的契约，可写版本（cn.gov.x@2），未写为最新版。"
        "The contract that is sent; the newest version unless it is written."
    )
    data: Data = Field(
        default_factory=dict,
        description="各字段的取值，花括号内取自 message（发起消息）、step.步骤、answer.步骤、transaction、now、cause；"
        "与发起消息（补偿则与其步骤）契约相同时只写不同之处，null 表示去掉。"
        "What stands in its fields; in braces what is taken from the message, a step, an answer, the transaction's number, now, "
        "the cause. Where the contract is that of the message (of the step, for a compensation), only what differs; null takes "
        "out.",
    )


class AnswerSettings(BaseModel):
    """The answer that a step waits for after its delivery."""

    model_config = STRICT

    contract: ContractName = Field(description="答复的契约。The contract of the answer.")
    by: FieldName = Field(
        description="答复与步骤消息共有的编号字段。The field by which the answer belongs to the step: both have it."
    )
    done: Cases = Field(
        default_factory=dict,
        description="哪些取值表示办成；不写则任何答复都算办成。"
        "Values that say that it is done; any answer, where none are written.",
    )
    refused: Cases = Field(
        default_factory=dict,
        description="哪些取值表示不办；其余为进展，继续等待。Values that say no; anything else is progress, and waited on.",
    )


class StepSettings(EmittedSettings):
    """One step."""

    name: StepName = Field(description="步骤名称。Name of the step.")
    when: Cases = Field(
        default_factory=dict,
        description="发起消息的字段取这些值时才有此步骤；* 表示有值即可。"
        "Only where fields of the message have these values; * is whatever is there.",
    )
    together: bool = Field(
        default=False, description="是否与上一步骤同时发出。Whether it goes out together with the one before."
    )
    until: AnswerSettings | None = Field(
        default=None, description="送达之后还须等待的答复。The answer that is waited for after its delivery."
    )
    within_seconds: float | None = Field(
        default=None,
        gt=0,
        le=366 * 86400,
        description="时限（秒），到时未完成即撤销。Seconds in which it must be done.",
    )
    on_dead: Literal["undo", "wait"] = Field(
        default="undo",
        description="成为死信时：undo 立即撤销，wait 在时限内等操作员重放。"
        "When it is a dead letter: undone at once, or left to an operator within its time.",
    )
    compensation: EmittedSettings | None = Field(
        default=None, description="补偿：撤销此步骤的消息。The message that undoes it."
    )
    irreversible: bool = Field(
        default=False,
        description="不可撤销；其后只能有不可撤销的步骤。It cannot be undone; nothing that can may follow it.",
    )


class WithdrawalSettings(BaseModel):
    """What takes a transaction back before it is complete."""

    model_config = STRICT

    contract: ContractName = Field(description="撤回所用的契约。The contract of a withdrawal.")
    by: FieldName = Field(
        description="撤回消息与发起消息共有的编号字段。The field by which it belongs to the transaction: both messages have it."
    )
    when: Cases = Field(
        default_factory=dict, description="哪些取值才是撤回。Only where fields have these values; else it passes by."
    )


class TransactionConfig(BaseModel):
    """A coordinator of transactions."""

    model_config = STRICT

    begins: ContractName = Field(description="发起事务的契约。The contract of the message that begins a transaction.")
    begins_when: Cases = Field(
        default_factory=dict,
        description="哪些取值才发起；其余放过。Only where fields have these values; others pass by.",
    )
    number: FieldName | None = Field(
        default=None,
        description="事务编号字段，同一编号只有一个事务，默认为契约的业务编号。"
        "The field that numbers transactions, one for each number; unless written the contract's own subject.",
    )
    steps: Annotated[tuple[StepSettings, ...], Field(min_length=1, max_length=30)] = Field(
        description="按先后列出步骤。The steps, in their order."
    )
    withdrawal: WithdrawalSettings | None = Field(
        default=None, description="发起方如何撤回。How the sender takes it back."
    )
