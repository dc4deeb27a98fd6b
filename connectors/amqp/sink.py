# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Publishing: one message per parcel, persistent, mandatory and confirmed; many under way at a time."""

import asyncio
from typing import Any, Self, assert_never

from connectors.amqp.config import SinkConfig
from connectors.amqp.envelope import Address
from connectors.amqp.fate import Confirmed, Cut, Fate, LostError, Nacked, Overdue, Returned, TooLarge
from connectors.amqp.line import Line
from connectors.sdk import Context, Delivered, InDoubt, Outcome, Parcel, QueryOutcome, Rejected, Unavailable

_PREFIX = "cloudEvents:"


class AmqpSink:
    """An open way to one exchange."""

    def __init__(self, config: SinkConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._address = Address(config.exchange, config.routing_key)
        self._line = Line(config, context, confirms=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._line.close()

    async def send(self, parcel: Parcel) -> Outcome:
        """As the port says."""
        envelope = self._address.envelope(
            len(parcel.body), parcel.content_type, self._headers(parcel), parcel.idempotency_key
        )
        if envelope is None:
            return Rejected("UNSENDABLE", "AMQP cannot carry this content type, key or these attributes")
        loop = asyncio.get_running_loop()
        latest = loop.time() + parcel.timeout
        wire = self._line.now
        if wire is None or not wire.is_clear:
            try:
                async with asyncio.timeout_at(latest):
                    wire = await self._line.wire()
                    await wire.clear()
            except LostError as loss:
                return Unavailable(f"NO_CONNECTION: {loss}")
            except TimeoutError:
                return Unavailable("TIMED_OUT: the broker did not take messages in time")
        published = wire.publish(envelope, parcel.idempotency_key, parcel.body)
        overdue = loop.call_at(latest, _give_up, published)
        try:
            return self._outcome(await published)
        finally:
            overdue.cancel()

    async def query(self, idempotency_key: str) -> QueryOutcome:
        """A queue cannot be asked."""
        del idempotency_key
        return InDoubt("NOT_ASKABLE: a queue cannot be asked for a message")

    async def check(self) -> Outcome:
        """Connect once more, and look at the queue where the routing key names one."""
        line = Line(self._config, self._context, confirms=False)
        try:
            wire = await line.wire()
            if not self._config.exchange:
                await wire.look(self._config.routing_key)
        except LostError as loss:
            return Unavailable(f"NO_CONNECTION: {loss}")
        finally:
            await line.close()
        return Delivered()

    def _headers(self, parcel: Parcel) -> dict[str, Any]:
        hop = {"traceparent": parcel.traceparent} if parcel.traceparent else {}
        if self._config.mode != "binary":
            return hop
        return hop | {
            f"{_PREFIX}{name}": value for name, value in parcel.attributes.items() if name != "datacontenttype"
        }

    def _outcome(self, fate: Fate) -> Outcome:
        match fate:
            case Confirmed():
                return Delivered()
            case Returned(reason):
                return Unavailable(f"NO_ROUTE: no queue takes this routing key ({reason})")
            case Nacked() if self._config.idempotency == "native":
                return Unavailable("NACKED: the broker did not take it; the queue may be full")
            case Nacked():  # of several queues behind one exchange some may have it
                return InDoubt("NACKED: the broker did not take responsibility")
            case TooLarge():
                return Rejected("TOO_LARGE", "larger than the broker takes")
            case Cut(reason):
                return InDoubt(f"CUT: {reason}")
            case Overdue():
                return InDoubt("TIMED_OUT: no confirm in time")
            case _:
                assert_never(fate)


def _give_up(published: "asyncio.Future[Fate]") -> None:
    """Wait no longer: a timer of its own costs a tenth of ``asyncio.timeout``, and this is done for every message."""
    if not published.done():
        published.set_result(Overdue())
