# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Operators on the running hub: passwords, lock-out, sessions, roles, scopes, the second person, the trail, an issuer."""

import asyncio
import csv
import io
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from joserfc.jwk import RSAKey
from typer.testing import CliRunner, Result

from certs.api_key import digest_of
from contracts.refusal import Refusal
from hub.api.audit_documents import csv_rows
from hub.cli.main import app
from hub.config.load import Loaded, load_deployment
from hub.operators import RIGHTS, Right, Role
from hub.ports.journal import AccountRecord, AuditEntry
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, application, bearer, key_of, new_case, open_house
from tests.hub.operating.issuer import AUDIENCE, SmallIssuer
from tests.support.postgres import PrivatePostgres, find_postgres

PASSWORD = "made-up and long enough"
_NOW = datetime(2026, 3, 2, tzinfo=UTC)
_numbers = itertools.count(1)


def _deployment(folder: Path, journal: str, issuer: str) -> Loaded:
    keys = {name: digest_of(key_of(name)) for name in ("portal", "housing", "civil", "watcher", "keeper", "chief")}
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
operators:
  watcher: {{keys: ["{keys["watcher"]}"]}}
  keeper: {{keys: ["{keys["keeper"]}"], may: [act]}}
  chief: {{keys: ["{keys["chief"]}"], may: [act], roles: [approver, auditor]}}
operating:
  lock_failures: 3
  issuer: {{issuer: "{issuer}", audience: {AUDIENCE}}}
  second_person: {{acts: {{discard: 0, replay: 1, alias: 0}}}}
destinations:
  housing: {{system: housing, connector: mailbox}}
  civil: {{system: civil, connector: mailbox}}
""",
        encoding="utf-8",
    )
    # Their systems may receive nothing, so whatever is sent to them is dead at once: dead letters without waiting.
    (folder / "routes.yaml").write_text(
        "version: 1\nroutes:\n  - {name: all, when: {}, to: [housing, civil]}\n", encoding="utf-8"
    )
    loaded = load_deployment(folder / "govhub.yaml", {})
    assert isinstance(loaded, Loaded), loaded
    return loaded


@pytest.fixture(scope="module")
async def issuer() -> AsyncIterator[SmallIssuer]:
    made = SmallIssuer()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="module")
async def town(issuer: SmallIssuer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("operating")
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        open_house(_deployment(folder, await postgres.fresh_database(), issuer.url), LIMITS) as opened,
    ):
        yield opened


async def command(town: House, *words: str, given: str = "") -> Result:
    config = town.data.parent / "govhub.yaml"
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, [*words, "-c", str(config)], input=given))


async def told(town: House, *words: str, given: str = "") -> Any:
    result = await command(town, *words, "--json", given=given)
    assert result.exit_code == 0, result.output
    return orjson.loads(result.stdout)


async def account(town: House, *more: str) -> str:
    name = f"op-{next(_numbers)}"
    await told(town, "operators", "add", name, *more, given=f"{PASSWORD}\n")
    return name


async def sign_in(town: House, name: str, password: str = PASSWORD) -> tuple[int, Any]:
    body = {"account": name, "password": password}
    async with town.http.post(f"{town.url}/v1/operator/sign-in", json=body) as answer:
        return answer.status, await answer.json(content_type=None)


async def session(town: House, name: str) -> dict[str, str]:
    status, opened = await sign_in(town, name)
    assert status == 200, opened
    return {"Authorization": f"Bearer {opened['token']}"}


async def get(town: House, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    async with town.http.get(f"{town.url}{path}", headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def post(town: House, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    async with town.http.post(f"{town.url}{path}", json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def dead_letters(
    town: House, case: str | None = None, region: str = "510502"
) -> tuple[str, list[dict[str, Any]]]:
    """Send one application: both of its deliveries die at once. The case, and those that are dead."""
    case = case or new_case()
    status, _, answer = await town.send(application(case, data_region_code=region))
    assert status == 202, answer
    keeper, found = bearer("keeper"), list[dict[str, Any]]()
    async with asyncio.timeout(30):
        while len(found) < 2:
            await asyncio.gather(*(town.get(f"/v1/mailbox/{one}?wait=0", one) for one in ("housing", "civil")))
            _, groups = await get(town, "/v1/dead", keeper)
            found = []
            for group in groups["groups"]:
                _, page = await get(town, f"/v1/dead/{group['group']}", keeper)
                found += [
                    {**one, "destination": group["destination"]} for one in page["deliveries"] if one["case"] == case
                ]
    return case, found


# Signing in


async def test_a_session_is_an_operator_until_it_is_ended(town: House) -> None:
    name = await account(town, "--role", "viewer", "--title", "Duty desk")
    headers = await session(town, name)
    status, me = await get(town, "/v1/operator", headers)
    assert (status, me["account"], me["kind"], me["rights"]) == (200, name, "password", ["read"])
    assert (await get(town, "/v1/dead", headers))[0] == 200
    assert (await get(town, "/v1/me", headers))[0] == 403  # and never a system
    async with town.http.post(f"{town.url}/v1/operator/sign-out", headers=headers) as answer:
        assert answer.status == 204
    assert await get(town, "/v1/dead", headers) == (401, _any_problem("E_KEY_UNKNOWN"))


async def test_a_session_ends_by_itself(town: House) -> None:
    name = await account(town)
    headers = await session(town, name)
    async with town.database() as database:
        await database.execute("update operator_token set expires_at = now() where account = $1", name)
    assert (await get(town, "/v1/dead", headers))[0] == 401


async def test_whoever_fails_learns_nothing_and_is_locked_for_a_while(town: House) -> None:
    name, nobody = await account(town), f"op-{next(_numbers)}"
    answers = {who: [await sign_in(town, who, "wrong but long enough") for _ in range(3)] for who in (name, nobody)}
    for one in answers.values():
        for status, problem in one:
            problem.pop("instance")
            assert (status, problem["code"]) == (401, "E_SIGN_IN")
    assert answers[name] == answers[nobody]  # word for word
    status, problem = await sign_in(town, name)  # the right password, too late
    assert (status, problem["code"]) == (401, "E_SIGN_IN")
    async with town.database() as database:  # a quarter of an hour later
        await database.execute("update sign_in_failure set failed_at = failed_at - interval '16 minutes'")
    assert (await sign_in(town, name))[0] == 200


async def test_who_tries_many_at_one_moment_has_no_more_tries(town: House) -> None:
    name = await account(town)
    answers = await asyncio.gather(*(sign_in(town, name, "wrong but long enough") for _ in range(12)))
    assert {problem["code"] for _, problem in answers} == {"E_SIGN_IN"}
    async with town.database() as database:
        looked_at = "select sum(times) from audit_entry where account = $1 and act = 'sign_in' and reason = $2"
        assert await database.fetchval(looked_at, name, "") == 3
        assert await database.fetchval(looked_at, name, "locked") == 9


async def test_no_session_begins_by_a_password_that_was_changed_meanwhile(town: House) -> None:
    name, desk = await account(town), town.hub.sign_in
    assert desk is not None
    seen = await town.hub.journal.accounts.account(name)
    assert isinstance(seen, AccountRecord)

    async def opened() -> str:
        entry = AuditEntry(id=town.hub.ids.new(), at=town.hub.clock.now(), account=name, act="a_test", via="cli")
        begun = await desk.open(seen, "session", "", timedelta(hours=1), entry)
        return begun.code if isinstance(begun, Refusal) else "opened"

    assert await opened() == "opened"
    await told(town, "operators", "passwd", name, given="another that is long\n")
    assert await opened() == "E_SIGN_IN"
    (listed,) = (await told(town, "operators", "tokens", name))["tokens"]
    assert listed["revokedAt"] is not None


async def test_enabling_unlocks_and_disabling_ends_everything(town: House) -> None:
    name = await account(town)
    headers = await session(town, name)
    await told(town, "operators", "disable", name, "--reason", "left")
    assert (await get(town, "/v1/dead", headers))[0] == 401
    assert (await sign_in(town, name))[0] == 401
    for _ in range(3):
        await sign_in(town, name, "wrong but long enough")
    await told(town, "operators", "enable", name)
    assert (await sign_in(town, name))[0] == 200


async def test_a_new_password_ends_sessions_and_the_old_one(town: House) -> None:
    name = await account(town)
    headers = await session(town, name)
    await told(town, "operators", "passwd", name, given="another that is long\n")
    assert (await get(town, "/v1/dead", headers))[0] == 401
    assert (await sign_in(town, name))[0] == 401
    assert (await sign_in(town, name, "another that is long"))[0] == 200


async def test_a_token_is_good_until_it_is_revoked(town: House) -> None:
    name = await account(town, "--role", "operator")
    made = await told(town, "operators", "token", name, "--title", "nightly report")
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert (await get(town, "/v1/operator", headers))[1]["kind"] == "token"
    (listed,) = (await told(town, "operators", "tokens", name))["tokens"]
    assert (listed["id"], listed["kind"], listed["title"]) == (made["id"], "token", "nightly report")
    assert await told(town, "operators", "revoke", made["id"]) == {"revoked": True}
    assert (await get(town, "/v1/operator", headers))[0] == 401
    assert await told(town, "operators", "revoke", made["id"]) == {"revoked": False}


@pytest.mark.parametrize(
    "secret",
    ["gho_", "gho_" + "x" * 43, "gho_\N{SNOWMAN}", "gho_" + "x" * 5000, "eyJ.eyJ.x", "eyJhbGciOiJub25lIn0.e30."],
)
async def test_what_is_no_session_gets_nothing(town: House, secret: str) -> None:
    async with town.http.get(f"{town.url}/v1/dead", headers={"Authorization": f"Bearer {secret}"}) as answer:
        assert answer.status == 401


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["add", "keeper"], PASSWORD),  # an operator with a key
        (["add", "Big"], PASSWORD),
        (["add", "x y"], PASSWORD),
        (["add", "short"], "short"),
        (["add", "nowhere", "--organisation", "nothing"], PASSWORD),
        (["passwd", "nobody-at-all"], PASSWORD),
    ],
)
async def test_accounts_that_cannot_be(town: House, words: list[str], given: str) -> None:
    result = await command(town, "operators", *words, "--json", given=f"{given}\n")
    assert result.exit_code != 0
    assert set(orjson.loads(result.stdout)) == {"error", "remedy"}


async def test_nothing_of_a_password_is_kept(town: House) -> None:
    name = await account(town)
    await sign_in(town, name)
    async with town.database() as database:
        stored = await database.fetchval("select password from operator_account where name = $1", name)
        trail = await database.fetch("select * from audit_entry")
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in str(trail)
    assert PASSWORD not in str(town.logged.calls)


# Roles and scopes


@pytest.mark.parametrize("role", list(Role))
async def test_every_role_may_what_its_rights_say_on_every_route(town: House, role: Role) -> None:
    name = await account(town, "--role", role.value)
    headers = await session(town, name)
    for right, method, path in (
        (Right.READ, "GET", "/v1/dead"),
        (Right.ACT, "POST", "/v1/dead/discard"),
        (Right.APPROVE, "POST", f"/v1/approvals/{UUID(int=1)}/approve"),
        (Right.AUDIT, "GET", "/v1/audit"),
    ):
        async with town.http.request(method, f"{town.url}{path}", headers=headers, json={}) as answer:
            assert (answer.status != 403) == (right in RIGHTS[role]), (role, path, await answer.text())


async def test_an_operator_of_one_organisation_sees_and_touches_no_other(town: House) -> None:
    case, letters = await dead_letters(town)
    by = {one["destination"]: one for one in letters}
    name = await account(town, "--role", "operator", "--organisation", "housing")
    headers = await session(town, name)

    _, groups = await get(town, "/v1/dead", headers)
    assert {one["destination"] for one in groups["groups"]} == {"housing"}
    _, places = await get(town, "/v1/destinations", headers)
    assert [one["destination"] for one in places["destinations"]] == ["housing"]
    assert (await get(town, f"/v1/cases/{case}", headers))[0] == 200
    # what knows no scope is for operators without one
    assert (await get(town, "/v1/routes", headers)) == (403, _any_problem("E_SCOPE"))

    act = {"request": f"r-{next(_numbers):06}-of-a-test", "reason": "a try"}
    body = {**act, "deliveries": [by["civil"]["delivery"]]}
    preview = {**body, "dry_run": True}
    assert await post(town, "/v1/replays", preview, headers) == (403, _any_problem("E_SCOPE"))
    mine = {**preview, "deliveries": [by["housing"]["delivery"]]}
    assert (await post(town, "/v1/replays", mine, headers))[0] == 200
    assert await post(town, "/v1/replays", body, headers) == (403, _any_problem("E_SCOPE"))
    assert await post(town, "/v1/destinations/civil/pause", act, headers) == (403, _any_problem("E_SCOPE"))
    status, done = await post(town, "/v1/replays", {**body, "deliveries": [by["housing"]["delivery"]]}, headers)
    assert status == 202, done


async def test_an_operator_of_one_region_sees_and_touches_no_other(town: House) -> None:
    inside, letters = await dead_letters(town, region="510502")
    outside, others = await dead_letters(town, region="510902")
    name = await account(town, "--role", "operator", "--region", "5105")
    headers = await session(town, name)

    assert (await get(town, f"/v1/cases/{inside}", headers))[0] == 200
    assert (await get(town, f"/v1/cases/{outside}", headers))[0] == 404
    _, groups = await get(town, "/v1/dead", headers)
    seen = set()
    for group in groups["groups"]:
        _, page = await get(town, f"/v1/dead/{group['group']}", headers)
        seen |= {one["case"] for one in page["deliveries"]}
    assert inside in seen
    assert outside not in seen

    def body(one: dict[str, Any]) -> dict[str, Any]:
        return {"request": f"r-{next(_numbers):06}-of-a-test", "reason": "a try", "deliveries": [one["delivery"]]}

    assert await post(town, "/v1/replays", body(others[0]), headers) == (403, _any_problem("E_SCOPE"))
    assert (await post(town, "/v1/replays", body(letters[0]), headers))[0] == 202
    pause = {"request": f"r-{next(_numbers):06}-of-a-test", "reason": "a try"}
    assert await post(town, "/v1/destinations/housing/pause", pause, headers) == (403, _any_problem("E_SCOPE"))


# The second person


async def test_a_dangerous_act_waits_for_another_account_and_is_done_once(town: House) -> None:
    case, letters = await dead_letters(town)
    body = {
        "request": f"r-{next(_numbers):06}-of-a-test",
        "reason": "obsolete",
        "deliveries": [one["delivery"] for one in letters],
    }
    keeper, chief = bearer("keeper"), bearer("chief")

    status, waits = await post(town, "/v1/dead/discard", body, keeper)
    assert (status, waits["code"], waits["state"]) == (409, "E_SECOND_PERSON", "waiting")
    (proposal,) = [
        one
        for one in (await get(town, "/v1/approvals?waiting=true", keeper))[1]["proposals"]
        if one["request"] == body["request"]
    ]
    assert (proposal["proposer"], proposal["size"], proposal["kind"]) == ("keeper", 2, "discard")
    assert (proposal["proposal"], proposal["content"]) == (waits["proposal"], waits["content"])
    path = f"/v1/approvals/{proposal['proposal']}"
    word = {"content": proposal["content"], "reason": "seen"}

    assert (await post(town, f"{path}/approve", word, keeper))[0] == 403  # has no such right
    assert await post(town, f"{path}/approve", {**word, "content": "sha256:" + "0" * 64}, chief) == (
        409, _any_problem("E_PROPOSAL_STATE"),
    )  # fmt: skip
    assert (await post(town, f"{path}/approve", word, chief))[0] == 200
    assert await post(town, f"{path}/refuse", word, chief) == (409, _any_problem("E_PROPOSAL_STATE"))

    assert await post(town, "/v1/dead/discard", body, chief) == (
        409,
        _any_problem("E_SECOND_PERSON"),
    )  # not the chief's
    status, done = await post(town, "/v1/dead/discard", body, keeper)
    assert (status, done["applied"]) == (200, 2)
    assert (await post(town, "/v1/dead/discard", body, keeper))[1] == {**done, "again": True}

    _, trail = await get(town, f"/v1/audit?case={case}", chief)
    assert [(one["account"], one["act"], one["applied"]) for one in trail["audit"]] == [("keeper", "discard", 2)]
    _, trail = await get(town, "/v1/audit?account=chief", chief)
    assert ("approve_discard", "seen") in {(one["act"], one["reason"]) for one in trail["audit"]}


async def test_the_proposer_never_approves(town: House) -> None:
    _, letters = await dead_letters(town)
    body = {"request": f"r-{next(_numbers):06}-of-a-test", "reason": "obsolete", "deliveries": [letters[0]["delivery"]]}
    chief = bearer("chief")
    _, waits = await post(town, "/v1/dead/discard", body, chief)
    word = {"content": waits["content"], "reason": "mine"}
    answer = await post(town, f"/v1/approvals/{waits['proposal']}/approve", word, chief)
    assert answer == (403, _any_problem("E_OWN_PROPOSAL"))
    assert (await post(town, "/v1/dead/discard", body, chief))[0] == 409


async def test_a_refused_or_expired_proposal_is_never_done(town: House) -> None:
    _, letters = await dead_letters(town)
    keeper, chief = bearer("keeper"), bearer("chief")
    for turn, one in enumerate(letters):
        body = {"request": f"r-{next(_numbers):06}-of-a-test", "reason": "obsolete", "deliveries": [one["delivery"]]}
        _, waits = await post(town, "/v1/dead/discard", body, keeper)
        word = {"content": waits["content"], "reason": "no"}
        act = ("refuse", "approve")[turn]
        assert (await post(town, f"/v1/approvals/{waits['proposal']}/{act}", word, chief))[0] == 200
        async with town.database() as database:
            if act == "approve":
                await database.execute("update proposal set expires_at = now() where id = $1", UUID(waits["proposal"]))
        _, problem = await post(town, "/v1/dead/discard", body, keeper)
        assert (problem["code"], problem["state"]) == ("E_SECOND_PERSON", ("refused", "expired")[turn])


async def test_what_changed_since_wants_a_new_approval(town: House) -> None:
    """A group is approved as it stood; one letter more, and it is another act."""
    _, letters = await dead_letters(town)
    keeper, chief = bearer("keeper"), bearer("chief")
    _, groups = await get(town, "/v1/dead", keeper)
    (group,) = [one["group"] for one in groups["groups"] if one["destination"] == letters[0]["destination"]]
    body = {"request": f"r-{next(_numbers):06}-of-a-test", "reason": "all obsolete", "group": group}
    _, waits = await post(town, "/v1/dead/discard", body, keeper)
    word = {"content": waits["content"], "reason": "seen"}
    assert (await post(town, f"/v1/approvals/{waits['proposal']}/approve", word, chief))[0] == 200
    await dead_letters(town)
    status, problem = await post(town, "/v1/dead/discard", body, keeper)
    assert (status, problem["state"]) == (409, "changed")


async def test_a_small_replay_wants_nobody_and_the_command_line_proves_nobody(town: House) -> None:
    _, letters = await dead_letters(town)
    one = {"request": f"r-{next(_numbers):06}-of-a-test", "reason": "mended", "deliveries": [letters[0]["delivery"]]}
    assert (await post(town, "/v1/replays", one, bearer("keeper")))[0] == 202
    result = await command(town, "dead", "discard", "-d", letters[1]["delivery"], "--reason", "x", "--yes", "--json")
    assert result.exit_code != 0
    async with town.database() as database:
        assert await database.fetchval("select count(*) from act where kind = 'discard' and via = 'cli'") == 0


# The trail


async def test_the_trail_is_searched_and_walked_by_pages(town: House) -> None:
    name = await account(town, "--role", "auditor")
    headers = await session(town, name)
    await sign_in(town, name, "wrong but long enough")
    _, mine = await get(town, f"/v1/audit?account={name}", headers)
    assert [(one["act"], one["outcome"]) for one in mine["audit"]] == [("sign_in", "refused"), ("sign_in", "done")]
    walked: list[str] = []
    after = ""
    while True:
        _, page = await get(town, f"/v1/audit?limit=3{after}", headers)
        walked += [one["entry"] for one in page["audit"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert walked == sorted(set(walked), reverse=True)
    whole = await told_lines(town, "audit", "export")
    assert {one["entry"] for one in whole} >= set(walked)
    for wrong in ("since=yesterday", "account=%00", "after=x", "limit=x"):
        assert (await get(town, f"/v1/audit?{wrong}", headers))[0] == 400
    _, none = await get(town, "/v1/audit?until=2020-01-01T00:00:00Z", headers)
    assert none["audit"] == []


async def told_lines(town: House, *words: str) -> list[Any]:
    result = await command(town, *words)
    assert result.exit_code == 0, result.output
    return [orjson.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_no_text_of_the_trail_is_a_formula(text: str) -> None:
    entry = AuditEntry(
        id=UUID(int=1), at=_NOW, account=text, act=text, subject=text, reason=text,
        via="api", request=text,
    )  # fmt: skip
    (header, row) = list(csv.reader(io.StringIO(csv_rows([entry], header=True))))
    assert header[0] == "entry"
    assert [row[n] for n in (2, 3, 4, 5, 8)] == [f"'{text}"] * 5
    plain = csv_rows([replace(entry, account="wang", act="discard", subject="", reason="", request="")], header=False)
    assert next(csv.reader(io.StringIO(plain)))[2:4] == ["wang", "discard"]


async def test_the_trail_is_exported_as_csv(town: House) -> None:
    await account(town)
    result = await command(town, "audit", "export", "--format", "csv", "--act", "add_operator")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert rows
    assert {row["act"] for row in rows} == {"add_operator"}


# The issuer


async def test_a_token_of_the_issuer_is_its_account(town: House, issuer: SmallIssuer) -> None:
    assert town.hub.issuer is not None
    await asyncio.wait_for(town.hub.issuer.fetched.wait(), 30)
    now = town.hub.clock.now().timestamp()
    name, subject = f"op-{next(_numbers)}", f"subject-{next(_numbers)}"
    await told(town, "operators", "add", name, "--subject", subject, "--role", "auditor")
    headers = {"Authorization": f"Bearer {issuer.token(now, sub=subject)}"}
    _, me = await get(town, "/v1/operator", headers)
    assert (me["account"], me["kind"], me["rights"]) == (name, "oidc", ["audit", "read"])
    assert (await sign_in(town, name, ""))[0] != 200  # it has no password
    await told(town, "operators", "disable", name)
    assert (await get(town, "/v1/operator", headers))[0] == 401


async def test_what_the_issuer_did_not_say_to_this_hub_now_is_nothing(town: House, issuer: SmallIssuer) -> None:
    assert town.hub.issuer is not None
    await asyncio.wait_for(town.hub.issuer.fetched.wait(), 30)
    now = town.hub.clock.now().timestamp()
    await told(town, "operators", "add", f"op-{next(_numbers)}", "--subject", "zhang", "--role", "viewer")
    other = RSAKey.generate_key(2048, {"kid": "first"})
    good = issuer.token(now)
    assert (await get(town, "/v1/operator", {"Authorization": f"Bearer {good}"}))[0] == 200
    head, body, signature = good.split(".")
    wrong = {
        "another key": issuer.token(now, other),
        "another issuer": issuer.token(now, iss="https://other.invalid"),
        "for another": issuer.token(now, aud="another-client"),
        "for nobody": issuer.token(now, aud=None),
        "over": issuer.token(now, exp=int(now) - 3600),
        "for ever": issuer.token(now, exp=None),
        "of nobody": issuer.token(now, sub=None),
        "of no account": issuer.token(now, sub="li"),
        "not yet": issuer.token(now, nbf=int(now) + 3600),
        "another body": f"{head}.{body[:-2]}AA.{signature}",
        "no signature": f"{head}.{body}.",
        "an unknown key": issuer.token(now, other, {"kid": "second"}),
    }
    for what, token in wrong.items():
        assert (await get(town, "/v1/operator", {"Authorization": f"Bearer {token}"}))[0] == 401, what


class _Problem(dict[str, Any]):
    """Equal to every problem document of its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code=code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and other.get("code") == self["code"]

    __hash__ = None


def _any_problem(code: str) -> _Problem:
    return _Problem(code)
