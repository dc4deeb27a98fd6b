# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""到账与退付: money has come in for a notice to pay, or gone back, GB/T 39046-2020 table 14."""

from typing import Annotated

from pydantic import Field

from contracts.codes import PaymentChannel, PaymentKind
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import (
    Day,
    Line20,
    Line50,
    Line100,
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


class PaymentRecorded(CaseRecord):
    """One movement of money. Platforms tell it more than once: equal ``kind`` and ``payment_no`` are one movement."""

    notice_no: Annotated[Line50, says("缴款通知书号", "Number of the notice that was paid")]
    kind: Annotated[PaymentKind, says("收退类型", "Whether money came in or went back; amounts are never negative")]
    payment_no: Annotated[Line50, says("支付流水号", "The payment platform's number of this movement")]
    refund_of: Annotated[Line50 | None, says("原支付流水号", "Number of the payment that is paid back")] = None
    reason: Annotated[Prose1000 | None, says("退付原因", "Why it is paid back"), PersonalClass.FREE_TEXT] = None
    order_no: Annotated[Line50 | None, says("支付订单号", "Number of the order at the payment platform")] = None
    notified_times: Annotated[
        Annotated[int, Field(strict=True, ge=1, le=9999)] | None,
        says("通知次数", "How often the platform has told of this movement, this time included"),
    ] = None
    unit_code: Annotated[ChargingUnit | None, says("执收单位编码", "Code of the body that charged")] = None
    unit_name: Annotated[Line100 | None, says("执收单位名称", "Name of the body that charged")] = None
    payer_name: Annotated[Line100 | None, says("缴款人名称", "Who paid, or got money back"), PersonalClass.NAME] = None
    principal: Annotated[Money | None, says("本金", "The fee itself in yuan, two decimals")] = None
    late_fee: Annotated[Money | None, says("滞纳金", "Late payment charge in yuan, two decimals")] = None
    amount: Annotated[Money, says("金额", "Amount moved in yuan, two decimals: the fee and the late charge")]
    channel: Annotated[PaymentChannel | None, says("缴款渠道", "How it was paid")] = None
    receipt_type: Annotated[Line20 | None, says("票据种类编码", "Code of the kind of receipt")] = None
    receipt_no: Annotated[Line50 | None, says("票据号", "Number of the receipt")] = None
    paid_at: Annotated[Moment, says("缴款时间", "When it was paid, or paid back")]
    cleared_on: Annotated[Day | None, says("清算日期", "Day of clearing; absent until then")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "notice_no": "JK-000001",
    "kind": "received",
    "payment_no": "ZF-000001",
    "amount": "10.00",
    "paid_at": "2026-03-04T11:20:00+08:00",
}
_FULL = but(
    _VALID,
    order_no="DD-000001",
    notified_times=2,
    unit_code="000000",
    unit_name="示例区市场监督管理局（测试）",
    payer_name="示例餐饮有限公司（测试）",
    principal="1201.00",
    late_fee="0.60",
    amount="1201.60",
    channel="online",
    receipt_type="000000",
    receipt_no="0000000001",
    cleared_on="2026-03-05",
)
_REFUND = but(_VALID, kind="refunded", payment_no="TF-000001", refund_of="ZF-000001", reason="重复缴款")

CONTRACT = Contract(
    type="cn.gov.payment.recorded",
    version=1,
    title=Text("到账与退付", "Payment recorded"),
    meaning=Text(
        "款项已到账或已退付；支付平台会重复通知，收退类型与支付流水号相同即为同一笔。",
        "Money has come in or gone back. Platforms repeat themselves: one kind and one payment number are one movement.",
    ),
    model=PaymentRecorded,
    rules=(
        AddsUp("amount", ("principal", "late_fee")),
        Together(("principal", "late_fee")),
        RequiredWhen("refund_of", "kind", ("refunded",)),
        RequiredWhen("reason", "kind", ("refunded",)),
    ),
    examples=(
        Example("到账 / money received", _VALID),
        Example("含滞纳金，第二次通知 / with a late charge, told a second time", _FULL),
        Example("退付 / money paid back", _REFUND),
        Example(
            "退付而无原支付流水号 / paid back, but which payment",
            but(_REFUND, drop=("refund_of",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.refund_of"),),
        ),
        Example(
            "以负数表示退付 / a refund written as a negative amount",
            but(_REFUND, amount="-10.00"),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.amount"),),
        ),
        Example(
            "本金与滞纳金之和不符 / fee and late charge are not the amount",
            but(_FULL, late_fee="0.06"),
            valid=False,
            expect=(("E_V_RULE", "$.data.amount"),),
        ),
        Example(
            "以分为单位，缺少流水号 / cents instead of yuan, no payment number",
            but(_VALID, drop=("payment_no",), amount="1000"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.payment_no"), ("E_V_FORMAT", "$.data.amount")),
        ),
    ),
)
