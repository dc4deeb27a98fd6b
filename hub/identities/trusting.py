# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whose certificates are believed now: chain, validity, use and revocation, with the age of what is known. 信任判定

A revoked certificate is always refused. Where no fresh status can be had, the last good one serves up to a configured age, so
that an outage of the authority does not close the hub, unless the deployment is strict.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from certs.sm2 import Sm2UnavailableError
from certs.x509.anchors import Trust
from certs.x509.certificate import Certificate, certificate
from certs.x509.chain import Broken, Chain, chain
from certs.x509.revocation import RevocationData, Status, status
from contracts.refusal import Refusal
from contracts.text import Text
from hub.ports.clock import Clock

_KEPT = timedelta(seconds=1)
_MOST_KEPT = 10_000
_MOST_SEEN = 1000
_CLOCKS_DIFFER = timedelta(minutes=5)
_UNSAID = timedelta(hours=1)
"""How long an answer is fresh that does not say when there will be a newer one (RFC 6960, 4.2.2.1: at any time)."""
_AGAIN = 60.0
_CLIENT = "client_auth"
_SIGNS = frozenset({"digital_signature", "non_repudiation"})


class Use(StrEnum):
    """What a certificate is shown for."""

    CLIENT = "client"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Freshness:
    """How revocation is known. ``age``: how old a good status may be when no fresh one can be had."""

    age: timedelta
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Trusted:
    """A certificate that is believed. ``status_at``: of when its revocation status is; None: none is asked for."""

    certificate: Certificate
    status_at: datetime | None
    stale: bool = False


@dataclass(slots=True)
class Trusting:
    """One per hub. ``freshness`` None: revocation is not looked for. What it holds is exchanged whole, by the background."""

    clock: Clock
    trust: Trust = field(default_factory=Trust)
    freshness: Freshness | None = None
    seen: dict[bytes, tuple[Certificate, Certificate]] = field(default_factory=dict)
    """Certificates in use, each with its issuer: those whose responders are asked."""
    _kept: dict[tuple[bytes, Use], tuple[datetime, Trusted | Refusal]] = field(default_factory=dict)

    def believe(self, anchors: Sequence[Certificate], others: Sequence[Certificate]) -> None:
        """From now on these anchors and issuers; what is known of revocation stays."""
        self.trust = replace(self.trust, anchors=tuple(anchors), others=tuple(others))
        self.seen.clear()
        self._kept.clear()

    def learn(self, revocation: Sequence[RevocationData]) -> None:
        """From now on exactly this is known of revocation."""
        self.trust = replace(self.trust, revocation=tuple(revocation))
        self._kept.clear()

    def judge(self, der: bytes, use: Use) -> Trusted | Refusal:
        """Whether the certificate with these bytes is believed now. Computes only; what it found is kept for a second."""
        now = self.clock.now()
        kept = self._kept.get((der, use))
        if kept is not None and kept[0] <= now < kept[0] + _KEPT:
            return kept[1]
        try:
            found = self._judged(der, use)
        except Sm2UnavailableError:
            found = _refusal(*_NO_SM2)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[der, use] = (now, found)
        return found

    def _judged(self, der: bytes, use: Use) -> Trusted | Refusal:
        leaf, moment = certificate(der), self.clock.now()
        if leaf is None:
            return _refusal("E_CERT_UNKNOWN_ISSUER", "", Text("证书无法读取。", "The certificate cannot be read."))
        if moment < leaf.not_before:
            return _refusal("E_CERT_NOT_YET_VALID", leaf.serial, _not_yet(leaf))
        if moment > leaf.not_after:
            return _refusal("E_CERT_EXPIRED", leaf.serial, _expired(leaf))
        if not _may(leaf, use):
            return _refusal("E_CERT_USAGE", leaf.serial, _BROKEN[Broken.NOT_AUTHORITY][1])
        found = chain(leaf, self.trust.anchors, self.trust.others, moment)
        if isinstance(found, Broken):
            code, detail = _BROKEN[found]
            return _refusal(code, leaf.serial, detail)
        return self._standing(leaf, found, moment)

    def _standing(self, leaf: Certificate, found: Chain, moment: datetime) -> Trusted | Refusal:
        """Everybody of the chain but its anchor."""
        if len(found.certificates) > 1 and len(self.seen) < _MOST_SEEN:
            self.seen[leaf.der] = (leaf, found.certificates[1])
        if self.freshness is None:
            known = [status(child, parent, self.trust.revocation) for child, parent in pairwise(found.certificates)]
            if any(one is not None and one.revoked for one in known):
                return _refusal("E_CERT_REVOKED", leaf.serial, _REVOKED)
            return Trusted(leaf, None)
        oldest, stale = None, False
        for one in self._statuses(found):
            if one is None:
                return _refusal("E_CERT_STATUS_UNKNOWN", leaf.serial, _NEVER_KNOWN)
            if one.revoked:
                return _refusal("E_CERT_REVOKED", leaf.serial, _REVOKED)
            until = one.until or one.made + _UNSAID
            fresh = moment <= until and one.made <= moment + _CLOCKS_DIFFER
            if not fresh and (self.freshness.strict or moment - one.made > self.freshness.age):
                return _refusal("E_CERT_STATUS_STALE", leaf.serial, _known_at(one.made))
            stale = stale or not fresh
            oldest = one.made if oldest is None else min(oldest, one.made)
        return Trusted(leaf, oldest, stale)

    def _statuses(self, found: Chain) -> Iterator[Status | None]:
        """Revoked ones first, so that nothing which is not known hides them."""
        statuses = [status(child, parent, self.trust.revocation) for child, parent in pairwise(found.certificates)]
        return iter(sorted(statuses, key=lambda one: one is None or not one.revoked))


def _may(leaf: Certificate, use: Use) -> bool:
    if leaf.usage is not None and not leaf.usage & _SIGNS:
        return False
    return use is not Use.CLIENT or leaf.purposes is None or _CLIENT in leaf.purposes


def _refusal(code: str, serial: str, detail: Text) -> Refusal:
    later = _AGAIN if code in _FOR_NOW else None
    return Refusal(code, detail, retry_after=later, extra={"serial": serial} if serial else {})


def _not_yet(leaf: Certificate) -> Text:
    moment = leaf.not_before.isoformat(timespec="seconds")
    return Text(f"证书自 {moment} 起有效。", f"The certificate is valid from {moment} on.")


def _expired(leaf: Certificate) -> Text:
    moment = leaf.not_after.isoformat(timespec="seconds")
    return Text(f"证书已于 {moment} 到期。", f"The certificate expired at {moment}.")


def _known_at(made: datetime) -> Text:
    moment = made.isoformat(timespec="seconds")
    return Text(f"所知的吊销状态还是 {moment} 的。", f"What is known of its revocation is of {moment}.")


_FOR_NOW = frozenset({"E_CERT_STATUS_STALE", "E_CERT_STATUS_UNKNOWN"})
_NO_SM2 = (
    "E_CERT_ALGORITHM",
    "",
    Text("本机没有支持 SM2 的 OpenSSL 3。", "This machine has no OpenSSL 3 with SM2."),
)
_REVOKED = Text("证书或其签发者已被吊销。", "The certificate or an issuer of it is revoked.")
_NEVER_KNOWN = Text("从未取得此证书的吊销状态。", "Nothing is known of its revocation yet.")
_ISSUER = Text("证书链没有通向信任的 CA。", "There is no chain to a trusted CA.")
_USAGE = Text("证书或其签发者不可用于此用途。", "The certificate or an issuer of it is not meant for this use.")
_BROKEN = {
    Broken.NO_ANCHOR: ("E_CERT_UNKNOWN_ISSUER", _ISSUER),
    Broken.SIGNATURE: ("E_CERT_UNKNOWN_ISSUER", _ISSUER),
    Broken.ALGORITHM: (
        "E_CERT_ALGORITHM",
        Text("证书链中有不受支持的算法。", "The chain has an unsupported algorithm."),
    ),
    Broken.EXPIRED: ("E_CERT_EXPIRED", Text("证书的签发者已过期。", "An issuer of the certificate expired.")),
    Broken.NOT_AUTHORITY: ("E_CERT_USAGE", _USAGE),
    Broken.STRANGE_EXTENSION: ("E_CERT_USAGE", _USAGE),
    Broken.TOO_LONG: ("E_CERT_USAGE", _USAGE),
}
