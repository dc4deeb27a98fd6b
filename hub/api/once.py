# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What takes a while to make and never changes: made when first asked for, beside the event loop and not on it."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Once(Generic[K, V]):
    """Values by key, each made once by ``make`` in a thread; one at a time, so that asking for all of them is no load.

    There are as many values as keys that are asked for: ask only for keys that exist.
    """

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._made: dict[K, V] = {}
        self._making = asyncio.Lock()

    async def get(self, key: K) -> V:
        """The value for this key."""
        if key not in self._made:
            async with self._making:
                if key not in self._made:
                    self._made[key] = await asyncio.to_thread(self._make, key)
        return self._made[key]
