# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What systems call cases, and where they say so (别名)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class OwnNumberSection(BaseModel):
    """In its receipts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: str = Field(
        default="(.+)",
        max_length=200,
        description="在回执或受理凭据中取编号的正则表达式，第一组即编号。Finds the number in its receipt; the first group is it.",
    )
    contracts: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        default=("cn.gov.application.submitted",),
        description="哪些契约的回执含有编号。The contracts whose receipts have it.",
    )


class CaseNumbersSection(BaseModel):
    """How a system names cases, if not by the case number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manner: Literal["own", "either"] = Field(
        default="own",
        description="own：总是自有编号；either：自有编号或统一办件编号。Always its own number, or either that or the case's.",
    )
    wait_hours: float = Field(
        default=24,
        gt=0,
        le=8760,
        description="编号尚无对应办件时的最长等待小时数。The longest time that a message waits for its number to be known.",
    )
