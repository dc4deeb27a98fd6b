# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Clearing the stores: what nobody needs goes, what somebody needs or is storing stays, whoever else is at work."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hub.materials.local import LocalMaterials
from hub.ports.journal import BeingRemoved, JournalDown, Turn
from hub.ports.materials import Listed, Materials, Stored, StoreDown
from hub.workers.clearing import clear_once
from tests.support.hubs import Destination, Rig, event, hub_on
from tests.support.journals import bench
from tests.support.sinks import ScriptedSink

_numbers = itertools.count()


@pytest.fixture
async def rig(journal_dsn: str) -> AsyncIterator[Rig]:
    async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}) as opened:
        yield opened


async def stored(rig: Rig, *, recorded: bool = True) -> str:
    """A material of the portal, recorded or not."""
    content = f"material {next(_numbers)}".encode()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"

    async def pieces() -> AsyncIterator[bytes]:
        yield content

    assert isinstance(await rig.hub.materials.put(digest, pieces(), 100), Stored)
    if recorded:
        assert await rig.hub.journal.materials.keep(digest, "portal", len(content), "x/y", rig.clock.now()) is None
    return digest


async def name(rig: Rig, digest: str) -> None:
    """A case that names it."""
    one = event(f"case-{next(_numbers)}")
    named = {"name": "图纸", "digest": digest, "size": 10, "media_type": "application/pdf"}
    assert isinstance(one.data, dict)
    await rig.accept(replace(one, data={**one.data, "materials": [named]}))


async def clear(rig: Rig) -> None:
    await clear_once(rig.hub, every=0.0)


async def test_what_no_case_named_in_time_goes_with_its_record(rig: Rig) -> None:
    named, unnamed, orphan = await stored(rig), await stored(rig), await stored(rig, recorded=False)
    await name(rig, named)
    await clear(rig)
    for digest in (named, unnamed, orphan):
        assert await rig.hub.materials.exists(digest) is True, "they are young"
    rig.clock.step(days=31)
    young = await stored(rig)
    await clear(rig)
    assert [await rig.hub.materials.exists(one) for one in (named, unnamed, orphan)] == [True, False, False]
    assert await rig.hub.journal.materials.readable(unnamed, "portal") is None
    assert await rig.hub.journal.materials.readable(young, "portal") is not None
    assert await rig.hub.journal.materials.doomed(10) == []


async def test_a_material_stored_again_is_young_again(rig: Rig) -> None:
    digest = await stored(rig)
    rig.clock.step(days=31)
    assert await rig.hub.journal.materials.keep(digest, "portal", 10, "x/y", rig.clock.now()) is None
    await clear(rig)
    assert await rig.hub.materials.exists(digest) is True


async def test_whoever_stores_while_it_is_being_removed_comes_again(rig: Rig) -> None:
    digest = await stored(rig)
    rig.clock.step(days=31)
    materials = rig.hub.journal.materials
    now = rig.clock.now()
    assert await materials.doom([digest], now, now) == [digest]
    assert await materials.keep(digest, "portal", 10, "x/y", now) == BeingRemoved()
    assert await materials.readable(digest, "portal") is None
    await clear(rig)
    assert await materials.keep(digest, "portal", 10, "x/y", now) is None
    assert await rig.hub.materials.exists(digest) is False, "so the uploader looks once more, and is told to come again"


async def test_a_removal_and_a_message_that_names_it_decide_in_one_order(rig: Rig) -> None:
    """Whichever commits first, never both: no case that named a stored material finds it removed."""
    kept = removed = 0
    for turn in range(24):
        digest = await stored(rig)
        rig.clock.step(days=31)
        now = rig.clock.now()

        async def doom(digest: str = digest, turns: int = turn) -> object:
            for _ in range(turns * 3):
                await asyncio.sleep(0)
            return await rig.hub.journal.materials.doom([digest], now, now)  # noqa: B023  # because it is awaited in its turn

        doomed, _ = await asyncio.gather(doom(), name(rig, digest))
        readable = await rig.hub.journal.materials.readable(digest, "housing")
        assert not isinstance(readable, JournalDown)
        if doomed == [digest]:
            removed += 1
            assert readable is None
        else:
            kept += 1
            assert readable is not None
            await clear(rig)
            assert await rig.hub.materials.exists(digest) is True
    assert kept + removed == 24


async def test_a_store_that_is_away_loses_no_removal(rig: Rig) -> None:
    digest = await stored(rig)
    rig.clock.step(days=31)

    class Away(LocalMaterials):
        async def remove(self, digest: str) -> StoreDown | None:
            return StoreDown("away")

    away = replace(rig.hub, materials=Away(rig.hub.materials._folder))  # type: ignore[attr-defined]
    await clear_once(away, every=0.0)
    assert await rig.hub.journal.materials.doomed(10) == [digest]
    assert rig.logged("stores not cleared")
    await clear(rig)
    assert await rig.hub.materials.exists(digest) is False
    assert await rig.hub.journal.materials.doomed(10) == []


async def test_one_hub_at_a_time_and_not_too_often(rig: Rig, journal_dsn: str) -> None:
    async with bench(journal_dsn, "hub-2") as other:
        async with rig.hub.journal.chores.turn("materials", 0.0) as turn:
            assert isinstance(turn, Turn)
            async with other.journal.chores.turn("materials", 0.0) as second:
                assert second is None
            async with other.journal.chores.turn("another", 0.0) as third:
                assert isinstance(third, Turn)
            turn.reached, turn.done = "here", True
        async with other.journal.chores.turn("materials", 3600.0) as soon:
            assert soon is None
        async with other.journal.chores.turn("materials", 0.0) as again:
            assert isinstance(again, Turn)
            assert again.reached == "here"


async def test_a_round_is_bounded_and_the_next_goes_on(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.workers.clearing._PAGE", 2)
    monkeypatch.setattr("hub.workers.clearing._PAGES", 2)
    for _ in range(7):
        await stored(rig)
    rig.clock.step(days=31)
    left = []
    for _ in range(3):
        await clear(rig)
        left.append(len(await listed(rig.hub.materials)))
    assert left[0] == 3
    assert left[-1] == 0


async def listed(materials: Materials) -> list[Listed]:
    found = await materials.listed("", 100)
    assert not isinstance(found, StoreDown)
    return list(found)


async def test_an_unfinished_upload_of_days_ago_is_cleared(rig: Rig) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"0" * 2_000_000
        begun.set()
        await asyncio.Event().wait()

    begun = asyncio.Event()
    putting = asyncio.create_task(rig.hub.materials.put(f"sha256:{'0' * 64}", broken(), 10_000_000))
    await begun.wait()
    await clear(rig)
    assert not rig.logged("unfinished uploads cleared")
    rig.clock.step(days=2)
    await clear(rig)
    assert rig.logged("unfinished uploads cleared")[0]["count"] == 1
    putting.cancel()
    await asyncio.wait([putting])


async def test_a_journal_that_is_away_removes_nothing(rig: Rig) -> None:
    digest = await stored(rig)
    rig.clock.step(days=31)
    await rig.hub.journal.close()
    await clear(rig)
    assert await rig.hub.materials.exists(digest) is True
