# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a deployment says about a destination that does not take everything at once: retries, breaker, questions, pace."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RetrySection(_Section):
    """When to try again, and when to stop."""

    attempts: int = Field(default=12, ge=1, le=1000, description="最多尝试次数。Most attempts that count.")
    age_hours: float = Field(default=72, gt=0, le=8760, description="最长重试时限。Longest age, in hours.")
    immediate: int = Field(
        default=2,
        ge=0,
        le=20,
        description="前几次失败立即重试，不等待。So many first failures are tried again at once.",
    )
    first_seconds: float = Field(default=1, gt=0, le=3600, description="首次等待。First wait.")
    longest_seconds: float = Field(default=300, gt=0, le=86_400, description="最长等待。Longest wait.")
    poison: int = Field(
        default=5,
        ge=2,
        le=100,
        description="连续几次使连接器或进程出错即列为死信。Sends in a row that break the connector or the process; then dead.",
    )


class BreakerSection(_Section):
    """When a destination that does not answer is left alone, and how often it is looked after."""

    enabled: bool = Field(default=True, description="是否启用熔断。Whether there is a breaker.")
    failures: int = Field(default=5, ge=1, le=1000, description="连续失败几次后断开。Failures in a row that open it.")
    first_seconds: float = Field(default=5, gt=0, le=3600, description="首次探测前的等待。Before the first probe.")
    longest_seconds: float = Field(
        default=300, gt=0, le=86_400, description="两次探测间最长等待。Longest between probes."
    )


class AskSection(_Section):
    """When the far side is asked about a delivery in doubt; only where the connector can ask. For `retry.age_hours`."""

    first_seconds: float = Field(default=5, gt=0, le=86_400, description="首次查询前的等待。Before the first question.")
    longest_seconds: float = Field(default=600, gt=0, le=86_400, description="两次查询间最长等待。Longest between two.")


class PaceSection(_Section):
    """When and how fast a destination is sent to."""

    per_second: float | None = Field(
        default=None, gt=0, le=100_000, description="每秒最多几条（每个中枢）。The most in a second, for each hub."
    )
    windows: tuple[
        Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")], ...
    ] = Field(
        default=(),
        max_length=24,
        description="每天可发送的时段（北京时间），可跨零点，如 22:00-06:00；省略为全天。"
        "When it is sent to, in Beijing time; past midnight too. Always, unless said.",
    )
