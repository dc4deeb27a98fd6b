# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which kinds of processor are installed, by entry point: a destination names one where others name a connector."""

from collections.abc import Mapping
from importlib.metadata import entry_points

from hub.processors.processor import ProcessorKind

GROUP = "govhub.processors"


def processor_kinds() -> Mapping[str, ProcessorKind]:
    """By name. They are ours: one that does not load is a bug."""
    return {entry.name: entry.load() for entry in sorted(entry_points(group=GROUP))}
