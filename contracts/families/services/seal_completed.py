# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""用印结果: what became of a seal task, GB/T 39046-2020 table 13."""

from typing import Annotated

from contracts.codes import SealResult, SealStructure
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import (
    Day,
    Flag,
    Line20,
    Line30,
    Line50,
    Line100,
    Line200,
    MediaType,
    Moment,
    Prose1000,
    Sha256,
    Size,
    says,
)
from contracts.families.material import FILE
from contracts.personal import PersonalClass
from contracts.rules import NotBefore, RequiredWhen, Together
from contracts.text import Text


class SealCompleted(CaseRecord):
    """The end of one seal task. The sealed file is fetched by its digest and its seal checked by whoever relies on it."""

    task_no: Annotated[Line50, says("用印任务编号", "The number the task carried")]
    platform_no: Annotated[Line100 | None, says("签章平台流水号", "The seal platform's own number of the task")] = None
    result: Annotated[SealResult, says("用印结果", "How the task ended")]
    reason: Annotated[
        Prose1000 | None, says("未用印的原因", "Why it was refused or failed"), PersonalClass.FREE_TEXT
    ] = None
    original_digest: Annotated[
        Sha256, says("待用印文件摘要", "SHA-256 of the file that was to be sealed, as in the task")
    ]
    digest: Annotated[
        Sha256 | None, says("已用印文件摘要", "SHA-256 of the sealed file: sha256: and 64 hexadecimal digits")
    ] = None
    size: Annotated[Size | None, says("已用印文件大小", "Size of the sealed file in bytes")] = None
    media_type: Annotated[MediaType | None, says("已用印文件媒体类型", "Media type of the sealed file")] = None
    structure: Annotated[SealStructure | None, says("签章结构", "Structure of the seal, its version included")] = None
    seal_id: Annotated[Line100 | None, says("印章标识", "Identifier of the seal (esID)")] = None
    seal_type: Annotated[Line20 | None, says("印章类型", "Type of the seal")] = None
    seal_name: Annotated[Line200 | None, says("印章名称", "Name of the seal")] = None
    seal_made_on: Annotated[Day | None, says("印章制作日期", "Day the seal was made")] = None
    seal_issued_on: Annotated[Day | None, says("印章发放日期", "Day the seal was issued")] = None
    signer: Annotated[Line30 | None, says("签章人", "Who sealed"), PersonalClass.NAME] = None
    certificate_serial: Annotated[
        Line100 | None, says("签章证书序列号", "Serial number of the signer's certificate")
    ] = None
    timestamped: Annotated[Flag | None, says("是否带时间戳", "Whether the seal carries a trusted time stamp")] = None
    sealed_at: Annotated[Moment | None, says("签章时间", "When it was sealed")] = None
    ended_at: Annotated[Moment, says("任务结束时间", "When the task ended")]


_REFUSED = {
    "case_no": "510500-20260302-000001",
    "task_no": "YY-000001",
    "result": "refused",
    "reason": "文件内容有误",
    "original_digest": "sha256:" + "0d" * 32,
    "ended_at": "2026-03-11T14:20:00+08:00",
}
_DONE = but(
    _REFUSED,
    drop=("reason",),
    result="done",
    digest="sha256:" + "0e" * 32,
    size=204800,
    media_type="application/ofd",
    structure="ses_v4",
    seal_id="00000000000000",
    sealed_at="2026-03-11T14:19:58+08:00",
)
_FULL = but(
    _DONE,
    platform_no="TEST-000001",
    seal_type="公章",
    seal_name="示例区市场监督管理局（测试）",
    seal_made_on="2025-01-06",
    seal_issued_on="2025-01-08",
    signer="测试负责人己",
    certificate_serial="00",
    timestamped=True,
)

CONTRACT = Contract(
    type="cn.gov.seal.completed",
    version=1,
    title=Text("用印结果", "Seal completed"),
    meaning=Text(
        "用印任务结束：已用印、被拒绝、已撤销、逾期或失败；已用印的文件按摘要取用。",
        "A seal task has ended: sealed, refused, withdrawn, lapsed or failed. The sealed file is fetched by digest.",
    ),
    model=SealCompleted,
    rules=(
        Together(FILE),
        *(RequiredWhen(field, "result", ("done",)) for field in ("digest", "structure", "seal_id", "sealed_at")),
        RequiredWhen("reason", "result", ("refused", "failed")),
        NotBefore("ended_at", "sealed_at"),
    ),
    examples=(
        Example("已用印 / sealed", _DONE),
        Example("已用印，字段齐全 / sealed, with every field", _FULL),
        Example("拒绝用印 / refused", _REFUSED),
        Example("逾期 / lapsed", but(_REFUSED, drop=("reason",), result="expired")),
        Example(
            "已用印而无文件 / sealed, and no file",
            but(_DONE, drop=FILE),
            valid=False,
            expect=(("E_V_RULE", "$.data.digest"),),
        ),
        Example(
            "已用印而不知何章何时 / sealed, with which seal and when is not said",
            but(_DONE, drop=("seal_id", "sealed_at", "structure")),
            valid=False,
            expect=(
                ("E_V_RULE", "$.data.structure"),
                ("E_V_RULE", "$.data.seal_id"),
                ("E_V_RULE", "$.data.sealed_at"),
            ),
        ),
        Example(
            "平台自己的状态码，缺少原文件摘要 / the platform's own code, no digest of the original",
            but(_REFUSED, drop=("original_digest",), result="7"),
            valid=False,
            expect=(("E_V_CODE", "$.data.result"), ("E_V_MISSING", "$.data.original_digest")),
        ),
        Example(
            "任务结束早于签章 / the task ended before the seal",
            but(_DONE, ended_at="2026-03-11T14:19:57+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.ended_at"),),
        ),
    ),
)
