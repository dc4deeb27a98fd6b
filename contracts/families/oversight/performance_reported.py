# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""绩效: how one unit handled its cases in one period, in numbers."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import Satisfaction
from contracts.contract import Contract
from contracts.count_rules import NotMore, SumOf
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import Day, Department, Flag, Item, Line20, Line50, Line100, Line200, Moment, says
from contracts.families.oversight.measures import Count, Points
from contracts.families.record import Record
from contracts.rules import Distinct, NotBefore, Together
from contracts.text import Text


class RulePoints(BaseModel):
    """What one rule gave or took. Rules differ from city to city, so they are named here and never known."""

    model_config = STRICT

    rule_no: Annotated[Line20, says("考核规则编号", "Number of the rule")]
    rule_name: Annotated[Line100 | None, says("考核规则名称", "Name of the rule")] = None
    times: Annotated[Count, says("次数", "How often it applied")]
    points: Annotated[Points, says("分值", "Points it gave or took in all; negative when taken")]


class SatisfactionCount(BaseModel):
    """How many ratings had one degree."""

    model_config = STRICT

    satisfaction: Annotated[Satisfaction, says("满意度代码", "Degree of satisfaction, 1 is the best")]
    count: Annotated[Count, says("评价数", "Number of ratings of this degree")]


class Pace(BaseModel):
    """How many cases, and how fast: of the green channel, or of all others."""

    model_config = STRICT

    accepted: Annotated[Count, says("受理数", "Cases taken on")]
    completed: Annotated[Count, says("办结数", "Cases closed")]
    on_time: Annotated[Count, says("按时办结数", "Cases closed within the promised time")]
    overdue: Annotated[Count, says("超期办结数", "Cases closed beyond the promised time")]
    average_working_days: Annotated[
        Points | None,
        says("平均办理工作日", "Working days from acceptance to completion, pauses not counted, on average"),
    ] = None
    average_promised_days: Annotated[
        Points | None, says("平均承诺工作日", "Working days promised to the same cases, on average")
    ] = None


class ItemPerformance(Pace):
    """How one item was handled."""

    item_code: Annotated[Item, says("事项实施编码", "Code of the item")]
    item_name: Annotated[Line200 | None, says("事项名称", "Name of the item")] = None
    green_channel: Annotated[Flag | None, says("是否绿色通道", "Whether it is in the green channel")] = None
    early: Annotated[Count, says("提前办结数", "Cases closed before the last day promised")]
    statutory_on_time: Annotated[Count, says("法定时限内办结数", "Cases closed within the time that the law gives")]
    warned: Annotated[Count, says("预警数", "Warnings about its cases")]
    ordered: Annotated[Count, says("督办数", "Supervise orders about its cases")]


class PerformanceReported(Record):
    """One unit's report. A case counts in the period in which the named thing happened to it."""

    report_no: Annotated[Line50, says("绩效报告编号", "Number of the report; equal to the envelope's subject")]
    department_code: Annotated[Department, says("考核单位代码", "Code of the unit the report is about")]
    department_name: Annotated[Line100, says("考核单位名称", "Name of that unit")]
    period_from: Annotated[Day, says("考核期起始日期", "First day of the period")]
    period_until: Annotated[Day, says("考核期截止日期", "Last day of the period")]
    accepted: Annotated[Count, says("受理数", "Cases taken on")]
    completed: Annotated[Count, says("办结数", "Cases closed")]
    on_time: Annotated[Count, says("按时办结数", "Cases closed within the promised time, early ones among them")]
    early: Annotated[Count | None, says("提前办结数", "Cases closed before the last day promised")] = None
    overdue: Annotated[Count, says("超期办结数", "Cases closed beyond the promised time")]
    yellow_cards: Annotated[Count, says("黄牌数", "Yellow cards given")]
    red_cards: Annotated[Count, says("红牌数", "Red cards given")]
    base_points: Annotated[Points | None, says("基准分", "Points from which the rules count up and down")] = None
    points: Annotated[tuple[RulePoints, ...], Field(max_length=200), says("计分明细", "Points by rule")] = ()
    score: Annotated[Points | None, says("总分", "The unit's score")] = None
    satisfaction: Annotated[
        tuple[SatisfactionCount, ...], Field(max_length=5), says("满意度统计", "Ratings by degree of satisfaction")
    ] = ()
    statutory_on_time: Annotated[
        Count | None, says("法定时限内办结数", "Cases closed within the time that the law gives")
    ] = None
    warned: Annotated[Count | None, says("预警数", "Warnings about its cases")] = None
    ordered: Annotated[Count | None, says("督办数", "Supervise orders about its cases")] = None
    average_working_days: Annotated[
        Points | None,
        says("平均办理工作日", "Working days from acceptance to completion, pauses not counted, on average"),
    ] = None
    average_promised_days: Annotated[
        Points | None, says("平均承诺工作日", "Working days promised to the same cases, on average")
    ] = None
    items: Annotated[tuple[ItemPerformance, ...], Field(max_length=5000), says("分事项统计", "By item")] = ()
    green: Annotated[Pace | None, says("绿色通道统计", "The items of the green channel")] = None
    ordinary: Annotated[Pace | None, says("其余事项统计", "All other items, to compare")] = None
    reported_at: Annotated[Moment, says("报告时间", "When the numbers were drawn")]


_VALID = {
    "report_no": "JX-202603-0001",
    "department_code": "115105020000000008",
    "department_name": "示例区市场监督管理局（测试）",
    "period_from": "2026-03-01",
    "period_until": "2026-03-31",
    "accepted": 120,
    "completed": 100,
    "on_time": 99,
    "overdue": 1,
    "yellow_cards": 1,
    "red_cards": 0,
    "reported_at": "2026-04-01T01:00:00+08:00",
}
_FULL = but(
    _VALID,
    early=80,
    base_points="100.00",
    points=[
        {"rule_no": "GZ-003", "rule_name": "超过法定时限一个工作日", "times": 1, "points": "-1.00"},
        {"rule_no": "GZ-007", "times": 2, "points": "-0.50"},
        {"rule_no": "GZ-011", "times": 0, "points": "0.00"},
    ],
    score="98.50",
    satisfaction=[{"satisfaction": "1", "count": 60}, {"satisfaction": "5", "count": 1}],
    region_code="510502",
    record_version=2,
)
_FAST = {
    "accepted": 20,
    "completed": 20,
    "on_time": 20,
    "overdue": 0,
    "average_working_days": "2.50",
    "average_promised_days": "4.00",
}
_BY_ITEM = but(
    _VALID,
    early=80,
    statutory_on_time=100,
    warned=3,
    ordered=1,
    average_working_days="6.25",
    average_promised_days="8.00",
    items=[
        {
            **_FAST,
            "item_code": "1151050200000000084000131014000",
            "item_name": "食品经营许可（新办）",
            "green_channel": True,
            "early": 18,
            "statutory_on_time": 20,
            "warned": 0,
            "ordered": 0,
        }
    ],
    green=_FAST,
    ordinary={"accepted": 100, "completed": 80, "on_time": 79, "overdue": 1},
)

CONTRACT = Contract(
    type="cn.gov.performance.reported",
    version=1,
    title=Text("绩效", "Performance reported"),
    meaning=Text(
        "一个单位在一个考核期内的办件数量、黄红牌、计分与满意度；计分规则以数据给出。",
        "A unit's cases, cards, points and ratings of one period; the rules behind the points are data.",
    ),
    model=PerformanceReported,
    subject="report_no",
    rules=(
        NotBefore("period_until", "period_from"),
        SumOf("completed", ("on_time", "overdue")),
        NotMore("early", "on_time"),
        Together(("base_points", "score")),
        Distinct("points", "rule_no"),
        Distinct("satisfaction", "satisfaction"),
    ),
    examples=(
        Example("只有数量 / numbers only", _VALID),
        Example("含计分与满意度 / with points and ratings", _FULL),
        Example("分事项，绿色通道单列 / by item, the green channel apart", _BY_ITEM),
        Example(
            "事项的办结数为负，平均天数为数字 / fewer cases of an item than none, an average as a number",
            but(_BY_ITEM, items=[{**_BY_ITEM["items"][0], "completed": -1}], average_working_days=6.25),
            valid=False,
            expect=(("E_V_TYPE", "$.data.average_working_days"), ("E_V_RANGE", "$.data.items[0].completed")),
        ),
        Example(
            "数量互相矛盾 / numbers that contradict each other",
            but(_FULL, overdue=2, early=100),
            valid=False,
            expect=(("E_V_RULE", "$.data.completed"), ("E_V_RULE", "$.data.early")),
        ),
        Example(
            "分值写成数字与负零 / points as a number and as a negative zero",
            but(_FULL, score=98.5, points=[{"rule_no": "GZ-003", "times": 1, "points": "-0.00"}]),
            valid=False,
            expect=(("E_V_TYPE", "$.data.score"), ("E_V_FORMAT", "$.data.points[0].points")),
        ),
        Example(
            "考核期颠倒 / the period ends before it begins",
            but(_VALID, period_until="2026-02-28"),
            valid=False,
            expect=(("E_V_RULE", "$.data.period_until"),),
        ),
        Example(
            "同一满意度出现两次，总分无基准 / one degree twice, a score without a base",
            but(
                _FULL,
                drop=("base_points",),
                satisfaction=[{"satisfaction": "1", "count": 60}, {"satisfaction": "1", "count": 1}],
            ),
            valid=False,
            expect=(("E_V_RULE", "$.data.satisfaction[1].satisfaction"), ("E_V_RULE", "$.data.base_points")),
        ),
    ),
)
