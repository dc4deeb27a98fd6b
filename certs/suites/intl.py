# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``intl-1``: ECDSA on P-256 over SHA-256 (FIPS 186-5), as RFC 5652 and RFC 5754 name it."""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from certs.suites import names
from certs.suites.names import Identifiers
from certs.x509.algorithms import Signed, signed
from certs.x509.certificate import Certificate

_P256 = bytes.fromhex("06082a8648ce3d030107")
"""1.2.840.10045.3.1.7, as DER writes it."""
_ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"
_WITHIN = 40
"""An identifier of a curve stands at the beginning of a key."""


@dataclass(frozen=True, slots=True)
class Intl1:
    """The suite."""

    name: str = "intl-1"
    identifiers: Identifiers = field(default=names.INTL_1, repr=False)

    def digest(self, data: bytes) -> bytes:
        """SHA-256."""
        return hashlib.sha256(data).digest()

    def fits(self, certificate: Certificate) -> bool:
        """Whether the key lies on P-256."""
        return _P256 in certificate.spki[:_WITHIN]

    def verify(self, message: bytes, signature: bytes, certificate: Certificate) -> bool:
        """As the port says."""
        return self.fits(certificate) and signed(_ECDSA_WITH_SHA256, certificate.spki, message, signature) is Signed.YES


INTL_1 = Intl1()


@dataclass(frozen=True, slots=True)
class EcdsaSigner:
    """A key of P-256 in this process's memory."""

    certificate: Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    suite: Intl1 = INTL_1

    def sign(self, message: bytes) -> bytes:
        """As the port says."""
        return self.key.sign(message, ec.ECDSA(SHA256()))
