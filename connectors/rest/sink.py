# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One request from beginning to end, within its time."""

import asyncio
import errno
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Self

import aiohttp
from yarl import URL

from connectors.rest.answer import Answer, outcome_of, query_outcome_of, wants_body
from connectors.rest.config import RestConfig
from connectors.rest.departure import Departure
from connectors.rest.dressing import Dressed, dressed
from connectors.rest.request import request_headers, secret_headers
from connectors.rest.ways import REFUSED, Ways
from connectors.sdk import Context, Delivered, InDoubt, Outcome, Parcel, QueryOutcome, Rejected, Unavailable
from connectors.sdk.http.egress import was_refused
from connectors.sdk.http.template import Moment
from connectors.sdk.http.token import TokenRequest, TokenSource

MAX_ANSWER_BYTES = 64 * 1024
_CHECK_SECONDS = 10.0
_QUESTION_SECONDS = 25.0
_TOKEN_SECONDS = 10.0


class RestSink:
    """Pushes to one address. Safe for concurrent use; holds no state but the requests under way and a token."""

    def __init__(self, config: RestConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._plain = URL(config.url) if config.is_plain else None
        self._stack = AsyncExitStack()
        self._ways = Ways(config, context)
        self._token = (
            None
            if config.token is None
            else TokenSource(config.token, context.secret, context.monotonic, self._fetch_token)
        )
        self._closed: Unavailable | None = None
        self._deadlines: set[asyncio.Timeout] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._ways)
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End what is under way by bringing its deadline forward, and wait until it has ended."""
        self._closed = Unavailable("CLOSED: this destination is being closed")
        for deadline in [one for one in self._deadlines if not one.expired()]:
            deadline.reschedule(asyncio.get_running_loop().time())
        await self._idle.wait()
        await self._stack.aclose()

    async def send(self, parcel: Parcel) -> Outcome:
        """One request, never repeated here."""
        if self._closed is not None:
            return self._closed
        headers = request_headers(self._config, parcel, self._context.secret)
        if not isinstance(headers, dict):
            return headers
        if self._plain is not None:
            return await self._sent(parcel, self._plain, headers, parcel.body)
        token = await self._authorized(headers)
        if isinstance(token, Unavailable):
            return token
        moment = Moment(self._context.now(), secrets.token_hex(16))
        request = dressed(self._config, parcel, headers, moment, self._context.secret)
        if not isinstance(request, Dressed):
            return request
        address: URL | Rejected = URL(request.url, encoded=request.url.isascii())
        if self._config.callback_at is not None:
            address = self._ways.callback(parcel.body, self._config.callback_at)
        if isinstance(address, Rejected):
            return address
        outcome = await self._sent(parcel, address, request.headers, request.body)
        if self._token is not None and outcome == Unavailable("HTTP_401"):
            self._token.spoil(token)
        return outcome

    async def _sent(self, parcel: Parcel, address: URL, headers: Mapping[str, str], body: bytes) -> Outcome:
        departure = Departure(body)
        seconds = min(self._config.timeout_seconds, parcel.timeout)
        answer = await self._answer(self._config.method, headers, seconds, departure, address)
        match answer:
            case Answer():
                return outcome_of(self._config, answer)
            case Rejected() | Unavailable():
                return answer
            case reason if departure.left:
                return InDoubt(reason)
            case reason:
                return Unavailable(reason)

    async def _authorized(self, headers: dict[str, str]) -> str | Unavailable:
        """Put the present token into the headers, where there is one to have."""
        if self._token is None:
            return ""
        token = await self._token.present()
        if isinstance(token, str):
            headers["Authorization"] = f"Bearer {token}"
        return token

    async def _fetch_token(self, request: TokenRequest) -> tuple[int, bytes | None] | str:
        departure = Departure(request.body)
        answer = await self._answer("POST", request.headers, _TOKEN_SECONDS, departure, URL(request.url), whole=True)
        match answer:
            case Answer():
                return answer.status, answer.body
            case Rejected(code=code):
                return code
            case Unavailable(reason=reason):
                return reason
            case reason:
                return reason

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """One GET, where the settings say how; elsewhere nothing is known."""
        query = self._config.query
        if query is None:
            return InDoubt("NOT_QUERYABLE: this destination cannot be asked")
        headers = await self._credentials()
        if isinstance(headers, Unavailable):
            return headers
        answer = await self._answer(
            "GET",
            headers | {"Accept-Encoding": "identity"},
            min(self._config.timeout_seconds, _QUESTION_SECONDS),
            None,
            URL(query.address(idempotency_key), encoded=True),
            whole=True,
        )
        match answer:
            case Answer():
                return query_outcome_of(query, answer)
            case Rejected(code=code):
                return Unavailable(code)
            case Unavailable():
                return answer
            case reason:
                return Unavailable(reason)

    async def _credentials(self) -> dict[str, str] | Unavailable:
        """The headers of a request without a message."""
        if self._closed is not None:
            return self._closed
        headers = secret_headers(self._config, self._context.secret)
        if isinstance(headers, Unavailable):
            return headers
        headers = {name: value for name, value in self._config.headers.items() if "{" not in value} | headers
        token = await self._authorized(headers)
        return token if isinstance(token, Unavailable) else headers

    async def check(self) -> Outcome:
        """A request without effect. Any answer says that the far side is there, if it also knows us."""
        headers = await self._credentials()
        if isinstance(headers, Unavailable):
            return headers
        limit = min(self._config.timeout_seconds, _CHECK_SECONDS)
        address = URL(self._config.url.partition("{")[0])
        answer = await self._answer(self._config.check_method, headers, limit, None, address)
        match answer:
            case Answer(status=401 | 403 | 407 as status):
                return Rejected(f"HTTP_{status}", "The far side is there but does not know us.")
            case Answer(status=status) if status >= 500:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case Rejected() | Unavailable():
                return answer
            case reason:
                return Unavailable(reason)

    async def _answer(
        self,
        method: str,
        headers: Mapping[str, str],
        seconds: float,
        departure: Departure | None,
        address: URL,
        *,
        whole: bool = False,
    ) -> Answer | str | Rejected | Unavailable:
        """The answer, or the reason why there is none. An answer whose body did not come in time has body None.

        ``Unavailable`` and ``Rejected``: it was not even tried. ``whole``: the body is wanted whatever the status.
        """
        tls = self._ways.tls()
        if isinstance(tls, Unavailable):
            return tls
        url = self._ways.address(address)
        if isinstance(url, Rejected):
            return url
        seen: Answer | None = None
        refused = False
        deadline = asyncio.timeout(seconds)
        try:
            async with deadline:
                self._deadlines.add(deadline)
                self._idle.clear()
                async with self._ways.http.request(
                    method, url, data=departure, headers=headers, ssl=tls, allow_redirects=False
                ) as response:
                    seen = Answer(response.status, response.headers, None)
                    if whole or (departure is not None and wants_body(self._config, response.status)):
                        seen = Answer(response.status, response.headers, await _read(response.content))
        except TimeoutError:
            reason = "TIMED_OUT: no answer in time" if self._closed is None else self._closed.reason
        except (aiohttp.ClientError, OSError) as error:
            reason = f"NO_ANSWER: {_named(error)}"
            refused = was_refused(error)
        else:
            reason = ""
        finally:
            self._deadlines.discard(deadline)
            if not self._deadlines:
                self._idle.set()
        return REFUSED if refused else seen or reason


async def _read(stream: aiohttp.StreamReader) -> bytes | None:
    """The whole body, or None when it is longer than anything we would believe."""
    body = bytearray()
    async for piece in stream.iter_any():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            return None
    return bytes(body)


def _named(error: Exception) -> str:
    """What kind of failure, without the far side's words."""
    number = getattr(error, "errno", None)
    return f"{type(error).__name__} {errno.errorcode.get(number, '')}".strip() if number else type(error).__name__
