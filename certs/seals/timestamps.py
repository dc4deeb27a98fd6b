# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A time stamp token (RFC 3161; GM/T 0033 with SM2 and SM3) over some bytes: when they existed, by an authority one trusts."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import cms, tsp

from certs.der import decoded
from certs.seals.check import Aspect, Check, Verdict, failed, held, worst
from certs.seals.signers import Party, about
from certs.x509.algorithms import SM3, Signed, signed
from certs.x509.anchors import Trust
from certs.x509.certificate import Certificate, certificate

_DIGESTS = {
    SM3: "sm3",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_TIME_STAMPING = "time_stamping"
_CLOCKS_DIFFER = timedelta(minutes=5)
_SET_OF = b"\x31"


@dataclass(frozen=True, slots=True)
class Stamped:
    """What came of a token. ``moment`` is set where nothing of it failed."""

    moment: datetime | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    imprint: bytes
    imprint_by: str
    moment: datetime
    content: bytes
    digest_by: str
    attributes: bytes
    told_digest: bytes
    algorithm: str
    signature: bytes
    signer: Certificate
    others: tuple[Certificate, ...]


def stamped(token: bytes, covered: bytes, trust: Trust, at: datetime) -> Stamped:
    """Whether the token is about these bytes, and whose. Never raises."""
    read = decoded(token, _read)
    if read is None:
        return Stamped(None, (failed(Aspect.MOMENT, "TIMESTAMP"),))
    checks = [_of_token(read, covered)]
    if read.moment > at + _CLOCKS_DIFFER:
        checks.append(failed(Aspect.MOMENT, "SIGNED_IN_FUTURE"))
    if _TIME_STAMPING not in (read.signer.purposes or ()):
        checks.append(failed(Aspect.MOMENT, "STAMPER_USAGE", read.signer.serial))
    checks += about(Party.STAMPER, read.signer, trust, read.others, read.moment)
    good = worst(one.verdict for one in checks) is not Verdict.FAILED
    return Stamped(read.moment if good else None, tuple(checks))


def _of_token(read: _Token, covered: bytes) -> Check:
    """The imprint is that of the bytes; the signer signed exactly this statement."""
    imprint, content = _DIGESTS.get(read.imprint_by), _DIGESTS.get(read.digest_by)
    if imprint is None or content is None:
        return failed(Aspect.MOMENT, "STAMPER_ALGORITHM", read.imprint_by)
    sound = (
        hmac.compare_digest(hashlib.new(imprint, covered).digest(), read.imprint)
        and hmac.compare_digest(hashlib.new(content, read.content).digest(), read.told_digest)
        and signed(read.algorithm, read.signer.spki, read.attributes, read.signature, read.digest_by) is Signed.YES
    )
    return held(Aspect.MOMENT) if sound else failed(Aspect.MOMENT, "TIMESTAMP")


def _read(token: bytes) -> _Token:
    """Raises ``ValueError`` and its kin for whatever is no token with one signer and signed attributes."""
    outer = cms.ContentInfo.load(token, strict=True)
    if outer["content_type"].native != "signed_data":
        raise ValueError("no signed data")
    body = outer["content"]
    inner = body["encap_content_info"]
    if inner["content_type"].native != "tst_info" or len(body["signer_infos"]) != 1:
        raise ValueError("no time stamp")
    content = bytes(inner["content"])
    statement = tsp.TSTInfo.load(content, strict=True)
    signer = body["signer_infos"][0]
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    if attributes["content_type"][0].native != "tst_info" or len(attributes) != len(signer["signed_attrs"]):
        raise ValueError("the attributes are about something else")
    brought = [found for one in body["certificates"] if (found := certificate(one.chosen.dump())) is not None]
    return _Token(
        imprint=statement["message_imprint"]["hashed_message"].native,
        imprint_by=statement["message_imprint"]["hash_algorithm"]["algorithm"].dotted,
        moment=statement["gen_time"].native,
        content=content,
        digest_by=signer["digest_algorithm"]["algorithm"].dotted,
        attributes=_SET_OF + signer["signed_attrs"].dump()[1:],
        told_digest=attributes["message_digest"][0].native,
        algorithm=signer["signature_algorithm"]["algorithm"].dotted,
        signature=signer["signature"].native,
        signer=_signer(signer["sid"], brought),
        others=tuple(brought),
    )


def _signer(named: Any, brought: list[Certificate]) -> Certificate:
    """The certificate that the signer is named by."""
    if named.name != "issuer_and_serial_number":
        raise ValueError("named by its key alone")
    issuer, serial = named.chosen["issuer"].dump(), f"{named.chosen['serial_number'].native:x}"
    found = [one for one in brought if (one.issuer, one.serial) == (issuer, serial)]
    return found[0]
