# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a detached signature: CMS SignedData (RFC 5652) of one signer, and its twin of GB/T 35275. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass

from certs.der import decoded
from certs.suites.elements import INTEGER, OCTETS, OID, SEQUENCE, SET, TAG_0, TAG_1, element, identifier, members
from certs.suites.names import SUITES, Identifiers

MAX_BYTES = 64 * 1024
CONTENT_TYPE = identifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = identifier("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE = identifier("1.2.840.113549.1.9.16.2.47")
_MOST_CERTIFICATES = 8
_MOST_ATTRIBUTES = 32
_SHA256 = "2.16.840.1.101.3.4.2.1"
_SIGNER = [INTEGER, SEQUENCE, SEQUENCE, TAG_0, SEQUENCE, OCTETS]


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


def read(der: bytes) -> Detached | None:
    """The detached signature of one signer that these bytes are; None if they are none, of whatever suite. Never raises."""
    return decoded(der, _read) if len(der) <= MAX_BYTES else None


def _one(content: bytes, tag: int) -> bytes:
    """The content of the only element that stands there. Raises ``ValueError``."""
    ((_, inside, _),) = _members(content, tag)
    return inside


def _read(der: bytes) -> Detached:
    """Raises ``ValueError`` and its kin for whatever else this is."""
    (_, _, kind), (_, wrapped, _) = _members(_one(der, SEQUENCE), OID, TAG_0)
    suite = next((name for name, one in SUITES.items() if identifier(one.signed_data) == kind), None)
    if suite is None:
        raise ValueError("signed data of no suite")
    names = SUITES[suite]
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
    return _signed(suite, names, _one(signers, SEQUENCE), certificates)


def _signed(suite: str, names: Identifiers, signer: bytes, certificates: tuple[bytes, ...]) -> Detached:
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
    if values[CONTENT_TYPE] != identifier(names.data) or MESSAGE_DIGEST not in values:
        raise ValueError("the attributes are about something else")
    return Detached(
        suite=suite,
        issuer=issuer,
        serial=f"{int.from_bytes(serial, 'big', signed=True):x}",
        bound=_bound(values.get(SIGNING_CERTIFICATE), names.digest),
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
