# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A far side whose table is damaged: exactly what was dropped, altered and doubled is found by the reference that others follow.

The far side's rows stand in a database table as the province's do, and are counted by ``examples/reconciliation``, which knows
nothing of govhub. ``GOVHUB_ROWS`` makes it more rows than CI has time for.
"""

import asyncio
import io
import os
import re
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from contracts.contract import Checked
from contracts.families.fields import BEIJING
from contracts.families.oversight.reconciliation_counted import CONTRACT as MANIFEST
from contracts.families.oversight.reconciliation_counted import ReconciliationCounted
from contracts.reconciling.agreed import Agreed, AgreedField
from hub.ports.journal.reconciling import Reconciliation, Verdict
from hub.reconcile.agreement import Agreement, Agreements
from hub.reconcile.desk import Reconciling
from hub.reconcile.opening import reconciling_of
from tests.support.exchanged import CONTRACT, DESTINATION, FAR_TABLE, Exchange, record, write_far
from tests.support.hubs import Destination, hub_on
from tests.support.sinks import ScriptedSink

pytestmark = [
    pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session"),
    pytest.mark.timeout(600),
]

ROWS = int(os.environ.get("GOVHUB_ROWS", "10000"))
EXAMPLE = Path(__file__).parents[3] / "examples/reconciliation"
BEGIN = datetime(2026, 3, 2, 0, 5, tzinfo=BEIJING)
DAY = BEGIN.date()
EXCHANGE = Exchange(BEGIN, ROWS)
AGREEMENT = Agreement(
    name="sheng-shouli",
    title="省平台受理",
    agreed=Agreed(
        CONTRACT,
        EXCHANGE.contract.version,
        (
            AgreedField("department", ("department_code",)),
            AgreedField("accepted_at", ("decided_at",)),
            AgreedField("decision", ("decision",)),
        ),
    ),
    contract=EXCHANGE.contract,
    system=DESTINATION,
    destination=DESTINATION,
    latest=False,
    closes=timedelta(hours=2),
    timely=timedelta(hours=24),
)


class FarSide:
    """The reference, run as its users run it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.exchanged = 0

    async def count(self, connection: asyncpg.Connection) -> None:
        statement = (EXAMPLE / "rows.postgresql.sql").read_text(encoding="utf-8")
        (select,) = re.findall(r"COPY \((.*)\) TO STDOUT", statement, re.DOTALL)
        rows = io.BytesIO()
        query = select.replace(":'day'", f"'{DAY}'")
        await connection.copy_from_query(query, output=rows, format="csv", header=True)
        head = ("--agreement", AGREEMENT.name, "--contract", CONTRACT, "--version", str(AGREEMENT.agreed.version))
        sides = ("--day", str(DAY), "--from", "hub-1", "--to", DESTINATION)
        fields = [word for field in ("department", "accepted_at", "decision") for word in ("--field", field)]
        await self._run("count", *head, *sides, *fields, said=rows.getvalue())

    async def manifest(self, *open_: str) -> ReconciliationCounted:
        told = await self._run("manifest", *(word for name in open_ for word in ("--open", name)))
        self.exchanged += len(told)
        document: dict[str, Any] = orjson.loads(told)
        assert isinstance(MANIFEST.check(document, document["manifest_no"]), Checked)
        return ReconciliationCounted.model_validate(document)

    async def _run(self, command: str, *words: str, said: bytes = b"") -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(EXAMPLE / "far_side.py"), command, str(self.folder), *words,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, _ = await process.communicate(said)
        assert process.returncode == 0
        return told


async def until_known(desk: Reconciling, far: FarSide) -> Reconciliation:
    """Both sides talk until nothing more is wanted."""
    heard = await desk.hear(await far.manifest(), DESTINATION, "test")
    while isinstance(heard, Reconciliation) and heard.verdict is Verdict.LIST_WANTED:
        for start in range(0, len(heard.wanted), 200):
            told = await desk.hear(await far.manifest(*heard.wanted[start : start + 200]), DESTINATION, "test")
            assert isinstance(told, Reconciliation), told
        heard = told
    assert isinstance(heard, Reconciliation), heard
    return heard


async def test_exactly_the_damage_is_found(journal_dsn: str, tmp_path: Path) -> None:
    portion = max(ROWS // 1000, 1)
    chosen = [n * 7919 % ROWS for n in range(3 * portion)]
    dropped, altered, doubled = ({EXCHANGE.case(n) for n in chosen[i * portion : (i + 1) * portion]} for i in range(3))
    connection = await asyncpg.connect(journal_dsn)
    try:
        await record(connection, EXCHANGE)
        await connection.execute(FAR_TABLE)
        await write_far(connection, EXCHANGE)
        async with hub_on(journal_dsn, {DESTINATION: Destination(sink=ScriptedSink())}) as rig:
            desk = reconciling_of(replace(rig.hub, agreements=Agreements(all={AGREEMENT.name: AGREEMENT})))
            whole = FarSide(tmp_path / "whole")
            await whole.count(connection)
            counted = await desk.run(AGREEMENT.name, DAY, "test")
            assert isinstance(counted, Reconciliation), counted
            assert counted.root is not None
            assert counted.root.records == ROWS
            assert (await until_known(desk, whole)).verdict is Verdict.AGREED
            assert whole.exchanged < 2000

            one_of_them = "project_no = any($1::text[])"
            await connection.execute(f"delete from up_pro_accept where {one_of_them}", list(dropped))
            await connection.execute(
                f"update up_pro_accept set org_code = org_code || 'X' where {one_of_them}", list(altered)
            )
            await connection.execute(
                f"insert into up_pro_accept select * from up_pro_accept where {one_of_them}", list(doubled)
            )
            damaged = FarSide(tmp_path / "damaged")
            await damaged.count(connection)
            compared = await until_known(desk, damaged)
            found = await desk.differences(compared.id)
    finally:
        await connection.close()

    assert compared.verdict is Verdict.DIFFERS
    assert isinstance(found, list)
    by_kind: dict[str, set[str]] = {}
    for one in found:
        by_kind.setdefault(one.kind.value, set()).add(one.case)
    assert by_kind == {"missing_there": dropped, "differs": altered, "twice": doubled}
    assert len(found) == 3 * portion
