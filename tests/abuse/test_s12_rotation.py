# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""S12: a system changes its client certificate, its signing key and its API key while it sends, over real mutual TLS; the hub
changes its own certificate under it. No message of the system's is refused, and what was signed before still verifies after.
"""

import asyncio
import base64
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import asyncpg
import orjson
import pytest

from certs.authority import Use
from certs.leaf import SUBMISSION, leaf_hash
from certs.suites.choosing import suite_of
from certs.suites.detached import DetachedSigner, verify
from certs.suites.signed_data import read
from certs.suites.suite import Signer
from certs.x509.certificate import Certificate
from tests.hub.identities.secure_house import SecureHouse, event, secure_house
from tests.support.authority import Ca

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


@dataclass(slots=True)
class Department:
    """A system that sends for as long as it is told to, with what it has at the moment: a client certificate and a signer."""

    url: str
    context: ssl.SSLContext
    signer: Signer
    answers: list[int] = field(default_factory=list)
    sent: dict[str, bytes] = field(default_factory=dict)
    """What was accepted, by the sender's id."""
    stop: bool = False

    async def send(self, *, fresh: bool) -> None:
        """``fresh``: a new connection for every message; otherwise one that lasts as long as its context."""
        connector, context = aiohttp.TCPConnector(force_close=fresh), self.context
        http = aiohttp.ClientSession(connector=connector)
        try:
            while not self.stop:
                if context is not self.context:
                    await http.close()
                    context = self.context
                    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=fresh))
                body = event()
                headers = {
                    "Content-Type": "application/cloudevents+json",
                    "Govhub-Signature": base64.b64encode(DetachedSigner(self.signer).over(body)).decode(),
                }
                async with http.post(f"{self.url}/v1/messages", data=body, headers=headers, ssl=context) as answer:
                    self.answers.append(answer.status)
                    self.sent[orjson.loads(body)["id"]] = body
        finally:
            await http.close()


def context_of(ca: Ca, certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca.file)
    context.load_cert_chain(certificate, key)
    return context


@asynccontextmanager
async def at_work(department: Department) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(department.send(fresh=fresh)) for fresh in (True, True, False, False)]
    try:
        yield
    finally:
        department.stop = True
        await asyncio.gather(*tasks)


async def further(department: Department, house: SecureHouse, messages: int = 12) -> None:
    """So many more are answered: of those with new connections, and of those with kept ones."""
    wanted = len(department.answers) + messages
    async with asyncio.timeout(90):
        while len(department.answers) < wanted:
            await house.hub.clock.sleep(0.02)


async def still_proved(dsn: str, department: Department, signed_by: list[Certificate]) -> None:
    """What was stated of every signature verifies now, by the certificates of then."""
    connection = await asyncpg.connect(dsn)
    try:
        leaves = await connection.fetch("select statement, hash from leaf where kind = $1", SUBMISSION)
    finally:
        await connection.close()
    certificates = {one.der: one for one in signed_by}
    used = set()
    for leaf in leaves:
        statement = orjson.loads(leaf["statement"])
        assert leaf["hash"] == leaf_hash(SUBMISSION, leaf["statement"])
        assert statement["statusAt"], "of when the status was is part of what was stated"
        found = read(base64.b64decode(statement["signature"]))
        assert found is not None
        (certificate,) = [certificates[der] for der in found.certificates if der in certificates]
        suite = suite_of(certificate)
        assert suite is not None
        assert verify(found, department.sent[statement["id"]], certificate, suite) is None
        used.add(certificate.der)
    assert len(leaves) == len(department.sent)
    assert used == set(certificates), "signed by the old key and by the new one"


async def test_s12_everything_rotates_under_load_and_nothing_is_refused(tmp_path: Path, dsn: str) -> None:
    ca = Ca(tmp_path / "ca")
    old, new = ca.issue("portal"), ca.issue("portal")
    signing_old, signing_new = ca.issue("portal-signing", Use.SIGNING), ca.issue("portal-signing", Use.SIGNING)
    registered = tmp_path / "registered.pem"
    shutil.copy(ca.pair(signing_old)[0], registered)
    portal = {
        "keys": [],
        "certificates": ["CN=portal,C=CN"],  # the subject, so a renewed certificate needs no change here
        "signature": {"policy": "required", "certificates": [str(registered)]},
    }
    trust = {"revocation": {"crls": [str(ca.crl)], "check_seconds": 0.1}}
    async with secure_house(tmp_path / "hub", dsn, ca, client_auth="required", portal=portal, trust=trust) as house:
        department = Department(house.url, context_of(ca, *ca.pair(old)), ca.signer(signing_old))
        async with at_work(department):
            await further(department, house)

            # Registration of the new signing certificate beside the old one: both are good.
            both = b"".join(ca.pair(one)[0].read_bytes() for one in (signing_old, signing_new))
            registered.with_suffix(".new").write_bytes(both)
            registered.with_suffix(".new").replace(registered)
            async with asyncio.timeout(30):
                while len(house.hub.identities.signing.registered["portal"]) < 2:
                    await house.hub.clock.sleep(0.02)
            await further(department, house)

            # The hub's own certificate, under everybody's feet.
            served = ca.issue("hub", Use.SERVER, hosts=("127.0.0.1", "localhost"))
            for name, file in zip(("hub.pem", "hub.key"), ca.pair(served), strict=True):
                (house.folder / name).write_bytes(file.read_bytes())
            async with asyncio.timeout(30):
                while house.tls.not_after != ca.certificate(served).not_after:
                    await house.hub.clock.sleep(0.02)
            await further(department, house)

            # The department changes over: first the signer, then the client certificate.
            department.signer = ca.signer(signing_new)
            await further(department, house)
            department.context = context_of(ca, *ca.pair(new))
            await further(department, house)

            # The old certificates are revoked early; the department does not notice.
            ca.revoke(old)
            ca.revoke(signing_old)
            await further(department, house)

        assert set(department.answers) == {202}
        async with asyncio.timeout(30):  # the list is read again in its time
            while (
                await house.send(event(), *("--cert", ca.pair(old)[0], "--key", ca.pair(old)[1]))
            ).problem != "E_CERT_REVOKED":
                await house.hub.clock.sleep(0.05)
    await still_proved(dsn, department, [ca.certificate(one) for one in (signing_old, signing_new)])
