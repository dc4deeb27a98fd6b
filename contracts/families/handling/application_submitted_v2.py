# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""申请, version 2: the item's codes are told apart by kind, so that nobody has to guess from their length."""

from typing import Annotated

from pydantic import Field

from contracts.codes import CaseType, Channel
from contracts.contract import Contract
from contracts.conversion import Conversion
from contracts.example import Example, but
from contracts.families.fields import Item, Line50, Line200, Line500, Moment, ProjectCode, Region, says
from contracts.families.form import SAME_ITEM, ItemForm
from contracts.families.item_codes import ITEM_CODE_RULES, ITEM_CODE_STEPS, ItemCodes
from contracts.families.material import Material, whole_files
from contracts.families.party import Applicant, Contact
from contracts.personal import PersonalClass
from contracts.text import Text


class ApplicationSubmittedV2(ItemCodes):
    """One application as the applicant made it."""

    region_code: Annotated[Region, says("行政区划代码", "Administrative division where the case is handled")]
    item_code: Annotated[Item, says("事项编码", "Code of the item applied for, of any kind; messages are routed by it")]
    item_name: Annotated[Line200, says("事项名称", "Name of the item")]
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


_IMPLEMENTATION = "1151050200000000084000131014000"
_VALID = {
    "case_no": "510500-20260302-000001",
    "region_code": "510502",
    "item_code": _IMPLEMENTATION,
    "item_code_kind": "implementation",
    "item_name": "食品经营许可（新办）",
    "case_type": "2",
    "channel": "2",
    "applicant": {"type": "1", "name": "测试申请人甲", "id_type": "111", "id_number": "99000019900101005X"},
    "applied_at": "2026-03-02T09:05:00+08:00",
}
_FULL = but(
    _VALID,
    department_code="115105020000000008",
    level_code="4",
    record_version=1,
    handling_item_code=_IMPLEMENTATION + "01",
    old_item_code="000000000000000000000001",
    local_item_code="SPJY-0001",
    basic_code="000131014000",
    old_basic_code="XK0000000Y",
    local_basic_code="食品-0001",
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
        {
            "name": "营业执照副本",
            "digest": "sha256:" + "0a" * 32,
            "size": 52310,
            "media_type": "application/pdf",
            "file_name": "执照.pdf",
            "collected": True,
        },
        {"name": "身份证复印件", "collected": False, "collected_by": "窗口", "copies": 1},
        {"name": "平面图", "copies": 2, "collected_at": "2026-03-02T09:05:00+08:00"},
    ],
    form={"item_code": _IMPLEMENTATION, "form_version": 1, "data": {"business_form": "catering", "area": 86.5}},
)
_LOCAL = but(
    _VALID,
    item_code="511A0100000000-510502000000-000-115105020000000008-1-00",
    item_code_kind="local",
    implementation_code=_IMPLEMENTATION,
)

CONTRACT = Contract(
    type="cn.gov.application.submitted",
    version=2,
    title=Text("申请", "Application submitted"),
    meaning=Text(
        "申请人提交了一件申请，并说明事项编码属哪一种；材料只带摘要，原文按摘要取用。",
        "An applicant has made an application, and the kind of its item code is stated. Materials are named by digest.",
    ),
    model=ApplicationSubmittedV2,
    rules=(whole_files("materials"), SAME_ITEM, *ITEM_CODE_RULES),
    examples=(
        Example("个人网上申请 / a person applies online", _VALID),
        Example("企业申请，编码与材料齐全 / a company applies with every code and field", _FULL),
        Example("地方编码，另附实施编码 / a local code, with the implementation code beside it", _LOCAL),
        Example(
            "没有说明编码种类 / the kind of the code is not stated",
            but(_VALID, drop=("item_code_kind",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.item_code_kind"),),
        ),
        Example(
            "旧编码称作新实施编码 / an old code that claims to be a new one",
            but(_VALID, item_code="000000000000000000000001"),
            valid=False,
            expect=(("E_V_RULE", "$.data.item_code"),),
        ),
        Example(
            "同一种编码填写两个 / two codes of one kind",
            but(_VALID, implementation_code=_IMPLEMENTATION),
            valid=False,
            expect=(("E_V_RULE", "$.data.implementation_code"),),
        ),
        Example(
            "旧基本编码填入新基本编码 / an old basic code in the place of a new one",
            but(_VALID, basic_code="XK0000000Y", old_basic_code="000131014000"),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.basic_code"), ("E_V_FORMAT", "$.data.old_basic_code")),
        ),
    ),
    conversion=Conversion(ITEM_CODE_STEPS),
)
