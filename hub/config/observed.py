# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is seen of a hub from outside, as the deployment says it: metrics and traces."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TracesSection(_Section):
    """Spans for an OpenTelemetry collector, by OTLP over HTTP. Needs the extra ``govhub[otel]``."""

    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$")] = Field(
        description="收集器的完整地址，如 http://collector:4318/v1/traces。The collector's full URL."
    )
    sample: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="由中枢开始的跟踪中采样的比例；发送方已采样的一律照采。"
        "Share of the traces beginning here that is sampled; those that senders sampled always are.",
    )
    secret_headers: dict[str, str] = Field(
        default_factory=dict, description="请求头：名称与密钥名。Headers by name, with the names of their secrets."
    )
    service: str = Field(default="govhub", max_length=100, description="服务名。The service's name in the traces.")


class TelemetrySection(_Section):
    """What is seen of the hub from outside."""

    metrics: Literal["operators", "open"] = Field(
        default="operators",
        description="谁可读取 /metrics：operators 须有 read 权限的操作员密钥，open 不限。"
        "Who may read /metrics: operators with the right `read`, or anybody.",
    )
    traces: TracesSection | None = Field(
        default=None, description="跟踪输出；省略时关闭。Spans for a collector; off if left out."
    )
    backlog_seconds: float = Field(
        default=900,
        gt=0,
        le=2_592_000,
        description="某目的地最早一条等待多久后，健康检查列为需处理。"
        "How long a destination's oldest delivery may wait before health tells of it as a concern.",
    )
