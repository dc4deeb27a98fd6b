# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A journal with a past: finished messages with all that belongs to them, copies of one that was really delivered.

They lie evenly in the last two full months and in this one up to now; their cases are those that the benchmark goes on with.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from hub.bench.database import Database
from hub.journal.embedded import EmbeddedFault
from hub.journal.embedded import start as start_embedded
from hub.journal.migrate import ensure_months
from hub.ports.clock import SystemClock

_CHUNK = 50_000
_MONTHS = 2
_MESSAGES_PER_CASE = 10
_SEED = """
with template as (
    select m.* from message m join settlement s on s.message_id = m.id where s.state = 'delivered' order by m.id limit 1
),
made as materialized (
    select n, 'bench-' || n % $3 as case_no, 'sink-' || n % $3 % $4 + 1 as destination, n / $3 + 1 as position, at,
           (lpad(to_hex(ms >> 16), 8, '0') || '-' || lpad(to_hex(ms & 65535), 4, '0')
            || '-7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id
    from generate_series($1::bigint, $2::bigint - 1) n
    cross join lateral (select $5::timestamptz + ($6::timestamptz - $5::timestamptz) * (n::float8 / $7::bigint) as at) a
    cross join lateral (select (extract(epoch from at) * 1000)::bigint as ms) b
),
messages as (
    insert into message (id, system, sender_id, contract, version, case_no, event_time, accepted_at, content_type, codec, raw,
                         canonical, attributes, digest, table_version, receipt)
    select m.id, t.system, 'old-' || m.n, t.contract, t.version, m.case_no, m.at, m.at, t.content_type, t.codec, t.raw,
           t.canonical, t.attributes, t.digest, t.table_version, t.receipt
    from made m, template t
),
acceptances as (
    insert into acceptance (system, sender_id, digest, message_id, accepted_at)
    select t.system, 'old-' || m.n, t.digest, m.id, m.at from made m, template t
),
cases as (
    insert into case_message (case_no, message_id) select case_no, id from made
),
parties as (
    insert into case_party (case_no, system)
    select distinct m.case_no, p.system from made m, template t join case_party p on p.case_no = t.case_no
    on conflict do nothing
),
deliveries as (
    insert into delivery (message_id, destination, delivery_id, case_no, position)
    select id, destination, id, case_no, position from made
),
attempts as (
    insert into attempt (message_id, destination, attempt, state, code, detail, hub, started_at, ended_at)
    select m.id, m.destination, a.attempt, a.state, a.code, a.detail, a.hub, m.at, m.at
    from made m, template t join attempt a on a.message_id = t.id
),
settlements as (
    insert into settlement (message_id, destination, state, attempt, code, detail, reference, settled_at)
    select m.id, m.destination, s.state, s.attempt, s.code, s.detail, s.reference, m.at
    from made m, template t join settlement s on s.message_id = t.id
),
leaves as (
    insert into leaf (message_id, id, kind, destination, statement, hash)
    select m.id, l.id, l.kind, case when l.destination is not null then m.destination end, l.statement, l.hash
    from made m, template t join leaf l on l.message_id = t.id
)
insert into lane as l (destination, case_no, last_position, head)
select destination, case_no, count(*), count(*) + 1 from made group by destination, case_no
on conflict (destination, case_no) do update
set last_position = l.last_position + excluded.last_position, head = l.head + excluded.last_position
"""


async def seed(
    dsn: str, rows: int, *, cases: int, destinations: int, now: datetime, say: Callable[[str], None]
) -> float:
    """So many messages, of at least so many cases; a hub has delivered one here already. Returns the size in MiB."""
    start = _months_before(now)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("set synchronous_commit = off")
        await ensure_months(connection, start)
        spread = max(cases, rows // _MESSAGES_PER_CASE)
        for first in range(0, rows, _CHUNK):
            end = min(rows, first + _CHUNK)
            await connection.execute(_SEED, first, end, spread, destinations, start, now, rows)
            say(f"历史 history: {end:,} / {rows:,}")
        await connection.execute("vacuum analyze")
        size: int = await connection.fetchval("select pg_database_size(current_database())")
        return size / 2**20
    finally:
        await connection.close()


def _months_before(now: datetime) -> datetime:
    months = now.year * 12 + now.month - 1 - _MONTHS
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


async def seeded(dsn: str) -> bool:
    """Whether there is a history already, in a journal that was kept."""
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("select to_regclass('message')") is None:
            return False  # a folder that no hub has seen yet
        some: int = await connection.fetchval("select count(*) from (select from message limit $1) m", _CHUNK)
        return some == _CHUNK
    finally:
        await connection.close()


@asynccontextmanager
async def kept(folder: Path) -> AsyncIterator[Database]:
    """A journal in this folder, which stays when the run is over."""
    folder.mkdir(parents=True, exist_ok=True)
    started = await start_embedded(folder / "postgres", clock=SystemClock())
    if isinstance(started, EmbeddedFault):
        raise SystemExit(str(started.text))
    try:
        yield Database(started.dsn, folder / "postgres", started)
    finally:
        await started.stop()
