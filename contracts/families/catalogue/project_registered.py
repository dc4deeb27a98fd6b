# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""投资项目: an investment project under its one code (GB/T 40058-2021), from registration on."""

from typing import Annotated

from contracts.codes import ProjectStage, ProjectState, ProjectType
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.fields import Day, Department, Line30, Line50, Line100, Line200, Moment, Money, Prose2000, says
from contracts.families.party import Contact
from contracts.families.record import Record
from contracts.personal import PersonalClass
from contracts.rules import NotBefore, RequiredWhen
from contracts.text import Text


class ProjectRegistered(Record):
    """One project as it stands now. Applications name it in their ``project_code``."""

    project_code: Annotated[
        Line50, says("投资项目代码", "Investment project code (GB/T 40058); equal to the envelope's subject")
    ]
    project_name: Annotated[Line200, says("项目名称", "Name of the project")]
    project_type: Annotated[ProjectType, says("项目类型", "Whether it is approved, ratified or put on file")]
    state: Annotated[ProjectState, says("项目状态", "How the project stands")]
    stage: Annotated[ProjectStage | None, says("审批阶段", "The stage of construction approval it is in")] = None
    changed_at: Annotated[Moment, says("状态产生时间", "When it came to this state")]
    location: Annotated[Line200, says("建设地点", "Where it is built")]
    content: Annotated[Prose2000 | None, says("建设规模及内容", "What is built, and how large")] = None
    total_investment: Annotated[Money, says("总投资（元）", "Total investment in yuan")]
    owner_name: Annotated[Line100, says("项目法人单位名称", "Name of the body that carries the project")]
    owner_code: Annotated[Department, says("项目法人单位统一社会信用代码", "统一社会信用代码 of that body")]
    legal_representative: Annotated[
        Line30 | None, says("法定代表人", "Legal representative of that body"), PersonalClass.NAME
    ] = None
    contact: Annotated[Contact | None, says("项目联系人", "Whom to call")] = None
    department_name: Annotated[Line100 | None, says("主管部门名称", "Name of the department in charge")] = None
    registered_on: Annotated[Day, says("赋码日期", "Day on which the code was given")]
    starts_on: Annotated[Day | None, says("拟开工日期", "Day on which building is to begin")] = None
    finishes_on: Annotated[Day | None, says("拟建成日期", "Day on which it is to be finished")] = None
    document_no: Annotated[
        Line50 | None, says("批复、核准或备案文号", "Number of the approval, ratification or filing")
    ] = None
    reason: Annotated[
        Prose2000 | None, says("变更或作废原因", "Why it was changed or voided"), PersonalClass.FREE_TEXT
    ] = None


_VALID = {
    "project_code": "0000-000000-00-00-000000",
    "project_name": "示例食品加工园建设项目（测试）",
    "project_type": "filing",
    "state": "registered",
    "changed_at": "2026-03-02T09:00:00+08:00",
    "location": "测试区示例街 0 号",
    "total_investment": "120000000.00",
    "owner_name": "示例食品集团有限公司（测试）",
    "owner_code": "919900000000000005",
    "registered_on": "2026-03-02",
}
_FULL = but(
    _VALID,
    state="approved",
    stage="land",
    changed_at="2026-03-20T15:00:00+08:00",
    content="新建厂房两栋，\n建筑面积 8000 平方米。",
    legal_representative="测试法人乙",
    contact={"name": "测试联系人丙", "mobile": "00000000000"},
    department_name="示例区发展和改革局（测试）",
    department_code="115105020000000008",
    region_code="510502",
    starts_on="2026-06-01",
    finishes_on="2028-05-31",
    document_no="（测）备字第0号",
)
_VOIDED = but(_FULL, state="voided", changed_at="2027-03-02T09:00:00+08:00", reason="项目终止")

CONTRACT = Contract(
    type="cn.gov.project.registered",
    version=1,
    title=Text("投资项目", "Project registered"),
    meaning=Text(
        "投资项目已赋码，或其审批阶段、状态发生变化。",
        "An investment project has its code, or its stage or state has changed.",
    ),
    model=ProjectRegistered,
    subject="project_code",
    rules=(
        RequiredWhen("document_no", "state", ("approved",)),
        RequiredWhen("reason", "state", ("changed", "voided")),
        NotBefore("finishes_on", "starts_on"),
    ),
    examples=(
        Example("赋码 / code given", _VALID),
        Example("备案，字段齐全 / on file, every field", _FULL),
        Example("作废 / voided", _VOIDED),
        Example(
            "备案而无文号 / on file without a number",
            but(_FULL, drop=("document_no",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.document_no"),),
        ),
        Example(
            "作废而无原因 / voided without a reason",
            but(_VOIDED, drop=("reason",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
        Example(
            "总投资为数字，类型为地方代码 / the investment as a number, a site's own code",
            but(_VALID, total_investment=12000.5, project_type="03"),
            valid=False,
            expect=(("E_V_TYPE", "$.data.total_investment"), ("E_V_CODE", "$.data.project_type")),
        ),
        Example(
            "总投资以万元计 / the investment in units of ten thousand",
            but(_VALID, total_investment="12000万元"),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.total_investment"),),
        ),
        Example(
            "建成早于开工，缺少法人单位 / finished before begun, the owner missing",
            but(_FULL, drop=("owner_code",), finishes_on="2026-05-31"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.owner_code"), ("E_V_RULE", "$.data.finishes_on")),
        ),
    ),
)
