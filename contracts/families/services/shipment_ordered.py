# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""寄递订单: originals on their way to the hall, or results on their way to the applicant, GB/T 39046-2020 table 15."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import ApplicantSide, Carrier, PostagePayer, ShipmentDirection, ShipmentOrderStatus
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import Copies, Flag, Line30, Line50, Line100, Line200, Moment, Prose1000, says
from contracts.families.services.shipment_party import ShipmentParty
from contracts.personal import PersonalClass
from contracts.rules import RequiredWhen
from contracts.text import Text


class Enclosure(BaseModel):
    """寄递物品."""

    model_config = STRICT

    name: Annotated[Line200, says("物品名称", "What is sent: a material or a licence")]
    licence_no: Annotated[Line50 | None, says("证照编号", "Number of the licence that is sent")] = None
    original: Annotated[Flag | None, says("是否原件", "Whether it is an original")] = None
    copies: Annotated[Copies, says("份数", "How many, 0 to 99")]


class ShipmentOrdered(CaseRecord):
    """One order to a carrier, or its cancellation."""

    order_no: Annotated[
        Line50, says("寄递订单编号", "The asker's number: events refer to it, and ordering again under it is the same")
    ]
    status: Annotated[ShipmentOrderStatus, says("订单状态", "Whether it is ordered or cancelled")]
    reason: Annotated[Prose1000 | None, says("取消原因", "Why it is cancelled"), PersonalClass.FREE_TEXT] = None
    direction: Annotated[ShipmentDirection, says("寄递方向", "Which way it goes")]
    applicant_side: Annotated[
        ApplicantSide, says("申请人一方身份", "Whether the applicant or the applicant's agent sends or receives")
    ]
    applicant_name: Annotated[
        Line30 | None,
        says("申请人姓名", "The applicant as in the application; a result goes to nobody else"),
        PersonalClass.NAME,
    ] = None
    agent_name: Annotated[
        Line30 | None, says("代理人姓名", "The agent as in the application, where one acts"), PersonalClass.NAME
    ] = None
    consignor: Annotated[ShipmentParty, says("寄件方", "Who sends")]
    consignee: Annotated[ShipmentParty, says("收件方", "Who receives; with to_applicant the applicant or the agent")]
    enclosures: Annotated[
        tuple[Enclosure, ...], Field(min_length=1, max_length=100), says("寄递物品", "What is sent, at least one thing")
    ]
    carrier: Annotated[Carrier | None, says("承运企业", "Who carries; absent: as the platform decides")] = None
    carrier_name: Annotated[Line100 | None, says("承运企业名称", "Name of any other carrier")] = None
    postage_payer: Annotated[PostagePayer, says("邮资支付方", "Who pays the postage")]
    pickup_at: Annotated[Moment | None, says("预约取件时间", "When the courier is to come")] = None
    note: Annotated[Prose1000 | None, says("备注", "Remarks for the carrier"), PersonalClass.FREE_TEXT] = None
    ordered_at: Annotated[Moment, says("下单时间", "When it was ordered or cancelled")]


_HALL = {
    "unit": "示例区政务服务中心（测试）",
    "name": "测试窗口人员辛",
    "phone": "0000-0000000",
    "address": "测试区示例大道 0 号",
}
_APPLICANT = {"name": "测试申请人甲", "phone": "00000000000", "address": "测试区示例街 0 号"}
_VALID = {
    "case_no": "510500-20260302-000001",
    "order_no": "JD-000001",
    "status": "ordered",
    "direction": "to_applicant",
    "applicant_side": "applicant",
    "consignor": _HALL,
    "consignee": _APPLICANT,
    "enclosures": [{"name": "食品经营许可证", "licence_no": "JY00000000000000", "original": True, "copies": 1}],
    "postage_payer": "consignee",
    "ordered_at": "2026-03-11T15:30:00+08:00",
}
_TO_HALL = but(
    _VALID,
    order_no="JD-000002",
    direction="to_hall",
    applicant_side="agent",
    consignor={**_APPLICANT, "name": "测试代理人丙", "region_code": "510502", "postcode": "646000"},
    consignee=_HALL,
    enclosures=[{"name": "平面图", "copies": 2}],
    carrier="other",
    carrier_name="示例快递（测试）",
    postage_payer="consignor",
    pickup_at="2026-03-04T09:00:00+08:00",
    note="请勿折叠",
)
_CANCELLED = but(_TO_HALL, status="cancelled", reason="改为窗口提交")

CONTRACT = Contract(
    type="cn.gov.shipment.ordered",
    version=1,
    title=Text("寄递订单", "Shipment ordered"),
    meaning=Text(
        "请承运企业把材料原件寄到大厅，或把办理结果寄给申请人本人或其代理人；也用于取消订单。",
        "A carrier is to bring originals to the hall, or a result to the applicant or the agent; or is so no more.",
    ),
    model=ShipmentOrdered,
    rules=(
        RequiredWhen("carrier_name", "carrier", ("other",)),
        RequiredWhen("reason", "status", ("cancelled",)),
    ),
    examples=(
        Example("结果寄给申请人 / a result to the applicant", _VALID),
        Example("代理人寄送材料 / materials from an agent", _TO_HALL),
        Example("取消 / cancelled", _CANCELLED),
        Example("写明申请人 / the applicant is named", but(_VALID, applicant_name="测试申请人甲")),
        Example("写明代理人 / the agent is named", but(_TO_HALL, agent_name="测试代理人丙")),
        Example(
            "其他承运企业而无名称 / another carrier without a name",
            but(_TO_HALL, drop=("carrier_name",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.carrier_name"),),
        ),
        Example(
            "收件方没有电话和地址 / a consignee without telephone and address",
            but(_VALID, consignee={"name": "测试申请人甲"}),
            valid=False,
            expect=(("E_V_MISSING", "$.data.consignee.phone"), ("E_V_MISSING", "$.data.consignee.address")),
        ),
        Example(
            "没有物品，付款方为数字 / nothing to send, the payer as a number",
            but(_VALID, enclosures=[], postage_payer=2),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.enclosures"), ("E_V_CODE", "$.data.postage_payer")),
        ),
        Example(
            "取消而无原因 / cancelled without a reason",
            but(_CANCELLED, drop=("reason",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
    ),
)
