# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The signatures of a PDF file: PAdES and its forerunner (ISO 32000, ``ETSI.CAdES.detached``, ``adbe.pkcs7.detached``).

pyHanko reads the file, says what a signature's byte range covers and whether what came afterwards is allowed; certificates
are judged as those of every other seal are. SM2 with SM3 stands in PDFs under the same structures.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.general import find_cms_attribute_iter
from pyhanko.sign.validation.generic_cms import extract_self_reported_ts, validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
    SignatureValidator,
)

from certs import sm2
from certs.seals.check import Aspect, Check, Examined, Facts, Impression, Kind, failed, held, unknown
from certs.seals.content import Content, stream
from certs.seals.signers import Party, about
from certs.seals.timestamps import Stamped, stamped
from certs.x509.anchors import Trust
from certs.x509.certificate import Certificate, certificate

_SUB_FILTERS = frozenset({"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"})
_DIGESTS = frozenset({"sha256", "sha384", "sha512", "sm3"})
_MOST_SIGNATURES = 50
_CLOCKS_DIFFER = timedelta(minutes=5)


def verify_pdf(data: Content, trust: Trust, at: datetime) -> Examined:
    """Every signature of the file. Never raises, whatever the bytes."""
    try:
        reader = PdfFileReader(stream(data))
        found = [] if reader.encrypted else list(reader.embedded_regular_signatures)
        names = frozenset(one.fq_name for one in found)
        encrypted = bool(reader.encrypted)
    except (Exception, RecursionError):  # noqa: BLE001  # because the library raises whatever a stranger's bytes make it
        return Examined(Kind.PDF, (), (failed(Aspect.FORM, "FORM"),))
    if encrypted or len(found) > _MOST_SIGNATURES:
        return Examined(Kind.PDF, (), (failed(Aspect.FORM, "FORM" if encrypted else "TOO_LARGE"),))
    if not found:
        return Examined(Kind.PDF, (), (failed(Aspect.FORM, "NOT_SEALED"),))
    return Examined(Kind.PDF, tuple(_impression(one, names, trust, at) for one in found), (held(Aspect.FORM),))


def _impression(one: EmbeddedPdfSignature, names: frozenset[str], trust: Trust, at: datetime) -> Impression:
    try:
        signer = certificate(one.signer_cert.dump())
        moment = _moment(one)
        stamp = _stamp(one, trust, at)
        facts = Facts(
            structure="pades",
            certificate_serial="" if signer is None else signer.serial,
            sealed_at=moment,
            timestamped=stamp.moment is not None,
        )
        checks = tuple(_checks(one, names, signer, moment, stamp, trust, at))
    except sm2.Sm2UnavailableError:
        raise
    except (Exception, RecursionError):  # noqa: BLE001  # because the library raises whatever a stranger's bytes make it
        return Impression(Facts(structure="pades"), (failed(Aspect.FORM, "FORM", one.fq_name),), one.fq_name)
    return Impression(facts, checks, one.fq_name)


def _checks(
    one: EmbeddedPdfSignature,
    names: frozenset[str],
    signer: Certificate | None,
    moment: datetime | None,
    stamp: Stamped,
    trust: Trust,
    at: datetime,
) -> Iterator[Check]:
    if one.sig_object.get("/SubFilter") not in _SUB_FILTERS:
        yield failed(Aspect.FORM, "FORM", one.fq_name)
        return
    yield from _of_bytes(one, names)
    yield from _of_moment(moment, at)
    yield from stamp.checks
    if signer is None:
        yield failed(Aspect.SIGNER, "SIGNER_CERTIFICATE")
        return
    others = [certificate(brought.dump()) for brought in one.other_embedded_certs]
    known = tuple(each for each in others if each is not None)
    then = stamp.moment or moment or at
    yield from about(Party.SIGNER, signer, trust, known, then, proven=stamp.moment is not None)


def _of_bytes(one: EmbeddedPdfSignature, names: frozenset[str]) -> Iterator[Check]:
    """What was signed, how much of the file that is, and what was done to the file since."""
    if one.md_algorithm not in _DIGESTS:
        yield failed(Aspect.SIGNATURE, "SIGNATURE_ALGORITHM", one.md_algorithm)
        return
    one.compute_integrity_info()
    intact, valid = validate_sig_integrity(
        one.signer_info, one.signer_cert, "data", one.compute_digest(), sig_validator=_Validator()
    )
    yield held(Aspect.SIGNATURE) if valid else failed(Aspect.SIGNATURE, "SIGNATURE")
    yield held(Aspect.DOCUMENT) if intact else failed(Aspect.DOCUMENT, "DOCUMENT_CHANGED")
    told = one.summarise_integrity_info()
    if told["coverage"] < SignatureCoverageLevel.ENTIRE_REVISION or _has_slack(one):
        yield failed(Aspect.COVERAGE, "NOT_COVERED", one.fq_name)
        return
    changes = told["diff_result"]
    filled = changes.changed_form_fields - names if isinstance(changes, DiffResult) else set[str]()
    good = told["docmdp_ok"] and not filled
    yield held(Aspect.COVERAGE) if good else failed(Aspect.COVERAGE, "CHANGED_AFTERWARDS", one.fq_name)


def _moment(one: EmbeddedPdfSignature) -> datetime | None:
    """What the signer says: in what was signed, or else beside it, which is within the byte range too."""
    told = extract_self_reported_ts(one.signer_info) or one.self_reported_timestamp
    if told is None:
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)


def _has_slack(one: EmbeddedPdfSignature) -> bool:
    """Whether anything but blanks stands behind the end of the last revision: no update, and covered by nobody."""
    if one.signed_revision != one.reader.xrefs.total_revisions - 1:
        return False
    stream = one.reader.stream
    stream.seek(int(one.byte_range[2]) + int(one.byte_range[3]))
    return bool(stream.read().strip())


def _stamp(one: EmbeddedPdfSignature, trust: Trust, at: datetime) -> Stamped:
    """The token over the signature's value, if there is one; of several the first."""
    token = next(iter(find_cms_attribute_iter(one.signer_info["unsigned_attrs"], "signature_time_stamp_token")), None)
    return Stamped(None, ()) if token is None else stamped(token.dump(), one.signer_info["signature"].native, trust, at)


def _of_moment(moment: datetime | None, at: datetime) -> Iterator[Check]:
    if moment is None:
        yield unknown(Aspect.MOMENT, "MOMENT_UNKNOWN")
    elif moment > at + _CLOCKS_DIFFER:
        yield failed(Aspect.MOMENT, "SIGNED_IN_FUTURE")
    else:
        yield held(Aspect.MOMENT)


class _Validator(SignatureValidator):
    """SM2 by the system's OpenSSL, everything else by the library."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: Any,
        signature_algorithm: Any,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Raises ``InvalidSignature`` if it is not this key's."""
        spki = public_key_info.dump()
        if not sm2.is_sm2(spki):
            DefaultSignatureValidator().validate_signature(
                signature, signed_data, public_key_info, signature_algorithm, context
            )
            return
        key = sm2.public_key(spki)
        if key is None or context.prehashed or not key.verify(signed_data, signature):
            raise InvalidSignature
