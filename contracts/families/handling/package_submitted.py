# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""套餐申请: several items applied for as one thing, before they are divided among departments."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.array_rules import SameInEach
from contracts.codes import CaseType, Channel
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import Department, Item, Line50, Line100, Line200, Line500, Moment, Region, says
from contracts.families.form import ItemForm
from contracts.families.material import Material, whole_files
from contracts.families.party import Applicant, Contact
from contracts.families.record import Record
from contracts.personal import PersonalClass
from contracts.rules import Distinct
from contracts.text import Text


class PackageItem(BaseModel):
    """One item of the package."""

    model_config = STRICT

    item_code: Annotated[Item, says("套餐内事项实施编码", "Code of the item")]
    item_name: Annotated[Line200, says("套餐内事项名称", "Name of the item")]
    case_type: Annotated[CaseType | None, says("办件类型代码", "Whether it is done at once or by a promised date")] = (
        None
    )
    department_code: Annotated[Department | None, says("办理部门代码", "Code of the department that handles it")] = None
    form: Annotated[ItemForm | None, says("事项表单", "The item's own form, filled in")] = None


class PackageSubmitted(Record):
    """One application for a package. Applicant and materials are shared by all its items."""

    package_no: Annotated[Line50, says("套餐编号", "Number of this package; equal to the envelope's subject")]
    region_code: Annotated[Region, says("行政区划代码", "Administrative division where the package is handled")]
    package_code: Annotated[Line50 | None, says("套餐目录代码", "Which package of the catalogue of packages")] = None
    package_name: Annotated[Line200, says("套餐名称", "Name of the package")]
    items: Annotated[
        tuple[PackageItem, ...], Field(min_length=1, max_length=100), says("套餐内事项", "What is applied for")
    ]
    channel: Annotated[Channel, says("申报来源代码", "Where the application was made")]
    applicant: Annotated[Applicant, says("申请者", "Who applies")]
    contact: Annotated[Contact | None, says("联系人/代理人", "Whom to call, or who acts for the applicant")] = None
    summary: Annotated[Line500 | None, says("申办摘要", "What the application is about"), PersonalClass.FREE_TEXT] = (
        None
    )
    lead_department_name: Annotated[Line100 | None, says("牵头部门名称", "Department that leads")] = None
    lead_department_code: Annotated[Department | None, says("牵头部门代码", "Code of the department that leads")] = None
    applied_at: Annotated[Moment, says("申请时间", "When the application was made")]
    materials: Annotated[
        tuple[Material, ...], Field(max_length=200), says("材料", "Materials handed in, in order")
    ] = ()


_LICENCE = {"item_code": "1151050200000000084000131014000", "item_name": "食品经营许可（新办）"}
_HYGIENE = {"item_code": "1151050200000002704000000000000", "item_name": "公众聚集场所消防安全检查"}
_VALID = {
    "package_no": "TC-20260302-000001",
    "region_code": "510502",
    "package_name": "开餐馆一件事",
    "items": [_LICENCE, _HYGIENE],
    "channel": "2",
    "applicant": {"type": "1", "name": "测试申请人甲", "id_type": "111", "id_number": "99000019900101005X"},
    "applied_at": "2026-03-02T09:05:00+08:00",
}
_FORM = {"item_code": _LICENCE["item_code"], "form_version": 1, "data": {"premises_area": 80}}
_FULL = but(
    _VALID,
    package_code="TCML-0001",
    items=[
        {**_LICENCE, "case_type": "2", "department_code": "115105020000000008", "form": _FORM},
        {**_HYGIENE, "case_type": "2", "department_code": "115105020000000270"},
    ],
    contact={"name": "测试联系人丙", "mobile": "00000000000"},
    summary="开办示例餐厅（测试）",
    lead_department_name="示例区市场监督管理局（测试）",
    lead_department_code="115105020000000008",
    materials=[{"name": "平面图", "digest": "sha256:" + "0b" * 32, "size": 80211, "media_type": "image/png"}],
)

CONTRACT = Contract(
    type="cn.gov.package.submitted",
    version=1,
    title=Text("套餐申请", "Package submitted"),
    meaning=Text(
        "申请人一次申请多个事项；随后拆分到各部门，每个事项各有办件编号。",
        "An applicant asks for several items at once; they are divided among departments, each with a case number of its own.",
    ),
    model=PackageSubmitted,
    subject="package_no",
    rules=(
        Distinct("items", "item_code"),
        SameInEach("items", ("form", "item_code"), "item_code"),
        whole_files("materials"),
    ),
    examples=(
        Example("两个事项 / two items", _VALID),
        Example("字段齐全 / every field", _FULL),
        Example(
            "没有事项 / no item",
            but(_VALID, items=[]),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.items"),),
        ),
        Example(
            "同一事项两次 / one item twice",
            but(_VALID, items=[_LICENCE, _LICENCE]),
            valid=False,
            expect=(("E_V_RULE", "$.data.items[1].item_code"),),
        ),
        Example(
            "表单属于另一事项 / another item's form",
            but(_VALID, items=[{**_LICENCE, "form": {**_FORM, "item_code": _HYGIENE["item_code"]}}]),
            valid=False,
            expect=(("E_V_RULE", "$.data.items[0].form.item_code"),),
        ),
        Example(
            "缺少申请者与区划，材料大小为负 / no applicant and no region, a material of negative size",
            but(
                _VALID,
                drop=("applicant", "region_code"),
                materials=[{"name": "平面图", "digest": "sha256:" + "0b" * 32, "size": -1, "media_type": "image/png"}],
            ),
            valid=False,
            expect=(
                ("E_V_MISSING", "$.data.region_code"),
                ("E_V_MISSING", "$.data.applicant"),
                ("E_V_RANGE", "$.data.materials[0].size"),
            ),
        ),
    ),
)
