# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An AMQP far side: a real broker, and before it a relay of frames that can do what no broker does on demand."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import aio_pika
import pamqp.frame
from pamqp import commands
from pamqp.body import ContentBody
from pamqp.header import ContentHeader
from yarl import URL

from connectors.amqp.fate import Confirmed
from connectors.amqp.wire import Wire
from connectors.sdk import Settings
from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.feed import Lying

_TOO_LARGE = "PRECONDITION_FAILED - message size 99 is larger than configured max size 0"
_QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}

Pass = Callable[[pamqp.frame.FrameTypes, bytes], bytes]


class AmqpFarSide:
    """A queue of a real broker, reached through a relay; used as an async context manager."""

    def __init__(self, broker: str) -> None:
        self.broker = broker
        self.queue = f"test.{secrets.token_hex(8)}"
        self.refused = f"{self.queue}.refused"
        self.arrived: list[Arrived] = []
        self._behaviour = Behaviour.ACCEPT
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._connection = await aio_pika.connect(self.broker)
        self.channel = await self._connection.channel()
        for name in (self.queue, self.refused):
            await self.channel.declare_queue(name, durable=True, arguments=_QUORUM)
        await self._listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._hang_up()
        channel = await self._connection.channel()
        for name in (self.queue, self.refused):
            await channel.queue_delete(name)
        await self._connection.close()

    @property
    def url(self) -> str:
        return str(URL(self.broker).with_user(None).with_port(self._port))

    @property
    def settings(self) -> Settings:
        return {"url": self.url, "user": "hub", "routing_key": self.queue}

    async def behave(self, behaviour: Behaviour) -> None:
        was, self._behaviour = self._behaviour, behaviour
        if behaviour is Behaviour.OUTAGE:
            await self._hang_up()
        elif was is Behaviour.OUTAGE:
            await self._listen()

    async def until_arrived(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.arrived) >= count)

    async def reconnect(self) -> None:
        """Begin anew after the broker was away."""
        await self._connection.close()
        self._connection = await aio_pika.connect(self.broker)
        self.channel = await self._connection.channel()

    async def lying(self, queue: str) -> list[aio_pika.abc.AbstractIncomingMessage]:
        """Take everything that lies in a queue."""
        found = []
        where = await self.channel.get_queue(queue)
        while (message := await where.get(fail=False, no_ack=True)) is not None:
            found.append(message)
        return found

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        url = URL(self.broker)
        far_reader, far_writer = await asyncio.open_connection(url.host, url.port)
        self._writers |= {writer, far_writer}
        talk = _Talk()

        def outward(frame: pamqp.frame.FrameTypes, raw: bytes) -> bytes:
            self._note(talk, frame)
            return raw

        def inward(frame: pamqp.frame.FrameTypes, raw: bytes) -> bytes:
            return self._answer(talk, frame, raw)

        try:
            far_writer.write(await reader.readexactly(8))
            async with asyncio.TaskGroup() as group:
                group.create_task(_carry(reader, far_writer, outward))
                group.create_task(_carry(far_reader, writer, inward))
        except* (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            for one in (writer, far_writer):
                one.transport.abort()
                self._writers.discard(one)
            self._tasks.discard(task)

    def _note(self, talk: "_Talk", frame: pamqp.frame.FrameTypes) -> None:
        """Put a published message together, and remember it once it is whole."""
        match frame:
            case commands.Basic.Publish():
                talk.published += 1
                talk.header, talk.body = None, b""
                if self._behaviour is Behaviour.HANG:
                    talk.hanging.add(talk.published)
            case ContentHeader():
                talk.header = frame
            case ContentBody():
                talk.body += frame.value
            case _:
                pass
        header = talk.header
        if header is None or len(talk.body) < header.body_size:
            return
        talk.header = None
        self.arrived.append(
            Arrived(
                idempotency_key=header.properties.message_id or "",
                content_type=header.properties.content_type or "",
                body=talk.body,
                attributes={
                    name.removeprefix("cloudEvents:"): str(value)
                    for name, value in (header.properties.headers or {}).items()
                    if name.startswith("cloudEvents:")
                },
            )
        )
        task = asyncio.ensure_future(self._ring())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ring(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _answer(self, talk: "_Talk", frame: pamqp.frame.FrameTypes, raw: bytes) -> bytes:
        """What the broker says, as the behaviour has it. What was published to a far side that hangs is never confirmed."""
        if not isinstance(frame, commands.Basic.Ack) or frame.delivery_tag is None:
            return raw
        if self._behaviour is Behaviour.CUT:
            raise EOFError
        if self._behaviour is Behaviour.REFUSE:
            return pamqp.frame.marshal(commands.Channel.Close(406, _TOO_LARGE, 60, 40), 1)
        tags = range(talk.confirmed + 1, frame.delivery_tag + 1) if frame.multiple else [frame.delivery_tag]
        talk.confirmed = max(talk.confirmed, frame.delivery_tag if frame.multiple else 0)
        return b"".join(pamqp.frame.marshal(commands.Basic.Ack(tag), 1) for tag in tags if tag not in talk.hanging)


@dataclass(slots=True)
class _Talk:
    """One connection: what is being published on it, and which messages are to hang."""

    published: int = 0
    confirmed: int = 0
    hanging: set[int] = field(default_factory=set)
    header: ContentHeader | None = None
    body: bytes = b""


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passing: Pass) -> None:
    while True:
        head = await reader.readexactly(7)
        raw = head + await reader.readexactly(int.from_bytes(head[3:7], "big") + 1)
        frame = None
        with suppress(Exception):  # what does not decode is passed on as it is: it is the connector's to survive
            frame = pamqp.frame.unmarshal(raw)[2]
        writer.write(passing(frame, raw) if frame is not None else raw)
        await writer.drain()


class AmqpFeed(AmqpFarSide):
    """The same queue, as a source's far side."""

    @property
    def settings(self) -> Settings:
        return {"url": self.url, "user": "hub", "queue": self.queue, "prefetch": 20, "refused_queue": self.refused}

    async def put(self, messages: Sequence[Lying]) -> None:
        for message in messages:
            await self.channel.default_exchange.publish(
                aio_pika.Message(message.body, content_type=message.content_type, headers=dict(message.headers)),
                self.queue,
            )

    async def until_left(self, count: int) -> None:
        await self.until_left_in(self.queue, count)

    async def until_consumed(self, queue: str) -> None:
        """Return once somebody consumes the queue."""
        await self._until(queue, lambda declared: declared.consumer_count == 1)

    async def raw_publish(self, envelope: bytes, body: bytes) -> None:
        """Publish what no client would write."""
        wire = Wire(lambda _: None)
        url = URL(self.broker)
        await asyncio.get_running_loop().create_connection(lambda: wire, str(url.host), url.port or 5672)
        await wire.open(str(url.user), str(url.password), "/", "test", confirms=True)
        assert await wire.publish(envelope, None, body) == Confirmed()
        await wire.close()

    async def until_left_in(self, queue: str, count: int) -> None:
        await self._until(queue, lambda declared: declared.message_count == count)

    async def until_refused(self, count: int) -> Sequence[tuple[bytes, str]]:
        await self.until_left_in(self.refused, count)
        return [(one.body, str(one.headers["govhub-code"])) for one in await self.lying(self.refused)]

    async def outage(self, *, away: bool) -> None:
        await self.behave(Behaviour.OUTAGE if away else Behaviour.ACCEPT)

    async def _until(self, queue: str, so: Callable[[Any], bool]) -> None:
        while True:  # a broker tells nobody when a queue changes
            channel = await self._connection.channel()
            declared = await channel.declare_queue(queue, passive=True)
            await channel.close()
            if so(declared.declaration_result):
                return
            await asyncio.sleep(0.05)
