# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The rows of a case reach the province in lawful order: through outages, refusals, corrections and a restart of the hub."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk.far_side import Behaviour
from contracts.catalogue import builtin
from tests.connectors.far_database import MariadbServer, PostgresServer, Server
from tests.examples.province_front import ACCEPTANCE, COMPLETION, STEP, TABLES, UP, Front, front
from tests.support.mariadb import PrivateMariadb
from tests.support.postgres import PrivatePostgres

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

CASE, OTHER, THIRD = (f"510500-20260302-{number:06}" for number in (1, 2, 3))


@pytest.fixture(params=["postgresql", "mariadb"])
async def server(
    request: pytest.FixtureRequest, postgres: PrivatePostgres, mariadb: PrivateMariadb
) -> AsyncIterator[Server]:
    """The province's database, of either make."""
    found: Server = (
        PostgresServer(await postgres.fresh_database())
        if request.param == "postgresql"
        else MariadbServer(mariadb, await mariadb.fresh_database())
    )
    yield found
    await found.close()


async def whole_case(here: Front, case: str = CASE) -> list[str]:
    """Every record of a case, told in one go."""
    return [await here.told(contract, f"{case[-1]}-{number}", case) for number, contract in enumerate(UP)]


async def test_each_row_waits_until_the_one_before_was_taken(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is away when the records come: retries do not change the order."""
    async with front(tmp_path, dsn, server, monkeypatch) as here:
        await here.relay.behave(Behaviour.OUTAGE)
        messages = await whole_case(here)
        await here.told(ACCEPTANCE, "other-0", OTHER)
        await here.relay.behave(Behaviour.ACCEPT)
        for number, table in enumerate(TABLES):
            await here.until_there(CASE, *(1 if n <= number else 0 for n in range(len(TABLES))))
            if number == 0:
                await here.until_there(OTHER, 1, 0, 0, 0)
                assert await here.there(CASE) == (1, 0, 0, 0), "another case is not kept waiting, and this one is"
            await here.take(table)
        for message in messages:
            await here.delivery(message, "delivered")


async def test_a_corrected_record_goes_up_in_the_place_of_the_refused_one(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with front(tmp_path, dsn, server, monkeypatch) as here:
        first, *rest = await whole_case(here)
        await here.until_there(CASE, 1, 0, 0, 0)
        await here.take(TABLES[0], flag="3", code="E-07")

        dead = await here.delivery(first, "dead")
        assert dead["code"] == "FAR_E-07", "the sender is told what the province said"
        await here.told(ACCEPTANCE, "other-0", OTHER)
        await here.until_there(OTHER, 1, 0, 0, 0)
        assert await here.there(CASE) == (1, 0, 0, 0), "nothing builds on what was refused"

        unchanged = await here.told(STEP, "1-again", CASE, step_name="其他环节", record_version=2)
        corrected = await here.told(ACCEPTANCE, "1-0-corrected", CASE, record_version=2)
        await here.until_there(CASE, 2, 0, 0, 0)
        assert [row["cd_operation"] for row in await here.rows(TABLES[0], CASE)] == ["I", "U"]
        skipped = await here.delivery(first, "skipped")
        assert (skipped["code"], skipped["detail"]) == ("CORRECTED", f"FAR_E-07; message {corrected}")

        await here.take(TABLES[0])
        for number, table in enumerate(TABLES[1:], 1):
            await here.until_there(CASE, 2, *(1 if n <= number else 0 for n in range(1, len(TABLES))))
            await here.take(table)
        await here.until_there(CASE, 2, 2, 1, 1)
        await here.take(TABLES[1])
        for message in (corrected, *rest, unchanged):
            await here.delivery(message, "delivered")


async def test_what_the_database_itself_refuses_is_mended_in_its_place_too(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with front(tmp_path, dsn, server, monkeypatch) as here:
        await server.refuse(TABLES[0], so=True)
        first = await here.told(ACCEPTANCE, "1-0", CASE)
        step = await here.told(STEP, "1-1", CASE)
        dead = await here.delivery(first, "dead")
        assert dead["code"].startswith("DB_")
        await server.refuse(TABLES[0], so=False)
        same = await here.told(ACCEPTANCE, "1-0-other", CASE, handler="另一经办人（测试）")
        await here.told(ACCEPTANCE, "third-0", THIRD)
        await here.until_there(THIRD, 1, 0, 0, 0)
        assert await here.there(CASE) == (0, 0, 0, 0), "the same version is no correction"
        await here.delivery(same, "waiting")

        corrected = await here.told(ACCEPTANCE, "1-0-corrected", CASE, record_version=2)
        await here.until_there(CASE, 1, 0, 0, 0)
        await here.take(TABLES[0])
        await here.delivery(corrected, "delivered")
        await here.until_there(CASE, 1, 1, 0, 0)
        await here.take(TABLES[1])
        await here.delivery(step, "delivered")


async def test_a_row_that_was_taken_while_the_hub_was_away_lets_the_case_go_on(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def soon(deployment: dict[str, Any]) -> None:
        deployment["destinations"]["province"]["settings"]["answer_within"] = 1
        deployment["destinations"]["province"]["ask"] = {"first_seconds": 0.1, "longest_seconds": 0.5}

    async with front(tmp_path, dsn, server, monkeypatch, soon) as here:
        first = await here.told(ACCEPTANCE, "1-0", CASE)
        step = await here.told(STEP, "1-1", CASE)
        await here.delivery(first, "accepted")
    await server.execute(f"update {TABLES[0]} set is_sync = '1'")
    async with front(tmp_path, dsn, server, monkeypatch, soon) as here:
        await here.delivery(first, "delivered")
        await here.until_there(CASE, 1, 1, 0, 0)
        await here.take(TABLES[1])
        await here.delivery(step, "delivered")


async def test_an_error_handed_down_goes_to_the_case_and_its_sender(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a table of errors that two destinations look into, with somebody's number in its words."""
    async with front(tmp_path, dsn, server, monkeypatch) as here:
        message = await here.told(COMPLETION, "1-2", CASE)
        (row,) = await here.until(lambda: here.rows(TABLES[2], CASE), lambda found: len(found) == 1)
        await here.server.execute(
            "insert into dn_data_error (row_guid, error_code, error_msg) values (%s, 'E-12', %s), ('nobody', 'E-13', 'x')",
            row["row_guid"],
            "证件号 99000019900101005X 校验不通过",
        )
        dead = await here.delivery(message, "dead")
        assert (dead["code"], dead["detail"]) == ("FAR_E-12", "证件号 … 校验不通过")
        _, case = await here.house.get(f"/v1/cases/{CASE}", "housing")
        (told,) = (one for one in case["messages"] if one["message"] == message)
        assert [one["code"] for one in told["deliveries"] if one["destination"] == "province"] == ["FAR_E-12"]
        status, _ = await here.house.get(f"/v1/messages/{message}", "history")
        assert status == 404, "whom it does not concern is not told"

        async def flags() -> list[str]:
            found = await here.server.fetch("select is_sync from dn_data_error order by id")
            return [one["is_sync"] for one in found]

        assert await here.until(flags, lambda found: found[0] != "0") == ["1", "0"], (
            "the second is nobody's, as it seems"
        )


async def test_local_addresses_are_written_back_to_the_item_and_the_portal_hears_that_they_were_taken(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with front(tmp_path, dsn, server, monkeypatch) as here:
        known = builtin().versions("cn.gov.item.address")[0]
        item = "1151050200000000084000131014000"
        messages = []
        for number, path in enumerate(("old", "new")):
            address = [{"channel": "2", "url": f"https://apply.example.gov.cn/{path}"}]
            said = {
                "specversion": "1.0",
                "id": f"address-{number}",
                "source": "portal",
                "type": known.type,
                "subject": item,
                "dataschema": known.schema_uri,
                "data": {**known.examples[0].data, "item_code": item, "addresses": address},
            }
            status, _, answer = await here.house.send(said, "portal")
            assert status == 202, answer
            messages.append(str(answer["message"]))

        async def written() -> list[str]:
            found = await here.server.fetch("select addresses from up_task_address_v4 order by seq")
            return [str(one["addresses"]) for one in found]

        (first,) = await here.until(written, lambda found: len(found) == 1)
        assert "/old" in first
        await here.take("up_task_address_v4")
        await here.delivery(messages[0], "delivered", "portal")
        _, second = await here.until(written, lambda found: len(found) == 2)
        assert "/new" in second
        await here.take("up_task_address_v4", flag="3", code="ITEM_UNKNOWN")
        dead = await here.delivery(messages[1], "dead", "portal")
        assert dead["code"] == "FAR_ITEM_UNKNOWN"
