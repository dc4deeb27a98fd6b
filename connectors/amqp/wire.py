# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One AMQP 0-9-1 connection with one channel on it. Once lost it is lost; :mod:`connectors.amqp.line` makes another.

Written on the codec of pamqp, because three things are needed here that no client library gives: to know of every
message whether it may have left, to survive what strangers put into properties, and to spend a tenth of a client
library's time on each message.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from struct import error as StructError  # noqa: N812  # because the module calls every error "error"
from typing import NoReturn, TypeVar, cast

import pamqp.frame
from pamqp.commands import Basic, Channel, Connection, Queue
from pamqp.exceptions import PAMQPException
from pamqp.header import ProtocolHeader
from pamqp.heartbeat import Heartbeat

from connectors.amqp import properties
from connectors.amqp.confirms import Confirms
from connectors.amqp.fate import Fate, LostError
from connectors.amqp.properties import Properties

HEARTBEAT_SECONDS = 10
ANSWER_SECONDS = 10.0
"""How long the broker may take to answer a request before it counts as gone."""
GOODBYE_SECONDS = 1.0

_CHANNEL = 1
_METHOD, _BODY = 1, 3
_END = 0xCE
_END_BYTE = b"\xce"
_PREFIX = Struct(">BHI")
_INDEX = Struct(">I")
_TAG = Struct(">QB")
_DELIVER, _ACK, _NACK = 0x003C003C, 0x003C0050, 0x003C0078
_LARGEST_FRAME = 131_072
_SMALLEST_FRAME = 4_096
_OVERHEAD = 8
_CAPABILITIES = {
    "publisher_confirms": True,
    "basic.nack": True,
    "consumer_cancel_notify": True,
    "connection.blocked": True,
    "authentication_failure_close": True,
}
_DECODING = (PAMQPException, ValueError, TypeError, KeyError, IndexError, StructError, OverflowError, AttributeError)

Answered = TypeVar("Answered", bound=pamqp.frame.FrameTypes)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that was delivered to us. ``properties`` are bare when what a stranger wrote there does not decode."""

    tag: int
    properties: Properties
    body: bytes


@dataclass(slots=True)
class _Content:
    """A message on its way in: a delivery, or one of ours that the broker returns."""

    tag: int
    returned: str | None
    properties: Properties
    missing: int
    pieces: list[bytes]


class Wire(asyncio.Protocol):
    """Methods are for one event loop. ``arrived`` is called with each message that a consumer is given."""

    def __init__(self, arrived: Callable[[Arrival], None]) -> None:
        self._arrived = arrived
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[pamqp.frame.FrameTypes] | None = None
        self._content: _Content | None = None
        self._confirms = Confirms()
        self._frame_max = _LARGEST_FRAME
        self._heard = self._loop.time()
        self._pulse: asyncio.TimerHandle | None = None
        self._full = False
        self._held = False
        self.blocked = False
        self.lost: str | None = None
        """Why the connection ended, as an operator may read it; None while it lasts."""
        self.ended = asyncio.Event()
        self._clear = asyncio.Event()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, but no subclass
        self._transport.write(ProtocolHeader().marshal())

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        buffer = self._buffer
        buffer += data
        at, end = 0, len(buffer)
        while end - at > _PREFIX.size and self.lost is None:
            kind, _, size = _PREFIX.unpack_from(buffer, at)
            after = at + _PREFIX.size + size
            if size > self._frame_max:
                self._end("the broker does not speak AMQP 0-9-1")
            elif after >= end:
                break
            elif buffer[after] != _END:
                self._end("the broker sent a malformed frame")
            else:
                self._frame(kind, bytes(buffer[at + _PREFIX.size : after]))
            at = after + 1
        del buffer[:at]

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"connection lost: {exc}" if exc else "connection lost")

    def pause_writing(self) -> None:
        self._full = True
        self._judge_clear()

    def resume_writing(self) -> None:
        self._full = False
        self._judge_clear()

    # -- for the room

    async def open(self, user: str, password: str, host: str, name: str, *, confirms: bool) -> None:
        """Log in and open the channel. Raises :class:`LostError`."""
        await self._next(Connection.Start)
        tune = await self._ask(
            Connection.StartOk(
                client_properties={"product": "govhub", "connection_name": name, "capabilities": dict(_CAPABILITIES)},
                mechanism="PLAIN",
                response=f"\0{user}\0{password}",
                locale="en_US",
            ),
            Connection.Tune,
            channel=0,
        )
        self._frame_max = min(max(tune.frame_max or _LARGEST_FRAME, _SMALLEST_FRAME), _LARGEST_FRAME)
        beat = min(tune.heartbeat or HEARTBEAT_SECONDS, HEARTBEAT_SECONDS)
        self._send(Connection.TuneOk(channel_max=1, frame_max=self._frame_max, heartbeat=beat), channel=0)
        await self._ask(Connection.Open(virtual_host=host), Connection.OpenOk, channel=0)
        self._beat(beat / 2)
        await self._ask(Channel.Open(), Channel.OpenOk)
        if confirms:
            await self._ask(pamqp.commands.Confirm.Select(), pamqp.commands.Confirm.SelectOk)
        self._judge_clear()

    async def consume(self, queue: str, prefetch: int) -> None:
        """Have a queue's messages brought, so many unacknowledged at most. Raises :class:`LostError`."""
        await self._ask(Basic.Qos(prefetch_count=prefetch), Basic.QosOk)
        await self._ask(Basic.Consume(queue=queue), Basic.ConsumeOk)

    async def look(self, queue: str) -> None:
        """See that a queue is there, without effect. Raises :class:`LostError`."""
        await self._ask(Queue.Declare(queue=queue, passive=True), Queue.DeclareOk)

    @property
    def is_clear(self) -> bool:
        """Whether something may be published now, without waiting for :meth:`clear`."""
        return self.lost is None and self._clear.is_set()

    async def clear(self) -> None:
        """Wait until something may be published: the broker takes messages, and earlier ones have left our buffer."""
        while not self._clear.is_set():
            self._raise_if_lost()
            await self._clear.wait()
        self._raise_if_lost()

    def publish(self, envelope: bytes, message_id: str | None, body: bytes) -> "asyncio.Future[Fate]":
        """Write one message, made ready by :mod:`connectors.amqp.envelope`; what became of it is known later.

        From here on it may have left. The future is never an exception.
        """
        fate = self._confirms.expect(message_id, len(body))
        if self.lost is not None or self._transport is None:
            self._confirms.end(self.lost or "not connected", 0)
            return fate
        most = self._frame_max - _OVERHEAD
        pieces = [envelope]
        for start in range(0, len(body), most):
            piece = body[start : start + most]
            pieces += (_PREFIX.pack(_BODY, _CHANNEL, len(piece)), piece, _END_BYTE)
        self._transport.write(b"".join(pieces))
        return fate

    def acknowledge(self, tag: int, *, multiple: bool) -> None:
        """The broker may forget this message; with ``multiple`` also all before it."""
        self._send(Basic.Ack(delivery_tag=tag, multiple=multiple))

    def give_back(self, tag: int) -> None:
        """The message comes again."""
        self._send(Basic.Nack(delivery_tag=tag, requeue=True))

    def reject(self, tag: int) -> None:
        """The broker dead-letters the message, if its queue says where to."""
        self._send(Basic.Reject(delivery_tag=tag, requeue=False))

    def hold(self, *, held: bool) -> None:
        """Read nothing for a while, or go on reading."""
        if held is self._held or self._transport is None or self.lost is not None:
            return
        self._held = held
        if held:
            self._transport.pause_reading()
        else:
            self._heard = self._loop.time()
            self._transport.resume_reading()

    async def close(self) -> None:
        """Take leave. What was published and is not confirmed stays unknown. Idempotent; raises nothing."""
        if self.lost is None and self._transport is not None:
            self.hold(held=False)
            self._confirms.end("closed by us", 0)
            self._send(Connection.Close(reply_code=200, reply_text="bye", class_id=0, method_id=0), channel=0)
            try:
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self.ended.wait()
            except TimeoutError:
                self._transport.abort()
        self._end("closed by us")

    # -- requests and answers

    def _raise_if_lost(self) -> None:
        if self.lost is not None:
            raise LostError(self.lost)

    def _send(self, frame: pamqp.frame.FrameTypes, channel: int = _CHANNEL) -> None:
        if self._transport is not None and self.lost is None:
            self._transport.write(pamqp.frame.marshal(frame, channel))

    async def _ask(
        self, request: pamqp.frame.FrameTypes, expected: type[Answered], channel: int = _CHANNEL
    ) -> Answered:
        self._raise_if_lost()
        self._send(request, channel)
        return await self._next(expected)

    async def _next(self, expected: type[Answered]) -> Answered:
        """The next frame that is an answer; requests are made one after the other."""
        self._raise_if_lost()
        self._answer = self._loop.create_future()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._answer
        except TimeoutError:
            self._end(f"no answer within {ANSWER_SECONDS:g} s")
            self._gone()
        finally:
            self._answer = None
        if not isinstance(answer, expected):
            self._end(f"the broker answered with {answer.name}")
            self._gone()
        return answer

    def _gone(self) -> NoReturn:
        raise LostError(self.lost or "connection lost")

    # -- frames

    def _frame(self, kind: int, payload: bytes) -> None:
        try:
            match kind:
                case 1:
                    self._method(payload)
                case 2:
                    self._header(payload)
                case 3:
                    self._body(payload)
                case _:
                    pass  # a heartbeat; that it came is all it says
        except _DECODING as error:
            self._end(f"the broker sent what cannot be read: {type(error).__name__}")

    def _method(self, payload: bytes) -> None:
        (index,) = _INDEX.unpack_from(payload)
        if index == _DELIVER:
            tag, _ = _TAG.unpack_from(payload, 5 + payload[4])
            self._content = _Content(tag, None, properties.NONE, 0, [])
        elif index in {_ACK, _NACK}:
            tag, flags = _TAG.unpack_from(payload, 4)
            self._confirms.confirm(tag, acked=index == _ACK, multiple=bool(flags & 1))
        else:
            _, _, frame = pamqp.frame.unmarshal(_PREFIX.pack(_METHOD, _CHANNEL, len(payload)) + payload + _END_BYTE)
            self._told(frame)

    def _told(self, frame: pamqp.frame.FrameTypes) -> None:
        match frame:
            case Basic.Return(reply_code=code, reply_text=text):
                self._content = _Content(0, f"{code} {text}", properties.NONE, 0, [])
            case Connection.Blocked():
                self.blocked = True
                self._judge_clear()
            case Connection.Unblocked():
                self.blocked = False
                self._judge_clear()
            case Connection.Close(reply_code=code, reply_text=text):
                self._send(Connection.CloseOk(), channel=0)
                self._end(f"{code} {text}")
            case Channel.Close(reply_code=code, reply_text=text):
                self._send(Channel.CloseOk())
                self._end(f"{code} {text}", code=int(code or 0))
            case Basic.Cancel():
                self._end("the broker ended the consumer: its queue was deleted or moved")
            case Connection.CloseOk():
                self._end("closed by us")
            case _ if self._answer is not None and not self._answer.done():
                self._answer.set_result(frame)

    def _header(self, payload: bytes) -> None:
        content = self._content
        if content is None:
            return
        content.missing, content.properties = properties.read(payload)
        if not content.missing:
            self._whole(content)

    def _body(self, payload: bytes) -> None:
        content = self._content
        if content is None:
            return
        content.pieces.append(payload)
        content.missing -= len(payload)
        if content.missing <= 0:
            self._whole(content)

    def _whole(self, content: _Content) -> None:
        self._content = None
        if content.returned is None:
            pieces = content.pieces
            body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            self._arrived(Arrival(content.tag, content.properties, body))
            return
        self._confirms.returned(content.properties.message_id or None, content.returned)

    # -- beginning and end

    def _beat(self, seconds: float) -> None:
        """Show that we live, and see that the broker does."""
        if self.lost is not None:
            return
        silence = self._loop.time() - self._heard
        if silence > 4.5 * seconds and not self._held:
            self._end(f"the broker has been silent for {silence:.0f} s")
            return
        if self._transport is not None:
            self._transport.write(Heartbeat().marshal())
        self._pulse = self._loop.call_later(seconds, self._beat, seconds)

    def _end(self, reason: str, code: int = 0) -> None:
        if self.lost is None:
            self.lost = reason[:300]
            if self._pulse is not None:
                self._pulse.cancel()
            self._confirms.end(self.lost, code)
            if self._answer is not None and not self._answer.done():
                self._answer.set_exception(LostError(self.lost))
            if self._transport is not None:
                self._transport.close()
        self.ended.set()
        self._clear.set()

    def _judge_clear(self) -> None:
        if self.lost is None and (self.blocked or self._full):
            self._clear.clear()
        else:
            self._clear.set()
