# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a certificate had been revoked at a moment, by the lists (RFC 5280, 5) and answers (RFC 6960) somebody brought.

Nothing is fetched. What nobody brought is unknown, and unknown is never "not revoked".
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

from asn1crypto import crl, ocsp

from certs.der import decoded
from certs.x509.algorithms import Signed, signed
from certs.x509.certificate import Certificate, certificate, issued

_OCSP_SIGNING = "ocsp_signing"
_STRANGE_ENTRY = frozenset({"certificate_issuer"})
_ODD_LISTS = frozenset({"delta_crl_indicator", "issuing_distribution_point"})


class Standing(StrEnum):
    """What is known of one certificate at one moment."""

    GOOD = "good"
    REVOKED = "revoked"
    REVOKED_LATER = "revoked_later"
    """Only after the moment. Whether what was signed is from before it, a trusted time stamp alone could tell."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A CRL. ``revoked`` holds the moment of revocation by serial number in hexadecimal."""

    issuer: bytes
    made: datetime
    until: datetime | None
    revoked: tuple[tuple[str, datetime], ...]
    algorithm: str
    tbs: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """One single response of an OCSP answer, and what signed it. ``certificates`` came with it."""

    name_digest: bytes
    key_digest: bytes
    hashed_by: str
    serial: str
    good: bool
    revoked: datetime | None
    made: datetime
    until: datetime | None
    algorithm: str
    tbs: bytes
    signature: bytes
    certificates: tuple[bytes, ...]


RevocationData: TypeAlias = RevocationList | OcspAnswer


def revocation_list(der: bytes) -> RevocationList | None:
    """The CRL that these bytes are; None if they are none that says everything about its issuer."""
    return decoded(der, _read_list)


def ocsp_answers(der: bytes) -> tuple[OcspAnswer, ...] | None:
    """What an OCSP answer says; None if these bytes are none, or it is an error."""
    return decoded(der, _read_ocsp)


def standing(
    subject: Certificate, issuer: Certificate, brought: Sequence[RevocationData], moment: datetime
) -> Standing:
    """What is known of the certificate at the moment. The worst that anybody vouches for counts."""
    found = Standing.UNKNOWN
    for one in brought:
        said = _by_list(subject, issuer, one) if isinstance(one, RevocationList) else _by_ocsp(subject, issuer, one)
        if said is None:
            continue
        if said != _NEVER:
            return Standing.REVOKED if said <= moment else Standing.REVOKED_LATER
        # A list of before the moment knows nothing of it. One that has run out since still knows what was before it.
        if one.made >= moment or (one.until is not None and one.made <= moment <= one.until):
            found = Standing.GOOD
    return found


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of one certificate now: of whoever vouches for it the latest. ``until`` None: nothing newer is promised."""

    revoked: bool
    made: datetime
    until: datetime | None


def status(subject: Certificate, issuer: Certificate, brought: Sequence[RevocationData]) -> Status | None:
    """What these say of it, however old; None: nobody who may says anything. Whoever is revoked by anybody, stays so."""
    found: Status | None = None
    for one in brought:
        said = _by_list(subject, issuer, one) if isinstance(one, RevocationList) else _by_ocsp(subject, issuer, one)
        if said is None:
            continue
        if said != _NEVER:
            return Status(revoked=True, made=one.made, until=one.until)
        if found is None or one.made > found.made:
            found = Status(revoked=False, made=one.made, until=one.until)
    return found


_NEVER = datetime.max.replace(tzinfo=UTC)
"""No certificate is revoked then."""


def _by_list(subject: Certificate, issuer: Certificate, one: RevocationList) -> datetime | None:
    """When it was revoked, or never; None: the list says nothing that can be believed."""
    if one.issuer != subject.issuer or not issuer.may_list or not _list_signed(one, issuer.spki):
        return None
    return next((moment for serial, moment in one.revoked if serial == subject.serial), _NEVER)


@lru_cache(maxsize=256)
def _list_signed(one: RevocationList, spki: bytes) -> bool:
    return signed(one.algorithm, spki, one.tbs, one.signature) is Signed.YES


def _by_ocsp(subject: Certificate, issuer: Certificate, one: OcspAnswer) -> datetime | None:
    digests = (_digest(one.hashed_by, subject.issuer), _digest(one.hashed_by, _key_bits(issuer.spki)))
    if one.serial != subject.serial or (one.name_digest, one.key_digest) != digests:
        return None
    if not any(
        signed(one.algorithm, signer.spki, one.tbs, one.signature) is Signed.YES
        for signer in (issuer, *_delegates(one, issuer))
    ):
        return None
    return one.revoked or (_NEVER if one.good else None)


def _delegates(one: OcspAnswer, issuer: Certificate) -> list[Certificate]:
    """Responders that the issuer itself has named (RFC 6960, 4.2.2.2)."""
    brought = [found for der in one.certificates[:8] if (found := certificate(der)) is not None]
    return [
        each
        for each in brought
        if each.issuer == issuer.subject
        and _OCSP_SIGNING in (each.purposes or ())
        and each.valid_at(one.made)
        and issued(each, issuer) is Signed.YES
    ]


def _digest(name: str, data: bytes) -> bytes:
    try:
        return hashlib.new(name, data, usedforsecurity=False).digest()
    except ValueError:
        return b""


def _key_bits(spki: bytes) -> bytes:
    """The bits of the public key alone, which is what RFC 6960 has hashed."""
    from asn1crypto.keys import PublicKeyInfo  # noqa: PLC0415  # because only OCSP needs it

    return bytes(PublicKeyInfo.load(spki)["public_key"].contents[1:])


def _read_list(der: bytes) -> RevocationList:
    whole = crl.CertificateList.load(der, strict=True)
    body = whole["tbs_cert_list"]
    for extension in body["crl_extensions"] if body["crl_extensions"].native is not None else ():
        if extension["extn_id"].native in _ODD_LISTS:
            raise ValueError("a list of a part says nothing about the rest")
    entries = []
    for entry in body["revoked_certificates"] if body["revoked_certificates"].native is not None else ():
        marks = entry["crl_entry_extensions"]
        if any(mark["extn_id"].native in _STRANGE_ENTRY for mark in (marks if marks.native is not None else ())):
            raise ValueError("an indirect list")
        entries.append((f"{entry['user_certificate'].native:x}", entry["revocation_date"].native))
    return RevocationList(
        issuer=body["issuer"].dump(),
        made=body["this_update"].native,
        until=body["next_update"].native,
        revoked=tuple(entries),
        algorithm=whole["signature_algorithm"]["algorithm"].dotted,
        tbs=body.dump(),
        signature=whole["signature"].native,
    )


def _read_ocsp(der: bytes) -> tuple[OcspAnswer, ...]:
    whole = ocsp.OCSPResponse.load(der, strict=True)
    if whole["response_status"].native != "successful":
        raise ValueError("the responder gave an error")
    basic = whole["response_bytes"]["response"].parsed
    certificates = basic["certs"]
    brought = tuple(one.dump() for one in certificates) if certificates.native is not None else ()
    return tuple(_single(one, basic, brought) for one in basic["tbs_response_data"]["responses"])


def _single(one: Any, basic: Any, brought: tuple[bytes, ...]) -> OcspAnswer:
    status = one["cert_status"]
    name = one["cert_id"]
    return OcspAnswer(
        name_digest=name["issuer_name_hash"].native,
        key_digest=name["issuer_key_hash"].native,
        hashed_by=str(name["hash_algorithm"]["algorithm"].native),
        serial=f"{name['serial_number'].native:x}",
        good=status.name == "good",
        revoked=status.chosen["revocation_time"].native if status.name == "revoked" else None,
        made=one["this_update"].native,
        until=one["next_update"].native,
        algorithm=basic["signature_algorithm"]["algorithm"].dotted,
        tbs=basic["tbs_response_data"].dump(),
        signature=basic["signature"].native,
        certificates=brought,
    )
