# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bodies of messages for deliveries: a memory of the most recent ones, and the journal behind it.

A message is usually delivered by the hub that accepted it, moments later; remembering it saves reading it back.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from hub.journal.queries import query
from hub.journal.seals import MESSAGE, Damaged, Seals


@dataclass(frozen=True, slots=True)
class Body:
    """What a delivery needs of its message. ``damaged``: it cannot be opened any more, and there is nothing to send."""

    contract: str
    version: int
    attributes: bytes
    canonical: bytes
    damaged: bool = False


class RecentBodies:
    """The last bodies by message id, bounded in bytes; the journal has them all.

    Room for some seconds at full rate: what is not delivered by then waits in a backlog, which no memory of this size covers.
    """

    def __init__(self, seals: Seals, capacity_bytes: int = 8 * 1024 * 1024) -> None:
        self._seals = seals
        self._room = capacity_bytes
        self._bodies: OrderedDict[UUID, Body] = OrderedDict()

    def remember(self, message: UUID, body: Body) -> None:
        """Keep a body; the oldest make room.

        Copies are kept: what orjson has written stays in a buffer of up to five times its length.
        """
        body = Body(body.contract, body.version, _compact(body.attributes), _compact(body.canonical))
        if (before := self._bodies.pop(message, None)) is not None:
            self._room += _weight(before)
        self._room -= _weight(body)
        self._bodies[message] = body
        while self._room < 0 and self._bodies:
            _, oldest = self._bodies.popitem(last=False)
            self._room += _weight(oldest)

    def forget(self, messages: Iterable[UUID]) -> None:
        """Do not keep these any longer."""
        for message in messages:
            if (before := self._bodies.pop(message, None)) is not None:
                self._room += _weight(before)

    async def of(self, connection: asyncpg.Connection, messages: set[UUID]) -> dict[UUID, Body]:
        """Bodies by message id, from memory or the journal."""
        found = {m: body for m in messages if (body := self._bodies.get(m)) is not None}
        missing = [m for m in messages if m not in found]
        if missing:
            rows = await connection.fetch(query("bodies"), missing)
            for row, opened in zip(rows, await self._seals.each(MESSAGE, rows), strict=True):
                if opened is None or isinstance(opened, Damaged):
                    found[row["id"]] = Body(row["contract"], row["version"], b"{}", b"{}", damaged=True)
                else:
                    found[row["id"]] = Body(row["contract"], row["version"], opened["attributes"], opened["canonical"])
        return found


def _compact(written: bytes) -> bytes:
    return bytes(memoryview(written))


def _weight(body: Body) -> int:
    return len(body.canonical) + len(body.attributes) + 300
