# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""撤回通知: what has not been sent of a notice is not sent any more."""

from typing import Annotated

from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.fields import Line50, Moment, Prose1000, says
from contracts.families.services.matter_record import MatterRecord
from contracts.personal import PersonalClass
from contracts.text import Text


class NoticeRevoked(MatterRecord):
    """Whoever asked for a notice takes it back, under the number that it carried."""

    notice_no: Annotated[Line50, says("通知编号", "The number the notice carried")]
    reason: Annotated[Prose1000, says("撤回原因", "Why it is taken back"), PersonalClass.FREE_TEXT]
    revoked_at: Annotated[Moment, says("撤回时间", "When it was taken back")]


_VALID = {
    "matter_no": "510500-20260302-000001",
    "notice_no": "TZ-000001",
    "reason": "办理未成",
    "revoked_at": "2026-03-03T10:00:05+08:00",
}
_FULL = but(
    _VALID,
    region_code="510502",
    department_code="115105020000000008",
    record_version=1,
)

CONTRACT = Contract(
    type="cn.gov.notice.revoked",
    version=1,
    title=Text("撤回通知", "Notice revoked"),
    meaning=Text(
        "请求方撤回通知：尚未发出的不再发出；已发出的收不回来，撤回即被拒绝，或按平台设置另发更正。",
        "Whoever asked for a notice takes it back: what has not gone out is not sent. What has cannot be called back: the "
        "revocation is refused then, or a correction is sent where the platform is set to do so.",
    ),
    model=NoticeRevoked,
    subject="matter_no",
    examples=(
        Example("撤回 / taken back", _VALID),
        Example("字段齐全 / every field", _FULL),
        Example(
            "没有通知编号 / no notice",
            but(_VALID, drop=("notice_no",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.notice_no"),),
        ),
        Example(
            "没有原因 / for no reason",
            but(_VALID, drop=("reason",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.reason"),),
        ),
        Example(
            "时间没有时区，编号为数字 / a moment without a zone, a number as a number",
            but(_VALID, revoked_at="2026-03-03T10:00:05", notice_no=1),
            valid=False,
            expect=(("E_V_TYPE", "$.data.notice_no"), ("E_V_FORMAT", "$.data.revoked_at")),
        ),
    ),
)
