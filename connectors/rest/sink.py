# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One request from beginning to end, within its time."""

import asyncio
import errno
import ssl
from collections.abc import Mapping
from typing import Self

import aiohttp
from yarl import URL

from connectors.rest.answer import Answer, outcome_of, query_outcome_of, wants_body
from connectors.rest.config import RestConfig
from connectors.rest.departure import Departure
from connectors.rest.request import request_headers, secret_headers
from connectors.sdk import Context, Delivered, InDoubt, Outcome, Parcel, QueryOutcome, Rejected, Unavailable

MAX_ANSWER_BYTES = 64 * 1024
_CHECK_SECONDS = 10.0
_QUESTION_SECONDS = 25.0


class RestSink:
    """Pushes to one address. Safe for concurrent use; holds no state but the requests under way."""

    def __init__(self, config: RestConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._tls: ssl.SSLContext | bool = True
        self._broken: Unavailable | None = None
        self._deadlines: set[asyncio.Timeout] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        if self._config.tls_ca_file is not None:
            try:
                self._tls = ssl.create_default_context(cafile=self._config.tls_ca_file)
            except OSError as error:  # also what is not a certificate: ssl.SSLError is an OSError
                self._broken = Unavailable(f"TLS_CA_UNREADABLE: {_named(error)}")
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End what is under way by bringing its deadline forward, and wait until it has ended."""
        self._broken = Unavailable("CLOSED: this destination is being closed")
        for deadline in [one for one in self._deadlines if not one.expired()]:
            deadline.reschedule(asyncio.get_running_loop().time())
        await self._idle.wait()

    async def send(self, parcel: Parcel) -> Outcome:
        """One request, never repeated here."""
        if self._broken is not None:
            return self._broken
        headers = request_headers(self._config, parcel, self._context.secret)
        if not isinstance(headers, dict):
            return headers
        departure = Departure(parcel.body)
        answer = await self._answer(
            self._config.method, headers, min(self._config.timeout_seconds, parcel.timeout), departure
        )
        match answer:
            case Answer():
                return outcome_of(self._config, answer)
            case reason if departure.left:
                return InDoubt(reason)
            case reason:
                return Unavailable(reason)

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """One GET, where the settings say how; elsewhere nothing is known."""
        query = self._config.query
        if query is None:
            return InDoubt("NOT_QUERYABLE: this destination cannot be asked")
        if self._broken is not None:
            return self._broken
        headers = secret_headers(self._config, self._context.secret)
        if not isinstance(headers, dict):
            return headers
        answer = await self._answer(
            "GET",
            self._config.headers | headers | {"Accept-Encoding": "identity"},
            min(self._config.timeout_seconds, _QUESTION_SECONDS),
            None,
            query.address(idempotency_key),
        )
        match answer:
            case Answer():
                return query_outcome_of(query, answer)
            case reason:
                return Unavailable(reason)

    async def check(self) -> Outcome:
        """A request without effect. Any answer says that the far side is there, if it also knows us."""
        if self._broken is not None:
            return self._broken
        headers = secret_headers(self._config, self._context.secret)
        if not isinstance(headers, dict):
            return headers
        limit = min(self._config.timeout_seconds, _CHECK_SECONDS)
        answer = await self._answer(self._config.check_method, self._config.headers | headers, limit, None)
        match answer:
            case Answer(status=401 | 403 | 407 as status):
                return Rejected(f"HTTP_{status}", "The far side is there but does not know us.")
            case Answer(status=status) if status >= 500:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case reason:
                return Unavailable(reason)

    async def _answer(
        self,
        method: str,
        headers: Mapping[str, str],
        seconds: float,
        departure: Departure | None,
        address: str | None = None,
    ) -> Answer | str:
        """The answer, or the reason why there is none. An answer whose body did not come in time has body None."""
        seen: Answer | None = None
        deadline = asyncio.timeout(seconds)
        try:
            async with deadline:
                self._deadlines.add(deadline)
                self._idle.clear()
                async with self._context.http.request(
                    method,
                    self._config.url if address is None else URL(address, encoded=True),
                    data=departure,
                    headers=headers,
                    ssl=self._tls,
                    allow_redirects=False,
                ) as response:
                    seen = Answer(response.status, response.headers, None)
                    if address is not None or (departure is not None and wants_body(self._config, response.status)):
                        seen = Answer(response.status, response.headers, await _read(response.content))
        except TimeoutError:
            reason = "TIMED_OUT: no answer in time" if self._broken is None else self._broken.reason
        except (aiohttp.ClientError, OSError) as error:
            reason = f"NO_ANSWER: {_named(error)}"
        else:
            reason = ""
        finally:
            self._deadlines.discard(deadline)
            if not self._deadlines:
                self._idle.set()
        return seen or reason


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
