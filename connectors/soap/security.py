# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""WS-Security UsernameToken, written and checked (OASIS Web Services Security UsernameToken Profile 1.0). Pure."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from contracts.xml.text import escaped
from contracts.xml.tree import Element, local, namespace

_WSS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
SECEXT: Final = f"{_WSS}wssecurity-secext-1.0.xsd"
UTILITY: Final = f"{_WSS}wssecurity-utility-1.0.xsd"
DIGEST: Final = f"{_WSS}username-token-profile-1.0#PasswordDigest"
TEXT: Final = f"{_WSS}username-token-profile-1.0#PasswordText"
_BASE64: Final = f"{_WSS}soap-message-security-1.0#Base64Binary"


def digest_of(nonce: bytes, created: str, password: str) -> str:
    """Password_Digest = Base64(SHA-1(nonce + created + password)), section 3.1 of the profile."""
    return base64.b64encode(
        hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    ).decode()


def written(username: str, password: str, *, digest: bool, nonce: bytes, now: datetime) -> str:
    """The Security header."""
    created = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    kind, shown = (DIGEST, digest_of(nonce, created, password)) if digest else (TEXT, escaped(password))
    return (
        f'<s:Security xmlns:s="{SECEXT}" xmlns:u="{UTILITY}"><s:UsernameToken><s:Username>{escaped(username)}</s:Username>'
        f'<s:Password Type="{kind}">{shown}</s:Password>'
        f'<s:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</s:Nonce>'
        f"<u:Created>{created}</u:Created></s:UsernameToken></s:Security>"
    )


def fault(headers: Sequence[Element], username: str, password: str, now: datetime, window_seconds: float) -> str:
    """Why a caller is not who it should be; empty when it is. Only digests are taken: a password as it is travels no further.

    A digest with its nonce and moment can be shown again within the window; what it brings has an id, by which it is known.
    """
    tokens = [
        token
        for header in headers
        if local(header) == "Security" and namespace(header) == SECEXT
        for token in header
        if local(token) == "UsernameToken"
    ]
    if len(tokens) != 1:
        return "UNSIGNED"
    texts = {local(child): (child.text or "").strip() for child in tokens[0]}
    kinds = {local(child): child.get("Type", "") for child in tokens[0]}
    try:
        nonce = base64.b64decode(texts.get("Nonce", ""), validate=True)
        created = datetime.fromisoformat(texts.get("Created", ""))
    except ValueError:
        return "UNSIGNED"
    right = digest_of(nonce, texts["Created"], password).encode()
    known = hmac.compare_digest(texts.get("Username", "").encode(), username.encode())
    good = hmac.compare_digest(texts.get("Password", "").encode(), right)
    if not (known and good and kinds.get("Password") == DIGEST and nonce):
        return "BAD_SIGNATURE"
    if created.tzinfo is None:
        return "STALE"
    return "" if abs(now - created) <= timedelta(seconds=window_seconds) else "STALE"
