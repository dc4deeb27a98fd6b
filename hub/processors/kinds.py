# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which kinds of processor are installed, by entry point: a destination names one where others name a connector."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, Protocol, runtime_checkable

from pydantic import ValidationError

from hub.processors.processor import ProcessorKind

GROUP = "govhub.processors"


def processor_kinds() -> Mapping[str, ProcessorKind]:
    """By name. They are ours: one that does not load is a bug."""
    return {entry.name: entry.load() for entry in sorted(entry_points(group=GROUP))}


@runtime_checkable
class EmitsBySettings(Protocol):
    """A kind whose contracts its settings choose."""

    def emits_with(self, settings: Any, /) -> frozenset[str]:
        """What a processor with these settings emits."""
        ...


@runtime_checkable
class Undoes(Protocol):
    """A kind whose processes are undone, but not behind some of what they emit."""

    def final(self, settings: Any, /) -> frozenset[str]:
        """The names of emissions that nothing undoes."""
        ...


def final(kind: object, settings: Any) -> frozenset[str]:
    """The emissions of a processor that nothing undoes; ``settings`` as its kind's model."""
    return kind.final(settings) if isinstance(kind, Undoes) else frozenset()


def emitted(kind: ProcessorKind, settings: Any) -> frozenset[str]:
    """The contracts that a processor emits; ``settings`` as its kind's model, or as they are written."""
    if not isinstance(kind, EmitsBySettings):
        return kind.emits
    if isinstance(settings, kind.config):
        return kind.emits_with(settings)
    try:
        return kind.emits_with(kind.config.model_validate(settings))
    except ValidationError:
        return kind.emits  # its faults are told elsewhere
