# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The seal of a container: the one detached CMS (RFC 5652; GB/T 35275) that a certificate can make over a manifest.

It is not read but built again around the signature that stands at its end, and compared: so nothing in it has two forms. What
is built is what :mod:`certs.suites.detached` makes.
"""

import hashlib
import subprocess
from dataclasses import dataclass

from certs.der import is_der
from certs.suites.elements import INTEGER, OCTETS, SEQUENCE, SET, TAG_0, element, identifier, members, sequence, set_of

_SHORTEST, _LONGEST = 8, 72
"""Of a signature: DER of two numbers of at most 32 bytes."""


@dataclass(frozen=True, slots=True)
class SuiteNames:
    """How a suite is written. ``curve`` is in the certificate's key."""

    name: str
    data: str
    signed_data: str
    digest: str
    signature: str
    curve: bytes


INTL_1 = SuiteNames(
    "intl-1", "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2",
    bytes.fromhex("06082a8648ce3d030107"),
)  # fmt: skip
GM_1 = SuiteNames(
    "gm-1", "1.2.156.10197.6.1.4.2.1", "1.2.156.10197.6.1.4.2.2", "1.2.156.10197.1.401", "1.2.156.10197.1.301.1",
    bytes.fromhex("06082a811ccf5501822d"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """What of a certificate its signatures need. Nothing of it is verified."""

    der: bytes
    serial: bytes
    issuer: bytes
    spki: bytes
    suite: SuiteNames

    @property
    def digest(self) -> str:
        """By which receipts name it."""
        return hashlib.sha256(self.der).hexdigest()


def identity(der: bytes) -> Identity | None:
    """The certificate that these bytes are, as far as its place for each part goes; None if they are none of a suite."""
    if not is_der(der):
        return None
    try:
        ((_, whole, _),) = members(der)
        (_, body, _), *_ = members(whole)
        parts = list(members(body))
        parts = parts[1:] if parts[0][0] == TAG_0 else parts
        (_, _, serial), _, (_, _, issuer), _, _, (tag, _, spki), *_ = parts
    except (ValueError, IndexError):
        return None
    suite = next((one for one in (INTL_1, GM_1) if one.curve in spki[:40]), None)
    return None if suite is None or tag != SEQUENCE else Identity(der, serial, issuer, spki, suite)


def digest_of(suite: SuiteNames, data: bytes) -> bytes:
    """By the suite's own hash. Raises ``OSError`` where this machine has none for it."""
    if suite is INTL_1:
        return hashlib.sha256(data).digest()
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        made = subprocess.run(  # a Python without OpenSSL 3 of its own
            ["openssl", "dgst", "-sm3", "-binary"],  # noqa: S607  # because it is the system's, wherever that is
            input=data,
            capture_output=True,
            check=False,
        )
        if made.returncode or len(made.stdout) != 32:
            raise OSError("no SM3 on this machine") from None
        return made.stdout


def signed_attributes(signer: Identity, digest: bytes) -> bytes:
    """What the signature is over: content type, message digest and signing certificate, as a SET."""
    suite = signer.suite
    by = b"" if suite is INTL_1 else sequence(identifier(suite.digest))
    binding = sequence(sequence(sequence(by, element(OCTETS, digest_of(suite, signer.der)))))
    return set_of(
        [
            _attribute("1.2.840.113549.1.9.3", identifier(suite.data)),
            _attribute("1.2.840.113549.1.9.4", element(OCTETS, digest)),
            _attribute("1.2.840.113549.1.9.16.2.47", binding),
        ]
    )


def seal(signer: Identity, digest: bytes, signature: bytes) -> bytes:
    """The whole structure around a signature."""
    suite = signer.suite
    one = element(INTEGER, b"\x01")
    by = sequence(identifier(suite.digest))
    attributes = bytes((TAG_0,)) + signed_attributes(signer, digest)[1:]
    named = sequence(signer.issuer, signer.serial)
    about = sequence(one, named, by, attributes, sequence(identifier(suite.signature)), element(OCTETS, signature))
    body = sequence(
        one, set_of([by]), sequence(identifier(suite.data)), element(TAG_0, signer.der), element(SET, about)
    )
    return sequence(identifier(suite.signed_data), element(TAG_0, body))


def signature_in(found: bytes, signer: Identity, digest: bytes) -> bytes | None:
    """The signature in a seal of that signer over that digest; None if these bytes are no such seal."""
    for length in range(_SHORTEST, _LONGEST + 1):
        signature = found[-length:]
        if signature[:1] == b"\x30" and is_der(signature) and seal(signer, digest, signature) == found:
            return signature
    return None


def _attribute(name: str, value: bytes) -> bytes:
    return sequence(identifier(name), element(SET, value))
