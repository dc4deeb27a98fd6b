# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One request from beginning to end, within its time."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Self

from yarl import URL

from connectors.rest.answer import outcome_of, query_outcome_of, wants_body
from connectors.rest.callback import callback
from connectors.rest.config import RestConfig
from connectors.rest.request import request_headers, secret_headers
from connectors.sdk import Context, Delivered, InDoubt, Outcome, Parcel, QueryOutcome, Rejected, Unavailable
from connectors.sdk.http.dressing import Dressed, dressed
from connectors.sdk.http.exchange import Answer, Exchange, never
from connectors.sdk.http.names import Names
from connectors.sdk.http.template import Moment, is_plain
from connectors.sdk.http.tls import TlsConfig
from connectors.sdk.http.token import TokenRequest, TokenSource

_CHECK_SECONDS = 10.0
_QUESTION_SECONDS = 25.0
_TOKEN_SECONDS = 10.0


class RestSink:
    """Pushes to one address. Safe for concurrent use; holds no state but the requests under way and a token."""

    def __init__(self, config: RestConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._plain = URL(config.url) if config.is_plain else None
        tls = config.tls or (TlsConfig(ca_file=config.tls_ca_file) if config.tls_ca_file is not None else None)
        self._exchange = Exchange(context, tls=tls, egress=config.egress)
        self._wanted = partial(wants_body, config)
        self._token = (
            None
            if config.token is None
            else TokenSource(config.token, context.secret, context.monotonic, self._fetch_token)
        )

    async def __aenter__(self) -> Self:
        await self._exchange.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exchange.__aexit__(*exc)

    async def send(self, parcel: Parcel) -> Outcome:
        """One request, never repeated here."""
        if self._exchange.closed is not None:
            return self._exchange.closed
        headers = request_headers(self._config, parcel, self._context.secret)
        if not isinstance(headers, dict):
            return headers
        if self._plain is not None:
            return await self._sent(parcel, self._plain, headers, parcel.body)
        token = await self._authorized(headers)
        if isinstance(token, Unavailable):
            return token
        moment = Moment(self._context.now(), secrets.token_hex(16))
        names = Names(parcel, moment, self._context.secret, self._config.secrets, self._config.method)
        request = dressed(self._config, names, headers)
        if not isinstance(request, Dressed):
            return request
        address: URL | Rejected = URL(request.url, encoded=request.url.isascii())
        if self._config.callback_at is not None:
            address = callback(parcel.body, self._config.callback_at)
        if isinstance(address, Rejected):
            return address
        outcome = await self._sent(parcel, address, request.headers, request.body)
        if self._token is not None and outcome == Unavailable("HTTP_401"):
            self._token.spoil(token)
        return outcome

    async def _sent(self, parcel: Parcel, address: URL, headers: Mapping[str, str], body: bytes) -> Outcome:
        seconds = min(self._config.timeout_seconds, parcel.timeout)
        answer = await self._exchange.post(address, headers, body, seconds, self._wanted, self._config.method)
        return outcome_of(self._config, answer) if isinstance(answer, Answer) else answer

    async def _authorized(self, headers: dict[str, str]) -> str | Unavailable:
        """Put the present token into the headers, where there is one to have."""
        if self._token is None:
            return ""
        token = await self._token.present()
        if isinstance(token, str):
            headers["Authorization"] = f"Bearer {token}"
        return token

    async def _fetch_token(self, request: TokenRequest) -> tuple[int, bytes | None] | str:
        answer = await self._exchange.ask_with(URL(request.url), request.headers, request.body, _TOKEN_SECONDS)
        match answer:
            case Answer():
                return answer.status, answer.body
            case Rejected(code=code):
                return code
            case Unavailable(reason=reason):
                return reason

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """One GET, where the settings say how; elsewhere nothing is known."""
        query = self._config.query
        if query is None:
            return InDoubt("NOT_QUERYABLE: this destination cannot be asked")
        headers = await self._credentials()
        if isinstance(headers, Unavailable):
            return headers
        answer = await self._exchange.ask(
            URL(query.address(idempotency_key), encoded=True),
            headers | {"Accept-Encoding": "identity"},
            min(self._config.timeout_seconds, _QUESTION_SECONDS),
        )
        match answer:
            case Answer():
                return query_outcome_of(query, answer)
            case Rejected(code=code):
                return Unavailable(code)
            case Unavailable():
                return answer

    async def check(self) -> Outcome:
        """A request without effect. Any answer says that the far side is there, if it also knows us."""
        headers = await self._credentials()
        if isinstance(headers, Unavailable):
            return headers
        limit = min(self._config.timeout_seconds, _CHECK_SECONDS)
        address = URL(self._config.url.partition("{")[0])
        answer = await self._exchange.ask(address, headers, limit, never, self._config.check_method)
        match answer:
            case Answer(status=401 | 403 | 407 as status):
                return Rejected(f"HTTP_{status}", "The far side is there but does not know us.")
            case Answer(status=status) if status >= 500:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case Rejected() | Unavailable():
                return answer

    async def _credentials(self) -> dict[str, str] | Unavailable:
        """The headers of a request without a message."""
        if self._exchange.closed is not None:
            return self._exchange.closed
        headers = secret_headers(self._config, self._context.secret)
        if isinstance(headers, Unavailable):
            return headers
        headers = {name: value for name, value in self._config.headers.items() if is_plain(value)} | headers
        token = await self._authorized(headers)
        return token if isinstance(token, Unavailable) else headers
