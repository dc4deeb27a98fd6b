# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's deployment as the sandbox runs it: led to the simulated far side, with secrets and a journal of its own."""

import copy
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from certs.api_key import digest_of, new_key
from contracts.located import Fault, Position, read
from contracts.text import Text
from hub.config.load import Loaded, load_deployment
from hub.sandbox.far_side import FarSide
from hub.sandbox.script import FILE, Folder

_IMPATIENT = {"first_seconds": 0.2, "longest_seconds": 1.0}
_LEFT_OUT = ("operators", "materials", "retention", "telemetry", "limits", "sources")
_UNNAMED = Text("sandbox.yaml 中的 {name} 在部署文件中没有。", "The deployment has no {name} that sandbox.yaml names.")


@dataclass(frozen=True, slots=True)
class Workplace:
    """The deployment, loaded. ``keys`` by system; ``mailbox``: where the portal fetches; ``untried``: settings left out."""

    loaded: Loaded
    keys: Mapping[str, str]
    mailbox: str
    untried: Sequence[str]


def sound(folder: Folder, *, secret: bool = False) -> tuple[Fault, ...]:
    """What is wrong with the deployment as it stands, with file and line; missing secrets only where the real ones are wanted."""
    stand_ins = {} if secret else _stand_ins(folder)
    loaded = load_deployment(Path(folder.deployment.file), {**os.environ, **stand_ins})
    if isinstance(loaded, Loaded):
        return _unnamed(folder)
    return tuple(fault for fault in loaded if secret or fault.code != "SECRET_MISSING")


def furnish(folder: Folder, far: FarSide, place: Path, journal: str) -> Workplace | tuple[Fault, ...]:
    """Write the deployment into ``place`` and load it. The far side is open."""
    deployment: dict[str, Any] = copy.deepcopy(dict(folder.raw))
    for name in _LEFT_OUT:
        if name != "sources" or not _own_sources(deployment, folder):
            deployment.pop(name, None)
    script = folder.script
    keys = {name: new_key(secrets.token_bytes) for name in deployment["systems"]}
    for name, system in deployment["systems"].items():
        deployment["systems"][name] = {**(system or {}), "keys": [digest_of(keys[name])]}
    for name, section in deployment["destinations"].items():
        if name == script.destination:
            section |= {"retry": _IMPATIENT, "ask": _IMPATIENT, "breaker": {"enabled": False}}
        else:
            deployment["destinations"][name] = {"system": section["system"], "connector": "mailbox"}
    mailbox = next(n for n, section in deployment["destinations"].items() if section["system"] == script.portal)
    deployment |= {
        "hub": {"name": "sandbox", "listen": "127.0.0.1:0", "data": str(place / "data")},
        "journal": journal,
        "bus": "memory",
        "partitions": 2,
        "routes": str((folder.path / str(deployment.get("routes", "routes.yaml"))).resolve()),
        "secrets": _secrets(deployment, place),
        "dialects": {n: str((folder.path / str(f)).resolve()) for n, f in (deployment.get("dialects") or {}).items()},
    }
    if isinstance(forms := deployment.get("forms"), dict):
        forms["folder"] = str((folder.path / str(forms.get("folder", "forms"))).resolve())
    if "regions" in deployment:
        deployment["regions"] = str((folder.path / str(deployment["regions"])).resolve())
    untried = far.led_here(deployment)
    config = place / "govhub.yaml"
    config.write_bytes(orjson.dumps(deployment, option=orjson.OPT_INDENT_2))  # JSON is YAML as well
    loaded = load_deployment(config)
    return Workplace(loaded, keys, mailbox, untried) if isinstance(loaded, Loaded) else loaded


def told_of_script(folder: Folder, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The same faults, where they were written: the deployment was sound until the test system's settings were laid over it."""
    source = read(folder.path / FILE)
    at = Position(str(folder.path / FILE), 1, 1) if isinstance(source, Fault) else source.at(("test_system",))
    return tuple(replace(fault, at=at) for fault in faults)


def _secrets(deployment: Mapping[str, Any], place: Path) -> dict[str, str]:
    """Made-up ones: the real ones are not wanted here."""
    folder = place / "secrets"
    folder.mkdir(mode=0o700)
    references = {}
    for n, name in enumerate(deployment.get("secrets") or {}):
        (folder / str(n)).write_text(secrets.token_hex(16), encoding="ascii")
        references[name] = f"file:{folder / str(n)}"
    return references


def _stand_ins(folder: Folder) -> dict[str, str]:
    """Values for the variables that the deployment's secrets name, so that everything else about it is checked."""
    named = folder.raw.get("secrets")
    references = named.values() if isinstance(named, dict) else ()
    return {str(one).removeprefix("env:"): "-" for one in references if str(one).startswith("env:")}


def _own_sources(deployment: Mapping[str, Any], folder: Folder) -> bool:
    sources = deployment.get("sources") or {}
    return bool(sources) and all(one.get("system") == folder.script.department for one in sources.values())


def _unnamed(folder: Folder) -> tuple[Fault, ...]:
    script, raw = folder.script, folder.raw
    systems, destinations = raw["systems"], raw["destinations"]
    assert isinstance(systems, dict), "it loads"
    assert isinstance(destinations, dict), "it loads"
    wrong = [name for name in (script.department, script.portal) if name not in systems]
    if destinations.get(script.destination, {}).get("system") != script.department:
        wrong.append(script.destination)
    if all(section["system"] != script.portal for section in destinations.values()):
        wrong.append(f"{script.portal} → destination")
    remedy = Text("请核对两个文件中的名称。", "See to the names in the two files.")
    at = folder.deployment.at(())
    return tuple(Fault("E_SANDBOX_NAME", name, at, _UNNAMED.filled(name=name), remedy) for name in wrong)
