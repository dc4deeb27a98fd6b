# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who is speaking? 身份识别"""

from certs.api_key import KeyRing
from contracts.refusal import Refusal
from contracts.text import Text
from hub.operators import Operators, Right


def identify(keys: KeyRing, authorization: str | None) -> str | Refusal:
    """The system whose API key an ``Authorization: Bearer`` header carries (RFC 6750)."""
    key = _presented(authorization)
    if isinstance(key, Refusal):
        return key
    return keys.identify(key) or _UNKNOWN


def identify_at(
    systems: KeyRing, operators: Operators, authorization: str | None, right: Right | None
) -> str | Refusal:
    """The holder of the key, at a place for operators with this right or, without one, for systems only."""
    key = _presented(authorization)
    if isinstance(key, Refusal):
        return key
    if right is None:
        return systems.identify(key) or (_UNKNOWN if operators.keys.identify(key) is None else _SYSTEMS_ONLY)
    operator = operators.keys.identify(key)
    if operator is None:
        return _UNKNOWN if systems.identify(key) is None else _OPERATORS_ONLY
    return operator if operators.may(operator, right) else _lacking(right)


def _presented(authorization: str | None) -> str | Refusal:
    scheme, _, key = (authorization or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else _MISSING


def _lacking(right: Right) -> Refusal:
    return Refusal(
        "E_RIGHT_MISSING",
        Text(f"这里需要操作员权限 {right.value}。", f"This wants the operator's right {right.value}."),
    )


_MISSING = Refusal("E_KEY_MISSING", Text("请求没有携带 API 密钥。", "The request carries no API key."))
_UNKNOWN = Refusal("E_KEY_UNKNOWN", Text("这个 API 密钥无人持有。", "This API key belongs to nobody."))
_OPERATORS_ONLY = Refusal("E_OPERATORS_ONLY", Text("这里只接受操作员的密钥。", "Only an operator's key is taken here."))
_SYSTEMS_ONLY = Refusal("E_SYSTEMS_ONLY", Text("这里只接受系统的密钥。", "Only a system's key is taken here."))
