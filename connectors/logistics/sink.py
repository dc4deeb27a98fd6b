# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Orders and cancels. A parcel is never ordered twice: whatever is tried again is asked about first, by its order number."""

from typing import Self, assert_never

from yarl import URL

from connectors.logistics import ems, sf
from connectors.logistics.config import LogisticsConfig
from connectors.logistics.order import Order, order_of
from connectors.logistics.said import Cancelled, Done, Known, NotNow, Refuses, Said, Unclear, Unknown
from connectors.sdk import Accepted, Context, Delivered, InDoubt, Outcome, Parcel, QueryOutcome, Rejected, Unavailable
from connectors.sdk.http.exchange import Answer, Exchange, never

_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "Accept-Encoding": "identity"}
_CHECK_SECONDS = 10.0


class LogisticsSink:
    """One carrier. Safe for concurrent use; holds no state but the requests under way."""

    def __init__(self, config: LogisticsConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._url = URL(config.url)
        self._exchange = Exchange(context, tls=config.tls, egress=config.egress)

    async def __aenter__(self) -> Self:
        await self._exchange.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exchange.__aexit__(*exc)

    async def send(self, parcel: Parcel) -> Outcome:
        """One order or cancellation; before a repeat, one question."""
        if self._exchange.closed is not None:
            return self._exchange.closed
        order = order_of(self._config, parcel)
        if isinstance(order, Rejected):
            return order
        try:
            secret = self._context.secret(self._config.check_word)
        except KeyError:
            return Unavailable(f"SECRET_MISSING: no secret {self._config.check_word.name}")
        seconds = min(self._config.timeout_seconds, parcel.timeout)
        if order.cancels:
            return await self._cancelled(order, parcel, secret, seconds)
        if parcel.attempt > 1 and self._config.asks:
            known = await self._asked(order, f"{parcel.idempotency_key}-{parcel.attempt}-ask", secret, seconds / 2)
            if known is not None:
                return known
            seconds /= 2
        return await self._ordered(order, parcel, secret, seconds)

    async def query(self, idempotency_key: str) -> QueryOutcome:  # noqa: ARG002  # because carriers know order numbers alone
        """Carriers are asked by order number, which a key does not tell: a repeat asks by itself."""
        return InDoubt("NOT_QUERYABLE: a carrier is asked by order number, when it is tried again")

    async def check(self) -> Outcome:
        """Whether anybody answers there."""
        answer = await self._exchange.ask(self._url, {}, min(self._config.timeout_seconds, _CHECK_SECONDS), never)
        match answer:
            case Answer(status=status) if status >= 500:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case Rejected() | Unavailable():
                return answer

    async def _ordered(self, order: Order, parcel: Parcel, secret: str, seconds: float) -> Outcome:
        said = await self._told(self._creating(order, f"{parcel.idempotency_key}-{parcel.attempt}", secret), seconds)
        match said:
            case Done():
                return Accepted(order.number)
            case Known() if parcel.attempt > 1:
                return Accepted(order.number)
            case Known():
                return Delivered("ALREADY_ORDERED")
            case _:
                return _outcome(said)

    async def _cancelled(self, order: Order, parcel: Parcel, secret: str, seconds: float) -> Outcome:
        form = self._cancelling(order, f"{parcel.idempotency_key}-{parcel.attempt}", secret)
        if form is None:
            return Rejected("CANCEL_UNSUPPORTED", "This carrier is not told of cancellations.", ("$.data.status",))
        said = await self._told(form, seconds)
        match said:
            case Done() | Cancelled():
                return Delivered("CANCELLED")
            case Unknown():
                return Rejected("ORDER_UNKNOWN", "The carrier has no such order.", ("$.data.order_no",))
            case _:
                return _outcome(said)

    async def _asked(self, order: Order, request: str, secret: str, seconds: float) -> Outcome | None:
        """What became of the order number; None: the carrier never had it, so it may be ordered."""
        form = self._searching(order, request, secret)
        answer = await self._exchange.ask_with(self._url, _FORM, form, seconds)
        if not isinstance(answer, Answer):
            return InDoubt("ASK_FAILED: the carrier does not say whether it has the order")
        match self._read(answer):
            case Done() | Known():
                return Accepted(order.number)
            case Unknown():
                return None
            case Cancelled():
                return Rejected("ORDER_CANCELLED", "The carrier says that the order is cancelled.")
            case Refuses(code):
                return InDoubt(f"ASK_REFUSED: {code}")
            case NotNow(reason) | Unclear(reason):
                return InDoubt(f"ASK_FAILED: {reason}")

    async def _told(self, form: bytes, seconds: float) -> Said | Outcome:
        answer = await self._exchange.post(self._url, _FORM, form, seconds)
        return self._read(answer) if isinstance(answer, Answer) else answer

    def _read(self, answer: Answer) -> Said:
        return sf.read(self._config, answer) if self._config.carrier == "sf" else ems.read(self._config, answer)

    def _creating(self, order: Order, request: str, secret: str) -> bytes:
        if self._config.carrier == "sf":
            return self._sf(sf.CREATE, sf.creating(self._config, order), request, secret)
        return ems.form(self._config, self._config.order_type, ems.creating(self._config, order), secret)

    def _searching(self, order: Order, request: str, secret: str) -> bytes:
        if self._config.carrier == "sf":
            return self._sf(sf.SEARCH, sf.searching(order.number), request, secret)
        kind = self._config.query_type or ""
        return ems.form(self._config, kind, ems.naming(self._config, order.number), secret)

    def _cancelling(self, order: Order, request: str, secret: str) -> bytes | None:
        if self._config.carrier == "sf":
            return self._sf(sf.UPDATE, sf.cancelling(order.number), request, secret)
        kind = self._config.cancel_type
        return None if kind is None else ems.form(self._config, kind, ems.naming(self._config, order.number), secret)

    def _sf(self, service: str, message: str, request: str, secret: str) -> bytes:
        timestamp = str(int(self._context.now().timestamp() * 1000))
        return sf.form(self._config, service, request, timestamp, message, secret)


def _outcome(said: Said | Outcome) -> Outcome:
    match said:
        case Accepted() | Delivered() | Rejected() | Unavailable() | InDoubt():
            return said
        case Done() | Known() | Unknown() | Cancelled():
            return Rejected(type(said).__name__.upper())
        case Refuses(code):
            return Rejected(code)
        case NotNow(reason):
            return Unavailable(reason)
        case Unclear(reason):
            return InDoubt(reason)
        case _:
            assert_never(said)
