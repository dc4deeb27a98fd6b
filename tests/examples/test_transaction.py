# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A transaction in the example's own deployment and a running hub: done, and undone."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from certs.api_key import digest_of
from contracts.catalogue import builtin
from tests.house.tree import ROOT
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

EXAMPLE = ROOT / "examples/transaction"


def bearer(system: str) -> dict[str, str]:
    return {"Authorization": f"Bearer ghk_made-up-key-of-{system}"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("transaction")


@pytest.fixture(scope="module")
async def hub(folder: Path) -> AsyncIterator[HubProcess]:
    deployment = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text(encoding="utf-8"))
    for name, system in deployment["systems"].items():
        system["keys"] = [digest_of(f"ghk_made-up-key-of-{name}")]
    async with PrivatePostgres(find_postgres(15)) as postgres:
        deployment["operators"] = {"chief": {"keys": [digest_of("ghk_made-up-key-of-chief")], "may": ["read", "act"]}}
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


async def fetched(
    http: aiohttp.ClientSession, hub: HubProcess, system: str, count: int, **result: Any
) -> list[dict[str, Any]]:
    """The next events of a mailbox, acknowledged with this result."""
    events: list[dict[str, Any]] = []
    while len(events) < count:
        async with http.get(f"{hub.url}/v1/mailbox/{system}?wait=30", headers=bearer(system)) as answer:
            assert answer.status == 200, f"{system} waits in vain after {[one['type'] for one in events]}"
            lent = await answer.json()
        events += [message["event"] for message in lent["messages"]]
        done = [
            {"delivery": message["delivery"], **(result or {"outcome": "delivered"})} for message in lent["messages"]
        ]
        ack = {"lease": lent["lease"], "results": done}
        async with http.post(f"{hub.url}/v1/mailbox/{system}/ack", json=ack, headers=bearer(system)) as answer:
            assert answer.status == 200, await answer.text()
    return events


APPLICANT = {"type": "1", "name": "测试申请人甲", "phone": "00000000000", "address": "测试区示例街 0 号"}
CONTACT = {"name": "测试联系人丙", "mobile": "00000000000"}


async def begun(http: aiohttp.ClientSession, hub: HubProcess, case: str, **changes: Any) -> None:
    """An application that has gone to its department, and was accepted."""
    await send(
        http,
        hub,
        said(
            "cn.gov.application.submitted",
            "portal",
            case,
            applicant={**APPLICANT, **IDENTITY},
            contact={**CONTACT, **IDENTITY},
            **changes,
        ),
    )
    (application,) = await fetched(http, hub, "office", 1)
    assert (application["type"], application["subject"]) == ("cn.gov.application.submitted", case)
    await send(http, hub, said("cn.gov.acceptance.decided", "office", case))
    (accepted,) = await fetched(http, hub, "portal", 1)
    assert accepted["type"] == "cn.gov.acceptance.decided"


IDENTITY = {"id_type": "111", "id_number": "99000019900101005X"}


async def test_everything_is_done(http: aiohttp.ClientSession, hub: HubProcess) -> None:
    await begun(http, hub, "c-done")
    (order,) = await fetched(http, hub, "logistics", 1)
    assert (order["data"]["status"], order["data"]["consignor"]["name"]) == ("ordered", "测试申请人甲")
    (notice,) = await fetched(http, hub, "messages", 1)
    assert notice["data"]["notice_no"] == order["data"]["order_no"]
    (ended,) = await fetched(http, hub, "portal", 1)
    assert ended["data"]["outcome"] == "completed"
    assert [one["standing"] for one in ended["data"]["steps"]] == ["done", "not_needed", "done", "done"]


def withdrawal(case: str) -> dict[str, Any]:
    """The portal takes it back."""
    withdrawn = said("cn.gov.completion.decided", "portal", case)
    withdrawn["dataschema"] = withdrawn["dataschema"].removesuffix(":1") + ":2"
    withdrawn["data"] = {"case_no": case, "result": "withdrawn", "completed_at": "2026-03-11T15:00:00+08:00"}
    return withdrawn


async def test_a_withdrawal_in_the_middle_undoes_what_was_done(http: aiohttp.ClientSession, hub: HubProcess) -> None:
    await begun(http, hub, "c-undone")
    (order,) = await fetched(http, hub, "logistics", 1, outcome="rejected", code="NO_COURIER")
    assert order["data"]["status"] == "ordered"
    await fetched(http, hub, "messages", 1)
    await send(http, hub, withdrawal("c-undone"))
    (revoked,) = await fetched(http, hub, "messages", 1)
    assert (revoked["type"], revoked["data"]["notice_no"]) == ("cn.gov.notice.revoked", order["data"]["order_no"])
    (back,) = await fetched(http, hub, "office", 1)
    assert (back["type"], back["data"]["result"]) == ("cn.gov.completion.decided", "withdrawn")
    (ended,) = await fetched(http, hub, "portal", 1)
    standings = {one["step"]: one["standing"] for one in ended["data"]["steps"]}
    assert standings == {"application": "undone", "seal": "not_needed", "shipment": "failed", "notice": "undone"}
    async with http.get(f"{hub.url}/v1/mailbox/logistics?wait=1", headers=bearer("logistics")) as answer:
        assert (await answer.json())["messages"] == [] if answer.status == 200 else answer.status == 204


FILE = {"digest": "sha256:" + "0a" * 32, "size": 52310, "media_type": "application/pdf"}
MATERIALS = [{"name": "营业执照副本", "file_name": "执照.pdf", **FILE}]


async def test_the_seal_of_receipt_is_set_before_the_courier_is_ordered(
    http: aiohttp.ClientSession, hub: HubProcess
) -> None:
    await begun(http, hub, "c-sealed", materials=MATERIALS)
    (task,) = await fetched(http, hub, "seals", 1)
    assert (task["type"], task["data"]["digest"]) == ("cn.gov.seal.requested", FILE["digest"])
    sealed = said("cn.gov.seal.completed", "seals", "c-sealed", task_no=task["data"]["task_no"])
    await send(http, hub, sealed)
    await fetched(http, hub, "logistics", 1)
    await fetched(http, hub, "messages", 1)
    (ended,) = await fetched(http, hub, "portal", 1)
    assert ended["data"]["outcome"] == "completed"


async def test_a_seal_that_is_still_to_be_set_is_taken_back(http: aiohttp.ClientSession, hub: HubProcess) -> None:
    await begun(http, hub, "c-unsealed", materials=MATERIALS)
    (task,) = await fetched(http, hub, "seals", 1)
    await send(http, hub, withdrawal("c-unsealed"))
    (void,) = await fetched(http, hub, "seals", 1)
    assert (void["type"], void["data"]["task_no"]) == ("cn.gov.seal.withdrawn", task["data"]["task_no"])
    assert void["data"]["reason"] == "办理未成（WITHDRAWN）"
    await fetched(http, hub, "office", 1)
    (ended,) = await fetched(http, hub, "portal", 1)
    standings = {one["step"]: one["standing"] for one in ended["data"]["steps"]}
    assert standings == {"application": "undone", "seal": "undone", "shipment": "waiting", "notice": "waiting"}


async def asked(http: aiohttp.ClientSession, hub: HubProcess, path: str) -> Any:
    async with http.get(f"{hub.url}{path}", headers=bearer("chief")) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def decided(http: aiohttp.ClientSession, hub: HubProcess, path: str, request: str, step: str) -> tuple[int, Any]:
    body = {"request": request, "reason": "test", "step": step}
    async with http.post(f"{hub.url}{path}", json=body, headers=bearer("chief")) as answer:
        return answer.status, await answer.json()


async def until_needing(http: aiohttp.ClientSession, hub: HubProcess, awaits: str) -> dict[str, Any]:
    """The transaction that needs a person about this, as operators see it."""
    while True:
        listed = (await asked(http, hub, "/v1/transactions?standing=needs_person"))["transactions"]
        for one in listed:
            if one["awaits"] == awaits:
                found: dict[str, Any] = one
                return found
        await asyncio.sleep(0.05)


async def until_concerned(http: aiohttp.ClientSession, hub: HubProcess) -> None:
    """Until health tells of it."""
    while True:
        async with http.get(f"{hub.url}/health/ready") as answer:
            concerns = (await answer.json())["concerns"]
        if [one["destination"] for one in concerns if one["what"] == "transactions"] == ["applying"]:
            return
        await asyncio.sleep(0.1)


async def govhub(folder: Path, *arguments: str, code: int = 0) -> Any:
    """What the command says, as JSON."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "transactions", *arguments, "-c", str(folder / "govhub.yaml"), "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == code, err.decode()
    return json.loads(out)


async def test_a_compensation_that_fails_goes_to_a_person(
    http: aiohttp.ClientSession, hub: HubProcess, folder: Path
) -> None:
    await begun(http, hub, "c-stuck")
    await fetched(http, hub, "logistics", 1)
    await fetched(http, hub, "messages", 1, outcome="rejected", code="NO_SUCH_NUMBER")
    (cancelled,) = await fetched(http, hub, "logistics", 1, outcome="rejected", code="TOO_LATE")
    assert (cancelled["data"]["status"], cancelled["data"]["reason"]) == ("cancelled", "办理未成（NO_SUCH_NUMBER）")
    (told,) = await fetched(http, hub, "portal", 1)
    assert (told["data"]["outcome"], told["data"]["code"]) == ("needs_person", "COMPENSATION_FAILED")

    stuck = await until_needing(http, hub, "undo.shipment")
    await until_concerned(http, hub)
    path = f"/v1/transactions/{stuck['transaction']}"
    assert (await decided(http, hub, f"{path}/retry", "r-1", "undo.application"))[1]["code"] == "E_STEP_NOT_AWAITED"
    assert (await decided(http, hub, f"{path}/retry", "r-2", "undo.shipment"))[0] == 200
    assert (await decided(http, hub, f"{path}/retry", "r-2", "undo.shipment"))[1]["again"]
    assert (await decided(http, hub, "/v1/transactions/x/retry", "r-3", "undo.shipment"))[0] == 404
    await fetched(http, hub, "logistics", 1, outcome="rejected", code="TOO_LATE")
    await until_needing(http, hub, "undo.shipment.1")

    (listed,) = (await govhub(folder, "list", "--standing", "needs_person"))["transactions"]
    assert (listed["case"], listed["awaits"]) == ("c-stuck", "undo.shipment.1")
    named = listed["transaction"]
    await govhub(folder, "settle", named, "--step", "undo.shipment", "--reason", "x", code=1)
    done = await govhub(folder, "settle", named, "--step", "undo.shipment.1", "--reason", "by telephone")
    assert (done["applied"], done["again"]) == (1, False)
    (back,) = await fetched(http, hub, "office", 1)
    assert back["data"]["result"] == "withdrawn"
    ended = await fetched(http, hub, "portal", 2)
    assert [one["data"]["outcome"] for one in ended] == ["needs_person", "undone"]
    shown = await asked(http, hub, path)
    assert (shown["standing"], shown["awaits"]) == ("undone", None)
    assert [one["name"] for one in shown["steps"] if one["name"].startswith("undo.")] == [
        "undo.shipment",
        "undo.shipment.1",
        "undo.application",
    ]
    case = await asked(http, hub, "/v1/cases/c-stuck")
    contracts = [one["contract"] for one in case["entries"] if one["what"] == "accepted"]
    assert contracts.count("cn.gov.shipment.ordered") == 3


async def test_an_operator_has_it_undone(http: aiohttp.ClientSession, hub: HubProcess, folder: Path) -> None:
    await begun(http, hub, "c-ordered", materials=MATERIALS)
    await fetched(http, hub, "seals", 1)
    listed = (await asked(http, hub, "/v1/transactions?standing=under_way"))["transactions"]
    (named,) = (one["transaction"] for one in listed if one["case"] == "c-ordered")
    done = await govhub(folder, "undo", named, "--reason", "the applicant has called", "--request", "u-1")
    assert (done["applied"], done["again"]) == (1, False)
    (void,) = await fetched(http, hub, "seals", 1)
    assert void["data"]["reason"] == "办理未成（UNDO_ORDERED）"
    await fetched(http, hub, "office", 1)
    (ended,) = await fetched(http, hub, "portal", 1)
    assert (ended["data"]["outcome"], ended["data"]["code"]) == ("undone", "UNDO_ORDERED")
    shown = await asked(http, hub, f"/v1/transactions/{named}")
    assert (shown["standing"], shown["why"]) == ("undone", "UNDO_ORDERED")
    body = {"request": "u-2", "reason": "test"}
    async with http.post(f"{hub.url}/v1/transactions/{named}/undo", json=body, headers=bearer("chief")) as answer:
        assert (answer.status, (await answer.json())["applied"]) == (200, 0)
    acts = await asked(http, hub, "/v1/acts")
    assert ("u-1", "transaction_undo", "the applicant has called") in [
        (one["request"], one["kind"], one["reason"]) for one in acts["acts"]
    ]
    case = await asked(http, hub, "/v1/cases/c-ordered")
    (told,) = case["transactions"]
    assert [(one["part"], one["step"]) for one in told["parts"]] == [
        ("begins", ""),
        ("step", "application"),
        ("step", "seal"),
        ("undo", "seal"),
        ("undo", "application"),
        ("ended", ""),
    ]
    async with http.post(f"{hub.url}/v1/transactions/x/undo", json=body, headers=bearer("chief")) as answer:
        assert answer.status == 404


async def test_what_is_complete_cannot_be_undone(http: aiohttp.ClientSession, hub: HubProcess, folder: Path) -> None:
    await begun(http, hub, "c-complete")
    await fetched(http, hub, "logistics", 1)
    await fetched(http, hub, "messages", 1)
    await fetched(http, hub, "portal", 1)
    listed = (await asked(http, hub, "/v1/transactions?standing=completed"))["transactions"]
    (named,) = (one["transaction"] for one in listed if one["case"] == "c-complete")
    body = {"request": "u-3", "reason": "test"}
    async with http.post(f"{hub.url}/v1/transactions/{named}/undo", json=body, headers=bearer("chief")) as answer:
        assert (answer.status, (await answer.json())["code"]) == (409, "E_TRANSACTION_IRREVOCABLE")
    await govhub(folder, "undo", named, "--reason", "x", code=1)
