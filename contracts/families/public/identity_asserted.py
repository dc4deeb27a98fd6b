# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""身份认证: what a unified identity platform has verified about a user, GB/T 39046-2020 table 12.

The hub verifies nobody and issues no token. It carries what the platform says, for as long as the platform says it; the
token itself never stands in a record.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import IdentityMethod, LegalPersonRole, RealNameLevel
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import (
    CaseNo,
    Department,
    IdNumber,
    IdType,
    Line20,
    Line30,
    Line50,
    Line100,
    Moment,
    Region,
    Sha256,
    says,
)
from contracts.personal import PersonalClass
from contracts.rules import NotBefore, RequiredWhen, Together
from contracts.text import Text

_VERIFIED = (RealNameLevel.REAL_NAME.value, RealNameLevel.REAL_PERSON.value)


class LegalPerson(BaseModel):
    """The body a user acts for."""

    model_config = STRICT

    name: Annotated[Line100, says("法人名称", "Name of the body"), PersonalClass.NAME]
    code: Annotated[Department, says("法人统一社会信用代码", "统一社会信用代码 of the body")]
    role: Annotated[LegalPersonRole, says("与法人的关系", "What the user is to the body")]
    legal_representative: Annotated[
        Line30 | None, says("法定代表人", "Legal representative of the body"), PersonalClass.NAME
    ] = None


class IdentityAsserted(BaseModel):
    """One assertion about one user."""

    model_config = STRICT

    user_code: Annotated[Line50, says("用户编码", "The user at the identity platform; equal to the envelope's subject")]
    case_no: Annotated[CaseNo | None, says("办件编号", "The case for which the user was identified")] = None
    region_code: Annotated[
        Region | None, says("行政区划代码", "Administrative division, 6, 9 or 12 digits (GB/T 2260 and below)")
    ] = None
    provider: Annotated[Line100, says("身份认证平台", "The identity platform that says so")]
    assertion_id: Annotated[Line100, says("认证编号", "The platform's number of this assertion")]
    token_digest: Annotated[
        Sha256 | None, says("令牌摘要", "SHA-256 of the token this rests on: sha256: and 64 hexadecimal digits")
    ] = None
    real_name_level: Annotated[RealNameLevel, says("实名认证等级", "How far the identity has been verified")]
    methods: Annotated[
        Annotated[tuple[IdentityMethod, ...], Field(min_length=1, max_length=20)] | None,
        says("核验方式", "By what the identity was verified"),
    ] = None
    user_name: Annotated[Line50 | None, says("用户名", "Account name"), PersonalClass.NAME] = None
    name: Annotated[Line100 | None, says("姓名", "Name of the user"), PersonalClass.NAME] = None
    id_type: Annotated[IdType | None, says("证件类型代码", "Document type of the user, 3 digits")] = None
    id_number: Annotated[IdNumber | None, says("证件号码", "Document number of the user"), PersonalClass.ID_NUMBER] = (
        None
    )
    mobile: Annotated[Line20 | None, says("移动电话", "Mobile number of the user"), PersonalClass.PHONE] = None
    legal_person: Annotated[LegalPerson | None, says("关联法人", "The body the user acts for, if any")] = None
    asserted_at: Annotated[Moment, says("认证时间", "When the platform verified it")]
    expires_at: Annotated[Moment, says("有效截止时间", "When the assertion ends; after that it says nothing")]


_VALID = {
    "user_code": "00000000000000000001",
    "provider": "示例省统一身份认证平台（测试）",
    "assertion_id": "RZ-000001",
    "real_name_level": "real_name",
    "methods": ["id_card", "mobile", "bank_card"],
    "name": "测试申请人甲",
    "id_type": "111",
    "id_number": "99000019900101005X",
    "asserted_at": "2026-03-02T09:00:00+08:00",
    "expires_at": "2026-03-02T09:30:00+08:00",
}
_COMPANY = but(
    _VALID,
    case_no="510500-20260302-000001",
    region_code="510500",
    token_digest="sha256:" + "0e" * 32,
    real_name_level="real_person",
    methods=["face", "business_licence"],
    user_name="ceshi_jia",
    mobile="00000000000",
    legal_person={
        "name": "示例餐饮有限公司（测试）",
        "code": "919900000000000005",
        "role": "agent",
        "legal_representative": "测试法人乙",
    },
)
_UNVERIFIED = but(
    _VALID, drop=("methods", "name", "id_type", "id_number"), real_name_level="none", user_name="ceshi_yi"
)

CONTRACT = Contract(
    type="cn.gov.identity.asserted",
    version=1,
    title=Text("身份认证", "Identity asserted"),
    meaning=Text(
        "统一身份认证平台核验了用户身份；在有效期内可以采信。消息不带令牌。",
        "A unified identity platform has verified a user; it holds until it expires. No token is carried.",
    ),
    model=IdentityAsserted,
    subject="user_code",
    rules=(
        RequiredWhen("methods", "real_name_level", _VERIFIED),
        RequiredWhen("name", "real_name_level", _VERIFIED),
        RequiredWhen("id_number", "real_name_level", _VERIFIED),
        Together(("id_type", "id_number")),
        NotBefore("expires_at", "asserted_at"),
    ),
    examples=(
        Example("实名用户 / verified by name", _VALID),
        Example("代企业办事，本人到场核验 / a verified person acts for a company", _COMPANY),
        Example("未实名用户 / not verified", _UNVERIFIED),
        Example(
            "称实名而无姓名与核验方式 / verified without name and method",
            but(_VALID, drop=("name", "methods")),
            valid=False,
            expect=(("E_V_RULE", "$.data.methods"), ("E_V_RULE", "$.data.name")),
        ),
        Example(
            "认证之前已失效 / over before it was made",
            but(_VALID, expires_at="2026-03-02T08:59:59+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.expires_at"),),
        ),
        Example(
            "携带令牌 / a token inside",
            {**_VALID, "token": "-"},
            valid=False,
            expect=(("E_V_UNKNOWN_FIELD", "$.data.token"),),
        ),
        Example(
            "是否实名写成 1，法人关系未知 / verified written as 1, an unknown role",
            but(_COMPANY, real_name_level=1, legal_person={"name": "示例", "code": "919900000000000005", "role": "01"}),
            valid=False,
            expect=(("E_V_CODE", "$.data.real_name_level"), ("E_V_CODE", "$.data.legal_person.role")),
        ),
    ),
)
