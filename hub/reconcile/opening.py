# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciling out of a running hub."""

from hub.acting import Acting
from hub.reconcile.desk import Reconciling
from hub.running import Hub


def reconciling_of(hub: Hub) -> Reconciling:
    """What reconciling needs, from a running hub."""
    acting = Acting(
        hub=hub.name,
        clock=hub.clock,
        ids=hub.ids,
        journal=hub.journal,
        registry=hub.rules.registry,
        routes=hub.routes,
        places=hub.places,
        partitions=hub.partitions,
    )
    return Reconciling.of(acting, hub.agreements)
