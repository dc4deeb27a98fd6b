# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An operator's browser goes to the issuer and comes back: with a session, or with nothing."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from aiohttp import web

from certs.api_key import digest_of
from hub.acting import Order, act_of
from hub.api.authorizing import COOKIE
from hub.config.load import Loaded, load_deployment
from hub.ports.journal import AccountRecord, Acted
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, key_of, open_house
from tests.hub.operating.issuer import AUDIENCE, SmallIssuer
from tests.support.postgres import PrivatePostgres, find_postgres

REDIRECT = "https://hub.example.gov.cn/v1/operator/callback"
_numbers = itertools.count(1)


def _write(folder: Path, journal: str, issuer: SmallIssuer, secret: str = "login") -> Path:
    (folder / "client.secret").write_text(issuer.secret)
    (folder / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [civil]}\n")
    path = folder / "govhub.yaml"
    path.write_text(
        f"""\
hub: {{name: hub-1, data: data}}
journal: {journal}
bus: memory
partitions: 2
secrets: {{login: "file:client.secret"}}
systems:
  civil: {{keys: ["{digest_of(key_of("civil"))}"], sends: ["*"]}}
destinations:
  civil: {{system: civil, connector: mailbox}}
operating:
  issuer:
    {{issuer: "{issuer.url}", audience: {AUDIENCE}, redirect: "{REDIRECT}", client_secret: {secret}}}
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
async def issuer() -> AsyncIterator[SmallIssuer]:
    made = SmallIssuer()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="module")
async def town(issuer: SmallIssuer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("flow")
    async with PrivatePostgres(find_postgres(15)) as postgres:
        loaded = load_deployment(_write(folder, await postgres.fresh_database(), issuer), {})
        assert isinstance(loaded, Loaded), loaded
        async with open_house(loaded, LIMITS) as opened:
            assert opened.hub.issuer is not None
            await asyncio.wait_for(opened.hub.issuer.fetched.wait(), 30)
            yield opened


async def begin(town: House) -> tuple[dict[str, str], str]:
    """What the issuer is asked, and what the browser keeps."""
    async with town.http.get(f"{town.url}/v1/operator/authorize", allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers["Cache-Control"] == "no-store"
        cookie = answer.cookies[COOKIE]
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, True, "/", "Lax")
        asked = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert asked.pop("realm") == "city"  # the issuer's own part of its address
    assert asked["redirect_uri"] == REDIRECT
    assert cookie.value not in str(asked)
    return asked, cookie.value


async def finish(town: House, code: str, state: str, kept: str) -> tuple[int, Any]:
    url = f"{town.url}/v1/operator/callback?{urlencode({'code': code, 'state': state})}"
    async with town.http.get(url, headers={"Cookie": f"{COOKIE}={kept}"} if kept else {}) as answer:
        return answer.status, await answer.json(content_type=None)


async def account(town: House, issuer: SmallIssuer) -> str:
    """An account of the issuer's, whose name is its subject too."""
    name, now = f"op-{next(_numbers)}", town.hub.clock.now()
    record = AccountRecord(name=name, issuer=issuer.url, subject=name, roles=("operator",), created_at=now)
    order = Order("a-test", "cli", f"add {name}", "a try")
    act = act_of(town.hub.ids, town.hub.clock, order, "add_operator", name)
    assert isinstance(await town.hub.journal.accounts.add(record, act), Acted)
    return name


async def test_a_browser_comes_back_with_a_session(town: House, issuer: SmallIssuer) -> None:
    name = await account(town, issuer)
    asked, kept = await begin(town)
    status, session = await finish(town, issuer.grant(asked, sub=name), asked["state"], kept)
    assert (status, session["account"]) == (200, name), session
    headers = {"Authorization": f"Bearer {session['token']}"}
    async with town.http.get(f"{town.url}/v1/operator", headers=headers) as answer:
        assert (answer.status, (await answer.json())["rights"]) == (200, ["act", "read"])
    async with town.database() as database:
        trail = await database.fetch("select act, subject, outcome from audit_entry where account = $1", name)
    assert [tuple(row) for row in trail] == [("sign_in", "oidc", "done")]
    for secret in (issuer.secret, session["token"], kept):
        assert secret not in str(town.logged.calls)


async def test_every_beginning_is_another(town: House) -> None:
    one, other = await begin(town), await begin(town)
    for name in ("state", "nonce", "code_challenge"):
        assert one[0][name] != other[0][name]
    assert len({one[0][name] for name in ("state", "nonce", "code_challenge")}) == 3


async def test_a_code_is_good_once_and_in_the_browser_that_began(town: House, issuer: SmallIssuer) -> None:
    name = await account(town, issuer)
    (asked, kept), (other, foreign) = await begin(town), await begin(town)
    code = issuer.grant(asked, sub=name)
    for state, cookie in (
        (asked["state"], foreign),  # another's browser
        (asked["state"], ""),
        (other["state"], kept),
        ("", kept),
        ("\N{SNOWMAN}", kept),
    ):
        status, problem = await finish(town, code, state, cookie)
        assert (status, problem["code"]) == (401, "E_SIGN_IN")
    assert code in issuer.codes  # it was not even tried
    status, problem = await finish(town, code, other["state"], foreign)  # injected: PKCE is against it
    assert (status, problem["code"]) == (401, "E_SIGN_IN")
    code = issuer.grant(asked, sub=name)
    assert (await finish(town, code, asked["state"], kept))[0] == 200
    assert (await finish(town, code, asked["state"], kept))[0] == 401
    assert (await finish(town, "x" * 5000, asked["state"], kept))[0] == 401
    assert (await finish(town, "", asked["state"], kept))[0] == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 7},
        {"aud": "another-client"},
        {"aud": [AUDIENCE, "another-client"]},
        {"aud": [AUDIENCE, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"iss": "https://other.invalid"},
        {"exp": 1},
        {"sub": "of-no-account"},
        {"sub": None},
    ],
)
async def test_a_token_that_does_not_answer_what_was_asked_is_nothing(
    town: House, issuer: SmallIssuer, claims: dict[str, Any]
) -> None:
    name = await account(town, issuer)
    asked, kept = await begin(town)
    code = issuer.grant(asked, sub=name)
    issuer.codes[code]["token"] = issuer.token(
        town.hub.clock.now().timestamp(), **{"sub": name, "nonce": asked["nonce"], **claims}
    )
    status, problem = await finish(town, code, asked["state"], kept)
    assert (status, problem["code"]) == (401, "E_SIGN_IN")


async def test_one_that_is_for_others_too_names_this_client(town: House, issuer: SmallIssuer) -> None:
    name = await account(town, issuer)
    asked, kept = await begin(town)
    code = issuer.grant(asked, sub=name, aud=[AUDIENCE, "another-client"], azp=AUDIENCE)
    assert (await finish(town, code, asked["state"], kept))[0] == 200


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda: web.Response(status=500), (503, "E_ISSUER_DOWN")),
        (lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"}), (503, "E_ISSUER_DOWN")),
        (lambda: web.Response(text="no JSON"), (503, "E_ISSUER_DOWN")),
        (lambda: web.Response(body=b"x" * 300_000), (503, "E_ISSUER_DOWN")),
        (lambda: web.json_response([]), (401, "E_SIGN_IN")),
        (lambda: web.json_response({"id_token": 7}), (401, "E_SIGN_IN")),
        (lambda: web.json_response({"id_token": "a.b.c"}), (401, "E_SIGN_IN")),
        (lambda: web.json_response({"error": "invalid_client"}, status=401), (401, "E_SIGN_IN")),
    ],
    ids=["500", "redirect", "text", "long", "list", "number", "junk", "refused"],
)
async def test_whatever_the_issuer_answers_it_is_an_answer(
    town: House, issuer: SmallIssuer, answer: Callable[[], web.Response], expected: tuple[int, str]
) -> None:
    asked, kept = await begin(town)
    code = issuer.grant(asked)
    issuer.answer = answer
    try:
        status, problem = await finish(town, code, asked["state"], kept)
    finally:
        issuer.answer = None
    assert (status, problem["code"]) == expected


def test_a_secret_that_is_none_is_told(tmp_path: Path, issuer: SmallIssuer) -> None:
    faults = load_deployment(_write(tmp_path, "embedded", issuer, secret="logon"), {})
    assert not isinstance(faults, Loaded)
    assert [(one.code, one.path) for one in faults] == [("NAME_UNKNOWN", "operating.issuer.client_secret")]
