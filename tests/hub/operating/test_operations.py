# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The operations API on a running hub: destinations, failures, search, messages, alarms, and changes as they happen."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from hub.api.ops_mounted import PLACES, ROOT, name_of
from hub.api.server import ROUTES, build
from hub.identities.expiring import Expiring
from hub.ports.figures import PathFigures
from hub.ports.journal.aliases import AliasClaim
from hub.rates import STEP, Rates
from hub.sign_in import SignIn
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, application, bearer, new_case, open_house
from tests.hub.operating.test_second_person import deployment
from tests.support.postgres import PrivatePostgres, find_postgres

PASSWORD = "made-up and long enough"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """What goes to housing is dead at once, what goes to civil lies unanswered; ``local`` is there for housing."""
    folder: Path = tmp_path_factory.mktemp("operations")
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        open_house(deployment(folder, await postgres.fresh_database(), dangerous=()), LIMITS) as opened,
    ):
        yield opened


async def get(town: House, path: str, who: str = "keeper") -> tuple[int, Any]:
    async with town.http.get(f"{town.url}{ROOT}{path}", headers=bearer(who)) as answer:
        return answer.status, await answer.json(content_type=None)


async def post(town: House, path: str, body: Any, who: str = "keeper") -> tuple[int, Any]:
    async with town.http.post(f"{town.url}{ROOT}{path}", json=body, headers=bearer(who)) as answer:
        return answer.status, await answer.json(content_type=None)


def act() -> dict[str, str]:
    return {"request": f"ops-{next(_numbers)}", "reason": "a try"}


async def failed(town: House) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Send one application: the event, its dead letter at housing, and the group of that."""
    event = application(new_case())
    status, _, answer = await town.send(event)
    assert status == 202, answer
    async with asyncio.timeout(60):
        while True:
            await town.get("/v1/mailbox/housing?wait=0", "housing")  # where it dies
            for group in (await get(town, "/failures"))[1]["groups"]:
                for one in (await get(town, f"/failures/{group['group']}"))[1]["deliveries"]:
                    if one["case"] == event["subject"]:
                        return event, one, group


async def until_counted(town: House, name: str, **wanted: int) -> dict[str, Any]:
    """The destination, once the backlog was counted again."""
    async with asyncio.timeout(60):
        while True:
            status, told = await get(town, f"/destinations/{name}")
            assert status == 200, told
            if all(told[key] >= least for key, least in wanted.items()):
                return dict(told)


async def test_a_destination_tells_what_waits_there_and_whether_it_is_sent_to(town: House) -> None:
    await failed(town)
    told = await until_counted(town, "housing", dead=1, blocking=1)
    assert (told["system"], told["state"], told["deliveries"]["dead"]) == ("housing", "open", told["dead"])
    assert told["oldest"] is not None
    told = await until_counted(town, "civil", unanswered=1)
    assert (told["dead"], told["breaching"]) == (0, None)
    assert (await post(town, "/destinations/civil/pause", act()))[0] == 200
    try:
        _, paused = await get(town, "/destinations?state=paused")
        assert [one["destination"] for one in paused["destinations"]] == ["civil"]
        assert paused["routeTable"] == town.hub.routes.active.table.version_id
        assert (await get(town, "/destinations?state=asleep"))[1]["code"] == "E_QUERY_INVALID"
        async with asyncio.timeout(60):  # the watcher looks every second
            while not (open_ := [one for one in (await get(town, "/alarms"))[1]["alarms"] if one["what"] == "paused"]):
                pass
        assert [(one["destination"], one["severity"]) for one in open_] == [("civil", "concern")]
        assert (await get(town, "/alarms", "local"))[1] == {"alarms": []}  # civil is not theirs
    finally:
        await post(town, "/destinations/civil/resume", act())
    assert (await get(town, "/destinations/nowhere"))[0] == 404


def test_rates_are_what_the_counts_grew_by() -> None:
    figures, rates = PathFigures(), Rates()
    figures.planned["housing"] = 100
    rates.sample(0.0, figures)
    assert rates.of("housing").planned == 0.0
    for n in range(1, 7):
        figures.planned["housing"] += 10
        figures.settled["housing", "delivered", ""] += 5
        figures.settled["housing", "dead", "X"] += 1
        rates.sample(n * STEP - 1, figures)  # too soon: it does not count
        rates.sample(n * STEP, figures)
    told = rates.of("housing")
    assert (told.planned, told.delivered, list(told.course)) == (60.0, 30.0, [5] * 6)
    assert rates.of("nowhere").delivered == 0.0


async def test_one_box_finds_everything_and_says_what_it_was(town: House) -> None:
    event, letter, group = await failed(town)
    case = event["subject"]
    claim = AliasClaim("civil", f"BJ {case}", case, "import")
    assert await town.hub.journal.aliases.claim([claim]) is None

    async def kinds(text: str, who: str = "keeper") -> list[tuple[str, str | None]]:
        status, told = await post(town, "/search", {"text": text}, who)
        assert status == 200, told
        return [(one["kind"], one["case"]) for one in told["matches"]]

    assert await kinds(f"  {case} ") == [("case", case)]
    assert await kinds(letter["message"]) == [("message", case)]
    assert await kinds(letter["delivery"]) == [("delivery", case)]
    assert await kinds(event["id"]) == [("sender_id", case)]
    assert await kinds(f"BJ {case}") == [("own_number", case)]
    _, told = await post(town, "/search", {"text": "E_RECEIVER_DENIED"})
    assert [(one["kind"], one["group"]["group"]) for one in told["matches"]] == [("code", group["group"])]
    for nothing in ("never-was", "a\x00b", "'; drop table message; --", "\N{SNOWMAN}" * 200, "%", "%s"):
        assert await kinds(nothing) == []
    assert await kinds(f"BJ {case}", "local") == []  # civil's number is none of theirs
    assert await kinds(case, "local") == [("case", case)]
    for wrong in ({"text": ""}, {"text": "x" * 201}, {}, {"text": 1}, {"text": "x", "more": 1}):
        assert (await post(town, "/search", wrong))[1]["code"] == "E_BODY_INVALID"


async def test_failures_are_filtered_by_the_server(town: House) -> None:
    _, _, group = await failed(town)
    for query, there in (
        ("destination=housing", True), ("code=E_RECEIVER_DENIED&state=dead", True), (f"contract={group['contract']}", True),
        ("destination=civil", False), ("code=NONE", False), ("state=in_doubt", False), ("contract=cn.gov.process.step", False),
    ):  # fmt: skip
        _, told = await get(town, f"/failures?{query}")
        assert (group["group"] in {one["group"] for one in told["groups"]}) == there, query
    for wrong in ("state=asleep", "code=%00", f"destination={'x' * 300}"):
        assert (await get(town, f"/failures?{wrong}"))[1]["code"] == "E_QUERY_INVALID", wrong


async def test_a_message_is_shown_with_every_stage(town: House) -> None:
    event, letter, _ = await failed(town)
    status, told = await get(town, f"/messages/{letter['message']}")
    assert (status, told["case"], told["id"]) == (200, event["subject"], event["id"])
    assert {one["destination"] for one in told["deliveries"]} == {"housing", "civil"}
    assert told["entries"][0]["what"] == "accepted"
    assert {one["message"] for one in told["entries"]} == {letter["message"]}
    assert "dead" in {one["hindrance"] for one in told["now"]}
    assert event["data"]["applicant"]["name"] not in str(told)
    _, mine = await get(town, f"/messages/{letter['message']}", "local")
    assert {one["destination"] for one in mine["deliveries"]} == {"housing"}
    assert (await get(town, "/messages/x"))[0] == 404


async def test_a_system_is_shown_with_what_it_may_and_what_ends(town: House) -> None:
    status, told = await get(town, "/systems")
    assert (status, [one["system"] for one in told["systems"]]) == (200, ["civil", "housing", "portal"])
    _, civil = await get(town, "/systems/civil")
    assert civil == next(one for one in told["systems"] if one["system"] == "civil")
    assert [one["destination"] for one in civil["destinations"]] == ["civil"]
    assert (civil["keys"], civil["credentials"], civil["sources"]) == (1, [], [])
    _, portal = await get(town, "/systems/portal")
    assert {"verb": "send", "contracts": ["*"]}.items() <= portal["may"][0].items()
    _, mine = await get(town, "/systems", "local")
    assert [one["system"] for one in mine["systems"]] == ["housing"]
    assert (await get(town, "/systems/civil", "local"))[0] == 404
    until = town.hub.clock.now() + timedelta(days=2)
    town.hub.identities.lasting = [
        Expiring("civil", "api_key", "ab12", until),
        Expiring("housing", "certificate", "7f", until),
    ]
    town.hub.identities.gather()
    _, ending = await get(town, "/certificates")
    assert [(one["holder"], one["kind"], one["daysLeft"]) for one in ending["credentials"]] == [
        ("civil", "api_key", 2.0),
        ("housing", "certificate", 2.0),
    ]
    assert [one["holder"] for one in (await get(town, "/certificates", "local"))[1]["credentials"]] == ["housing"]
    assert len((await get(town, "/systems/civil"))[1]["credentials"]) == 1


async def test_what_has_a_second_place_is_the_same_there(town: House) -> None:
    routes = {one.name: one for one in build(town.hub, LIMITS)[ROUTES]}
    for name in PLACES:
        first, second = routes[name], routes[name_of(name)]
        assert second.path.startswith(f"{ROOT}/")
        assert (second.method, second.handler.__name__, second.scoped) == (
            first.method,
            first.handler.__name__,
            first.scoped,
        )
        assert second.right == (None if first.open else first.right or first.also)
    event, _, _ = await failed(town)
    for path, place in (("/v1/dead", "/failures"), (f"/v1/cases/{event['subject']}",) * 2, ("/v1/parked",) * 2):
        async with town.http.get(f"{town.url}{path}", headers=bearer("keeper")) as answer:
            told = await answer.json()
        assert (await get(town, place.removeprefix("/v1")))[1].keys() == told.keys()
    async with town.http.get(f"{town.url}{ROOT}/cases/{event['subject']}", headers=bearer("portal")) as answer:
        assert answer.status == 403  # a party of the case, and no operator


@asynccontextmanager
async def listening(town: House, headers: dict[str, str]) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
    """The events of a stream, as a client reads them."""
    patience = aiohttp.ClientTimeout(total=None, sock_read=60)
    async with town.http.get(f"{town.url}{ROOT}/live", headers=headers, timeout=patience) as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")

        async def events() -> AsyncIterator[tuple[str, Any]]:
            kind = ""
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, orjson.loads(value)

        yield events()


async def _next(events: AsyncIterator[tuple[str, Any]], event: str, **wanted: Any) -> Any:
    async with asyncio.timeout(60):
        async for name, told in events:
            if name == event and all(told.get(key) == value for key, value in wanted.items()):
                return told
    return None


async def test_changes_come_as_they_happen(town: House) -> None:
    async with listening(town, bearer("keeper")) as events, listening(town, bearer("local")) as theirs:
        kind, first = await anext(events)
        assert (kind, {one["destination"] for one in first["destination"]}) == ("snapshot", {"housing", "civil"})
        _, mine = await anext(theirs)
        assert {one["destination"] for one in mine["destination"]} == {"housing"}
        await post(town, "/destinations/civil/pause", act())
        assert (await _next(events, "destination", destination="civil", state="paused"))["paused"]["actor"] == "keeper"
        alarm = await _next(events, "alarm", what="paused")
        await post(town, "/destinations/civil/resume", act())
        assert await _next(events, "destination", destination="civil", state="open")
        assert await _next(events, "gone", kind="alarm", name=alarm["id"])
        await post(town, "/destinations/housing/pause", act())
        assert await _next(theirs, "destination", destination="housing", state="paused")
        await post(town, "/destinations/housing/resume", act())


async def test_a_stream_ends_with_its_session(town: House) -> None:
    desk: SignIn | None = town.hub.sign_in
    assert desk is not None
    account = {"reason": "a try", "account": "listener", "password": PASSWORD, "roles": ["viewer"]}
    assert (await post(town, "/operators", account, "chief"))[0] == 201
    async with town.http.post(
        f"{town.url}{ROOT}/session/sign-in", json={"account": "listener", "password": PASSWORD}
    ) as answer:
        headers = {"Authorization": f"Bearer {(await answer.json())['token']}"}
    async with listening(town, headers) as events:
        assert (await anext(events))[0] == "snapshot"
        assert (await post(town, "/operators/listener/disable", {"reason": "left"}, "chief"))[0] == 200
        assert await _next(events, "over") == {}
        assert [one async for one in events] == []
