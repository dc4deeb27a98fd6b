# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The region codes that are no longer in use: the hub's own table and the deployment's."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from contracts.identifiers.region import known
from contracts.identifiers.successions import load
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.deployment import Deployment


def retired_codes(
    home: Path, source: Located, deployment: Deployment, today: date
) -> tuple[Mapping[str, str], list[Fault]]:
    """What each code that is retired today has become, or what is wrong with the deployment's table."""
    if deployment.regions is None:
        return known().on(today), []
    own = load(home / deployment.regions)
    if isinstance(own, tuple):
        return {}, list(own)
    both = known().and_also(own)
    if isinstance(both, str):
        circle = Fault(
            "REGIONS_CIRCLE",
            "regions",
            source.at(("regions",)),
            Text(f"与内置对照表合并后，{both} 会继任自身。", f"With the hub's own table, {both} would succeed itself."),
            Text("请改正该表中的继任代码。", "Correct the successors in that table."),
        )
        return {}, [circle]
    return both.on(today), []
