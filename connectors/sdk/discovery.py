# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which connectors are installed: found by entry point, never by folder or file name.

Listing imports nothing. Loading runs a third party's module, so whatever it does there, short of ending the process,
becomes a :class:`Broken` value; a connector that may not be trusted even to be imported is described by a child
process instead (:mod:`connectors.sdk.host`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from pydantic import BaseModel

from connectors.sdk.manifest import Manifest, Role
from connectors.sdk.sink import Connector
from connectors.sdk.source import SourceConnector

GROUP = "govhub.connectors"
"""The entry point group; an entry's name is the connector's kind, its value ``package.module:CONNECTOR``."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A connector that is installed but cannot be used; ``reason`` is a sentence for the operator."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found: usable connectors by name, and the broken ones with their reasons."""

    connectors: Mapping[str, Connector]
    broken: tuple[Broken, ...] = ()


def offered() -> Mapping[str, EntryPoint | Broken]:
    """Every installed connector by name, without importing any. A name that two distributions claim is broken."""
    found: dict[str, EntryPoint | Broken] = {}
    for entry in entry_points(group=GROUP):
        rival = found.get(entry.name)
        if rival is None or (isinstance(rival, EntryPoint) and rival.value == entry.value):
            found[entry.name] = entry
        else:
            found[entry.name] = Broken(entry.name, "more than one installed distribution offers this name")
    return dict(sorted(found.items()))


def load(reference: str, name: str | None = None) -> Connector | Broken:
    """Import the object a ``package.module:ATTRIBUTE`` reference names and see that it is a connector, of that name."""
    try:
        candidate = EntryPoint(name or reference, reference, GROUP).load()
        fault = _fault(name, candidate)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # because a stranger's module may do anything
        return Broken(name or reference, f"{reference} cannot be loaded: {type(error).__name__}")
    if fault:
        return Broken(name or reference, f"{reference} {fault}")
    connector: Connector = candidate
    return connector


def load_source(reference: str) -> SourceConnector | Broken:
    """The same for a connector that is a source."""
    connector = load(reference)
    if isinstance(connector, Broken):
        return connector
    return as_source(connector) or Broken(reference, f"{reference} is no source")


def as_source(connector: Connector) -> SourceConnector | None:
    """A loaded connector as the source it is; None when it is none."""
    # Loading has seen that what has the role has the methods.
    return cast("SourceConnector", connector) if Role.SOURCE in connector.manifest.roles else None


def discover() -> Discovery:
    """Load every installed connector. Never raises: what does not load is in ``broken``."""
    connectors: dict[str, Connector] = {}
    broken: list[Broken] = []
    for name, entry in offered().items():
        match entry if isinstance(entry, Broken) else load(entry.value, name):
            case Broken() as fault:
                broken.append(fault)
            case connector:
                connectors[name] = connector
    return Discovery(connectors, tuple(broken))


def _fault(name: str | None, candidate: object) -> str:
    """What keeps an object from being the connector of that name; an empty string when nothing does."""
    manifest = getattr(candidate, "manifest", None)
    config = getattr(candidate, "config", None)
    if not isinstance(manifest, Manifest):
        return "has no manifest"
    if name is not None and manifest.kind != name:
        return f"calls itself {manifest.kind!r}, but is installed as {name!r}"
    if not (isinstance(config, type) and issubclass(config, BaseModel)):
        return "has no config model"
    methods = ["promises", "sink"]
    if Role.SOURCE in manifest.roles:
        intake = getattr(candidate, "source_config", None)
        if not (isinstance(intake, type) and issubclass(intake, BaseModel)):
            return "has no config model for its sources"
        methods.append("source")
    missing = [method for method in methods if not callable(getattr(candidate, method, None))]
    return f"has no {', '.join(missing)}" if missing else ""
