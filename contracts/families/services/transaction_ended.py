# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""业务事务结果: what a transaction of several steps has come to, and how each step stands."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import StepStanding, TransactionOutcome
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import Line30, Line50, Line200, Moment, says
from contracts.families.services.matter_record import MatterRecord
from contracts.rules import Distinct, NotBefore, RequiredWhen
from contracts.text import Text


class TransactionStep(BaseModel):
    """One step as it stands."""

    model_config = STRICT

    step: Annotated[Line30, says("步骤名称", "Name of the step, as the transaction declares it")]
    contract: Annotated[Line200, says("步骤契约", "Contract of the message that is this step")]
    standing: Annotated[StepStanding, says("步骤状态", "How it stands")]
    code: Annotated[Line50 | None, says("原因代码", "Code of what became of it, where it failed")] = None


class TransactionEnded(MatterRecord):
    """Told when it is over, and each time that it needs a person; a higher ``record_version`` replaces a lower one."""

    transaction_no: Annotated[Line50, says("事务编号", "The hub's number of the transaction")]
    request_id: Annotated[Line200, says("发起消息编号", "The sender's id of the message that began it")]
    outcome: Annotated[TransactionOutcome, says("总体结果", "What it has come to")]
    failed_step: Annotated[Line30 | None, says("失败步骤", "The step whose failure decided it")] = None
    code: Annotated[Line50 | None, says("原因代码", "Why it was undone, or needs a person")] = None
    steps: Annotated[
        tuple[TransactionStep, ...], Field(min_length=1, max_length=50), says("各步骤", "All steps, in their order")
    ]
    begun_at: Annotated[Moment, says("开始时间", "When it began")]
    ended_at: Annotated[Moment, says("结果时间", "When this was so")]


_SEAL = {"step": "seal", "contract": "cn.gov.seal.requested", "standing": "done"}
_SHIPMENT = {"step": "shipment", "contract": "cn.gov.shipment.ordered", "standing": "done"}
_VALID = {
    "matter_no": "510500-20260302-000001",
    "transaction_no": "00000000000000000000000000000001",
    "request_id": "ZZ-000001",
    "outcome": "completed",
    "steps": [_SEAL, _SHIPMENT],
    "begun_at": "2026-03-11T15:00:00+08:00",
    "ended_at": "2026-03-11T15:02:00+08:00",
    "record_version": 1,
}
_UNDONE = but(
    _VALID,
    outcome="undone",
    failed_step="shipment",
    code="NO_SUCH_ADDRESS",
    steps=[{**_SEAL, "standing": "undone"}, {**_SHIPMENT, "standing": "failed", "code": "NO_SUCH_ADDRESS"}],
)
_PERSON = but(
    _UNDONE,
    outcome="needs_person",
    code="COMPENSATION_FAILED",
    steps=[
        {**_SEAL, "standing": "not_undone", "code": "SEAL_IN_USE"},
        {**_SHIPMENT, "standing": "failed", "code": "NO_SUCH_ADDRESS"},
    ],
)

CONTRACT = Contract(
    type="cn.gov.transaction.ended",
    version=1,
    title=Text("业务事务结果", "Transaction ended"),
    meaning=Text(
        "由多个步骤组成的业务事务的结果：全部完成、已撤销，或需人工处理；后者之后还会有最终结果。",
        "What a transaction of several steps has come to: completed, undone, or in need of a person; after the last, another "
        "one tells how it ended.",
    ),
    model=TransactionEnded,
    subject="matter_no",
    rules=(
        Distinct("steps", "step"),
        RequiredWhen("code", "outcome", ("undone", "needs_person")),
        NotBefore("ended_at", "begun_at"),
    ),
    examples=(
        Example("全部完成 / completed", _VALID),
        Example("寄递失败，用印已撤销 / the shipment failed, the seal was undone", _UNDONE),
        Example("撤销失败，需人工处理 / a compensation failed", _PERSON),
        Example(
            "撤销而无原因 / undone for no reason",
            but(_UNDONE, drop=("code",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.code"),),
        ),
        Example(
            "没有步骤，结果为地方代码 / no step, a site's own code",
            but(_VALID, steps=[], outcome="01"),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.steps"), ("E_V_CODE", "$.data.outcome")),
        ),
        Example(
            "步骤重名，结束早于开始 / one name for two steps, over before it began",
            but(_VALID, steps=[_SEAL, _SEAL], ended_at="2026-03-11T14:59:59+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.steps[1].step"), ("E_V_RULE", "$.data.ended_at")),
        ),
    ),
)
