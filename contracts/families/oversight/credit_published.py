# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""双公示: a licensing decision or a penalty is published for the credit platforms (their tables XK_* and CF_*)."""

from typing import Annotated

from contracts.codes import ApplicantType, LicensingKind, PublishedDecision, Validity
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import (
    Day,
    Department,
    Flag,
    IdNumber,
    IdType,
    Line30,
    Line100,
    Line200,
    Money,
    Prose1000,
    Prose2000,
    says,
)
from contracts.families.validity import VALIDITY_RULES, NoStandIn
from contracts.personal import PersonalClass
from contracts.rules import AbsentWhen, NotBefore, RequiredWhen, Together
from contracts.text import Text


class CreditPublished(CaseRecord):
    """One published decision. A penalty's case number is the number of its own proceedings."""

    decision_kind: Annotated[PublishedDecision, says("双公示类别", "A licensing decision or a penalty")]
    decision_no: Annotated[Line100, says("决定文书号", "Number of the written decision")]
    decision_name: Annotated[Line200 | None, says("决定文书名称", "Title of the written decision")] = None
    party_type: Annotated[ApplicantType, says("行政相对人类别", "What kind of person or body it is about")]
    party_name: Annotated[Line200, says("行政相对人名称", "Whom the decision is about"), PersonalClass.NAME]
    party_id_type: Annotated[
        IdType | None, says("行政相对人证件类型代码", "Document type, 3 digits; 001 is the 统一社会信用代码")
    ] = None
    party_id_number: Annotated[
        IdNumber | None, says("行政相对人代码", "统一社会信用代码 or document number"), PersonalClass.ID_NUMBER
    ] = None
    legal_representative: Annotated[
        Line30 | None, says("法定代表人", "Legal representative of a body"), PersonalClass.NAME
    ] = None
    content: Annotated[
        Prose2000, says("许可内容或处罚内容", "What is permitted or imposed, in words"), PersonalClass.FREE_TEXT
    ]
    licensing_kind: Annotated[LicensingKind | None, says("许可类别", "Kind of licensing")] = None
    licence_name: Annotated[Line200 | None, says("许可证书名称", "Name of the licence")] = None
    licence_no: Annotated[Line100 | None, says("许可编号", "Number of the licence")] = None
    validity: Annotated[Validity | None, says("有效期类别", "Whether the licence ends")] = None
    valid_from: Annotated[Day | None, says("有效期自", "First day of validity")] = None
    valid_until: Annotated[Day | None, says("有效期至", "Last day of validity")] = None
    penalty_kinds: Annotated[Line200 | None, says("处罚类别", "Kinds of penalty, as the decision names them")] = None
    unlawful_act: Annotated[
        Prose1000 | None, says("违法事实", "What was done against the law"), PersonalClass.FREE_TEXT
    ] = None
    legal_basis: Annotated[Prose1000 | None, says("处罚依据", "The law it rests on")] = None
    fine: Annotated[Money | None, says("罚款金额", "Amount of the fine in yuan")] = None
    decided_on: Annotated[Day, says("决定日期", "Day of the decision")]
    published_until: Annotated[Day | None, says("公示截止期", "Last day on which it is shown")] = None
    authority_name: Annotated[Line200, says("许可机关或处罚机关", "Body that decided")]
    authority_code: Annotated[Department, says("许可机关或处罚机关统一社会信用代码", "Code of that body")]
    in_force: Annotated[Flag, says("当前状态", "Whether the decision stands; false once revoked or withdrawn")]
    provider_name: Annotated[Line200 | None, says("数据来源单位", "Body that provides the record")] = None
    provider_code: Annotated[Department | None, says("数据来源单位统一社会信用代码", "Code of that body")] = None
    remark: Annotated[Prose1000 | None, says("备注", "Remarks"), PersonalClass.FREE_TEXT] = None


_ONLY_LICENSING = ("licensing_kind", "licence_name", "licence_no", "validity", "valid_from", "valid_until")
_ONLY_PENALTY = ("penalty_kinds", "unlawful_act", "legal_basis", "fine")

_LICENSING = {
    "case_no": "510500-20260302-000001",
    "decision_kind": "licensing",
    "decision_no": "（测）市监许字〔2026〕第0号",
    "party_type": "2",
    "party_name": "示例餐饮有限公司（测试）",
    "content": "准予食品经营许可",
    "licensing_kind": "ordinary",
    "validity": "until",
    "valid_from": "2026-03-11",
    "valid_until": "2031-03-10",
    "decided_on": "2026-03-11",
    "authority_name": "示例区市场监督管理局（测试）",
    "authority_code": "115105020000000008",
    "in_force": True,
}
_UNENDING = but(
    _LICENSING,
    drop=("valid_until",),
    validity="long_term",
    decision_name="准予行政许可决定书",
    party_id_type="001",
    party_id_number="919900000000000005",
    legal_representative="测试法人乙",
    licence_name="食品经营许可证",
    licence_no="JY00000000000000",
    provider_name="示例区行政审批局（测试）",
    provider_code="115105020000000195",
    remark="测试数据",
)
_PENALTY = {
    "case_no": "CF-20260305-0001",
    "decision_kind": "penalty",
    "decision_no": "（测）市监罚字〔2026〕第0号",
    "party_type": "2",
    "party_name": "示例餐饮有限公司（测试）",
    "content": "警告，罚款",
    "penalty_kinds": "警告；罚款",
    "unlawful_act": "未按规定公示许可证（测试）",
    "legal_basis": "《食品经营许可和备案管理办法》（测试）",
    "fine": "1000.00",
    "decided_on": "2026-03-20",
    "published_until": "2027-03-20",
    "authority_name": "示例区市场监督管理局（测试）",
    "authority_code": "115105020000000008",
    "in_force": True,
}

CONTRACT = Contract(
    type="cn.gov.credit.published",
    version=1,
    title=Text("双公示", "Credit notice published"),
    meaning=Text(
        "行政许可或行政处罚决定向信用平台公示；长期有效以代码表示，不以日期表示。",
        "A licensing decision or a penalty is published for the credit platforms; no end is said by a code, not by a day.",
    ),
    model=CreditPublished,
    rules=(
        RequiredWhen("licensing_kind", "decision_kind", ("licensing",)),
        RequiredWhen("validity", "decision_kind", ("licensing",)),
        RequiredWhen("valid_from", "decision_kind", ("licensing",)),
        *VALIDITY_RULES,
        NoStandIn("valid_until"),
        NotBefore("valid_until", "valid_from"),
        RequiredWhen("penalty_kinds", "decision_kind", ("penalty",)),
        RequiredWhen("unlawful_act", "decision_kind", ("penalty",)),
        RequiredWhen("legal_basis", "decision_kind", ("penalty",)),
        *(AbsentWhen(name, "decision_kind", ("penalty",)) for name in _ONLY_LICENSING),
        *(AbsentWhen(name, "decision_kind", ("licensing",)) for name in _ONLY_PENALTY),
        Together(("party_id_type", "party_id_number")),
        NotBefore("published_until", "decided_on"),
    ),
    examples=(
        Example("有期限的许可 / a licence until a day", _LICENSING),
        Example("长期许可，字段齐全 / a licence without an end, every field", _UNENDING),
        Example("行政处罚 / a penalty", _PENALTY),
        Example(
            "以 2099-12-31 表示长期 / a day that stands for no end",
            but(_LICENSING, valid_until="2099-12-31"),
            valid=False,
            expect=(("E_V_RULE", "$.data.valid_until"),),
        ),
        Example(
            "长期许可又有截止日期 / without an end, and yet with one",
            but(_UNENDING, valid_until="2031-03-10"),
            valid=False,
            expect=(("E_V_RULE", "$.data.valid_until"),),
        ),
        Example(
            "处罚带许可类别，缺违法事实 / a penalty of a licensing kind, without the act",
            but(_PENALTY, drop=("unlawful_act",), licensing_kind="ordinary"),
            valid=False,
            expect=(("E_V_RULE", "$.data.unlawful_act"), ("E_V_RULE", "$.data.licensing_kind")),
        ),
        Example(
            "金额为数字，状态写成 1，缺文书号 / an amount as a number, a state as 1, no decision number",
            but(_PENALTY, drop=("decision_no",), fine=1000, in_force="1"),
            valid=False,
            expect=(
                ("E_V_MISSING", "$.data.decision_no"),
                ("E_V_TYPE", "$.data.fine"),
                ("E_V_TYPE", "$.data.in_force"),
            ),
        ),
    ),
)
