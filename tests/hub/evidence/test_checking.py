# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A log that somebody tampered with, in a real database, as its owner can: the check names the first bad leaf."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from certs.evidence.note import Note, read_note
from certs.evidence.roles import Role
from hub.evidence.checking import Fault, Report, check
from hub.evidence.state import NoteSigner
from tests.support.evidence import accepted, sequenced, signer_for
from tests.support.journals import Bench, bench
from tests.support.postgres import PrivatePostgres

FORGED = (
    (
        "update leaf set statement = '{ }', hash = sha256('\\x0008'::bytea || 'accepted{ }'::bytea) "
        "where id = (select id from log_leaf where idx = 6)"
    ),
    "update log_leaf l set hash = f.hash from leaf f where f.id = l.id and l.idx = 6",
)
"""Another statement in the place of one, with its right hash in both tables."""

# Everything computed again by whoever holds the database and reads our source, but not the log's key.
REWRITE = """
do $$
declare r record; c bytea := decode(repeat('00', 32), 'hex');
begin
    for r in select * from log_leaf order by idx loop
        c := sha256('\\x02'::bytea || c || r.hash);
        update log_leaf set chain = c where idx = r.idx;
    end loop;
    update log_head set chain = c;
end $$
"""


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Bench]:
    async with bench(dsn) as opened:
        yield opened


@pytest.fixture(scope="module")
def notes() -> NoteSigner:
    return NoteSigner(signer_for(Role.LOG))


@pytest.fixture
async def told(desk: Bench, notes: NoteSigner) -> Note:
    """Nine leaves, with checkpoints at 4 and 9; the last note is outside."""
    await accepted(desk, 4)
    await sequenced(desk, notes)
    await accepted(desk, 5)
    note = await sequenced(desk, notes)
    assert note is not None
    return note


async def checked(desk: Bench, notes: NoteSigner, *against: Note) -> Report:
    def verified(note: Note) -> bool:
        ((_, _, signature),) = note.signatures
        return notes.signer.suite.verify(note.text, signature, notes.signer.certificate)

    report = await check(desk.journal.log, verified, against)
    assert isinstance(report, Report), report
    return report


async def tamper(desk: Bench, *acts: str) -> None:
    connection = await asyncpg.connect(desk.dsn)
    try:
        await connection.execute("set session_replication_role = replica")
        for act in acts:
            await connection.execute(act)
    finally:
        await connection.close()


async def test_an_untouched_log_is_as_it_was(desk: Bench, notes: NoteSigner, told: Note) -> None:
    await accepted(desk, 2)
    report = await checked(desk, notes, told)
    assert report.findings == []
    assert (report.size, report.queued, report.statements, report.checkpoints, report.against) == (9, 2, 9, 2, 1)


@pytest.mark.parametrize(
    ("acts", "fault", "index"),
    [
        (("update leaf set statement = '{ }' where id = (select id from log_leaf where idx = 5)",), Fault.STATEMENT_CHANGED, 5),
        (("update leaf set kind = 'y' where id = (select id from log_leaf where idx = 0)",), Fault.STATEMENT_CHANGED, 0),
        (("delete from leaf where id = (select id from log_leaf where idx = 8)",), Fault.STATEMENT_MISSING, 8),
        (("update log_leaf set hash = sha256(hash) where idx = 3",), Fault.CHANGED, 3),
        (("update log_leaf set chain = sha256(chain) where idx = 7",), Fault.CHANGED, 7),
        (("delete from log_leaf where idx = 2",), Fault.MISSING, 2),
        (("delete from log_leaf where idx = 0",), Fault.MISSING, 0),
        (("delete from log_leaf where idx = 8",), Fault.TRUNCATED, 8),
        (("delete from log_leaf where idx >= 6", "update log_head set size = 6"), Fault.TRUNCATED, 6),
        (("update log_head set chain = sha256(chain)",), Fault.HEAD, 9),
        (
            (
                *FORGED,
            ),
            Fault.CHANGED,
            6,
        ),
        (
            (
                "create temp table swap as select * from log_leaf where idx in (1, 4)",
                "delete from log_leaf where idx in (1, 4)",
                "insert into log_leaf select 5 - idx, message_id, id, kind, hash, chain from swap",
            ),
            Fault.CHANGED,
            1,
        ),
        (("update checkpoint set root = sha256(root) where size = 4",), Fault.NOTE, 0),
        (("update checkpoint set note = note || '\\x0a' where size = 9",), Fault.NOTE, 4),
    ],
)  # fmt: skip
async def test_the_first_bad_leaf_is_named(
    desk: Bench, notes: NoteSigner, told: Note, acts: tuple[str, ...], fault: Fault, index: int | None
) -> None:
    await tamper(desk, *acts)
    first = (await checked(desk, notes, told)).first
    assert first is not None
    assert (first.fault, first.index) == (fault, index)


async def test_evidence_beside_the_log_is_found(desk: Bench, notes: NoteSigner, told: Note) -> None:
    """Inserted with the trigger off: it claims to be evidence and is under no checkpoint."""
    await tamper(
        desk,
        "insert into leaf (message_id, id, kind, statement, hash) "
        "select message_id, gen_random_uuid(), kind, statement, hash from leaf limit 1",
    )
    report = await checked(desk, notes, told)
    assert [one.fault for one in report.findings] == [Fault.OUTSIDE]


async def test_a_leaf_inserted_between_others_is_found_though_all_is_computed_again(
    desk: Bench, notes: NoteSigner, told: Note
) -> None:
    await tamper(
        desk,
        "update log_leaf set idx = -idx - 1 where idx >= 2",
        "update log_leaf set idx = -idx where idx < 0",
        "insert into log_leaf select 2, message_id, gen_random_uuid(), kind, hash, chain from log_leaf where idx = 0",
        "update log_head set size = 10",
        REWRITE,
    )
    report = await checked(desk, notes, told)
    assert report.first is not None
    assert report.first.index in {0, 2}
    assert Fault.STATEMENT_MISSING in {one.fault for one in report.findings}


async def test_who_computes_everything_again_meets_the_signed_checkpoints(
    desk: Bench, notes: NoteSigner, told: Note
) -> None:
    await tamper(
        desk,
        *FORGED,
        REWRITE,
    )
    first = (await checked(desk, notes)).first
    assert first is not None
    assert (first.fault, first.index, first.until) == (Fault.CHECKPOINT, 4, 9)


async def test_a_forger_of_checkpoints_too_meets_the_missing_key(desk: Bench, notes: NoteSigner, told: Note) -> None:
    """Deleted checkpoints are no help either: the one that is kept outside remains."""
    await tamper(
        desk,
        *FORGED,
        REWRITE,
        "delete from checkpoint",
    )
    assert (await checked(desk, notes)).findings == [], "nothing inside the database can tell any more"
    first = (await checked(desk, notes, told)).first
    assert first is not None
    assert (first.fault, first.until) == (Fault.FORKED, 9)
    other = NoteSigner(signer_for(Role.LOG))
    await sequenced(desk, other)
    assert Fault.NOTE in {one.fault for one in (await checked(desk, notes)).findings}, "another key signed it"


async def test_an_old_backup_is_shorter_than_the_kept_checkpoint(
    postgres: PrivatePostgres, desk: Bench, notes: NoteSigner
) -> None:
    await accepted(desk, 3)
    await sequenced(desk, notes)
    backup = await copied(desk)
    await accepted(desk, 2)
    kept = await sequenced(desk, notes)
    assert kept is not None
    await restored(desk, backup)

    first = (await checked(desk, notes, kept)).first
    assert first is not None
    assert (first.fault, first.index, first.until) == (Fault.TRUNCATED, 3, 5)

    await accepted(desk, 4)  # it went on, and told another history
    await sequenced(desk, notes)
    first = (await checked(desk, notes, kept)).first
    assert first is not None
    assert (first.fault, first.index, first.until) == (Fault.FORKED, 3, 5)


async def test_the_log_of_another_database_is_told_apart(desk: Bench, notes: NoteSigner, told: Note) -> None:
    foreign = read_note(told.text.replace(told.origin.encode(), b"govhub/another") + b"\n\xe2\x80\x94 x AAAAAAAAAAAA\n")
    assert foreign is not None
    assert [one.fault for one in (await checked(desk, notes, foreign)).findings] == [Fault.FOREIGN]


TABLES = ("leaf", "leaf_queue", "log_leaf", "log_tile", "checkpoint", "log_head")


async def copied(desk: Bench) -> dict[str, list[asyncpg.Record]]:
    """What a backup of the log holds."""
    connection = await asyncpg.connect(desk.dsn)
    try:
        return {table: await connection.fetch(f"select * from {table}") for table in TABLES}  # because ours
    finally:
        await connection.close()


async def restored(desk: Bench, backup: dict[str, list[asyncpg.Record]]) -> None:
    """The backup in place of what is there."""
    connection = await asyncpg.connect(desk.dsn)
    try:
        await connection.execute("set session_replication_role = replica")
        for table, rows in backup.items():
            await connection.execute(f"delete from {table}")  # because ours
            if rows:
                names = ", ".join(rows[0].keys())
                places = ", ".join(f"${n}" for n in range(1, len(rows[0]) + 1))
                await connection.executemany(
                    f"insert into {table} ({names}) values ({places})",  # because ours
                    [tuple(row.values()) for row in rows],
                )
    finally:
        await connection.close()
