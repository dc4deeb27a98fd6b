# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""物流动态: where a shipment is, in our words with the carrier's own beside them, GB/T 39046-2020 table 15."""

from typing import Annotated

from contracts.codes import Carrier, ShipmentDirection, ShipmentStatus
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Line20, Line30, Line50, Line100, Line200, Moment, Prose1000, Region, says
from contracts.personal import PersonalClass
from contracts.rules import RequiredWhen
from contracts.text import Text


class ShipmentEvent(CaseRecord):
    """One event. Carriers tell of it more than once and out of order: ``happened_at`` gives the order."""

    waybill_no: Annotated[Line50, says("物流单号", "Number of the parcel")]
    order_no: Annotated[
        Line50 | None, says("寄递订单编号", "Number of the order; absent where none went through us")
    ] = None
    direction: Annotated[ShipmentDirection | None, says("寄递方向", "Which way it goes")] = None
    carrier: Annotated[Carrier, says("承运企业", "Who carries")]
    carrier_name: Annotated[Line100 | None, says("承运企业名称", "Name of any other carrier")] = None
    status: Annotated[ShipmentStatus, says("物流状态", "What happened")]
    carrier_status: Annotated[Line20 | None, says("承运企业状态码", "The carrier's own code, as it was sent")] = None
    carrier_event_no: Annotated[
        Line100 | None, says("承运企业事件编号", "The carrier's own id of the event, by which repeats are known")
    ] = None
    description: Annotated[
        Prose1000 | None,
        says("承运企业说明", "The carrier's own words; often with names and numbers"),
        PersonalClass.FREE_TEXT,
    ] = None
    place: Annotated[Line200 | None, says("地点", "Where it happened"), PersonalClass.ADDRESS] = None
    place_region_code: Annotated[
        Region | None, says("地点行政区划代码", "Administrative division where it happened")
    ] = None
    signed_by: Annotated[Line30 | None, says("签收人", "Who signed for it"), PersonalClass.NAME] = None
    reason: Annotated[
        Prose1000 | None, says("未妥投或退回的原因", "Why it was not delivered or goes back"), PersonalClass.FREE_TEXT
    ] = None
    happened_at: Annotated[Moment, says("发生时间", "When it happened")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "waybill_no": "TEST0000000000",
    "carrier": "sf",
    "status": "picked_up",
    "carrier_status": "50",
    "happened_at": "2026-03-11T17:00:00+08:00",
}
_SIGNED = but(
    _VALID,
    order_no="JD-000001",
    direction="to_applicant",
    status="delivered",
    carrier_status="80",
    carrier_event_no="000000000000003",
    description="已签收，签收人：测试领取人庚",
    place="测试区示例街 0 号",
    place_region_code="510502",
    signed_by="测试领取人庚",
    happened_at="2026-03-12T10:30:00+08:00",
)
_BACK = but(_VALID, carrier="other", carrier_name="示例快递（测试）", status="returning", reason="收件人拒收")

CONTRACT = Contract(
    type="cn.gov.shipment.event",
    version=1,
    title=Text("物流动态", "Shipment event"),
    meaning=Text(
        "寄递物品收寄、运输、派送、签收、退回等动态；承运企业的原状态码一并保留。",
        "A shipment was picked up, moved, delivered or sent back; the carrier's own code is kept beside ours.",
    ),
    model=ShipmentEvent,
    rules=(
        RequiredWhen("carrier_name", "carrier", ("other",)),
        RequiredWhen("reason", "status", ("not_delivered", "returning", "returned")),
    ),
    examples=(
        Example("收寄 / picked up", _VALID),
        Example("签收 / signed for", _SIGNED),
        Example("退回 / on the way back", _BACK),
        Example(
            "退回而无原因 / on the way back, but why",
            but(_BACK, drop=("reason",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
        Example(
            "承运企业状态码未转换 / the carrier's code left as it was",
            but(_VALID, status="50"),
            valid=False,
            expect=(("E_V_CODE", "$.data.status"),),
        ),
        Example(
            "缺少物流单号，时间不带时区 / no number of the parcel, a time without offset",
            but(_VALID, drop=("waybill_no",), happened_at="2026-03-11 17:00:00"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.waybill_no"), ("E_V_FORMAT", "$.data.happened_at")),
        ),
    ),
)
