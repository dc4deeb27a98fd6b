# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""督办: the supervisor wants a case moved, and says who is to answer, GB/T 39046-2020 table 11."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import ItemType, SupervisedRole
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import Department, Line20, Line50, Line100, Moment, Prose1000, says
from contracts.personal import PersonalClass
from contracts.rules import NotBefore
from contracts.text import Text


class Supervised(BaseModel):
    """One addressee, by role and unit. Who holds the role is the unit's own knowledge; no name travels."""

    model_config = STRICT

    role: Annotated[SupervisedRole, says("督办对象角色", "Role that has to answer")]
    department_code: Annotated[Department, says("督办对象单位代码", "Code of the department the role belongs to")]
    department_name: Annotated[Line100 | None, says("督办对象单位名称", "Name of that department")] = None
    post_code: Annotated[Line50 | None, says("督办对象岗位代码", "Code of the post at that department")] = None
    stage_name: Annotated[Line100 | None, says("督办对象环节名称", "Stage the role is responsible for")] = None


class SupervisionOrdered(CaseRecord):
    """One supervise order."""

    order_no: Annotated[Line50, says("督办编号", "Number of this order")]
    supervision_no: Annotated[Line20 | None, says("监察编号", "The warning this order follows from")] = None
    content: Annotated[Prose1000, says("督办内容", "What is to be done"), PersonalClass.FREE_TEXT]
    item_type: Annotated[ItemType | None, says("事项类型代码", "Kind of the item")] = None
    supervisor_name: Annotated[Line100, says("督办机构名称", "Body that gives the order")]
    supervisor_code: Annotated[Department | None, says("督办机构代码", "Code of that body")] = None
    addressees: Annotated[
        tuple[Supervised, ...], Field(min_length=1, max_length=50), says("督办对象", "Who has to answer")
    ]
    ordered_at: Annotated[Moment, says("督办发出时间", "When the order was given")]
    reply_due_at: Annotated[Moment | None, says("督办答复期限", "By when an answer is wanted")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "order_no": "DB-20260317-0001",
    "content": "请于期限内办结并说明超期原因",
    "supervisor_name": "示例市行政效能监察机构（测试）",
    "addressees": [{"role": "item_chief", "department_code": "115105020000000008"}],
    "ordered_at": "2026-03-17T09:00:00+08:00",
}
_FULL = but(
    _VALID,
    supervision_no="JC-20260317-0001",
    item_type="01",
    supervisor_code="11510500000000000B",
    addressees=[
        {
            "role": "stage_chief",
            "department_code": "115105020000000008",
            "department_name": "示例区市场监督管理局（测试）",
            "post_code": "GW-07",
            "stage_name": "现场核查",
        },
        {"role": "item_chief", "department_code": "115105020000000008"},
        {"role": "handler", "department_code": "115105020000000008", "post_code": "GW-12"},
    ],
    reply_due_at="2026-03-19T18:00:00+08:00",
)

CONTRACT = Contract(
    type="cn.gov.supervision.ordered",
    version=1,
    title=Text("督办", "Supervision ordered"),
    meaning=Text(
        "监察机构督办一件办件，对象为环节与事项的首席代表及具体负责人，以角色和单位表示。",
        "The supervisor orders a case to be moved on; the chief representatives of stage and item and the officer in charge "
        "are addressed by role and unit.",
    ),
    model=SupervisionOrdered,
    rules=(NotBefore("reply_due_at", "ordered_at"),),
    examples=(
        Example("督办事项首席代表 / to the chief representative of the item", _VALID),
        Example("督办三个角色，限期答复 / to three roles, with a time for the answer", _FULL),
        Example(
            "没有督办对象 / addressed to nobody",
            but(_VALID, addressees=[]),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.addressees"),),
        ),
        Example(
            "答复期限早于发出时间 / the answer is due before the order",
            but(_FULL, reply_due_at="2026-03-16T18:00:00+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.reply_due_at"),),
        ),
        Example(
            "以姓名代替角色 / a name instead of a role",
            but(_VALID, addressees=[{"name": "测试负责人己", "department_code": "115105020000000008"}]),
            valid=False,
            expect=(("E_V_MISSING", "$.data.addressees[0].role"), ("E_V_UNKNOWN_FIELD", "$.data.addressees[0].name")),
        ),
    ),
)
