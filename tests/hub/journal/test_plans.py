# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""No statement of the path walks through a whole table, however full: asked of the planner, with 50,000 rows behind it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from hub.journal.migrate import ensure_months, migrate
from hub.journal.queries import query
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from tests.support.postgres import PrivatePostgres

ROWS = 50_000
SOME = 400
NOW = SystemClock().now()
HOLDER = UUID("01960000-0000-7000-8000-000000000003")
BIG = (
    "message",
    "acceptance",
    "case_message",
    "case_party",
    "lane",
    "delivery",
    "delivery_open",
    "attempt",
    "settlement",
    "act",
    "refusal",
    "answer",
)
WALK = re.compile(rf"Seq Scan on (?:{'|'.join(BIG)})(?:_(?:\d+|default|\d{{4}}_\d\d))?\b(?!_)")


class Crowd:
    """A full journal, and the ids of what is in it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        ids = TimeOrderedIds(SystemClock())
        self.messages = [ids.new() for _ in range(ROWS)]
        self.deliveries = [ids.new() for _ in range(ROWS)]

    async def gather(self) -> None:
        """Half of the deliveries are open, in every state; half are settled; all are of different cases but for a few."""
        connection = self.connection
        await migrate(connection)
        await ensure_months(connection, NOW)
        numbered = list(enumerate(zip(self.messages, self.deliveries, strict=True)))
        await connection.copy_records_to_table(
            "message",
            columns=[
                "id", "system", "sender_id", "contract", "version", "case_no", "event_time", "accepted_at", "expires_at",
                "content_type", "codec", "raw", "canonical", "attributes", "digest", "table_version", "receipt",
            ],
            records=[
                (m, "portal", f"m{n}", "c", 1, f"case-{n}", None, NOW, None, "x", 0, b"", b"{}", b"{}", b"", "t", b"")
                for n, (m, _) in numbered
            ],
        )  # fmt: skip
        await connection.copy_records_to_table(
            "acceptance", records=[("portal", f"m{n}", b"", m, NOW) for n, (m, _) in numbered]
        )
        await connection.copy_records_to_table("case_message", records=[(f"case-{n}", m) for n, (m, _) in numbered])
        await connection.copy_records_to_table("case_party", records=[(f"case-{n}", "portal") for n, _ in numbered])
        await connection.copy_records_to_table("lane", records=[("housing", f"case-{n}", 1, 1) for n, _ in numbered])
        await connection.copy_records_to_table(
            "delivery", records=[(m, "housing", d, f"case-{n}", 1, None) for n, (m, d) in numbered]
        )
        await connection.copy_records_to_table(
            "attempt",
            columns=[
                "message_id",
                "destination",
                "attempt",
                "state",
                "code",
                "detail",
                "hub",
                "started_at",
                "ended_at",
            ],
            records=[(m, "housing", 1, "waiting", "", "", HOLDER, NOW, NOW) for _, (m, _) in numbered],
        )
        await connection.copy_records_to_table(
            "settlement",
            records=[(m, "housing", "delivered", 1, "", "", "", NOW) for n, (m, _) in numbered if n % 2],
        )
        states = ("waiting", "waiting", "waiting", "offered", "accepted", "dead")
        await connection.copy_records_to_table(
            "delivery_open",
            columns=[
                "id", "message_id", "destination", "case_no", "position", "ordered", "grp", "partition", "priority",
                "rank", "state", "due_at", "offered_at", "accepted_at",
            ],
            records=[
                (d, m, "housing", f"case-{n}", 1, True, "default", n % 16, 5, NOW, states[n // 2 % 6],
                 NOW - timedelta(seconds=n % 1000), NOW, NOW)
                for n, (m, d) in numbered if not n % 2
            ],
        )  # fmt: skip
        await connection.execute(
            "insert into partition_lease (grp, partition, owner, epoch, expires_at) "
            "select 'default', n, $1, 1, 'infinity' from generate_series(0, 15) n",
            HOLDER,
        )
        await connection.execute(
            "with made as (insert into dead_group (destination, code, contract, state)"
            " select 'housing', 'C' || n, 'c', 'dead' from generate_series(1, 20) n returning id)"
            " update delivery_open o set dead_group = case when m.n % 50 = 0 then 2 + m.n % 19 else 1 end, failed_at = due_at"
            " from (select id, row_number() over (order by id) as n from delivery_open where state = 'dead') m, "
            "(select count(*) from made) c where o.id = m.id"
        )
        await connection.execute(
            "insert into act (id, request, digest, kind, actor, via, reason, subject, acted_at)"
            " select gen_random_uuid(), 'r' || n, '', 'note', 'keeper', 'api', '', 'group 1', now()"
            " from generate_series(1, 50000) n"
        )
        await connection.copy_records_to_table(
            "refusal",
            columns=["id", "system", "sender_id", "code", "problem", "digest", "refused_at", "contract"],
            records=[(m, f"system-{n % 100}", "m", "E", b"{}", b"", NOW, "c") for n, (m, _) in numbered],
        )
        await connection.copy_records_to_table(
            "answer",
            columns=["destination", "reference", "made_at", "message_id", "delivery_id", "awaited"],
            records=[("housing", f"R-{n}", NOW, m, d, True) for n, (m, d) in numbered if n % 10]
            + [("housing", f"R-{n}", NOW, None, None, False) for n, _ in numbered if not n % 10],
        )
        await connection.execute("analyze")

    def arguments(self, name: str, batch: int) -> tuple[object, ...]:
        """What a hub asks a statement, ``batch`` rows at a time."""
        messages, deliveries = self.messages[:batch], self.deliveries[:batch]
        lanes = (["housing"] * batch, [f"case-{n}" for n in range(batch)])
        ids, cases = [f"m{n}" for n in range(batch)], lanes[1]
        asked: dict[str, tuple[object, ...]] = {
            "claim": (deliveries, HOLDER, NOW, deliveries[:1], []),
            "why_unclaimed": (deliveries,),
            "lock_open": (deliveries,),
            "parties_of_cases": (cases,),
            "first_acceptances": (["portal"] * batch, ids),
            "message_id_of": ("portal", "m7"),
            "messages_of_case": ("case-7", 500),
            "messages_of_cases": (cases, [500] * batch),
            "segments_of_cases": (cases,),
            "refusals_of": ("system-7", UUID(int=2**128 - 1), 100),
            "waiting_at": (["housing", "portal"], "housing", "case-7", 1, 100),
            "lock_lanes": lanes,
            "advance_lanes": lanes,
            "release_heads": (*lanes, [1] * batch, NOW, HOLDER, [True] * batch),
            "give_back": (deliveries, NOW, ""),
            "waits_for_others": (deliveries[0], ["housing", "permits"]),
            "planned_already": (messages, ["housing"] * batch),
            "dead_walk": (["housing"], ["POISON"], NOW, HOLDER, 500),
            "alike_behind": (deliveries,),
            "lock_successor": (deliveries[0], deliveries[0]),
            "take_place": (deliveries[0], 1),
            "free_on_shelves": (["housing", "permits"], [50, 50], [HOLDER] * 2, [NOW] * 2, NOW),
            "lend": (deliveries, [HOLDER] * batch, [NOW] * batch, NOW),
            "leased": (["housing"], [HOLDER]),
            "filled_shelves": (["housing"], NOW),
            "offer_due": ("default", 3, NOW, SOME, HOLDER, ["housing"], [100], 120),
            "pressure": (["default"], [3]),
            "free_heads": (*lanes, [1] * batch),
            "free_missed": ("default", 3),
            "astray": ("default", 3, NOW),
            "unclaim": ("default", 3, HOLDER, NOW, deliveries, NOW),
            "dead_entries": (deliveries,),
            "dead_groups": (0, 100, 10_001, None, None, None, None),
            "dead_group": (3, 10_001),
            "dead_of_group": (1, NOW - timedelta(seconds=500), HOLDER, 100),
            "lock_dead": (deliveries,),
            "newest_acts": (UUID(int=2**128 - 1), 100),
            "send_again": (deliveries, [1] * batch, NOW, [True] * batch, [5] * batch, ["{}"] * batch),
            "freeze_named": (HOLDER, deliveries, False, ["housing"], NOW, [1] * len(deliveries)),
            "freeze_group": (HOLDER, 3, NOW, 1000, ["housing"], NOW),
            "note_ends": (HOLDER, NOW),
            "forget_groups": (NOW,),
            "recover_sending": ("default", 3, ["housing"], NOW, ["housing"], messages[0], messages),
            "lock_answers": (["housing"] * batch, [f"R-{n}" for n in range(batch)]),
            "unmake_answers": (["housing"] * batch, [f"R-{n}" for n in range(batch)]),
            "save_answers": _answers(batch),
            "early_answers": (["housing", "portal"], 10_001),
            "take_answered": (deliveries, ["housing"] * batch, [True] * batch, NOW),
            "ended_as": (deliveries, messages, ["housing"] * batch),
            "purge_early": (NOW - timedelta(days=7), 5000),
            "take_doubts": (HOLDER, NOW, ["housing"], 8, NOW),
            "trial_delivery": ("housing", ["default"], [3]),
        }
        return asked.get(name, (messages,))


def _answers(batch: int) -> tuple[object, ...]:
    """What a batch of references is saved with: nothing but where it stands."""
    nothing: tuple[object, ...] = (None, None, 0, True, None, "", "", "", None, None, 0, None, "", "", "", None, None)
    return (["housing"] * batch, [f"R-{n}" for n in range(batch)], *([value] * batch for value in nothing))


def walks(plan: str) -> list[str]:
    """The lines that read a whole table; an empty partition costs nothing and is read in passing."""
    return [line for line in plan.splitlines() if WALK.search(line) and "cost=0.00..0.00" not in line]


@pytest.fixture(scope="module")
async def crowd(shared_postgres: PrivatePostgres) -> AsyncIterator[Crowd]:
    await shared_postgres.ensure_running()
    dsn = await shared_postgres.fresh_database()
    connection = await asyncpg.connect(dsn)
    found = Crowd(connection)
    await found.gather()
    yield found
    await connection.close()
    await shared_postgres.drop_database(dsn)


async def plan_of(crowd: Crowd, name: str, batch: int, plans: str) -> str:
    connection = crowd.connection
    async with connection.transaction():
        await connection.execute(f"set local plan_cache_mode = {plans}")
        await connection.execute("set local jit = off")
        rows = await connection.fetch(f"explain {query(name)}", *crowd.arguments(name, batch))
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("plans", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("batch", [1, 200])
@pytest.mark.parametrize(
    "name",
    [
        "claim", "bodies", "deliveries", "message", "attempts", "receipts", "why_unclaimed", "lock_open",
        "parties_of_cases", "first_acceptances", "lock_lanes", "advance_lanes", "release_heads", "free_heads", "give_back",
        "sampled_deliveries",
        "dead_entries", "recorded_among", "lock_dead", "send_again", "freeze_named",
        "alike_behind", "planned_already",
        "lock_answers", "unmake_answers", "save_answers", "take_answered", "ended_as",
    ],
)  # fmt: skip
async def test_a_batch_of_the_path_walks_through_no_table(crowd: Crowd, name: str, batch: int, plans: str) -> None:
    plan = await plan_of(crowd, name, batch, plans)
    assert walks(plan) == [], plan


@pytest.mark.parametrize(
    "name",
    [
        "message_id_of", "messages_of_case", "messages_of_cases", "segments_of_cases",
        "free_on_shelves", "lend", "leased", "filled_shelves",
        "offer_due", "pressure",
        "free_missed", "astray", "unclaim", "recover_sending", "take_doubts", "trial_delivery",
        "dead_groups", "dead_group", "dead_of_group",
        "freeze_group", "note_ends", "forget_groups", "newest_acts", "refusals_of", "waiting_at",
        "early_answers", "purge_early",
        "dead_walk", "waits_for_others", "lock_successor", "take_place",
    ],
)  # fmt: skip
async def test_a_look_walks_through_no_table(crowd: Crowd, name: str) -> None:
    plan = await plan_of(crowd, name, 1, "force_custom_plan")
    assert walks(plan) == [], plan


async def test_the_test_would_see_a_walk(crowd: Crowd) -> None:
    rows = await crowd.connection.fetch("explain select count(*) from delivery_open where detail = 'x'")
    assert walks("\n".join(row[0] for row in rows))
    rows = await crowd.connection.fetch("explain select count(*) from message where raw = 'x'")
    assert walks("\n".join(row[0] for row in rows))


def test_now_is_in_a_month_that_has_a_partition() -> None:
    assert datetime(2026, 1, 1, tzinfo=UTC) < NOW
