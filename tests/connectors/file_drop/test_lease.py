# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One holder at a time, whoever dies, sleeps or leaves; the clock is the test's."""

from pathlib import Path

from connectors.file_drop.lease import LeaseGuard
from connectors.file_drop.local import LocalFileSystem


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def guards(folder: Path, clock: Clock, count: int) -> list[LeaseGuard]:
    return [LeaseGuard(LocalFileSystem(bytes(folder)), b".govhub", 10.0, clock) for _ in range(count)]


async def test_one_who_died_is_followed_after_the_patience_and_not_before(folder: Path) -> None:
    clock = Clock()
    dead, heir, other = guards(folder, clock, 3)
    assert await dead.held()
    assert not await heir.held()
    clock.now += 9.9
    assert not await heir.held()
    clock.now += 0.2
    assert await heir.held()
    assert not await other.held()
    assert not await dead.held()
    assert {one.name for one in (folder / ".govhub").iterdir()} == {"lease-2"}


async def test_one_who_lives_keeps_it(folder: Path) -> None:
    clock = Clock()
    holder, other = guards(folder, clock, 2)
    for _ in range(20):
        assert await holder.held()
        assert not await other.held()
        clock.now += 3.0


async def test_one_who_slept_too_long_knows_it(folder: Path) -> None:
    clock = Clock()
    sleeper, other = guards(folder, clock, 2)
    assert await sleeper.held()
    assert not await other.held()
    clock.now += 11.0
    assert await other.held()
    assert not await sleeper.held()
    clock.now += 1.0
    assert await other.held()


async def test_one_who_slept_and_was_not_missed_gets_it_back(folder: Path) -> None:
    clock = Clock()
    [sleeper] = guards(folder, clock, 1)
    assert await sleeper.held()
    clock.now += 11.0
    assert not await sleeper.held()  # it watches itself as any other would
    clock.now += 10.0
    assert await sleeper.held()


async def test_it_is_handed_over_at_once_when_it_is_released(folder: Path) -> None:
    clock = Clock()
    first, second = guards(folder, clock, 2)
    assert await first.held()
    await first.release()
    assert await second.held()
    assert not await first.held()
