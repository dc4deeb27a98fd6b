# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bodies lie sealed in the journal, are bound to their rows, and what is damaged stands alone."""

import os
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from certs.envelope import OVERHEAD, DataKey, KeyTrouble, Nonces, Suite, number_of
from certs.key_file import KeyFile
from contracts.person_keys import NumberKind
from hub.journal.data_keys import Sealing
from hub.journal.postgres import open_journal
from hub.journal.seals import SEALED
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import (
    START,
    Acceptance,
    Claim,
    Journal,
    JournalDown,
    MessageView,
    NotSealing,
    SealedSome,
)
from hub.ports.probe import Quiet
from tests.support.journals import Bench, SteppedClock, bench
from tests.support.sealing import MasterInMemory

_CANARY = b'{"name":"\xe9\x98\xbf\xe4\xbe\x9d"}'


@pytest.mark.parametrize("suite", list(Suite))
def test_a_value_opens_only_in_its_place(suite: Suite) -> None:
    key = DataKey(7, suite, os.urandom(suite.key_bytes), Nonces(os.urandom))
    sealed = key.seal(_CANARY, b"here")
    assert key.open(sealed, b"here") == _CANARY
    assert key.open(sealed, b"there") is None
    assert number_of(sealed) == 7
    assert len(sealed) == len(_CANARY) + OVERHEAD
    for at in range(4, len(sealed)):
        assert key.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], b"here") is None
    for length in range(len(sealed)):
        assert key.open(sealed[:length], b"here") is None


def test_a_nonce_never_comes_twice() -> None:
    draws = iter([b"aaaaaaaa", b"bbbbbbbb"])
    nonces = Nonces(lambda _: next(draws))
    seen = {nonces.next() for _ in range(10_000)}
    assert len(seen) == 10_000
    nonces._count = 2**32  # as after so many
    assert nonces.next() == b"bbbbbbbb\0\0\0\0"


async def _rows(dsn: str, ids: list[UUID]) -> dict[UUID, asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("select * from message where id = any($1)", ids)
        return {UUID(int=row["id"].int): row for row in rows}
    finally:
        await connection.close()


async def _execute(dsn: str, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


async def _accepted(journal: Bench, system: str = "portal") -> Acceptance:
    made = journal.acceptance(str(journal.ids.new()), case=f"case-{journal.ids.new()}", content=_CANARY, system=system)
    acceptance = replace(made, attributes=b'{"source":"portal"}')
    await journal.journal.acceptances.accept(acceptance)
    return acceptance


async def test_what_lies_there_is_sealed_under_the_key_of_its_system_and_month(journal_dsn: str) -> None:
    async with bench(journal_dsn) as one:
        first, second = await _accepted(one, system="portal"), await _accepted(one, system="housing")
        rows = await _rows(journal_dsn, [first.message_id, second.message_id])
        keys = set()
        for acceptance in (first, second):
            row = rows[acceptance.message_id]
            assert row["codec"] & SEALED
            for column in ("raw", "canonical", "attributes"):
                assert b"name" not in row[column]
                keys.add((acceptance.system, number_of(row[column])))
        assert len(keys) == 2
        assert len({number for _, number in keys}) == 2


async def test_another_hub_reads_what_one_wrote(journal_dsn: str) -> None:
    async with bench(journal_dsn) as one:
        acceptance = await _accepted(one)
        async with bench(journal_dsn, "hub-2", own=False) as other:
            told = await other.journal.lookups.recorded(acceptance.accepted_at, None, 10)
        assert not isinstance(told, JournalDown)
        assert [found.canonical for found in told] == [_CANARY]


async def test_exchanged_rows_are_seen_and_stop_nobody_else(journal_dsn: str) -> None:
    async with bench(journal_dsn, own=False) as one:
        messages = [await _accepted(one) for _ in range(3)]
        swapped = [message.message_id for message in messages[:2]]
        rows = await _rows(journal_dsn, swapped)
        for here, there in (swapped, swapped[::-1]):
            await _execute(
                journal_dsn, "update message set canonical = $2 where id = $1", here, rows[there]["canonical"]
            )
    async with bench(journal_dsn, "hub-2") as other:
        claims = [await other.journal.deliveries.claim(message.deliveries[0].id) for message in messages]
        assert [isinstance(claim, Claim) and claim.damaged for claim in claims] == [True, True, False]
        assert isinstance(claims[2], Claim)
        assert claims[2].canonical == _CANARY
        assert isinstance(await other.journal.lookups.recorded(messages[0].accepted_at, None, 10), JournalDown)


async def test_rows_of_before_are_read_beside_sealed_ones(journal_dsn: str) -> None:
    async with bench(journal_dsn, sealing=None) as before:
        old = await _accepted(before)
    async with bench(journal_dsn, "hub-2") as one:
        new = await _accepted(one)
        told = await one.journal.lookups.recorded(old.accepted_at, None, 10)
        assert not isinstance(told, JournalDown)
        assert {found.message_id for found in told} == {old.message_id, new.message_id}
        assert {found.canonical for found in told} == {_CANARY}


@pytest.mark.parametrize("sealing", [None, Sealing(MasterInMemory(), Suite.AES_256_GCM, os.urandom)])
async def test_a_sealed_journal_is_not_opened_without_its_master_key(journal_dsn: str, sealing: Sealing | None) -> None:
    async with bench(journal_dsn) as one:
        await _accepted(one)
    clock = SteppedClock()
    ids = TimeOrderedIds(clock)
    opened = await open_journal(
        journal_dsn, clock=clock, ids=ids, probe=Quiet(), incarnation=ids.new(), sealing=sealing
    )
    assert isinstance(opened, KeyTrouble)
    assert opened.code == "E_MASTER_KEY_UNKNOWN"


async def test_two_hubs_that_need_a_key_at_once_make_one(journal_dsn: str) -> None:
    async with bench(journal_dsn) as one, bench(journal_dsn, "hub-2", own=False) as two:
        messages = [one.acceptance(system="new"), two.acceptance(system="new")]
        for at, message in zip((one, two), messages, strict=True):
            await at.journal.acceptances.accept(message)
        rows = await _rows(journal_dsn, [message.message_id for message in messages])
        assert len({number_of(row["raw"]) for row in rows.values()}) == 1
        view = await two.journal.lookups.message(messages[0].message_id)
        assert isinstance(view, MessageView)


async def test_while_the_master_key_is_away_nothing_of_a_new_system_is_taken_and_nothing_is_lost(
    journal_dsn: str,
) -> None:
    master = MasterInMemory()
    async with bench(journal_dsn, sealing=Sealing(master, Suite.AES_256_GCM, os.urandom)) as one:
        assert isinstance(one.journal, Journal)
        await one.journal.acceptances.accept(one.acceptance(system="portal"))
        master.away = True
        known = await one.journal.acceptances.accept(one.acceptance(system="portal"))
        assert not isinstance(known, JournalDown)
        unknown = one.acceptance(system="housing")
        assert isinstance(await one.journal.acceptances.accept(unknown), JournalDown)
        master.away = False
        assert not isinstance(await one.journal.acceptances.accept(unknown), JournalDown)


async def test_what_lies_plain_is_sealed_step_by_step_and_once(journal_dsn: str) -> None:
    async with bench(journal_dsn, sealing=None, own=False) as before:
        old = [await _accepted(before) for _ in range(5)]
        assert isinstance(await before.journal.sealing_keys.seal_messages(START, 10), NotSealing)
    async with bench(journal_dsn, "hub-2") as one:
        some = await one.journal.sealing_keys.seal_messages(START, 3)
        assert some == SealedSome(3, old[2].message_id)
        assert await one.journal.sealing_keys.seal_messages(old[2].message_id, 3) == SealedSome(2, None)
        assert await one.journal.sealing_keys.seal_messages(START, 3) == SealedSome(0, None)
        rows = await _rows(journal_dsn, [message.message_id for message in old])
        assert all(row["codec"] & SEALED and b"name" not in row["raw"] for row in rows.values())
        claim = await one.claim(old[0].deliveries[0])
        assert claim.canonical == _CANARY


async def test_another_master_key_wraps_every_data_key_and_the_old_one_is_needed_no_more(
    journal_dsn: str, tmp_path: Path
) -> None:
    file = KeyFile(tmp_path / "master.key", os.urandom)
    old = file.add(Suite.AES_256_GCM)
    sealing = Sealing(file, Suite.SM4_GCM, os.urandom)
    async with bench(journal_dsn, sealing=sealing, own=False) as one:
        message = await _accepted(one)
        assert await one.journal.sealing_keys.wrapped() == {old: 2}  # of the system, and of the index
        new = file.add(Suite.AES_256_GCM)
        assert await one.journal.sealing_keys.rewrap() == 2
        assert await one.journal.sealing_keys.wrapped() == {new: 2}
        assert file.keep(frozenset({str(new)})) == [old]
        assert not isinstance(await one.journal.acceptances.accept(one.acceptance(system="later")), JournalDown)
    async with bench(journal_dsn, "hub-2", sealing=sealing) as two:
        assert (await two.claim(message.deliveries[0])).canonical == _CANARY


async def test_a_case_is_found_by_a_number_however_it_is_written(journal_dsn: str) -> None:
    number = frozenset({(NumberKind.ID_NUMBER, "99000019900101005X"), (NumberKind.PHONE, "13900000001")})
    async with bench(journal_dsn) as one:
        for case in ("b", "a"):
            await one.journal.acceptances.accept(replace(one.acceptance(case=case), persons=number))
        persons = one.journal.persons
        for written in ("99000019900101005x", " ９９００００１９９００１０１００５Ｘ", "990000-19900101-005X"):
            assert await persons.cases(NumberKind.ID_NUMBER, written, "", 10) == ["a", "b"]
        assert await persons.cases(NumberKind.PHONE, "+86 139 0000 0001", "a", 10) == ["b"]
        assert await persons.cases(NumberKind.CREDIT_CODE, "99000019900101005X", "", 10) == []
    async with bench(journal_dsn, "hub-2", own=False) as two:
        assert await two.journal.persons.cases(NumberKind.PHONE, "13900000001", "", 1) == ["a"]
