# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The machine's clocks behind the port."""

import asyncio
from datetime import UTC, timedelta

from hub.ports.clock import SystemClock


def test_wall_time_is_aware_and_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
    assert SystemClock().now().tzinfo is UTC


def test_monotonic_time_never_goes_back() -> None:
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)


async def test_a_sleep_lasts_and_may_be_cancelled() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0.05)
    assert clock.monotonic() - before >= 0.05
    sleeping = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)
    sleeping.cancel()
    await asyncio.wait({sleeping}, timeout=5)
    assert sleeping.cancelled()
