# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a notifier of applicants."""

from typing import Annotated

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from contracts.codes import NoticeChannel
from hub.processors.applicant_notices.moments import Moment

Source = Annotated[str, Field(pattern=r"^(message|application)\.[a-z][a-z0-9_]*$")]


class MomentSettings(BaseModel):
    """What is told at one moment."""

    model_config = STRICT

    template: str = Field(description="模板编号。Id of the template.")
    values: dict[str, Source] = Field(
        default_factory=dict,
        description="模板参数取自哪里：message.字段 为当时的消息，application.字段 为申请。"
        "Where the template's places come from: message.FIELD is the message of that moment, application.FIELD the application.",
    )


class ApplicantNoticesConfig(BaseModel):
    """A notifier of applicants."""

    model_config = STRICT

    templates: str = Field(
        description="模板文件，与统一消息平台相同。The message platform's file of templates, relative to this file."
    )
    moments: Annotated[dict[Moment, MomentSettings], Field(min_length=1)] = Field(
        description="在哪些时点告知，用哪个模板。At which moments the applicant is told, and by which template."
    )
    channels: Annotated[tuple[NoticeChannel, ...], Field(min_length=1, max_length=5)] = Field(
        default=(NoticeChannel.SMS,),
        description="按此顺序尝试的渠道，号码取自申请中的联系人，其次申请者。"
        "Channels in this order; the number is the contact's of the application, else the applicant's.",
    )
    absent: str = Field(
        default="（未填）", max_length=20, description="参数取值缺失时写什么。What stands where a value is missing."
    )
    longest_days: int = Field(
        default=400, ge=1, le=3660, description="一件办件最多跟踪多少天。For how many days a case is followed at most."
    )
