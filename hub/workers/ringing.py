# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rings at mailboxes for what this hub did not put there: another hub's deliveries, and leases that ran out."""

from collections.abc import Mapping

from hub.outlet import Outlet
from hub.ports.journal import JournalDown
from hub.running import Hub

_EVERY_SECONDS = 1.0


async def ring_for_others(hub: Hub) -> None:
    """Once a second one question for all the mailboxes where somebody waits."""
    while True:
        await hub.clock.sleep(_EVERY_SECONDS)
        await ring_once(hub, hub.outlets)


async def ring_once(hub: Hub, outlets: Mapping[str, Outlet]) -> None:
    """Ask once. A journal that is away has nothing to ring for."""
    attended = [name for name, outlet in outlets.items() if outlet.doorbell.attended]
    if not attended:
        return
    filled = await hub.journal.shelf.filled(attended)
    if not isinstance(filled, JournalDown):
        for name in filled:
            outlets[name].doorbell.ring()
