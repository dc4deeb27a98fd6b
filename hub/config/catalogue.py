# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's item catalogue (事项目录): where items come in, when the full run of the night is, and what is late."""

from datetime import time
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.unknown import unknown

if TYPE_CHECKING:
    from hub.config.deployment import Deployment

Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class FullRunSection(BaseModel):
    """The hours in which everything comes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    begins: Clock = Field(description="开始，北京时间 HH:MM。When it begins, Beijing time.")
    ends: Clock = Field(description="结束；早于开始即次日。When it ends; before its beginning: on the next day.")

    @property
    def first(self) -> time:
        return time.fromisoformat(self.begins)

    @property
    def last(self) -> time:
        return time.fromisoformat(self.ends)


class CatalogueSection(BaseModel):
    """The item catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inbox: str = Field(
        description="收事项的信箱（目的地），由本目录自取；其系统即变更的发送方。"
        "The mailbox that items are routed to; the hub itself fetches from it, and its system is the sender of changes."
    )
    tell: bool = Field(
        default=True,
        description="变更是否按路由表分发；否则只供拉取。Whether changes go out by the route table; else they are only fetched.",
    )
    full: FullRunSection | None = Field(
        default=None,
        description="夜间全量的时段；省略则只有增量。The hours of the full run; without it all runs are deltas.",
    )
    late_hours: float = Field(
        default=26,
        gt=0,
        le=8760,
        description="超过几小时未到即告警。After so many hours without items, or a full run, it is late.",
    )
    keep_days: int = Field(default=400, ge=1, le=4000, description="变更报告保留天数。How long reports are kept.")


def miscatalogued(deployment: "Deployment", source: Located) -> list[Fault]:
    """All that is wrong with the catalogue's section."""
    section = deployment.items
    if section is None:
        return []
    path = ("items", "inbox")
    inbox = deployment.destinations.get(section.inbox)
    if inbox is None:
        there = set(deployment.destinations)
        return [unknown(source, path, Text("目的地", "destination"), section.inbox, there)]
    if inbox.connector == "mailbox":
        return []
    return [
        Fault(
            "INBOX_UNFIT",
            ".".join(path),
            source.at(path),
            Text("事项收件须是信箱。", "The catalogue's inbox must be a mailbox."),
            Text("请指向 connector: mailbox 的目的地。", "Name a destination with connector: mailbox."),
        )
    ]
