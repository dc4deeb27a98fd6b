# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's lookups: who may ask what of whom, and how long an answer is remembered."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from connectors.sdk import LookupConnector
from connectors.sdk.discovery import Discovery, as_lookup, offered
from contracts.located import Fault, Located, build
from contracts.text import Text
from hub.config.unknown import unknown

if TYPE_CHECKING:
    from hub.config.deployment import Deployment

_OURS = "connectors."
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
    """One lookup, ready to open: its section, connector and checked settings. ``reference`` is what a child finds it by."""

    name: str
    section: LookupSection
    connector: LookupConnector
    reference: str
    settings: BaseModel

    @property
    def isolation(self) -> Literal["hub", "process"]:
        """Where it runs: what comes with govhub is audited, so it may run in the hub's own process."""
        return self.section.isolation or ("hub" if self.reference.startswith(_OURS) else "process")


def askable(deployment: "Deployment", source: Located, found: Discovery) -> tuple[dict[str, Askable], list[Fault]]:
    """Every lookup that can be opened, and everything that is wrong with the others."""
    good: dict[str, Askable] = {}
    faults: list[Fault] = []
    known = {kind: one for kind, connector in found.connectors.items() if (one := as_lookup(connector)) is not None}
    for name, section in deployment.lookups.items():
        path = ("lookups", name)
        systems = set(deployment.systems)
        faults += [
            unknown(source, (*path, "systems", n), Text("系统", "system"), system, systems)
            for n, system in enumerate(section.systems)
            if system not in systems
        ]
        connector = known.get(section.connector)
        if connector is None:
            kinds = Text("可作查询的连接器", "connector that answers questions")
            faults.append(unknown(source, (*path, "connector"), kinds, section.connector, set(known)))
            continue
        settings = build(source.below((*path, "settings"), section.settings), connector.lookup_config)
        if isinstance(settings, tuple):
            within = f"lookups.{name}.settings"
            faults += [replace(one, path=f"{within}.{one.path}" if one.path else within) for one in settings]
            continue
        reference = str(getattr(offered()[section.connector], "value", ""))
        good[name] = Askable(name, section, connector, reference, settings)
    return good, faults
