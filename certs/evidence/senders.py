# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The sender's own signature (E1) as a verifier reads it: whose it is, and over which bytes. Standard library only.

A signature with signed attributes holds the digest of the message, so it is verified whether or not the message is in the
container. A bare one of ``gm-1`` is over the message itself, and can be verified only beside it.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from certs.evidence.findings import Finding
from certs.evidence.seal import Identity, digest_of, identity
from certs.suites.elements import INTEGER, OCTETS, element
from certs.suites.signed_data import MESSAGE_DIGEST, Detached, read

_DIGEST = {"intl-1": re.compile(r"sha256:[0-9a-f]{64}"), "gm-1": re.compile(r"sm3:[0-9a-f]{64}")}


@dataclass(frozen=True, slots=True)
class Signature:
    """What is left to verify; ``message`` None: the bytes that it is over are not here. ``issuers`` came with it."""

    signer: Identity
    message: bytes | None
    signature: bytes
    issuers: tuple[bytes, ...]


def read_submission(fields: Mapping[str, Any], content: bytes | None, place: str) -> Signature | Finding:
    """The signature in a statement ``submission``. ``content``: the message as it was received, if it is here. Raises ``OSError``
    where this machine has not got the digest of the suite.
    """
    wanted = _DIGEST.get(fields["suite"])
    if wanted is None or wanted.fullmatch(fields["digest"]) is None:
        return Finding("STATEMENT_FORM", place, "digest")
    digest = bytes.fromhex(fields["digest"].rpartition(":")[2])
    signature, given = _strict(fields["signature"]), _strict(fields.get("certificate", ""))
    if signature is None or given is None:
        return Finding("STATEMENT_FORM", place, "signature")
    found = read(signature)
    signer = _signer(found, given, fields["suite"])
    if signer is None:
        return Finding("SUBMISSION_FORM", place, "certificate")
    if content is not None and digest_of(signer.suite, content) != digest:
        return Finding("PART_DIFFERS", place)
    if found is None:
        return Signature(signer, content, signature, ())
    if (fault := _fault(found, signer, digest)) is not None:
        return Finding("SUBMISSION_FORM", place, fault)
    return Signature(signer, found.attributes, found.signature, tuple(set(found.certificates) - {signer.der}))


def _signer(found: Detached | None, given: bytes, suite: str) -> Identity | None:
    """Whose signature it says that it is: of the certificate that stands in the statement, or else in the signature."""
    if found is None and suite != "gm-1":
        return None
    candidates = [given] if given else [] if found is None else found.certificates
    known = [one for der in candidates if (one := identity(der)) is not None and one.suite.name == suite]
    if found is not None:
        known = [one for one in known if (one.issuer, one.serial) == (found.issuer, _serial(found.serial))]
    return known[0] if len(known) == 1 else None


def _fault(found: Detached, signer: Identity, digest: bytes) -> str | None:
    if found.suite != signer.suite.name:
        return "suite"
    if found.bound != digest_of(signer.suite, signer.der):
        return "the certificate is not bound"
    return None if found.values[MESSAGE_DIGEST] == element(OCTETS, digest) else "digest"


def _serial(hexadecimal: str) -> bytes:
    number = int(hexadecimal, 16)
    return element(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def _strict(text: str) -> bytes | None:
    """Base64 of which no bit is left over."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None
