# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An operator's browser is led to the issuer and comes back with a code (OpenID Connect Core 1.0, section 3.1). 外部登录

With PKCE (RFC 7636), a state and a nonce. All three come from one random value that the browser keeps in a cookie. So the hub
keeps nothing between the two requests: it may be another hub that answers the second, and nobody fills anything by beginning.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import orjson

from contracts.refusal import Refusal
from contracts.text import Text
from hub.oidc import Issuer
from hub.ports.journal import AuditEntry, JournalDown
from hub.sign_in import FAILED, Opened, SignIn

LASTS = 600
"""Seconds that somebody may take to sign in there."""

_AT_ONCE = 4
_PATIENCE = 10.0
_MOST = 256 * 1024  # bytes of an answer
_LONGEST = 4096  # characters of a code

_AWAY = Refusal(
    "E_ISSUER_DOWN", Text("签发者暂时不可用。", "The issuer cannot be reached for now."), retry_after=_PATIENCE
)
_DOWN = Refusal("E_JOURNAL_DOWN", Text("中枢的登记库暂时不可用。", "The journal is away for now."), retry_after=5.0)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it brings back in a cookie."""

    url: str
    kept: str


@dataclass(slots=True, kw_only=True)
class CodeFlow:
    """``redirect`` is the address of this hub that the issuer knows; ``secret`` the client's, asked for at every use, or None
    for a client without one.
    """

    issuer: Issuer
    sign_in: SignIn
    redirect: str
    secret: Callable[[], str] | None
    entropy: Callable[[int], bytes]
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    def begin(self) -> Begun | Refusal:
        """Lead somebody to the issuer."""
        if self.issuer.endpoints is None:
            return _AWAY
        kept = _text(self.entropy(32))
        asked = {
            "response_type": "code",
            "client_id": self.issuer.audience,
            "redirect_uri": self.redirect,
            "scope": "openid",
            "state": _of(kept, "state"),
            "nonce": _of(kept, "nonce"),
            "code_challenge": _text(hashlib.sha256(_of(kept, "verifier").encode()).digest()),
            "code_challenge_method": "S256",
        }
        to = self.issuer.endpoints.authorization
        return Begun(f"{to}{'&' if '?' in to else '?'}{urlencode(asked)}", kept)

    async def finish(self, code: str, state: str, kept: str) -> Opened | Refusal:
        """A session for whoever comes back with a code, in the browser that began."""
        if not (kept and code and len(code) <= _LONGEST) or not _same(state, _of(kept, "state")):
            return FAILED
        if self._turns.locked():
            return _AWAY
        async with self._turns:
            told = await self._exchanged(code, _of(kept, "verifier"))
        if isinstance(told, Refusal):
            return told
        claims = self.issuer.claims(told)
        if claims is None or not self._meant(claims, _of(kept, "nonce")):
            return FAILED
        return await self._opened(str(claims["sub"]))

    async def _opened(self, subject: str) -> Opened | Refusal:
        account = await self.sign_in.accounts.of_subject(self.issuer.issuer, subject)
        if isinstance(account, JournalDown):
            return _DOWN
        if account is None or account.disabled_at is not None:
            return FAILED
        now, terms = self.sign_in.clock.now(), self.sign_in.terms
        entry = AuditEntry(
            id=self.sign_in.ids.new(), at=now, account=account.name, act="sign_in", subject="oidc", via="api"
        )
        return await self.sign_in.open(account, "session", "oidc", terms.session, entry)

    def _meant(self, claims: Mapping[str, Any], nonce: str) -> bool:
        """The token answers what this browser began, and is for this client even where it is for others too (3.1.3.7)."""
        for_many = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        party = claims.get("azp")
        if (for_many or party is not None) and party != self.issuer.audience:
            return False
        return _same(claims.get("nonce"), nonce)

    async def _exchanged(self, code: str, verifier: str) -> str | Refusal:
        """The ID token for a code (RFC 6749, section 4.1.3)."""
        endpoints = self.issuer.endpoints
        if endpoints is None:
            return _AWAY
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        try:
            if self.secret is None:
                form["client_id"] = self.issuer.audience
            else:
                pair = f"{quote(self.issuer.audience, safe='')}:{quote(self.secret(), safe='')}"
                headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
            async with (
                asyncio.timeout(_PATIENCE),
                aiohttp.ClientSession(trust_env=False) as http,
                http.post(endpoints.token, data=form, headers=headers, allow_redirects=False) as answer,
            ):
                body = bytearray()
                async for piece in answer.content.iter_any():
                    body += piece
                    if len(body) > _MOST:
                        return _AWAY
                if answer.status != 200:
                    return FAILED if 400 <= answer.status < 500 else _AWAY
        except (aiohttp.ClientError, TimeoutError, KeyError):
            return _AWAY
        try:
            told = orjson.loads(bytes(body))
        except orjson.JSONDecodeError:
            return _AWAY
        token = told.get("id_token") if isinstance(told, dict) else None
        return token if isinstance(token, str) else FAILED


def _of(kept: str, what: str) -> str:
    """A value of its own for each purpose, from which neither the kept value nor the others can be told."""
    return _text(hmac.digest(kept.encode(errors="replace"), f"govhub oidc {what}".encode(), "sha256"))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _same(one: object, other: str) -> bool:
    return isinstance(one, str) and hmac.compare_digest(one.encode(errors="replace"), other.encode())
