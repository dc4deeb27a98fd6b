# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A map file to a map that works, or everything that is wrong with it."""

from dataclasses import dataclass
from pathlib import Path

from contracts.dialects.encoding import Encoding
from contracts.fault import Fault
from contracts.mapping.faults import Faults
from contracts.mapping.layers import Layered, layered, shipped
from contracts.mapping.messages import MessageResolver
from contracts.mapping.site_map import SiteMap
from contracts.registry import Registry
from contracts.text import Text

__all__ = ["Loaded", "load", "shipped"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A map, and what its author should know although it works. ``files`` are those it is made of, its own first."""

    site_map: SiteMap
    warnings: tuple[Fault, ...]
    files: tuple[str, ...]


def load(path: Path, registry: Registry) -> Loaded | tuple[Fault, ...]:
    """The map in a file, checked against the contracts of the registry. Never raises, whatever the file.

    The file and those it extends are read; nothing else is. Maps that come with the hub are in :func:`shipped`.
    """
    layers = layered(path)
    if isinstance(layers, tuple):
        return layers
    return resolved(layers, registry)


def resolved(layers: Layered, registry: Registry) -> Loaded | tuple[Fault, ...]:
    """The merged content as a map."""
    content, faults = layers.content, Faults(layers)
    for name in ("title", "carrier", "messages"):
        if not getattr(content, name):
            problem = Text(f"缺少必填的键“{name}”。", f"The required key '{name}' is missing.")
            faults.add("E_KEY_MISSING", (name,), problem, Text(f"请加上“{name}: …”。", f"Add '{name}: …'."))
    if content.carrier is None or content.title is None:
        return faults.all()
    encoding = Encoding(content.encoding or "UTF-8")
    messages = MessageResolver(content, registry, faults).messages(content.carrier, encoding)
    found = faults.all()
    if any(fault.severity == "error" for fault in found):
        return found
    title = Text(content.title.zh, content.title.en)
    site_map = SiteMap(title, content.carrier, encoding, messages)
    return Loaded(site_map, found, tuple(layer.file for layer in layers.layers))
