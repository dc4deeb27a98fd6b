# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""实施清单: an item as one department carries it out, GB/T 39046-2020 table 4."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import (
    ApplicantType,
    CaseType,
    Channel,
    ExerciseLevel,
    HandlingScope,
    ItemStatus,
    ItemType,
    OrganisationNature,
)
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.catalogue.fee import Fee, FeesTold
from contracts.families.catalogue.item_directory import ItemVersion
from contracts.families.catalogue.time_limit import PromiseWithinLaw, TimeLimit
from contracts.families.fields import (
    Copies,
    Day,
    Department,
    Flag,
    Item,
    Line20,
    Line50,
    Line100,
    Line200,
    Prose1000,
    Prose2000,
    Region,
    says,
)
from contracts.rules import NotBefore, RequiredWhen
from contracts.text import Text


class ItemResult(BaseModel):
    """What an item may end in."""

    model_config = STRICT

    name: Annotated[Line100, says("结果名称", "Name of the result")]
    licence_type_code: Annotated[Line50 | None, says("证照类型代码", "Type of the licence, where it is one")] = None


class RequiredMaterial(BaseModel):
    """A material that the applicant hands in."""

    model_config = STRICT

    name: Annotated[Line200, says("材料名称", "Name of the material")]
    originals: Annotated[Copies, says("原件份数", "Number of originals, 0 to 99")]
    copies: Annotated[Copies, says("复印件份数", "Number of copies, 0 to 99")]
    required: Annotated[Flag, says("是否必备", "Whether nobody can do without it")]
    note: Annotated[Prose1000 | None, says("材料说明", "When it is needed, and in what form")] = None


class ItemImplementation(BaseModel):
    """One implementation of an item in one version."""

    model_config = STRICT

    item_code: Annotated[Item, says("实施编码", "Code of the item as implemented; equal to the envelope's subject")]
    basic_code: Annotated[Line20, says("基本编码", "National basic code of the item")]
    handling_item_code: Annotated[
        Item | None, says("业务办理项编码", "Code of the handling item, where this is one of several")
    ] = None
    local_code: Annotated[Line50 | None, says("地方实施编码", "Code of the implementation in the local catalogue")] = (
        None
    )
    item_name: Annotated[Line200, says("事项名称", "Name of the item")]
    item_type: Annotated[ItemType, says("事项类型代码", "Kind of power or service, table A.1")]
    case_type: Annotated[CaseType, says("办件类型代码", "Whether cases are done at once or by a promised date")]
    legal_basis: Annotated[Prose1000, says("设定依据", "The law or rule that the item rests on")]
    region_code: Annotated[Region, says("行政区划代码", "Administrative division where it is carried out")]
    level_code: Annotated[ExerciseLevel, says("行使层级代码", "Level of government that exercises the power")]
    department_name: Annotated[Line100, says("实施主体", "Name of the department that carries it out")]
    department_code: Annotated[Department, says("实施主体代码", "Code of the department")]
    department_nature: Annotated[OrganisationNature, says("实施主体性质代码", "By what right it does, table A.3")]
    statutory: Annotated[
        TimeLimit | None, says("法定办结时限", "How long the law allows; absent when it does not say")
    ] = None
    promised: Annotated[TimeLimit, says("承诺办结时限", "How long the department promises to take")]
    special_procedures: Annotated[
        Prose2000 | None, says("特别程序", "Hearings, reviews and the like that a case may go through")
    ] = None
    results: Annotated[tuple[ItemResult, ...], Field(max_length=50), says("办理结果", "What a case may end in")] = ()
    charged: Annotated[Flag, says("是否收费", "Whether anything is charged")]
    fees: Annotated[tuple[Fee, ...], Field(max_length=50), says("收费项目", "What is charged for")] = ()
    handling_scope: Annotated[HandlingScope | None, says("通办范围", "Where else a case may be opened")] = None
    service_objects: Annotated[
        tuple[ApplicantType, ...],
        Field(min_length=1, max_length=6),
        says("服务对象", "Who may apply, table A.4"),
    ]
    handling_forms: Annotated[
        tuple[Channel, ...],
        Field(min_length=1, max_length=5),
        says("办理形式", "Where one may apply, table A.5"),
    ]
    bookable: Annotated[Flag, says("是否预约", "Whether a visit can be booked")]
    payable_online: Annotated[Flag, says("是否网上支付", "Whether one can pay online")]
    by_post: Annotated[Flag, says("是否物流快递", "Whether materials and results can go by post")]
    materials: Annotated[
        tuple[RequiredMaterial, ...], Field(max_length=200), says("申请材料", "Materials to hand in, in order")
    ] = ()
    item_version: Annotated[ItemVersion, says("事项版本", "Version of the implementation, from 1")]
    status: Annotated[ItemStatus, says("事项状态", "Whether the item is in force, changed or withdrawn")]
    change_reason: Annotated[Prose1000 | None, says("变更或取消原因", "Why it was changed or withdrawn")] = None
    effective_on: Annotated[Day, says("生效日期", "First day on which this version is in force")]
    expires_on: Annotated[Day | None, says("失效日期", "Last day on which it is; absent while it has no end")] = None


_VALID = {
    "item_code": "1151050200000000084000131014000",
    "basic_code": "000131014000",
    "item_name": "食品经营许可（新办）",
    "item_type": "01",
    "case_type": "2",
    "legal_basis": "《示例法》第零条（测试）",
    "region_code": "510502",
    "level_code": "4",
    "department_name": "示例区市场监督管理局（测试）",
    "department_code": "115105020000000008",
    "department_nature": "1",
    "promised": {"length": 10, "unit": "working_day"},
    "charged": False,
    "service_objects": ["1", "2"],
    "handling_forms": ["1", "2", "3"],
    "bookable": True,
    "payable_online": False,
    "by_post": True,
    "item_version": 1,
    "status": "in_force",
    "effective_on": "2026-01-01",
}
_FULL = but(
    _VALID,
    handling_item_code="115105020000000008400013101400001",
    local_code="DF-0001",
    statutory={"length": 20, "unit": "working_day", "note": "自受理之日起计算，\n不含特别程序。"},
    promised={"length": 10, "unit": "working_day", "note": "材料齐全的当日受理"},
    special_procedures="现场核查：10个工作日",
    results=[{"name": "食品经营许可证", "licence_type_code": "000000"}, {"name": "不予许可决定书"}],
    charged=True,
    fees=[
        {"name": "工本费（示例）", "amount": "10.00", "basis": "示例收费文件（测试）"},
        {"name": "检测费（示例）", "standard": "按检测项目计"},
    ],
    payable_online=True,
    handling_scope="city",
    materials=[
        {"name": "营业执照副本", "originals": 0, "copies": 1, "required": True},
        {"name": "授权委托书", "originals": 1, "copies": 0, "required": False, "note": "委托他人办理时提供"},
    ],
    item_version=2,
    status="changed",
    change_reason="压缩承诺时限",
    expires_on="2028-12-31",
)
_WITHDRAWN = but(_VALID, item_version=3, status="withdrawn", change_reason="事项取消", expires_on="2026-06-30")

CONTRACT = Contract(
    type="cn.gov.item.implementation",
    version=1,
    title=Text("实施清单", "Item implementation"),
    meaning=Text(
        "部门实施某事项的办事要素：时限、材料、收费、结果与办理方式，及其变更或取消。",
        "How one department carries out an item: periods, materials, fees, results, ways to apply; or its withdrawal.",
    ),
    model=ItemImplementation,
    subject="item_code",
    rules=(
        FeesTold("charged", "fees"),
        PromiseWithinLaw("promised", "statutory"),
        RequiredWhen("expires_on", "status", ("withdrawn",)),
        RequiredWhen("change_reason", "status", ("changed", "withdrawn")),
        NotBefore("expires_on", "effective_on"),
    ),
    examples=(
        Example("现行事项 / in force", _VALID),
        Example("变更，字段齐全 / changed, every field", _FULL),
        Example("取消 / withdrawn", _WITHDRAWN),
        Example(
            "收费而无收费项目 / charged for nothing",
            but(_VALID, charged=True),
            valid=False,
            expect=(("E_V_RULE", "$.data.fees"),),
        ),
        Example(
            "承诺时限长于法定时限 / a promise longer than the law",
            but(_FULL, promised={"length": 21, "unit": "working_day"}),
            valid=False,
            expect=(("E_V_RULE", "$.data.promised.length"),),
        ),
        Example(
            "变更而无原因，取消而无失效日期 / withdrawn without reason and last day",
            but(_WITHDRAWN, drop=("change_reason", "expires_on")),
            valid=False,
            expect=(("E_V_RULE", "$.data.change_reason"), ("E_V_RULE", "$.data.expires_on")),
        ),
        Example(
            "份数为文字，金额为数字，是否写成 0/1 / copies as text, an amount as a number, a flag as 1",
            but(
                _FULL,
                materials=[{"name": "营业执照副本", "originals": "0", "copies": 1, "required": 1}],
                fees=[{"name": "工本费（示例）", "amount": 10}],
            ),
            valid=False,
            expect=(
                ("E_V_TYPE", "$.data.materials[0].originals"),
                ("E_V_TYPE", "$.data.materials[0].required"),
                ("E_V_TYPE", "$.data.fees[0].amount"),
            ),
        ),
        Example(
            "时限单位写成中文，缺少办理形式 / a unit in Chinese, no way to apply",
            but(_VALID, drop=("handling_forms",), promised={"length": 10, "unit": "工作日"}),
            valid=False,
            expect=(("E_V_CODE", "$.data.promised.unit"), ("E_V_MISSING", "$.data.handling_forms")),
        ),
    ),
)
