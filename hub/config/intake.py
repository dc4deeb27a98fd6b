# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's sources, ready to open: those that fetch, and those that are called."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel

from connectors.sdk import Manifest, ReceiverConnector, Role, SourceConnector
from connectors.sdk.fencing.fence import Fence
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.deployment import Deployment, SourceSection
from hub.config.fencing import Isolation, fence_of, isolation_of
from hub.config.fitting import Fitted, Told
from hub.config.unknown import unknown


@dataclass(frozen=True, slots=True)
class Fetched:
    """One that fetches: its section, connector and checked settings. ``reference`` is what a child process finds it by, and
    ``fence`` what it stays behind. ``connector`` and ``settings`` are None for a third party's that runs apart.
    """

    name: str
    section: SourceSection
    connector: SourceConnector | None
    reference: str
    settings: BaseModel | None
    manifest: Manifest
    fence: Fence

    @property
    def isolation(self) -> Isolation:
        """Where it runs."""
        return isolation_of(self.section.isolation, self.reference)


@dataclass(frozen=True, slots=True)
class Called:
    """One that is called, at ``/v1/in/NAME``: the same."""

    name: str
    section: SourceSection
    connector: ReceiverConnector | None
    reference: str
    settings: BaseModel | None
    manifest: Manifest
    fence: Fence

    @property
    def isolation(self) -> Isolation:
        """As for one that fetches."""
        return isolation_of(self.section.isolation, self.reference)


Intake: TypeAlias = Fetched | Called


def intakes_of(
    deployment: Deployment, source: Located, told: Told, account: tuple[int, int] | None
) -> tuple[dict[str, Intake], list[Fault]]:
    """Every source that can be opened, and what is wrong with the others beside their connectors and settings."""
    intakes: dict[str, Intake] = {}
    faults: list[Fault] = []
    for name, section in deployment.sources.items():
        if section.system not in deployment.systems:
            systems = set(deployment.systems)
            path = ("sources", name, "system")
            faults.append(unknown(source, path, Text("系统", "system"), section.system, systems))
        match told.get(("sources", name)):
            case Fitted(role, reference, manifest, _, connector, settings):
                kind = Called if role is Role.RECEIVER else Fetched
                fence = fence_of(section.fence, reference, Path(source.file).parent, account)
                intakes[name] = kind(name, section, connector, reference, settings, manifest, fence)
            case None:
                pass
    return intakes, faults
