# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A far side in this process, for sources that each break a rule: messages lie on a shelf until they are settled."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Self

from connectors.sdk import Settings
from connectors.sdk.feed import Lying


class Shelf:
    """Used as an async context manager. ``settings`` name it, and sources find it by that name."""

    known: ClassVar[dict[str, "Shelf"]] = {}

    def __init__(self) -> None:
        self.lying: dict[int, Lying] = {}
        self.lent: set[int] = set()
        self.refused: list[tuple[bytes, str]] = []
        self.away = False
        self.outages = 0
        self.changed = asyncio.Condition()
        self._last = 0

    async def __aenter__(self) -> Self:
        Shelf.known["shelf"] = self
        return self

    async def __aexit__(self, *exc: object) -> None:
        del Shelf.known["shelf"]

    @property
    def settings(self) -> Settings:
        return {"shelf": "shelf", "prefetch": 20, "token": "token", "url": "https://shelf.example/"}

    async def put(self, messages: Sequence[Lying]) -> None:
        async with self.changed:
            for message in messages:
                self._last += 1
                self.lying[self._last] = message
            self.changed.notify_all()

    async def until_left(self, count: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.lying.keys() - self.lent) == count and not self.lent)

    async def until_refused(self, count: int) -> Sequence[tuple[bytes, str]]:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.refused) >= count)
        return list(self.refused)

    async def outage(self, *, away: bool) -> None:
        async with self.changed:
            self.away = away
            if away:
                self.outages += 1
                self.lent.clear()  # whoever was connected is so no more
            self.changed.notify_all()
