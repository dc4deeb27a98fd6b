# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""评价 on the scale of GB/T 39046-2020 tables 9 and A.8, where 1 is the best."""

from typing import Annotated

from pydantic import Field

from contracts.codes import RatingGiver, RatingPlatform, Satisfaction
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Line50, Line100, Moment, Prose2000, says
from contracts.families.public.nobody_rated import NobodyRated
from contracts.personal import PersonalClass
from contracts.rules import AbsentWhen
from contracts.text import Text

NOBODY = (RatingGiver.SYSTEM_DEFAULT.value,)

Times = Annotated[int, Field(strict=True, ge=1, le=99)]


class EvaluationRecorded(CaseRecord):
    """One rating of one case. The hub carries ratings; it never makes one."""

    given_by: Annotated[RatingGiver, says("评价来源", "Whether a person rated or a system filled it in")]
    channel: Annotated[
        Line50 | None, says("评价渠道", "Where the rating was given, in words; 系统默认 when nobody rated")
    ] = None
    evaluator: Annotated[Line100 | None, says("评价人", "Who rated"), PersonalClass.NAME] = None
    evaluated_at: Annotated[Moment, says("评价时间", "When the rating was given")]
    times: Annotated[Times | None, says("评价次数", "Which rating of this case it is, 1 to 99")] = None
    satisfaction: Annotated[
        Satisfaction,
        says("满意度代码（1 为非常满意）", "How satisfied, GB/T 39046 table A.8: 1 is the best and 5 the worst"),
    ]
    comment: Annotated[Prose2000 | None, says("文字评价", "The rating in words"), PersonalClass.FREE_TEXT] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "given_by": "person",
    "channel": "窗口评价器",
    "evaluated_at": "2026-03-12T09:45:00+08:00",
    "satisfaction": "1",
}
_FULL = but(
    _VALID,
    channel="电脑端",
    satisfaction="5",
    evaluator="测试申请人甲",
    times=2,
    comment="等候时间过长。\n请改进。",
    item_code="1151050200000000084000131014000",
    department_code="115105020000000008",
    region_code="510502",
)
_DEFAULT = but(_VALID, given_by="system_default", channel="系统默认")

CONTRACT = Contract(
    type="cn.gov.evaluation.recorded",
    version=1,
    title=Text("评价（国标满意度）", "Evaluation recorded, scale of the standard"),
    meaning=Text(
        "办事人对办件作出评价，满意度 1 为最好。无人评价而由系统默认的，须如实标明。",
        "The person served has rated a case; 1 is the best. What a system filled in says so.",
    ),
    model=EvaluationRecorded,
    rules=(
        NobodyRated("channel", RatingPlatform.SYSTEM_DEFAULT.text.zh),
        AbsentWhen("evaluator", "given_by", NOBODY),
        AbsentWhen("comment", "given_by", NOBODY),
    ),
    examples=(
        Example("窗口评价 / rated at a window", _VALID),
        Example("网上差评 / a bad rating online", _FULL),
        Example("系统默认 / filled in by a system", _DEFAULT),
        Example(
            "没有说明是否有人评价 / not said whether anybody rated",
            but(_VALID, drop=("given_by",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.given_by"),),
        ),
        Example(
            "系统默认而称本人评价 / a default that claims a person",
            but(_DEFAULT, given_by="person"),
            valid=False,
            expect=(("E_V_RULE", "$.data.given_by"),),
        ),
        Example(
            "系统默认而有评价人与文字 / a default with an evaluator and words",
            but(_DEFAULT, evaluator="测试申请人甲", comment="很好"),
            valid=False,
            expect=(("E_V_RULE", "$.data.evaluator"), ("E_V_RULE", "$.data.comment")),
        ),
        Example(
            "按国家接口的写法填写满意度 / a rating as the national interface has it",
            but(_VALID, satisfaction="very_satisfied", times=0),
            valid=False,
            expect=(("E_V_CODE", "$.data.satisfaction"), ("E_V_RANGE", "$.data.times")),
        ),
    ),
)
