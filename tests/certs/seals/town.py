# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Authorities, a seal and its user, made once for each kind of key; and what a verifier brings for them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from certs.seals.check import Examined, Verdict
from certs.seals.verify import verify
from certs.x509.anchors import Trust
from certs.x509.certificate import Certificate, certificate
from certs.x509.revocation import RevocationList, revocation_list
from connectors.e_seal.sealing.authority import Algorithm, Authority, Holder
from connectors.e_seal.sealing.seals import SealPlan, make_seal, make_signature

NOW = datetime(2026, 11, 28, 8, 0, 0, tzinfo=UTC)
KINDS = tuple(Algorithm)
VERSIONS = (1, 4, 5)


@dataclass(frozen=True)
class Town:
    authority: Authority
    maker: Holder
    signer: Holder

    @property
    def anchor(self) -> Certificate:
        return known(self.authority.certificate)

    @property
    def trust(self) -> Trust:
        return Trust((self.anchor,), (), (listed(self.authority.revocation_list()),))

    def seal(self, version: int = 4, **plan: Any) -> bytes:
        made = SealPlan.around(NOW, version, **plan)
        return make_seal(made, self.maker, (self.signer.certificate,))

    def signature(self, version: int = 4, document: bytes = b"document", **other: Any) -> bytes:
        holder = other.pop("signer", self.signer)
        moment = other.pop("moment", NOW)
        return make_signature(version, other.pop("seal", None) or self.seal(version), holder, document, moment)

    def examined(self, data: bytes, document: bytes | None = b"document", trust: Trust | None = None) -> Examined:
        return verify(data, trust or self.trust, NOW, document)


@cache
def town(kind: Algorithm) -> Town:
    authority = Authority(kind, NOW)
    usage = frozenset({"digital_signature", "non_repudiation"})
    return Town(authority, authority.issue("测试制章人"), authority.issue("测试签章人", usage=usage))


def known(der: bytes) -> Certificate:
    found = certificate(der)
    assert found is not None
    return found


def listed(der: bytes) -> RevocationList:
    found = revocation_list(der)
    assert found is not None
    return found


def codes(examined: Examined) -> list[str]:
    """Of everything that did not hold."""
    return [one.code for one in examined.faults]


def failures(examined: Examined) -> set[str]:
    return {one.code for one in examined.faults if one.verdict is Verdict.FAILED}
