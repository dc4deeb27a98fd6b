# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciling through the API, as an operator and as the counterparty with the reference that others follow."""

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from certs.api_key import digest_of
from contracts.families.fields import BEIJING
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from hub.workers.reconciling import reconcile_once
from tests.hub.api.house import House, bearer, key_of, open_house
from tests.hub.api.test_description import holds
from tests.support.exchanged import CONTRACT, Exchange, record

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

DAY = "2026-03-02"
EXCHANGE = Exchange(datetime(2026, 3, 2, 9, tzinfo=BEIJING), 300)
EXAMPLE = Path(__file__).parents[3] / "examples/reconciliation/far_side.py"
_CONFIG = """\
hub: {{name: hub-1, data: data}}
journal: {journal}
systems:
  housing: {{keys: ["{housing}"], sends: ["*"]}}
  province: {{keys: ["{province}"]}}
operators:
  watcher: {{keys: ["{watcher}"]}}
  keeper: {{keys: ["{keeper}"], may: [act]}}
destinations: {{province: {{system: province, connector: mailbox}}}}
secrets: {{statements: "file:key.pem"}}
reconciliation:
  daily: false
  key: statements
  agreements:
    sheng-shouli:
      contract: cn.gov.acceptance.decided
      destination: province
      fields: {{department: department_code, decision: {{at: decision, codes: {{accepted: "1"}}}}}}
"""


@pytest.fixture
async def exchanged(dsn: str, tmp_path: Path) -> AsyncIterator[House]:
    """A hub that delivered 300 messages to the province on one day."""
    (tmp_path / "routes.yaml").write_text(
        f"version: 1\nroutes:\n  - {{name: all, when: {{contract: {CONTRACT}}}, to: [province]}}\n"
    )
    (tmp_path / "key.pem").write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    keys = {name: digest_of(key_of(name)) for name in ("housing", "province", "watcher", "keeper")}
    (tmp_path / "govhub.yaml").write_text(_CONFIG.format(journal=dsn, **keys))
    loaded = load_deployment(tmp_path / "govhub.yaml")
    assert isinstance(loaded, Loaded), loaded
    async with open_house(loaded, Limits()) as house:
        connection = await asyncpg.connect(dsn)
        await record(connection, EXCHANGE)
        await connection.close()
        yield house


async def post(house: House, path: str, body: Any, who: str = "keeper") -> tuple[int, Any]:
    async with house.http.post(f"{house.url}{path}", json=body, headers=bearer(who)) as answer:
        return answer.status, await answer.json(content_type=None)


def rows(*, without: int) -> bytes:
    """The province's rows as CSV, one of them lost."""
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(["case_no", "department", "decision"])
    department = EXCHANGE.contract.examples[0].data["department_code"]
    writer.writerows([EXCHANGE.case(n), department, "1"] for n in EXCHANGE.numbers() if n != without)
    return told.getvalue().encode()


async def far_side(*words: str, said: bytes = b"") -> tuple[int | None, bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLE), *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate(said)
    return process.returncode, told


async def test_a_day_from_the_first_question_to_the_statement(exchanged: House, tmp_path: Path) -> None:
    house = exchanged
    _, description = await house.get("/openapi.json", "watcher")
    status, asked = await post(house, "/v1/reconciliations", {"agreement": "sheng-shouli", "day": DAY})
    assert (status, asked["state"]) == (202, "counting")
    await reconcile_once(house.hub, 0)
    path = f"/v1/reconciliations/{asked['reconciliation']}"
    _, counted = await house.get(path, "watcher")
    assert (counted["state"], counted["records"]["count"], counted["verdict"]) == ("counted", 300, "")
    assert (await house.get(f"{path}/proposal", "watcher"))[1]["code"] == "E_RECONCILIATION_UNFINISHED"

    folder = str(tmp_path / "far")
    count = ("count", folder, "--agreement", "sheng-shouli", "--contract", CONTRACT, "--version", "2", "--day", DAY)
    fields = ("--from", "hub-1", "--to", "province", "--field", "department", "--field", "decision")
    assert (await far_side(*count, *fields, said=rows(without=17)))[0] == 0
    code, told = await far_side("talk", folder, "--hub", house.url, "--key", key_of("province"))
    heard = orjson.loads(told)
    holds(description, "ReconciliationDocument", heard)
    assert (code, heard["verdict"], heard["differences"]) == (1, "differs", {"missing_there": 1})

    _, found = await house.get(f"{path}/differences?kind=missing_there", "watcher")
    holds(description, "Differences", found)
    assert [one["case"] for one in found["differences"]] == [EXCHANGE.case(17)]
    _, proposal = await house.get(f"{path}/proposal", "watcher")
    holds(description, "Proposal", proposal)
    assert (proposal["would"], proposal["left"]) == (1, {})
    status, replay = await post(house, f"{path}/repush", {"request": "r1", "reason": "the province lost it"})
    assert (status, replay["actor"]) == (202, "keeper")
    status, stated = await post(house, f"{path}/statement", {})
    holds(description, "StatementDocument", stated)
    assert status == 200
    status, fetch = await house.fetch("province", wait=10)
    assert (status, len(fetch["messages"])) == (200, 1), "it is there to be fetched once more"
    assert fetch["messages"][0]["event"]["subject"] == EXCHANGE.case(17)
    _, cards = await house.get(f"/v1/scorecards?since={DAY}&until=2026-03-03", "watcher")
    holds(description, "Scorecard", cards)
    assert [(one["system"], one["completeness"]) for one in cards["cards"]] == [("province", round(299 / 300, 6))]
    _, listed = await house.get("/v1/reconciliations?agreement=sheng-shouli&limit=1", "watcher")
    holds(description, "Reconciliations", listed)
    assert listed["reconciliations"][0]["stated"] is True


async def test_what_is_wrong_is_told_and_others_see_nothing(exchanged: House) -> None:
    house = exchanged
    asking = {"agreement": "sheng-shouli", "day": DAY}
    tomorrow = str(house.hub.clock.now().astimezone(BEIJING).date())
    assert (await post(house, "/v1/reconciliations", {**asking, "day": tomorrow}))[1][
        "code"
    ] == "E_RECONCILIATION_DAY_OPEN"
    assert (await post(house, "/v1/reconciliations", {**asking, "agreement": "other"}))[0] == 404
    assert (await post(house, "/v1/reconciliations", {**asking, "day": "soon"}))[1]["code"] == "E_BODY_INVALID"
    assert (await post(house, "/v1/reconciliations", asking, "watcher"))[1]["code"] == "E_RIGHT_MISSING"
    number = "DZ-sheng-shouli-20260302"
    assert (await house.get(f"/v1/manifests/{number}", "province"))[1]["code"] == "E_RECONCILIATION_UNCOUNTED"
    await post(house, "/v1/reconciliations", asking)
    await reconcile_once(house.hub, 0)

    status, manifest = await house.get(f"/v1/manifests/{number}", "province")
    assert (status, manifest["count"], len(manifest["nodes"])) == (200, 300, 16)
    assert (await house.get(f"/v1/manifests/{number}", "housing"))[0] == 404
    for name in ("nothing", "DZ-sheng-shouli-20261399", "DZ-other-20260302"):
        assert (await house.get(f"/v1/manifests/{name}", "province"))[0] == 404
    assert (await house.get(f"/v1/manifests/{number}?node=xyz", "province"))[1]["code"] == "E_QUERY_INVALID"
    theirs = {**manifest, "declared_by": "receiver", "nodes": [], "count": 299}
    assert (await post(house, "/v1/manifests", {**theirs, "wanted": ["xyz"]}, "province"))[0] == 422
    assert (await post(house, "/v1/manifests", theirs, "housing"))[0] == 404
    huge = {**theirs, "nodes": [{"name": "a", "count": 1, "digest": "0" * 64}] * 5000}
    assert (await post(house, "/v1/manifests", huge, "province"))[0] == 422
    status, heard = await post(house, "/v1/manifests", theirs, "province")
    assert (status, heard["verdict"], heard["wanted"]) == (200, "list_wanted", [""])
    assert (await post(house, "/v1/manifests", {**theirs, "count": 298}, "province"))[1][
        "code"
    ] == "E_RECONCILIATION_CONTRADICTS"
    _, one = await house.get("/v1/reconciliations", "watcher")
    path = f"/v1/reconciliations/{one['reconciliations'][0]['reconciliation']}"
    assert (await house.get(f"{path}/differences?kind=odd", "watcher"))[1]["code"] == "E_QUERY_INVALID"
    assert (await house.get("/v1/reconciliations/none", "watcher"))[0] == 404
    assert (await house.get("/v1/reconciliations?before=none", "watcher"))[1]["code"] == "E_QUERY_INVALID"
    assert (await house.get("/v1/scorecards?since=2026-01-01", "watcher"))[1]["code"] == "E_QUERY_INVALID"
