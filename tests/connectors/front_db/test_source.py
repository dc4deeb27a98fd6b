# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Taking rows that a department wrote: right ones and wrong ones, in order, once, and with an answer beside each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest
import structlog
from sqlalchemy.dialects import mysql, postgresql

from connectors.databases.rows import skips_locked
from connectors.front_db import claim
from connectors.front_db.config import SourceConfig
from connectors.front_db.source import FrontDbSource
from connectors.sdk import Context, Delivered, Item, NotNow, Refused, Taken, Unavailable
from tests.connectors.far_database import MariadbServer, Relay, Server
from tests.connectors.front_db.conftest import ACCEPTED, MATERIAL

ACCEPTS, RESULTS, MATERIALS = "up_pro_accept_v3", "up_pro_result_v3", "up_pro_material_v3"
FLAG = {"column": "is_sync", "new": "0", "taken": "1", "refused": "3", "by_code": {"E_GONE": "9"}}
RESULT = {
    "cd_operation": "I",
    "cd_time": "2026-03-05 10:00:05",
    "result_date": "2026-03-05 10:00:00",
    "result_type": "1",
    "is_delivery_results": "0",
}


@asynccontextmanager
async def opened(relay: Relay, context: Context, **changes: Any) -> AsyncIterator[FrontDbSource]:
    settings = {**relay.address, "profile": "national_v3", "poll_seconds": 0.05, **changes}
    async with FrontDbSource(SourceConfig.model_validate(settings), context) as source:
        yield source


def table(name: str, **changes: Any) -> dict[str, Any]:
    """The settings of a plain table."""
    flag = {} if "watermark" in changes else {"flag": FLAG}
    return {"table": name, "key": "id", "type": "cn.gov.acceptance.decided", **flag, **changes}


async def write(server: Server, name: str, row: dict[str, Any]) -> None:
    """As a department's program writes."""
    marks = ", ".join("%s" if server.make == "mysql" else f"'{value}'" for value in row.values())
    values = list(row.values()) if server.make == "mysql" else []
    await server.execute(f"insert into {name} ({', '.join(row)}) values ({marks})", *values)


async def taken(source: FrontDbSource, count: int) -> list[Item]:
    items: list[Item] = []
    async with asyncio.timeout(30):
        while len(items) < count:
            items += await source.take()
    return items


async def until(server: Server, query: str, rows: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(30):
        while len(found := await server.fetch(query)) != rows:  # noqa: ASYNC110  # a database tells nobody of a change
            await asyncio.sleep(0.05)
    return found


def columns(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = orjson.loads(item.body)["rows"][0]["row"]
    return row


def keys(items: Sequence[Item]) -> list[str]:
    return [columns(item).get("id") or columns(item)["row_guid"] for item in items]


async def test_a_record_comes_with_its_details_and_both_are_settled(national: Relay, context: Context) -> None:
    await write(national.server, ACCEPTS, ACCEPTED)
    for number in (1, 2):
        await write(national.server, MATERIALS, {**MATERIAL, "row_guid": f"m{number}"})
    await write(national.server, MATERIALS, {**MATERIAL, "row_guid": "other", "project_no": "another"})
    async with opened(national, context) as source:
        (item,) = await taken(source, 1)
        await source.settle([(item.token, Taken())])
        await until(national.server, f"select 1 from {ACCEPTS} where is_sync = '1'", 1)
    rows = orjson.loads(item.body)["rows"]
    settled = await national.server.fetch(f"select row_guid, is_sync from {MATERIALS} order by row_guid")

    assert item.content_type == "application/vnd.govhub.rows+json"
    assert item.headers["cloudEvents:type"] == "cn.gov.acceptance.decided"
    assert item.headers["cloudEvents:subject"] == ACCEPTED["project_no"]
    assert [(one["table"], one["row"]["row_guid"]) for one in rows] == [
        (ACCEPTS, ACCEPTED["row_guid"]),
        (MATERIALS, "m1"),
        (MATERIALS, "m2"),
    ]
    assert rows[0]["row"] == ACCEPTED
    assert [(one["row_guid"], one["is_sync"]) for one in settled] == [("m1", "1"), ("m2", "1"), ("other", "0")]


async def test_a_refused_row_has_its_reason_beside_it(national: Relay, context: Context) -> None:
    problem = {
        "details": {"zh": "共 1 处不符", "en": "1 violation"},
        "violations": [{"path": "$.data.case_no", "expected": {"zh": "办件编号", "en": "a case number"}}],
    }
    for number, code in enumerate(("E_CONTRACT_INVALID", "E_GONE")):
        await write(national.server, ACCEPTS, {**ACCEPTED, "row_guid": str(number)})
        assert code
    tables = [table(ACCEPTS, key="row_guid", reason={"code": "error_code", "text": "error_reason"}, leave_out=["seq"])]
    async with opened(national, context, tables=tables) as source:
        items = await taken(source, 2)
        answers = [Refused("E_CONTRACT_INVALID", orjson.dumps(problem)), Refused("E_GONE", b"not JSON")]
        await source.settle([(item.token, answer) for item, answer in zip(items, answers, strict=True)])
        rows = await until(national.server, f"select * from {ACCEPTS} where is_sync <> '0' order by row_guid", 2)
    assert [(row["is_sync"], row["error_code"], row["error_reason"]) for row in rows] == [
        ("3", "E_CONTRACT_INVALID", "共 1 处不符；$.data.case_no：办件编号"),
        ("9", "E_GONE", "E_GONE"),
    ]


async def test_a_mended_row_is_another_message_and_the_same_row_is_the_same(national: Relay, context: Context) -> None:
    await write(national.server, ACCEPTS, ACCEPTED)
    ids = []
    async with opened(national, context) as source:
        for change in ("error_code = 'X'", "legal = '测试·法人乙'"):
            (item,) = await taken(source, 1)
            ids.append(item.headers["cloudEvents:id"])
            await source.settle([(item.token, Taken())])
            await until(national.server, f"select 1 from {ACCEPTS} where is_sync = '1'", 1)
            await national.server.execute(f"update {ACCEPTS} set is_sync = '0', {change}")
        (item,) = await taken(source, 1)
        ids.append(item.headers["cloudEvents:id"])

    assert ids[0] == ids[1] != ids[2]


async def test_what_builds_on_another_table_comes_after_it(national: Relay, context: Context) -> None:
    for number in range(30):
        await write(national.server, RESULTS, {**RESULT, "row_guid": f"r{number:02}", "project_no": str(number)})
    for number in range(30):
        await write(national.server, ACCEPTS, {**ACCEPTED, "row_guid": f"a{number:02}", "project_no": str(number)})
    brought: list[str] = []
    async with opened(national, context, prefetch=20) as source:
        while len(brought) < 60:
            items = await taken(source, 1)
            brought += keys(items)
            await source.settle([(item.token, Taken()) for item in items])
    assert brought == [f"a{number:02}" for number in range(30)] + [f"r{number:02}" for number in range(30)]


@pytest.mark.parametrize("leased", ["", "leased", "leased by an old server"])
async def test_two_readers_never_have_the_same_row(
    leased: str, national: Relay, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old server, MySQL 5.7 or MariaDB 10.5, knows no SKIP LOCKED; what it is sent then, these servers know too."""
    if leased.endswith("server"):
        monkeypatch.setattr(claim, "skips_locked", lambda _: False)
    await national.server.execute(f"alter table {ACCEPTS} add lease_owner varchar(100)")
    kind = "timestamp" if national.server.make == "postgresql" else "datetime null"
    await national.server.execute(f"alter table {ACCEPTS} add lease_until {kind}")
    for number in range(40):
        await write(national.server, ACCEPTS, {**ACCEPTED, "row_guid": f"{number:02}"})
    lease = {"lease": {"owner": "lease_owner", "until": "lease_until"}} if leased else {}
    tables = [table(ACCEPTS, key="row_guid", order=["seq"], leave_out=["seq"], **lease)]
    brought: list[str] = []

    async def read(source: FrontDbSource) -> None:
        while len(brought) < 40:
            items = await source.take()
            brought.extend(keys(items))
            await source.settle([(item.token, Taken()) for item in items])

    async with (
        opened(national, context, tables=tables, prefetch=7) as one,
        opened(national, context, tables=tables, prefetch=7) as two,
    ):
        readers = [asyncio.ensure_future(read(source)) for source in (one, two)]
        await until(national.server, f"select 1 from {ACCEPTS} where is_sync = '1'", 40)
        for reader in readers:
            reader.cancel()
        await asyncio.wait(readers)
    assert sorted(brought) == [f"{number:02}" for number in range(40)]


async def test_an_old_server_without_lease_columns_is_not_read(
    national: Relay, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "skips_locked", lambda _: False)
    await write(national.server, ACCEPTS, ACCEPTED)
    with structlog.testing.capture_logs() as logged:
        heard = replace(context, log=structlog.get_logger())
        async with opened(national, heard, tables=[table(ACCEPTS, key="row_guid", leave_out=["seq"])]) as source:
            waiting = asyncio.ensure_future(source.take())
            async with asyncio.timeout(30):
                while not logged:  # noqa: ASYNC110  # because nobody says when a line is written
                    await asyncio.sleep(0.02)
            assert not waiting.done()
            waiting.cancel()
            await asyncio.wait({waiting})

    assert "NEEDS_LEASE" in str(logged)
    assert len(await national.server.fetch(f"select 1 from {ACCEPTS} where is_sync = '0'")) == 1


@pytest.mark.parametrize(
    ("maria", "version", "skips"),
    [
        (False, (5, 7, 44), False),
        (False, (8, 0, 0), False),
        (False, (8, 0, 1), True),
        (True, (10, 5, 28), False),
        (True, (10, 6, 0), True),
    ],
)
def test_which_servers_can_pass_over_locked_rows(maria: bool, version: tuple[Any, ...], skips: bool) -> None:  # noqa: FBT001  # because it is a table
    known = mysql.dialect()
    known.is_mariadb, known.server_version_info = maria, version

    assert skips_locked(known) is skips
    assert skips_locked(postgresql.dialect())  # type: ignore[no-untyped-call]  # it has no types


async def test_a_lease_of_a_dead_reader_runs_out(national: Relay, context: Context) -> None:
    kind = "timestamp" if national.server.make == "postgresql" else "datetime null"
    await national.server.execute(f"alter table {ACCEPTS} add lease_owner varchar(100)")
    await national.server.execute(f"alter table {ACCEPTS} add lease_until {kind}")
    await write(national.server, ACCEPTS, ACCEPTED)
    tables = [table(ACCEPTS, key="row_guid", leave_out=["seq"], lease={"owner": "lease_owner", "until": "lease_until"})]
    async with opened(national, context, tables=tables) as dead, opened(national, context, tables=tables) as alive:
        (item,) = await taken(dead, 1)
        waiting = asyncio.ensure_future(alive.take())
        await asyncio.wait({waiting}, timeout=0.3)
        assert not waiting.done()
        await national.server.execute(f"update {ACCEPTS} set lease_until = '2026-01-01 00:00:00'")
        (again,) = await asyncio.wait_for(waiting, 30)
        await dead.settle([(item.token, Refused("E_LATE", b"{}"))])  # it is not its row any more
        await alive.settle([(again.token, Taken())])
        await until(national.server, f"select 1 from {ACCEPTS} where is_sync = '1'", 1)
    assert item.body == again.body


async def test_rows_that_are_no_messages_are_refused_where_they_stand(national: Relay, context: Context) -> None:
    await write(national.server, ACCEPTS, {**ACCEPTED, "row_guid": "good"})
    await write(national.server, ACCEPTS, {**ACCEPTED, "row_guid": "large", "address": "x" * 900})
    if national.server.make == "postgresql":
        await write(national.server, ACCEPTS, {**ACCEPTED, "row_guid": "moment", "cd_time": "20000-01-01"})
    await write(national.server, ACCEPTS, {**ACCEPTED, "row_guid": "good too"})
    tables = [
        table(
            ACCEPTS,
            key="row_guid",
            order=["seq"],
            reason={"code": "error_code", "text": "error_reason"},
            leave_out=["seq"],
        )
    ]
    async with opened(national, context, tables=tables, row_bytes=1024) as source:
        items = await taken(source, 2)
        await source.settle([(item.token, Taken()) for item in items])
        await until(national.server, f"select 1 from {ACCEPTS} where is_sync = '0'", 0)
    refused = await national.server.fetch(
        f"select error_code, error_reason from {ACCEPTS} where is_sync = '3' order by seq"
    )

    assert keys(items) == ["good", "good too"]
    expected = ["ROW_TOO_LARGE"] + (["ROW_UNREADABLE"] if national.server.make == "postgresql" else [])
    assert [row["error_code"] for row in refused] == expected
    assert all(row["error_reason"].startswith(ACCEPTS) for row in refused)


async def test_zero_dates_bytes_and_rare_characters_are_told_as_they_are(
    mariadb_server: MariadbServer, context: Context
) -> None:
    await mariadb_server.execute("set session sql_mode = ''")
    await mariadb_server.execute(
        "create table odd (id int primary key, day date, at time, b blob, t text, n decimal(9,2), is_sync int)"
    )
    await mariadb_server.execute(
        "insert into odd values (1, '0000-00-00', '09:05:00', %s, '𠮷·', 10.50, 0), (2, null, null, %s, null, null, 0)",
        "王小明".encode("gb18030"),
        b"\xff\xff",
    )
    relay = Relay(mariadb_server)
    await relay.listen()
    async with opened(relay, context, tables=[table("odd")]) as source:
        items = await taken(source, 1)
        await source.settle([(item.token, Taken()) for item in items])
        rows = await until(mariadb_server, "select id, is_sync from odd where is_sync <> 0 order by id", 2)
    await relay.hang_up()

    assert columns(items[0]) == {
        "id": "1", "day": "0000-00-00", "at": "09:05:00", "b": "王小明", "t": "𠮷·", "n": "10.50",
    }  # fmt: skip
    assert [row["is_sync"] for row in rows] == [1, 3]


async def test_a_reason_that_its_column_cannot_hold_leaves_the_flag(
    mariadb_server: MariadbServer, context: Context
) -> None:
    await mariadb_server.execute(
        "create table old (id int primary key, is_sync char(1), code varchar(5), why varchar(20)) character set latin1"
    )
    await mariadb_server.execute("insert into old values (1, '0', null, null), (2, '0', null, null)")
    relay = Relay(mariadb_server)
    await relay.listen()
    reason = {"code": "code", "text": "why"}
    async with opened(relay, context, tables=[table("old", reason=reason)]) as source:
        items = await taken(source, 2)
        no = Refused("E_CONTRACT_INVALID", b'{"details":{"zh":"\xe9\x94\x99"}}')
        await source.settle([(items[0].token, no), (items[1].token, Taken())])
        rows = await until(mariadb_server, "select * from old where is_sync <> '0' order by id", 2)
    await relay.hang_up()

    assert [(row["is_sync"], row["code"], row["why"]) for row in rows] == [("3", "E_CON", None), ("1", None, None)]


async def test_tables_that_are_missing_or_locked_are_waited_for(relay: Relay, context: Context) -> None:
    async with opened(relay, context, tables=[table("late")], lock_seconds=1) as source:
        checked = await source.check()
        waiting = asyncio.ensure_future(source.take())
        await asyncio.wait({waiting}, timeout=0.3)
        assert not waiting.done()
        await relay.server.execute("create table late (id int primary key, is_sync char(1))")
        if relay.server.make == "postgresql":
            await relay.server.execute("begin")
            await relay.server.execute("lock table late in access exclusive mode")
        else:
            await relay.server.execute("lock tables late write")
        await relay.server.execute("insert into late values (1, '0')")
        await asyncio.wait({waiting}, timeout=0.3)
        assert not waiting.done()
        await relay.server.execute("commit" if relay.server.make == "postgresql" else "unlock tables")
        (item,) = await asyncio.wait_for(waiting, 60)
        await source.settle([(item.token, Taken())])
        await until(relay.server, "select 1 from late where is_sync = '1'", 1)

    assert isinstance(checked, Unavailable)
    assert checked.reason.startswith("NO_TABLE")


async def test_a_row_that_is_deleted_or_given_back_troubles_nobody(national: Relay, context: Context) -> None:
    for number in range(3):
        await write(national.server, ACCEPTS, {**ACCEPTED, "row_guid": str(number)})
    async with opened(national, context) as source:
        items = await taken(source, 3)
        await source.settle([(items[1].token, NotNow())])
        (again,) = await taken(source, 1)
        await source.settle([(item.token, Taken()) for item in items] + [(again.token, Taken()), (999, Taken())])
        await until(national.server, f"select 1 from {ACCEPTS} where is_sync = '1'", 3)
    assert again == items[1]


async def test_what_was_taken_long_ago_is_removed_and_nothing_else(national: Relay, context: Context) -> None:
    old, fresh = "2020-01-01 00:00:00", "2999-01-01 00:00:00"
    for key, flag, written in (("a", "1", old), ("b", "3", old), ("c", "0", old), ("d", "1", fresh)):
        await write(national.server, ACCEPTS, {**ACCEPTED, "row_guid": key, "is_sync": flag, "cd_time": written})
    tables = [table(ACCEPTS, key="row_guid", written="cd_time", keep_days=30, leave_out=["seq"])]
    async with opened(national, context, tables=tables):
        rows = await until(national.server, f"select row_guid from {ACCEPTS} order by row_guid", 3)
    assert [row["row_guid"] for row in rows] == ["b", "c", "d"]


class TestWatermark:
    """A table that may be read and nothing else."""

    @pytest.fixture
    async def log_table(self, national: Relay) -> Relay:
        """Numbers and no flag, as many a dn_ table has it."""
        await national.server.execute("create table dn_log (id int primary key, text varchar(20))")
        return national

    async def test_every_row_once_over_restarts(self, log_table: Relay, context: Context) -> None:
        tables = [table("dn_log", watermark={"column": "id", "settling_seconds": 1})]
        brought: list[str] = []
        for begin in (1, 6):
            for number in range(begin, begin + 5):
                await write(log_table.server, "dn_log", {"id": str(number), "text": "x"})
            async with opened(log_table, context, tables=tables) as source:
                items = await taken(source, 5)
                brought += keys(items)
                await source.settle([(item.token, Taken()) for item in items])
                await until(
                    log_table.server, f"select 1 from govhub_bookmark where position like '%%\"{begin + 4}\"%%'", 1
                )
        assert brought == [str(number) for number in range(1, 11)]

    async def test_a_gap_is_waited_for_and_then_passed(self, log_table: Relay, context: Context) -> None:
        tables = [table("dn_log", watermark={"column": "id", "settling_seconds": 2})]
        for number in ("1", "3"):
            await write(log_table.server, "dn_log", {"id": number, "text": "x"})
        async with opened(log_table, context, tables=tables) as source:
            first = await taken(source, 1)
            await source.settle([(first[0].token, Taken())])
            waiting = asyncio.ensure_future(source.take())
            await asyncio.wait({waiting}, timeout=0.3)
            assert not waiting.done()
            await write(log_table.server, "dn_log", {"id": "2", "text": "late"})
            late = list(await asyncio.wait_for(waiting, 30))
            late += await taken(source, 2 - len(late)) if len(late) < 2 else []
            await source.settle([(item.token, Taken()) for item in late])
            await write(log_table.server, "dn_log", {"id": "7", "text": "after a gap"})
            (passed,) = await taken(source, 1)
        assert keys([*first, *late, passed]) == ["1", "2", "3", "7"]

    async def test_a_refused_row_is_put_aside_and_the_unsettled_come_again(
        self, log_table: Relay, context: Context
    ) -> None:
        tables = [table("dn_log", watermark={"column": "id", "settling_seconds": 1})]
        for number in range(1, 5):
            await write(log_table.server, "dn_log", {"id": str(number), "text": "x"})
        async with opened(log_table, context, tables=tables) as source:
            items = await taken(source, 4)
            await source.settle([(items[0].token, Taken()), (items[1].token, Refused("E_X", b"{}"))])
            await source.settle([(items[3].token, Taken())])
        async with opened(log_table, context, tables=tables) as source:
            again = await taken(source, 2)
        aside = await log_table.server.fetch("select row_key, code from govhub_refused")

        assert keys(again) == ["3", "4"]
        assert [(one["row_key"], one["code"]) for one in aside] == [("2", "E_X")]


async def test_the_check_looks_at_every_column(national: Relay, context: Context) -> None:
    async with opened(national, context) as source:
        assert await source.check() == Delivered()
        await national.server.execute(f"alter table {RESULTS} drop column error_reason")
        assert await source.check() == Unavailable(f"NO_COLUMN: {RESULTS}.error_reason")
