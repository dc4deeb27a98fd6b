# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What one certificate says. Read by asn1crypto, since cryptography does not read SM2 keys; only facts leave this module."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import x509
from asn1crypto.algos import DigestAlgorithmId, SignedDigestAlgorithmId
from asn1crypto.keys import NamedCurve

from certs.der import decoded
from certs.x509.algorithms import SM2_WITH_SM3, SM3, Signed, signed

NamedCurve.register("sm2p256v1", "1.2.156.10197.1.301", 32)
DigestAlgorithmId._map.setdefault(SM3, "sm3")  # noqa: SLF001  # because it has no register of its own
SignedDigestAlgorithmId._map.setdefault(SM2_WITH_SM3, "sm2_sm3")  # noqa: SLF001  # because it has none either

_UNDERSTOOD = frozenset(
    {"basic_constraints", "key_usage", "extended_key_usage", "certificate_policies", "key_identifier",
     "authority_key_identifier", "subject_alt_name", "issuer_alt_name", "crl_distribution_points",
     "authority_information_access"}
)  # fmt: skip
_CERTIFICATE_SIGN = "key_cert_sign"
_CRL_SIGN = "crl_sign"
_MAKES_SEALS = frozenset({"digital_signature", "non_repudiation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate. ``der`` are its exact bytes; names are DER, to be compared and not read; ``serial`` is in hexadecimal.

    ``strange`` are critical extensions that nobody here understands: it is then good for nothing (RFC 5280, 4.2).
    """

    der: bytes
    serial: str
    subject: bytes
    issuer: bytes
    not_before: datetime
    not_after: datetime
    spki: bytes
    algorithm: str
    tbs: bytes
    signature: bytes
    authority: bool = False
    path_length: int | None = None
    usage: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    strange: tuple[str, ...] = ()
    common_name: str = field(default="", repr=False)  # it may name a person

    @property
    def may_issue(self) -> bool:
        """Whether it may sign certificates."""
        return self.authority and (self.usage is None or _CERTIFICATE_SIGN in self.usage)

    @property
    def may_list(self) -> bool:
        """Whether it may sign revocation lists."""
        return self.usage is None or _CRL_SIGN in self.usage

    @property
    def may_seal(self) -> bool:
        """Whether it may sign documents."""
        return self.usage is None or bool(self.usage & _MAKES_SEALS)

    def valid_at(self, moment: datetime) -> bool:
        """Whether the moment lies in its validity."""
        return self.not_before <= moment <= self.not_after

    def digest(self, algorithm: str = "sm3") -> bytes:
        """The digest of its bytes."""
        return hashlib.new(algorithm, self.der, usedforsecurity=False).digest()


@lru_cache(maxsize=1024)
def certificate(der: bytes) -> Certificate | None:
    """The certificate that these bytes are, kept; None if they are none."""
    return decoded(der, _read)


@lru_cache(maxsize=4096)
def issued(child: Certificate, parent: Certificate) -> Signed:
    """Whether the parent's key signed the child, kept."""
    return signed(child.algorithm, parent.spki, child.tbs, child.signature)


def _read(der: bytes) -> Certificate:
    whole = x509.Certificate.load(der, strict=True)
    body = whole["tbs_certificate"]
    inner, outer = body["signature"].dump(), whole["signature_algorithm"].dump()
    if inner != outer:
        raise ValueError("the algorithm inside the signature is another one than beside it")
    extensions, strange = _extensions(body["extensions"])
    constraints = extensions.get("basic_constraints") or {}
    return Certificate(
        der=der,
        serial=f"{body['serial_number'].native:x}",
        subject=body["subject"].dump(),
        issuer=body["issuer"].dump(),
        not_before=body["validity"]["not_before"].native,
        not_after=body["validity"]["not_after"].native,
        spki=body["subject_public_key_info"].dump(),
        algorithm=whole["signature_algorithm"]["algorithm"].dotted,
        tbs=body.dump(),
        signature=whole["signature_value"].native,
        authority=bool(constraints.get("ca")),
        path_length=constraints.get("path_len_constraint"),
        usage=_set(extensions.get("key_usage")),
        purposes=_set(extensions.get("extended_key_usage")),
        strange=strange,
        common_name=str(_last(body["subject"].native.get("common_name"))),
    )


def _extensions(written: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Values by name, and the critical ones that are not understood."""
    known: dict[str, Any] = {}
    strange = []
    for extension in written if written.native is not None else ():
        name = extension["extn_id"].native
        if name in known:
            raise ValueError("an extension stands twice")
        if name in _UNDERSTOOD:
            known[name] = extension["extn_value"].parsed.native
        elif extension["critical"].native:
            strange.append(extension["extn_id"].dotted)
    return known, tuple(strange)


def _set(value: Any) -> frozenset[str] | None:
    return None if value is None else frozenset(map(str, value))


def _last(value: Any) -> Any:
    return "" if value is None else value[-1] if isinstance(value, list) else value
