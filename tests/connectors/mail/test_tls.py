# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Mail over TLS, at a server of other makers with a certificate that the test makes: from the first byte, and by STARTTLS."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Literal, Self

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.mail import CONNECTOR
from connectors.mail.config import MailConfig
from connectors.sdk import Context, Delivered, Parcel, Unavailable
from tests.connectors.far_mail import MailFarSide

Make = Callable[..., Parcel]
Tls = Literal["starttls", "implicit"]
BOTH: tuple[Tls, ...] = ("starttls", "implicit")


def certified(folder: Path, address: str = "127.0.0.1") -> Path:
    """A key and a certificate of its own for this address, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)  # noqa: TID251  # because TLS knows no other time
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{address}.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return pem


class EncryptedFarSide(MailFarSide):
    """Encrypted in one of the two ways; who logs in is remembered, and what was said before that is not taken."""

    def __init__(self, pem: Path, tls: Tls) -> None:
        super().__init__(tls=tls, tls_ca_file=str(pem))
        self._tls = tls
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(pem)
        self.logged_in: list[tuple[bytes, bytes]] = []

    async def __aenter__(self) -> Self:
        implicit = self._context if self._tls == "implicit" else None
        self._server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", 0, ssl=implicit)
        return self

    def _protocol(self) -> SMTP:
        starttls = self._tls == "starttls"
        protocol = SMTP(
            self, enable_SMTPUTF8=False, hostname="far.invalid", tls_context=self._context if starttls else None,
            require_starttls=starttls, auth_required=False, auth_require_tls=starttls, authenticator=self._authenticate,
        )  # fmt: skip
        self._protocols.add(protocol)
        return protocol

    def _authenticate(
        self, _server: object, _session: object, _envelope: object, _mechanism: str, said: object
    ) -> AuthResult:
        self.logged_in.append((said.login, said.password))  # type: ignore[attr-defined]  # because the library gives LoginPassword
        return AuthResult(success=True)


@pytest.mark.parametrize("tls", BOTH)
async def test_a_mail_goes_encrypted_and_so_does_the_password(
    context: Context, secrets: dict[str, str], parcel: Make, tmp_path: Path, tls: Tls
) -> None:
    secrets["mail"] = "made-up"
    async with EncryptedFarSide(certified(tmp_path), tls) as far:
        settings = {**far.settings, "user": "govhub", "password_secret": "mail"}
        async with CONNECTOR.sink(MailConfig.model_validate(settings), context) as sink:
            assert await sink.check() == Delivered()
            outcome = await sink.send(parcel())
    assert isinstance(outcome, Delivered)
    assert [one.idempotency_key for one in far.arrived] == ["key-1"]
    assert set(far.logged_in) == {(b"govhub", b"made-up")}


@pytest.mark.parametrize("tls", BOTH)
@pytest.mark.parametrize("wrong", ["stranger", "address"])
async def test_a_server_that_nobody_vouches_for_gets_no_mail(
    context: Context, secrets: dict[str, str], parcel: Make, tmp_path: Path, tls: Tls, wrong: str
) -> None:
    secrets["mail"] = "made-up"
    pem = certified(tmp_path, "127.0.0.1" if wrong == "stranger" else "127.0.0.9")
    (tmp_path / "other").mkdir()
    trusted = certified(tmp_path / "other") if wrong == "stranger" else pem
    async with EncryptedFarSide(pem, tls) as far:
        settings = {**far.settings, "tls_ca_file": str(trusted), "user": "govhub", "password_secret": "mail"}
        async with CONNECTOR.sink(MailConfig.model_validate(settings), context) as sink:
            outcome = await sink.send(parcel())
    assert isinstance(outcome, Unavailable)
    assert (far.arrived, far.logged_in) == ([], [])


async def test_where_encryption_is_not_offered_nothing_is_said_in_the_clear(
    context: Context, secrets: dict[str, str], parcel: Make, tmp_path: Path
) -> None:
    secrets["mail"] = "made-up"
    async with MailFarSide() as far:
        settings = {
            **far.settings, "tls": "starttls", "tls_ca_file": str(certified(tmp_path)), "user": "govhub",
            "password_secret": "mail",
        }  # fmt: skip
        async with CONNECTOR.sink(MailConfig.model_validate(settings), context) as sink:
            outcome = await sink.send(parcel())
    assert isinstance(outcome, Unavailable)
    assert far.arrived == []
