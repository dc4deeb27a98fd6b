# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A small OpenID Connect issuer, real over HTTP: discovery, keys, tokens, and codes with PKCE."""

import base64
import hashlib
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from hub.ports.clock import SystemClock

AUDIENCE = "govhub-of-the-tests"


class SmallIssuer:
    """An OpenID Connect issuer with what the hub asks of one: discovery, keys, and tokens that it signs."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
        self.url = ""
        self.asked = 0
        self.codes: dict[str, dict[str, str]] = {}
        self.clock = SystemClock()
        self.secret = "a made-up secret: of a client/100%"
        self.answer: Any = None  # instead of a good one, to a code
        self.runner: web.AppRunner | None = None

    async def start(self) -> None:
        app_ = web.Application()
        app_.router.add_get("/.well-known/openid-configuration", self._discovery)
        app_.router.add_get("/keys", self._keys)
        app_.router.add_post("/token", self._token)
        self.runner = web.AppRunner(app_)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self.runner is not None:
            await self.runner.cleanup()

    async def _discovery(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize?realm=city",
                "token_endpoint": f"{self.url}/token",
            }
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(KeySet([self.key]).as_dict(private=False))

    def token(self, now: float, key: RSAKey | None = None, header: dict[str, str] | None = None, **claims: Any) -> str:
        told = {"iss": self.url, "aud": AUDIENCE, "sub": "zhang", "iat": int(now), "exp": int(now) + 300, **claims}
        told = {name: value for name, value in told.items() if value is not None}
        return str(jwt.encode({"alg": "RS256", "kid": "first", **(header or {})}, told, key or self.key))

    def grant(self, asked: dict[str, str], **claims: Any) -> str:
        """Somebody signs in there: the code that their browser brings back."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == AUDIENCE
        assert asked["scope"] == "openid"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = {**asked, "token": self.token(self.clock.now().timestamp(), nonce=asked["nonce"], **claims)}
        return code

    async def _token(self, request: web.Request) -> web.Response:
        if self.answer is not None:
            answer: web.Response = self.answer()
            return answer
        form = await request.post()
        login, _, secret = (
            base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
        )
        verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        asked = self.codes.pop(str(form["code"]), None)  # good once
        good = (
            asked is not None
            and form["grant_type"] == "authorization_code"
            and (unquote(login), unquote(secret)) == (AUDIENCE, self.secret)
            and form["redirect_uri"] == asked["redirect_uri"]
            and base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() == asked["code_challenge"]
        )
        if not good or asked is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": asked["token"]})
