# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Making and verifying a detached signature: CMS SignedData (RFC 5652) of one signer, and its twin of GB/T 35275.

The signed attributes are content type, message digest and signing certificate (RFC 5035, which binds the certificate): what
is called CAdES-B. ``openssl cms -verify`` checks those of ``intl-1``. All parts that do not change are encoded once per signer.
"""

import hmac
from collections.abc import Mapping, Sequence
from enum import StrEnum

from certs.suites.elements import INTEGER, OCTETS, SET, TAG_0, element, identifier, sequence, set_of
from certs.suites.signed_data import CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE, Detached
from certs.suites.suite import Signer, Suite
from certs.x509.certificate import Certificate

_ONE = element(INTEGER, b"\x01")
_SHA256 = "2.16.840.1.101.3.4.2.1"


class Wrong(StrEnum):
    """Why a detached signature is not one over these bytes by that certificate."""

    SUITE = "suite"
    """It names other algorithms than the key's."""
    CERTIFICATE = "certificate"
    """It names another certificate, or does not bind the one it names."""
    CONTENT = "content"
    """It is about other bytes."""
    SIGNATURE = "signature"


class DetachedSigner:
    """Makes detached signatures by one signer. As safe from several threads as the signer is."""

    def __init__(self, signer: Signer, issuers: Sequence[Certificate] = ()) -> None:
        """``issuers`` are sent along, to fill the chain with."""
        self.signer = signer
        names, certificate = signer.suite.identifiers, signer.certificate
        digest = sequence(identifier(names.digest))
        self._fixed = (
            _attribute(CONTENT_TYPE, identifier(names.data)),
            _attribute(SIGNING_CERTIFICATE, _signing_certificate(signer.suite, certificate)),
        )
        self._head = (
            _ONE
            + set_of([digest])
            + sequence(identifier(names.data))
            + set_of([certificate.der, *(one.der for one in issuers)], TAG_0)
        )
        serial = element(INTEGER, _integer(certificate.serial))
        self._signer = _ONE + sequence(certificate.issuer, serial) + digest
        self._algorithm = sequence(identifier(names.signature))
        self._kind = identifier(names.signed_data)

    def over(self, content: bytes, extra: Mapping[str, bytes] | None = None) -> bytes:
        """A signature over these bytes, DER. ``extra``: further signed attributes, one DER value each by identifier in dots."""
        return self.over_digest(self.signer.suite.digest(content), extra)

    def over_digest(self, digest: bytes, extra: Mapping[str, bytes] | None = None) -> bytes:
        """The same, over bytes of which only the digest is at hand."""
        further = (_attribute(identifier(name), value) for name, value in (extra or {}).items())
        parts = sorted((*self._fixed, _attribute(MESSAGE_DIGEST, element(OCTETS, digest)), *further))
        attributes = element(SET, b"".join(parts))
        signature = self.signer.sign(attributes)
        one = sequence(self._signer, bytes((TAG_0,)) + attributes[1:], self._algorithm, element(OCTETS, signature))
        return sequence(self._kind, element(TAG_0, sequence(self._head, element(SET, one))))


def verify(found: Detached, content: bytes, certificate: Certificate, suite: Suite) -> Wrong | None:
    """What is wrong with it as a signature of this certificate, under the suite of its key, over these bytes; None: nothing.

    The certificate's own chain, time and revocation are asked elsewhere.
    """
    return verify_digest(found, suite.digest(content), certificate, suite)


def verify_digest(found: Detached, digest: bytes, certificate: Certificate, suite: Suite) -> Wrong | None:
    """The same, where only the digest (the suite's) of the bytes is at hand."""
    if found.suite != suite.name or not suite.fits(certificate):
        return Wrong.SUITE
    named, meant = (found.issuer, found.serial), (certificate.issuer, certificate.serial)
    if named != meant or not hmac.compare_digest(found.bound, suite.digest(certificate.der)):
        return Wrong.CERTIFICATE
    told = element(OCTETS, digest)
    if not hmac.compare_digest(found.values[MESSAGE_DIGEST], told):
        return Wrong.CONTENT
    return None if suite.verify(found.attributes, found.signature, certificate) else Wrong.SIGNATURE


def _attribute(name: bytes, value: bytes) -> bytes:
    return sequence(name, element(SET, value))


def _signing_certificate(suite: Suite, certificate: Certificate) -> bytes:
    named = suite.identifiers.digest
    by = b"" if named == _SHA256 else sequence(identifier(named))  # SHA-256 is the default, which DER leaves out
    return sequence(sequence(sequence(by, element(OCTETS, suite.digest(certificate.der)))))


def _integer(hexadecimal: str) -> bytes:
    number = int(hexadecimal, 16)
    return number.to_bytes(number.bit_length() // 8 + 1, "big")
