# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Revocation in a running hub: lists by file and URL, a responder of openssl; outages, restarts, and no request that waits."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from certs.authority import Use
from certs.x509.certificate import Certificate
from hub.identities.fetching import RevocationFeed
from hub.identities.trusting import Freshness, Trusted, Trusting
from hub.identities.trusting import Use as Shown
from hub.ports.clock import SystemClock
from tests.hub.identities.secure_house import Said, SecureHouse, event, secure_house
from tests.support.authority import Ca
from tests.support.openssl import openssl

SUBJECT = "CN=portal,C=CN"
pg18 = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


@pytest.fixture
def ca(tmp_path: Path) -> Ca:
    return Ca(tmp_path / "ca")


class Site:
    """A web site with a list, that can be told to fail; ``asked`` counts."""

    def __init__(self) -> None:
        self.content = b""
        self.status = 200
        self.asked = 0
        self.url = ""

    async def answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=self.status, body=self.content)


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    one = Site()
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", one.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    assert runner.addresses
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/crl"
    try:
        yield one
    finally:
        await runner.cleanup()


async def until(house: SecureHouse, words: tuple[str | Path, ...], code: str) -> Said:
    """Send until that is what becomes of it."""
    async with asyncio.timeout(60):
        while True:
            said = await house.send(event(), *words)
            if (code == "" and said.status == 202) or (said.status == 401 and said.problem == code):
                return said


@pg18
async def test_a_revoked_certificate_is_refused_on_new_and_kept_connections(tmp_path: Path, dsn: str, ca: Ca) -> None:
    one, other = ca.issue("portal"), ca.issue("portal")
    words, still = (("--cert", pair[0], "--key", pair[1]) for pair in (ca.pair(one), ca.pair(other)))
    trust = {"revocation": {"crls": [str(ca.crl)], "check_seconds": 0.1}}
    async with secure_house(tmp_path / "hub", dsn, ca, portal={"certificates": [SUBJECT]}, trust=trust) as house:
        await until(house, words, "")
        ca.revoke(one)
        said = await until(house, words, "E_CERT_REVOKED")
        assert json.loads(said.body)["serial"] == one.serial
        assert (await house.send(event(), *still)).status == 202


@pg18
async def test_an_outage_of_the_authority_closes_nothing_and_is_told(tmp_path: Path, dsn: str, ca: Ca) -> None:
    one = ca.issue("portal")
    words = ("--cert", ca.pair(one)[0], "--key", ca.pair(one)[1])
    async with site() as crl:
        crl.content = ca.crl.read_bytes()
        trust = {"revocation": {"crls": [crl.url], "check_seconds": 0.1}}
        portal = {"certificates": [SUBJECT]}
        async with secure_house(tmp_path / "hub", dsn, ca, portal=portal, trust=trust) as house:
            await until(house, words, "")
            crl.status = 503
            async with asyncio.timeout(60):
                while not any(one.what == "revocation" for one in house.hub.health.concerns):
                    await house.hub.clock.sleep(0.02)
            (concern,) = [one for one in house.hub.health.concerns if one.what == "revocation"]
            assert "HTTP 503" in concern.reason
            assert "known is that of" in concern.reason
            assert (await house.send(event(), *words)).status == 202
        # A start during the outage knows what was known before, from the disk.
        async with secure_house(tmp_path / "hub", dsn, ca, portal=portal, trust=trust) as house:
            assert (await house.send(event(), *words)).status == 202


@pg18
async def test_no_request_waits_for_an_authority(tmp_path: Path, dsn: str, ca: Ca) -> None:
    """A site that takes the connection and never answers: requests are answered at once, by what is known."""
    one = ca.issue("portal")
    words = ("--cert", ca.pair(one)[0], "--key", ca.pair(one)[1])
    silent = await asyncio.start_server(_swallow, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/crl"
    trust = {"revocation": {"crls": [url], "check_seconds": 0.1}}
    try:
        async with secure_house(tmp_path / "hub", dsn, ca, portal={"certificates": [SUBJECT]}, trust=trust) as house:
            async with asyncio.timeout(20):
                said = await house.send(event(), *words)
            assert (said.status, said.problem) == (401, "E_CERT_STATUS_UNKNOWN")
            assert json.loads(said.body)["retry_after"] > 0
    finally:
        silent.close()


async def _swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read until whoever asks gives up."""
    while await reader.read(4096):
        pass
    writer.close()


class Responder:
    """``openssl ocsp`` over the index of an authority, written in its own form."""

    def __init__(self, folder: Path, ca: Ca) -> None:
        self.folder, self.ca = folder, ca
        self.signing = ca.issue("responder", Use.OCSP)
        self.process: asyncio.subprocess.Process | None = None
        self.port = 0

    def write(self, serials: dict[str, bool]) -> None:
        """The index: these serial numbers, and whether each is revoked."""
        lines = [
            f"{'R' if revoked else 'V'}\t350101000000Z\t{'260101000000Z' if revoked else ''}\t{serial.upper()}\tunknown\t/CN=x\n"
            for serial, revoked in serials.items()
        ]
        (self.folder / "index.txt").write_text("".join(lines))

    async def start(self) -> str:
        certificate, key = self.ca.pair(self.signing)
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        self.process = await asyncio.create_subprocess_exec(
            *("openssl", "ocsp", "-index", self.folder / "index.txt", "-port", str(self.port)),
            *("-rsigner", certificate, "-rkey", key, "-CA", self.ca.file, "-nmin", "5", "-ignore_err"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self.process.stderr is not None
        line = await asyncio.wait_for(self.process.stderr.readline(), 30)
        assert b"waiting for OCSP client connections" in line, line
        return f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


async def test_a_responder_of_openssl_is_asked_and_believed(tmp_path: Path, ca: Ca) -> None:
    assert openssl("version").returncode == 0
    one = ca.issue("portal")
    leaf: Certificate = ca.certificate(one)
    responder = Responder(tmp_path, ca)
    responder.write({one.serial: False})
    url = await responder.start()
    clock = SystemClock()
    trusting = Trusting(clock, freshness=Freshness(timedelta(days=7)))
    trusting.believe([ca.anchor], [])
    feed = RevocationFeed((), (url,), tmp_path, tmp_path / "keep")
    try:
        first = trusting.judge(leaf.der, Shown.CLIENT)
        assert not isinstance(first, Trusted)  # nothing is known yet; from now on it is asked about
        trusting.learn(await feed.look(tuple(trusting.seen.values()), clock.now()))
        assert isinstance(trusting.judge(leaf.der, Shown.CLIENT), Trusted)
        await responder.stop()
        trusting.learn(await feed.look(tuple(trusting.seen.values()), clock.now()))
        assert list(feed.troubles) == [url]
        assert isinstance(trusting.judge(leaf.der, Shown.CLIENT), Trusted)
        again = RevocationFeed((), (url,), tmp_path, tmp_path / "keep")
        trusting.learn(again.kept())
        assert isinstance(trusting.judge(leaf.der, Shown.CLIENT), Trusted)
        responder.write({one.serial: True})
        url = await responder.start()
        fresh = RevocationFeed((), (url,), tmp_path, tmp_path / "keep2")
        trusting.learn(await fresh.look(tuple(trusting.seen.values()), clock.now()))
        refused = trusting.judge(leaf.der, Shown.CLIENT)
    finally:
        await responder.stop()

    assert not isinstance(refused, Trusted)
    assert refused.code == "E_CERT_REVOKED"


async def test_an_older_list_never_takes_the_place_of_a_newer_one(tmp_path: Path, ca: Ca) -> None:
    one = ca.issue("portal")
    clock = SystemClock()
    async with site() as crl:
        ca.shift = timedelta(hours=-1)
        ca.list_revoked(days=30)
        before = ca.crl.read_bytes()
        ca.shift = timedelta()
        ca.revoke(one)
        crl.content = ca.crl.read_bytes()
        feed = RevocationFeed((crl.url,), (), tmp_path, tmp_path / "keep")
        newest = await feed.look((), clock.now())
        crl.content = before
        assert await feed.look((), clock.now()) == newest
        crl.content = b"<html>"
        assert await feed.look((), clock.now()) == newest
        assert feed.troubles[crl.url].reason == "UNREADABLE"


@pg18
async def test_what_runs_out_is_told_in_health_and_log(tmp_path: Path, dsn: str, ca: Ca) -> None:
    soon = ca.issue("portal", days=6.5)
    words = ("--cert", ca.pair(soon)[0], "--key", ca.pair(soon)[1])
    async with secure_house(tmp_path / "hub", dsn, ca, portal={"certificates": [SUBJECT]}) as house:
        await until(house, words, "")
        async with asyncio.timeout(60):
            while not any("client" in one.reason for one in house.hub.health.concerns if one.what == "identity"):
                await house.hub.clock.sleep(0.02)
        lines = [line for line in house.lines("expires soon") if line["kind"] == "client"]
        assert [(line["holder"], line["days"]) for line in lines] == [("portal", 7)]
