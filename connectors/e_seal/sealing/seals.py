# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Seals and signatures written as the three versions of the standard write them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto.core import GeneralizedTime, OctetBitString, UTCTime

from certs.seals.structures import Digests, Octets, SealV1, SealV4, SignatureV1, SignatureV4, ToSignV1, ToSignV4
from connectors.e_seal.sealing.authority import Holder

PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)
"""A grey point: nobody's seal."""

V1 = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPlan:
    """What a seal shall say. ``by_digest``: it lists its users by the digests of their certificates."""

    version: int = 4
    seal_id: str = "00000000000000"
    name: str = "示例区政务服务局（测试）"
    made: datetime
    begin: datetime
    end: datetime
    by_digest: bool = False
    picture: bytes = PICTURE

    @classmethod
    def around(cls, now: datetime, version: int = 4, **other: Any) -> "SealPlan":
        """One that has been valid for a month and will be for a year."""
        now = now.replace(microsecond=0)
        month = timedelta(days=30)
        return cls(version=version, made=now - month, begin=now - month, end=now + 12 * month, **other)


def make_seal(plan: SealPlan, maker: Holder, users: tuple[bytes, ...]) -> bytes:
    """A seal (SESeal), DER."""
    info = _info(plan, users)
    if plan.version == V1:
        seal = SealV1({"info": info, "maker": {"cert": maker.certificate, "algorithm": maker.key.oid, "value": b""}})
        covered = seal["info"].dump() + seal["maker"]["cert"].dump() + seal["maker"]["algorithm"].dump()
        seal["maker"]["value"] = OctetBitString(maker.key.sign(sequence(covered)))
        return _dumped(seal)
    seal = SealV4({"info": info, "cert": maker.certificate, "algorithm": maker.key.oid, "value": b""})
    seal["value"] = OctetBitString(maker.key.sign(seal["info"].dump()))
    return _dumped(seal)


def make_signature(
    version: int,
    seal: bytes,
    signer: Holder,
    document: bytes,
    moment: datetime,
    about: str = "/Doc_0/Signs/Sign_0/Signature.xml",
) -> bytes:
    """A signature over a document (SES_Signature), DER."""
    digest = hashlib.new("sm3", document).digest()
    moment = moment.replace(microsecond=0)
    if version == V1:
        first = ToSignV1(
            {
                "version": 1,
                "seal": SealV1.load(seal),
                "time": ("bits", OctetBitString(UTCTime(moment).dump())),
                "digest": ("bits", OctetBitString(digest)),
                "property": about,
                "cert": signer.certificate,
                "algorithm": signer.key.oid,
            }
        )
        value = OctetBitString(signer.key.sign(first.dump()))
        return _dumped(SignatureV1({"to_sign": first, "value": value}))
    body = ToSignV4(
        {
            "version": version,
            "seal": SealV4.load(seal),
            "time": GeneralizedTime(moment),
            "digest": OctetBitString(digest),
            "property": about,
        }
    )
    value = OctetBitString(signer.key.sign(body.dump()))
    return _dumped(
        SignatureV4({"to_sign": body, "cert": signer.certificate, "algorithm": signer.key.oid, "value": value})
    )


def with_stamp(data: bytes, token: bytes, *, is_seal: bool = False) -> bytes:
    """A signature of version 4 or 5, or a seal of version 5, with a time stamp token, tagged as the standard has it."""
    whole = (SealV4 if is_seal else SignatureV4).load(data)
    whole["tagged"] = OctetBitString(token)
    return _dumped(whole)


def sequence(content: bytes) -> bytes:
    """These elements as a SEQUENCE."""
    length = len(content)
    size = length.to_bytes((length.bit_length() + 7) // 8 or 1, "big")
    head = bytes((0x30, length)) if length < 0x80 else bytes((0x30, 0x80 | len(size))) + size  # because DER has it so
    return head + content


def _info(plan: SealPlan, users: tuple[bytes, ...]) -> dict[str, Any]:
    kind = "utc" if plan.version == V1 else "general"
    spec = UTCTime if plan.version == V1 else GeneralizedTime
    times = {name: (kind, spec(getattr(plan, name))) for name in ("made", "begin", "end")}
    listed: Any = Octets(list(users))
    written: dict[str, Any] = {"type": 1, "name": plan.name, **times}
    if plan.version != V1:
        if plan.by_digest:
            listed = Digests([{"type": "SM3", "value": hashlib.new("sm3", user).digest()} for user in users])
        written["list_type"] = 2 if plan.by_digest else 1
    return {
        "header": {"id": "ES", "version": plan.version, "vid": "TEST"},
        "id": plan.seal_id,
        "property": {**written, "listed": listed},
        "picture": {"type": "PNG", "data": plan.picture, "width": 40, "height": 40},
    }


def _dumped(value: Any) -> bytes:
    written: bytes = value.dump(force=True)
    return written
