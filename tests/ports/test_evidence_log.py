# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The log of the evidence on PostgreSQL 15 and on the wheel's 18: indices, proofs, and who may append."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import orjson
import pytest

from certs.evidence.note import read_note
from certs.evidence.receipts import ReceiptSigner
from certs.evidence.roles import Role
from certs.evidence.tree import FIRST_CHAIN, chained, is_consistent, root, root_by_inclusion
from certs.leaf import leaf_hash
from hub.evidence.state import NoteSigner
from hub.ports.journal import Committed, Duplicate
from hub.ports.journal.sequencing import Checkpoint, Fenced, Head, LogDamaged
from tests.support.evidence import accepted, had, is_lead, sequenced, signer_for
from tests.support.journals import Bench, bench


@pytest.fixture
async def desk(journal_dsn: str) -> AsyncIterator[Bench]:
    async with bench(journal_dsn) as opened:
        yield opened


@pytest.fixture(scope="module")
def notes() -> NoteSigner:
    return NoteSigner(signer_for(Role.LOG))


async def test_leaves_get_indices_without_a_gap_in_the_order_of_their_commits(desk: Bench) -> None:
    messages = await accepted(desk, 5)
    assert (await head(desk)).queued == 5
    await sequenced(desk, limit=2)

    leaves = had(await desk.journal.log.leaves(0, 10))
    assert [leaf.index for leaf in leaves] == [0, 1, 2, 3, 4]
    assert [leaf.message_id for leaf in leaves] == [one.message_id for one in messages]
    chain = FIRST_CHAIN
    for leaf, message in zip(leaves, messages, strict=True):
        chain = chained(chain, leaf_hash("accepted", message.leaf.statement))
        assert leaf.chain == chain
    told = await head(desk)
    assert (told.size, told.queued, told.chain) == (5, 0, chain)


async def test_a_leaf_whose_commit_comes_late_is_not_missed(desk: Bench) -> None:
    """It began before the others and is committed after they were sequenced: no number was kept for it, so no gap is left."""
    connection = await asyncpg.connect(desk.dsn)
    try:
        late = connection.transaction()
        await late.start()
        message = desk.ids.new()
        await connection.execute(
            "insert into leaf (message_id, id, kind, statement, hash) values ($1, $2, 'x', '{}', $3)",
            message, desk.ids.new(), bytes(32),
        )  # fmt: skip
        await accepted(desk, 2)
        await sequenced(desk)
        assert (await head(desk)).size == 2
        await late.commit()
        await sequenced(desk)
    finally:
        await connection.close()
    leaves = had(await desk.journal.log.leaves(2, 10))
    assert [leaf.message_id for leaf in leaves] == [message]


async def test_one_leads_and_the_next_one_fences_it(desk: Bench) -> None:
    await accepted(desk, 1)
    async with bench(desk.dsn, "hub-2", own=False) as other, desk.journal.log.lead() as first:
        assert is_lead(first)
        async with other.journal.log.lead() as second:
            assert second is None, "the lock is held"
        connection = await asyncpg.connect(desk.dsn)
        await connection.execute("update log_head set epoch = epoch + 1")  # as a successor does, the lock being lost
        await connection.close()
        assert await first.sequence(10) == Fenced()
        assert await first.checkpoint(lambda _size, _root: b"", desk.clock.now()) == Fenced()
    assert (await head(desk)).size == 0


async def test_the_lead_goes_to_the_next_when_it_is_left(desk: Bench) -> None:
    await accepted(desk, 1)
    await sequenced(desk)
    async with bench(desk.dsn, "hub-2", own=False) as other, other.journal.log.lead() as lead:
        assert is_lead(lead)
        assert lead.size == 1


async def test_proofs_hold_at_every_size_over_several_tiles(desk: Bench, notes: NoteSigner) -> None:
    hashes = await filled(desk, 600)
    for size in (1, 2, 255, 256, 257, 512, 599, 600):
        assert had(await desk.journal.log.root(size)) == root(hashes[:size])
        for index in {0, size // 2, size - 1}:
            path = had(await desk.journal.log.inclusion(index, size))
            assert root_by_inclusion(hashes[index], index, size, path) == root(hashes[:size])
        proof = had(await desk.journal.log.consistency(size, 600))
        assert is_consistent((size, root(hashes[:size])), (600, root(hashes)), proof)
    await sequenced(desk, notes)
    newest = await desk.journal.log.newest()
    assert isinstance(newest, Checkpoint)
    assert (newest.size, newest.root) == (600, root(hashes))


async def test_a_log_that_is_taken_up_again_goes_on_where_it_was(desk: Bench) -> None:
    hashes = await filled(desk, 300)
    hashes += await filled(desk, 300, start=300)
    assert had(await desk.journal.log.root(600)) == root(hashes)


async def test_a_checkpoint_is_a_note_signed_by_the_logs_key(desk: Bench, notes: NoteSigner) -> None:
    await accepted(desk, 3)
    note = await sequenced(desk, notes)
    assert note is not None
    assert note.size == 3
    assert note.origin == f"govhub/{(await head(desk)).log}"
    ((_, _, signature),) = note.signatures
    assert notes.signer.suite.verify(note.text, signature, notes.signer.certificate)
    covering = await desk.journal.log.covering(2)
    assert isinstance(covering, Checkpoint)
    assert read_note(covering.note) == note
    assert await desk.journal.log.covering(4) is None


async def test_what_was_written_is_not_changed(desk: Bench, notes: NoteSigner) -> None:
    await accepted(desk, 2)
    await sequenced(desk, notes)
    connection = await asyncpg.connect(desk.dsn)
    try:
        for act in (
            "update log_leaf set kind = 'x'", "delete from log_leaf", "truncate log_leaf", "update leaf set kind = 'x'",
            "delete from checkpoint", "update checkpoint set size = 9",
        ):  # fmt: skip
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(act)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "act",
    [
        "delete from log_leaf where idx = 1",
        "update log_leaf set chain = hash where idx = 2",
        "update log_head set size = 2",
        "update log_head set chain = decode(repeat('11', 32), 'hex')",
        "update checkpoint set root = decode(repeat('11', 32), 'hex')",
    ],
)
async def test_nobody_goes_on_with_a_damaged_log(desk: Bench, notes: NoteSigner, act: str) -> None:
    await accepted(desk, 3)
    await sequenced(desk, notes)
    await tamper(desk, act)
    async with desk.journal.log.lead() as lead:
        assert isinstance(lead, LogDamaged), lead


async def test_what_is_moved_to_another_partition_is_not_queued_again(desk: Bench) -> None:
    await accepted(desk, 1)
    connection = await asyncpg.connect(desk.dsn)
    try:
        async with connection.transaction():
            await connection.execute("set local govhub.moving = 'yes'")
            await connection.execute(
                "insert into leaf (message_id, id, kind, statement, hash) values ($1, $1, 'x', '{}', $2)",
                desk.ids.new(), bytes(32),
            )  # fmt: skip
    finally:
        await connection.close()
    assert (await head(desk)).queued == 1


async def test_what_an_earlier_version_moved_is_queued_again_and_stays_where_it_is(desk: Bench) -> None:
    (message,) = await accepted(desk, 1)
    await sequenced(desk)
    connection = await asyncpg.connect(desk.dsn)
    try:
        await connection.execute(
            "insert into leaf_queue (message_id, id, kind, hash) values ($1, $2, 'accepted', $3)",
            message.message_id, message.leaf.id, message.leaf.hash,
        )  # fmt: skip
    finally:
        await connection.close()
    await accepted(desk, 1)
    await sequenced(desk)
    told = await head(desk)
    assert (told.size, told.queued) == (2, 0)


async def test_stamps_and_seals_are_kept_once(desk: Bench, notes: NoteSigner) -> None:
    await accepted(desk, 1)
    await sequenced(desk, notes)
    log, now = desk.journal.log, desk.clock.now()
    (awaiting,) = had(await log.unstamped(5))
    assert awaiting.size == 1
    assert await log.stamp(1, "tsa", b"first", now) is None
    assert await log.stamp(1, "tsa", b"second", now) is None
    assert had(await log.unstamped(5)) == []
    newest = await log.newest()
    assert isinstance(newest, Checkpoint)
    assert newest.stamps == (("tsa", b"first"),)
    assert await log.seal(b"d") is None
    assert await asyncio.gather(*(log.keep_seal(b"d", b"%d" % n, now) for n in range(1))) == [b"0"]
    assert await log.keep_seal(b"d", b"other", now) == b"0" == await log.seal(b"d")


async def head(desk: Bench) -> Head:
    found = await desk.journal.log.head()
    assert isinstance(found, Head)
    return found


async def filled(desk: Bench, count: int, start: int = 0) -> list[bytes]:
    """Leaves by the hundred, past the path."""
    hashes = [hashlib.sha256(b"%d" % n).digest() for n in range(start, start + count)]
    connection = await asyncpg.connect(desk.dsn)
    try:
        await connection.executemany(
            "insert into leaf (message_id, id, kind, statement, hash) values ($1, $1, 'x', '{}', $2)",
            [(desk.ids.new(), one) for one in hashes],
        )
    finally:
        await connection.close()
    await sequenced(desk)
    return hashes


async def tamper(desk: Bench, act: str) -> None:
    """As the database's owner can: with the triggers off."""
    connection = await asyncpg.connect(desk.dsn)
    try:
        await connection.execute("set session_replication_role = replica")
        await connection.execute(act)
    finally:
        await connection.close()


async def test_one_signature_covers_a_commit_and_is_repeated_byte_for_byte(journal_dsn: str) -> None:
    signer = signer_for(Role.RECEIPTS)
    async with bench(journal_dsn, signer=ReceiptSigner(signer)) as desk:
        batch = [replace(desk.acceptance(), receipt=b'{"leaf":"sha256:x"}') for _ in range(5)]
        answers = await desk.journal.acceptances.accept_all(batch)
        told = [orjson.loads(one.receipt) for one in answers if isinstance(one, Committed)]
        assert [one["signature"]["index"] for one in told] == [0, 1, 2, 3, 4]
        assert len({one["signature"]["value"] for one in told}) == 1
        again = await desk.journal.acceptances.accept(
            replace(desk.acceptance(batch[3].sender_id), digest=batch[3].digest)
        )
        assert isinstance(again, Duplicate)
        assert orjson.loads(again.receipt) == told[3]
