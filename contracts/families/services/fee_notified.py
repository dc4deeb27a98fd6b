# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""缴款通知: what has to be paid, to whom and until when, GB/T 39046-2020 table 14 and the non-tax revenue record."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import FeeNoticeStatus
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import (
    Day,
    Line20,
    Line30,
    Line50,
    Line100,
    Line200,
    Line500,
    Moment,
    Money,
    Prose1000,
    says,
)
from contracts.families.services.adds_up import AddsUp
from contracts.families.services.charging_unit import ChargingUnit
from contracts.personal import PersonalClass
from contracts.rules import RequiredWhen, Together
from contracts.text import Text


class Fee(BaseModel):
    """收费项目."""

    model_config = STRICT

    code: Annotated[Line50 | None, says("收费项目编码", "Code of the fee")] = None
    name: Annotated[Line200, says("收费项目名称", "Name of the fee")]
    standard: Annotated[Line200 | None, says("收费标准", "The rate, as written, such as 10 yuan per copy")] = None
    amount: Annotated[Money, says("项目金额", "Amount in yuan, two decimals")]


class FeeNotified(CaseRecord):
    """One notice to pay."""

    notice_no: Annotated[Line50, says("缴款通知书号", "Number of the notice (缴款单号); payments refer to it")]
    number_check_code: Annotated[
        Line20 | None, says("号码校验码", "Check code of the number; with it the notice is found at the bank")
    ] = None
    notice_check_code: Annotated[Line20 | None, says("全书校验码", "Check code of the whole notice")] = None
    status: Annotated[FeeNoticeStatus, says("通知状态", "Whether it is to be paid or has been withdrawn")]
    reason: Annotated[Prose1000 | None, says("作废原因", "Why it was withdrawn"), PersonalClass.FREE_TEXT] = None
    unit_code: Annotated[ChargingUnit, says("执收单位编码", "Code of the body that charges")]
    unit_name: Annotated[Line100, says("执收单位名称", "Name of the body that charges")]
    handler: Annotated[Line30 | None, says("收费人员", "Officer who charges"), PersonalClass.NAME] = None
    payer_name: Annotated[Line100, says("缴款人名称", "Who has to pay"), PersonalClass.NAME]
    items: Annotated[
        tuple[Fee, ...], Field(min_length=1, max_length=100), says("收费项目", "What is charged, at least one fee")
    ]
    amount: Annotated[Money, says("应缴金额", "Sum of the fees in yuan, two decimals")]
    legal_basis: Annotated[Line500 | None, says("收费依据", "The provision that allows the fee")] = None
    notified_at: Annotated[Moment, says("通知时间", "When the notice was given")]
    due_on: Annotated[Day | None, says("缴款期限", "Last day for paying")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "notice_no": "JK-000001",
    "status": "issued",
    "unit_code": "000000",
    "unit_name": "示例区市场监督管理局（测试）",
    "payer_name": "示例餐饮有限公司（测试）",
    "items": [{"name": "工本费", "amount": "10.00"}],
    "amount": "10.00",
    "notified_at": "2026-03-03T10:05:00+08:00",
}
_FULL = but(
    _VALID,
    number_check_code="00000",
    notice_check_code="00000",
    handler="测试经办人丁",
    items=[
        {"code": "000000000", "name": "检验费", "standard": "每批次 600.10 元", "amount": "1200.20"},
        {"name": "工本费", "amount": "0.80"},
    ],
    amount="1201.00",
    legal_basis="示例收费管理办法第0条",
    due_on="2026-03-17",
    region_code="510502",
)
_WITHDRAWN = but(_VALID, status="withdrawn", reason="减免收费")

CONTRACT = Contract(
    type="cn.gov.fee.notified",
    version=1,
    title=Text("缴款通知", "Fee notified"),
    meaning=Text(
        "执收单位通知缴款人缴纳费用，或将通知作废；金额为人民币元。",
        "A body tells somebody to pay a fee, or withdraws the notice. Amounts are in yuan (CNY).",
    ),
    model=FeeNotified,
    rules=(
        AddsUp("amount", ("amount",), each="items"),
        RequiredWhen("reason", "status", ("withdrawn",)),
        Together(("number_check_code", "notice_check_code")),
    ),
    examples=(
        Example("一项费用 / one fee", _VALID),
        Example("多项费用，字段齐全 / several fees with every field", _FULL),
        Example("作废 / withdrawn", _WITHDRAWN),
        Example(
            "合计不符 / a sum that is wrong",
            but(_FULL, amount="1201.01"),
            valid=False,
            expect=(("E_V_RULE", "$.data.amount"),),
        ),
        Example(
            "金额写成数字或一位小数 / an amount as a number, or with one decimal",
            but(_VALID, amount=10.0, items=[{"name": "工本费", "amount": "10.0"}]),
            valid=False,
            expect=(("E_V_TYPE", "$.data.amount"), ("E_V_FORMAT", "$.data.items[0].amount")),
        ),
        Example(
            "负数、千分位与前导零 / a sign, separators, a leading zero",
            but(
                _VALID,
                amount="-10.00",
                items=[{"name": "检验费", "amount": "1,200.00"}, {"name": "工本费", "amount": "010.00"}],
            ),
            valid=False,
            expect=(
                ("E_V_FORMAT", "$.data.items[0].amount"),
                ("E_V_FORMAT", "$.data.items[1].amount"),
                ("E_V_FORMAT", "$.data.amount"),
            ),
        ),
        Example(
            "作废而无原因，校验码不全 / withdrawn without a reason, one check code of two",
            but(_WITHDRAWN, drop=("reason",), number_check_code="00000"),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"), ("E_V_RULE", "$.data.notice_check_code")),
        ),
    ),
)
