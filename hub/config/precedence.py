# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Destinations behind others (``after``): there, of the same system, and never in a circle."""

from collections.abc import Iterator

from contracts.fault import dotted
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.deployment import Deployment
from hub.config.unknown import unknown

_MEND = Text(
    "after 只能写同一系统的另一个目的地，且那里不再有 after。",
    "Name another destination of the same system, which has no after of its own.",
)


def misordered(deployment: Deployment, source: Located) -> Iterator[Fault]:
    """Destinations behind one that is not there, is another system's or themselves, or is behind another."""
    for name, section in deployment.destinations.items():
        for n, other in enumerate(section.after):
            path = ("destinations", name, "after", n)
            before = deployment.destinations.get(other)
            if before is None:
                yield unknown(source, path, Text("目的地", "destination"), other, set(deployment.destinations))
            elif before.system != section.system or other == name or before.after:
                told = Text(
                    f"目的地 {name} 不能排在 {other} 之后。", f"Destination '{name}' cannot be behind '{other}'."
                )
                yield Fault("AFTER_MISFIT", dotted(path), source.at(path), told, _MEND)
