# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""受理: the department takes the case on, or declines to, GB/T 39046-2020 table 6."""

from typing import Annotated

from contracts.codes import AcceptanceDecision, CaseType
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Day, Department, Item, Line20, Line30, Line100, Line200, Moment, Prose1000, says
from contracts.personal import PersonalClass
from contracts.rules import RequiredWhen
from contracts.text import Text


class AcceptanceDecided(CaseRecord):
    """The decision on acceptance."""

    item_code: Annotated[Item, says("实施编码", "Code of the item")]
    item_name: Annotated[Line200, says("事项名称", "Name of the item")]
    basic_code: Annotated[Line20 | None, says("基本编码", "National basic code of the item")] = None
    case_type: Annotated[CaseType, says("办件类型代码", "Whether the case is done at once or by a promised date")]
    decision: Annotated[AcceptanceDecision, says("受理结论", "The decision")]
    reason: Annotated[
        Prose1000 | None, says("不予受理原因", "Why the case is not taken on"), PersonalClass.FREE_TEXT
    ] = None
    department_name: Annotated[Line100, says("受理单位名称", "Name of the department")]
    department_code: Annotated[Department, says("受理单位统一社会信用代码", "Code of the department")]
    handler: Annotated[Line30 | None, says("受理人员", "Officer who decided"), PersonalClass.NAME] = None
    document_no: Annotated[Line30 | None, says("受理文书编号", "Number of the written decision")] = None
    decided_at: Annotated[Moment, says("受理时间", "When the decision was made")]
    promised_on: Annotated[Day | None, says("承诺办结时间", "Day by which the case is promised to be closed")] = None
    statutory_on: Annotated[Day | None, says("法定办结时间", "Day by which the law wants the case closed")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "item_code": "1151050200000000084000131014000",
    "item_name": "食品经营许可（新办）",
    "case_type": "2",
    "decision": "accepted",
    "department_name": "示例区市场监督管理局（测试）",
    "department_code": "115105020000000008",
    "decided_at": "2026-03-03T10:00:00+08:00",
    "promised_on": "2026-03-13",
}
_REFUSED = but(
    _VALID,
    drop=("promised_on",),
    decision="refused",
    reason="不属于本部门职权范围",
    handler="测试经办人丁",
    document_no="（测）受字第0号",
    basic_code="000131014000",
    region_code="510502000000",
    statutory_on="2026-03-31",
)

CONTRACT = Contract(
    type="cn.gov.acceptance.decided",
    version=1,
    title=Text("受理", "Acceptance decided"),
    meaning=Text(
        "部门决定受理或不予受理；受理之日起计算办理时限。",
        "The department has taken the case on or declined to; the legal clock starts with an acceptance.",
    ),
    model=AcceptanceDecided,
    rules=(RequiredWhen("reason", "decision", ("refused",)),),
    examples=(
        Example("受理 / accepted", _VALID),
        Example("不予受理 / not accepted", _REFUSED),
        Example(
            "不予受理而无原因 / not accepted, without a reason",
            but(_REFUSED, drop=("reason",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
        Example(
            "承诺时间不是日期 / a promise that is no date",
            but(_VALID, promised_on="10个工作日"),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.promised_on"),),
        ),
        Example(
            "缺少部门代码，结论为地方代码 / no department code, a site's own code",
            but(_VALID, drop=("department_code",), decision=1),
            valid=False,
            expect=(("E_V_MISSING", "$.data.department_code"), ("E_V_CODE", "$.data.decision")),
        ),
    ),
)
