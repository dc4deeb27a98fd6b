# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One seal, or one signature made with it, verified: GB/T 38540-2020, GM/T 0031-2014 and GM/T 0031-2025."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

from certs.seals.check import Aspect, Check, Facts, Impression, failed, held, unknown
from certs.seals.content import Content
from certs.seals.reading import Seal, Signature
from certs.seals.signers import Party, about
from certs.seals.timestamps import Stamped, stamped
from certs.x509.algorithms import Signed, signed
from certs.x509.anchors import Trust
from certs.x509.certificate import Certificate, certificate

_CLOCKS_DIFFER = timedelta(minutes=5)
_LOCAL_AS_UTC = timedelta(hours=8)
_STRUCTURES = {1: "ses_v1", 4: "ses_v4", 5: "ses_v5"}
_DIGESTS = {"SM3": "sm3", "1.2.156.10197.1.401": "sm3", "SHA256": "sha256", "SHA-256": "sha256",
            "2.16.840.1.101.3.4.2.1": "sha256"}  # fmt: skip


def verify_seal(seal: Seal, trust: Trust, at: datetime) -> Impression:
    """A seal by itself, as it stands at the moment."""
    return Impression(_facts(seal), tuple(_of_seal(seal, trust, at, at)))


def verify_signature(signature: Signature, document: Content | None, trust: Trust, at: datetime) -> Impression:
    """A signature over these bytes (of an OFD: its Signature.xml); None: they were not given, so that nobody can tell.

    ``at`` is now: nothing is signed after it. Certificates and seal have to have been valid when it was signed.
    """
    signer = certificate(signature.signer)
    stamp = _of_stamp(signature, trust, at)
    moment = stamp.moment or signature.moment or at
    checks = [*_of_seal(signature.seal, trust, moment, at)]
    checks += [_of_signature(signature, signer), _of_document(signature, document), _of_moment(signature, at)]
    checks += stamp.checks
    if signer is None:
        checks.append(failed(Aspect.SIGNER, "SIGNER_CERTIFICATE"))
    else:
        checks.append(_of_list(signature.seal, signer))
        checks += about(Party.SIGNER, signer, trust, (), moment, proven=stamp.moment is not None)
    facts = _facts(signature.seal, signature, signer, timestamped=stamp.moment is not None)
    return Impression(facts, tuple(checks))


def _of_stamp(signature: Signature, trust: Trust, at: datetime) -> Stamped:
    """The token is over the value of the signature, which it thereby proves to have existed."""
    if signature.stamp is None:
        return Stamped(None, ())
    if signature.moment is None:
        return Stamped(None, (unknown(Aspect.MOMENT, "TIMESTAMP_UNCHECKED"),))
    return stamped(signature.stamp, signature.value, trust, at)


def _of_seal(seal: Seal, trust: Trust, moment: datetime, at: datetime) -> Iterator[Check]:
    """What its maker vouches for, and whether it was valid at the moment; version 5 may prove when it was made."""
    stamp = Stamped(None, ()) if seal.stamp is None else stamped(seal.stamp, seal.value, trust, at)
    yield from stamp.checks
    maker = certificate(seal.maker)
    if maker is None:
        yield failed(Aspect.MAKER, "MAKER_CERTIFICATE")
    else:
        match signed(seal.algorithm, maker.spki, seal.signed, seal.value):
            case Signed.YES:
                yield held(Aspect.SEAL)
            case Signed.NO:
                yield failed(Aspect.SEAL, "SEAL_CHANGED")
            case Signed.UNKNOWN_ALGORITHM:
                yield failed(Aspect.SEAL, "SEAL_ALGORITHM", seal.algorithm)
        proven = stamp.moment is not None
        yield from about(Party.MAKER, maker, trust, (), stamp.moment or seal.made, proven=proven)
    valid = seal.begin <= moment <= seal.end
    yield held(Aspect.PERIOD) if valid else failed(Aspect.PERIOD, "SEAL_PERIOD")


def _of_signature(signature: Signature, signer: Certificate | None) -> Check:
    if signer is None:
        return failed(Aspect.SIGNATURE, "SIGNATURE")
    match signed(signature.algorithm, signer.spki, signature.signed, signature.value):
        case Signed.YES:
            return held(Aspect.SIGNATURE)
        case Signed.NO:
            return failed(Aspect.SIGNATURE, "SIGNATURE")
        case Signed.UNKNOWN_ALGORITHM:
            return failed(Aspect.SIGNATURE, "SIGNATURE_ALGORITHM", signature.algorithm)


def _of_document(signature: Signature, document: Content | None) -> Check:
    """The digest is that of the signature's own family: SM3 with SM2, SHA-256 with the others where SM3 does not fit."""
    if document is None:
        return unknown(Aspect.DOCUMENT, "DOCUMENT_NOT_GIVEN")
    for name in ("sm3", "sha256"):
        if hmac.compare_digest(hashlib.new(name, document).digest(), signature.digest):
            return held(Aspect.DOCUMENT)
    return failed(Aspect.DOCUMENT, "DOCUMENT_CHANGED")


def _of_moment(signature: Signature, at: datetime) -> Check:
    if signature.moment is None:
        return unknown(Aspect.MOMENT, "MOMENT_UNKNOWN")
    ahead = signature.moment - at
    if ahead <= _CLOCKS_DIFFER:
        return held(Aspect.MOMENT)
    if ahead <= _LOCAL_AS_UTC + _CLOCKS_DIFFER:
        return unknown(Aspect.MOMENT, "MOMENT_AMBIGUOUS")
    return failed(Aspect.MOMENT, "SIGNED_IN_FUTURE")


def _of_list(seal: Seal, signer: Certificate) -> Check:
    """Whether the seal may be used under this certificate."""
    named = signer.der in seal.certificates or any(
        (algorithm := _DIGESTS.get(name.upper())) is not None and hmac.compare_digest(signer.digest(algorithm), value)
        for name, value in seal.digests
    )
    return held(Aspect.LISTED) if named else failed(Aspect.LISTED, "SIGNER_NOT_LISTED", signer.serial)


def _facts(
    seal: Seal, signature: Signature | None = None, signer: Certificate | None = None, *, timestamped: bool = False
) -> Facts:
    return Facts(
        structure=_STRUCTURES[seal.version],
        seal_id=seal.seal_id,
        seal_name=seal.name,
        seal_kind=str(seal.kind),
        seal_made=seal.made,
        seal_begin=seal.begin,
        seal_end=seal.end,
        certificate_serial="" if signer is None else signer.serial,
        sealed_at=None if signature is None else signature.moment,
        timestamped=timestamped,
    )
