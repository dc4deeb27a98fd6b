# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A package and a consultation, in the example's own deployment and a running hub."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from certs.api_key import digest_of
from contracts.catalogue import builtin
from hub.config.load import load_deployment
from tests.house.tree import ROOT
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

EXAMPLE = ROOT / "examples/package"
FOOD, FIRE = "115105020000000008", "115105020000000270"


def bearer(system: str) -> dict[str, str]:
    return {"Authorization": f"Bearer ghk_made-up-key-of-{system}"}


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcess]:
    folder = tmp_path_factory.mktemp("package")
    deployment = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text(encoding="utf-8"))
    for name, system in deployment["systems"].items():
        system["keys"] = [digest_of(f"ghk_made-up-key-of-{name}")]
    async with PrivatePostgres(find_postgres(15)) as postgres:
        deployment |= {"hub": {"listen": "127.0.0.1:0"}, "journal": await postgres.fresh_database()}
        (folder / "govhub.yaml").write_text(yaml.safe_dump(deployment, allow_unicode=True), encoding="utf-8")
        (folder / "routes.yaml").write_bytes((EXAMPLE / "routes.yaml").read_bytes())
        running = HubProcess(folder / "govhub.yaml")
        await running.start()
        try:
            yield running
        finally:
            assert await running.stop() == 0, running.log()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def send(http: aiohttp.ClientSession, hub: HubProcess, event: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/cloudevents+json", **bearer(event["source"])}
    async with http.post(f"{hub.url}/v1/messages", json=event, headers=headers) as answer:
        assert answer.status == 202, await answer.text()


def said(contract: str, source: str, case: str, **changes: Any) -> dict[str, Any]:
    known = builtin().versions(contract)[0]
    data = {**known.examples[0].data, known.subject: case, **changes}
    envelope = {"specversion": "1.0", "id": f"{source}-{contract}-{case}", "source": source, "type": contract}
    return {**envelope, "subject": case, "dataschema": known.schema_uri, "data": data}


async def fetched(http: aiohttp.ClientSession, hub: HubProcess, system: str, count: int) -> list[dict[str, Any]]:
    """The next events of a mailbox, acknowledged."""
    events: list[dict[str, Any]] = []
    while len(events) < count:
        async with http.get(f"{hub.url}/v1/mailbox/{system}?wait=30", headers=bearer(system)) as answer:
            assert answer.status == 200, f"{system} waits in vain after {[one['type'] for one in events]}"
            lent = await answer.json()
        events += [message["event"] for message in lent["messages"]]
        done = [{"delivery": message["delivery"], "outcome": "delivered"} for message in lent["messages"]]
        ack = {"lease": lent["lease"], "results": done}
        async with http.post(f"{hub.url}/v1/mailbox/{system}/ack", json=ack, headers=bearer(system)) as answer:
            assert answer.status == 200, await answer.text()
    return events


async def test_a_package_goes_to_two_departments_one_after_the_other(
    http: aiohttp.ClientSession, hub: HubProcess
) -> None:
    event = json.loads((EXAMPLE / "package.json").read_text(encoding="utf-8"))
    no = event["subject"]
    await send(http, hub, event)
    (first,) = await fetched(http, hub, "food", 1)
    (divided,) = await fetched(http, hub, "portal", 1)
    assert first["subject"] == f"{no}-01"
    assert [one["case_no"] for one in divided["data"]["parts"]] == [f"{no}-01", f"{no}-02"]

    await send(http, hub, said("cn.gov.completion.decided", "food", f"{no}-01"))
    (second,) = await fetched(http, hub, "fire", 1)
    assert (second["subject"], second["data"]["package_no"]) == (f"{no}-02", no)
    told = await fetched(http, hub, "portal", 3)
    assert {one["type"] for one in told} == {
        "cn.gov.completion.decided", "cn.gov.package.progressed", "cn.gov.package.divided"
    }  # fmt: skip

    await send(http, hub, said("cn.gov.completion.decided", "fire", f"{no}-02"))
    told = await fetched(http, hub, "portal", 2)
    (last,) = (one["data"] for one in told if one["type"] == "cn.gov.package.progressed")
    assert last["outcome"] == "completed"


async def test_a_department_asks_another_and_gets_its_opinion(http: aiohttp.ClientSession, hub: HubProcess) -> None:
    await send(
        http,
        hub,
        said(
            "cn.gov.consultation.requested",
            "food",
            "510502-asked",
            requested_at="2100-03-04T09:00:00+08:00",
            due_at="2100-03-06T18:00:00+08:00",
        ),
    )
    (asked,) = await fetched(http, hub, "fire", 1)
    assert (asked["type"], asked["data"]["department_code"]) == ("cn.gov.opinion.requested", FIRE)
    await send(http, hub, said("cn.gov.opinion.given", "fire", "510502-asked"))
    (gathered,) = await fetched(http, hub, "food", 1)
    assert (gathered["data"]["outcome"], gathered["data"]["opinions"][0]["opinion"]) == ("agreed", "agree")


async def test_what_an_opinion_lets_follow_is_told_and_followed_until_it_has_come(
    http: aiohttp.ClientSession, hub: HubProcess
) -> None:
    case = "510502-lacking"
    asked = {"requested_at": "2100-03-04T09:00:00+08:00", "due_at": "2100-03-06T18:00:00+08:00", "kind": "parallel"}
    await send(http, hub, said("cn.gov.consultation.requested", "food", case, **asked))
    await fetched(http, hub, "fire", 1)
    opinion = said("cn.gov.opinion.given", "fire", case)
    lacking = {
        "opinion": "conditions",
        "conditions": "补交后有效",
        "missing_materials": ["平面图"],
        "missing_due_on": "2100-03-12",
    }
    opinion |= {"dataschema": opinion["dataschema"].removesuffix(":1") + ":2"}
    opinion["data"] |= {**lacking, "lead_department_code": FOOD}
    await send(http, hub, opinion)

    told = {one["type"]: one["data"] for one in await fetched(http, hub, "food", 2)}
    assert told["cn.gov.opinions.gathered"]["outcome"] == "conditions"
    missing = told["cn.gov.supplement.progressed"]
    assert (missing["news"], missing["missing"], missing["department_code"]) == ("asked", ["平面图"], FOOD)
    (to_applicant,) = await fetched(http, hub, "portal", 1)
    assert to_applicant["data"]["due_on"] == "2100-03-12"
    supplied = said("cn.gov.correction.supplied", "portal", case, supplied_at="2100-03-05T09:20:00+08:00")
    supplied["data"]["materials"] = [{"name": "平面图"}]
    await send(http, hub, supplied)
    (complete,) = await fetched(http, hub, "portal", 1)
    assert (complete["type"], complete["data"]["news"]) == ("cn.gov.supplement.progressed", "complete")


@pytest.mark.parametrize(
    ("after", "code"),
    [(["1151050200000002704000000000000"], "ITEM_CIRCLE"), (["9" * 24], "ITEM_UNKNOWN")],
)
def test_items_that_wait_for_themselves_or_for_nothing_are_refused_with_their_place(
    tmp_path: Path, after: list[str], code: str
) -> None:
    deployment = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text(encoding="utf-8"))
    items = deployment["destinations"]["packages"]["settings"]["items"]
    items["1151050200000000084000131014000"]["after"] = after
    (tmp_path / "govhub.yaml").write_text(yaml.safe_dump(deployment, allow_unicode=True), encoding="utf-8")
    (tmp_path / "routes.yaml").write_bytes((EXAMPLE / "routes.yaml").read_bytes())
    faults = load_deployment(tmp_path / "govhub.yaml", {})
    assert isinstance(faults, tuple)
    told = [one for one in faults if one.code == code]
    assert told
    assert told[0].at.file.endswith("govhub.yaml")
    assert told[0].at.line
