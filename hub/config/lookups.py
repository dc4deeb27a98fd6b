# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's lookups: who may ask what of whom, and how long an answer is remembered."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from connectors.sdk import Criteria, LookupConnector, Manifest
from connectors.sdk.fencing.fence import Fence
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.fencing import FenceSection, Isolation, fence_of, isolation_of
from hub.config.fitting import Fitted, Told
from hub.config.unknown import unknown

if TYPE_CHECKING:
    from hub.config.deployment import Deployment

SystemName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class CacheSection(BaseModel):
    """How long answers are remembered, in the hub's memory; for no time unless said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hit_seconds: float = Field(default=0, ge=0, le=86_400, description="查到的结果保留多久。What was found.")
    miss_seconds: float = Field(default=0, ge=0, le=86_400, description="“无此记录”保留多久。That there is nothing.")
    stale_seconds: float = Field(
        default=0,
        ge=0,
        le=604_800,
        description="对方不在时，过期多久以内的结果仍可给出（会注明）。"
        "How long after that it may still be given, said to be old, while the far side is away.",
    )
    entries: int = Field(default=1000, ge=1, le=100_000, description="最多保留多少条。The most answers remembered.")


class LookupSection(BaseModel):
    """A register that may be asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(default="", max_length=100, description="名称。Its name for people.")
    connector: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")] = Field(
        description="连接器种类。The kind of connector, such as database_query."
    )
    isolation: Literal["hub", "process"] | None = Field(
        default=None,
        description="在中枢进程内或单独进程内运行；自带的默认 hub，第三方的默认 process。"
        "Run in the hub's process or in one of its own; ours run in the hub by default, third-party ones apart.",
    )
    fence: FenceSection | None = Field(
        default=None,
        description="在单独进程内运行时可触及的范围。What it may reach of this machine from a process of its own.",
    )
    systems: tuple[SystemName, ...] = Field(
        default=(), description="哪些系统可以查询；没写的一律不可以。The systems that may ask; nobody else may."
    )
    settings: dict[str, object] = Field(default_factory=dict, description="连接器的配置。The connector's settings.")
    timeout_seconds: float = Field(default=10, gt=0, le=120, description="一次查询的时限。Longest question.")
    concurrency: int | None = Field(
        default=None, ge=1, le=1000, description="并发上限；省略时依连接器种类。Most questions at a time."
    )
    cache: CacheSection = Field(default_factory=CacheSection)


@dataclass(frozen=True, slots=True)
class Askable:
    """One lookup, ready to open: its section, connector, checked settings, and the criteria a question has. ``reference`` is
    what a child finds it by, ``fence`` what it stays behind. ``connector`` and ``settings`` are None for a third party's that
    runs apart.
    """

    name: str
    section: LookupSection
    connector: LookupConnector | None
    reference: str
    settings: BaseModel | None
    manifest: Manifest
    criteria: Criteria
    fence: Fence

    @property
    def isolation(self) -> Isolation:
        """Where it runs."""
        return isolation_of(self.section.isolation, self.reference)


def askable(
    deployment: "Deployment", source: Located, told: Told, account: tuple[int, int] | None
) -> tuple[dict[str, Askable], list[Fault]]:
    """Every lookup that can be opened, and what is wrong with the others beside their connectors and settings."""
    good: dict[str, Askable] = {}
    faults: list[Fault] = []
    for name, section in deployment.lookups.items():
        systems = set(deployment.systems)
        faults += [
            unknown(source, ("lookups", name, "systems", n), Text("系统", "system"), system, systems)
            for n, system in enumerate(section.systems)
            if system not in systems
        ]
        match told.get(("lookups", name)):
            case Fitted(_, reference, manifest, criteria, connector, settings):
                fence = fence_of(section.fence, reference, Path(source.file).parent, account)
                good[name] = Askable(name, section, connector, reference, settings, manifest, criteria, fence)
            case None:
                pass
    return good, faults
