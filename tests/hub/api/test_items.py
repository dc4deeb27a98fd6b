# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Items from the province to the portal: told on when they change, pulled by whoever asks, reported to operators."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from certs.api_key import digest_of
from contracts.catalogue import builtin
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from hub.ports.journal.cataloguing import Ledger
from hub.workers.watching import Watcher
from tests.hub.api.house import House, bearer, key_of, open_house
from tests.hub.api.test_description import holds
from tests.support.item_arrivals import DIRECTORY, item_data

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

_CONFIG = """\
hub: {{name: hub-1, data: data}}
journal: {journal}
bus: memory
partitions: 2
systems:
  province: {{keys: ["{province}"], sends: [cn.gov.item.directory], any_case: true}}
  portal: {{keys: ["{portal}"], sends: [cn.gov.item.address]}}
  catalogue: {{sends: [cn.gov.item.directory]}}
operators:
  watcher: {{keys: ["{watcher}"]}}
destinations:
  portal: {{system: portal, connector: mailbox}}
  items: {{system: catalogue, connector: mailbox}}
  province: {{system: province, connector: mailbox}}
items: {{inbox: items, full: {{begins: "00:00", ends: "00:00"}}}}
routes: routes.yaml
"""
_ROUTES = """\
version: 1
routes:
  - {{name: down, when: {{contract: cn.gov.item.directory, source: province}}, to: [items]}}
  - {{name: changes, when: {{contract: cn.gov.item.directory, source: {told}}}, to: [portal]}}
  - {{name: addresses, when: {{contract: cn.gov.item.address, source: portal}}, to: [province]}}
"""


def write(folder: Path, journal: str, told: str = "catalogue") -> Loaded:
    keys = {name: digest_of(key_of(name)) for name in ("province", "portal", "watcher")}
    (folder / "routes.yaml").write_text(_ROUTES.format(told=told))
    (folder / "govhub.yaml").write_text(_CONFIG.format(journal=journal, **keys))
    loaded = load_deployment(folder / "govhub.yaml")
    assert isinstance(loaded, Loaded), loaded
    return loaded


@pytest.fixture
async def town(dsn: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(write(tmp_path, dsn), Limits()) as house:
        yield house


async def come(house: House, code: str, version: int = 1, **changes: Any) -> None:
    """The province sends this version."""
    data = item_data(code, version, **changes)
    event = {
        "specversion": "1.0",
        "id": f"{code}-{version}-{hashlib.sha256(orjson.dumps(data)).hexdigest()[:8]}-{changes.get('change_reason', '')}",
        "source": "province",
        "type": DIRECTORY,
        "subject": code,
        "dataschema": builtin().versions(DIRECTORY)[0].schema_uri,
        "data": data,
    }
    status, _, answer = await house.send(event, "province")
    assert status == 202, answer


async def fetched(house: House, count: int) -> list[tuple[str, int, str]]:
    """What the portal is told, acknowledged one by one so that its lanes go on."""
    told: list[tuple[str, int, str]] = []
    async with asyncio.timeout(20):
        while len(told) < count:
            status, fetch = await house.fetch("portal")
            if status != 200:
                continue
            told += [
                (one["event"]["subject"], one["event"]["data"]["item_version"], one["event"]["source"])
                for one in fetch["messages"]
            ]
            results = [{"delivery": one["delivery"], "outcome": "delivered"} for one in fetch["messages"]]
            async with house.http.post(
                f"{house.url}/v1/mailbox/portal/ack",
                json={"lease": fetch["lease"], "results": results},
                headers=bearer("portal"),
            ) as answer:
                assert answer.status == 200
    return told


async def taken_in(house: House, heard: int) -> dict[str, Any]:
    """The run, once so many items were heard in it."""
    async with asyncio.timeout(20):
        while True:
            _, runs = await house.get("/v1/item-runs", "watcher")
            if sum(one["heard"] for one in runs["runs"]) >= heard:
                run: dict[str, Any] = runs["runs"][0]
                return run
            await asyncio.sleep(0.05)  # the answer to a question has no signal


async def test_changes_are_told_in_the_order_of_versions_and_nothing_else_is(town: House) -> None:
    await come(town, "A", 1)
    await come(town, "A", 3, item_name="三")
    await come(town, "A", 2, item_name="二")
    await come(town, "B", 1, effective_on="2099-01-01")
    told = await fetched(town, 3)
    assert sorted(told) == [("A", 1, "catalogue"), ("A", 3, "catalogue"), ("B", 1, "catalogue")]
    run = await taken_in(town, 4)
    assert run["kind"] == "full"
    assert run["counts"] == {"added": 2, "changed": 1, "late": 1, "coming": 1}
    _, description = await town.get("/openapi.json", "watcher")
    _, report = await town.get(f"/v1/item-runs/{run['run']}", "watcher")
    holds(description, "ItemReport", report)
    assert {(one["verdict"], one["code"], one["version"]) for one in report["findings"]} == {
        ("added", "A", 1),
        ("changed", "A", 3),
        ("late", "A", 2),
        ("added", "B", 1),
    }
    assert [one["fields"] for one in report["findings"] if one["verdict"] == "changed"] == [
        ["item_name", "item_version"]
    ]
    _, runs = await town.get("/v1/item-runs?limit=1", "watcher")
    holds(description, "ItemRuns", runs)


async def test_a_newcomer_takes_a_snapshot_and_pulls_from_there(town: House) -> None:
    await come(town, "A", 1)
    await come(town, "B", 1)
    await fetched(town, 2)
    async with town.http.get(f"{town.url}/v1/items/snapshot", headers=bearer("portal")) as answer:
        assert answer.content_type == "application/x-ndjson"
        *lines, last = (await answer.read()).splitlines(keepends=True)
    assert orjson.loads(last)["digest"] == f"sha256:{hashlib.sha256(b''.join(lines)).hexdigest()}"
    assert [orjson.loads(line)["code"] for line in lines[1:]] == ["A", "B"]
    version = orjson.loads(lines[0])["version"]

    path = f"{town.url}/v1/items?since={version}"
    async with town.http.get(path, headers=bearer("portal")) as answer:
        page, tag = await answer.json(), answer.headers["ETag"]
    assert page == {"version": 2, "items": [], "next": None}
    async with town.http.get(path, headers={**bearer("portal"), "If-None-Match": tag}) as answer:
        assert answer.status == 304
    await come(town, "A", 2, item_name="二")
    await fetched(town, 1)
    async with town.http.get(path, headers={**bearer("portal"), "If-None-Match": tag}) as answer:
        page = await answer.json()
    _, description = await town.get("/openapi.json", "watcher")
    holds(description, "ItemChanges", page)
    assert [(one["change"], one["code"], one["version"]) for one in page["items"]] == [(3, "A", 2)]
    _, first = await town.get("/v1/items?since=0&limit=2")
    assert ([one["change"] for one in first["items"]], first["next"]) == ([1, 2], 2)


async def test_who_may_ask_and_what_is_no_number(town: House) -> None:
    assert (await town.get("/v1/items?since=x"))[0] == 400
    assert (await town.get("/v1/items", "nobody"))[0] == 401
    assert (await town.get("/v1/item-runs", "portal"))[0] in {401, 403}
    assert await town.get("/v1/item-runs/never", "watcher") == (200, {"findings": [], "next": None})


async def test_without_a_catalogue_there_is_nothing_to_ask_for(dsn: str, tmp_path: Path) -> None:
    write(tmp_path, dsn)
    file = tmp_path / "govhub.yaml"
    file.write_text(re.sub("^items:.*$", "", file.read_text(), flags=re.MULTILINE))
    loaded = load_deployment(file)
    assert isinstance(loaded, Loaded), loaded
    async with open_house(loaded, Limits()) as house:
        assert (await house.get("/v1/items"))[1]["code"] == "E_NOT_FOUND"
        assert (await house.get("/v1/items/snapshot"))[1]["code"] == "E_NOT_FOUND"


async def test_addresses_are_written_back_to_the_item_that_came_down_with_a_receipt(town: House) -> None:
    contract = builtin().versions("cn.gov.item.address")[0]
    data = {**contract.examples[0].data, "item_code": "000131014000"}
    await come(town, data["item_code"])
    await fetched(town, 1)
    event = {
        "specversion": "1.0",
        "id": "address-1",
        "source": "portal",
        "type": contract.type,
        "subject": data["item_code"],
        "dataschema": contract.schema_uri,
        "data": data,
    }
    status, _, receipt = await town.send(event)
    assert status == 202, receipt
    status, fetch = await town.fetch("province")
    assert [one["event"]["data"] for one in fetch["messages"]] == [data]
    result = {"delivery": fetch["messages"][0]["delivery"], "outcome": "delivered", "receipt": "SJ-1"}
    async with town.http.post(
        f"{town.url}/v1/mailbox/province/ack",
        json={"lease": fetch["lease"], "results": [result]},
        headers=bearer("province"),
    ) as answer:
        assert answer.status == 200
    _, message = await town.get("/v1/messages/address-1?by=id")
    (delivery,) = message["deliveries"]
    assert (delivery["destination"], delivery["state"], delivery["reference"]) == ("province", "delivered", "SJ-1")


async def test_lateness_is_a_concern_and_a_metric(town: House) -> None:
    await come(town, "A")
    await fetched(town, 1)
    hub = town.hub
    long_ago = hub.clock.now() - timedelta(hours=27)
    quiet = replace(hub, catalogue=replace(hub.catalogue, ledger=Ledger(1, long_ago, long_ago, hub.clock.now())))
    await Watcher(quiet).look()
    assert [one.what for one in quiet.health.concerns] == ["items"]
    async with town.http.get(f"{town.url}/metrics", headers=bearer("watcher")) as answer:
        figures = await answer.text()
    assert "govhub_items_version 1.0" in figures
    assert "govhub_items_late 0.0" in figures


async def test_a_change_that_no_route_takes_is_dead_in_the_inbox_and_still_pulled(dsn: str, tmp_path: Path) -> None:
    async with open_house(write(tmp_path, dsn, told="portal"), Limits()) as house:
        await come(house, "A")
        await taken_in(house, 1)
        async with asyncio.timeout(20):
            while True:
                _, found = await house.get("/v1/dead", "watcher")
                if found["groups"]:
                    break
                await asyncio.sleep(0.05)  # the answer to a question has no signal
        assert "UNTOLD_" in orjson.dumps(found).decode()
        _, page = await house.get("/v1/items")
        assert [one["code"] for one in page["items"]] == ["A"]
