# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A detached signature: CMS SignedData (RFC 5652) of one signer, with signed attributes, and its twin of GB/T 35275.

The signed attributes are content type, message digest and signing certificate (RFC 5035, which binds the certificate): what
is called CAdES-B. ``openssl cms -verify`` checks those of ``intl-1``. All parts that do not change are encoded once per signer.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from certs.der import decoded
from certs.suites.choosing import SUITES
from certs.suites.elements import (
    INTEGER,
    OCTETS,
    OID,
    SEQUENCE,
    SET,
    TAG_0,
    TAG_1,
    element,
    identifier,
    members,
    sequence,
    set_of,
)
from certs.suites.suite import Signer, Suite
from certs.x509.certificate import Certificate

MAX_BYTES = 64 * 1024
_CONTENT_TYPE = identifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = identifier("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE = identifier("1.2.840.113549.1.9.16.2.47")
_ONE = element(INTEGER, b"\x01")
_MOST_CERTIFICATES = 8
_MOST_ATTRIBUTES = 32
_SHA256 = "2.16.840.1.101.3.4.2.1"
_SIGNER = [INTEGER, SEQUENCE, SEQUENCE, TAG_0, SEQUENCE, OCTETS]


class Wrong(StrEnum):
    """Why a detached signature is not one over these bytes by that certificate."""

    SUITE = "suite"
    """It names other algorithms than the key's."""
    CERTIFICATE = "certificate"
    """It names another certificate, or does not bind the one it names."""
    CONTENT = "content"
    """It is about other bytes."""
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detached:
    """One as it was read. Nothing of it has been verified.

    ``attributes``: the bytes that are signed, a SET. ``values``: the one value of each, DER, by identifier (DER). The signer is
    named by ``issuer`` (DER) and ``serial`` (hexadecimal); ``bound`` is the suite's digest of the certificate by which it binds
    itself to one, or empty. ``certificates`` came with it and vouch for nothing.
    """

    suite: str
    issuer: bytes
    serial: str
    bound: bytes
    attributes: bytes
    values: Mapping[bytes, bytes]
    signature: bytes
    certificates: tuple[bytes, ...]


class DetachedSigner:
    """Makes detached signatures by one signer. As safe from several threads as the signer is."""

    def __init__(self, signer: Signer, issuers: Sequence[Certificate] = ()) -> None:
        """``issuers`` are sent along, to fill the chain with."""
        self.signer = signer
        names, certificate = signer.suite.identifiers, signer.certificate
        digest = sequence(identifier(names.digest))
        self._fixed = (
            _attribute(_CONTENT_TYPE, identifier(names.data)),
            _attribute(_SIGNING_CERTIFICATE, _signing_certificate(signer.suite, certificate)),
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


def read(der: bytes) -> Detached | None:
    """The detached signature of one signer that these bytes are; None if they are none, of whatever suite. Never raises."""
    return decoded(der, _read) if len(der) <= MAX_BYTES else None


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


def _one(content: bytes, tag: int) -> bytes:
    """The content of the only element that stands there. Raises ``ValueError``."""
    ((_, inside, _),) = _members(content, tag)
    return inside


def _read(der: bytes) -> Detached:
    """Raises ``ValueError`` and its kin for whatever else this is."""
    (_, _, kind), (_, wrapped, _) = _members(_one(der, SEQUENCE), OID, TAG_0)
    suite = next((one for one in SUITES if identifier(one.identifiers.signed_data) == kind), None)
    if suite is None:
        raise ValueError("signed data of no suite")
    names = suite.identifiers
    parts = list(members(_one(wrapped, SEQUENCE)))
    certificates: tuple[bytes, ...] = ()
    if parts[3][0] == TAG_0:
        certificates = tuple(whole for _, _, whole in members(parts.pop(3)[1]))
    if parts[3][0] == TAG_1:  # revocation lists, which vouch for nothing here
        parts.pop(3)
    if [tag for tag, _, _ in parts] != [INTEGER, SET, SEQUENCE, SET] or len(certificates) > _MOST_CERTIFICATES:
        raise ValueError("no signed data, or too much of it")
    _, (_, digests, _), (_, about, _), (_, signers, _) = parts
    if about != identifier(names.data) or _algorithm(_one(digests, SEQUENCE)) != identifier(names.digest):
        raise ValueError("over something else, or by a digest of another suite")
    return _signed(suite, _one(signers, SEQUENCE), certificates)


def _signed(suite: Suite, signer: bytes, certificates: tuple[bytes, ...]) -> Detached:
    names = suite.identifiers
    parts = list(members(signer))
    if (
        len(parts) == len(_SIGNER) + 1 and parts[-1][0] == TAG_1
    ):  # unsigned attributes: time stamps, which nobody reads here
        parts.pop()
    if [tag for tag, _, _ in parts] != _SIGNER:
        raise ValueError("no signer with signed attributes, named by issuer and serial number")
    _, (_, name, _), (_, digest, _), (_, attributes, _), (_, algorithm, _), (_, signature, _) = parts
    if _algorithm(digest) != identifier(names.digest):
        raise ValueError("a digest of another suite")
    if _algorithm(algorithm) not in {identifier(one) for one in (names.signature, *names.also_signatures)}:
        raise ValueError("a signature of another suite")
    (_, _, issuer), (_, serial, _) = _members(name, SEQUENCE, INTEGER)
    values = _values(attributes)
    if values[_CONTENT_TYPE] != identifier(names.data) or MESSAGE_DIGEST not in values:
        raise ValueError("the attributes are about something else")
    return Detached(
        suite=suite.name,
        issuer=issuer,
        serial=f"{int.from_bytes(serial, 'big', signed=True):x}",
        bound=_bound(values.get(_SIGNING_CERTIFICATE), names.digest),
        attributes=element(SET, attributes),
        values=values,
        signature=signature,
        certificates=certificates,
    )


def _bound(value: bytes | None, digest: str) -> bytes:
    """The digest in a signing certificate attribute (RFC 5035, 3), if it is the suite's; else nothing."""
    if value is None:
        return b""
    named = _one(value, SEQUENCE)
    (tag, certificates, _), *_ = members(named)  # policies may follow
    (first, one, _), *_ = members(certificates)  # issuers may follow
    if (tag, first) != (SEQUENCE, SEQUENCE):
        raise ValueError("no signing certificate")
    (tag, found, _), *rest = members(one)
    by = identifier(_SHA256)
    if tag == SEQUENCE:
        by = _algorithm(found)
        (tag, found, _), *_ = rest
    return found if tag == OCTETS and by == identifier(digest) else b""


def _algorithm(content: bytes) -> bytes:
    """The identifier; parameters are absent or NULL."""
    (tag, _, name), *parameters = members(content)
    if tag != OID or [whole for _, _, whole in parameters] not in ([], [b"\x05\x00"]):
        raise ValueError("no algorithm without parameters")
    return name


def _members(content: bytes, *tags: int) -> list[tuple[int, bytes, bytes]]:
    """The elements that stand there, which are of these kinds. Raises ``ValueError``."""
    found = list(members(content))
    if tuple(tag for tag, _, _ in found) != tags:
        raise ValueError("something else stands here")
    return found


def _values(attributes: bytes) -> dict[bytes, bytes]:
    values: dict[bytes, bytes] = {}
    written = [whole for _, _, whole in members(attributes)]
    if written != sorted(written) or len(written) > _MOST_ATTRIBUTES:
        raise ValueError("attributes out of their order")
    for whole in written:
        (_, _, name), (_, value, _) = _members(_one(whole, SEQUENCE), OID, SET)
        if name in values:
            raise ValueError("an attribute that stands twice")
        ((_, _, values[name]),) = members(value)
    return values
