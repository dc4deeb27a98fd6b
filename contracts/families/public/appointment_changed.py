# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""预约: a visit to a hall is booked, moved, cancelled, honoured or missed.

How far ahead one may book and when misses suspend booking are rules of the booking system; their effect is carried here.
"""

from typing import Annotated

from pydantic import Field

from contracts.codes import AppointmentState, Channel
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.fields import CaseNo, Day, Line20, Line50, Line100, Line200, Line500, Moment, says
from contracts.families.party import Contact
from contracts.families.record import Record
from contracts.personal import PersonalClass
from contracts.rules import AbsentWhen, NotBefore, RequiredWhen
from contracts.text import Text


class AppointmentChanged(Record):
    """The state of one appointment as it is now."""

    appointment_no: Annotated[Line50, says("预约编号", "Number of the appointment; equal to the envelope's subject")]
    case_no: Annotated[CaseNo | None, says("办件编号", "The case the visit is about, once there is one")] = None
    state: Annotated[AppointmentState, says("预约状态", "What has become of the appointment")]
    changed_at: Annotated[Moment, says("状态产生时间", "When it came to this state")]
    item_name: Annotated[Line200 | None, says("预约事项名称", "Name of the item")] = None
    hall_code: Annotated[Line50 | None, says("大厅编号", "Code of the service hall")] = None
    hall_name: Annotated[Line100, says("大厅名称", "Name of the service hall")]
    window_no: Annotated[Line20 | None, says("窗口号", "Number of the window")] = None
    starts_at: Annotated[Moment, says("预约时段开始时间", "Beginning of the slot")]
    ends_at: Annotated[Moment, says("预约时段结束时间", "End of the slot")]
    moved_from: Annotated[Moment | None, says("改期前的时段开始时间", "Beginning of the slot it was moved from")] = None
    visitor: Annotated[Contact, says("预约人", "Who is to come")]
    channel: Annotated[Channel | None, says("预约渠道", "Where it was booked")] = None
    reason: Annotated[
        Line500 | None, says("改期或取消原因", "Why it was moved or cancelled"), PersonalClass.FREE_TEXT
    ] = None
    ticket_no: Annotated[Line20 | None, says("排队号", "Number of the queue ticket drawn on arrival")] = None
    arrived_at: Annotated[Moment | None, says("到场时间", "When the visitor came")] = None
    missed_count: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=999)] | None,
        says("累计爽约次数", "How often this visitor has missed an appointment, 0 to 999"),
    ] = None
    suspended_until: Annotated[Day | None, says("暂停预约截止日期", "Last day on which this visitor may not book")] = (
        None
    )


_VALID = {
    "appointment_no": "YY-20260302-000001",
    "state": "booked",
    "changed_at": "2026-03-02T20:30:00+08:00",
    "hall_name": "示例区政务服务大厅（测试）",
    "starts_at": "2026-03-04T09:00:00+08:00",
    "ends_at": "2026-03-04T09:30:00+08:00",
    "visitor": {"name": "测试申请人甲", "id_type": "111", "id_number": "99000019900101005X", "mobile": "00000000000"},
}
_CHANGED = but(
    _VALID,
    state="changed",
    changed_at="2026-03-03T08:00:00+08:00",
    starts_at="2026-03-05T14:00:00+08:00",
    ends_at="2026-03-05T14:30:00+08:00",
    moved_from="2026-03-04T09:00:00+08:00",
    reason="当日有事",
    channel="3",
    item_code="1151050200000000084000131014000",
    item_name="食品经营许可（新办）",
    department_code="115105020000000008",
    region_code="510502",
    hall_code="000001",
    window_no="A12",
)
_HONOURED = but(
    _CHANGED,
    drop=("moved_from", "reason"),
    state="honoured",
    case_no="510500-20260302-000001",
    changed_at="2026-03-05T14:02:00+08:00",
    ticket_no="A0012",
    arrived_at="2026-03-05T13:55:00+08:00",
)
_MISSED = but(
    _VALID,
    state="missed",
    changed_at="2026-03-04T10:00:00+08:00",
    missed_count=3,
    suspended_until="2026-06-04",
)

CONTRACT = Contract(
    type="cn.gov.appointment.changed",
    version=1,
    title=Text("预约", "Appointment changed"),
    meaning=Text(
        "到大厅办事的预约已登记、改期、取消、履约或爽约。",
        "An appointment at a service hall was booked, moved, cancelled, honoured or missed.",
    ),
    model=AppointmentChanged,
    subject="appointment_no",
    rules=(
        NotBefore("ends_at", "starts_at"),
        RequiredWhen("moved_from", "state", ("changed",)),
        RequiredWhen("arrived_at", "state", ("honoured",)),
        AbsentWhen("arrived_at", "state", ("booked", "changed", "cancelled", "missed")),
    ),
    examples=(
        Example("登记预约 / booked", _VALID),
        Example("改期 / moved", _CHANGED),
        Example("履约取号 / honoured", _HONOURED),
        Example("爽约并暂停预约 / missed, booking suspended", _MISSED),
        Example(
            "改期而无原时段 / moved from nowhere",
            but(_CHANGED, drop=("moved_from",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.moved_from"),),
        ),
        Example(
            "结束早于开始 / ends before it begins",
            but(_VALID, ends_at="2026-03-04T08:30:00+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.ends_at"),),
        ),
        Example(
            "爽约却有到场时间 / missed and yet arrived",
            but(_MISSED, arrived_at="2026-03-04T09:00:00+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.arrived_at"),),
        ),
        Example(
            "缺少预约人，状态为地方代码 / no visitor, a site's own code",
            but(_VALID, drop=("visitor",), state="0"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.visitor"), ("E_V_CODE", "$.data.state")),
        ),
    ),
)
