# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The operations API, ``/ops/v1``: one tree of resources for the console. 运维接口"""

import asyncio
from collections.abc import Sequence

from hub.api import ops_alarms, ops_destinations, ops_live, ops_messages, ops_mounted, ops_search, ops_systems
from hub.api.health import Readiness
from hub.api.route import Route
from hub.config.deployment import Limits
from hub.running import Hub


def routes(
    hub: Hub, limits: Limits, readiness: Readiness, stopping: asyncio.Event, described: Sequence[Route]
) -> Sequence[Route]:
    """All of it. ``described`` are the routes under ``/v1``."""
    return (
        *ops_destinations.routes(hub),
        *ops_systems.routes(hub),
        *ops_alarms.routes(hub, readiness),
        *ops_search.routes(hub, limits),
        *ops_messages.routes(hub),
        *ops_live.routes(hub, readiness, stopping),
        *ops_mounted.mounted(described),
    )
