# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Several hubs share the work evenly within seconds, whoever joins, leaves or dies."""

import asyncio
import time

import pytest

from tests.faults.row import Row
from tests.faults.sizes import chosen
from tests.faults.stand import Stand

SIZE = chosen()
EVEN = 10.0
"""Seconds until shares are even after a hub joins or leaves."""
EVEN_AFTER_A_DEATH = 15.0
"""A dead hub's leases run out first, which takes up to ten seconds."""
pytestmark = pytest.mark.timeout(SIZE.row_seconds)


async def test_hubs_join_leave_and_die(stand: Stand, repetition: int, seed: int) -> None:
    async with Row(stand, "several hubs", SIZE, repetition, seed) as row:
        await row.flowing(10)
        await stand.until_shared(["hub-1", "hub-2"], 60)
        await stand.add_hub(third := f"hub-{3 + repetition}")
        row.watch.hubs = {name: hub for name, hub in stand.hubs.items() if name != third}
        try:
            await stand.start(third)
            row.within("even after joining", await stand.until_shared(["hub-1", "hub-2", third], 60), EVEN)
            await row.flowing(10)
            stopping = time.monotonic()
            assert await stand.hubs[third].stop() == 0
            await stand.until_shared(["hub-1", "hub-2"], 60)
            row.within("even after leaving", time.monotonic() - stopping, EVEN)
            await row.flowing(10)
            await stand.start(third)
            await stand.until_shared(["hub-1", "hub-2", third], 60)
            await row.flowing(10)
            await asyncio.sleep(row.draw(0, 1, "phase"))
            await stand.hubs[third].kill()
            died = time.monotonic()
            await stand.until_shared(["hub-1", "hub-2"], 60)
            row.within("even after a death", time.monotonic() - died, EVEN_AFTER_A_DEATH)
        finally:
            hub = stand.hubs.pop(third)
            if hub.running:
                await hub.kill()
