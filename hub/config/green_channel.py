# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's green channel (绿色通道): which items are to be handled faster, and how much faster."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hub.config.lifecycle import ItemPattern


class GreenItem(BaseModel):
    """One item of the channel, or several whose codes begin alike."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    promised_working_days: Annotated[int, Field(ge=1, le=366)] | None = Field(
        default=None,
        description="承诺时限变为几个工作日；原来更短的不变。"
        "The promised period becomes so many working days, unless it was shorter.",
    )


class GreenChannelSection(BaseModel):
    """The green channel: one rule for every limit that the hub reckons."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="时限缩短到原来的几成；按工作日计的进位取整，至少一日；法定时限不缩短。"
        "What is left of a limit; working days are rounded up, one at least. What the law gives is never shortened.",
    )
    items: Annotated[dict[ItemPattern, GreenItem], Field(min_length=1, max_length=10_000)] = Field(
        description="绿色通道事项：事项编码，可以 * 结尾。Items of the channel, by code or its beginning with a star."
    )
