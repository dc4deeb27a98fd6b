# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's policy for the lives of cases (办件进程): whose messages are observed, warned of, or held to the rules."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.unknown import unknown

if TYPE_CHECKING:
    from hub.config.deployment import Deployment

Policy = Literal["observe", "warn", "enforce"]
Begins = Literal["acceptance", "completion"]
ItemPattern = Annotated[str, StringConstraints(pattern=r"^[^\s*]{0,64}\*?$", min_length=1, max_length=65)]
Hours = Annotated[float, Field(gt=0, le=8760)]


class LifecycleRule(BaseModel):
    """What differs for some senders or items."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    systems: tuple[str, ...] = Field(default=(), description="发送系统；省略为全部。Senders; all of them if left out.")
    items: tuple[ItemPattern, ...] = Field(
        default=(),
        description="事项编码，可以 * 结尾；省略为全部，包括未写事项的消息。"
        "Item codes, or their beginnings with a star; all if left out.",
    )
    policy: Policy = Field(description="observe、warn 或 enforce。One of these.")
    begins: Begins | None = Field(default=None, description="办件可始于何处。Where a case may begin.")
    wait_hours: Hours | None = Field(default=None, description="最长寄存小时数。The longest time in the parking.")


class LifecycleSection(BaseModel):
    """How the lives of cases are followed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Policy = Field(
        default="observe",
        description="observe 只统计；warn 随回执警告并放行；enforce 早到的寄存，不可能的拒收。"
        "`observe` counts, `warn` tells the sender and lets pass, `enforce` parks what is early and refuses what cannot be.",
    )
    begins: Begins = Field(
        default="acceptance",
        description="办件可始于受理，或径自始于办结（窗口即办）。A case may begin with its acceptance, or with its completion.",
    )
    wait_hours: Hours = Field(
        default=24,
        description="最长寄存小时数，届满带标记放行。The longest time in the parking; then a message is passed on, marked.",
    )
    rules: tuple[LifecycleRule, ...] = Field(
        default=(), max_length=1000, description="例外，先列者先用。What differs; the first that fits decides."
    )


def misruled(deployment: "Deployment", source: Located) -> Iterator[Fault]:
    """Systems that nobody knows."""
    if deployment.lifecycle is None:
        return
    for n, rule in enumerate(deployment.lifecycle.rules):
        for k, system in enumerate(rule.systems):
            if system not in deployment.systems:
                path = ("lifecycle", "rules", n, "systems", k)
                yield unknown(source, path, Text("系统", "system"), system, set(deployment.systems))
