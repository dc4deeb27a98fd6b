# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""受理, version 2: a third finding, and what the national table of acceptances (up_pro_accept) asks beyond version 1.

Sites mean three things by the state of an acceptance (SLZTDM): accepted, refused, or to be corrected. The national table
repeats the application, since its reader may never have seen one.
"""

from typing import Annotated

from pydantic import Field

from contracts.codes import AcceptanceFinding, CaseType, Channel
from contracts.contract import Contract
from contracts.conversion import Conversion
from contracts.example import Example, but
from contracts.families.fields import (
    Day,
    Department,
    Item,
    Line30,
    Line100,
    Line200,
    Line500,
    Moment,
    ProjectCode,
    Prose1000,
    says,
)
from contracts.families.item_codes import ITEM_CODE_RULES, ITEM_CODE_STEPS, ItemCodes
from contracts.families.party import Applicant, Contact
from contracts.personal import PersonalClass
from contracts.rules import NotBefore, RequiredWhen
from contracts.steps import Added, CodesAdded
from contracts.text import Text


class AcceptanceDecidedV2(ItemCodes):
    """The finding on acceptance."""

    item_code: Annotated[Item, says("事项编码", "Code of the item, of any kind; messages are routed by it")]
    item_name: Annotated[Line200, says("事项名称", "Name of the item")]
    item_version: Annotated[
        Annotated[int, Field(strict=True, ge=1, le=999999)] | None,
        says("事项版本号", "Version of the item in the catalogue (task_version)"),
    ] = None
    case_type: Annotated[CaseType, says("办件类型代码", "Whether the case is done at once or by a promised date")]
    decision: Annotated[AcceptanceFinding, says("受理结论", "The finding")]
    reason: Annotated[
        Prose1000 | None,
        says("不予受理或补正的原因", "Why the case is not taken on, or what must be corrected"),
        PersonalClass.FREE_TEXT,
    ] = None
    missing_materials: Annotated[
        tuple[Line200, ...], Field(max_length=200), says("需补齐补正的材料", "Names of materials to add or correct")
    ] = ()
    missing_due_on: Annotated[
        Day | None, says("容缺材料补交期限", "Accepted without them (容缺受理): last day for the missing materials")
    ] = None
    missing_consequence: Annotated[
        Prose1000 | None,
        says("容缺材料超期处理方法", "What happens if the missing materials do not come in time"),
        PersonalClass.FREE_TEXT,
    ] = None
    department_name: Annotated[Line100, says("受理单位名称", "Name of the department")]
    department_code: Annotated[Department, says("受理单位统一社会信用代码", "Code of the department")]
    handler: Annotated[Line30 | None, says("受理人员", "Officer who decided"), PersonalClass.NAME] = None
    document_no: Annotated[Line30 | None, says("受理文书编号", "Number of the written decision")] = None
    decided_at: Annotated[Moment, says("受理时间", "When the decision was made")]
    promised_on: Annotated[Day | None, says("承诺办结时间", "Day by which the case is promised to be closed")] = None
    statutory_on: Annotated[Day | None, says("法定办结时间", "Day by which the law wants the case closed")] = None
    applicant: Annotated[Applicant | None, says("申请者", "Who applied, as on the application")] = None
    contact: Annotated[Contact | None, says("联系人/代理人", "Whom to call, or who acts for the applicant")] = None
    summary: Annotated[
        Line500 | None, says("办理摘要", "What the case is about (project_name)"), PersonalClass.FREE_TEXT
    ] = None
    channel: Annotated[Channel | None, says("申报来源代码", "Where the application was made")] = None
    applied_at: Annotated[Moment | None, says("申请时间", "When the application was made")] = None
    project_code: Annotated[ProjectCode | None, says("投资项目编号", "Investment project code (GB/T 40058)")] = None


_IMPLEMENTATION = "1151050200000000084000131014000"
_VALID = {
    "case_no": "510500-20260302-000001",
    "item_code": _IMPLEMENTATION,
    "item_code_kind": "implementation",
    "item_name": "食品经营许可（新办）",
    "case_type": "2",
    "decision": "accepted",
    "department_name": "示例区市场监督管理局（测试）",
    "department_code": "115105020000000008",
    "decided_at": "2026-03-03T10:00:00+08:00",
    "promised_on": "2026-03-13",
}
_REPEATED = but(
    _VALID,
    handling_item_code=_IMPLEMENTATION + "01",
    old_item_code="000000000000000000000001",
    local_item_code="SPJY-0001",
    basic_code="000131014000",
    old_basic_code="XK0000000Y",
    local_basic_code="食品-0001",
    item_version=3,
    handler="测试经办人丁",
    document_no="（测）受字第0号",
    statutory_on="2026-03-31",
    applicant={"type": "1", "name": "测试申请人甲", "id_type": "111", "id_number": "99000019900101005X"},
    contact={"name": "测试联系人丙", "mobile": "00000000000"},
    summary="开办示例餐厅（测试）",
    channel="2",
    applied_at="2026-03-02T09:05:00+08:00",
    project_code="0000-000000-00-00-000000",
    region_code="510502000000",
)
_CORRECTION = but(
    _VALID,
    drop=("promised_on",),
    item_code="511A0100000000-510502000000-000-115105020000000008-1-00",
    item_code_kind="local",
    implementation_code=_IMPLEMENTATION,
    decision="correction",
    reason="平面图未标注尺寸",
    missing_materials=["平面图"],
)
_TOLERANT = but(
    _VALID,
    missing_materials=["平面图", "从业人员健康证明"],
    missing_due_on="2026-03-16",
    missing_consequence="逾期未补齐的，依法作出不予许可决定",
)

CONTRACT = Contract(
    type="cn.gov.acceptance.decided",
    version=2,
    title=Text("受理", "Acceptance decided"),
    meaning=Text(
        "部门决定受理、不予受理，或要求补齐补正；受理之日起计算办理时限。",
        "The department takes the case on, declines to, or wants corrections; the legal clock starts with an acceptance.",
    ),
    model=AcceptanceDecidedV2,
    rules=(
        RequiredWhen("reason", "decision", ("refused", "correction")),
        NotBefore("decided_at", "applied_at"),
        *ITEM_CODE_RULES,
    ),
    examples=(
        Example("受理 / accepted", _VALID),
        Example("受理，附申请信息 / accepted, the application repeated", _REPEATED),
        Example("补齐补正 / to be corrected", _CORRECTION),
        Example("容缺受理 / accepted, materials to follow", _TOLERANT),
        Example(
            "要求补正而无原因 / to be corrected, without a reason",
            but(_CORRECTION, drop=("reason",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
        Example(
            "受理早于申请 / accepted before it was applied for",
            but(_REPEATED, decided_at="2026-03-02T09:04:59+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.decided_at"),),
        ),
        Example(
            "结论为地方代码，申请者不全 / a site's own code, half an applicant",
            but(_VALID, decision="3", applicant={"type": "1", "name": "测试申请人甲"}),
            valid=False,
            expect=(
                ("E_V_CODE", "$.data.decision"),
                ("E_V_MISSING", "$.data.applicant.id_type"),
                ("E_V_MISSING", "$.data.applicant.id_number"),
            ),
        ),
    ),
    conversion=Conversion(
        (
            CodesAdded("decision", {AcceptanceFinding.CORRECTION.value: AcceptanceFinding.CORRECTION.text}),
            Added("missing_materials", []),
            *(
                Added(field)
                for field in (
                    "missing_due_on",
                    "missing_consequence",
                    "item_version",
                    "applicant",
                    "contact",
                    "summary",
                    "channel",
                    "applied_at",
                    "project_code",
                )
            ),
            *ITEM_CODE_STEPS,
        )
    ),
)
