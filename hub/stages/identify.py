# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who is speaking? 身份识别"""

from certs.api_key import KeyRing
from contracts.refusal import Refusal
from contracts.text import Text


def identify(keys: KeyRing, authorization: str | None) -> str | Refusal:
    """The system whose API key an ``Authorization: Bearer`` header carries (RFC 6750)."""
    scheme, _, key = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return Refusal(
            "E_KEY_MISSING",
            Text("请求没有携带 API 密钥。", "The request carries no API key."),
        )
    system = keys.identify(key.strip())
    if system is None:
        return Refusal(
            "E_KEY_UNKNOWN",
            Text("这个 API 密钥不属于任何系统。", "This API key belongs to no system."),
        )
    return system
