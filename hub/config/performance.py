# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's performance reports (绩效报告): as whom, how often, how long after the end of a period."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.unknown import unknown
from hub.performance.period import Every, Schedule

if TYPE_CHECKING:
    from hub.config.deployment import Deployment

REPORTED = "cn.gov.performance.reported"


class PerformanceSection(BaseModel):
    """Performance reports."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str = Field(
        min_length=1,
        max_length=63,
        description="以哪个系统的身份发出报告；其 sends 须含 cn.gov.performance.reported。"
        "The system that reports; its `sends` must name cn.gov.performance.reported.",
    )
    every: Every = Field(
        default=Every.MONTH, description="考核期：day、week、month、quarter。How long a period is: one of these."
    )
    after_hours: float = Field(
        default=24,
        ge=1,
        le=24 * 31,
        description="期末之后多少小时汇总，期间迟到的记录仍计入。Hours after its end: what is told late still counts.",
    )

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.every, timedelta(hours=self.after_hours))


def misreported(deployment: "Deployment", source: Located) -> Iterator[Fault]:
    """A system that nobody knows, or that may not send reports."""
    section = deployment.performance
    if section is None:
        return
    system = deployment.systems.get(section.system)
    if system is None:
        path = ("performance", "system")
        yield unknown(source, path, Text("系统", "system"), section.system, set(deployment.systems))
    elif not {"*", REPORTED} & system.contracts_sent:
        yield Fault(
            "PERFORMANCE_MUTE",
            "performance.system",
            source.at(("performance", "system")),
            Text("该系统无权发送绩效报告。", "That system may not send performance reports."),
            Text(f"请在其 sends 中加入 {REPORTED}。", f"Add {REPORTED} to its sends."),
        )
