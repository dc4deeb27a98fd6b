# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Operators who come with a token of the deployment's issuer (OpenID Connect): its signature and claims are checked. 外部身份

The issuer's keys are fetched in the background and kept: no request waits for the issuer, and its outage locks nobody out whose
token is signed by a key that is known. Rights come from the operator's account, never from the token.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from contracts.refusal import Refusal
from contracts.text import Text
from hub.operators import Operator
from hub.ports.clock import Clock
from hub.ports.journal import Accounts, JournalDown
from hub.sign_in import operator_of

LEEWAY = 60
"""Seconds that the issuer's clock may differ."""

_LONGEST = 16_384
_MOST = 1024 * 1024  # bytes of a key set
_PATIENCE = 10.0
_AGAIN = 5.0  # seconds between two attempts that failed, or that unknown keys asked for
_UNKNOWN_KEY = Refusal(
    "E_KEY_UNKNOWN", Text("令牌无效或不是给本中枢的。", "The token is not good, or not for this hub.")
)
_NO_ACCOUNT = Refusal("E_KEY_UNKNOWN", Text("此外部身份没有操作员账号。", "This identity has no operator's account."))
_DOWN = Refusal("E_JOURNAL_DOWN", Text("中枢的登记库暂时不可用。", "The journal is away for now."), retry_after=5.0)


def looks_like_one(secret: str) -> bool:
    """Whether a bearer may be a JWT: three parts, the first a JSON object in base64url."""
    return secret.startswith("eyJ") and secret.count(".") == 2 and len(secret) <= _LONGEST


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a browser is led, and where a code is exchanged."""

    authorization: str
    token: str


@dataclass(slots=True, kw_only=True)
class Issuer:
    """One issuer. ``keys`` are those that were last fetched; ``trouble`` is why they could not be, lately."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    refresh: float
    accounts: Accounts
    clock: Clock
    keys: KeySet | None = None
    endpoints: Endpoints | None = None
    trouble: str = "not fetched yet"
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    fetched: asyncio.Event = field(default_factory=asyncio.Event)

    async def identify(self, token: str) -> Operator | Refusal:
        """Whose token this is, if it is the issuer's, for this hub, and of now."""
        claims = self.claims(token)
        if claims is None:
            return _UNKNOWN_KEY
        account = await self.accounts.of_subject(self.issuer, str(claims["sub"]))
        if isinstance(account, JournalDown):
            return _DOWN
        if account is None or account.disabled_at is not None:
            return _NO_ACCOUNT
        return operator_of(account, "oidc")

    async def keep_fetching(self, http: aiohttp.ClientSession) -> None:
        """Fetch the keys now, then every ``refresh`` seconds, and sooner when a token names a key that is not known."""
        while True:
            self._wanted.clear()
            try:
                self.keys, self.trouble = await self._fetch(http), ""
                self.fetched.set()
            except (aiohttp.ClientError, TimeoutError, JoseError, ValueError, KeyError, TypeError) as error:
                self.trouble = type(error).__name__
            await self.clock.sleep(_AGAIN)
            try:
                async with asyncio.timeout(_AGAIN if self.trouble else max(self.refresh - _AGAIN, 0)):
                    await self._wanted.wait()
            except TimeoutError:
                pass

    def claims(self, token: str) -> Mapping[str, Any] | None:
        """What a token says, if the issuer said it, to this hub, and it is good now."""
        if self.keys is None:
            self._wanted.set()
            return None
        try:
            decoded = jwt.decode(token, self.keys, algorithms=list(self.algorithms))
            now = int(self.clock.now().timestamp())
            jwt.JWTClaimsRegistry(
                now=now,
                leeway=LEEWAY,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.audience},
                sub={"essential": True},
                exp={"essential": True},
            ).validate(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError):
            self._wanted.set()  # perhaps signed with a new key; asked for at most every few seconds
            return None
        subject = decoded.claims["sub"]
        return decoded.claims if isinstance(subject, str) and 0 < len(subject) <= 255 else None

    async def _fetch(self, http: aiohttp.ClientSession) -> KeySet:
        found = await self._document(http, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found["issuer"] != self.issuer:  # OpenID Connect Discovery 1.0, section 4.3
            raise ValueError("another issuer")
        if "authorization_endpoint" in found and "token_endpoint" in found:
            self.endpoints = Endpoints(
                *(self._place(str(found[f"{one}_endpoint"])) for one in ("authorization", "token"))
            )
        return KeySet.import_key_set(await self._document(http, self._place(str(found["jwks_uri"]))))

    def _place(self, url: str) -> str:
        """An address of the issuer's; where the issuer itself comes over TLS, only one that does too."""
        if self.issuer.startswith("https://") and not url.startswith("https://"):
            raise ValueError("no https")
        return url

    async def _document(self, http: aiohttp.ClientSession, url: str) -> Any:
        async with asyncio.timeout(_PATIENCE), http.get(url, allow_redirects=False) as answer:
            answer.raise_for_status()
            body = await answer.content.read(_MOST + 1)
            while not answer.content.at_eof() and len(body) <= _MOST:
                body += await answer.content.read(_MOST + 1)
            if len(body) > _MOST:
                raise ValueError("too long")
            return orjson.loads(body)
