# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What takes a while is made once, and nobody on the loop waits for it who did not ask."""

import asyncio
import threading

import pytest

from hub.api.once import Once


async def test_a_value_is_made_once_however_many_ask() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key.upper()

    once = Once[str, str](make)

    values = await asyncio.gather(*(once.get(key) for key in ("a", "b", "a", "b", "a")))

    assert values == ["A", "B", "A", "B", "A"]
    assert sorted(made) == ["a", "b"]


async def test_the_loop_goes_on_meanwhile() -> None:
    goes_on = threading.Event()
    once = Once[str, bool](lambda _: goes_on.wait(30))
    asking = asyncio.ensure_future(once.get("a"))
    await asyncio.sleep(0)  # the value is being made now, and waits for what comes next on this loop
    goes_on.set()

    assert await asking


async def test_what_could_not_be_made_is_tried_again() -> None:
    attempts = iter([ValueError("broken"), None])

    def make(key: str) -> str:
        if (error := next(attempts)) is not None:
            raise error
        return key

    once = Once[str, str](make)
    with pytest.raises(ValueError, match="broken"):
        await once.get("a")
    assert await once.get("a") == "a"
