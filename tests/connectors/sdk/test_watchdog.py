# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A blocked loop is told of while it is blocked, and with the place where it stands."""

import asyncio
import os
import threading
import time
from collections.abc import Sequence

from connectors.sdk.watchdog import overhear, watched_loop


class Told:
    """What was told, and when."""

    def __init__(self) -> None:
        self.stacks: list[tuple[float, Sequence[str]]] = []
        self.bell = threading.Event()

    def __call__(self, stack: Sequence[str]) -> None:
        self.stacks.append((time.monotonic(), stack))
        self.bell.set()


def stand_still(told: Told) -> None:
    """As a connector with a bug does: until somebody tells of it."""
    told.bell.wait(10)


async def test_a_blocked_loop_is_told_of_within_two_seconds_and_once() -> None:
    told = Told()
    async with watched_loop(told):
        begun = time.monotonic()
        stand_still(told)
    [(when, stack)] = told.stacks
    assert when - begun < 2.5  # two seconds, and a busy machine's patience
    assert any(place.endswith(" stand_still") for place in stack)


async def test_a_loop_that_goes_round_is_not_told_of() -> None:
    told = Told()
    async with watched_loop(told):
        await asyncio.sleep(0.7)
    assert told.stacks == []


async def test_of_what_a_child_writes_only_places_in_code_are_believed() -> None:
    told = Told()
    theirs, ours = os.pipe()
    os.write(
        ours,
        b"910000199001010016 in clear\n" + b"x" * 5000 + b'\n  File "/a/b.py", line 7 in hold\nFile "no", line 1\n',
    )
    os.close(ours)
    await asyncio.wait_for(overhear(theirs, told), 5)
    assert [stack for _, stack in told.stacks] == [["/a/b.py:7 hold"]]
