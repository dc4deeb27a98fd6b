# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""用印任务: have a file sealed electronically. The file is fetched by its digest, and that digest is what may be sealed."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import SealStructure
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import (
    Flag,
    Line20,
    Line30,
    Line50,
    Line100,
    Line200,
    MediaType,
    Moment,
    Sha256,
    Size,
    says,
)
from contracts.personal import PersonalClass
from contracts.rules import NotBefore, OneOf, Together
from contracts.text import Text

Millimetres = Annotated[int, Field(strict=True, ge=0, le=2000)]


class SealPosition(BaseModel):
    """Where one impression goes: a point of a page, or beside a text."""

    model_config = STRICT

    page: Annotated[Annotated[int, Field(strict=True, ge=1, le=9999)] | None, says("页码", "Page, from 1")] = None
    x: Annotated[
        Millimetres | None, says("横坐标", "Centre of the seal in millimetres from the left edge of the page")
    ] = None
    y: Annotated[
        Millimetres | None, says("纵坐标", "Centre of the seal in millimetres from the top edge of the page")
    ] = None
    keyword: Annotated[Line50 | None, says("关键字", "The seal goes over the last place where this text stands")] = None


class SealRequested(CaseRecord):
    """One file to be sealed once."""

    task_no: Annotated[
        Line50,
        says(
            "用印任务编号", "The asker's number: the result refers to it, and asking again under it never seals twice"
        ),
    ]
    digest: Annotated[Sha256, says("待用印文件摘要", "SHA-256 of the file to seal: sha256: and 64 hexadecimal digits")]
    size: Annotated[Size, says("待用印文件大小", "Size of the file in bytes")]
    media_type: Annotated[MediaType, says("待用印文件媒体类型", "Media type of the file")]
    file_name: Annotated[Line200 | None, says("待用印文件名称", "Name of the file")] = None
    structure: Annotated[SealStructure | None, says("签章结构", "Structure wanted; absent when any will do")] = None
    seal_id: Annotated[Line100 | None, says("印章标识", "Identifier of the seal (esID)")] = None
    seal_type: Annotated[Line20 | None, says("印章类型", "Type of the seal, as the seal platform calls it")] = None
    seal_name: Annotated[Line200 | None, says("印章名称", "Name of the seal")] = None
    positions: Annotated[
        tuple[SealPosition, ...],
        Field(max_length=200),
        says("用印位置", "One impression each; none when the seal platform's template says where"),
    ] = ()
    straddling: Annotated[Flag | None, says("是否加盖骑缝章", "Whether the edges of all pages are sealed too")] = None
    purpose: Annotated[Line200, says("用印事由", "What the sealed file is for")]
    department_name: Annotated[Line100, says("用印单位名称", "Body whose seal it is")]
    requested_by: Annotated[Line30 | None, says("用印申请人", "Officer who asks for the seal"), PersonalClass.NAME] = (
        None
    )
    approved_by: Annotated[Line30 | None, says("用印批准人", "Officer who approved it"), PersonalClass.NAME] = None
    requested_at: Annotated[Moment, says("请求时间", "When the seal was asked for")]
    expires_at: Annotated[Moment | None, says("任务截止时间", "When the task lapses if nobody has sealed")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "task_no": "YY-000001",
    "digest": "sha256:" + "0d" * 32,
    "size": 184320,
    "media_type": "application/ofd",
    "seal_id": "00000000000000",
    "purpose": "食品经营许可证用印",
    "department_name": "示例区市场监督管理局（测试）",
    "requested_at": "2026-03-11T14:00:00+08:00",
}
_FULL = but(
    _VALID,
    drop=("seal_id",),
    file_name="许可证.ofd",
    structure="ses_v4",
    seal_type="公章",
    seal_name="示例区市场监督管理局（测试）",
    positions=[{"page": 1, "x": 150, "y": 240}, {"keyword": "（盖章）"}],
    straddling=False,
    requested_by="测试经办人丁",
    approved_by="测试负责人己",
    expires_at="2026-03-12T14:00:00+08:00",
    department_code="115105020000000008",
)

CONTRACT = Contract(
    type="cn.gov.seal.requested",
    version=1,
    title=Text("用印任务", "Seal requested"),
    meaning=Text(
        "请求对一份文件加盖电子印章；文件按摘要取用，任务编号相同的请求只用印一次。",
        "A file is to be sealed electronically. It is fetched by digest, and one task number seals once only.",
    ),
    model=SealRequested,
    rules=(
        OneOf(("seal_id", "seal_name"), several=True),
        OneOf(("page", "keyword"), each="positions"),
        Together(("page", "x", "y"), each="positions"),
        NotBefore("expires_at", "requested_at"),
    ),
    examples=(
        Example("按印章标识用印 / by the seal's identifier", _VALID),
        Example("按名称用印，指定位置 / by the seal's name, at given places", _FULL),
        Example(
            "未说明用哪枚印章 / which seal is not said",
            but(_VALID, drop=("seal_id",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.seal_id"),),
        ),
        Example(
            "位置只有页码，另一处两种写法 / a page without a point, and a place said twice",
            but(_FULL, positions=[{"page": 1}, {"page": 2, "x": 1, "y": 1, "keyword": "（盖章）"}]),
            valid=False,
            expect=(("E_V_RULE", "$.data.positions[0].x"), ("E_V_RULE", "$.data.positions[1].keyword")),
        ),
        Example(
            "摘要为 SM3，大小为字符串 / an SM3 digest, a size as text",
            but(_VALID, digest="sm3:" + "0d" * 32, size="184320"),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.digest"), ("E_V_TYPE", "$.data.size")),
        ),
        Example(
            "缺少任务编号，截止早于请求 / no task number, lapsed before it was asked",
            but(_FULL, drop=("task_no",), expires_at="2026-03-11T13:59:59+08:00"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.task_no"), ("E_V_RULE", "$.data.expires_at")),
        ),
    ),
)
