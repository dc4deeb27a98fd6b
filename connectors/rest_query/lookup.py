# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One question from beginning to end, within its time."""

import secrets
from typing import Self

from yarl import URL

from connectors.rest_query.config import RestQueryConfig
from connectors.sdk import Context, Criteria, Delivered, Finding, Outcome, Parcel, Question, Rejected, Unavailable
from connectors.sdk.http.dressing import Dressed, dressed
from connectors.sdk.http.exchange import Answer, Exchange, never
from connectors.sdk.http.fields import FIELD_VALUE
from connectors.sdk.http.finding import finding_of
from connectors.sdk.http.names import Names
from connectors.sdk.http.template import Moment

_MOST = 2 * 2**20
_CHECK_SECONDS = 10.0


class RestLookup:
    """Asks one register. Safe for concurrent use; remembers nothing."""

    def __init__(self, config: RestQueryConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._criteria = criteria_of(config)
        self._exchange = Exchange(context, tls=config.tls, egress=config.egress, most=_MOST)

    async def __aenter__(self) -> Self:
        await self._exchange.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exchange.__aexit__(*exc)

    async def ask(self, question: Question) -> Finding:
        """As the port says."""
        if faults := self._criteria.faults(question.criteria):
            return Rejected("CRITERIA", "", tuple(f"{name}: missing, or not known here"[:200] for name in faults[:20]))
        headers = self._headers(question)
        if isinstance(headers, Unavailable):
            return headers
        request = self._dressed(question, headers)
        if not isinstance(request, Dressed):
            return request
        url = URL(request.url, encoded=request.url.isascii())
        seconds = min(self._config.timeout_seconds, question.timeout)
        if self._config.method == "GET":
            answer = await self._exchange.ask(url, request.headers, seconds)
        else:
            answer = await self._exchange.ask_with(url, request.headers, request.body, seconds)
        return finding_of(self._config, answer) if isinstance(answer, Answer) else answer

    async def check(self) -> Outcome:
        """A request for the address without criteria. Any answer says that somebody is there, if it also knows us."""
        headers = self._headers(Question(criteria={}))
        if isinstance(headers, Unavailable):
            return headers
        url = URL(self._config.url.partition("{")[0].partition("?")[0])
        limit = min(self._config.timeout_seconds, _CHECK_SECONDS)
        answer = await self._exchange.ask(url, headers, limit, never, "OPTIONS")
        match answer:
            case Answer(status=401 | 403 | 407 as status):
                return Rejected(f"HTTP_{status}", "The far side is there but does not know us.")
            case Answer(status=status) if status >= 500:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case _:
                return answer

    def _headers(self, question: Question) -> dict[str, str] | Unavailable:
        headers = {"Accept-Encoding": "identity"}
        if question.traceparent:
            headers["traceparent"] = question.traceparent
        name = self._config.bearer_secret
        if name is not None:
            try:
                secret = self._context.secret(name)
            except KeyError:
                return Unavailable(f"SECRET_MISSING: no secret {name.name}")
            if not FIELD_VALUE.fullmatch(secret):
                return Unavailable(f"SECRET_UNSENDABLE: secret {name.name} cannot be written in a header")
            headers["Authorization"] = f"Bearer {secret}"
        return headers

    def _dressed(self, question: Question, headers: dict[str, str]) -> Dressed | Rejected | Unavailable:
        nothing = Parcel(idempotency_key="", content_type="text/plain", body=b"")
        moment = Moment(self._context.now(), secrets.token_hex(16))
        criteria = {**dict.fromkeys(self._config.optional, ""), **question.criteria}
        names = Names(
            nothing, moment, self._context.secret, self._config.secrets, self._config.method, criteria=criteria
        )
        return dressed(self._config, names, headers)


def criteria_of(config: RestQueryConfig) -> Criteria:
    """What a question must and may say."""
    return Criteria(required=frozenset(config.required), optional=frozenset(config.optional))
