# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a case as a department and an operator see it from outside: a hub of its own process, HTTP alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from certs.api_key import digest_of
from contracts.bindings.http import write_structured
from contracts.cloudevent import CloudEvent
from tests.support.far_sides import IdempotentFarSide, idempotent_far_side
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.hubs import event

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True)

ACCEPTED, STEP, CLOSED, LICENCE = (
    "cn.gov.acceptance.decided", "cn.gov.process.step", "cn.gov.completion.decided", "cn.gov.licence.issued",
)  # fmt: skip
KEYS = {name: f"ghk_made-up-{name}" for name in ("housing", "counter", "watching", "keeper")}
SECONDS = 60


class Town:
    """A hub, the systems that send to it, and who looks after it."""

    def __init__(self, http: aiohttp.ClientSession, hub: HubProcess, portal: IdempotentFarSide) -> None:
        self._http = http
        self._hub = hub
        self.portal = portal

    async def says(self, one: CloudEvent) -> tuple[int, Any]:
        content_type, body = write_structured(one)
        headers = {"Authorization": f"Bearer {KEYS[one.source]}", "Content-Type": content_type}
        async with self._http.post(f"{self._hub.url}/v1/messages", data=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def sees(self, path: str) -> Any:
        async with self._http.get(
            f"{self._hub.url}{path}", headers={"Authorization": f"Bearer {KEYS['keeper']}"}
        ) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def orders(self, path: str, **body: Any) -> Any:
        async with self._http.post(
            f"{self._hub.url}{path}", json=body, headers={"Authorization": f"Bearer {KEYS['keeper']}"}
        ) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


@asynccontextmanager
async def town(dsn: str, folder: Path) -> AsyncIterator[Town]:
    """Housing is held to the rules, its counter may begin with the completion, and watching is only watched."""
    async with idempotent_far_side() as portal, aiohttp.ClientSession() as http:
        numbers = {"case_numbers": {"manner": "own"}}
        config = write_deployment(
            folder,
            {
                "hub": {"name": "hub-1", "listen": "127.0.0.1:0"},
                "journal": dsn,
                "bus": "memory",
                "lifecycle": {
                    "policy": "warn",
                    "rules": [
                        {"systems": ["counter"], "items": ["11510502*"], "policy": "enforce", "begins": "completion"},
                        {"systems": ["counter"], "policy": "observe"},
                        {"systems": ["housing"], "policy": "enforce", "wait_hours": 4},
                    ],
                },
                "systems": {
                    "housing": {"keys": [digest_of(KEYS["housing"])], "sends": ["*"], "any_case": True},
                    "counter": {"keys": [digest_of(KEYS["counter"])], "sends": ["*"], "any_case": True},
                    "watching": {"keys": [digest_of(KEYS["watching"])], "sends": ["*"], "any_case": True, **numbers},
                    "portal": {},
                },
                "operators": {"keeper": {"keys": [digest_of(KEYS["keeper"])], "may": ["act"]}},
                "destinations": {
                    "portal": {
                        "system": "portal",
                        "connector": "rest",
                        "settings": {"url": portal.url, "mode": "binary"},
                    }
                },
            },
            [{"name": "all", "when": {}, "to": ["portal"]}],
        )
        hub = HubProcess(config)
        await hub.start()
        try:
            yield Town(http, hub, portal)
        finally:
            await hub.stop()


def said(contract: str, case: str, source: str = "housing", **data: object) -> CloudEvent:
    plain = event(case, f"{case}-{contract}-{len(data)}", source=source, contract=contract)
    assert isinstance(plain.data, dict)
    return replace(plain, data={**plain.data, **data})


def warnings(receipt: Any) -> list[str]:
    return [one["code"] for one in receipt.get("warnings", ()) if not one["code"].startswith("E_W_")]


async def test_what_waits_is_seen_with_its_rule_and_goes_out_in_order(journal_dsn: str, tmp_path: Path) -> None:
    async with town(journal_dsn, tmp_path) as there:
        assert warnings((await there.says(said(LICENCE, "case-1")))[1]) == ["LIFECYCLE_R05"]
        assert warnings((await there.says(said(CLOSED, "case-1")))[1]) == ["LIFECYCLE_R03"]
        waiting = (await there.sees("/v1/parked"))["parked"]
        assert [(one["rule"], one["contract"], one["system"]) for one in waiting] == [
            ("R05", LICENCE, "housing"), ("R03", CLOSED, "housing"),
        ]  # fmt: skip
        assert [one["rule"] for one in (await there.sees("/v1/parked?rule=R03"))["parked"]] == ["R03"]
        before = await there.sees("/v1/cases/case-1")
        assert sorted((one["hindrance"], one["code"]) for one in before["now"]) == [("rule", "R03"), ("rule", "R05")]
        assert all(one["until"] for one in before["now"])

        assert (await there.says(said(ACCEPTED, "case-1")))[0] == 202
        await there.portal.until(3, SECONDS)
        order = [id_.split("-")[2] for _, id_ in there.portal.effects]
        assert order == [ACCEPTED, CLOSED, LICENCE]
        assert (await there.sees("/v1/parked"))["parked"] == []
        after = await there.sees("/v1/cases/case-1")
        told = [(one["what"], one["contract"]) for one in after["entries"] if one["what"] in {"parked", "released"}]
        assert sorted(told) == sorted((what, one) for what in ("parked", "released") for one in (CLOSED, LICENCE))
        moments = [one["at"] for one in after["entries"]]
        assert moments == sorted(moments)


async def test_the_impossible_is_refused_with_the_number_of_its_rule_where_it_is_enforced(
    journal_dsn: str, tmp_path: Path
) -> None:
    refused = {"decision": "refused", "reason": "材料不符"}
    async with town(journal_dsn, tmp_path) as there:
        assert (await there.says(said(ACCEPTED, "case-2", **refused)))[0] == 202
        status, problem = await there.says(said(STEP, "case-2"))
        assert (status, problem["code"], problem["rule"]) == (409, "E_LIFECYCLE_IMPOSSIBLE", "R12")
        assert "R12" in problem["detail"]
        observed = said(STEP, "case-2", "counter", item_code="11510199000000000G4000117010001")
        status, receipt = await there.says(observed)
        assert (status, warnings(receipt)) == (202, []), "another item of the counter's is observed"


async def test_a_window_case_begins_with_its_completion(journal_dsn: str, tmp_path: Path) -> None:
    item = {"item_code": "11510502000000051G4000117010001"}
    async with town(journal_dsn, tmp_path) as there:
        assert warnings((await there.says(said(LICENCE, "case-3", "counter", **item)))[1]) == ["LIFECYCLE_R05"]
        assert warnings((await there.says(said(CLOSED, "case-3", "counter", **item)))[1]) == []
        await there.portal.until(2, SECONDS)
        assert [id_.split("-")[2] for _, id_ in there.portal.effects] == [CLOSED, LICENCE]


async def test_an_unknown_number_waits_with_its_reason_and_an_operator_decides(
    journal_dsn: str, tmp_path: Path
) -> None:
    async with town(journal_dsn, tmp_path) as there:
        assert (await there.says(said(ACCEPTED, "case-4")))[0] == 202
        receipt = (await there.says(said(STEP, "BJ-4", "watching")))[1]
        assert (warnings(receipt), receipt["case"]) == (["ALIAS_UNKNOWN"], "BJ-4")
        (waiting,) = (await there.sees("/v1/aliases"))["waiting"]
        assert (waiting["number"], waiting["reason"], waiting["messages"]) == ("BJ-4", "ALIAS_UNKNOWN", 1)
        decided = {"system": "watching", "number": "BJ-4", "case": "case-4"}
        done = await there.orders("/v1/aliases/decide", request="d-1", reason="查证", **decided)
        assert (done["applied"], done["again"]) == (1, False)
        await there.portal.until(2, SECONDS)
        assert [case for case, _ in there.portal.effects] == ["case-4", "case-4"]
        shown = await there.sees("/v1/cases/case-4")
        assert {one["system"] for one in shown["entries"] if one["what"] == "accepted"} == {"housing", "watching"}
        (known,) = (await there.sees("/v1/aliases?system=watching"))["aliases"]
        assert [(one["case"], one["how"]) for one in known["said"]] == [("case-4", "decision")]


async def test_an_adopted_case_waits_for_nothing(journal_dsn: str, tmp_path: Path) -> None:
    async with town(journal_dsn, tmp_path) as there:
        await there.says(said(STEP, "case-5"))
        done = await there.orders("/v1/cases/case-5/adopt", request="a-1", reason="上线前已在办")
        assert (done["applied"], done["again"]) == (1, False)
        await there.portal.until(1, SECONDS)
        assert there.portal.marks == {}
        assert (await there.orders("/v1/cases/case-5/adopt", request="a-1", reason="上线前已在办"))["again"]
        acts = (await there.sees("/v1/acts"))["acts"]
        assert [(one["kind"], one["applied"]) for one in acts] == [("adopt", 1)]
        async with asyncio.timeout(SECONDS):
            while (await there.sees("/v1/cases/case-5"))["now"]:
                pass
        entries = (await there.sees("/v1/cases/case-5"))["entries"]
        (released,) = [one for one in entries if one["what"] == "released"]
        assert (released["state"], released["by"], released["reason"]) == ("adopted", "keeper", "上线前已在办")
