# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Telling a department that something waits for it (同步告知), until it says that it has heard."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from yarl import URL

from connectors.sdk import Context, InDoubt, Outcome, Parcel, Rejected, Unavailable
from connectors.sdk.http.dressing import Dressed, dressed
from connectors.sdk.http.exchange import Answer, Exchange
from connectors.sdk.http.fields import FIELD_VALUE
from connectors.sdk.http.names import Names
from connectors.sdk.http.place import Document
from connectors.sdk.http.ruling import ruled
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.template import Moment
from connectors.sdk.http.wrap import Wrap
from connectors.sharing_platform.config import Notice

_EVENT = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class _Recipe:
    url: str
    headers: Mapping[str, str]
    signatures: tuple[Signature, ...]
    wrap: Wrap | None = field(default=None)


class Notifying:
    """The way to one department. Safe for concurrent use."""

    def __init__(self, notice: Notice, context: Context) -> None:
        self._notice = notice
        self._context = context
        self._exchange = Exchange(context, tls=notice.tls, egress=notice.egress)
        self._recipe = _Recipe(notice.url, notice.headers, notice.signatures)

    async def __aenter__(self) -> Self:
        await self._exchange.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exchange.__aexit__(*exc)

    async def tell(self, notice: bytes, parcel: Parcel, seconds: float) -> Outcome:
        """One notice, once; its id is always the same, so that whoever hears it twice knows it."""
        headers = {"Accept-Encoding": "identity", "Content-Type": _EVENT}
        if parcel.traceparent:
            headers["traceparent"] = parcel.traceparent
        if failed := self._credentials(headers):
            return failed
        told = Parcel(idempotency_key=f"{parcel.idempotency_key}-notice", content_type=_EVENT, body=notice)
        names = Names(told, Moment(self._context.now(), secrets.token_hex(16)), self._context.secret)
        request = dressed(self._recipe, names, headers)
        if not isinstance(request, Dressed):
            return request
        answer = await self._exchange.post(URL(request.url), request.headers, request.body, seconds)
        match answer:
            case Answer(status=status, body=body):
                outcome = ruled(self._notice.answers, status, Document(body))
                return _as_notice(outcome or InDoubt(f"HTTP_{status}: an answer that no rule knows"))
            case _:
                return _as_notice(answer)

    def _credentials(self, headers: dict[str, str]) -> Unavailable | None:
        name = self._notice.bearer_secret
        if name is None:
            return None
        try:
            secret = self._context.secret(name)
        except KeyError:
            return Unavailable(f"SECRET_MISSING: no secret {name.name}")
        if not FIELD_VALUE.fullmatch(secret):
            return Unavailable(f"SECRET_UNSENDABLE: secret {name.name} cannot be written in a header")
        headers["Authorization"] = f"Bearer {secret}"
        return None


def _as_notice(outcome: Outcome) -> Outcome:
    """Said so that an operator sees which of the two steps failed: the record lies at the platform already."""
    match outcome:
        case Rejected(code=code, detail=detail):
            return Rejected(f"NOTICE_{code}"[:64], detail)
        case Unavailable(reason=reason, retry_after=retry_after):
            return Unavailable(f"NOTICE_{reason}", retry_after)
        case InDoubt(reason=reason):
            return InDoubt(f"NOTICE_{reason}")
        case _:
            return outcome
