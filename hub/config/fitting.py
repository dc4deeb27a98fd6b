# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which connector each destination, source and lookup names, and whether its settings fit.

What comes with govhub, and what the deployment itself puts into the hub's process, is loaded here. Everything else is
described by processes behind a fence, one for each package, so that no line of a third party's runs in the hub.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint
from typing import Any, Final

from pydantic import BaseModel

from connectors.sdk import Criteria, Manifest, Role
from connectors.sdk.describing import Draft, Fits, Fitting, Kind, OtherRole, fit_all
from connectors.sdk.discovery import Broken, load, offered
from connectors.sdk.documents import model_of
from connectors.sdk.fencing.fence import OURS, Fence
from contracts.located import Fault, Located, build
from contracts.text import Text
from hub.config.fencing import Isolation, isolation_of
from hub.config.unknown import unknown

_WANTED: Final[Mapping[str, tuple[Text, tuple[Role, ...]]]] = {
    "destinations": (Text("连接器", "connector"), (Role.SINK,)),
    "sources": (Text("可作来源的连接器", "connector that is a source"), (Role.RECEIVER, Role.SOURCE)),
    "lookups": (Text("可作查询的连接器", "connector that answers questions"), (Role.LOOKUP,)),
}
"""By section of the file: what its connectors are called when one is missing, and the role they must have."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place of the deployment that names a connector."""

    section: str
    name: str
    kind: str
    isolation: Isolation | None
    written: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Settings that fit. ``connector`` and ``settings`` are None for one that is not loaded here, since it runs apart."""

    role: Role
    reference: str
    manifest: Manifest
    criteria: Criteria = field(default_factory=Criteria)
    connector: Any = None
    settings: BaseModel | None = None


Told = Mapping[tuple[str, str], Fitted]


def fit(uses: Sequence[Use], source: Located, account: tuple[int, int] | None = None) -> tuple[Told, list[Fault]]:
    """What fits, by section and name, and everything that is wrong with the rest. Takes a second where there are third
    parties' connectors, however many destinations they have; none of them can keep it from coming back within a minute.
    """
    entries = offered()
    fitted: dict[tuple[str, str], Fitted] = {}
    faults: list[Fault] = []
    apart: list[tuple[Use, Draft]] = []
    for use in uses:
        entry = entries.get(use.kind)
        if entry is None:
            faults.append(_unknown(use, source, entries))
        elif isinstance(entry, Broken):
            faults.append(_broken(use, source, entry))
        elif isolation_of(use.isolation, entry.value) == "process" and not entry.value.startswith(OURS):
            written = source.below((use.section, use.name, "settings"), use.written)
            apart.append((use, Draft(_kind(entry), _WANTED[use.section][1], written)))
        else:
            told = _fit_here(use, entry, source, entries)
            if isinstance(told, Fitted):
                fitted[use.section, use.name] = told
            else:
                faults += told
    for (use, draft), fitting in zip(
        apart, fit_all([draft for _, draft in apart], Fence(account=account)), strict=True
    ):
        match _judged(use, draft.kind, fitting, source, entries):
            case Fitted() as good:
                fitted[use.section, use.name] = good
            case wrong:
                faults += wrong
    return fitted, sorted(faults, key=lambda fault: (fault.at.line, fault.at.column))


def _kind(entry: EntryPoint) -> Kind:
    package = entry.dist.name if entry.dist is not None else entry.module.partition(".")[0]
    return Kind(entry.name, entry.value, package)


def _fit_here(
    use: Use, entry: EntryPoint, source: Located, entries: Mapping[str, EntryPoint | Broken]
) -> Fitted | list[Fault]:
    connector = load(entry.value, entry.name)
    if isinstance(connector, Broken):
        return [_broken(use, source, connector)]
    role = next((one for one in _WANTED[use.section][1] if one in connector.manifest.roles), None)
    if role is None:
        return [_unknown(use, source, entries, but={use.kind})]
    written = source.below((use.section, use.name, "settings"), use.written)
    settings = build(written, model_of(connector, role))
    if isinstance(settings, tuple):
        return _placed(use, settings)
    asked: Any = connector
    return Fitted(
        role,
        entry.value,
        connector.promises(settings) if role is Role.SINK else connector.manifest,
        asked.criteria(settings) if role is Role.LOOKUP else Criteria(),
        connector,
        settings,
    )


def _judged(
    use: Use, kind: Kind, fitting: Fitting, source: Located, entries: Mapping[str, EntryPoint | Broken]
) -> Fitted | list[Fault]:
    match fitting:
        case Fits(role, manifest, criteria):
            return Fitted(role, kind.reference, manifest, criteria)
        case OtherRole():
            return [_unknown(use, source, entries, but={use.kind})]
        case Broken() as broken:
            return [_broken(use, source, broken)]
        case faults:
            return _placed(use, faults)


def _placed(use: Use, faults: Sequence[Fault]) -> list[Fault]:
    within = f"{use.section}.{use.name}.settings"
    return [replace(one, path=f"{within}.{one.path}" if one.path else within) for one in faults]


def _broken(use: Use, source: Located, broken: Broken) -> Fault:
    return Fault(
        "CONNECTOR_BROKEN",
        f"{use.section}.{use.name}.connector",
        source.at((use.section, use.name, "connector")),
        Text(f"连接器不可用：{broken.reason}", f"The connector cannot be used: {broken.reason}"),
        Text("请修复或重装该连接器。", "Mend or reinstall it."),
    )


def _unknown(use: Use, source: Located, entries: Mapping[str, EntryPoint | Broken], but: Collection[str] = ()) -> Fault:
    """The names that could have been meant: ours that have the role, and third parties', which are not looked into for this."""
    label, roles = _WANTED[use.section]
    known = set()
    for name, entry in entries.items():
        if isinstance(entry, Broken) or name in but:
            continue
        if entry.value.startswith(OURS):
            connector = load(entry.value, name)
            if isinstance(connector, Broken) or not connector.manifest.roles & {*roles}:
                continue
        known.add(name)
    return unknown(source, (use.section, use.name, "connector"), label, use.kind, known)
