# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub reconcile`` on a journal, with the far side's manifests as files."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner, Result

from contracts.families.fields import BEIJING
from hub.app import agreements_for
from hub.cli.main import app
from hub.config.load import Loaded, load_deployment
from tests.support.exchanged import Exchange, record
from tests.support.far_counts import FarCount

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

BEGIN = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
DAY = "2026-03-02"
CONFIG = """\
journal: DSN
systems: {housing: {}, province: {}}
destinations: {province: {system: province, connector: mailbox}}
secrets: {statements: "file:key.pem"}
reconciliation:
  key: statements
  agreements: {shouli: {contract: cn.gov.acceptance.decided, destination: province}}
"""


@pytest.fixture
async def config(journal_dsn: str, tmp_path: Path) -> Path:
    routes = "version: 1\nroutes:\n  - {name: all, when: {}, to: [province]}\n"
    (tmp_path / "routes.yaml").write_text(routes, encoding="utf-8")
    (tmp_path / "key.pem").write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    file = tmp_path / "govhub.yaml"
    file.write_text(CONFIG.replace("DSN", journal_dsn), encoding="utf-8")
    connection = await asyncpg.connect(journal_dsn)
    await record(connection, Exchange(BEGIN, 40))
    await connection.close()
    return file


async def run(config: Path, *words: str) -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, ["reconcile", *words, "-c", str(config)]))


async def json(config: Path, *words: str) -> Any:
    told = await run(config, *words, "--json")
    return orjson.loads(told.stdout)


def far_of(config: Path, *lines: bytes) -> FarCount:
    loaded = load_deployment(config)
    assert isinstance(loaded, Loaded)
    agreement = agreements_for(loaded).all["shouli"]
    return FarCount(agreement=agreement, day=BEGIN.date(), counted_at=BEGIN.replace(day=4), lines=lines)


async def test_from_counting_to_the_statement(config: Path, tmp_path: Path) -> None:
    counted = await json(config, "run", "shouli", DAY)
    assert (counted["state"], counted["records"]["count"]) == ("counted", 40)
    assert "shouli" in (await run(config, "show")).stdout
    ours = orjson.loads((await run(config, "manifest", counted["reconciliation"], "--node", "")).stdout)
    assert ours["count"] == 40

    far = far_of(config)
    said = tmp_path / "far.json"
    said.write_bytes(orjson.dumps(far.document()))
    drilled = await json(config, "drill", counted["reconciliation"], "--far", str(said))
    assert (drilled["verdict"], len(drilled["found"])) == ("differs", 40)
    assert "510500-20260302-000007" in (await run(config, "drill", counted["reconciliation"])).stdout
    proposed = await json(config, "propose", counted["reconciliation"])
    assert (proposed["would"], proposed["left"]) == (40, {})
    unasked = await run(config, "apply", counted["reconciliation"], "--reason", "lost", "--json")
    assert unasked.exit_code == 2
    applied = await json(config, "apply", counted["reconciliation"], "--reason", "lost", "--yes", "--request", "r1")
    assert (applied["state"], applied["counts"]) == ("running", {"pending": 40})
    out = tmp_path / "statement"
    stated = await run(config, "statement", counted["reconciliation"], "--out", str(out))
    assert orjson.loads(stated.stdout)["verdict"] == "differs"
    assert out.with_suffix(".json").read_bytes() == stated.stdout.rstrip("\n").encode()
    assert out.with_suffix(".sig").stat().st_size > 60
    cards = await json(config, "scorecard", "--since", DAY, "--until", "2026-03-03")
    assert [(one["system"], one["completeness"]) for one in cards["cards"]] == [("province", 0.0)]
    assert "province" in (await run(config, "scorecard", "--since", DAY, "--until", "2026-03-03")).stdout


async def test_what_is_wrong_names_the_file_and_the_place(config: Path, tmp_path: Path) -> None:
    said = tmp_path / "far.json"
    for octets, told in (
        (b"{", "far.json"),
        (orjson.dumps({**far_of(config).document(), "digest": "X"}), "$.data.digest"),
        (
            orjson.dumps(replace(far_of(config), day=BEGIN.date().replace(day=1)).document()),
            "E_RECONCILIATION_UNCOUNTED",
        ),
    ):
        said.write_bytes(octets)
        refused = await run(config, "run", "shouli", DAY, "--far", str(said))
        assert refused.exit_code in {1, 2}
        assert told in refused.output
    assert "far.json" in (await run(config, "run", "shouli", DAY, "--far", str(tmp_path / "none" / "far.json"))).output
    assert (await run(config, "run", "other", DAY)).exit_code == 1
    assert (await run(config, "run", "shouli", "2999-01-01")).exit_code == 1
