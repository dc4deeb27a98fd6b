# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""会签与并联意见, version 2: a department that agrees on conditions may say which materials are to follow, and by when (容缺).

The list reads as that of an acceptance (version 2) does, and is followed in the same way until everything has come.
"""

from typing import Annotated

from pydantic import Field

from contracts.contract import Contract
from contracts.conversion import Conversion
from contracts.example import Example, but
from contracts.families.fields import Day, Line200, Prose1000, says
from contracts.families.handling.opinion_given import CONTRACT as FIRST
from contracts.families.handling.opinion_given import OpinionGiven
from contracts.families.material import whole_files
from contracts.personal import PersonalClass
from contracts.rules import AbsentWhen, RequiredWhen
from contracts.steps import Added
from contracts.text import Text


class OpinionGivenV2(OpinionGiven):
    """One department's opinion, and what it wants besides. One with a higher ``record_version`` replaces its list, too."""

    missing_materials: Annotated[
        Annotated[tuple[Line200, ...], Field(min_length=1, max_length=200)] | None,
        says("需补交的材料", "Names of the materials that are to follow"),
    ] = None
    missing_due_on: Annotated[Day | None, says("补交期限", "Last day for those materials")] = None
    missing_consequence: Annotated[
        Prose1000 | None, says("超期处理方法", "What happens if they do not come in time"), PersonalClass.FREE_TEXT
    ] = None


_VALID = dict(FIRST.examples[0].data)
_CONDITIONAL = dict(FIRST.examples[1].data)
_LACKING = but(
    _CONDITIONAL,
    conditions="补交平面图后有效",
    reason="平面图未提交",
    missing_materials=["平面图"],
    missing_due_on="2026-03-16",
    missing_consequence="逾期未补齐的，本意见失效",
)
_UNCONDITIONAL = ("agree", "object", "none")
_LIST = ("missing_materials", "missing_due_on", "missing_consequence")

CONTRACT = Contract(
    type="cn.gov.opinion.given",
    version=2,
    title=Text("会签意见", "Opinion given"),
    meaning=Text(
        "一个部门就征求意见、会签或并联审批答复牵头部门：同意、有条件同意、不同意或无意见；有条件同意的，可列明容缺补交的材料与期限。",
        "A department answers the one that leads: it agrees, agrees with conditions, objects, or has no opinion. Who agrees with "
        "conditions may list materials that are to follow, and by when.",
    ),
    model=OpinionGivenV2,
    rules=(
        RequiredWhen("conditions", "opinion", ("conditions",)),
        *(AbsentWhen(name, "opinion", _UNCONDITIONAL) for name in ("conditions", *_LIST)),
        RequiredWhen("reason", "opinion", ("object",)),
        whole_files("materials"),
    ),
    examples=(
        Example("同意 / agrees", _VALID),
        Example("有条件同意 / agrees with conditions", _CONDITIONAL),
        Example("有条件同意，材料容缺 / agrees, materials to follow", _LACKING),
        Example(
            "同意又要材料 / agrees and yet wants materials",
            but(_VALID, missing_materials=["平面图"]),
            valid=False,
            expect=(("E_V_RULE", "$.data.missing_materials"),),
        ),
        Example(
            "有条件同意而无条件 / conditions that nobody states",
            but(_LACKING, drop=("conditions",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.conditions"),),
        ),
        Example(
            "材料不是清单，期限不是日期 / materials that are no list, a last day that is none",
            but(_LACKING, missing_materials="平面图", missing_due_on="十个工作日"),
            valid=False,
            expect=(("E_V_TYPE", "$.data.missing_materials"), ("E_V_FORMAT", "$.data.missing_due_on")),
        ),
    ),
    conversion=Conversion(tuple(map(Added, _LIST))),
)
