# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The hub's own TLS, with curl and openssl as the far side: versions, certificates of clients, and exchanges while it serves."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from certs.authority import Use
from hub.acting import Order, act_of
from hub.identities.clients import fingerprint_of
from hub.ports.journal import AccountRecord, Acted, AuditEntry
from hub.sign_in import Opened
from tests.hub.identities.secure_house import KEY, SecureHouse, event, secure_house
from tests.support.authority import Ca
from tests.support.openssl import openssl

BEARER = ("-H", f"Authorization: Bearer {KEY}")
SUBJECT = "CN=portal,C=CN"
pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


@pytest.fixture
def ca(tmp_path: Path) -> Ca:
    return Ca(tmp_path / "ca")


@pytest.fixture
async def house(tmp_path: Path, dsn: str, ca: Ca) -> AsyncIterator[SecureHouse]:
    async with secure_house(tmp_path / "hub", dsn, ca, portal={"certificates": [SUBJECT]}) as opened:
        yield opened


def shown(ca: Ca, name: str = "portal", days: float = 30) -> tuple[str | Path, ...]:
    certificate, key = ca.pair(ca.issue(name, days=days))
    return ("--cert", certificate, "--key", key)


async def s_client(house: SecureHouse, *words: str) -> bytes:
    address = f"127.0.0.1:{house.server.port}"
    done = await asyncio.to_thread(
        openssl, "s_client", "-connect", address, "-CAfile", house.ca.file, "-verify_return_error", *words
    )
    return done.stdout + done.stderr


async def test_a_certificate_or_a_key_says_who_calls(house: SecureHouse, ca: Ca) -> None:
    by_certificate = await house.send(event(), *shown(ca))
    by_key = await house.send(event(), *BEARER)
    by_both = await house.send(event(), *BEARER, *shown(ca))
    by_nothing = await house.send(event())

    assert [one.status for one in (by_certificate, by_key, by_both)] == [202, 202, 202], by_certificate
    assert (by_nothing.status, by_nothing.problem) == (401, "E_KEY_MISSING")


async def test_a_certificate_of_nobody_says_nothing_and_never_contradicts(house: SecureHouse, ca: Ca) -> None:
    stranger = await house.send(event(), *shown(ca, "stranger"))
    with_key = await house.send(event(), *BEARER, *shown(ca, "stranger"))

    assert (stranger.status, stranger.problem) == (401, "E_CERT_UNKNOWN")
    assert with_key.status == 202


async def test_certificate_and_key_of_different_systems_are_refused(tmp_path: Path, dsn: str, ca: Ca) -> None:
    one = ca.issue("archives")
    systems = {"archives": {"certificates": [fingerprint_of(ca.certificate(one).der)]}, "portal": {"keys": []}}
    from certs.api_key import digest_of  # noqa: PLC0415  # because one test alone needs it

    systems["portal"] = {"keys": [digest_of(KEY)], "sends": ["*"], "any_case": True}
    async with secure_house(tmp_path / "hub", dsn, ca, more={"systems": systems}) as house:
        certificate, key = ca.pair(one)
        said = await house.send(event(), *BEARER, "--cert", certificate, "--key", key)

    assert (said.status, said.problem) == (401, "E_IDENTITY_CONFLICT")


@pytest.mark.parametrize(("version", "word"), [("-tls1_2", b"TLSv1.2"), ("-tls1_3", b"TLSv1.3")], ids=["1.2", "1.3"])
async def test_both_versions_are_spoken_and_nothing_older(house: SecureHouse, version: str, word: bytes) -> None:
    assert word in await s_client(house, version)
    assert b"Verify return code: 0 (ok)" in await s_client(house, version)
    assert b"alert protocol version" in await s_client(house, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")


async def test_the_least_version_may_be_1_3(tmp_path: Path, dsn: str, ca: Ca) -> None:
    async with secure_house(tmp_path / "hub", dsn, ca, minimum="1.3") as house:
        assert b"alert protocol version" in await s_client(house, "-tls1_2")
        assert b"TLSv1.3" in await s_client(house)


@pytest.mark.parametrize("version", ["--tls-max 1.2", "--tlsv1.3"])
async def test_where_certificates_are_required_nobody_gets_in_without(
    tmp_path: Path, dsn: str, ca: Ca, version: str
) -> None:
    async with secure_house(
        tmp_path / "hub", dsn, ca, client_auth="required", portal={"certificates": [SUBJECT]}
    ) as house:
        without = await house.send(event(), *BEARER, *version.split())
        with_one = await house.send(event(), *shown(ca), *version.split())

        assert (without.status, without.code != 0) == (0, True)
        assert with_one.status == 202
        assert {line["code"] for line in house.lines("handshake refused")} == {"E_CERT_MISSING"}


async def test_what_fails_in_the_handshake_is_logged_with_its_code(house: SecureHouse, ca: Ca, tmp_path: Path) -> None:
    ca.shift = timedelta(days=-40)
    expired = shown(ca)
    ca.shift = timedelta(days=2)
    early = shown(ca)
    ca.shift = timedelta()
    foreign = shown(Ca(tmp_path / "foreign"))
    for words, code in (
        (expired, "E_CERT_EXPIRED"),
        (early, "E_CERT_NOT_YET_VALID"),
        (foreign, "E_CERT_UNKNOWN_ISSUER"),
    ):
        house.logged.calls.clear()
        said = await house.send(event(), *words)
        assert (said.status, said.code != 0) == (0, True)
        assert [line["code"] for line in house.lines("handshake refused")] == [code]


async def test_a_header_is_no_certificate(house: SecureHouse, ca: Ca) -> None:
    """There is no trusted proxy, so whoever writes such a header is nobody."""
    certificate, _ = ca.pair(ca.issue("portal"))
    for name in ("X-Client-Cert", "X-Client-Subject", "X-SSL-Client-S-DN"):
        said = await house.send(event(), "-H", f"{name}: {quote(certificate.read_text())}")
        assert (said.status, said.problem) == (401, "E_KEY_MISSING")


async def test_a_trusted_proxy_hands_the_certificate_on(tmp_path: Path, dsn: str, ca: Ca) -> None:
    proxy = {"addresses": ["127.0.0.1"], "subject_header": "X-Subject", "certificate_header": "X-Client-Cert"}
    hub = {"name": "hub-1", "data": "data", "proxy": proxy}
    one = ca.issue("portal")
    pem = quote(ca.pair(one)[0].read_text().partition("-----END CERTIFICATE-----\n")[0] + "-----END CERTIFICATE-----\n")
    async with secure_house(tmp_path / "hub", dsn, ca, portal={"certificates": [SUBJECT]}, more={"hub": hub}) as house:
        said = await house.send(event(), "-H", f"X-Client-Cert: {pem}")
        twice = await house.send(event(), "-H", f"X-Client-Cert: {pem}", "-H", f"X-Client-Cert: {pem}")
        junk = await house.send(event(), "-H", "X-Client-Cert: junk")
        subject_alone = await house.send(event(), "-H", f"X-Subject: {SUBJECT}")

    assert said.status == 202, said
    assert (twice.problem, junk.problem) == ("E_KEY_MISSING", "E_CERT_UNKNOWN_ISSUER")
    assert subject_alone.problem == "E_KEY_MISSING"


async def test_a_session_does_not_make_up_for_a_certificate_that_is_not_believed(
    tmp_path: Path, dsn: str, ca: Ca
) -> None:
    hub = {
        "name": "hub-1",
        "data": "data",
        "proxy": {"addresses": ["127.0.0.1"], "subject_header": "X-Subject", "certificate_header": "X-Client-Cert"},
    }
    async with secure_house(tmp_path / "hub", dsn, ca, portal={"certificates": [SUBJECT]}, more={"hub": hub}) as house:
        sign_in, now = house.hub.sign_in, house.hub.clock.now()
        assert sign_in is not None

        def entry() -> AuditEntry:
            return AuditEntry(id=house.hub.ids.new(), at=now, account="wang", act="a_test", via="cli")

        account = AccountRecord(name="wang", roles=("viewer",), created_at=now)
        act = act_of(
            house.hub.ids, house.hub.clock, Order("a-test", "cli", "add wang", "a try"), "add_operator", "wang"
        )
        assert isinstance(await house.hub.journal.accounts.add(account, act), Acted)
        opened = await sign_in.open(account, "session", "", timedelta(hours=1), entry())
        assert isinstance(opened, Opened)
        session = ("-H", f"Authorization: Bearer {opened.secret}")
        alone = await house.send(event(), *session)
        junk = await house.send(event(), *session, "-H", "X-Client-Cert: junk")

    assert (alone.problem, junk.problem) == ("E_SYSTEMS_ONLY", "E_CERT_UNKNOWN_ISSUER")


async def test_the_hub_s_certificate_is_exchanged_under_load_and_no_request_fails(house: SecureHouse, ca: Ca) -> None:
    """Half of the callers keep their connections, half come anew each time."""
    context = ssl.create_default_context(cafile=ca.file)
    statuses: list[int] = []
    stop = asyncio.Event()

    async def caller(*, fresh: bool) -> None:
        connector = aiohttp.TCPConnector(force_close=fresh, ssl=context)
        async with aiohttp.ClientSession(connector=connector) as http:
            while not stop.is_set():
                headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/cloudevents+json"}
                async with http.post(f"{house.url}/v1/messages", data=event(), headers=headers) as answer:
                    statuses.append(answer.status)

    async def serial() -> bytes:
        told = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", house.server.port))
        return ssl.PEM_cert_to_DER_cert(told)

    callers = [asyncio.create_task(caller(fresh=fresh)) for fresh in (True, False)]
    before = await serial()
    for n in range(3):
        one = ca.issue("hub", Use.SERVER, hosts=("127.0.0.1",))
        certificate, key = ca.pair(one)
        if n == 1:  # between the two files nothing fits, and what was served before still is
            (house.folder / "hub.key").write_bytes(key.read_bytes())
            await house.tls.refreshed([])
        (house.folder / "hub.pem").write_bytes(certificate.read_bytes())
        (house.folder / "hub.key").write_bytes(key.read_bytes())
        async with asyncio.timeout(60):
            while await serial() == before:
                await house.hub.clock.sleep(0.02)
            answered = len(statuses)
            while len(statuses) < answered + 4:  # of whoever came anew, and of whoever stayed
                await house.hub.clock.sleep(0.02)
        before = await serial()
        assert before == ca.certificate(one).der
    stop.set()
    await asyncio.gather(*callers)

    assert set(statuses) == {202}


async def test_a_client_s_certificate_is_renewed_with_overlap(tmp_path: Path, dsn: str, ca: Ca) -> None:
    old, new = ca.issue("portal"), ca.issue("portal")
    names = [fingerprint_of(ca.certificate(one).der) for one in (old, new)]
    async with secure_house(tmp_path / "hub", dsn, ca, portal={"certificates": names}) as house:
        for one in (old, new, old, new):
            certificate, key = ca.pair(one)
            assert (await house.send(event(), "--cert", certificate, "--key", key)).status == 202


async def test_a_system_reads_by_what_it_is_known_and_until_when(tmp_path: Path, dsn: str, ca: Ca) -> None:
    client, other, signing = ca.issue("portal"), ca.issue("portal"), ca.issue("portal", Use.SIGNING, days=7)
    marks = [fingerprint_of(ca.certificate(one).der) for one in (client, other)]
    portal = {"certificates": [SUBJECT, *marks], "signature": {"certificates": [str(ca.pair(signing)[0])]}}
    async with secure_house(tmp_path / "hub", dsn, ca, portal=portal) as house:
        certificate, key = ca.pair(client)
        said = await house.curl("/v1/me", "--cert", certificate, "--key", key)

    found = json.loads(said.body)["credentials"]
    kinds = [one["kind"] for one in found]
    assert kinds == ["api_key", *["client_certificate"] * 3, "signing_certificate"]
    by_name = {(one["name"], one["digest"]): one for one in found[1:4]}
    assert set(by_name) == {(SUBJECT, marks[0]), (marks[0], marks[0]), (marks[1], marks[1])}
    assert by_name[SUBJECT, marks[0]]["presented"]
    assert by_name[marks[0], marks[0]]["expiresAt"] is not None
    assert by_name[marks[1], marks[1]]["expiresAt"] is None, "it was not shown to this hub yet"
    assert (found[4]["suite"], found[4]["digest"]) == ("intl-1", fingerprint_of(ca.certificate(signing).der))
    assert found[4]["expiresAt"] is not None
