# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's sources, ready to open: those that fetch, and those that are called."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from pydantic import BaseModel

from connectors.sdk import Connector, ReceiverConnector, Role, SourceConnector
from connectors.sdk.discovery import Discovery, as_receiver, as_source, offered
from contracts.located import Fault, Located, build
from contracts.text import Text
from hub.config.deployment import Deployment, SourceSection
from hub.config.unknown import unknown

OURS = "connectors."
"""Where the references of the kinds that come with govhub begin."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One that fetches: its section, connector and checked settings. ``reference`` is what a child process finds it by."""

    name: str
    section: SourceSection
    connector: SourceConnector
    reference: str
    settings: BaseModel

    @property
    def isolation(self) -> Literal["hub", "process"]:
        """Where it runs: what comes with govhub is audited, so it may run in the hub's own process."""
        return self.section.isolation or ("hub" if self.reference.startswith(OURS) else "process")


@dataclass(frozen=True, slots=True)
class Called:
    """One that is called, at ``/v1/in/NAME``: the same."""

    name: str
    section: SourceSection
    connector: ReceiverConnector
    reference: str
    settings: BaseModel

    @property
    def isolation(self) -> Literal["hub", "process"]:
        """As for one that fetches."""
        return self.section.isolation or ("hub" if self.reference.startswith(OURS) else "process")


Intake: TypeAlias = Fetched | Called


def intakes_of(deployment: Deployment, source: Located, found: Discovery) -> tuple[dict[str, Intake], list[Fault]]:
    """Every source that can be opened, and everything that is wrong with the others."""
    intakes: dict[str, Intake] = {}
    faults: list[Fault] = []
    known = {kind: one for kind, one in found.connectors.items() if one.manifest.roles & {Role.SOURCE, Role.RECEIVER}}
    for name, section in deployment.sources.items():
        path = ("sources", name)
        if section.system not in deployment.systems:
            systems = set(deployment.systems)
            faults.append(unknown(source, (*path, "system"), Text("系统", "system"), section.system, systems))
        connector = known.get(section.connector)
        if connector is None:
            kinds = Text("可作来源的连接器", "connector that is a source")
            faults.append(unknown(source, (*path, "connector"), kinds, section.connector, set(known)))
            continue
        intake = _intake(name, section, connector, source.below((*path, "settings"), section.settings))
        if isinstance(intake, tuple):
            within = f"sources.{name}.settings"
            faults += [replace(one, path=f"{within}.{one.path}" if one.path else within) for one in intake]
            continue
        intakes[name] = intake
    return intakes, faults


def _intake(name: str, section: SourceSection, connector: Connector, written: Located) -> Intake | tuple[Fault, ...]:
    reference = str(getattr(offered()[section.connector], "value", ""))
    if (called := as_receiver(connector)) is not None:
        settings = build(written, called.receiver_config)
        return settings if isinstance(settings, tuple) else Called(name, section, called, reference, settings)
    fetching = as_source(connector)
    assert fetching is not None, "it has one of the two roles"
    settings = build(written, fetching.source_config)
    return settings if isinstance(settings, tuple) else Fetched(name, section, fetching, reference, settings)
