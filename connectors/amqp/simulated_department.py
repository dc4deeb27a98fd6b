# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The programme of a department that has message queues: consumes, acknowledges, puts, and makes trouble as it is told.

It goes by a client library of other makers than the connector, so that the two cannot agree on a mistake.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count

import aio_pika
import orjson
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue, HeadersType
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError, QueueEmpty
from pamqp.common import FieldTable
from yarl import URL

from connectors.amqp.simulator_words import PUTS, AmqpOptions, Step
from connectors.sdk.simulated_speech import CONTENT_TYPE, case_of, completion

_REMEMBERED = 10_000
_AWAY = (AMQPError, OSError, ChannelInvalidStateError, asyncio.TimeoutError)
"""What a connection that is gone is told by."""


class Programme:
    """Works as long as :meth:`run` does, and connects anew when its connection was lost."""

    def __init__(self, options: AmqpOptions, script: Iterable[Step] = ()) -> None:
        words = tuple(script)
        self._options = options
        self._puts = deque(one for one in words if one in PUTS)
        self._does = deque(one for one in words if one not in PUTS)
        self._numbers = count(1)
        self._known: dict[str, None] = {}
        self.taken: list[str] = []
        """The message-id of everything that was handled, in order, each once."""
        self.repeated: list[str] = []
        """Message-ids that came again, and were acknowledged unheeded."""
        self.rejected: list[str] = []
        self.refused: list[tuple[str, str]] = []
        """What the hub set aside: message-id, and the code of its reason."""
        self.changed = asyncio.Condition()
        """Notified when one of these has changed, and when the queues are there."""
        self.gone = asyncio.Condition()
        """Notified when it has deleted its queue."""
        self.connected = 0
        """How often it has connected and found or made its queues."""
        self.trouble = ""
        """Why it last had no connection."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._session()
            except _AWAY as error:
                self.trouble = f"{type(error).__name__}: {error}"
                await self._tell()
            await asyncio.sleep(self._options.every_seconds)

    async def _session(self) -> None:
        """One connection, for as long as it lasts. Raises what the library raises when it cannot be had."""
        options = self._options
        password = os.environ.get(options.password_env, options.user)
        address = URL(options.url).with_user(options.user).with_password(password)
        async with aio_pika.Connection(address) as connection:  # closed, too, where there is none to be had
            await connection.connect()
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=1)
            inside = await self._queue(channel, options.inside, bounded=True)
            await self._queue(channel, options.outside)
            refused = await self._queue(channel, options.refused)
            self.connected += 1
            await self._tell()
            putting = asyncio.create_task(self._put_all(channel, refused))
            try:
                messages: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
                connection.close_callbacks.add(lambda *_: messages.put_nowait(None))
                await inside.consume(messages.put)
                while (message := await messages.get()) is not None:
                    if not await self._handle(connection, channel, inside, message):
                        return
            finally:
                putting.cancel()
                await asyncio.gather(putting, return_exceptions=True)

    async def _queue(self, channel: AbstractChannel, name: str, *, bounded: bool = False) -> AbstractQueue:
        options = self._options
        if not options.declare:
            return await channel.get_queue(name, ensure=True)
        arguments: FieldTable = {"x-max-length": options.max_length, "x-overflow": "reject-publish"}
        return await channel.declare_queue(
            name, durable=True, arguments=arguments if bounded and options.max_length else None
        )

    async def _handle(
        self,
        connection: AbstractConnection,
        channel: AbstractChannel,
        inside: AbstractQueue,
        message: AbstractIncomingMessage,
    ) -> bool:
        """Do with it as the next word says; whether the session goes on."""
        known = message.message_id or ""
        if known in self._known:
            self.repeated.append(known)
            await message.ack()
            await self._tell()
            return True
        word = self._does.popleft() if self._does else Step.OK
        match word:
            case Step.SLOW:
                await asyncio.sleep(self._options.slow_seconds)
            case Step.STALL:
                await asyncio.sleep(self._options.away_seconds)
            case Step.REJECT:
                await message.reject(requeue=False)
                self.rejected.append(known)
                await self._tell()
                return True
            case _:
                pass
        self._remember(known)
        if word is Step.FORGET:
            await connection.close()
            await self._tell()
            return False
        await message.ack()
        if self._options.reply:
            await self._put(channel, case_of(message.body, known))
        await self._tell()
        if word is Step.GONE:
            await inside.delete(if_unused=False, if_empty=False)
            async with self.gone:
                self.gone.notify_all()
            await asyncio.sleep(self._options.away_seconds)
            return False
        return True

    def _remember(self, known: str) -> None:
        self.taken.append(known)
        self._known[known] = None
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]

    async def _put_all(self, channel: AbstractChannel, refused: AbstractQueue) -> None:
        """What the script says, a message each time, unless it waits for something to reply to; and look at the refusals."""
        while True:
            if self._puts and not self._options.reply:
                await self._put(channel, "")
            with suppress(QueueEmpty):
                aside = await refused.get(no_ack=True)
                if aside is not None:
                    self.refused.append((aside.message_id or "", str(aside.headers.get("govhub-code", ""))))
                    await self._tell()
            await asyncio.sleep(self._options.every_seconds)

    async def _put(self, channel: AbstractChannel, case: str) -> None:
        number = next(self._numbers)
        case = case or f"510500-20260302-{number:06}"
        step = self._puts.popleft() if self._puts else Step.GOOD
        exchange = (
            await channel.get_exchange(self._options.exchange) if self._options.exchange else channel.default_exchange
        )
        for message in _MESSAGES[step](self._options, case, f"{case}-sim-{number}"):
            await exchange.publish(message, self._options.outside)

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()


def _message(options: AmqpOptions, case: str, event_id: str, **data: object) -> aio_pika.Message:
    body = orjson.dumps(completion(case, event_id, options.source, **data))
    return _with(body, CONTENT_TYPE, event_id)


def _with(body: bytes, content_type: str, event_id: str, headers: HeadersType | None = None) -> aio_pika.Message:
    return aio_pika.Message(
        body,
        content_type=content_type,
        message_id=event_id,
        headers=headers,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )


_MESSAGES: dict[Step, Callable[[AmqpOptions, str, str], list[aio_pika.Message]]] = {
    Step.GOOD: lambda *said: [_message(*said)],
    Step.TWICE: lambda *said: [_message(*said), _message(*said)],
    Step.CHANGED: lambda *said: [_message(*said), _message(*said, licence_no="JY-1")],
    Step.GARBAGE: lambda _, __, event_id: [_with(b"\xff\xfe{", CONTENT_TYPE, event_id)],
    Step.BARE: lambda _, case, event_id: [_with(orjson.dumps({"case_no": case}), "application/json", event_id)],
    Step.LARGE: lambda options, _, event_id: [_with(b" " * options.large_bytes, CONTENT_TYPE, event_id)],
}
