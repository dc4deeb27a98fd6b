# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who is speaking? 身份识别

By a client certificate on the connection, or by an API key. Whoever shows both must be the same system, and a certificate
that is not believed today is refused whatever else is shown.
"""

from dataclasses import dataclass
from datetime import datetime

from certs.api_key import KeyRing, Scope
from contracts.refusal import Refusal
from contracts.text import Text
from hub.identities.clients import Clients
from hub.identities.trusting import Trusting
from hub.operators import Operators, Right

_CERT_UNKNOWN = "E_CERT_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Vouched:
    """A system that its certificate has identified already, where the connection ended."""

    system: str


@dataclass(frozen=True, slots=True)
class Presented:
    """What somebody shows: the ``Authorization`` header, and the certificate (DER) of the connection."""

    authorization: str | None
    certificate: bytes | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the hub knows, and by what."""

    keys: KeyRing
    operators: Operators
    clients: Clients
    trusting: Trusting


def identify(keys: KeyRing, shown: str | Vouched | None, now: datetime) -> str | Refusal:
    """The system whose API key an ``Authorization: Bearer`` header carries (RFC 6750), or that was vouched for."""
    if isinstance(shown, Vouched):
        return shown.system
    key = _presented(shown)
    return key if isinstance(key, Refusal) else _holder(keys, key, now) or _UNKNOWN


def identify_at(
    known: Known, shown: Presented, now: datetime, right: Right | None, scope: Scope | None = None
) -> str | Refusal:
    """Who asks, at a place for operators with this right or, without one, for systems only. ``scope`` narrows systems' keys."""
    by_certificate = _by_certificate(known, shown)
    if isinstance(by_certificate, Refusal) and (by_certificate.code != _CERT_UNKNOWN or not shown.authorization):
        return by_certificate
    if right is not None:
        return _operator(known, shown.authorization, now, right)
    if isinstance(by_certificate, str) and not shown.authorization:
        return by_certificate
    found = _system(known, shown.authorization, now, scope)
    if isinstance(found, Refusal) or by_certificate is None or isinstance(by_certificate, Refusal):
        return found
    return found if found == by_certificate else _CONFLICT


def disbelieved(known: Known, shown: Presented) -> Refusal | None:
    """Why the connection's certificate is not believed, for those who show something better than it; of nobody: never mind."""
    found = _by_certificate(known, shown)
    return found if isinstance(found, Refusal) and found.code != _CERT_UNKNOWN else None


def _by_certificate(known: Known, shown: Presented) -> str | Refusal | None:
    return None if shown.certificate is None else known.clients.identify(shown.certificate, known.trusting)


def _system(known: Known, authorization: str | None, now: datetime, scope: Scope | None) -> str | Refusal:
    key = _presented(authorization)
    if isinstance(key, Refusal):
        return key
    found = _holder(known.keys, key, now, scope)
    if found is None:
        return _UNKNOWN if known.operators.keys.identify(key) is None else SYSTEMS_ONLY
    return found


def _operator(known: Known, authorization: str | None, now: datetime, right: Right) -> str | Refusal:
    key = _presented(authorization)
    if isinstance(key, Refusal):
        return key
    operator = _holder(known.operators.keys, key, now)
    if operator is None:
        return _UNKNOWN if known.keys.identify(key) is None else _OPERATORS_ONLY
    if isinstance(operator, Refusal):
        return operator
    return operator if known.operators.may(operator, right) else lacking(right)


def _holder(keys: KeyRing, key: str, now: datetime, scope: Scope | None = None) -> str | Refusal | None:
    """Whose key it is, if it is good now and for this; None: nobody's."""
    holder = keys.identify(key)
    terms = None if holder is None else keys.terms_for(key)
    if terms is None:
        return holder
    if terms.not_before is not None and now < terms.not_before:
        return _EARLY
    if terms.not_after is not None and now > terms.not_after:
        return _EXPIRED
    return holder if terms.covers(scope) else _SCOPE


def _presented(authorization: str | None) -> str | Refusal:
    scheme, _, key = (authorization or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else _MISSING


def lacking(right: Right) -> Refusal:
    """What an operator without the right is told."""
    return Refusal(
        "E_RIGHT_MISSING",
        Text(f"这里需要操作员权限 {right.value}。", f"This wants the operator's right {right.value}."),
    )


_MISSING = Refusal(
    "E_KEY_MISSING",
    Text(
        "请求没有携带 API 密钥，连接也没有客户端证书。",
        "The request carries no API key, the connection no certificate.",
    ),
)
_UNKNOWN = Refusal("E_KEY_UNKNOWN", Text("这个 API 密钥无人持有。", "This API key belongs to nobody."))
_OPERATORS_ONLY = Refusal("E_OPERATORS_ONLY", Text("这里只接受操作员的密钥。", "Only an operator's key is taken here."))
SYSTEMS_ONLY = Refusal("E_SYSTEMS_ONLY", Text("这里只接受系统的密钥。", "Only a system's key is taken here."))
_EARLY = Refusal("E_KEY_NOT_YET_VALID", Text("这个 API 密钥尚未生效。", "This API key is not valid yet."))
_EXPIRED = Refusal("E_KEY_EXPIRED", Text("这个 API 密钥已过期。", "This API key has expired."))
_SCOPE = Refusal("E_KEY_SCOPE", Text("这个 API 密钥不可用于此接口。", "This API key is not meant for this."))
_CONFLICT = Refusal(
    "E_IDENTITY_CONFLICT", Text("证书与 API 密钥属于不同系统。", "Certificate and API key belong to different systems.")
)
