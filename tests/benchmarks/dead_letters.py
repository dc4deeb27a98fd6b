# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How fast a million dead letters are listed, fixed for a replay and taken up: ``python -m tests.benchmarks.dead_letters``.

The rows are made by the server, in 20 groups of which one has nearly all. Prints the best and the worst of several rounds.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg

from hub.journal.postgres import open_journal
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import MOST_IN_REPLAY, Act, Acted, Item, Journal, JournalDown, Leaf, OfGroup, Pace, ReplayView
from hub.ports.probe import Quiet
from hub.ramp import decide
from hub.replay_evidence import replay_leaf
from tests.support.postgres import PrivatePostgres, find_postgres

ROUNDS = 5
_SEED = """
insert into dead_group (destination, code, contract, state)
select 'd' || n % 4, 'HTTP_' || 400 + n, 'cn.gov.test', 'dead' from generate_series(1, 20) n;
create temporary table made as
select n, ('01960000-' || lpad(to_hex(n / 65536), 4, '0') || '-7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-'
           || lpad(to_hex(n), 12, '0'))::uuid as id
from generate_series(1, $COUNT) n;
insert into message (id, system, sender_id, contract, version, case_no, accepted_at, content_type, codec, raw, canonical,
                     attributes, digest, table_version, receipt)
select id, 'portal', 'm' || n, 'cn.gov.test', 1, 'case-' || n, now(), 'x', 0, '', '{}', '{}', '', 't', '' from made;
insert into lane (destination, case_no, last_position) select 'd1', 'case-' || n, 1 from made;
insert into delivery_open (id, message_id, destination, case_no, position, ordered, grp, partition, priority, rank, state,
                           attempt, due_at, accepted_at, code, dead_group, failed_at)
select id, id, 'd1', 'case-' || n, 1, true, 'default', n % 16, 5, now(), 'dead', 12, now(), now(), 'HTTP_401',
       case when n % 100 = 0 then 2 + n / 100 % 19 else 1 end, now() + n * interval '1 millisecond'
from made;
"""


async def _timed(name: str, work: Callable[[], Awaitable[object]], rounds: int = ROUNDS) -> None:
    took = []
    for _ in range(rounds):
        started = time.perf_counter()
        result = await work()
        took.append((time.perf_counter() - started) * 1000)
        assert not isinstance(result, JournalDown), result
    sys.stdout.write(f"{name:44} best {min(took):9.1f} ms   worst {max(took):9.1f} ms\n")


async def main(count: int) -> None:
    """Seed and measure."""
    clock = SystemClock()
    ids = TimeOrderedIds(clock)
    async with PrivatePostgres(find_postgres(15)) as server:
        dsn = await server.fresh_database()
        journal = await open_journal(dsn, clock=clock, ids=ids, probe=Quiet(), incarnation=ids.new())
        assert isinstance(journal, Journal), journal
        connection = await asyncpg.connect(dsn)
        started = time.perf_counter()
        await connection.execute(_SEED.replace("$COUNT", str(count)))
        await connection.execute("analyze")
        await connection.close()
        sys.stdout.write(f"{count} dead letters seeded in {time.perf_counter() - started:.0f} s, not vacuumed\n")
        await _measure(journal, clock, ids)
        await journal.close()


async def _measure(journal: Journal, clock: SystemClock, ids: TimeOrderedIds) -> None:
    letters, replays = journal.dead_letters, journal.replays
    await _timed("list 20 groups", lambda: letters.groups(0, 100))
    await _timed("first page of 100", lambda: letters.entries(1, None, 100))
    middle = await letters.entries(1, None, 1000)
    assert not isinstance(middle, JournalDown)
    last = middle[-1]
    await _timed("page of 100 further on", lambda: letters.entries(1, (last.failed_at, last.delivery), 100))
    known = ["d1"]
    await _timed(f"dry run of {MOST_IN_REPLAY}", lambda: replays.preview(OfGroup(1), known, clock.now()), 2)

    def act() -> Act:
        one = ids.new()
        return Act(
            id=one, request=str(one), digest=b"", kind="replay", actor="x", via="cli", reason="x", subject="",
            acted_at=clock.now(),
        )  # fmt: skip

    acted = [await replays.start(act(), OfGroup(2), Pace(), known)]
    await _timed(
        f"fix {MOST_IN_REPLAY} for a replay", lambda: replays.start(act(), OfGroup(1), Pace(rate=1000), known), 2
    )
    assert isinstance(acted[0], Acted)
    due = await replays.due()
    assert not isinstance(due, JournalDown)
    await _timed("a replay as it stands", lambda: replays.view(due[0]))

    def leaf(item: Item, view: ReplayView) -> Leaf:
        return replay_leaf("hub-1", ids, item, view, clock.now())

    async def step(replay: UUID) -> object:
        return await replays.advance(replay, decide, leaf, clock.now())

    await _timed("one step of it", lambda: step(due[-1]), 1)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
