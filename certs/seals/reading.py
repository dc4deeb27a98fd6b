# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A seal, or a signature made with one, out of bytes: the same values whichever version of the standard wrote it.

The version is told by the layout (two members outside: version 1) and by the header; where they disagree, bytes of one
version are passed off as another's, whose signature covers something else, and nothing is read.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from asn1crypto.core import GeneralizedTime, UTCTime

from certs.der import decoded
from certs.seals.structures import Digests, Octets, SealV1, SealV4, SignatureV1, SignatureV4

_INTEGER, _SEQUENCE = 0x02, 0x30

_V1 = 1
_FLAT = frozenset({4, 5})
_MARK = "ES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """An electronic seal (SESeal). ``signed`` are the exact bytes that its maker signed.

    ``certificates`` are who may use it, or ``digests`` of their certificates, by the name of the hash function.
    """

    version: int
    der: bytes
    signed: bytes
    maker: bytes
    algorithm: str
    value: bytes
    seal_id: str
    name: str
    kind: int
    made: datetime
    begin: datetime
    end: datetime
    certificates: tuple[bytes, ...] = ()
    digests: tuple[tuple[str, bytes], ...] = ()
    picture: bytes = b""
    picture_type: str = ""
    stamp: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature made with a seal (SES_Signature). ``signed`` are the exact bytes that were signed; ``moment`` is None where
    a time stamp stands in its place; ``digest`` is that of the document; ``about`` is what the signer wrote about it.
    """

    seal: Seal
    signed: bytes
    moment: datetime | None
    digest: bytes
    about: str
    signer: bytes
    algorithm: str
    value: bytes
    stamp: bytes | None = None

    @property
    def version(self) -> int:
        """Its seal's."""
        return self.seal.version


def read(data: bytes) -> Seal | Signature | None:
    """What these bytes are; None if they are neither, or pretend to be of another version than they are."""
    return decoded(data, _read)


def _read(data: bytes) -> Seal | Signature:
    inner = _child(_child(data))
    flat = _members(data) > 2  # version 1 has two, all later ones four at least
    if inner[:1] == bytes((_INTEGER,)):
        return _signature_v4(data) if flat else _signature_v1(data)
    return _seal_v4(data) if flat else _seal_v1(data)


def _seal_v1(data: bytes) -> Seal:
    return _of_v1(SealV1.load(data, strict=True))


def _of_v1(whole: Any) -> Seal:
    info, maker = whole["info"], whole["maker"]
    covered = info.dump() + maker["cert"].dump() + maker["algorithm"].dump()
    return Seal(
        version=_version(info, frozenset({_V1})),
        der=whole.dump(),
        signed=_sequence(covered),
        maker=maker["cert"].native,
        algorithm=maker["algorithm"].dotted,
        value=maker["value"].native,
        certificates=tuple(info["property"]["listed"].native),
        **_facts(info),
    )


def _seal_v4(data: bytes) -> Seal:
    return _of_v4(SealV4.load(data, strict=True))


def _of_v4(whole: Any) -> Seal:
    info = whole["info"]
    version = _version(info, _FLAT)
    listed = _listed(info["property"])
    return Seal(
        version=version,
        der=whole.dump(),
        signed=info.dump(),
        maker=whole["cert"].native,
        algorithm=whole["algorithm"].dotted,
        value=whole["value"].native,
        stamp=_stamp(whole),
        **listed,
        **_facts(info),
    )


def _signature_v1(data: bytes) -> Signature:
    whole = SignatureV1.load(data, strict=True)
    body = whole["to_sign"]
    moment, stamp = _moment_v1(body["time"].chosen.native)
    return Signature(
        seal=_of_v1(body["seal"]),
        signed=body.dump(),
        moment=moment,
        digest=body["digest"].chosen.native,
        about=body["property"].native,
        signer=body["cert"].native,
        algorithm=body["algorithm"].dotted,
        value=whole["value"].native,
        stamp=stamp,
    )


def _signature_v4(data: bytes) -> Signature:
    whole = SignatureV4.load(data, strict=True)
    body = whole["to_sign"]
    return Signature(
        seal=_of_v4(body["seal"]),
        signed=body.dump(),
        moment=_aware(body["time"].native),
        digest=body["digest"].native,
        about=body["property"].native,
        signer=whole["cert"].native,
        algorithm=whole["algorithm"].dotted,
        value=whole["value"].native,
        stamp=_stamp(whole),
    )


def _version(info: Any, known: frozenset[int]) -> int:
    header = info["header"]
    if header["id"].native != _MARK or header["version"].native not in known:
        raise ValueError("the header is of another version than the layout")
    return int(header["version"].native)


def _facts(info: Any) -> dict[str, Any]:
    written, picture = info["property"], info["picture"]
    return {
        "seal_id": info["id"].native,
        "name": written["name"].native,
        "kind": written["type"].native,
        "made": _aware(written["made"].native),
        "begin": _aware(written["begin"].native),
        "end": _aware(written["end"].native),
        "picture": picture["data"].native,
        "picture_type": picture["type"].native,
    }


def _listed(written: Any) -> dict[str, Any]:
    match written["list_type"].native:
        case 1:
            return {"certificates": tuple(written["listed"].parse(Octets).native)}
        case 2:
            digests = written["listed"].parse(Digests)
            return {"digests": tuple((one["type"].native, one["value"].native) for one in digests)}
        case _:
            raise ValueError("an unknown kind of list")


def _stamp(whole: Any) -> bytes | None:
    stamp = whole["tagged"].native or whole["stamp"].native
    return stamp if isinstance(stamp, bytes) else None


def _moment_v1(written: bytes) -> tuple[datetime | None, bytes | None]:
    """Version 1 has a moment there, in DER or as text, or a time stamp."""
    for kind in (UTCTime, GeneralizedTime):
        moment = decoded(written, partial(_native, kind))
        if isinstance(moment, datetime):
            return _aware(moment), None
    text = written.decode("ascii", "replace").removesuffix("Z")
    if text.isdigit() and len(text) in {12, 14}:
        return _aware(datetime.strptime(text, "%Y%m%d%H%M%S" if len(text) == 14 else "%y%m%d%H%M%S")), None  # noqa: DTZ007  # because it has seconds, and is made aware
    return None, written


def _native(kind: Any, data: bytes) -> object:
    return kind.load(data, strict=True).native


def _aware(moment: datetime) -> datetime:
    """A moment without an offset is in UTC, as DER wants it."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _sequence(content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:  # because DER has the short form for it
        return bytes((_SEQUENCE, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((_SEQUENCE, 0x80 | len(size))) + size + content


def _child(data: bytes) -> bytes:
    """The first member of an element that was looked over; empty without any."""
    if not data or data[0] != _SEQUENCE:
        return b""
    inside = _contents(data)
    return inside[: _length(inside)] if inside else b""


def _members(data: bytes) -> int:
    rest, count = _contents(data), 0
    while rest:
        rest = rest[_length(rest) :]
        count += 1
    return count


def _contents(data: bytes) -> bytes:
    return data[2 + (data[1] & 0x7F if data[1] & 0x80 else 0) :]


def _length(data: bytes) -> int:
    """How long the first element is, its header included."""
    if data[1] & 0x80:
        count = data[1] & 0x7F
        return 2 + count + int.from_bytes(data[2 : 2 + count], "big")
    return 2 + data[1]
