# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""申请: what an applicant asks for, GB/T 39046-2020 table 5."""

from typing import Annotated

from pydantic import Field

from contracts.codes import CaseType, Channel
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Item, Line20, Line50, Line200, Line500, Moment, ProjectCode, Region, says
from contracts.families.form import SAME_ITEM, ItemForm
from contracts.families.material import Material, whole_files
from contracts.families.party import Applicant, Contact
from contracts.personal import PersonalClass
from contracts.text import Text


class ApplicationSubmitted(CaseRecord):
    """One application as the applicant made it."""

    region_code: Annotated[Region, says("行政区划代码", "Administrative division where the case is handled")]
    item_code: Annotated[Item, says("实施编码", "Code of the item applied for")]
    item_name: Annotated[Line200, says("事项名称", "Name of the item")]
    basic_code: Annotated[Line20 | None, says("基本编码", "National basic code of the item")] = None
    case_type: Annotated[CaseType, says("办件类型代码", "Whether the case is done at once or by a promised date")]
    channel: Annotated[Channel, says("申报来源代码", "Where the application was made")]
    applicant: Annotated[Applicant, says("申请者", "Who applies")]
    contact: Annotated[Contact | None, says("联系人/代理人", "Whom to call, or who acts for the applicant")] = None
    summary: Annotated[Line500 | None, says("申办摘要", "What the application is about"), PersonalClass.FREE_TEXT] = (
        None
    )
    project_code: Annotated[ProjectCode | None, says("投资项目编号", "Investment project code (GB/T 40058)")] = None
    package_no: Annotated[Line50 | None, says("套餐编号", "The package (套餐) this application is a part of")] = None
    applied_at: Annotated[Moment, says("申请时间", "When the application was made")]
    materials: Annotated[
        tuple[Material, ...], Field(max_length=200), says("材料", "Materials handed in, in order")
    ] = ()
    form: Annotated[ItemForm | None, says("事项表单", "What the item's own form asks")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "region_code": "510502",
    "item_code": "1151050200000000084000131014000",
    "item_name": "食品经营许可（新办）",
    "case_type": "2",
    "channel": "2",
    "applicant": {"type": "1", "name": "测试申请人甲", "id_type": "111", "id_number": "99000019900101005X"},
    "applied_at": "2026-03-02T09:05:00+08:00",
}
_FILE = {"digest": "sha256:" + "0a" * 32, "size": 52310, "media_type": "application/pdf"}
_FULL = but(
    _VALID,
    department_code="115105020000000008",
    level_code="4",
    record_version=1,
    basic_code="000131014000",
    applicant={
        "type": "2",
        "name": "示例餐饮有限公司（测试）",
        "id_type": "001",
        "id_number": "E" * 64,
        "legal_representative": "测试法人乙",
        "phone": "0000-0000000",
        "postcode": "646000",
        "address": "测试区示例街 0 号",
    },
    contact={"name": "测试联系人丙", "id_type": "111", "id_number": "990000190001010016", "mobile": "00000000000"},
    summary="开办示例餐厅（测试）",
    project_code="0000-000000-00-00-000000",
    package_no="TC-000001",
    materials=[
        {"name": "营业执照副本", "file_name": "执照.pdf", "collected": True, **_FILE},
        {"name": "身份证复印件", "collected": False, "collected_by": "窗口", "copies": 1},
        {"name": "平面图", "copies": 2, "collected_at": "2026-03-02T01:05:00Z"},
    ],
    form={
        "item_code": "1151050200000000084000131014000",
        "form_version": 1,
        "data": {"business_form": "catering", "area": 86.5, "kitchens": [{"kind": "hot", "seats": None}]},
    },
)

CONTRACT = Contract(
    type="cn.gov.application.submitted",
    version=1,
    title=Text("申请", "Application submitted"),
    meaning=Text(
        "申请人提交了一件申请；材料只带摘要，原文按摘要取用。",
        "An applicant has made an application. Materials are named by digest and fetched by it.",
    ),
    model=ApplicationSubmitted,
    rules=(whole_files("materials"), SAME_ITEM),
    examples=(
        Example("个人网上申请 / a person applies online", _VALID),
        Example("企业申请，材料齐全 / a company applies with every field", _FULL),
        Example(
            "机构代码少一位，受理但有提示 / a department code that lacks a character: accepted, with a warning",
            but(_VALID, department_code="11510502000000000"),
        ),
        Example(
            "缺少事项与申请人 / item and applicant missing",
            but(_VALID, drop=("item_code", "applicant")),
            valid=False,
            expect=(("E_V_MISSING", "$.data.item_code"), ("E_V_MISSING", "$.data.applicant")),
        ),
        Example(
            "代码与格式错误 / wrong codes and forms",
            but(_VALID, case_type="7", region_code="5105", applied_at="20260302T090500"),
            valid=False,
            expect=(
                ("E_V_CODE", "$.data.case_type"),
                ("E_V_FORMAT", "$.data.region_code"),
                ("E_V_FORMAT", "$.data.applied_at"),
            ),
        ),
        Example(
            "材料只有摘要没有大小 / a material with a digest and no size",
            but(_VALID, materials=[{"name": "平面图", "digest": _FILE["digest"], "media_type": "image/png"}]),
            valid=False,
            expect=(("E_V_RULE", "$.data.materials[0].size"),),
        ),
        Example(
            "表单属于另一事项，版本与数据类型错误 / the form of another item, its version and data of the wrong type",
            but(_VALID, form={"item_code": "1151050200000000084000000000002", "form_version": "1", "data": [1]}),
            valid=False,
            expect=(
                ("E_V_TYPE", "$.data.form.form_version"),
                ("E_V_TYPE", "$.data.form.data"),
                ("E_V_RULE", "$.data.form.item_code"),
            ),
        ),
        Example(
            "多出的字段与过长的名称 / an unknown field and a name too long",
            but(_VALID, item_name="甲" * 201, itemName="甲"),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.item_name"), ("E_V_UNKNOWN_FIELD", "$.data.itemName")),
        ),
    ),
)
