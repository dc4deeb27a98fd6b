# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Consuming: one queue, acknowledged in multiples once the hub has what it brought."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Self

from connectors.amqp.aside import Aside
from connectors.amqp.config import SourceConfig
from connectors.amqp.fate import LostError
from connectors.amqp.line import Line
from connectors.amqp.wire import Arrival, Wire
from connectors.sdk import Context, Delivered, Disposition, Item, NotNow, Outcome, Refused, Taken, Unavailable

_BATCH = 200
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0
_GENERATION = 1 << 64
"""Delivery tags have 64 bits and begin anew with each connection: a token is the connection's number and the tag."""


class AmqpSource:
    """An open way in from one queue."""

    def __init__(self, config: SourceConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._line = Line(config, context, confirms=False, prepare=self._begin, arrived=self._arrive)
        self._aside = (
            Aside(config, context, config.refused_queue, self._acknowledge_token) if config.refused_queue else None
        )
        self._generation = 0
        self._arrived: deque[Arrival] = deque()
        self._unsettled: dict[int, Arrival] = {}
        """What the broker waits for, in its order, by tag of the present connection."""
        self._held = 0
        self._stirred = asyncio.Event()
        self._told = False

    async def __aenter__(self) -> Self:
        if self._aside is not None:
            self._aside.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._aside is not None:
            await self._aside.close()
        await self._line.close()

    async def take(self) -> Sequence[Item]:
        """As the port says."""
        while True:
            wire = await self._connected()
            while wire.lost is None:
                if self._arrived:
                    return [self._item(self._arrived.popleft()) for _ in range(min(_BATCH, len(self._arrived)))]
                self._stirred.clear()
                await self._next(wire)

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        """As the port says."""
        taken = set[int]()
        for token, answer in answers:
            tag = self._tag(token)
            if tag is None:
                continue
            match answer:
                case Taken():
                    taken.add(tag)
                case NotNow():
                    self._forget(tag)
                    if wire := self._line.now:
                        wire.give_back(tag)
                case Refused() if self._aside is not None:
                    self._aside.put(token, self._unsettled[tag], answer)
                case Refused():
                    self._forget(tag)
                    if wire := self._line.now:
                        wire.reject(tag)
        self._acknowledge(taken)

    async def check(self) -> Outcome:
        """Connect once more, and look at the queues."""
        line = Line(self._config, self._context, confirms=False)
        try:
            wire = await line.wire()
            await wire.look(self._config.queue)
            if self._config.refused_queue:
                await wire.look(self._config.refused_queue)
        except LostError as loss:
            return Unavailable(f"NO_CONNECTION: {loss}")
        finally:
            await line.close()
        return Delivered()

    async def _connected(self) -> Wire:
        """A live connection, waited for; that there is none is said once."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                wire = await self._line.wire()
            except LostError as loss:
                if not self._told:
                    self._context.log.warning("source away", reason=str(loss))
                    self._told = True
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                if self._told:
                    self._context.log.info("source back")
                    self._told = False
                return wire

    async def _next(self, wire: Wire) -> None:
        """Return when something has arrived or the connection has ended."""
        ended = asyncio.ensure_future(wire.ended.wait())
        stirred = asyncio.ensure_future(self._stirred.wait())
        try:
            await asyncio.wait({ended, stirred}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            stirred.cancel()

    async def _begin(self, wire: Wire) -> None:
        """A new connection knows nothing of the tags of the last one: what they stood for comes again."""
        self._generation += 1
        self._arrived.clear()
        self._unsettled.clear()
        self._held = 0
        await wire.consume(self._config.queue, self._config.prefetch)

    def _arrive(self, arrival: Arrival) -> None:
        self._unsettled[arrival.tag] = arrival
        self._arrived.append(arrival)
        self._stirred.set()
        self._weigh(len(arrival.body))

    def _item(self, arrival: Arrival) -> Item:
        properties = arrival.properties
        return Item(
            token=self._generation * _GENERATION + arrival.tag,
            content_type=properties.content_type or None,
            body=arrival.body,
            headers=properties.headers,
        )

    def _tag(self, token: int) -> int | None:
        generation, tag = divmod(token, _GENERATION)
        return tag if generation == self._generation and tag in self._unsettled else None

    def _acknowledge_token(self, token: int) -> None:
        tag = self._tag(token)
        if tag is not None:
            self._acknowledge({tag})

    def _acknowledge(self, tags: set[int]) -> None:
        """Everything up to the first that is still in hand with one acknowledgement, the others one by one."""
        wire = self._line.now
        together = 0
        for tag in self._unsettled:
            if tag not in tags:
                break
            together = tag
        for tag in tags:
            self._forget(tag)
            if wire is not None and tag > together:
                wire.acknowledge(tag, multiple=False)
        if wire is not None and together:
            wire.acknowledge(together, multiple=True)

    def _forget(self, tag: int) -> None:
        self._weigh(-len(self._unsettled.pop(tag).body))

    def _weigh(self, more: int) -> None:
        self._held += more
        if wire := self._line.now:
            wire.hold(held=self._held > self._config.held_bytes)
