# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``gm-1``: SM2 over SM3 (GB/T 32918, GB/T 32905), as GB/T 35275 names it. Needs the system's OpenSSL 3."""

import hashlib
from dataclasses import dataclass, field

from certs import sm2
from certs.suites import names
from certs.suites.names import Identifiers
from certs.x509.algorithms import SM2_WITH_SM3, Signed, signed
from certs.x509.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Gm1:
    """The suite."""

    name: str = "gm-1"
    identifiers: Identifiers = field(default=names.GM_1, repr=False)

    def digest(self, data: bytes) -> bytes:
        """SM3."""
        return hashlib.new("sm3", data).digest()

    def fits(self, certificate: Certificate) -> bool:
        """Whether the key lies on the curve of SM2."""
        return sm2.is_sm2(certificate.spki)

    def verify(self, message: bytes, signature: bytes, certificate: Certificate) -> bool:
        """As the port says. The signer's identity in Z is the default one (GM/T 0009)."""
        return (
            self.fits(certificate)
            and sm2.raw(signature) is not None
            and signed(SM2_WITH_SM3, certificate.spki, message, signature) is Signed.YES
        )


GM_1 = Gm1()


@dataclass(frozen=True, slots=True)
class Sm2Signer:
    """A key of SM2 in this process's memory."""

    certificate: Certificate
    key: sm2.PrivateKey = field(repr=False)
    suite: Gm1 = GM_1

    def sign(self, message: bytes) -> bytes:
        """As the port says."""
        return self.key.sign(message)


def available() -> bool:
    """Whether this system has SM2 and SM3."""
    return "sm3" in hashlib.algorithms_available and sm2.available()
