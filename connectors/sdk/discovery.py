# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which connectors are installed: found by entry point, never by folder or file name.

Listing imports nothing. Loading runs the module, so whatever it does there, short of ending the process, becomes a
:class:`Broken` value. The hub loads only what comes with govhub, and what its deployment puts into its process; third
parties' connectors are described by a process of their own instead (:mod:`connectors.sdk.describing`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from pydantic import BaseModel

from connectors.sdk.lookup import LookupConnector
from connectors.sdk.manifest import Manifest, Role
from connectors.sdk.receiver import ReceiverConnector
from connectors.sdk.sink import Connector
from connectors.sdk.source import SourceConnector

GROUP = "govhub.connectors"
"""The entry point group; an entry's name is the connector's kind, its value ``package.module:CONNECTOR``."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A connector that is installed but cannot be used; ``reason`` is a sentence for the operator."""

    name: str
    reason: str


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


def load_lookup(reference: str) -> LookupConnector | Broken:
    """The same for a connector that answers questions."""
    connector = load(reference)
    if isinstance(connector, Broken):
        return connector
    return as_lookup(connector) or Broken(reference, f"{reference} answers no questions")


def as_lookup(connector: Connector) -> LookupConnector | None:
    """A loaded connector as the lookup it is; None when it is none."""
    return cast("LookupConnector", connector) if Role.LOOKUP in connector.manifest.roles else None


def load_receiver(reference: str) -> ReceiverConnector | Broken:
    """The same for a connector that is a receiver."""
    connector = load(reference)
    if isinstance(connector, Broken):
        return connector
    return as_receiver(connector) or Broken(reference, f"{reference} is no receiver")


def as_receiver(connector: Connector) -> ReceiverConnector | None:
    """A loaded connector as the receiver it is; None when it is none."""
    # Loading has seen that what has the role has the methods.
    return cast("ReceiverConnector", connector) if Role.RECEIVER in connector.manifest.roles else None


def _fault(name: str | None, candidate: object) -> str:
    """What keeps an object from being the connector of that name; an empty string when nothing does."""
    manifest = getattr(candidate, "manifest", None)
    if not isinstance(manifest, Manifest):
        return "has no manifest"
    if name is not None and manifest.kind != name:
        return f"calls itself {manifest.kind!r}, but is installed as {name!r}"
    missing = [
        attribute
        for role, needed in _NEEDED.items()
        if role in manifest.roles
        for attribute, is_there in needed.items()
        if not is_there(getattr(candidate, attribute, None))
    ]
    if not manifest.roles:
        return "has no role"
    if {Role.SOURCE, Role.RECEIVER} <= manifest.roles:
        return "is both a source and a receiver"
    return f"has no {', '.join(missing)}" if missing else ""


def _is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


_NEEDED: Mapping[Role, Mapping[str, Callable[[object], bool]]] = {
    Role.SINK: {"config": _is_model, "promises": callable, "sink": callable},
    Role.SOURCE: {"source_config": _is_model, "source": callable},
    Role.RECEIVER: {"receiver_config": _is_model, "receiver": callable},
    Role.LOOKUP: {"lookup_config": _is_model, "criteria": callable, "lookup": callable},
}
"""What an object must have for each role, and what it must be."""
