# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A bearer token by OAuth 2.0 client credentials (RFC 6749, section 4.4), renewed before it ends."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote_plus, urlencode

from aiohttp import encode_basic_auth
from pydantic import BaseModel, Field

from connectors.sdk.http.place import Document, Place
from connectors.sdk.outcomes import Unavailable
from connectors.sdk.secret import STRICT, Secret

_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")
_SHARE = 0.8  # of its life that a token is used
_UNSAID_SECONDS = 300.0
_LONGEST_SECONDS = 86_400.0
_AGAIN_SECONDS = 1.0  # a token server that fails is not asked by every message


class ClientCredentials(BaseModel):
    """Where the token comes from."""

    model_config = STRICT

    url: Annotated[str, Field(max_length=2048, pattern=r"^https?://[^\s{}@]+$")] = Field(
        title="令牌地址。", description="The token endpoint.", examples=["https://sso.example.gov.cn/oauth/token"]
    )
    client_id: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        title="我方在彼处的标识。", description="Who we are there.", examples=["govhub"]
    )
    client_secret: Secret = Field(
        title="证明身份的秘密名称。", description="The name of the secret that proves it.", examples=["sso-client"]
    )
    scope: str = Field(
        title="申请的范围。", default="", max_length=500, description="What is asked for.", examples=["cases.write"]
    )
    style: Literal["basic", "form"] = Field(
        title="标识与秘密放在 Authorization 请求头还是表单里。",
        default="basic",
        description="Where id and secret go: the Authorization header, or the form.",
        examples=["form"],
    )
    at: Place = Field(
        title="令牌在应答中的位置。",
        default="/access_token",
        description="Where the token stands in the answer.",
        examples=["/data/token"],
    )
    seconds_at: Place = Field(
        title="有效秒数在应答中的位置；没有则每五分钟续期。",
        default="/expires_in",
        description="Where its life in seconds stands; if nothing does, it is renewed every five minutes.",
        examples=["/data/expiresIn"],
    )


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What is posted to the token endpoint."""

    url: str
    headers: dict[str, str]
    body: bytes


Fetch = Callable[[TokenRequest], Awaitable[tuple[int, bytes | None] | str]]
"""Posts it: status and body, or the reason why there is no answer."""


class TokenSource:
    """The present token. Safe for concurrent use: however many ask, one request is under way."""

    def __init__(
        self, config: ClientCredentials, secret: Callable[[str], str], monotonic: Callable[[], float], fetch: Fetch
    ) -> None:
        self._config = config
        self._secret = secret
        self._monotonic = monotonic
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = float("-inf")
        self._failed: tuple[float, Unavailable] | None = None

    async def present(self) -> str | Unavailable:
        """The token, or why there is none just now."""
        if self._monotonic() < self._until:
            return self._token
        async with self._lock:
            if self._monotonic() < self._until:
                return self._token
            if self._failed is not None and self._monotonic() < self._failed[0]:
                return self._failed[1]
            fetched = await self._renewed()
            self._failed = (self._monotonic() + _AGAIN_SECONDS, fetched) if isinstance(fetched, Unavailable) else None
            return fetched

    def spoil(self, token: str) -> None:
        """The far side no longer takes this token: the next who asks gets a new one."""
        if token == self._token:
            self._until = float("-inf")

    async def _renewed(self) -> str | Unavailable:
        config = self._config
        try:
            secret = self._secret(config.client_secret)
        except KeyError:
            return Unavailable(f"SECRET_MISSING: no secret {config.client_secret.name}")
        began = self._monotonic()
        answer = await self._fetch(_request(config, secret))
        if isinstance(answer, str):
            return Unavailable(f"TOKEN_{answer}")
        status, body = answer
        document = Document(body)
        token = document.text(config.at)
        if not 200 <= status < 300 or token is None or not _TOKEN.fullmatch(token):
            return Unavailable(f"TOKEN_REFUSED: the token endpoint answers with status {status} and no token")
        self._token, self._until = token, began + _SHARE * _life(document.text(config.seconds_at))
        return token


def _request(config: ClientCredentials, secret: str) -> TokenRequest:
    form = {"grant_type": "client_credentials"}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if config.scope:
        form["scope"] = config.scope
    if config.style == "form":
        form |= {"client_id": config.client_id, "client_secret": secret}
    else:  # both are form-encoded first (RFC 6749, section 2.3.1)
        headers["Authorization"] = encode_basic_auth(quote_plus(config.client_id), quote_plus(secret))
    return TokenRequest(config.url, headers, urlencode(form).encode())


def _life(said: str | None) -> float:
    try:
        seconds = float(said or "")
    except ValueError:
        return _UNSAID_SECONDS
    return min(seconds, _LONGEST_SECONDS) if seconds > 0 else _UNSAID_SECONDS
