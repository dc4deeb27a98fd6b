# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Months that leave the journal: nothing is lost, a case looks as before, and what is unfinished stays and is finished."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from certs.leaf import leaf_hash
from contracts.refusal import Refusal
from hub.api.server import serve
from hub.archive.writing import Archived, Damaged, Stage
from hub.config.deployment import Limits
from hub.keeping import Keeping
from hub.materials.s3 import s3_materials
from hub.materials.s3_client import Bucket
from hub.path import accept
from hub.ports.journal import CaseView, Disagrees, JournalDown, Part, State, TooMuchUnfinished
from hub.ports.materials import Materials, StoreDown
from hub.workers.clearing import clear_once
from hub.workers.retaining import first_online, retain_once
from tests.support.hubs import at_work, bearer, event, received
from tests.support.s3 import KEYS, client_of, objects_of
from tests.support.town import FEBRUARY, JANUARY, RETENTION, Death, Town, town_on


@pytest.fixture
async def town(dsn: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with town_on(dsn, tmp_path) as opened:
        yield opened


async def archived(town: Town, month: date) -> Part:
    result = await town.archiver().archive(month)
    assert isinstance(result, Archived), result
    return result.part


async def test_a_case_is_the_same_online_archived_and_in_both(town: Town) -> None:
    for month in (JANUARY, FEBRUARY):
        await archived(town, month)
        await town.assert_as_before()
    assert await town.count("message", "case_no in ('done', 'february')") == 0
    assert await town.count("message", "case_no = 'long'") == 1
    assert await town.count("pg_class", "relname = 'message_2023_01'") == 0
    assert await town.count("case_message") == 1 + 2 + 1, "long's last, stuck, asked"
    receipts = {m.sender_id: m.receipt for m in town.before["long"][0].messages}
    assert set(receipts) == {"l1", "l2", "l3"}
    _, records = await town.look("long")
    for record in records:
        assert json.loads(record.message["receipt"])["id"] == record.message["sender_id"]  # type: ignore[arg-type]
        assert len(record.leaves) == 2
        for leaf in record.leaves:
            statement = leaf["statement"]
            assert isinstance(statement, bytes)
            assert leaf_hash(str(leaf["kind"]), statement) == leaf["hash"], "evidence stays verifiable"


async def test_what_is_unfinished_stays_with_its_case_and_is_archived_when_it_is_done(town: Town) -> None:
    part = await archived(town, JANUARY)
    assert part.rows()["message"] == 3
    assert await town.count("message_default") == 3, "s1, s2 and a1: the case of unfinished work stays whole"
    assert await town.archiver().archive(JANUARY) is None, "nothing to do while it waits"
    rig = town.rig
    connection = await asyncpg.connect(town.dsn)
    await connection.execute("update delivery_open set state = 'waiting', due_at = now() where case_no = 'asked'")
    await connection.execute("update delivery_open set due_at = '2023-01-01' where case_no = 'asked'")
    await connection.close()
    async with at_work(rig.hub):
        await rig.until(lambda settled: any(s.claim.case == "asked" and s.state is State.DELIVERED for s in settled))
    del town.before["asked"]
    await town.remember("asked")
    second = await archived(town, JANUARY)
    assert (second.part, second.rows()["message"]) == (2, 1)
    assert await town.count("message_default") == 2
    await town.assert_as_before()


async def test_refusals_are_archived_too(town: Town) -> None:
    assert await town.count("refusal") == 1
    part = await archived(town, JANUARY)
    assert part.rows()["refusal"] == 1
    assert await town.count("refusal") == 0


@pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True)
@pytest.mark.parametrize("stage", list(Stage))
async def test_a_death_at_any_stage_is_carried_on_without_loss_or_double(
    town: Town, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.archive.writing._LARGE", 1)
    monkeypatch.setattr("hub.archive.writing._BATCH", 1)
    for times in (1, 2):  # at its first and, where there are several, its second time
        try:
            await town.archiver(stop=stage, times=times).archive(JANUARY)
        except Death:
            await town.assert_as_before()
    await town.archiver().archive(JANUARY)
    await town.assert_as_before()
    assert await town.archiver().archive(JANUARY) is None
    parts = await town.rig.hub.journal.archives.parts()
    assert isinstance(parts, Sequence)
    assert [(one.month, one.part, one.state) for one in parts] == [(JANUARY, 1, "dropped")]
    (part,) = parts
    assert part.rows() == {"message": 3, "delivery": 3, "attempt": 3, "settlement": 3, "leaf": 6, "refusal": 1}
    assert await town.count("message", "case_no = 'done'") == 0


async def test_a_store_that_is_away_or_full_leaves_the_journal_as_it_was(town: Town) -> None:
    class Away:
        def __getattr__(self, name: str) -> object:
            async def away(*_: object) -> StoreDown:
                return StoreDown("ENOSPC")

            return away

    store: Materials = Away()  # type: ignore[assignment]
    assert await town.archiver(store).archive(JANUARY) == StoreDown("ENOSPC")
    assert await town.count("message", "case_no = 'done'") == 2
    await town.assert_as_before()
    await archived(town, JANUARY)
    await town.assert_as_before()


async def test_a_file_that_was_damaged_is_noticed_before_anything_is_dropped(town: Town, tmp_path: Path) -> None:
    with pytest.raises(Death):
        await town.archiver(stop=Stage.SEALED).archive(JANUARY)
    for path in (tmp_path / "archive").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1] + b"!")
    damaged = 0
    while isinstance(result := await town.archiver().archive(JANUARY), Damaged):
        damaged += 1
        assert await town.count("message", "case_no = 'done'") == 2
        await town.assert_as_before()
    assert damaged
    assert isinstance(result, Archived)
    await town.assert_as_before()


async def test_a_month_that_changed_since_it_was_written_is_not_dropped(town: Town) -> None:
    with pytest.raises(Death):
        await town.archiver(stop=Stage.WRITTEN).archive(JANUARY)
    connection = await asyncpg.connect(town.dsn)
    await connection.execute(
        "insert into attempt select message_id, destination, 99, state, code, detail, hub, started_at, ended_at "
        "from attempt where message_id = (select id from message where sender_id = 'd1')"
    )
    await connection.close()
    assert await town.archiver().archive(JANUARY) == Disagrees("attempt")
    await town.remember("done")
    part = await archived(town, JANUARY)
    assert part.rows()["attempt"] == 4
    await town.assert_as_before()


async def test_a_month_with_too_much_unfinished_work_stays(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.archive.writing._MOST_HELD", 2)
    assert await town.archiver().archive(JANUARY) == TooMuchUnfinished(3)
    assert await town.count("archive_part") == 0


async def test_archiving_waits_for_nobody_long_and_lets_the_hub_work(town: Town) -> None:
    """Someone reads the tables all the while, as a backup does: the drop gives up, and nothing has changed."""
    connection = await asyncpg.connect(town.dsn)
    reading = connection.transaction()
    await reading.start()
    await connection.fetch("select 1 from message limit 1")
    assert isinstance(await town.archiver().archive(JANUARY), JournalDown)
    async with at_work(town.rig.hub):
        await town.settled("new", "n1")
    await reading.rollback()
    await connection.close()
    await archived(town, JANUARY)
    await town.assert_as_before()


async def test_the_api_tells_an_archived_case_in_the_same_bytes(town: Town) -> None:
    server = await serve(town.rig.hub, Limits(), "127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(headers={"Authorization": bearer("portal")}) as http:

            async def told(case: str) -> tuple[int, bytes]:
                async with http.get(f"http://127.0.0.1:{server.port}/v1/cases/{case}") as answer:
                    return answer.status, await answer.read()

            before = {case: await told(case) for case in town.before}
            assert {status for status, _ in before.values()} == {200}
            for month in (JANUARY, FEBRUARY):
                await archived(town, month)
                assert {case: await told(case) for case in town.before} == before
            for path in town.data.rglob("archive/*/*/*"):
                path.unlink()
            statuses = {(await told(case))[0] for case in town.before}
            assert 503 in statuses, "said, and not told as if it were all"
    finally:
        await server.stop()


class TestRound:
    async def test_a_round_purges_archives_and_leaves_what_is_young(self, town: Town) -> None:
        await retain_once(town.rig.hub, RETENTION, every=0.0)
        parts = await town.rig.hub.journal.archives.parts()
        assert isinstance(parts, Sequence)
        assert [one.month for one in parts] == [JANUARY, FEBRUARY]
        await town.assert_as_before()
        assert town.rig.logged("month archived")

    async def test_a_repeat_of_an_archived_message_is_too_old_and_not_carried_out(self, town: Town) -> None:
        """With a time of its own it is refused for that; without, its id is remembered as long as the archive."""
        rig = town.rig
        rig.clock.moment = datetime(2023, 1, 10, tzinfo=UTC)
        dated = event("dated", "t1", time=datetime(2023, 1, 10, tzinfo=UTC))
        async with at_work(rig.hub):
            message = await rig.accept(dated)
            await rig.until(lambda settled: any(s.claim.message_id == message for s in settled))
        rig.clock.moment = datetime(2023, 6, 10, tzinfo=UTC)
        await retain_once(rig.hub, RETENTION, every=0.0)
        assert await town.count("acceptance", "sender_id = 't1'") == 0
        assert await town.count("acceptance", "sender_id = 'd1'") == 1
        for one in (dated, event("done", "d1")):
            refused = await accept(rig.hub, bearer("portal"), one, received(one))
            assert isinstance(refused, Refusal)
            assert refused.code == "E_TOO_OLD"
        other = replace(event("done", "d1"), subject="other", data={**event("other").data})  # type: ignore[dict-item]
        refused = await accept(rig.hub, bearer("portal"), other, received(other))
        assert isinstance(refused, Refusal)
        assert refused.code == "E_ID_REUSE"

    async def test_what_was_kept_long_enough_goes_with_all_that_is_left_of_its_cases(self, town: Town) -> None:
        rig = town.rig
        await retain_once(rig.hub, RETENTION, every=0.0)
        await retain_once(rig.hub, replace(RETENTION, archive=timedelta(days=100)), every=0.0)
        files = rig.hub.case_files
        assert await files.view("done", 10) is None
        view = await files.view("long", 10)
        assert isinstance(view, CaseView)
        assert [m.sender_id for m in view.messages] == ["l2", "l3"], "February is kept longer than January"
        for table in ("case_party", "lane"):
            assert await town.count(table, "case_no = 'done'") == 0
            assert await town.count(table, "case_no in ('long', 'stuck')") == (4 if table == "case_party" else 2)
        del town.before["done"], town.before["long"]
        await town.assert_as_before()

    async def test_two_hubs_at_it_do_no_harm(self, town: Town) -> None:

        results = await asyncio.gather(*(town.archiver().archive(JANUARY) for _ in range(3)), return_exceptions=True)
        assert not [one for one in results if isinstance(one, AssertionError)], results
        while await town.archiver().archive(JANUARY) is not None:
            pass
        await town.assert_as_before()
        assert await town.count("message", "case_no = 'done'") == 0

    def test_the_months_that_stay(self) -> None:
        assert first_online(datetime(2026, 1, 31, tzinfo=UTC), 13) == date(2024, 12, 1)
        assert first_online(datetime(2026, 12, 1, tzinfo=UTC), 1) == date(2026, 11, 1)
        assert Keeping().retention is None


async def test_the_archive_lies_in_an_s3_store_as_well(dsn: str, tmp_path: Path, bucket: Bucket) -> None:
    async with s3_materials(bucket, lambda: KEYS) as store, town_on(dsn, tmp_path, archive=store) as town:
        for month in (JANUARY, FEBRUARY):
            assert isinstance(await town.archiver().archive(month), Archived)
            await town.assert_as_before()
        assert len(await objects_of(bucket)) == 4 + 3, (
            "messages, cases and manifest of each month, and the refusals of January"
        )
        async with client_of(bucket) as client:
            for name in await objects_of(bucket):
                await client.put_object(Bucket=bucket.name, Key=bucket.prefix + name, Body=b"!")
        assert isinstance(await town.rig.hub.case_files.view("done", 10), StoreDown)


async def test_files_that_no_part_has_are_cleared_and_the_others_stay(town: Town) -> None:
    with pytest.raises(Death):
        await town.archiver(stop=Stage.SEALED).archive(JANUARY)
    archives = town.rig.hub.journal.archives
    (part,) = await all_parts(town)
    assert await archives.abandon(part) is None
    assert await all_parts(town) == []
    await archived(town, FEBRUARY)
    store = town.rig.hub.archive
    before = await store.listed("", 100)
    town.rig.clock.moment = datetime(2099, 1, 1, tzinfo=UTC)
    await clear_once(town.rig.hub, every=0.0)
    after = await store.listed("", 100)
    assert isinstance(before, Sequence)
    assert isinstance(after, Sequence)
    (part,) = await all_parts(town)
    assert {one.digest for one in after} == {segment.digest for segment in part.segments} | {part.manifest}
    assert len(before) > len(after)
    await town.assert_as_before()


async def test_a_batch_of_large_bodies_is_cut(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.journal.archives._LARGE", 1)
    part = await archived(town, JANUARY)
    assert part.rows()["message"] == 3
    await town.assert_as_before()


async def all_parts(town: Town) -> Sequence[Part]:
    parts = await town.rig.hub.journal.archives.parts()
    assert isinstance(parts, Sequence)
    return parts
