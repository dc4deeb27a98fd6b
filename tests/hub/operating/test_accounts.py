# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Accounts administered over HTTP: by whoever has the role, never one's own, each change once and in the trail."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from contracts.refusal import Refusal
from hub.acting import Order
from hub.administering import Administration, Given
from hub.cli.main import app
from hub.ports.journal import AccountRecord, JournalDown
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, bearer, open_house
from tests.hub.operating.test_second_person import deployment
from tests.support.postgres import PrivatePostgres, find_postgres

PASSWORD = "made-up and long enough"
ANOTHER = "another that is long enough"
WHY = {"reason": "a try"}
CHIEF = bearer("chief")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A hub whose operator ``chief`` administers accounts."""
    folder: Path = tmp_path_factory.mktemp("accounts")
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        open_house(deployment(folder, await postgres.fresh_database()), LIMITS) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A hub where changes of accounts want a second person, and no key administers."""
    folder: Path = tmp_path_factory.mktemp("strict")
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        open_house(
            deployment(folder, await postgres.fresh_database(), accounts=True, chief="approver, auditor"), LIMITS
        ) as opened,
    ):
        yield opened


async def on_the_machine(town: House, *words: str, given: str = "") -> Any:
    config = town.data.parent / "govhub.yaml"
    line = ["operators", *words, "--json", "-c", str(config)]
    result = await asyncio.to_thread(lambda: CliRunner().invoke(app, line, input=given))
    return orjson.loads(result.stdout)


async def get(town: House, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    async with town.http.get(f"{town.url}{path}", headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def post(town: House, path: str, body: Any, headers: dict[str, str] = CHIEF) -> tuple[int, Any]:
    async with town.http.post(f"{town.url}{path}", json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None) if answer.status != 204 else None


async def account(town: House, *roles: str, **more: Any) -> str:
    name = f"someone-{next(_numbers)}"
    body = {**WHY, "account": name, "password": PASSWORD, "roles": list(roles) or ["viewer"], **more}
    status, made = await post(town, "/v1/operators", body)
    assert (status, made["account"], made["roles"]) == (201, name, body["roles"]), made
    return name


async def session(town: House, name: str, password: str = PASSWORD) -> dict[str, str]:
    status, opened = await post(town, "/v1/operator/sign-in", {"account": name, "password": password}, {})
    assert status == 200, opened
    return {"Authorization": f"Bearer {opened['token']}"}


async def test_an_account_lives_and_ends(town: House) -> None:
    name = await account(town, "viewer", title="Duty desk", regions=["5105"])
    headers = await session(town, name)
    assert (await get(town, "/v1/operator", headers))[1]["regions"] == ["5105"]
    status, given = await post(town, f"/v1/operators/{name}/roles", {**WHY, "roles": ["operator"]})
    assert (status, given["roles"], given["regions"]) == (200, ["operator"], [])
    assert (await get(town, "/v1/operator", headers))[0] == 401  # it signs in anew
    headers = await session(town, name)
    assert (await get(town, "/v1/operator", headers))[1]["rights"] == ["act", "read"]

    _, held = await get(town, f"/v1/operators/{name}/tokens", CHIEF)
    (good,) = [one for one in held["tokens"] if one["revokedAt"] is None]
    assert await post(town, f"/v1/tokens/{good['id']}/revoke", WHY) == (200, {"revoked": True})
    assert await post(town, f"/v1/tokens/{good['id']}/revoke", WHY) == (200, {"revoked": False})
    assert (await get(town, "/v1/operator", headers))[0] == 401

    headers = await session(town, name)
    status, gone = await post(town, f"/v1/operators/{name}/disable", WHY)
    assert (status, gone["disabledAt"] is None) == (200, False)
    assert (await get(town, "/v1/operator", headers))[0] == 401
    assert (await post(town, "/v1/operator/sign-in", {"account": name, "password": PASSWORD}, {}))[0] == 401
    assert (await post(town, f"/v1/operators/{name}/enable", WHY))[1]["disabledAt"] is None
    await session(town, name)

    _, all_ = await get(town, "/v1/operators", CHIEF)
    assert name in {one["account"] for one in all_["operators"]}
    assert {"keeper", "chief"} <= {one["account"] for one in all_["keys"]}
    assert PASSWORD not in str(all_)
    assert "argon2" not in str(all_)
    _, trail = await get(town, "/v1/audit?account=chief&limit=1000", CHIEF)
    mine = [one["act"] for one in trail["audit"] if one["subject"].split(":")[0] == name]
    assert sorted(mine) == ["add_operator", "disable_operator", "enable_operator", "forgive_sign_in", "roles_operator"]
    assert {one["reason"] for one in trail["audit"] if one["act"] == "add_operator"} == {"a try"}


async def test_what_ended_long_ago_is_forgotten(town: House) -> None:
    name = await account(town)
    for _ in range(3):
        await session(town, name)
    async with town.database() as database:
        held = [row["id"] for row in await database.fetch("select id from operator_token where account = $1", name)]
        for one, days in zip(held, (91, 89), strict=False):
            await database.execute(
                "update operator_token set expires_at = now() - $2::integer * interval '1 day' where id = $1", one, days
            )
        await session(town, name)
        kept = {row["id"] for row in await database.fetch("select id from operator_token where account = $1", name)}
    assert kept >= set(held[1:])
    assert held[0] not in kept


@pytest.mark.parametrize("role", ["viewer", "operator", "approver", "auditor"])
async def test_nobody_else_administers(town: House, role: str) -> None:
    headers = await session(town, await account(town, role))
    victim = await account(town)
    body = {**WHY, "roles": ["admin"]}
    for path in (f"/v1/operators/{victim}/roles", f"/v1/operators/{victim}/disable"):
        assert (await post(town, path, body if "roles" in path else WHY, headers))[0] == 403
    assert (await get(town, "/v1/operators", headers))[0] == 403
    assert (await get(town, f"/v1/operators/{victim}/tokens", headers))[0] == 403
    assert (await post(town, "/v1/operators", {**body, "account": "me-too", "password": PASSWORD}, headers))[0] == 403


async def test_whoever_administers_some_regions_gives_nobody_all(town: House) -> None:
    headers = await session(town, await account(town, "admin", regions=["5105"]))
    body = {**WHY, "account": "whole", "password": PASSWORD, "roles": ["admin"]}
    status, problem = await post(town, "/v1/operators", body, headers)
    assert (status, problem["code"]) == (403, "E_SCOPE")


async def test_nobody_changes_their_own_account(town: House) -> None:
    name = await account(town, "admin")
    headers = await session(town, name)
    body = {**WHY, "roles": ["admin", "operator", "approver"]}
    for path, what in (("roles", body), ("disable", WHY), ("enable", WHY)):
        status, problem = await post(town, f"/v1/operators/{name}/{path}", what, headers)
        assert (status, problem["code"]) == (403, "E_OWN_ACCOUNT")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"account": "keeper"}, "E_ACCOUNT_TAKEN"),  # an operator with a key
        ({"account": "Big"}, "E_ACCOUNT_INVALID"),
        ({"account": "x y"}, "E_ACCOUNT_INVALID"),
        ({"account": "-x"}, "E_ACCOUNT_INVALID"),
        ({"account": "x\x00"}, "E_ACCOUNT_INVALID"),
        ({"password": "short"}, "E_ACCOUNT_INVALID"),
        ({"password": ""}, "E_ACCOUNT_INVALID"),
        ({"organisations": ["nothing"]}, "E_ACCOUNT_INVALID"),
        ({"regions": ["x"]}, "E_ACCOUNT_INVALID"),
        ({"subject": "of nobody", "password": ""}, "E_ACCOUNT_INVALID"),  # there is no issuer
        ({"roles": []}, "E_BODY_INVALID"),
        ({"roles": ["root"]}, "E_BODY_INVALID"),
        ({"reason": ""}, "E_BODY_INVALID"),
        ({"extra": 1}, "E_BODY_INVALID"),
    ],
)
async def test_what_cannot_be_an_account(town: House, changes: dict[str, Any], code: str) -> None:
    body = {**WHY, "account": f"never-{next(_numbers)}", "password": PASSWORD, "roles": ["viewer"], **changes}
    status, problem = await post(town, "/v1/operators", body)
    assert (status in {409, 422}, problem["code"]) == (True, code)
    _, all_ = await get(town, "/v1/operators", CHIEF)
    assert body["account"] not in {one["account"] for one in all_["operators"]}


async def test_a_name_is_given_once(town: House) -> None:
    body = {**WHY, "account": f"once-{next(_numbers)}", "password": PASSWORD, "roles": ["viewer"]}
    answers = await asyncio.gather(*(post(town, "/v1/operators", body) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
    for path in ("roles", "disable", "enable"):
        what = {**WHY, "roles": ["viewer"]} if path == "roles" else WHY
        assert (await post(town, f"/v1/operators/nobody-at-all/{path}", what))[0] == 404
    assert (await post(town, "/v1/tokens/x/revoke", WHY))[0] == 404


async def test_of_changes_at_the_same_moment_none_undoes_another(town: House) -> None:
    """Whoever gives roles has read the account before, and must not write back that it was not disabled."""
    for _ in range(5):
        name = await account(town)
        disabled, *given = await asyncio.gather(
            post(town, f"/v1/operators/{name}/disable", WHY),
            *(post(town, f"/v1/operators/{name}/roles", {**WHY, "roles": [role]}) for role in ("operator", "auditor")),
        )
        assert disabled[0] == 200
        assert {status for status, _ in given} == {200}
        _, all_ = await get(town, "/v1/operators", CHIEF)
        (now,) = [one for one in all_["operators"] if one["account"] == name]
        assert now["disabledAt"] is not None
        assert now["roles"] in (["operator"], ["auditor"])


async def test_whoever_knows_the_old_password_sets_a_new_one(town: House) -> None:
    name = await account(town)
    headers = await session(town, name)
    wrong = {"password": "not the password", "new": ANOTHER}
    assert (await post(town, "/v1/operator/password", wrong, headers))[1]["code"] == "E_SIGN_IN"
    short = {"password": PASSWORD, "new": "short"}
    assert (await post(town, "/v1/operator/password", short, headers))[1]["code"] == "E_ACCOUNT_INVALID"
    assert await post(town, "/v1/operator/password", {"password": PASSWORD, "new": ANOTHER}, headers) == (204, None)
    assert (await get(town, "/v1/operator", headers))[0] == 401
    assert (await post(town, "/v1/operator/sign-in", {"account": name, "password": PASSWORD}, {}))[0] == 401
    await session(town, name, ANOTHER)
    assert (await post(town, "/v1/operator/password", {"password": PASSWORD, "new": ANOTHER}))[0] == 404  # has a key


async def test_changing_accounts_wants_a_second_person_who_is_nobody_concerned(strict: House) -> None:
    """The first administrator is made on the machine; from then on nobody makes or changes an account alone, there neither."""
    first = await on_the_machine(strict, "add", "anna", "--role", "admin", given=f"{PASSWORD}\n")
    assert first["account"]["roles"] == ["admin"]
    alone = await on_the_machine(strict, "add", "eve", "--role", "approver", given=f"{PASSWORD}\n")
    assert set(alone) == {"error", "remedy"}  # for there are two now: anna, and chief who approves

    anna = await session(strict, "anna")
    body = {**WHY, "request": "make-berta", "account": "berta", "password": PASSWORD, "roles": ["approver"]}
    status, waits = await post(strict, "/v1/operators", body, anna)
    assert (status, waits["code"], waits["state"], waits["request"]) == (
        409,
        "E_SECOND_PERSON",
        "waiting",
        "make-berta",
    )
    other = {**body, "roles": ["approver", "operator"]}
    assert (await post(strict, "/v1/operators", other, anna))[1]["state"] == "changed"
    word = {"content": waits["content"], "reason": "seen"}
    assert (await post(strict, f"/v1/approvals/{waits['proposal']}/approve", word))[0] == 200
    status, made = await post(strict, "/v1/operators", body, anna)
    assert (status, made["roles"]) == (201, ["approver"])
    assert (await post(strict, "/v1/operators", body, anna))[1]["account"] == "berta"  # again: once is enough

    # Nobody approves what is given to themselves.
    berta = await session(strict, "berta")
    more = {**WHY, "request": "more-for-berta", "roles": ["approver", "admin"]}
    _, waits = await post(strict, "/v1/operators/berta/roles", more, anna)
    word = {"content": waits["content"], "reason": "seen"}
    status, problem = await post(strict, f"/v1/approvals/{waits['proposal']}/approve", word, berta)
    assert (status, problem["code"]) == (403, "E_OWN_ACCOUNT")
    assert (await post(strict, f"/v1/approvals/{waits['proposal']}/approve", word))[0] == 200
    # What was approved was approved of the account as it stood.
    async with strict.database() as database:
        await database.execute("update operator_account set regions = array['51'] where name = 'berta'")
    assert (await post(strict, "/v1/operators/berta/roles", more, anna))[1]["state"] == "changed"
    async with strict.database() as database:
        await database.execute("update operator_account set regions = '{}' where name = 'berta'")
    status, given = await post(strict, "/v1/operators/berta/roles", more, anna)
    assert (status, given["roles"]) == (200, ["approver", "admin"])


async def test_the_last_administrator_stays(strict: House) -> None:
    """However many take the role from each other at one moment, one keeps it; on the machine it is no other."""
    journal, hub = strict.hub.journal, strict.hub
    assert hub.sign_in is not None
    desk = Administration(
        accounts=journal.accounts, clock=hub.clock, ids=hub.ids, sign_in=hub.sign_in, keyed=[], systems=set()
    )  # fmt: skip

    def order() -> Order:
        return Order("root", "cli", f"last-{next(_numbers)}", "a try")

    names = [f"last-{n}" for n in range(4)]
    for name in names:
        assert isinstance(await desk.add(order(), name, Given(roles=("admin",)), password=PASSWORD), AccountRecord)
    others = await journal.accounts.accounts()
    assert not isinstance(others, JournalDown)
    for one in others:
        if "admin" in one.roles and one.name not in names:
            assert isinstance(await desk.disable(order(), one.name), AccountRecord)
    limited = Given(roles=("admin",), regions=("51",))
    changes = [desk.disable(order(), names[0]), desk.disable(order(), names[1])]
    changes += [desk.give(order(), names[2], Given(roles=("viewer",))), desk.give(order(), names[3], limited)]
    told = await asyncio.gather(*changes)
    assert [one.code for one in told if isinstance(one, Refusal)] == ["E_LAST_ADMIN"]
    (left,) = [one for one, how in zip(names, told, strict=True) if isinstance(how, Refusal)]
    for again in (desk.disable(order(), left), desk.give(order(), left, Given(roles=("auditor",)))):
        refused = await again
        assert isinstance(refused, Refusal)
        assert refused.code == "E_LAST_ADMIN"
    assert isinstance(await desk.add(order(), "next", Given(roles=("admin",)), password=PASSWORD), AccountRecord)
    assert isinstance(await desk.disable(order(), left), AccountRecord)
