# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An operator of one region, or of some systems, on every route that operators have: nothing of others is seen or touched."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from certs.api_key import digest_of
from hub.api.ops_mounted import PLACES, name_of
from hub.api.route import Route
from hub.api.server import ROUTES, build
from hub.config.load import Loaded, load_deployment
from hub.ports.journal.aliases import AliasClaim
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, application, bearer, key_of, new_case, open_house
from tests.support.postgres import PrivatePostgres, find_postgres

ROLES = "[operator, approver, auditor, admin, unmask]"
_SYSTEMS = ("portal", "housing", "civil", "hill", "dale")
_OPERATORS = ("keeper", "local", "homely")
_numbers = itertools.count(1)
_LATER = datetime(2126, 1, 1, tzinfo=UTC)
_NAMED = re.compile(r"\{(\w+)\}")


def _deployment(folder: Path, journal: str) -> Loaded:
    """``local`` is there for 5105, ``homely`` for housing and hill; both have every role. housing and civil are given nothing, so
    what is sent to them is dead at once; what is for hill and dale lies unanswered.
    """
    keys = {name: digest_of(key_of(name)) for name in (*_SYSTEMS, *_OPERATORS)}
    (folder / "govhub.yaml").write_text(
        f"""\
hub: {{name: hub-1, data: data}}
journal: {journal}
bus: memory
partitions: 2
systems:
  portal: {{keys: ["{keys["portal"]}"], sends: ["*"], any_case: true}}
  housing: {{keys: ["{keys["housing"]}"], receives: []}}
  civil: {{keys: ["{keys["civil"]}"], receives: []}}
  hill: {{keys: ["{keys["hill"]}"]}}
  dale: {{keys: ["{keys["dale"]}"]}}
operators:
  keeper: {{keys: ["{keys["keeper"]}"], roles: {ROLES}}}
  local: {{keys: ["{keys["local"]}"], roles: {ROLES}, regions: ["5105"]}}
  homely: {{keys: ["{keys["homely"]}"], roles: {ROLES}, organisations: [housing, hill]}}
destinations:
  housing: {{system: housing, connector: mailbox}}
  civil: {{system: civil, connector: mailbox}}
  hill: {{system: hill, connector: mailbox}}
  dale: {{system: dale, connector: mailbox}}
""",
        encoding="utf-8",
    )
    (folder / "routes.yaml").write_text(
        """\
version: 1
routes:
  - {name: low, when: {region: "510502"}, to: [housing, hill]}
  - {name: high, when: {region: "510902"}, to: [civil, dale]}
""",
        encoding="utf-8",
    )
    loaded = load_deployment(folder / "govhub.yaml", {})
    assert isinstance(loaded, Loaded), loaded
    return loaded


@dataclass(frozen=True, slots=True)
class Place:
    """One region with its organisations, and an example of everything that there can be of it."""

    case: str
    message: str
    dead: str
    group: str
    unanswered: str
    replay: str
    number: str
    system: str
    transaction: str
    destination: str
    marks: frozenset[str] = field(default_factory=frozenset)


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A hub for two regions whose systems have nothing to do with each other."""
    folder: Path = tmp_path_factory.mktemp("scopes")
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        open_house(_deployment(folder, await postgres.fresh_database()), LIMITS) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
async def here(town: House) -> Place:
    return await _place(town, "510502", "housing", "hill")


@pytest.fixture(scope="module")
async def there(town: House) -> Place:
    return await _place(town, "510902", "civil", "dale")


async def get(town: House, path: str, who: str = "keeper") -> tuple[int, Any]:
    async with town.http.get(f"{town.url}{path}", headers=bearer(who)) as answer:
        return answer.status, await answer.json(content_type=None)


async def post(town: House, path: str, body: Any, who: str = "keeper") -> tuple[int, Any]:
    async with town.http.post(f"{town.url}{path}", json=body, headers=bearer(who)) as answer:
        return answer.status, await answer.json(content_type=None)


def act(**more: Any) -> dict[str, Any]:
    return {"request": f"scope-{next(_numbers)}", "reason": "a try", **more}


async def _dead(town: House, case: str, destination: str) -> tuple[str, str]:
    async with asyncio.timeout(60):
        while True:
            await town.get(f"/v1/mailbox/{destination}?wait=0", destination)  # where it dies
            for group in (await get(town, "/v1/dead?limit=1000"))[1]["groups"]:
                for one in (await get(town, f"/v1/dead/{group['group']}?limit=1000"))[1]["deliveries"]:
                    if one["case"] == case:
                        return str(one["delivery"]), str(group["group"])


async def _unanswered(town: House, case: str, destination: str) -> str:
    async with asyncio.timeout(60):
        while True:
            _, told = await get(town, f"/v1/answers?destination={destination}&limit=1000")
            for one in told["answers"]:
                if one["case"] == case:
                    return str(one["delivery"])


async def _place(town: House, region: str, deadly: str, slow: str) -> Place:
    case, number = new_case(), f"OWN-{region}"
    status, _, answer = await town.send(application(case, data_region_code=region))
    assert status == 202, answer
    dead, group = await _dead(town, case, deadly)
    unanswered = await _unanswered(town, case, slow)
    assert await town.hub.journal.aliases.claim([AliasClaim(slow, number, case, "import")]) is None
    # A replay of another message of the region that found nothing it may send, so that it is over and stays.
    other = new_case()
    await town.send(application(other, data_region_code=region))
    again, _ = await _dead(town, other, deadly)
    status, replay = await post(town, "/v1/replays", act(deliveries=[again]))
    assert status == 202, replay
    transaction = UUID(int=UUID(dead).int ^ 1)
    async with town.database() as database:
        message = await database.fetchval("select message_id from delivery_open where id = $1", UUID(dead))
        second = await database.fetchval("select message_id from case_message where case_no = $1", other)
        await database.execute(
            "insert into parked (message_id, case_no, system, contract, reason, parked_at, pass_at, plan)"
            " values ($1, $2, 'portal', 'cn.gov.process.step', 'R02', now(), $3, '[]')",
            message, case, _LATER,
        )  # fmt: skip
        await database.execute(
            "insert into process (id, message_id, destination, case_no, begun_at, standing, awaits, standing_at)"
            " values ($1, $2, 'applying', $3, now(), 'needs_person', 'undo.one', now())",
            transaction, message, case,
        )  # fmt: skip
    marks = {
        case,
        other,
        str(message),
        str(second),
        dead,
        again,
        unanswered,
        str(replay["replay"]),
        number,
        str(transaction),
    }
    return Place(
        case=case,
        message=str(message),
        dead=dead,
        group=group,
        unanswered=unanswered,
        replay=str(replay["replay"]),
        number=number,
        system=slow,
        transaction=str(transaction),
        destination=deadly,
        marks=frozenset(marks),
    )


def _path(route: Route, place: Place) -> str:
    """The route's path about something of the place, whatever the route calls it."""
    by_name = {
        "case": place.case,
        "group": place.group,
        "transaction": place.transaction,
        "name": place.destination,
        "message": place.message,
        "system": place.system,
        "source": "portal",
        "id": place.replay if "replays" in route.path else place.message,
    }
    return _NAMED.sub(lambda found: by_name.get(found[1], "x"), route.path)


def _bodies(place: Place) -> Mapping[str, dict[str, Any]]:
    """By the name of the route: what whoever would do something to the place sends."""
    named = {"deliveries": [place.dead]}
    return {
        "noteDeadGroup": {"note": "mine now"},
        "discardDeadLetters": act(**named),
        "resolveDoubt": act(**named, verdict="delivered", reference="x"),
        "startReplay": act(**named),
        "stopReplay": {"reason": "a try"},
        "resumeReplay": {"reason": "a try"},
        "decideAnswers": act(deliveries=[place.unanswered], verdict="delivered"),
        "opsSearch": {"text": place.case},
        "decideAlias": act(system=place.system, number=place.number, case=place.case),
        "retryStep": act(step="undo.one"),
        "settleStep": act(step="undo.one"),
    }


def _plain(name: str) -> str:
    """The name under ``/v1`` of what stands under ``/ops/v1`` as well."""
    return next((one for one in PLACES if name_of(one) == name), name)


async def _state(town: House, place: Place) -> Any:
    """Everything that an act on the place would change."""
    cases = [one for one in place.marks if re.fullmatch(r"\d{6}-\d{8}-\d{6}", one)]
    async with town.database() as database:
        return [
            await database.fetch(
                "select id, state, attempt from delivery_open where case_no = any($1) order by id", cases
            ),
            await database.fetch("select * from parked where case_no = any($1)", cases),
            await database.fetch("select * from case_alias where system = $1", place.system),
            await database.fetch("select count(*) from process_joined where process_id = $1", UUID(place.transaction)),
            await database.fetch("select id, note from dead_group where id = $1", int(place.group)),
            await database.fetch("select state, stopped_by from replay where id = $1", UUID(place.replay)),
            await database.fetch(
                "select * from destination_gate where destination = $1 and paused_by is not null", place.destination
            ),
        ]


async def _settled(town: House, place: Place) -> None:
    """Until the replay is over, so that nothing changes by itself."""
    async with asyncio.timeout(60):
        while True:
            await town.get(f"/v1/mailbox/{place.destination}?wait=0", place.destination)
            if (await get(town, f"/v1/replays/{place.replay}"))[1]["state"] != "running":
                return


async def _acts(town: House, who: str) -> list[tuple[str, str]]:
    """What is recorded as done by somebody."""
    async with town.database() as database:
        rows = await database.fetch("select kind, subject from act where actor = $1 order by id", who)
    return [(row["kind"], row["subject"]) for row in rows]


@pytest.mark.parametrize("who", ["local", "homely"])
async def test_nothing_of_another_place_is_seen_or_touched_on_any_route(
    town: House, here: Place, there: Place, who: str
) -> None:
    routes = [one for one in build(town.hub, LIMITS)[ROUTES] if one.right is not None or one.also is not None]
    assert len(routes) > 50
    await _settled(town, there)
    before, acted = await _state(town, there), await _acts(town, who)
    told: dict[str, str] = {}
    for route in routes:
        if route.name == "opsLive":
            continue  # it goes on and on; see test_operations.py
        body = _bodies(there).get(_plain(route.name), act()) if route.method == "POST" else None
        async with town.http.request(
            route.method, f"{town.url}{_path(route, there)}", json=body, headers=bearer(who)
        ) as answer:
            told[route.name] = await answer.text()
            assert answer.status < 500, (route.name, told[route.name])
    assert {
        name: [one for one in there.marks if one in text]
        for name, text in told.items()
        if any(m in text for m in there.marks)
    } == {}
    assert await _state(town, there) == before
    assert await _acts(town, who) == acted
    # ... and it is not that nothing is ever told: what is theirs stands in the same answers.
    for name in ("listDeadGroups", "listReplays", "listParked", "listAliases", "listTransactions", "listUnanswered"):
        assert any(mark in told[name] for mark in (*here.marks, here.destination)), name


@pytest.mark.parametrize("who", ["local", "homely"])
async def test_one_s_own_place_is_seen_and_can_be_acted_upon(town: House, here: Place, who: str) -> None:
    await _settled(town, here)
    status, case = await get(town, f"/v1/cases/{here.case}", who)
    assert (status, len(case["messages"])) == (200, 1)
    assert (await get(town, f"/v1/replays/{here.replay}", who))[0] == 200
    assert (await get(town, f"/v1/transactions/{here.transaction}", who))[0] == 200
    assert (await post(town, f"/v1/dead/{here.group}/note", {"note": f"seen by {who}"}, who))[0] == 200
    _, group = await get(town, f"/v1/dead/{here.group}", who)
    assert group["group"]["note"] == f"seen by {who}"
    body = act(system=here.system, number=here.number, case=here.case)
    assert (await post(town, "/v1/aliases/decide", body, who))[0] == 200
    assert (await post(town, f"/v1/replays/{here.replay}/stop", {"reason": "a try"}, who))[0] == 200
    async with town.database() as database:
        kinds = {row["kind"] for row in await database.fetch("select kind from act where actor = $1", who)}
        without = await database.fetchval("select count(*) from act where reason = '' or actor = ''")
    assert kinds == {"note", "alias", "stop"}
    assert without == 0  # no act of anybody is without its operator and reason


@pytest.mark.usefixtures("here", "there")
async def test_of_a_group_of_several_regions_one_s_own_part_is_told(town: House) -> None:
    """Both regions' messages died at one destination, by one cause: the operator of one is told its number and no note."""
    async with town.database() as database:
        group = await database.fetchval(
            "select dead_group from delivery_open where dead_group is not null and destination = 'housing'"
        )
        strange = await database.fetchval("select id from message where access::jsonb ->> 'region' = '510902' limit 1")
        mine = await database.fetchval(
            "select count(*) from delivery_open o join message m on m.id = o.message_id"
            " where dead_group = $1 and m.access::jsonb ->> 'region' like '5105%'", group
        )  # fmt: skip
        row = await database.fetchrow("select * from delivery_open where dead_group = $1 limit 1", group)
        del (row := dict(row))["standing"]  # which is made of the others
        copy = {**row, "id": UUID(int=row["id"].int ^ 7), "message_id": strange, "position": row["position"] + 1}
        names = ", ".join(copy)
        places = ", ".join(f"${n}" for n in range(1, len(copy) + 1))
        await database.execute(f"insert into delivery_open ({names}) values ({places})", *copy.values())
    try:
        assert (await post(town, f"/v1/dead/{group}/note", {"note": "for all"}))[0] == 200
        _, told = await get(town, f"/v1/dead/{group}?limit=1000", "local")
        assert (told["group"]["count"], told["group"]["note"], len(told["deliveries"])) == (mine, "", mine)
        assert str(strange) not in str(told)
        assert (await get(town, f"/v1/dead/{group}"))[1]["group"]["note"] == "for all"
        assert (await post(town, f"/v1/dead/{group}/note", {"note": "mine"}, "local"))[1]["code"] == "E_SCOPE"
        assert (await post(town, "/v1/dead/discard", act(group=group), "local"))[1]["code"] == "E_SCOPE"
    finally:
        async with town.database() as database:
            await database.execute("delete from delivery_open where id = $1", copy["id"])


async def test_every_act_of_an_operator_wants_a_reason(town: House) -> None:
    """Whatever is done is bound to an account by the route, and to a reason by its body."""
    no_acts = {"signOut", "changePassword", "askReconciliation", "stateReconciliation"}  # comparing changes nothing
    no_acts |= {name_of(one) for one in no_acts} | {"opsSearch"}
    for route in build(town.hub, LIMITS)[ROUTES]:
        if route.method != "POST" or route.right is None or route.name in no_acts:
            continue
        schemas = [model.model_json_schema() for model in route.takes.values() if model is not None]
        wanted = {name for schema in schemas for name in schema.get("required", ())}
        assert "reason" in wanted or route.name.endswith("oteDeadGroup"), route.name  # the note is the reason
