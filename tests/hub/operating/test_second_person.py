# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The second person where it is hard: over a restart, at the same moment, and for every kind of act; and the bounded trail."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast, get_args
from uuid import UUID

import pytest

from certs.api_key import digest_of
from hub.acting import Order
from hub.api.dead import acting_of
from hub.config.load import Loaded, load_deployment
from hub.config.operating import Dangerous
from hub.ports.journal import JournalDown, Named, Pace, Previewed
from hub.second_person import Hindrance, Unapproved
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, application, bearer, key_of, new_case, open_house
from tests.support.postgres import PrivatePostgres, find_postgres

_numbers = itertools.count(1)
NOTHING = "0199a000-0000-7000-8000-000000000000"


def deployment(
    folder: Path,
    journal: str,
    *,
    accounts: bool = False,
    chief: str = "approver, auditor, admin",
    dangerous: Sequence[str] = get_args(Dangerous),
) -> Loaded:
    """Every kind of act wants a second person, those on ``accounts`` only if that is said. What is sent to ``housing`` is dead at
    once, what to ``civil`` lies unanswered.
    """
    keys = {name: digest_of(key_of(name)) for name in ("portal", "housing", "civil", "keeper", "chief", "local")}
    kinds = (kind for kind in dangerous if accounts or not kind.endswith("_operator"))
    acts = ", ".join(f"{kind}: 0" for kind in kinds)
    (folder / "govhub.yaml").write_text(
        f"""\
hub: {{name: hub-1, data: data}}
journal: {journal}
bus: memory
partitions: 2
systems:
  portal: {{keys: ["{keys["portal"]}"], sends: ["*"], any_case: true}}
  housing: {{keys: ["{keys["housing"]}"], receives: []}}
  civil: {{keys: ["{keys["civil"]}"]}}
operators:
  keeper: {{keys: ["{keys["keeper"]}"], may: [act]}}
  local: {{keys: ["{keys["local"]}"], may: [act], organisations: [housing]}}
  chief: {{keys: ["{keys["chief"]}"], roles: [{chief}]}}
operating:
  lock_failures: 3
  second_person: {{acts: {{{acts}}}}}
destinations:
  housing: {{system: housing, connector: mailbox}}
  civil: {{system: civil, connector: mailbox}}
""",
        encoding="utf-8",
    )
    (folder / "routes.yaml").write_text(
        "version: 1\nroutes:\n  - {name: all, when: {}, to: [housing, civil]}\n", encoding="utf-8"
    )
    loaded = load_deployment(folder / "govhub.yaml", {})
    assert isinstance(loaded, Loaded), loaded
    return loaded


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loaded]:
    """A deployment with a database, in which hubs are started and stopped."""
    folder: Path = tmp_path_factory.mktemp("second")
    async with PrivatePostgres(find_postgres(15)) as postgres:
        yield deployment(folder, await postgres.fresh_database())


async def get(town: House, path: str, who: str) -> tuple[int, Any]:
    async with town.http.get(f"{town.url}{path}", headers=bearer(who)) as answer:
        return answer.status, await answer.json(content_type=None)


async def post(town: House, path: str, body: Any, who: str = "keeper") -> tuple[int, Any]:
    async with town.http.post(f"{town.url}{path}", json=body, headers=bearer(who)) as answer:
        return answer.status, await answer.json(content_type=None)


def act(**more: Any) -> dict[str, Any]:
    return {"request": f"second-{next(_numbers)}", "reason": "a try", **more}


async def approve(town: House, waits: dict[str, Any]) -> None:
    word = {"content": waits["content"], "reason": "seen"}
    status, answer = await post(town, f"/v1/approvals/{waits['proposal']}/approve", word, "chief")
    assert status == 200, answer


async def dead_letter(town: House) -> str:
    """Send one application; the delivery to housing, which is dead."""
    case = new_case()
    status, _, answer = await town.send(application(case))
    assert status == 202, answer
    async with asyncio.timeout(30):
        while True:
            await town.get("/v1/mailbox/housing?wait=0", "housing")  # where it dies
            for group in (await get(town, "/v1/dead", "keeper"))[1]["groups"]:
                _, page = await get(town, f"/v1/dead/{group['group']}", "keeper")
                for one in page["deliveries"]:
                    if one["case"] == case:
                        return str(one["delivery"])


async def unanswered(town: House) -> str:
    """Send one application; the delivery to civil, which nobody has fetched."""
    case = new_case()
    status, _, answer = await town.send(application(case))
    assert status == 202, answer
    async with asyncio.timeout(30):
        while True:
            _, told = await get(town, "/v1/answers?destination=civil&limit=1000", "keeper")
            for one in told["answers"]:
                if one["case"] == case:
                    return str(one["delivery"])


async def test_a_proposal_and_its_approval_survive_restarts(place: Loaded) -> None:
    async with open_house(place, LIMITS) as town:
        body = act(deliveries=[await dead_letter(town)])
        status, waits = await post(town, "/v1/dead/discard", body)
        assert (status, waits["state"]) == (409, "waiting")
    async with open_house(place, LIMITS) as town:
        _, listed = await get(town, "/v1/approvals?waiting=true", "chief")
        assert waits["proposal"] in {one["proposal"] for one in listed["proposals"]}
        status, again = await post(town, "/v1/dead/discard", body)
        assert (status, again["state"], again["proposal"]) == (409, "waiting", waits["proposal"])
        await approve(town, waits)
    async with open_house(place, LIMITS) as town:
        status, done = await post(town, "/v1/dead/discard", body)
        assert (status, done["applied"], done["again"]) == (200, 1, False)
    async with open_house(place, LIMITS) as town:
        assert (await post(town, "/v1/dead/discard", body)) == (200, {**done, "again": True})
        _, listed = await get(town, "/v1/approvals", "chief")
        assert [one["state"] for one in listed["proposals"] if one["proposal"] == waits["proposal"]] == ["done"]


async def test_executions_at_the_same_moment_apply_once(place: Loaded) -> None:
    async with open_house(place, LIMITS) as town:
        delivery = await dead_letter(town)
        mine, other = act(deliveries=[delivery]), act(deliveries=[delivery])
        for body in (mine, other):  # two proposals about one delivery, both approved
            _, waits = await post(town, "/v1/dead/discard", body)
            await approve(town, waits)
        answers = await asyncio.gather(*(post(town, "/v1/dead/discard", body) for body in [mine, other] * 4))
        done = [answer for status, answer in answers if status == 200]
        assert sum(answer["applied"] for answer in done if not answer["again"]) == 1
        for body in (mine, other):
            async with town.database() as database:
                rows = await database.fetch("select id from act where request = $1", body["request"])
                outcomes = await database.fetchval("select count(*) from delivery_open where id = $1", delivery)
            assert len(rows) <= 1
            assert outcomes == 0  # it is over


async def test_two_decisions_about_one_proposal_at_the_same_moment_are_one(place: Loaded) -> None:
    async with open_house(place, LIMITS) as town:
        _, waits = await post(town, "/v1/dead/discard", act(deliveries=[await dead_letter(town)]))
        word, path = {"content": waits["content"], "reason": "x"}, f"/v1/approvals/{waits['proposal']}"
        answers = await asyncio.gather(
            *(post(town, f"{path}/{what}", word, "chief") for what in ("approve", "refuse") * 4)
        )
        assert sorted(status for status, _ in answers) == [200, *[409] * 7]


async def test_what_became_of_what_is_not_answered_wants_a_second_person(place: Loaded) -> None:
    async with open_house(place, LIMITS) as town:
        delivery = await unanswered(town)
        body = act(deliveries=[delivery], verdict="delivered")
        assert (await post(town, "/v1/answers/decide", body, "local"))[1]["code"] == "E_SCOPE"
        assert (await get(town, "/v1/answers", "local")) == (200, {"answers": [], "next": None})
        status, waits = await post(town, "/v1/answers/decide", body)
        assert (status, waits["code"], waits["state"]) == (409, "E_SECOND_PERSON", "waiting")
        changed = {**body, "verdict": "rejected"}
        assert (await post(town, "/v1/answers/decide", changed))[1]["state"] == "changed"
        await approve(town, waits)
        assert (await post(town, "/v1/answers/decide", changed))[1]["state"] == "changed"
        status, done = await post(town, "/v1/answers/decide", body)
        assert (status, done["applied"]) == (200, 1)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/v1/cases/CASE/adopt", {}),
        ("/v1/aliases/decide", {"system": "portal", "number": "A-1", "case": "CASE"}),
        (f"/v1/transactions/{NOTHING}/retry", {"step": "one"}),
        (f"/v1/transactions/{NOTHING}/settle", {"step": "one"}),
        ("/v1/destinations/civil/pause", {}),
        ("/v1/destinations/civil/resume", {}),
        ("/v1/routes/activate", {"table": "TABLE"}),
        ("/v1/routes/shadow", {"table": "TABLE"}),
        ("/v1/routes/unshadow", {}),
    ],
)
async def test_every_act_wants_a_second_person_and_knows_scopes(place: Loaded, path: str, more: dict[str, str]) -> None:
    routes = "version: 1\nroutes:\n  - {name: all, when: {}, to: [civil]}\n"
    async with open_house(place, LIMITS) as town:
        case = new_case()
        await town.send(application(case))
        given = {"CASE": case, "TABLE": routes}
        body = act(**{name: given.get(value, value) for name, value in more.items()})
        if not path.startswith(
            ("/v1/cases/", "/v1/transactions/")
        ):  # a case may be theirs; of transactions there is none here
            status, scoped = await post(town, path.replace("CASE", case), body, "local")
            assert (status, scoped["code"]) == (403, "E_SCOPE")
        status, waits = await post(town, path.replace("CASE", case), body)
        assert (status, waits.get("code"), waits.get("state")) == (409, "E_SECOND_PERSON", "waiting"), waits
        status, whole = await get(town, f"/v1/approvals/{waits['proposal']}", "chief")
        assert (status, whole["content"], whole["request"]) == (200, waits["content"], body["request"])
        told = {"table": routes, "case": case, "step": "one"}
        assert all(told[name] in whole["details"] for name in body if name in told), whole["details"]
        async with town.database() as database:
            assert await database.fetchval("select count(*) from act where request = $1", body["request"]) == 0


async def test_what_was_approved_is_what_is_done(place: Loaded) -> None:
    """Of a group that was approved, one has failed anew since and another has come: neither is sent by that approval."""
    async with open_house(place, LIMITS) as town:
        first, second = await dead_letter(town), await dead_letter(town)
        seen = await town.hub.journal.dead_letters.chosen([UUID(first), UUID(second)])
        assert not isinstance(seen, JournalDown)
        acting = acting_of(town.hub)
        order = Order("keeper", "api", f"second-{next(_numbers)}", "a try")
        named = Named((UUID(first), UUID(second)))
        waits = await acting.resend(order, named, Pace(), replan=False)
        assert isinstance(waits, Unapproved)
        assert waits.proposal is not None
        _, whole = await get(town, f"/v1/approvals/{waits.proposal.id}", "chief")
        for one in seen:  # what chief looks at before approving it
            assert f"{one.delivery} dead {one.attempt}" in whole["details"]
        content = f"sha256:{waits.proposal.content.hex()}"
        await approve(town, {"proposal": waits.proposal.id, "content": content})
        # The moment between looking and doing: the second one is tried once more before the journal fixes the set.
        frozen = Named(named.deliveries, attempts=tuple(one.attempt for one in seen))
        async with town.database() as database:
            await database.execute("update delivery_open set attempt = attempt + 1 where id = $1", UUID(second))
        told = await town.hub.journal.replays.preview(frozen, list(town.hub.places), town.hub.clock.now())
        assert isinstance(told, Previewed)
        assert sorted((one.state, one.code, one.count) for one in told.lots) == [
            ("pending", "", 1),
            ("refused", "CHANGED", 1),
        ]
        changed = await acting.resend(order, named, Pace(), replan=False)
        assert isinstance(changed, Unapproved)
        assert changed.hindrance is Hindrance.CHANGED


async def test_failures_to_sign_in_do_not_fill_the_trail(place: Loaded) -> None:
    """Nobody is signed in who does this, so it must not cost a row each."""
    async with open_house(place, LIMITS) as town:

        async def fail(name: str) -> int:
            body = {"account": name, "password": "wrong but long enough"}
            async with town.http.post(f"{town.url}/v1/operator/sign-in", json=body) as answer:
                return answer.status

        names = [f"made-up-{n}" for n in range(12)]
        assert [await fail(name) for name in names] == [401] * 12
        _, trail = await get(town, "/v1/audit?act=sign_in&account=(unknown)", "chief")
        told = cast("Sequence[dict[str, Any]]", trail["audit"])
        assert sum(one["times"] for one in told) == 12
        assert len(told) <= 2  # two where a quarter of an hour ended meanwhile
