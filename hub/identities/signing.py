# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Signatures over the very bytes of a message, by a system's policy and under its registered certificates. 报文签名

The suite is that of the registered certificate; a message cannot choose one. ``intl-1`` is signed as detached CMS with signed
attributes. ``gm-1`` too, by the identifiers of GB/T 35275, or as a bare SM2 signature over the bytes, which is what OpenSSL 3
can make.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from certs import sm2
from certs.submission import Submitted
from certs.suites.choosing import suite_of
from certs.suites.detached import Wrong, verify
from certs.suites.gm import GM_1
from certs.suites.shapes import Shapes
from certs.suites.signed_data import Detached
from certs.suites.suite import Suite
from certs.x509.certificate import Certificate
from contracts.refusal import Refusal, Violation
from contracts.text import Text
from hub.config.parties import SignaturePolicy
from hub.identities.holders import KeyHolders
from hub.identities.trusting import Trusted, Trusting, Use

PATH = "$.headers.govhub-signature"
_LONGEST = 16 * 1024


@dataclass(frozen=True, slots=True)
class Policy:
    """A system's: what holds for all of its contracts, and where that differs."""

    default: SignaturePolicy = SignaturePolicy.NONE
    contracts: Mapping[str, SignaturePolicy] = field(default_factory=dict)

    def of(self, contract: str) -> SignaturePolicy:
        """What holds for one contract."""
        return self.contracts.get(contract, self.default)


@dataclass(slots=True)
class Signing:
    """One per hub; ``registered`` is exchanged by the background when the files change."""

    policies: Mapping[str, Policy] = field(default_factory=dict)
    registered: Mapping[str, Sequence[Certificate]] = field(default_factory=dict)
    holders: KeyHolders = field(default_factory=KeyHolders)
    _shapes: Shapes = field(default_factory=Shapes)

    def register(self, pairs: Sequence[tuple[str, Certificate]]) -> None:
        """From now on these certificates."""
        self.registered = {
            system: tuple(one for _, one in group)
            for system, group in groupby(sorted(pairs, key=lambda pair: pair[0]), key=lambda pair: pair[0])
        }

    def policy(self, system: str, contract: str) -> SignaturePolicy:
        """What holds for messages of this system under this contract."""
        known = self.policies.get(system)
        return SignaturePolicy.NONE if known is None else known.of(contract)

    def verified(self, system: str, body: bytes, header: str, trusting: Trusting) -> Submitted | Refusal:
        """The signature that the header holds, if it is this system's over these bytes. Computes only, 0.1 ms (``intl-1``) or
        0.3 ms (``gm-1``) and what the digest of the bytes costs.
        """
        try:
            signature = base64.b64decode("".join(header.split()), validate=True) if len(header) <= _LONGEST else b""
        except (binascii.Error, ValueError):  # ValueError: not ASCII
            signature = b""
        registered = self.registered.get(system, ())
        found = self._shapes.read(signature)
        try:
            matched = _bare(signature, body, registered) if found is None else _detached(found, body, registered)
        except sm2.Sm2UnavailableError:  # a certificate that was registered while the hub ran: at a start it is a fault
            return _WRONG_SUITE
        if isinstance(matched, Refusal):
            return matched
        certificate, suite = matched
        if shared := self.holders.refused(certificate, system):
            return _untrusted(shared)
        judged = trusting.judge(certificate.der, Use.SIGNATURE)
        if not isinstance(judged, Trusted):
            return _untrusted(judged)
        if found is not None:
            self._shapes.remember(signature, found)
        digest = suite.digest(body)
        return Submitted(
            suite=suite.name,
            digest=digest,
            signature=signature,
            certificate=b"" if found is not None and certificate.der in found.certificates else certificate.der,
            status_at=judged.status_at,
            stale=judged.stale,
        )


def _detached(found: Detached, body: bytes, registered: Sequence[Certificate]) -> tuple[Certificate, Suite] | Refusal:
    suites = {suite.name for one in registered if (suite := suite_of(one)) is not None}
    if found.suite not in suites:
        return _WRONG_SUITE
    named = [one for one in registered if (one.issuer, one.serial) == (found.issuer, found.serial)]
    if not named:
        return _UNREGISTERED
    suite = suite_of(named[0])
    assert suite is not None, "it was registered"
    match verify(found, body, named[0], suite):
        case None:
            return named[0], suite
        case Wrong.SUITE:
            return _WRONG_SUITE
        case Wrong.CERTIFICATE:
            return _invalid(_UNBOUND)
        case Wrong.CONTENT:
            return _invalid(_OTHER_BYTES)
        case Wrong.SIGNATURE:
            return _invalid(_FALSE)


def _bare(signature: bytes, body: bytes, registered: Sequence[Certificate]) -> tuple[Certificate, Suite] | Refusal:
    """A signature without anything around it, which only ``gm-1`` has."""
    if sm2.raw(signature) is None:
        return _invalid(_NO_STRUCTURE)
    possible = [one for one in registered if GM_1.fits(one)]
    if not possible:
        return _WRONG_SUITE
    matched = next((one for one in possible if GM_1.verify(body, signature, one)), None)
    return _invalid(_FALSE) if matched is None else (matched, GM_1)


def _violation(code: str, expected: Text, remedy: Text) -> tuple[Violation, ...]:
    return (Violation(code, PATH, expected, remedy),)


def _invalid(detail: Text) -> Refusal:
    return Refusal("E_SIGNATURE_INVALID", detail, _violation("E_SIGNATURE_INVALID", _DETACHED, _SIGN_AGAIN))


def _untrusted(why: Refusal) -> Refusal:
    expected = Text("今天可信的签名证书", "a signing certificate that is trusted today")
    return Refusal(
        "E_SIGNATURE_UNTRUSTED",
        why.detail,
        _violation("E_SIGNATURE_UNTRUSTED", expected, Text("换用有效的签名证书", "Use a valid certificate")),
        why.retry_after,
        {"certificate": why.code, **why.extra},
    )


_DETACHED = Text("对所发字节的分离签名，DER 的 Base64", "a detached signature over the very bytes, DER in Base64")
_SIGN_AGAIN = Text(
    "openssl cms -sign -binary -cades -outform DER；SM2 用 openssl pkeyutl -sign -rawin -digest sm3",
    "openssl cms -sign -binary -cades -outform DER; for SM2 openssl pkeyutl -sign -rawin -digest sm3",
)
_NO_STRUCTURE = Text("签名不是可读的分离签名。", "The signature is no detached signature that can be read.")
_UNBOUND = Text(
    "签名没有绑定签名证书（缺 signing-certificate-v2 属性）。",
    "It does not bind its certificate (no signing-certificate-v2).",
)
_OTHER_BYTES = Text("签名所签的是另外的字节。", "The signature is over other bytes.")
_FALSE = Text("签名验证不通过。", "The signature does not verify.")
_UNREGISTERED = Refusal(
    "E_SIGNATURE_UNTRUSTED",
    Text("签名用的证书没有登记给本系统。", "The signing certificate is not registered for your system."),
    _violation(
        "E_SIGNATURE_UNTRUSTED",
        Text("登记的签名证书", "a registered signing certificate"),
        Text("请平台登记此证书", "Have this certificate registered"),
    ),
)
_WRONG_SUITE = Refusal(
    "E_SIGNATURE_WRONG_SUITE",
    Text("签名的算法套件不是登记的证书的。", "The signature is of another suite than the registered certificate."),
    _violation(
        "E_SIGNATURE_WRONG_SUITE",
        Text("登记的证书所属的套件", "the suite of the registered certificate"),
        Text("用登记的证书签名", "Sign with the registered certificate"),
    ),
)
MISSING = Refusal(
    "E_SIGNATURE_MISSING",
    Text("按约定，这条消息须由发送系统签名。", "By agreement this message must be signed by its sender."),
    _violation("E_SIGNATURE_MISSING", _DETACHED, _SIGN_AGAIN),
)
PLACE = Refusal(
    "E_SIGNATURE_PLACE",
    Text(
        "只有逐条发送的结构化消息可以签名。", "Only a message that is sent by itself in structured mode can be signed."
    ),
    _violation(
        "E_SIGNATURE_PLACE",
        Text("结构化模式的单条消息", "one message in structured mode"),
        Text("改用结构化模式逐条发送，或去掉签名", "Send it by itself in structured mode, or without a signature"),
    ),
)
UNWANTED = Refusal(
    "E_SIGNATURE_PLACE",
    Text("没有约定本系统签名，签名验不了。", "No signatures were agreed with your system, so none can be verified."),
    _violation(
        "E_SIGNATURE_PLACE",
        Text("没有签名的消息", "a message without a signature"),
        Text("请平台登记签名证书，或去掉签名", "Have a signing certificate registered, or send no signature"),
    ),
)
TWICE = Refusal(
    "E_SIGNATURE_INVALID",
    Text("签名头出现了不止一次。", "The header with the signature stands more than once."),
    _violation("E_SIGNATURE_INVALID", _DETACHED, Text("只保留一个签名头", "Keep one such header")),
)
