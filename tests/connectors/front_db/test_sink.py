# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Writing rows into real databases that take them, refuse them, change, lock up and go away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from connectors.front_db import CONNECTOR
from connectors.sdk import Context, Delivered, Idempotency, InDoubt, NotSeen, Parcel, Rejected, Sink, Unavailable
from connectors.sdk.far_side import Behaviour
from tests.connectors.far_database import PostgresServer, Relay
from tests.connectors.front_db.conftest import ACCEPTED, MATERIAL
from tests.support.mariadb import PrivateMariadb
from tests.support.postgres import PrivatePostgres

TABLE, DETAIL = "up_pro_accept_v3", "up_pro_material_v3"
Parcels = Callable[..., Parcel]


@asynccontextmanager
async def opened(relay: Relay, context: Context, **changes: Any) -> AsyncIterator[Sink]:
    settings = {**relay.address, "profile": "national_v3", **changes}
    async with CONNECTOR.sink(CONNECTOR.config.model_validate(settings), context) as sink:
        yield sink


async def test_a_record_and_its_details_lie_in_their_tables(
    national: Relay, context: Context, parcel_of: Parcels
) -> None:
    async with opened(national, context) as sink:
        outcome = await sink.send(parcel_of((TABLE, ACCEPTED), (DETAIL, MATERIAL), (DETAIL, MATERIAL)))
        checked = await sink.check()
    (row,) = await national.server.fetch(f"select * from {TABLE}")
    details = await national.server.fetch(f"select * from {DETAIL} order by seq")

    assert outcome == checked == Delivered()
    assert (row["row_guid"], row["applyer_name"], row["task_version"]) == (
        ACCEPTED["row_guid"],
        ACCEPTED["applyer_name"],
        3,
    )
    assert (row["is_sync"], row["cd_batch"]) == ("0", str(ACCEPTED["row_guid"]).replace("-", ""))
    assert [one["row_guid"] for one in details] == [f"{ACCEPTED['row_guid']}-{number}" for number in (1, 2)]


async def test_a_repeat_leaves_what_was_read_alone_and_a_change_is_news(
    national: Relay, context: Context, parcel_of: Parcels
) -> None:
    async with opened(national, context) as sink:
        await sink.send(parcel_of((TABLE, ACCEPTED)))
        await national.server.execute(f"update {TABLE} set is_sync = '1'")
        again = await sink.send(parcel_of((TABLE, ACCEPTED), attempt=2))
        (read,) = await national.server.fetch(f"select is_sync from {TABLE}")
        mended = await sink.send(parcel_of((TABLE, {**ACCEPTED, "legal": "测试·法人乙"}), attempt=3))
        (news,) = await national.server.fetch(f"select is_sync, legal from {TABLE}")

    assert again == mended == Delivered()
    assert read["is_sync"] == "1"
    assert (news["is_sync"], news["legal"]) == ("0", "测试·法人乙")


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"applyer_name": "测" * 101}, "DB_TOO_LONG", f"{TABLE}.applyer_name"),
        ({"accept_date": "2026-02-30 10:00:00"}, "DB_VALUE", f"{TABLE}.accept_date"),
        ({"accept_date": "' or 1=1 --"}, "DB_VALUE", f"{TABLE}.accept_date"),
        ({"task_version": "99999999999"}, "DB_VALUE", f"{TABLE}.task_version"),
        ({"legal": "a\0b"}, "DB_CHARACTER", f"{TABLE}.legal"),
        ({"org_code": None}, "DB_NOT_NULL", f"{TABLE}.org_code"),
        ({"row_guid": None}, "NO_KEY", f"{TABLE}.row_guid"),
    ],
)
async def test_what_a_column_does_not_take_is_rejected_by_its_name(
    change: dict[str, Any], code: str, where: str, national: Relay, context: Context, parcel_of: Parcels
) -> None:
    row = {name: value for name, value in {**ACCEPTED, **change}.items() if value is not None}
    async with opened(national, context) as sink:
        outcome = await sink.send(parcel_of((TABLE, row), (DETAIL, MATERIAL)))

    assert isinstance(outcome, Rejected)
    assert (outcome.code, where in outcome.detail) == (code, True)
    assert not any(str(value) in repr(outcome) for value in change.values() if value)
    assert not await national.server.fetch(f"select 1 from {TABLE} union all select 1 from {DETAIL}")


async def test_hostile_texts_are_texts(national: Relay, context: Context, parcel_of: Parcels) -> None:
    hostile = "'); drop table up_pro_accept_v3; -- \\ %s :x {y} 𠮷"
    async with opened(national, context) as sink:
        outcome = await sink.send(parcel_of((TABLE, {**ACCEPTED, "legal": hostile})))
    (row,) = await national.server.fetch(f"select legal from {TABLE}")

    assert (outcome, row["legal"]) == (Delivered(), hostile)


async def test_a_detail_that_is_refused_takes_its_record_with_it(
    national: Relay, context: Context, parcel_of: Parcels
) -> None:
    await national.server.refuse(DETAIL, so=True)
    async with opened(national, context) as sink:
        outcome = await sink.send(parcel_of((TABLE, ACCEPTED), (DETAIL, MATERIAL)))

    assert isinstance(outcome, Rejected)
    assert not await national.server.fetch(f"select 1 from {TABLE}")


async def test_another_row_with_the_same_number_is_named_by_its_constraint(
    national: Relay, context: Context, parcel_of: Parcels
) -> None:
    await national.server.execute(f"create unique index one_case on {TABLE} (project_no)")
    async with opened(national, context) as sink:
        first = await sink.send(parcel_of((TABLE, ACCEPTED)))
        second = await sink.send(parcel_of((TABLE, {**ACCEPTED, "row_guid": "another"})))

    assert first == Delivered()
    assert isinstance(second, Rejected)
    assert second.code == "DB_DUPLICATE_KEY"
    assert ACCEPTED["project_no"] not in repr(second)


async def test_what_is_no_rows_or_for_another_table_is_rejected(
    national: Relay, context: Context, parcel: Parcels, parcel_of: Parcels
) -> None:
    async with opened(national, context) as sink:
        bodies = [b"", b"{}", b'{"rows":[]}', b'{"rows":[{"table":"t","row":{"a":[]}}]}', bytes(range(256))]
        codes = [await sink.send(parcel(body=body)) for body in bodies]
        foreign = await sink.send(parcel_of(("mysql.user", ACCEPTED)))

    assert all(isinstance(one, Rejected) and one.code == "NOT_ROWS" for one in codes)
    assert isinstance(foreign, Rejected)
    assert foreign.code == "TABLE_NOT_LISTED"


async def test_tables_that_change_while_it_runs_are_waited_for(
    national: Relay, context: Context, parcel_of: Parcels
) -> None:
    async with opened(national, context) as sink:
        await sink.send(parcel_of((TABLE, ACCEPTED)))
        await national.server.execute(f"alter table {TABLE} drop column legal")
        no_column = await sink.send(parcel_of((TABLE, {**ACCEPTED, "row_guid": "2", "legal": "x"})))
        await national.server.execute(f"alter table {TABLE} add legal integer")
        other_type = await sink.send(parcel_of((TABLE, {**ACCEPTED, "row_guid": "2", "legal": "x"})))
        number = await sink.send(parcel_of((TABLE, {**ACCEPTED, "row_guid": "2", "legal": "7"})))
        await national.server.execute(f"alter table {TABLE} rename to elsewhere")
        no_table = await sink.send(parcel_of((TABLE, {**ACCEPTED, "row_guid": "3"})))
        await national.server.execute(f"alter table elsewhere rename to {TABLE}")
        mended = await sink.send(parcel_of((TABLE, {**ACCEPTED, "row_guid": "3"})))

    assert isinstance(no_column, Unavailable)
    assert no_column.reason.startswith("NO_COLUMN")
    assert isinstance(other_type, Rejected)
    assert "legal" in other_type.detail
    assert number == mended == Delivered()
    assert isinstance(no_table, Unavailable)
    assert no_table.reason.startswith("NO_TABLE")


async def test_a_table_that_somebody_locks_is_tried_again_later(
    national: Relay, context: Context, parcel_of: Parcels
) -> None:
    async with opened(national, context, lock_seconds=1) as sink:
        await sink.send(parcel_of((TABLE, ACCEPTED)))
        await national.server.execute("begin")
        await national.server.execute(f"update {TABLE} set legal = 'x' where row_guid = %s", ACCEPTED["row_guid"])
        locked = await sink.send(parcel_of((TABLE, {**ACCEPTED, "legal": "y"}), timeout=10.0))
        other = await sink.send(parcel_of((TABLE, {**ACCEPTED, "row_guid": "2"}), timeout=10.0))
        await national.server.execute("rollback")
        after = await sink.send(parcel_of((TABLE, {**ACCEPTED, "legal": "y"}), timeout=10.0))

    assert isinstance(locked, Unavailable)
    assert locked.reason.startswith("LOCKED")
    assert other == after == Delivered()


async def test_an_answer_that_was_lost_is_found_by_the_key(
    national: Relay, context: Context, parcel_of: Parcels
) -> None:
    async with opened(national, context, idempotency="queryable") as sink:
        assert (await sink.query(str(ACCEPTED["row_guid"]))) == NotSeen()
        await national.behave(Behaviour.CUT)
        sent = await sink.send(parcel_of((TABLE, ACCEPTED)))
        await national.behave(Behaviour.ACCEPT)
        found = await sink.query(str(ACCEPTED["row_guid"]))
        promised = CONNECTOR.promises(
            CONNECTOR.config.model_validate({**national.address, "profile": "national_v3", "idempotency": "queryable"})
        )

    assert isinstance(sent, InDoubt)
    assert found == Delivered()
    assert promised.idempotency is Idempotency.QUERYABLE


async def test_a_key_that_is_not_unique_is_told_by_the_check(
    relay: Relay, context: Context, parcel_of: Parcels
) -> None:
    await relay.server.execute("create table bare (row_guid varchar(50), a varchar(10))")
    async with opened(relay, context, tables=["bare"], flag=None) as sink:
        checked = await sink.check()
    async with opened(relay, context, tables=["bare"], flag=None, idempotency="queryable") as sink:
        asked = await sink.check()
        sent = [await sink.send(parcel_of(("bare", {"row_guid": "1", "a": "1"}))) for _ in range(2)]

    assert isinstance(checked, Rejected)
    assert (checked.code, asked, sent) == ("NO_UNIQUE_KEY", Delivered(), [Delivered()] * 2)
    assert len(await relay.server.fetch("select * from bare")) == 1


@pytest.mark.parametrize("charset", ["utf8mb3", "gbk", "latin1"])
async def test_a_character_that_mariadb_lacks_is_rejected_with_its_column(
    charset: str, mariadb_server: Any, context: Context, parcel_of: Parcels
) -> None:
    await mariadb_server.execute(
        f"create table old (row_guid varchar(50) primary key, a varchar(20), b varchar(20)) character set {charset}"
    )
    relay = Relay(mariadb_server)
    await relay.listen()
    async with opened(relay, context, tables=["old"], flag=None) as sink:
        outcome = await sink.send(parcel_of(("old", {"row_guid": "1", "a": "plain", "b": "𠮷"})))
    await relay.hang_up()

    assert outcome == Rejected("DB_CHARACTER", "old.b")
    assert not await mariadb_server.fetch("select * from old")


async def test_a_character_that_a_gb2312_postgres_lacks_is_rejected_with_its_column(
    far_postgres: PrivatePostgres, context: Context, parcel_of: Parcels
) -> None:
    await far_postgres.execute("drop database if exists gb2312")
    await far_postgres.execute("create database gb2312 encoding 'EUC_CN' locale 'C' template template0")
    server = PostgresServer(far_postgres.dsn("gb2312"))
    await server.execute("create table old (row_guid varchar(50) primary key, a varchar(20), b varchar(20))")
    relay = Relay(server)
    await relay.listen()
    async with opened(relay, context, tables=["old"], flag=None) as sink:
        good = await sink.send(parcel_of(("old", {"row_guid": "1", "a": "王小明", "b": "x"})))
        outcome = await sink.send(parcel_of(("old", {"row_guid": "2", "a": "王", "b": "𠮷"})))
    await relay.hang_up()
    await server.close()

    assert good == Delivered()
    assert outcome == Rejected("DB_CHARACTER", "old.b")


async def test_a_server_that_is_killed_costs_time_only(
    mariadb: PrivateMariadb, mariadb_server: Any, context: Context, parcel_of: Parcels
) -> None:
    await mariadb_server.execute("create table t (row_guid varchar(50) primary key)")
    relay = Relay(mariadb_server)
    await relay.listen()
    async with opened(relay, context, tables=["t"], flag=None) as sink:
        before = await sink.send(parcel_of(("t", {"row_guid": "1"})))
        await mariadb.stop()
        during = await sink.send(parcel_of(("t", {"row_guid": "2"})))
        await mariadb.ensure_running()
        after = [await sink.send(parcel_of(("t", {"row_guid": "2"}))) for _ in range(2)]
    await relay.hang_up()

    assert before == Delivered()
    assert isinstance(during, Unavailable)
    assert after[-1] == Delivered()


async def test_a_server_that_only_reads_is_waited_for(
    postgres_server: PostgresServer, context: Context, parcel_of: Parcels
) -> None:
    await postgres_server.execute("create table t (row_guid varchar(50) primary key)")
    await postgres_server.execute(f"alter database {postgres_server.database} set default_transaction_read_only = on")
    relay = Relay(postgres_server)
    await relay.listen()
    async with opened(relay, context, tables=["t"], flag=None) as sink:
        outcome = await sink.send(parcel_of(("t", {"row_guid": "1"})))
    await relay.hang_up()

    assert isinstance(outcome, Unavailable)
    assert outcome.reason.startswith("READ_ONLY")


async def test_many_at_a_time_share_few_connections(national: Relay, context: Context, parcel_of: Parcels) -> None:
    async with opened(national, context, connections=2) as sink:
        outcomes = await asyncio.gather(
            *(sink.send(parcel_of((TABLE, {**ACCEPTED, "row_guid": f"r{n}"}), timeout=30.0)) for n in range(50))
        )
    assert set(outcomes) == {Delivered()}
    assert len(await national.server.fetch(f"select 1 from {TABLE}")) == 50


async def test_a_secret_that_is_not_there_is_named(national: Relay, context: Context, parcel_of: Parcels) -> None:
    async with opened(national, context, password_secret="nowhere") as sink:
        outcome = await sink.send(parcel_of((TABLE, ACCEPTED)))
    assert outcome == Unavailable("NO_SECRET: nowhere")
