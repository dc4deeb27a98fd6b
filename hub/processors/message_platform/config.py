# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a message platform."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from connectors.sdk import STRICT, Secret
from contracts.codes import NoticeChannel, NoticeClass
from contracts.families.fields import Line200
from contracts.fault import UnsuitableError
from contracts.text import Text


class Hours(BaseModel):
    """The hours of a day in which people may be disturbed, in Beijing time."""

    model_config = STRICT

    begin: time = Field(description="开始，如 08:00。From.")
    end: time = Field(description="结束，如 21:00。To.")

    @model_validator(mode="after")
    def _ordered(self) -> "Hours":
        if self.begin >= self.end:
            raise UnsuitableError(
                Text("开始须早于结束。", "The hours must begin before they end."),
                Text(
                    "请写当天可发送的时段，如 08:00 至 21:00。", "Write when it may be sent that day: 08:00 to 21:00."
                ),
            )
        return self


class Talking(BaseModel):
    """When notices that are not urgent may be sent; all other hours are quiet (免打扰)."""

    model_config = STRICT

    working_days: Hours | None = Field(
        default=Hours(begin=time(8), end=time(21)),
        description="工作日（含调休）可发送的时段，null 为全天不发。Hours of working days; null: never.",
    )
    other_days: Hours | None = Field(
        default=Hours(begin=time(9), end=time(20)),
        description="休息日和法定节假日可发送的时段。Hours of all other days; null: never.",
    )
    made_working: frozenset[date] = Field(
        default=frozenset(), description="本地另定为工作日的日期。Days made working days here."
    )
    made_free: frozenset[date] = Field(default=frozenset(), description="本地另定为休息日的日期。Days made free here.")


class Pace(BaseModel):
    """So many to one number within a time."""

    model_config = STRICT

    times: int = Field(ge=1, le=1000, description="最多条数。At most so many.")
    seconds: float = Field(gt=0, le=31 * 86_400, description="在多少秒内。Within so many seconds.")


class ClassSettings(BaseModel):
    """How one class of notices is treated."""

    model_config = STRICT

    quiet: bool = Field(description="是否遵守免打扰时段。Whether it keeps the quiet hours.")
    unknown: Literal["next", "wait"] = Field(
        description="一个渠道结果不明时：next 换下一渠道（可能重复告知），wait 等待。"
        "When nobody knows what became of it by one channel: take the next (somebody may be told twice), or wait."
    )
    patience_seconds: float = Field(
        gt=0,
        le=31 * 86_400,
        description="一个渠道多久仍发不出就换下一个。A channel that cannot send for so long is left.",
    )
    receipt_seconds: float = Field(
        gt=0,
        le=31 * 86_400,
        description="等待回执的时限，之后算不明。How long a receipt may take; then it is not known.",
    )
    longest_seconds: float = Field(
        gt=0,
        le=92 * 86_400,
        description="未写失效时间的通知多久失效。When a notice expires that does not say.",
    )
    pace: Annotated[tuple[Pace, ...], Field(max_length=5)] = Field(
        default=(), description="每个号码的频次上限。Limits for each number."
    )


_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
URGENT = ClassSettings(
    quiet=False,
    unknown="next",
    patience_seconds=30,
    receipt_seconds=30,
    longest_seconds=10 * _MINUTE,
    pace=(Pace(times=1, seconds=30), Pace(times=10, seconds=_DAY)),
)
CASE = ClassSettings(
    quiet=True,
    unknown="wait",
    patience_seconds=2 * _HOUR,
    receipt_seconds=3 * _DAY,
    longest_seconds=3 * _DAY,
    pace=(Pace(times=10, seconds=_HOUR), Pace(times=30, seconds=_DAY)),
)
BULK = ClassSettings(
    quiet=True,
    unknown="wait",
    patience_seconds=_DAY,
    receipt_seconds=3 * _DAY,
    longest_seconds=7 * _DAY,
    pace=(Pace(times=1, seconds=10 * _MINUTE), Pace(times=3, seconds=_DAY)),
)


class Classes(BaseModel):
    """The three classes. What is written replaces a class as a whole."""

    model_config = STRICT

    urgent: ClassSettings = Field(default=URGENT, description="紧急：验证码、叫号。One-time passwords, queue calls.")
    case: ClassSettings = Field(default=CASE, description="办件。About the course of a case.")
    bulk: ClassSettings = Field(default=BULK, description="批量。To many.")

    def of(self, notice_class: NoticeClass) -> ClassSettings:
        """The settings of a class."""
        match notice_class:
            case NoticeClass.URGENT:
                return self.urgent
            case NoticeClass.CASE:
                return self.case
            case NoticeClass.BULK:
                return self.bulk


class PlatformConfig(BaseModel):
    """A message platform."""

    model_config = STRICT

    templates: str = Field(description="模板文件，相对于部署文件。The file of templates, relative to the deployment's.")
    channels: Annotated[dict[NoticeChannel, str], Field(min_length=1)] = Field(
        description="渠道及其目的地；须有路由按 channel 送到该处。"
        "The destination of each channel; a route that asks for `channel` must lead there."
    )
    number_secret: Secret = Field(
        description="密钥名称：频次按号码的带密钥摘要计，库中不存号码。"
        "Name of a secret: pace is kept by a keyed digest of the number, which the journal never sees otherwise."
    )
    talking: Talking = Field(default_factory=Talking, description="可发送时段。When people may be disturbed.")
    classes: Classes = Field(default_factory=Classes, description="各类别的规则。The rules of each class.")
    free_text_segments: int = Field(
        default=3,
        ge=0,
        le=10,
        description="不用模板的短信最多条数，0 为不许。Most parts of free text; 0: none allowed.",
    )
    report: bool = Field(
        default=False,
        description="完成后发出 cn.gov.notice.reported；须有路由。Whether the end is told as cn.gov.notice.reported.",
    )
    correction: Line200 | None = Field(
        default=None,
        description="撤回时已发出的，按原渠道另发的更正正文；不写则拒绝撤回（NOTICE_GONE）。"
        "The text that is sent after what had gone out before it was revoked; unless written, such a revocation is refused.",
        examples=["此前发送的通知作废，请以最新通知为准。"],
    )
