# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""S11, the part that is about keys: one that serves two systems proves neither, whatever certificates there are for it."""

import asyncio
import base64
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.api_key import digest_of
from certs.authority import Use
from certs.authority_folder import Issued
from hub.identities.clients import fingerprint_of
from hub.ports.clock import SystemClock
from tests.hub.identities.secure_house import KEY, event, secure_house
from tests.support.authority import Ca
from tests.support.openssl import openssl

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


def issued_again(ca: Ca, one: Issued, name: str, folder: Path) -> Path:
    """A certificate of the same authority over the key of another certificate, with another name."""
    authority = load_pem_private_key((ca.folder / "ca.key").read_bytes(), None)
    assert isinstance(authority, ec.EllipticCurvePrivateKey)
    issuer = x509.load_pem_x509_certificate(ca.file.read_bytes())
    public = x509.load_pem_x509_certificate(ca.pair(one)[0].read_bytes()).public_key()
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(authority, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(Encoding.PEM))
    return file


def der_of(file: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(file.read_text())


async def test_s11_a_client_s_key_is_one_system_s_alone(tmp_path: Path, dsn: str) -> None:
    ca = Ca(tmp_path / "ca")
    one = ca.issue("portal")
    certificate, key = ca.pair(one)
    other = issued_again(ca, one, "archives", tmp_path)
    marks = {"portal": fingerprint_of(ca.certificate(one).der), "archives": fingerprint_of(der_of(other))}
    systems = {name: {"certificates": [mark], "sends": ["*"], "any_case": True} for name, mark in marks.items()}
    async with secure_house(tmp_path / "hub", dsn, ca, more={"systems": systems}) as house:
        first = await house.send(event(), "--cert", certificate, "--key", key)
        second = await house.send(event(source="archives"), "--cert", other, "--key", key)
        again = await house.send(event(), "--cert", certificate, "--key", key)
        async with asyncio.timeout(30):
            while not any("one key serves archives and portal" in one.reason for one in house.hub.health.concerns):
                await house.hub.clock.sleep(0.05)

    assert (first.status, again.status) == (202, 202)
    assert (second.status, second.problem) == (401, "E_CERT_KEY_SHARED")


async def test_s11_a_signing_key_that_two_systems_registered_signs_for_neither(tmp_path: Path, dsn: str) -> None:
    ca = Ca(tmp_path / "ca")
    certificate, key = ca.pair(ca.issue("portal", Use.SIGNING))
    systems = {
        name: {
            "keys": [digest_of(KEY)] if name == "portal" else [],
            "signature": {"policy": "required", "certificates": [str(certificate)]},
            "sends": ["*"],
            "any_case": True,
        }
        for name in ("portal", "archives")
    }
    body = event()
    (tmp_path / "body").write_bytes(body)
    made = openssl(
        *("cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER"),
        *("-in", tmp_path / "body", "-signer", certificate, "-inkey", key),
    )
    async with secure_house(tmp_path / "hub", dsn, ca, more={"systems": systems}) as house:
        said = await house.send(
            body,
            *("-H", f"Authorization: Bearer {KEY}"),
            *("-H", f"Govhub-Signature: {base64.b64encode(made.stdout).decode()}"),
        )

    assert (said.status, said.problem) == (401, "E_SIGNATURE_UNTRUSTED")
    assert b"E_CERT_KEY_SHARED" in said.body
