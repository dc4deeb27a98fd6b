# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Retention at work (保存期限): ids that need not be recognised any more, months that go to the archive, parts that are
old, and what operators did and systems asked registers long ago.

One hub at a time, a bounded piece per round. Nothing of it is urgent: what fails is tried again in the next round.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from hub.archive.writing import Archived, MonthArchiver, Stage
from hub.keeping import Retention
from hub.ports.journal import JournalDown, Part, Turn
from hub.ports.materials import StoreDown
from hub.running import Hub

_TICK = 300.0
_EVERY = 3600.0
_IDS = 5000
_BATCHES = 200

_Forget = Callable[[datetime, int], Awaitable[int | JournalDown]]


async def retain(hub: Hub) -> None:
    """A round every hour, if no other hub has done it. Runs until cancelled; does nothing without ``retention``."""
    while True:
        if hub.keeping.retention is not None:
            await retain_once(hub, hub.keeping.retention)
        await hub.clock.sleep(_TICK)


async def retain_once(hub: Hub, retention: Retention, every: float = _EVERY) -> None:
    """One round, if it is this hub's turn."""
    async with hub.journal.chores.turn("retention", every) as turn:
        if not isinstance(turn, Turn):
            return
        if await _purge(hub, turn, hub.clock.now() - retention.duplicates):
            turn.done = (
                await _archive(hub, retention) and await _expire(hub, retention) and await _forget(hub, retention)
            )


async def _purge(hub: Hub, turn: Turn, before: datetime) -> bool:
    """Forget ids; True: all that are old enough are forgotten."""
    since = datetime.fromisoformat(turn.reached) if turn.reached else None
    purged = 0
    for _ in range(_BATCHES):
        result = await hub.journal.archives.purge_duplicates(since, before, _IDS)
        if isinstance(result, JournalDown):
            return _failed(hub, result.reason)
        count, since = result
        purged += count
        turn.reached = since.isoformat()
        if since >= before:
            break
    if purged:
        hub.log.info("duplicates purged", count=purged)
    return since is not None and since >= before


async def _archive(hub: Hub, retention: Retention) -> bool:
    """Archive what is old enough, the oldest month first."""
    months = await hub.journal.archives.months(first_online(hub.clock.now(), retention.online_months))
    if isinstance(months, JournalDown):
        return _failed(hub, months.reason)
    archiver = MonthArchiver(hub.journal.archives, hub.archive, hub.clock, hub.name, _quiet)
    for month in months:
        result = await archiver.archive(month)
        match result:
            case None:
                pass
            case Archived(part):
                hub.log.info("month archived", month=f"{month:%Y-%m}", part=part.part, rows=part.rows())
            case _:
                hub.log.warning("month not archived", month=f"{month:%Y-%m}", why=repr(result))
    return True


async def _expire(hub: Hub, retention: Retention) -> bool:
    """Remove what the archive has kept long enough: from the index first, so that nobody looks for a file that is gone."""
    if retention.archive is None:
        return True
    parts = await hub.journal.archives.parts()
    if isinstance(parts, JournalDown):
        return _failed(hub, parts.reason)
    now = hub.clock.now()
    for part in parts:
        if part.state == "dropped" and _end(part) < (now - retention.archive).date():
            files = await hub.journal.archives.expire(part, now)
            if isinstance(files, JournalDown):
                return _failed(hub, files.reason)
            for digest in files:
                if isinstance(down := await hub.archive.remove(digest), StoreDown):
                    return _failed(hub, down.reason)
            hub.log.info("archive expired", month=f"{part.month:%Y-%m}", part=part.part)
    return True


async def _forget(hub: Hub, retention: Retention) -> bool:
    """Drop what operators did, and what was asked of registers, so long ago, once nothing of it is in the journal."""
    ledgers: tuple[tuple[str, int, _Forget], ...] = (
        ("acts forgotten", retention.acts_months, hub.journal.acts.forget),
        ("audit entries forgotten", retention.acts_months, hub.journal.audit.forget),
        ("proposals forgotten", retention.proposals_months, hub.journal.proposals.forget),
        ("lookup records forgotten", retention.lookups_months, hub.journal.lookup_records.forget),
    )
    for told, months, forget in ledgers:
        first = first_online(hub.clock.now(), months)
        before = datetime(first.year, first.month, first.day, tzinfo=UTC)
        dropped = 0
        for _ in range(_BATCHES):
            count = await forget(before, _IDS)
            if isinstance(count, JournalDown):
                return _failed(hub, count.reason)
            dropped += count
            if not count:
                break
        if dropped:
            hub.log.info(told, rows=dropped)
    return True


def first_online(now: datetime, months: int) -> date:
    """The first day of the oldest month that stays in the journal: so many full months before this one."""
    counted = now.year * 12 + now.month - 1 - months
    return date(counted // 12, counted % 12 + 1, 1)


def _end(part: Part) -> date:
    """The last day of a part's month, or a few days later."""
    return part.month + timedelta(days=31)


def _failed(hub: Hub, reason: str) -> bool:
    hub.log.warning("retention waits", reason=reason)
    return False


def _quiet(_stage: Stage, _part: Part) -> None:
    """Nobody listens."""
