# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A change of the master key, and rows of before this journal was sealed."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from certs.envelope import KeyTrouble
from hub.journal.data_keys import about
from hub.journal.pool import DATABASE_ERRORS, JournalPool, down
from hub.journal.processes import sealed_joining, sender
from hub.journal.queries import columns, query
from hub.journal.seals import JOINED, MESSAGE, Seals
from hub.ports.journal import JournalDown, NotSealing, SealedSome


class PostgresSealingKeys:
    """The part :class:`hub.ports.journal.SealingKeys`."""

    def __init__(self, pool: JournalPool, seals: Seals) -> None:
        self._pool = pool
        self._seals = seals

    async def wrapped(self) -> Mapping[str, int] | JournalDown:
        try:
            rows = await self._pool.fetch(query("count_data_keys"))
        except DATABASE_ERRORS as error:
            return down(error)
        return {row["master"]: row["keys"] for row in rows}

    async def rewrap(self) -> int | KeyTrouble | NotSealing | JournalDown:
        if self._seals.keys is None:
            return NotSealing()
        master, done = self._seals.keys.master, 0
        current = await asyncio.to_thread(master.current)
        if isinstance(current, KeyTrouble):
            return current
        try:
            for row in await self._pool.fetch(query("keys_to_rewrap"), current):
                named = about(row["purpose"], row)
                key = await asyncio.to_thread(master.unwrap, row["master"], row["wrapped"], named)
                wrapped = key if isinstance(key, KeyTrouble) else await asyncio.to_thread(master.wrap, key, named)
                if isinstance(wrapped, KeyTrouble):
                    return wrapped
                await self._pool.execute(query("rewrap_data_key"), row["id"], row["master"], *wrapped)
                done += 1
        except DATABASE_ERRORS as error:
            return down(error)
        return done

    async def seal_messages(self, after: UUID, limit: int) -> SealedSome | NotSealing | JournalDown:
        if self._seals.keys is None:
            return NotSealing()
        try:
            found = await self._pool.fetch(query("plain_messages"), after, limit)
            await self._seals.ready((row["system"], row["id"]) for row in found)
            rows = []
            for row, plain in zip(found, await self._seals.opened(MESSAGE, found), strict=True):
                codec, bodies, envelope = self._seals.seal(
                    MESSAGE, (row["system"], row["id"]), (plain["raw"], plain["canonical"]), (plain["attributes"],)
                )
                rows.append((row["id"], row["codec"], codec, *bodies, *envelope))
            done = await self._pool.fetch(query("seal_messages"), *columns(rows, width=6))
        except DATABASE_ERRORS as error:
            return down(error)
        return SealedSome(len(done), found[-1]["id"] if len(found) == limit else None)

    async def seal_joined(
        self, after: tuple[UUID, UUID], limit: int
    ) -> tuple[int, tuple[UUID, UUID] | None] | NotSealing | JournalDown:
        if self._seals.keys is None:
            return NotSealing()
        try:
            found = await self._pool.fetch(query("plain_joined"), *after, limit)
            plain = await self._seals.opened(JOINED, found)
            await self._seals.ready((sender(row["attributes"]), row["process_id"]) for row in plain)
            rows = []
            for before, row in zip(found, plain, strict=True):
                process, delivery = row["process_id"], row["delivery_id"]
                envelope, codec, body = sealed_joining(self._seals, process, row["attributes"], row["body"], delivery)
                rows.append((process, delivery, before["codec"], codec, body, envelope))
            done = await self._pool.fetch(query("seal_joined"), *columns(rows, width=6))
        except DATABASE_ERRORS as error:
            return down(error)
        last = (found[-1]["process_id"], found[-1]["delivery_id"]) if len(found) == limit else None
        return len(done), last
