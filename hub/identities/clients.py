# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From a client certificate to its system: by fingerprint or by subject, exactly. 客户端证书与系统的对应"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography import x509

from contracts.refusal import Refusal
from contracts.text import Text
from hub.identities.holders import KeyHolders
from hub.identities.trusting import Trusted, Trusting, Use

FINGERPRINT = "sha256:"

_UNKNOWN = Refusal(
    "E_CERT_UNKNOWN", Text("这张证书没有登记给任何系统。", "This certificate is registered for no system.")
)


@lru_cache(maxsize=4096)
def fingerprint_of(der: bytes) -> str:
    """As the configuration has it: ``sha256:<hex>`` over the certificate's bytes."""
    return FINGERPRINT + hashlib.sha256(der).hexdigest()


@lru_cache(maxsize=4096)
def subject_of(der: bytes) -> str:
    """The subject as RFC 4514 writes it, the last part first; empty for what is no certificate."""
    try:
        return x509.load_der_x509_certificate(der).subject.rfc4514_string()
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Clients:
    """Whose certificate is whose: ``systems`` by fingerprint or subject, and nobody by the key of somebody else."""

    systems: Mapping[str, str] = field(default_factory=dict)
    holders: KeyHolders = field(default_factory=KeyHolders)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, Iterable[str]]]) -> "Clients":
        """From (system, names of its certificates) pairs."""
        return cls({name: system for system, names in pairs for name in names})

    def identify(self, der: bytes, trusting: Trusting) -> str | Refusal:
        """The system whose certificate this is, if it is believed today."""
        judged = trusting.judge(der, Use.CLIENT)
        if not isinstance(judged, Trusted):
            return judged
        system = self.system_of(der)
        if system is None:
            return _UNKNOWN
        return self.holders.refused(judged.certificate, system) or system

    def system_of(self, der: bytes) -> str | None:
        """The system that a certificate is registered for, whether it is believed or not."""
        return self.systems.get(fingerprint_of(der)) or self.systems.get(subject_of(der))
