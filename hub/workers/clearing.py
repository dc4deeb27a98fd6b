# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Clearing the stores: what uploads left unfinished, bytes nobody recorded, materials (材料) that no case named in time.

One hub at a time walks through the store, a bounded piece per round. Whether something may go is decided by the journal,
page by page, in one order with uploads and messages; only then are the bytes removed, and only when they are gone for certain
is the removal struck off. So a round may end anywhere, and the next one goes on.
"""

from datetime import timedelta

from hub.ports.journal import JournalDown, Turn
from hub.ports.materials import StoreDown
from hub.running import Hub

_TICK = 60.0
_EVERY = 300.0
_PAGE = 1000
_PAGES = 20
_UNFINISHED = timedelta(days=1)  # no upload lasts that long, so its process must have died


async def clear_stores(hub: Hub) -> None:
    """A round every few minutes, if no other hub has done it. Runs until cancelled."""
    while True:
        await clear_once(hub)
        await hub.clock.sleep(_TICK)


async def clear_once(hub: Hub, every: float = _EVERY) -> None:
    """One round, if it is this hub's turn."""
    async with hub.journal.chores.turn("materials", every) as turn:
        if isinstance(turn, Turn):
            trouble = await _round(hub, turn)
            turn.done = trouble is None
            if trouble is not None:
                hub.log.warning("stores not cleared", reason=trouble.reason)


async def _round(hub: Hub, turn: Turn) -> StoreDown | JournalDown | None:
    begun_before = hub.clock.now() - _UNFINISHED
    for store in (hub.materials, hub.archive):
        left = await store.clear(begun_before)
        if isinstance(left, StoreDown):
            return left
        if left:
            hub.log.info("unfinished uploads cleared", count=left)
    for _ in range(_PAGES):
        if trouble := await _remove_doomed(hub):  # also what a round before this one left
            return trouble
        more = await _page(hub, turn)
        if not isinstance(more, bool):
            return more
        if not more:
            break
    return await _remove_doomed(hub) or await _clear_archive(hub)


async def _clear_archive(hub: Hub) -> StoreDown | JournalDown | None:
    """Remove files of the archive that no part has: of one that was begun anew, or that was kept long enough.

    A part that is being written may be about to have such a file again; it is read back before it counts.
    """
    after, before = "", hub.clock.now() - _UNFINISHED
    for _ in range(_PAGES):
        listed = await hub.archive.listed(after, _PAGE)
        if isinstance(listed, StoreDown):
            return listed
        known = await hub.journal.archives.known([one.digest for one in listed])
        if isinstance(known, JournalDown):
            return known
        for one in listed:
            if one.stored_at < before and one.digest not in known and (down := await hub.archive.remove(one.digest)):
                return down
        if len(listed) < _PAGE:
            return None
        after = listed[-1].digest
    return None


async def _page(hub: Hub, turn: Turn) -> bool | StoreDown | JournalDown:
    """Look at the next page of the store; whether there is another."""
    listed = await hub.materials.listed(turn.reached, _PAGE)
    if isinstance(listed, StoreDown):
        return listed
    now = hub.clock.now()
    before = now - hub.keeping.unnamed
    old = [one.digest for one in listed if one.stored_at < before]
    doomed = await hub.journal.materials.doom(old, before, now) if old else ()
    if isinstance(doomed, JournalDown):
        return doomed
    more = len(listed) == _PAGE
    turn.reached = listed[-1].digest if more else ""
    return more


async def _remove_doomed(hub: Hub) -> StoreDown | JournalDown | None:
    doomed = await hub.journal.materials.doomed(_PAGE)
    if isinstance(doomed, JournalDown):
        return doomed
    for digest in doomed:
        if down := await hub.materials.remove(digest):
            return down
    if doomed:
        hub.log.info("materials removed", count=len(doomed))
        return await hub.journal.materials.removed(doomed)
    return None
