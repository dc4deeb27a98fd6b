# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Access on the running hub: every route and every generated bus permission has a rule, and every decision is recorded."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from certs.api_key import digest_of
from contracts.text import Text
from hub.access.routes import FOR_SYSTEMS
from hub.api.gate import guarded
from hub.api.route import REQUEST_ID, Answer, Route
from hub.api.server import ROUTES, build
from hub.config.load import Loaded, load_deployment
from hub.operators import Right
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, application, bearer, key_of, new_case, open_house
from tests.support.postgres import PrivatePostgres, find_postgres

APPLICATION = "cn.gov.application.submitted"
_KEY = re.compile(r"\{[^}]+\}")
_SYSTEMS = ("portal", "housing", "archives", "mute")


def _deployment(folder: Path, journal: str) -> Loaded:
    keys = {name: digest_of(key_of(name)) for name in (*_SYSTEMS, "watcher")}
    (folder / "govhub.yaml").write_text(
        f"""\
hub: {{name: hub-1, data: data}}
journal: {journal}
bus: memory
partitions: 2
systems:
  portal:
    keys: ["{keys["portal"]}"]
    sends: [{{contract: {APPLICATION}, regions: ["5105*"]}}]
    queries: [{{contract: {APPLICATION}, regions: ["510502"]}}]
  housing:
    keys: ["{keys["housing"]}"]
    receives: [{{contract: {APPLICATION}, regions: ["510502"]}}]
  archives: {{keys: ["{keys["archives"]}"]}}
  mute: {{keys: ["{keys["mute"]}"], queries: []}}
operators:
  watcher: {{keys: ["{keys["watcher"]}"]}}
destinations:
  housing: {{system: housing, connector: mailbox}}
  archives: {{system: archives, connector: mailbox}}
""",
        encoding="utf-8",
    )
    (folder / "routes.yaml").write_text(
        f"version: 1\nroutes:\n  - {{name: all, when: {{contract: {APPLICATION}}}, to: [housing, archives]}}\n",
        encoding="utf-8",
    )
    loaded = load_deployment(folder / "govhub.yaml", {})
    assert isinstance(loaded, Loaded), loaded
    return loaded


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A hub whose systems are granted little."""
    folder: Path = tmp_path_factory.mktemp("access")
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        open_house(_deployment(folder, await postgres.fresh_database()), LIMITS) as opened,
    ):
        yield opened


def _in_region(region: str) -> dict[str, Any]:
    return application(new_case(), data_region_code=region)


async def _accepted(town: House, region: str) -> str:
    status, _, receipt = await town.send(_in_region(region))
    assert status == 202, receipt
    return str(receipt["statement"]["messageId"]) if "statement" in receipt else str(receipt["message"])


async def test_every_route_of_the_running_hub_has_a_rule(house: House) -> None:
    """A request without any key gets nothing but what is said to be open or is a receiver's own."""
    routes = build(house.hub, LIMITS)[ROUTES]
    assert [route.name for route in routes if route.rule == "deny:route"] == []
    assert {route.name for route in routes if route.for_systems} == set(FOR_SYSTEMS)  # and no rule is left over
    let_in = {}
    for route in routes:
        path = _KEY.sub("x", route.path)
        async with house.http.request(route.method, f"{house.url}{path}") as answer:
            if answer.status != 401:
                let_in[f"{route.method} {route.path}"] = route.rule
    assert set(let_in.values()) <= {"open", "source"}, let_in
    open_ = {route.path for route in routes if route.rule == "open"}
    assert open_ == {
        "/asyncapi.json", "/console", "/console/", "/console/assets/{file}", "/console/{file}",
        "/contracts/", "/contracts/{language}/", "/contracts/{language}/{page}", "/health/live",
        "/health/ready", "/openapi.json", "/v1/operator/authorize", "/v1/operator/callback", "/v1/operator/sign-in",
        "/ops/v1/contracts", "/ops/v1/contracts/{type}/{version}", "/ops/v1/contracts/{type}/{version}.xsd",
        "/ops/v1/session/sign-in",
        "/v1/contracts", "/v1/contracts/{type}/{version}",
        "/v1/contracts/{type}/{version}.xsd", "/v1/forms", "/v1/forms/{item}/{version}",
    }  # fmt: skip


async def test_every_route_keeps_out_whose_it_is_not(house: House) -> None:
    routes = build(house.hub, LIMITS)[ROUTES]
    wrong = {}
    for route in (one for one in routes if one.rule not in {"open", "source"}):
        path = _KEY.sub("x", route.path)
        stranger = "portal" if route.right is not None else "keeper" if route.also is None else None
        if stranger is None:
            continue
        async with house.http.request(route.method, f"{house.url}{path}", headers=bearer(stranger)) as answer:
            if answer.status != 403:
                wrong[f"{route.method} {route.path}"] = answer.status
    assert wrong == {}


async def test_a_route_of_which_no_rule_says_anything_is_for_nobody(house: House) -> None:
    async def forgotten(_request: web.Request, _caller: str) -> web.StreamResponse:
        return web.Response(text="let in")

    meaning = Text("忘了", "Forgotten")
    route = Route(
        method="GET", path="/forgotten", name="forgotten", meaning=meaning, handler=forgotten, answers={200: Answer(meaning)}
    )  # fmt: skip

    @web.middleware
    async def numbered(request: web.Request, handler: Any) -> web.StreamResponse:
        request[REQUEST_ID] = "1"
        answered: web.StreamResponse = await handler(request)
        return answered

    app = web.Application(middlewares=[numbered])
    app.router.add_route(route.method, route.path, guarded(house.hub, route))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/forgotten"
        async with house.http.get(address, headers=bearer("superior")) as answer:
            assert (answer.status, (await answer.json(content_type=None))["rule"]) == (403, "deny:route")
    finally:
        await runner.cleanup()


async def test_a_refusal_is_recorded_with_its_rule(town: House) -> None:
    event = _in_region("510902")
    status, _, problem = await town.send(event)
    assert (status, problem["code"], problem["rule"]) == (403, "E_NOT_ALLOWED", "deny:region")
    assert problem["violations"][0]["path"] == "$.data.region_code"
    async with town.database() as database:
        stored = await database.fetchval("select problem from refusal where sender_id = $1", event["id"])
    assert orjson.loads(stored)["rule"] == "deny:region"


async def test_who_may_send_nothing_learns_nothing_of_the_contract(town: House) -> None:
    event = application(source="mute", data_applicant="no object")
    status, _, problem = await town.send(event, "mute")
    assert (status, problem["code"], problem["rule"]) == (403, "E_NOT_ALLOWED", "deny:contract")
    assert [one["path"] for one in problem["violations"]] == ["$.type"]


async def test_a_message_is_kept_with_the_rules_that_let_it_pass(town: House) -> None:
    event = _in_region("510502")
    assert (await town.send(event))[0] == 202
    async with town.database() as database:
        stored = await database.fetchval("select access from message where sender_id = $1", event["id"])
    assert orjson.loads(stored) == {
        "region": "510502",
        "item": event["data"]["item_code"],
        "send": "systems.portal.sends[0]",
        "receive": {"housing": "systems.housing.receives[0]", "archives": "systems.archives.receives:routed"},
    }


async def test_what_a_system_may_not_receive_never_leaves_for_it(town: House) -> None:
    """It is set aside as dead with its code, where an operator sees it; others are not kept waiting."""
    event = _in_region("510503")
    assert (await town.send(event))[0] == 202
    while True:
        status, lent = await town.fetch("archives", wait=10)
        assert status == 200
        if event["subject"] in {one["event"]["subject"] for one in lent["messages"]}:
            break
    status, _ = await town.fetch("housing", wait=0)
    found = None
    async with asyncio.timeout(20), town.database() as database:
        while found is None:
            status, _ = await town.fetch("housing", wait=0.1)
            found = await database.fetchrow(
                "select s.state, s.code from settlement s join message m on m.id = s.message_id"
                " where m.sender_id = $1 and s.destination = 'housing'",
                event["id"],
            ) or await database.fetchrow(
                "select o.state, o.code from delivery_open o join message m on m.id = o.message_id"
                " where m.sender_id = $1 and o.destination = 'housing' and o.state = 'dead'",
                event["id"],
            )
    assert found["code"] == "E_RECEIVER_DENIED"


@pytest.mark.parametrize(("region", "seen"), [("510502", True), ("510503", False)])
async def test_what_a_system_may_not_ask_about_is_unknown_to_it(town: House, region: str, *, seen: bool) -> None:
    event = _in_region(region)
    assert (await town.send(event))[0] == 202
    status, found = await town.get(f"/v1/messages/{event['id']}?by=id")
    assert status == (200 if seen else 404), found
    status, case = await town.get(f"/v1/cases/{event['subject']}")
    assert (status, len(case["messages"])) == (200, int(seen))


async def test_a_system_learns_what_it_may_do(town: House) -> None:
    _, me = await town.get("/v1/me")
    assert me["sends"] == [APPLICATION]
    assert me["may"] == [
        {
            "verb": "send", "contracts": [APPLICATION], "regions": ["5105*"], "items": [],
            "rule": "systems.portal.sends[0]",
        },
        {"verb": "receive", "contracts": ["*"], "regions": [], "items": [], "rule": "systems.portal.receives:routed"},
        {
            "verb": "query", "contracts": [APPLICATION], "regions": ["510502"], "items": [],
            "rule": "systems.portal.queries[0]",
        },
    ]  # fmt: skip


async def test_the_item_catalogue_is_for_who_may_query_it(town: House) -> None:
    status, problem = await town.get("/v1/items", "mute")
    assert (status, problem["code"], problem["rule"]) == (403, "E_NOT_ALLOWED", "deny:contract")


def test_rights_are_what_routes_for_operators_name(house: House) -> None:
    routes = build(house.hub, LIMITS)[ROUTES]
    named = {route.right for route in routes if route.right is not None}
    assert named <= set(Right)


async def test_what_waits_is_told_only_to_who_may_ask_about_it(town: House) -> None:
    """Two messages of the portal wait; about that of the other region it may not ask."""
    told = {}
    for region in ("510502", "510504"):
        event = _in_region(region)
        status, _, receipt = await town.send(event)
        assert status == 202, receipt
        async with town.database() as database:
            message = await database.fetchval(
                "select message_id from case_message where case_no = $1", event["subject"]
            )
            await database.execute(
                """insert into parked (message_id, case_no, system, contract, reason, parked_at, pass_at, plan)
                   values ($1, $2, 'portal', $3, 'L01', now(), now() + interval '9 days', '[]')""",
                message, event["subject"], APPLICATION,
            )  # fmt: skip
        status, case = await town.get(f"/v1/cases/{event['subject']}", "portal")
        assert status == 200, case
        told[region] = [one["what"] for one in [*case["entries"], *case["now"]] if one.get("what") == "parked"]
        assert len(case["messages"]) == (region == "510502")
        _, whole = await town.get(f"/v1/cases/{event['subject']}", "watcher")
        assert "parked" in [one["what"] for one in whole["entries"]]
        async with town.database() as database:
            await database.execute("delete from parked where message_id = $1", message)
    assert (told["510502"], told["510504"]) == (["parked"], [])
