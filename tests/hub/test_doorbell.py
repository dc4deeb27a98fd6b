# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who waits at a mailbox is woken one at a time, and no ring is lost."""

import asyncio

import pytest

from hub.doorbell import Doorbell


def waiting(bell: Doorbell) -> "asyncio.Task[bool]":
    return asyncio.create_task(bell.rung(30))


async def begun() -> None:
    """Let every task that can run come to its first wait."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_one_ring_wakes_the_one_who_waited_longest() -> None:
    bell = Doorbell()
    first, second = waiting(bell), waiting(bell)
    await begun()
    bell.ring()
    assert await first
    assert bell.attended
    assert not second.done()
    bell.wake_all()
    assert await second
    assert not bell.attended


async def test_a_ring_that_nobody_heard_is_kept_until_somebody_looks() -> None:
    bell = Doorbell()
    bell.ring()
    assert bell.worth_a_look()
    assert await bell.rung(0)
    with bell.looking():
        pass
    assert not await bell.rung(0)


async def test_a_ring_during_a_look_is_not_lost() -> None:
    bell = Doorbell()
    with bell.looking():
        bell.ring()
    assert await bell.rung(0)


async def test_who_comes_while_others_wait_in_vain_need_not_look() -> None:
    bell = Doorbell()
    assert bell.worth_a_look()
    with bell.looking():
        assert not bell.worth_a_look()
    first = waiting(bell)
    await begun()
    assert not bell.worth_a_look()
    bell.ring()
    assert await first
    assert bell.worth_a_look()  # nobody waits any more: nothing is known


async def test_who_is_woken_and_goes_away_wakes_the_next() -> None:
    bell = Doorbell()
    first, second = waiting(bell), waiting(bell)
    await begun()
    bell.ring()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await second


async def test_who_goes_away_is_not_rung_for() -> None:
    bell = Doorbell()
    first, second = waiting(bell), waiting(bell)
    await begun()
    first.cancel()
    await asyncio.wait({first})
    bell.ring()
    assert await second


async def test_a_look_that_is_broken_off_is_for_somebody_else_to_repeat() -> None:
    bell = Doorbell()
    first = waiting(bell)
    await begun()
    with pytest.raises(ConnectionResetError), bell.looking():
        raise ConnectionResetError
    assert await first


async def test_patience_ends() -> None:
    bell = Doorbell()
    assert not await bell.rung(0)
    assert not bell.attended
