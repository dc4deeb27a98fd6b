# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Messages signed by openssl and sent by curl: what is taken is kept with its signature, and everything else has its code."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from certs.authority import Use
from certs.leaf import SUBMISSION, leaf_hash
from certs.suites.choosing import suite_named
from certs.suites.detached import DetachedSigner
from connectors.sdk import Item, NotNow, Refused, Taken
from hub.inlet import Bringer
from hub.items import accept_items
from tests.hub.identities.secure_house import KEY, Said, SecureHouse, event, secure_house
from tests.support.authority import Ca
from tests.support.openssl import DISTID, openssl

BEARER = ("-H", f"Authorization: Bearer {KEY}")
pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


class Office:
    """A department that signs: by the files of its certificates, one of each suite."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.intl, self.gm = Ca(folder / "ca"), Ca(folder / "gm", "gm-1")
        self.signing = self.intl.issue("portal", Use.SIGNING)
        self.signing_gm = self.gm.issue("portal", Use.SIGNING)

    def cms(self, body: bytes, *words: str) -> bytes:
        """As docs/identities.md says."""
        certificate, key = self.intl.pair(self.signing)
        (self.folder / "body").write_bytes(body)
        done = openssl(
            *("cms", "-sign", "-binary", "-in", self.folder / "body", "-signer", certificate, "-inkey", key),
            *("-md", "sha256", "-outform", "DER", *(words or ("-cades",))),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sm2(self, body: bytes) -> bytes:
        """As docs/identities.md says."""
        _, key = self.gm.pair(self.signing_gm)
        (self.folder / "body").write_bytes(body)
        done = openssl(
            *("pkeyutl", "-sign", "-inkey", key, "-rawin", "-digest", "sm3", "-pkeyopt", DISTID),
            *("-in", self.folder / "body", "-out", self.folder / "signature"),
        )
        assert done.returncode == 0, done.stderr
        return (self.folder / "signature").read_bytes()


def header(signature: bytes) -> tuple[str, str]:
    return ("-H", f"Govhub-Signature: {base64.b64encode(signature).decode()}")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
async def house(tmp_path: Path, dsn: str, office: Office) -> AsyncIterator[SecureHouse]:
    files = [str(ca.pair(one)[0]) for ca, one in ((office.intl, office.signing), (office.gm, office.signing_gm))]
    signature = {"policy": "required", "certificates": files, "contracts": {"cn.gov.inquiry.submitted": "none"}}
    trust = {
        "anchors": [str(office.intl.file), str(office.gm.file)],
        "revocation": {"crls": [str(office.intl.crl), str(office.gm.crl)], "check_seconds": 0.1},
    }
    async with secure_house(tmp_path / "hub", dsn, office.intl, portal={"signature": signature}, trust=trust) as opened:
        yield opened


async def sent(house: SecureHouse, body: bytes, *words: str) -> Said:
    return await house.send(body, *BEARER, *words)


async def test_signatures_of_openssl_are_taken_and_kept_beside_the_message(
    house: SecureHouse, office: Office, dsn: str
) -> None:
    for suite, sign, signing in (("intl-1", office.cms, office.signing), ("gm-1", office.sm2, office.signing_gm)):
        ca = office.intl if suite == "intl-1" else office.gm
        body = event()
        signature = sign(body)
        said = await sent(house, body, *header(signature))
        assert said.status == 202, said.body
        message = json.loads(said.body)["message"]
        connection = await asyncpg.connect(dsn)
        try:
            (kept,) = await connection.fetch(
                "select statement, hash from leaf where message_id = $1 and kind = $2", message, SUBMISSION
            )
            raw = await connection.fetchval("select count(*) from leaf where message_id = $1", message)
        finally:
            await connection.close()
        statement = json.loads(kept["statement"])

        assert raw == 2
        assert kept["hash"] == leaf_hash(SUBMISSION, kept["statement"])
        assert (statement["suite"], statement["system"], statement["stale"]) == (suite, "portal", False)
        assert base64.b64decode(statement["signature"]) == signature
        own = ca.certificate(signing).der
        assert base64.b64decode(statement.get("certificate", "")) == (b"" if own in signature else own)
        assert statement["statusAt"] is not None
        known = suite_named(suite)
        assert known is not None
        assert statement["digest"].rpartition(":")[2] == known.digest(body).hex()


async def test_a_structure_of_gb_t_35275_is_taken_too(house: SecureHouse, office: Office) -> None:
    body = event()
    signature = DetachedSigner(office.gm.signer(office.signing_gm)).over(body)

    assert (await sent(house, body, *header(signature))).status == 202


async def test_what_is_not_signed_as_agreed_is_refused_with_its_code(house: SecureHouse, office: Office) -> None:
    body = event()
    good = office.cms(body)
    stranger = office.intl.issue("portal", Use.SIGNING)
    foreign = DetachedSigner(office.intl.signer(stranger)).over(body)
    cases = (
        ((), "E_SIGNATURE_MISSING"),
        (header(b"0"), "E_SIGNATURE_INVALID"),
        (("-H", "Govhub-Signature: not base64!"), "E_SIGNATURE_INVALID"),
        (header(good[:-1]), "E_SIGNATURE_INVALID"),
        (header(office.cms(body + b" ")), "E_SIGNATURE_INVALID"),
        (header(office.sm2(body + b" ")), "E_SIGNATURE_INVALID"),
        (header(office.cms(body, "-nosmimecap")), "E_SIGNATURE_INVALID"),
        (header(foreign), "E_SIGNATURE_UNTRUSTED"),
        ((*header(good), *header(good)), "E_SIGNATURE_INVALID"),
    )
    for words, code in cases:
        said = await sent(house, body, *words)
        assert (said.problem, said.status) == (code, 401), words
        (violation,) = json.loads(said.body)["violations"]
        assert violation["path"] == "$.headers.govhub-signature"
        assert violation["remedy"]["zh"]
    assert (await sent(house, body, *header(good))).status == 202  # a refused one may be mended, and sent under its id


async def test_only_one_message_in_structured_mode_can_be_signed(house: SecureHouse, office: Office) -> None:
    body = event()
    batch = b"[" + body + b"]"
    file = house.folder / "batch"
    file.write_bytes(batch)
    kind = ("-H", "Content-Type: application/cloudevents-batch+json", "--data-binary", f"@{file}")
    said = await house.curl("/v1/messages", *BEARER, *kind, *header(office.cms(batch)))
    unsigned = await house.curl("/v1/messages", *BEARER, *kind)

    assert [one["problem"]["code"] for one in json.loads(said.body)] == ["E_SIGNATURE_PLACE"]
    assert [one["problem"]["code"] for one in json.loads(unsigned.body)] == ["E_SIGNATURE_MISSING"]


async def test_a_signed_message_that_comes_again_gets_its_first_receipt(house: SecureHouse, office: Office) -> None:
    body = event()
    first = await sent(house, body, *header(office.cms(body)))
    again = await sent(house, body, *header(office.cms(body)))
    unsigned = await sent(house, body)

    assert (first.status, again.status) == (202, 202)
    assert first.body == again.body
    assert unsigned.problem == "E_SIGNATURE_MISSING"


async def test_the_signature_of_a_revoked_certificate_is_not_taken(house: SecureHouse, office: Office) -> None:
    body = event()
    good = office.cms(body)
    office.intl.revoke(office.signing)
    async with asyncio.timeout(60):
        while (said := await sent(house, body, *header(good))).status == 202:
            body = event()
            good = office.cms(body)

    assert said.problem == "E_SIGNATURE_UNTRUSTED"
    assert json.loads(said.body)["certificate"] == "E_CERT_REVOKED"
    other = event()
    assert (await sent(house, other, *header(office.sm2(other)))).status == 202  # the other certificate still serves


async def test_a_new_certificate_is_registered_while_the_hub_runs(house: SecureHouse, office: Office) -> None:
    """Old and new overlap: the file holds both."""
    new = office.intl.issue("portal", Use.SIGNING)
    old_file, new_file = office.intl.pair(office.signing)[0], office.intl.pair(new)[0]
    old = office.signing
    old_file.write_bytes(old_file.read_bytes() + new_file.read_bytes())
    office.signing = replace(new)
    async with asyncio.timeout(60):
        while True:
            body = event()
            if (await sent(house, body, *header(office.cms(body)))).status == 202:
                break
    office.signing = replace(old, key=old.key)
    body = event()
    assert (await sent(house, body, *header(office.cms(body)))).status == 202


async def test_signatures_that_nobody_agreed_on_are_refused(tmp_path: Path, dsn: str, office: Office) -> None:
    body = event()
    async with secure_house(tmp_path / "hub", dsn, office.intl) as house:
        said = await sent(house, body, *header(office.cms(body)))
        without = await sent(house, body)

    assert said.problem == "E_SIGNATURE_PLACE"
    assert without.status == 202


async def test_the_registered_certificate_decides_the_suite(tmp_path: Path, dsn: str, office: Office) -> None:
    portal = {"signature": {"policy": "optional", "certificates": [str(office.gm.pair(office.signing_gm)[0])]}}
    trust = {"anchors": [str(office.intl.file), str(office.gm.file)]}
    body = event()
    async with secure_house(tmp_path / "hub", dsn, office.intl, portal=portal, trust=trust) as house:
        said = await sent(house, body, *header(office.cms(body)))
        with_sm2 = await sent(house, body, *header(office.sm2(body)))
        without = await sent(house, event())

    assert said.problem == "E_SIGNATURE_WRONG_SUITE"
    assert (with_sm2.status, without.status) == (202, 202)


async def test_a_source_hands_the_signature_on_and_keeps_its_order(house: SecureHouse, office: Office) -> None:
    """What a queue brings, with the signature among its headers; while nothing is known of a status, it waits in its order."""
    kind = "application/cloudevents+json"

    def item(body: bytes, signature: bytes | None) -> Item:
        headers = {} if signature is None else {"Govhub-Signature": base64.b64encode(signature).decode()}
        return Item(token=0, content_type=kind, body=body, headers=headers)

    bringer = Bringer(system="portal", body_bytes=2**20, log=house.hub.log)
    first, second, third = event(), event(), event()
    items = [item(first, office.cms(first)), item(second, None), item(third, office.cms(first))]
    answers = await accept_items(house.hub, bringer, items)
    assert [type(one) for one in answers] == [Taken, Refused, Refused]
    assert [one.code for one in answers if isinstance(one, Refused)] == ["E_SIGNATURE_MISSING", "E_SIGNATURE_INVALID"]

    house.hub.identities.feed = None
    async with asyncio.timeout(60):
        while True:
            house.hub.identities.trusting.learn(())  # a look that was under way may bring it back once
            fourth = event()
            told = await accept_items(house.hub, bringer, [item(fourth, office.cms(fourth)), item(second, None)])
            if not isinstance(told[0], Taken):
                break
    assert [type(one) for one in told] == [NotNow, NotNow]
