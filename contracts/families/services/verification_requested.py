# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""核验请求: ask a register whether what somebody stated is so. The answer tells yes or no, never what the register holds."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import ApplicantType, VerificationKind, VerifiedField
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import (
    Department,
    IdNumber,
    IdType,
    Line30,
    Line50,
    Line100,
    Line200,
    Line500,
    Moment,
    says,
)
from contracts.families.services.matter_record import MatterRecord
from contracts.personal import PersonalClass
from contracts.rules import Distinct, NotBefore, OneOf, RequiredWhen
from contracts.text import Text

_ABOUT_SOMEBODY = (
    "population",
    "legal_person",
    "bank_card",
    "social_security",
    "housing_fund",
    "driving_licence",
    "mobile",
    "credit",
)


class Verified(BaseModel):
    """核验对象: whose record is looked up, by document alone; a name is a statement like any other."""

    model_config = STRICT

    type: Annotated[ApplicantType, says("核验对象类型", "What kind of person or body is looked up")]
    id_type: Annotated[IdType, says("核验对象证件类型代码", "Document type, 3 digits (GA/T 2000.156)")]
    id_number: Annotated[IdNumber, says("核验对象证件号码", "Document number"), PersonalClass.ID_NUMBER]


class Statement(BaseModel):
    """核验项: one fact as it was stated."""

    model_config = STRICT

    field: Annotated[VerifiedField, says("核验项", "Which fact is compared")]
    value: Annotated[Line200, says("待核验内容", "The fact as stated; a day as YYYY-MM-DD"), PersonalClass.FREE_TEXT]


class VerificationRequested(MatterRecord):
    """One question to one register."""

    request_no: Annotated[
        Line50,
        says("核验请求编号", "The asker's number; the answer refers to it, and asking again under it is the same"),
    ]
    kind: Annotated[VerificationKind, says("核验种类", "What is asked about")]
    verified: Annotated[Verified | None, says("核验对象", "Whose record is looked up")] = None
    licence_no: Annotated[Line50 | None, says("证照编号", "Number of the licence that is looked up")] = None
    statements: Annotated[
        tuple[Statement, ...],
        Field(min_length=1, max_length=20),
        says("核验项", "The facts to compare, each at most once; nothing else may be answered"),
    ]
    purpose: Annotated[Line500, says("核验事由", "What the answer is needed for")]
    legal_basis: Annotated[Line500 | None, says("法律依据", "The provision that allows the question")] = None
    authorisation_no: Annotated[
        Line50 | None, says("授权编号", "Number of the consent of the person or body asked about")
    ] = None
    requester_name: Annotated[Line100, says("请求单位名称", "Name of the department that asks")]
    requester_code: Annotated[Department, says("请求单位代码", "Code of the department that asks")]
    requested_by: Annotated[Line30 | None, says("请求人员", "Officer who asks"), PersonalClass.NAME] = None
    requested_at: Annotated[Moment, says("请求时间", "When it was asked")]
    expires_at: Annotated[Moment | None, says("答复截止时间", "When an answer is no longer of use")] = None


_VALID = {
    "matter_no": "510500-20260302-000001",
    "request_no": "HY-000001",
    "kind": "population",
    "verified": {"type": "1", "id_type": "111", "id_number": "99000019900101005X"},
    "statements": [{"field": "name", "value": "测试申请人甲"}],
    "purpose": "核对申请人身份",
    "legal_basis": "示例管理办法第0条",
    "requester_name": "示例区政务服务管理局（测试）",
    "requester_code": "115105020000000008",
    "requested_at": "2026-03-02T09:05:01+08:00",
}
_LICENCE = but(
    _VALID,
    drop=("verified", "legal_basis"),
    matter_no="HY-000002",
    request_no="HY-000002",
    kind="licence",
    licence_no="JY00000000000000",
    statements=[
        {"field": "licence_holder", "value": "示例餐饮有限公司（测试）"},
        {"field": "valid_until", "value": "2031-03-10"},
    ],
    authorisation_no="SQ-000001",
    requested_by="测试经办人丁",
    expires_at="2026-03-02T09:15:01+08:00",
    item_code="1151050200000000084000131014000",
)

CONTRACT = Contract(
    type="cn.gov.verification.requested",
    version=1,
    title=Text("核验请求", "Verification requested"),
    meaning=Text(
        "请求人口、法人、证照等核验源核对所述内容是否一致；须说明事由，以及法律依据或当事人授权。",
        "A register is asked whether certain statements are true, with the purpose and the law or consent that allows it.",
    ),
    model=VerificationRequested,
    subject="matter_no",
    rules=(
        RequiredWhen("verified", "kind", _ABOUT_SOMEBODY),
        RequiredWhen("licence_no", "kind", ("licence",)),
        OneOf(("legal_basis", "authorisation_no"), several=True),
        Distinct("statements", "field"),
        NotBefore("expires_at", "requested_at"),
    ),
    examples=(
        Example("办件中核对姓名 / a name, for a case", _VALID),
        Example("经授权核对证照 / a licence, by consent and for no case", _LICENCE),
        Example(
            "既无依据也无授权 / neither law nor consent",
            but(_VALID, drop=("legal_basis",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.legal_basis"),),
        ),
        Example(
            "没有核验对象 / nobody to look up",
            but(_VALID, drop=("verified",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.verified"),),
        ),
        Example(
            "核验项重复，没有事由 / a fact twice, and no purpose",
            but(_VALID, drop=("purpose",), statements=[*_VALID["statements"], {"field": "name", "value": "测试人"}]),
            valid=False,
            expect=(("E_V_RULE", "$.data.statements[1].field"), ("E_V_MISSING", "$.data.purpose")),
        ),
        Example(
            "要求返回全部信息 / asking for everything there is",
            but(_VALID, statements=[{"field": "*", "value": "*"}], return_fields=["*"]),
            valid=False,
            expect=(("E_V_CODE", "$.data.statements[0].field"), ("E_V_UNKNOWN_FIELD", "$.data.return_fields")),
        ),
    ),
)
