# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""撤销用印任务: a seal is not wanted any more. What has been sealed already is not undone by it."""

from typing import Annotated

from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Line50, Line100, Moment, Prose1000, Sha256, says
from contracts.personal import PersonalClass
from contracts.text import Text


class SealWithdrawn(CaseRecord):
    """Whoever asked for a seal takes the task back, under the number that it carried."""

    task_no: Annotated[Line50, says("用印任务编号", "The number the task carried")]
    platform_no: Annotated[
        Line100 | None, says("签章平台流水号", "The seal platform's own number of the task, where it is known")
    ] = None
    digest: Annotated[Sha256, says("待用印文件摘要", "SHA-256 of the file that was to be sealed, as in the task")]
    reason: Annotated[Prose1000, says("撤销原因", "Why it is taken back"), PersonalClass.FREE_TEXT]
    withdrawn_at: Annotated[Moment, says("撤销时间", "When it was taken back")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "task_no": "YY-000001",
    "digest": "sha256:" + "0d" * 32,
    "reason": "申请人撤回申请",
    "withdrawn_at": "2026-03-11T14:10:00+08:00",
}
_FULL = but(
    _VALID,
    platform_no="TEST-000001",
    region_code="510502",
    department_code="115105020000000008",
    record_version=1,
)

CONTRACT = Contract(
    type="cn.gov.seal.withdrawn",
    version=1,
    title=Text("撤销用印任务", "Seal withdrawn"),
    meaning=Text(
        "请求方撤销尚未用印的任务；已用印的不受影响，签章平台以用印结果答复。",
        "Whoever asked for a seal takes the task back. What is sealed already stays so; the platform answers with its result.",
    ),
    model=SealWithdrawn,
    examples=(
        Example("撤销任务 / a task is taken back", _VALID),
        Example("写明签章平台流水号 / with the platform's number", _FULL),
        Example(
            "没有任务编号与文件摘要 / no task and no file",
            but(_VALID, drop=("task_no", "digest")),
            valid=False,
            expect=(("E_V_MISSING", "$.data.task_no"), ("E_V_MISSING", "$.data.digest")),
        ),
        Example(
            "没有原因 / for no reason",
            but(_VALID, drop=("reason",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.reason"),),
        ),
        Example(
            "摘要为 SM3 / an SM3 digest",
            but(_VALID, digest="sm3:" + "0d" * 32),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.digest"),),
        ),
    ),
)
