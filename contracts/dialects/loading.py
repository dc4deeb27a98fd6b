# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The dialects of a deployment: the canonical ones, and those of its maps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from contracts.dialects.canonical import Canonical, CanonicalXml
from contracts.dialects.dialect import CANONICAL, CANONICAL_XML, Dialect
from contracts.dialects.mapped import MapDialect
from contracts.fault import Fault, Position
from contracts.mapping.loading import Loaded, load
from contracts.registry import Registry
from contracts.text import Text


@dataclass(frozen=True, slots=True)
class Dialects:
    """The dialects of a deployment by name, and what their authors should know although they work."""

    by_name: Mapping[str, Dialect]
    warnings: tuple[Fault, ...] = ()


def load_dialects(files: Mapping[str, Path], registry: Registry) -> Dialects | tuple[Fault, ...]:
    """The canonical ones and a dialect for every site's map, or everything wrong with any of them."""
    dialects: dict[str, Dialect] = {CANONICAL: Canonical(registry), CANONICAL_XML: CanonicalXml(registry)}
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for name, path in files.items():
        if name in {CANONICAL, CANONICAL_XML}:
            faults.append(Fault("E_DIALECT_RESERVED", name, Position(str(path), 1, 1), *_RESERVED))
            continue
        loaded = load(path, registry)
        if isinstance(loaded, Loaded):
            dialects[name] = MapDialect(name, loaded.site_map)
            warnings.extend(loaded.warnings)
        else:
            faults.extend(loaded)
    if _errors(faults):
        return tuple(faults)
    return Dialects(MappingProxyType(dialects), tuple(warnings))


def _errors(faults: Iterable[Fault]) -> bool:
    return any(fault.severity == "error" for fault in faults)


_RESERVED = (
    Text(
        "方言名 canonical 与 canonical_xml 已有定义。",
        "The dialects 'canonical' and 'canonical_xml' are there already.",
    ),
    Text("请换一个名称。", "Choose another name."),
)
