# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The ports of an algorithm suite, and of whoever signs by one."""

from typing import Protocol

from certs.suites.names import Identifiers
from certs.x509.certificate import Certificate


class Suite(Protocol):
    """One hash and one kind of key. Computes only, holds no state that changes: safe from several threads at once."""

    @property
    def name(self) -> str:
        """Its name in statements, settings and receipts."""
        ...

    @property
    def identifiers(self) -> Identifiers:
        """How signed structures write it."""
        ...

    def digest(self, data: bytes) -> bytes:
        """The digest of these bytes, 32 bytes."""
        ...

    def fits(self, certificate: Certificate) -> bool:
        """Whether the certificate's key is one of this suite. Never raises."""
        ...

    def verify(self, message: bytes, signature: bytes, certificate: Certificate) -> bool:
        """Whether the signature (DER of r and s, and nothing else) is this certificate's over the message. False for a key of
        another suite, and for whatever is no signature. Says nothing about the certificate itself: its chain, time and
        revocation are asked elsewhere.
        """
        ...


class Signer(Protocol):
    """Holds one private key, with the certificate of its public one.

    ``sign`` blocks its caller for as long as the key's home takes (a software key: below a millisecond) and may be called from
    several threads at once. A signature is random: twice the same message gives two signatures, both good. A software key
    always signs; one in a device raises ``OSError`` when the device cannot be reached.
    """

    @property
    def suite(self) -> Suite:
        """The suite of the key."""
        ...

    @property
    def certificate(self) -> Certificate:
        """The certificate of the key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """A signature over these bytes, DER of r and s."""
        ...
