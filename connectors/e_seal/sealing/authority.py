# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Made-up authorities: a root that issues certificates and revocation lists, with keys of RSA, ECDSA or SM2."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from asn1crypto import crl, keys, x509
from asn1crypto.algos import SignedDigestAlgorithm
from asn1crypto.core import Null, OctetBitString
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from certs import sm2
from certs.x509.algorithms import SM2_WITH_SM3
from certs.x509.certificate import certificate

_EXPONENT, _BITS = 65537, 2048


class Algorithm(StrEnum):
    """What keys are made of."""

    RSA = "rsa"
    ECDSA = "ecdsa"
    SM2 = "sm2"


class Key(Protocol):
    """A private key. ``oid`` is the algorithm of its signatures, in dots."""

    @property
    def oid(self) -> str: ...

    def spki(self) -> bytes:
        """Its public half (SubjectPublicKeyInfo, DER)."""
        ...

    def private(self) -> bytes:
        """Itself, DER, unencrypted."""
        ...

    def sign(self, message: bytes) -> bytes:
        """A signature, by its algorithm."""
        ...


class _RsaKey:
    oid = "1.2.840.113549.1.1.11"

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(_EXPONENT, _BITS)

    def spki(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def private(self) -> bytes:
        return self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())


class _EcdsaKey:
    oid = "1.2.840.10045.4.3.2"

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def spki(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def private(self) -> bytes:
        return self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, ec.ECDSA(hashes.SHA256()))


class _Sm2Key:
    oid = SM2_WITH_SM3

    def __init__(self) -> None:
        self._key = sm2.PrivateKey.generate()

    def spki(self) -> bytes:
        return self._key.public()

    def private(self) -> bytes:
        return self._key.private()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def new_key(algorithm: Algorithm) -> Key:
    """A new key."""
    match algorithm:
        case Algorithm.RSA:
            return _RsaKey()
        case Algorithm.ECDSA:
            return _EcdsaKey()
        case Algorithm.SM2:
            return _Sm2Key()


@dataclass(frozen=True, slots=True)
class Holder:
    """A key and the certificate for it, DER."""

    key: Key = field(repr=False)
    certificate: bytes


class Authority:
    """One root. ``now`` is when it was made; it has been valid for ten years and will be for ten."""

    def __init__(self, algorithm: Algorithm, now: datetime, name: str = "测试根 CA") -> None:
        self._key = new_key(algorithm)
        self._now = now.replace(microsecond=0)
        self._name = _name(f"{name} {algorithm}")
        self.algorithm = algorithm
        years = timedelta(days=3650)
        self.certificate = self._signed(
            self._name, self._key.spki(), (self._now - years, self._now + years), _OF_A_ROOT
        )

    def issue(
        self,
        name: str,
        *,
        days: tuple[int, int] = (-365, 365),
        usage: frozenset[str] = frozenset({"digital_signature"}),
        purpose: str = "",
    ) -> Holder:
        """A certificate for a new key of the same kind, valid between so many days from when the authority was made."""
        key = new_key(self.algorithm)
        period = (self._now + timedelta(days=days[0]), self._now + timedelta(days=days[1]))
        return Holder(key, self._signed(_name(name), key.spki(), period, _of_a_holder(usage, purpose)))

    def revocation_list(self, revoked: Sequence[tuple[bytes, datetime]] = (), days: int = 7) -> bytes:
        """A CRL of now, DER: these certificates, and since when."""
        entries = [
            {"user_certificate": int(found.serial, 16), "revocation_date": _time(moment)}
            for der, moment in revoked
            if (found := certificate(der)) is not None
        ]
        body = crl.TbsCertList(
            {
                "version": "v2",
                "signature": self._algorithm(),
                "issuer": self._name,
                "this_update": _time(self._now),
                "next_update": _time(self._now + timedelta(days=days)),
                "revoked_certificates": entries or None,
            }
        )
        return _dumped(
            crl.CertificateList(
                {
                    "tbs_cert_list": body,
                    "signature_algorithm": self._algorithm(),
                    "signature": OctetBitString(self._key.sign(body.dump())),
                }
            )
        )

    def _signed(
        self, subject: x509.Name, spki: bytes, period: tuple[datetime, datetime], extensions: list[dict[str, Any]]
    ) -> bytes:
        body = x509.TbsCertificate(
            {
                "version": "v3",
                "serial_number": secrets.randbits(120) | 1 << 120,
                "signature": self._algorithm(),
                "issuer": self._name,
                "validity": {"not_before": _time(period[0]), "not_after": _time(period[1])},
                "subject": subject,
                "subject_public_key_info": keys.PublicKeyInfo.load(spki),
                "extensions": extensions,
            }
        )
        return _dumped(
            x509.Certificate(
                {
                    "tbs_certificate": body,
                    "signature_algorithm": self._algorithm(),
                    "signature_value": OctetBitString(self._key.sign(body.dump())),
                }
            )
        )

    def _algorithm(self) -> SignedDigestAlgorithm:
        written: dict[str, Any] = {"algorithm": self._key.oid}
        if self.algorithm is Algorithm.RSA:
            written["parameters"] = Null()
        return SignedDigestAlgorithm(written)


_OF_A_ROOT: list[dict[str, Any]] = [
    {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": True, "path_len_constraint": 1}},
    {"extn_id": "key_usage", "critical": True, "extn_value": {"key_cert_sign", "crl_sign"}},
]


def _of_a_holder(usage: frozenset[str], purpose: str) -> list[dict[str, Any]]:
    purposes = [{"extn_id": "extended_key_usage", "critical": True, "extn_value": [purpose]}] if purpose else []
    return [
        *purposes,
        {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": False}},
        {"extn_id": "key_usage", "critical": True, "extn_value": set(usage)},
    ]


def _name(common: str) -> x509.Name:
    return x509.Name.build({"country_name": "CN", "organization_name": "虚构机构（测试）", "common_name": common})


def _time(moment: datetime) -> x509.Time:
    return x509.Time({"utc_time": moment.replace(microsecond=0)})


def _dumped(value: Any) -> bytes:
    written: bytes = value.dump()
    return written
