# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bodies come out as they went in, and the memory of recent ones stays within its bounds."""

import tracemalloc
from uuid import UUID

import asyncpg
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.journal.bodies import Body, RecentBodies
from hub.journal.packing import PLAIN, ZSTD, pack, unpack
from hub.journal.seals import Seals
from tests.support.journals import QUEUES, bench


@given(st.lists(st.binary(max_size=2000), max_size=3))
def test_what_is_packed_is_unpacked(bodies: list[bytes]) -> None:
    codec, packed = pack(*bodies)
    assert [unpack(codec, body) for body in packed] == bodies


def test_short_bodies_stay_plain_and_long_ones_shrink() -> None:
    assert pack(b"{}", b"{}") == (PLAIN, (b"{}", b"{}"))
    codec, (long, empty) = pack(b"abc" * 10_000, b"")
    assert codec == ZSTD
    assert len(long) < 1000
    assert unpack(codec, empty) == b""


def body(size: int) -> Body:
    return Body("c", 1, b"{}", b"x" * size)


class NoDatabase:
    """Asked for anything, it fails the test."""

    async def fetch(self, *asked: object) -> list[object]:
        pytest.fail("the journal was asked for what is remembered")


class OneRow:
    """Knows nothing; says how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[UUID]] = []

    async def fetch(self, _: str, ids: list[UUID]) -> list[object]:
        self.asked.append(ids)
        return []


async def test_what_is_remembered_is_not_read_again() -> None:
    recent = RecentBodies(Seals())
    recent.remember(UUID(int=1), body(10))
    connection: asyncpg.Connection = NoDatabase()
    assert await recent.of(connection, {UUID(int=1)}) == {UUID(int=1): body(10)}


async def test_the_oldest_make_room() -> None:
    recent = RecentBodies(Seals(), capacity_bytes=2000)
    for n in range(10):
        recent.remember(UUID(int=n), body(400))
    connection = OneRow()
    kept = await recent.of(connection, {UUID(int=n) for n in range(10)})
    assert set(kept) == {UUID(int=8), UUID(int=9)}
    assert sorted(connection.asked[0]) == [UUID(int=n) for n in range(8)]


async def test_a_body_larger_than_all_room_pushes_nothing_over_the_edge() -> None:
    recent = RecentBodies(Seals(), capacity_bytes=1000)
    recent.remember(UUID(int=1), body(5000))
    recent.remember(UUID(int=2), body(10))
    connection = OneRow()
    assert set(await recent.of(connection, {UUID(int=1), UUID(int=2)})) == {UUID(int=2)}


async def test_remembering_the_same_again_takes_no_more_room() -> None:
    recent = RecentBodies(Seals(), capacity_bytes=2000)
    recent.remember(UUID(int=1), body(400))
    for _ in range(50):
        recent.remember(UUID(int=2), body(400))
    connection: asyncpg.Connection = NoDatabase()
    assert len(await recent.of(connection, {UUID(int=1), UUID(int=2)})) == 2


async def test_another_process_reads_the_body_from_the_journal(dsn: str) -> None:
    content = b'{"text":"' + "办".encode() * 500 + b'"}'
    async with bench(dsn) as writer:
        message = writer.acceptance(content=content)
        await writer.journal.acceptances.accept(message)
        await writer.journal.ownerships.release(QUEUES)
    async with bench(dsn) as reader:
        claim = await reader.claim(message.deliveries[0])
    assert claim.canonical == content
    assert claim.attributes == message.attributes


def test_what_is_remembered_takes_the_memory_that_is_counted() -> None:
    """An encoder may leave its result in a buffer that is several times as large."""
    recent = RecentBodies(Seals(), capacity_bytes=1_000_000)
    tracemalloc.start()
    try:
        for n in range(2000):
            recent.remember(UUID(int=n), Body("contract", 1, orjson.dumps("a" * 300), orjson.dumps("b" * 900)))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 900_000 < held < 1_200_000
