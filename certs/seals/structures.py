# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The structures of electronic seals as typed specifications: GM/T 0031-2014 (version 1), GB/T 38540-2020 (version 4),
GM/T 0031-2025 (version 5).

Optional parts are taken with their tag and without: makers differ. Version 1 writes times and digests as octet strings as
well as bit strings.
"""

from asn1crypto.core import (
    Any,
    Boolean,
    Choice,
    GeneralizedTime,
    IA5String,
    Integer,
    ObjectIdentifier,
    OctetBitString,
    OctetString,
    PrintableString,
    Sequence,
    SequenceOf,
    UTCTime,
    UTF8String,
)

__all__ = ["Digests", "Octets", "SealV1", "SealV4", "SignatureV1", "SignatureV4"]


class Header(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SES_Header: ``ID`` is "ES", ``Vid`` names the maker."""

    _fields = [("id", IA5String), ("version", Integer), ("vid", IA5String)]  # noqa: RUF012  # because the library wants a list


class Picture(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SES_ESPictrueInfo, written like this in the standard; sizes in millimetres."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("type", IA5String),
        ("data", OctetString),
        ("width", Integer),
        ("height", Integer),
    ]


class Extension(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """ExtData."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("id", ObjectIdentifier),
        ("critical", Boolean, {"default": False}),
        ("value", OctetString),
    ]


class Extensions(SequenceOf):  # type: ignore[misc]  # asn1crypto ships no types
    """ExtensionDatas."""

    _child_spec = Extension


class Octets(SequenceOf):  # type: ignore[misc]  # asn1crypto ships no types
    """CertInfoList: whole certificates."""

    _child_spec = OctetString


class Digest(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """CertDigestObj."""

    _fields = [("type", PrintableString), ("value", OctetString)]  # noqa: RUF012  # because the library wants a list


class Digests(SequenceOf):  # type: ignore[misc]  # asn1crypto ships no types
    """CertDigestList."""

    _child_spec = Digest


class Time(Choice):  # type: ignore[misc]  # asn1crypto ships no types
    """Either way of writing a moment."""

    _alternatives = [("utc", UTCTime), ("general", GeneralizedTime)]  # noqa: RUF012  # because the library wants a list


class Bits(Choice):  # type: ignore[misc]  # asn1crypto ships no types
    """Bytes, as some makers write them and as others do."""

    _alternatives = [("bits", OctetBitString), ("octets", OctetString)]  # noqa: RUF012  # because the library wants a list


class PropertyV1(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SES_ESPropertyInfo of version 1."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("type", Integer),
        ("name", UTF8String),
        ("listed", Octets),
        ("made", Time),
        ("begin", Time),
        ("end", Time),
    ]


class PropertyV4(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SES_ESPropertyInfo of versions 4 and 5. What ``listed`` is, ``list_type`` says: 1 certificates, 2 digests of them."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("type", Integer),
        ("name", UTF8String),
        ("list_type", Integer),
        ("listed", Any),
        ("made", Time),
        ("begin", Time),
        ("end", Time),
    ]


_EXTENDED = [
    ("tagged", Extensions, {"explicit": 0, "optional": True}),
    ("extensions", Extensions, {"optional": True}),
]
_STAMPED = [
    ("tagged", OctetBitString, {"explicit": 0, "optional": True}),
    ("stamp", OctetBitString, {"optional": True}),
]


class InfoV1(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SES_SealInfo of version 1."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("header", Header),
        ("id", IA5String),
        ("property", PropertyV1),
        ("picture", Picture),
        *_EXTENDED,
    ]


class InfoV4(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SES_SealInfo of versions 4 and 5."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("header", Header),
        ("id", IA5String),
        ("property", PropertyV4),
        ("picture", Picture),
        *_EXTENDED,
    ]


class MakerV1(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SES_SignInfo of version 1."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("cert", OctetString),
        ("algorithm", ObjectIdentifier),
        ("value", OctetBitString),
    ]


class SealV1(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SESeal of version 1."""

    _fields = [("info", InfoV1), ("maker", MakerV1)]  # noqa: RUF012  # because the library wants a list


class SealV4(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SESeal of versions 4 and 5; only the latter is stamped."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("info", InfoV4),
        ("cert", OctetString),
        ("algorithm", ObjectIdentifier),
        ("value", OctetBitString),
        *_STAMPED,
    ]


class ToSignV1(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """TBS_Sign of version 1."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("version", Integer),
        ("seal", SealV1),
        ("time", Bits),
        ("digest", Bits),
        ("property", IA5String),
        ("cert", OctetString),
        ("algorithm", ObjectIdentifier),
    ]


class SignatureV1(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SES_Signature of version 1."""

    _fields = [("to_sign", ToSignV1), ("value", OctetBitString)]  # noqa: RUF012  # because the library wants a list


class ToSignV4(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """TBS_Sign of versions 4 and 5."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("version", Integer),
        ("seal", SealV4),
        ("time", GeneralizedTime),
        ("digest", OctetBitString),
        ("property", IA5String),
        *_EXTENDED,
    ]


class SignatureV4(Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    """SES_Signature of versions 4 and 5."""

    _fields = [  # noqa: RUF012  # because the library wants a list
        ("to_sign", ToSignV4),
        ("cert", OctetString),
        ("algorithm", ObjectIdentifier),
        ("value", OctetBitString),
        *_STAMPED,
    ]
