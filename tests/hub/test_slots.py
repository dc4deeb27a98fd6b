# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""No more sends at a time than there are slots, and no slot is lost, whoever goes away when."""

import asyncio

import pytest

from hub.slots import Slot, Slots

LONG = 30.0


def waiting(slots: Slots) -> "asyncio.Task[Slot | None]":
    return asyncio.create_task(slots.take(LONG))


async def begun() -> None:
    """Let every task that can run come to its first wait."""
    for _ in range(3):
        await asyncio.sleep(0)


async def taken(slots: Slots) -> Slot:
    slot = await slots.take(LONG)
    assert slot is not None
    return slot


async def test_whoever_waits_is_served_in_turn_and_nobody_gets_ahead() -> None:
    slots = Slots(1)
    held = await taken(slots)
    first, second = waiting(slots), waiting(slots)
    await begun()
    held.release()
    third = waiting(slots)
    got = await first
    assert got is not None
    assert not second.done()
    got.release()
    next_one = await second
    assert next_one is not None
    await begun()
    assert not third.done()
    next_one.release()
    assert await third is not None


async def test_a_slot_is_given_back_once_however_often_it_is_said() -> None:
    slots = Slots(1)
    held = await taken(slots)
    held.release()
    held.release()
    await taken(slots)
    assert await slots.take(0) is None


async def test_nobody_waits_longer_than_their_patience() -> None:
    slots = Slots(1)
    held = await taken(slots)
    assert await slots.take(0.01) is None
    held.release()
    assert await slots.take(0) is not None  # it did not go to whoever had left


@pytest.mark.parametrize("served", [False, True])
async def test_who_is_cancelled_takes_no_slot_along(*, served: bool) -> None:
    slots = Slots(1)
    held = await taken(slots)
    leaving, staying = waiting(slots), waiting(slots)
    await begun()
    if served:
        held.release()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    if not served:
        held.release()
    assert await staying is not None
