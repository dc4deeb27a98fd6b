# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""领取: the applicant has received the result."""

from typing import Annotated

from contracts.codes import CollectionMethod
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import IdNumber, IdType, Line30, Line50, Line200, Moment, Prose1000, says
from contracts.personal import PersonalClass
from contracts.rules import RequiredWhen, Together
from contracts.text import Text


class CollectionRecorded(CaseRecord):
    """One collection or delivery of a result."""

    method: Annotated[CollectionMethod, says("领取方式", "How the result was handed over")]
    collector: Annotated[Line30, says("领取人姓名", "Who received it"), PersonalClass.NAME]
    id_type: Annotated[IdType | None, says("领取人证件类型代码", "Document type of the collector, 3 digits")] = None
    id_number: Annotated[
        IdNumber | None, says("领取人证件号码", "Document number of the collector"), PersonalClass.ID_NUMBER
    ] = None
    licence_name: Annotated[Line200 | None, says("领取的证照名称", "Name of the licence received")] = None
    licence_no: Annotated[Line50 | None, says("领取的证照编号", "Number of the licence received")] = None
    tracking_no: Annotated[Line50 | None, says("物流单号", "Number of the parcel")] = None
    note: Annotated[Prose1000 | None, says("备注", "Remarks"), PersonalClass.FREE_TEXT] = None
    collected_at: Annotated[Moment, says("领取时间", "When it was received")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "method": "window",
    "collector": "测试领取人庚",
    "collected_at": "2026-03-12T09:40:00+08:00",
}
_POST = but(
    _VALID,
    method="post",
    id_type="111",
    id_number="990000190001010016",
    licence_name="食品经营许可证",
    licence_no="JY00000000000000",
    tracking_no="TEST0000000000",
    note="本人签收",
)

CONTRACT = Contract(
    type="cn.gov.collection.recorded",
    version=1,
    title=Text("领取", "Collection recorded"),
    meaning=Text("申请人领取或签收了办理结果。", "The applicant has collected or received the result."),
    model=CollectionRecorded,
    rules=(RequiredWhen("tracking_no", "method", ("post",)), Together(("id_type", "id_number"))),
    examples=(
        Example("窗口领取 / at the window", _VALID),
        Example("邮寄送达 / by post", _POST),
        Example(
            "邮寄而无单号 / by post without a parcel number",
            but(_POST, drop=("tracking_no",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.tracking_no"),),
        ),
        Example(
            "只有证件号码 / a document number without its type",
            but(_VALID, id_number="990000190001010016"),
            valid=False,
            expect=(("E_V_RULE", "$.data.id_type"),),
        ),
        Example(
            "缺少领取人，方式未知 / no collector, an unknown method",
            but(_VALID, drop=("collector",), method="1"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.collector"), ("E_V_CODE", "$.data.method")),
        ),
    ),
)
