# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of a front database through a whole hub: taken by the site's map, delivered, and each one's fate beside it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import structlog

from connectors.front_db import CONNECTOR
from connectors.front_db.profiles import ddl
from connectors.sdk import Context
from connectors.sdk.session import open_session
from contracts.catalogue import builtin
from contracts.dialects.loading import Dialects, load_dialects
from hub.inlet import Inlet
from tests.connectors.far_database import PASSWORD, MariadbServer
from tests.connectors.front_db.conftest import statements
from tests.support.hubs import Destination, at_work, hub_on
from tests.support.mariadb import PrivateMariadb
from tests.support.sinks import ScriptedSink

_MAP = Path(__file__).parents[2] / "examples/sites/river_city.yaml"
_INSERT = (
    "insert into up_pro_result_v4 (row_guid, cd_operation, cd_time, project_no, result_date, result_type, result_cetr_name, "
    "is_delivery_results) values (%s, 'I', '2026-03-05 10:00:05', %s, '2026-03-05 10:00:00', %s, %s, '0')"
)


async def test_good_rows_arrive_and_wrong_ones_are_answered(dsn: str, mariadb: PrivateMariadb) -> None:
    front = MariadbServer(mariadb, await mariadb.fresh_database())
    for statement in statements(ddl("national_v4", "mysql")):
        await front.execute(statement)
    rows = [("r1", "case-1", "1", "许可证"), ("r2", "case-2", "zz", "许可证"), ("r3", "case-1", "1", "许可证𠮷")]
    for row in rows:
        await front.execute(_INSERT, *row)
    dialects = load_dialects({"river": _MAP}, builtin())
    assert isinstance(dialects, Dialects), dialects
    settings = {
        "url": f"mariadb://127.0.0.1:{front.port}/{front.database}",
        "user": front.user,
        "password_secret": "front",
        "profile": "national_v4",
        "poll_seconds": 0.05,
    }
    sink = ScriptedSink()
    spoken = {"portal": (dialects.by_name["river"],)}
    async with open_session() as http, hub_on(dsn, {"housing": Destination(sink=sink)}, dialects=spoken) as rig:
        context = Context(
            destination="front",
            http=http,
            log=structlog.get_logger(),
            secret=lambda _: PASSWORD,
            monotonic=asyncio.get_running_loop().time,
        )
        async with CONNECTOR.source(CONNECTOR.source_config.model_validate(settings), context) as source:
            inlet = Inlet(name="front", system="portal", source=source, log=rig.hub.log, body_bytes=100_000)
            async with at_work(replace(rig.hub, inlets={"front": inlet})):
                await rig.until_settled(2)
                async with asyncio.timeout(30):
                    while await front.fetch("select 1 from up_pro_result_v4 where is_sync = '0'"):  # noqa: ASYNC110  # nobody tells
                        await asyncio.sleep(0.05)
    told = await front.fetch(
        "select row_guid, is_sync, error_code, error_reason from up_pro_result_v4 order by row_guid"
    )
    await front.close()

    assert [one.attributes["subject"] for one in sink.arrived] == ["case-1", "case-1"]
    assert [(one["row_guid"], one["is_sync"], one["error_code"]) for one in told] == [
        ("r1", "1", None),
        ("r2", "3", "E_DIALECT_INVALID"),
        ("r3", "1", None),
    ]
    assert "$.result_type" in told[1]["error_reason"]
    assert "zz" not in told[1]["error_reason"]
