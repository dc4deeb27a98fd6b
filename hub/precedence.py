# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A destination behind another: what is live of a case waits until what is loaded of it has arrived. 先后

A load goes by a destination of its own, and so by lanes of its own: without this, a case's completion of today could overtake
its acceptance of last year that still waits for the night.
"""

from datetime import timedelta
from uuid import UUID

from hub.outlet import Outlet
from hub.running import Hub

BEHIND = "BEHIND_LOAD"
"""The code that a waiting delivery shows meanwhile."""

LATER = timedelta(seconds=10)
"""When to look again. Meanwhile it waits in the journal and burns no attempt."""


async def must_wait(hub: Hub, outlet: Outlet, delivery: UUID) -> bool:
    """Whether something of its case is unfinished at one of the destinations that this one is behind; also while the journal
    does not say.
    """
    if not outlet.after:
        return False
    return await hub.journal.loads.waits(delivery, outlet.after) is not False
