# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A development authority: makes certificates (RFC 5280) and revocation lists in either suite. Pure: time and chance are given.

In production an outside authority does this; the hub trusts it by its certificate alone and never holds its key.
"""

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from asn1crypto import crl, x509
from asn1crypto.keys import PublicKeyInfo

from certs.suites.suite import Signer
from certs.x509.algorithms import SM2_WITH_SM3
from certs.x509.certificate import Certificate, certificate

Entropy = Callable[[int], bytes]
_SKEW = timedelta(minutes=5)
_ALGORITHMS = {"intl-1": "1.2.840.10045.4.3.2", "gm-1": SM2_WITH_SM3}
_UTC_TIME_ENDS = 2050


class Use(StrEnum):
    """What a certificate is made for."""

    CA = "ca"
    CLIENT = "client"
    SERVER = "server"
    SIGNING = "signing"
    TSA = "tsa"
    OCSP = "ocsp"


_PURPOSES = {Use.CLIENT: "client_auth", Use.SERVER: "server_auth", Use.TSA: "time_stamping", Use.OCSP: "ocsp_signing"}
_USAGES = {Use.CA: {"key_cert_sign", "crl_sign"}, Use.SIGNING: {"digital_signature", "non_repudiation"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A certificate to make: for whom, with which key (SubjectPublicKeyInfo, DER), for what and how long."""

    name: str
    organisation: str
    spki: bytes
    use: Use
    begins: datetime
    lasts: timedelta
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revoked:
    """One line of a revocation list; ``serial`` is hexadecimal."""

    serial: str
    at: datetime


def self_signed(wanted: Wanted, suite: str, sign: Callable[[bytes], bytes], entropy: Entropy) -> Certificate:
    """A root, signed by the key it is about."""
    return _certificate(wanted, _name(wanted), wanted.spki, suite, sign, entropy)


def issued_by(authority: Signer, wanted: Wanted, entropy: Entropy) -> Certificate:
    """A certificate of this authority."""
    issuer = x509.Name.load(authority.certificate.subject)
    return _certificate(wanted, issuer, authority.certificate.spki, authority.suite.name, authority.sign, entropy)


def revocation_list(
    authority: Signer, revoked: Iterable[Revoked], *, made: datetime, lasts: timedelta, number: int
) -> bytes:
    """The list of everything this authority has revoked, DER. ``number`` grows with every list."""
    algorithm = {"algorithm": _ALGORITHMS[authority.suite.name]}
    entries = [{"user_certificate": int(one.serial, 16), "revocation_date": _time(one.at)} for one in revoked]
    body = crl.TbsCertList(
        {
            "version": "v2",
            "signature": algorithm,
            "issuer": x509.Name.load(authority.certificate.subject),
            "this_update": _time(made),
            "next_update": _time(made + lasts),
            **({"revoked_certificates": entries} if entries else {}),
            "crl_extensions": [
                {
                    "extn_id": "authority_key_identifier",
                    "critical": False,
                    "extn_value": {"key_identifier": _key_identifier(authority.certificate.spki)},
                },
                {"extn_id": "crl_number", "critical": False, "extn_value": number},
            ],
        }
    )
    whole = {"tbs_cert_list": body, "signature_algorithm": algorithm, "signature": authority.sign(body.dump())}
    return bytes(crl.CertificateList(whole).dump())


def _certificate(
    wanted: Wanted,
    issuer: x509.Name,
    issuer_key: bytes,
    suite: str,
    sign: Callable[[bytes], bytes],
    entropy: Entropy,
) -> Certificate:
    algorithm = {"algorithm": _ALGORITHMS[suite]}
    serial = (
        int.from_bytes(entropy(16), "big") | 1 << 126
    )  # positive, never short, below the 20 bytes that RFC 5280 allows
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": serial & ~(1 << 127),
            "signature": algorithm,
            "issuer": issuer,
            "validity": {"not_before": _time(wanted.begins - _SKEW), "not_after": _time(wanted.begins + wanted.lasts)},
            "subject": _name(wanted),
            "subject_public_key_info": PublicKeyInfo.load(wanted.spki),
            "extensions": list(_extensions(wanted, issuer_key)),
        }
    )
    whole = {"tbs_certificate": body, "signature_algorithm": algorithm, "signature_value": sign(body.dump())}
    made = certificate(bytes(x509.Certificate(whole).dump()))
    assert made is not None, "what was made can be read"
    return made


def _name(wanted: Wanted) -> x509.Name:
    named = {"organization_name": wanted.organisation} if wanted.organisation else {}
    return x509.Name.build({"country_name": "CN", **named, "common_name": wanted.name})


def _extensions(wanted: Wanted, issuer_key: bytes) -> Sequence[dict[str, Any]]:
    constraints: dict[str, Any] = {"ca": True} if wanted.use is Use.CA else {"ca": False}
    found: list[dict[str, Any]] = [
        _extension("basic_constraints", constraints, critical=True),
        _extension("key_usage", _USAGES.get(wanted.use, {"digital_signature"}), critical=True),
        _extension("key_identifier", _key_identifier(wanted.spki)),
        _extension("authority_key_identifier", {"key_identifier": _key_identifier(issuer_key)}),
    ]
    if (purpose := _PURPOSES.get(wanted.use)) is not None:
        found.append(_extension("extended_key_usage", [purpose], critical=wanted.use is Use.TSA))
    if wanted.hosts:
        found.append(_extension("subject_alt_name", [_host(host) for host in wanted.hosts]))
    return found


def _extension(name: str, value: object, *, critical: bool = False) -> dict[str, Any]:
    return {"extn_id": name, "critical": critical, "extn_value": value}


def _host(host: str) -> x509.GeneralName:
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        return x509.GeneralName(name="dns_name", value=host)
    return x509.GeneralName(name="ip_address", value=address)


def _key_identifier(spki: bytes) -> bytes:
    return bytes(PublicKeyInfo.load(spki).sha1)


def _time(moment: datetime) -> x509.Time:
    whole = moment.replace(microsecond=0)
    kind = "utc_time" if whole.year < _UTC_TIME_ENDS else "general_time"
    return x509.Time(name=kind, value=whole)
