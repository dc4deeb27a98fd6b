# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A live link to a RabbitMQ broker: one connection to publish, one to consume. Once lost it is lost; make another.

Built on aiormq, the protocol layer under aio-pika, because the layers above it reconnect by themselves and not always
completely (a publish that hangs, a channel that stays closed, a queue that is not restored).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from aiormq import (
    AMQPError,
    Channel,
    ChannelInvalidStateError,
    ChannelLockedResource,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    Connection,
    ConnectionClosed,
    ConnectionInternalError,
    spec,
)
from aiormq.abc import AbstractChannel
from yarl import URL

from hub.bus.tolerant_transport import TolerantTransport
from hub.ports.bus import Published

HEARTBEAT_SECONDS = 10
ANSWER_SECONDS = 5.0
"""How long the broker may take to answer anything before it counts as gone."""
CONFIRM_SECONDS = 5.0
WINDOW = 256
"""Messages published and not yet confirmed, at most, per call."""

T = TypeVar("T")


class LinkLostError(Exception):
    """The broker did not, or cannot, do what it was asked. Never leaves the adapter.

    ``error`` is what aiormq said, None when nothing was said in time.
    """

    def __init__(self, reason: str, error: BaseException | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error

    @property
    def is_silence(self) -> bool:
        """The broker is there, but this it never answers; it may give up on itself over it."""
        return self.error is None or isinstance(self.error, ConnectionInternalError)

    @property
    def is_missing(self) -> bool:
        """The queue does not exist."""
        return isinstance(self.error, ChannelNotFoundEntity)

    @property
    def is_locked(self) -> bool:
        """The queue is another's, or does not allow this."""
        return isinstance(self.error, ChannelLockedResource)

    @property
    def is_mismatch(self) -> bool:
        """The queue exists with other arguments."""
        return isinstance(self.error, ChannelPreconditionFailed)


async def asked(request: Awaitable[T], what: str, seconds: float = ANSWER_SECONDS) -> T:
    """The broker's answer to a request.

    The request runs as a task of its own, because aiormq ends the requests of a dying connection with whatever killed
    it, ``CancelledError`` included; here only our own cancellation looks like one. All else is ``LinkLostError``.
    """
    task = asyncio.ensure_future(request)
    task.add_done_callback(_retrieve)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        task.cancel()
    if not task.done():
        raise LinkLostError(f"{what}: no answer within {seconds:g} s")
    if task.cancelled():
        raise LinkLostError(f"{what}: connection lost", asyncio.CancelledError())
    error = task.exception()
    if error is None:
        return task.result()
    if is_link_trouble(error):
        raise LinkLostError(f"{what}: {described(error)}", error) from error
    raise error


def is_link_trouble(error: BaseException) -> bool:
    """Whether an exception out of aiormq tells of the broker or the network, and not of a bug.

    aiormq raises a bare ``Exception`` at whatever was under way when a connection ended without a reason.
    """
    return isinstance(error, AMQPError | ChannelInvalidStateError | OSError) or type(error) is Exception


def described(error: BaseException) -> str:
    """An error as an operator may read it, in one short line."""
    text = " ".join(str(argument) for argument in error.args) or type(error).__name__
    return text[:300]


def _retrieve(task: asyncio.Future[Any]) -> None:
    """Mark a late exception as seen, so that asyncio does not report a request nobody waits for any more."""
    if not task.cancelled():
        task.exception()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for a queue, by the default exchange."""

    queue: str
    body: bytes
    media_type: str
    headers: dict[str, Any] | None = None


class Link:
    """Both connections, while they last. ``stirred`` is set when the link is lost or may not be what it was."""

    def __init__(
        self, consuming: Connection, publishing: Connection, publisher: Channel, cut: Callable[[], None]
    ) -> None:
        self.stirred = asyncio.Event()
        self.suspect = False
        self._consuming = consuming
        self._publishing = publishing
        self._publisher = publisher
        self._cut = cut
        self._unconfirmed: set[asyncio.Task[Any]] = set()
        self._lost: str | None = None
        for part in (consuming, publishing, publisher):
            part.closing.add_done_callback(self._on_closing)

    @property
    def server_version(self) -> tuple[int, ...]:
        """As far as it is numeric: (3, 10, 8)."""
        version = self._consuming.server_properties.get("version", "0")
        parts = (version.decode() if isinstance(version, bytes) else str(version)).split(".")
        return tuple(int(part) for part in parts if part.isdigit())

    def doubt(self) -> None:
        """Something on this link was not as expected: queues and identity should be looked at again."""
        self.suspect = True
        self.stirred.set()

    def ensure_alive(self) -> None:
        """Raise when the link is lost."""
        if self._lost is not None:
            raise LinkLostError(self._lost)

    def abandon(self) -> None:
        """Cut both connections without a word, since nobody may be listening: all that is under way on them ends now."""
        if self._lost is None:
            self._lost = "abandoned"
        self.stirred.set()
        self._cut()

    def is_blocked(self) -> bool:
        """Whether the broker has told us to stop publishing.

        aiormq has no callback for that; its ``ready`` waits exactly while the connection is blocked, so one step of it
        tells.
        """
        waiting = self._publishing.ready()
        try:
            waiting.send(None)
        except StopIteration:
            return False
        waiting.close()
        return True

    async def channel(self) -> AbstractChannel:
        """A new channel of the consuming connection."""
        self.ensure_alive()
        return await asked(self._consuming.channel(publisher_confirms=False), "opening a channel")

    async def publish(self, messages: Sequence[Outgoing], seconds: float = CONFIRM_SECONDS) -> list[Published]:
        """Publish a window at a time and wait for the confirms, so many seconds in all. Nothing while blocked."""
        if self.is_blocked():
            return [Published.UNCONFIRMED] * len(messages)
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        answers: list[Published] = []
        for start in range(0, len(messages), WINDOW):
            tasks = [loop.create_task(self._publish_one(one)) for one in messages[start : start + WINDOW]]
            self._unconfirmed.update(tasks)
            try:
                await asyncio.wait(tasks, timeout=max(0.0, end - loop.time()))
            finally:
                self._unconfirmed.difference_update(tasks)
                for task in tasks:
                    task.add_done_callback(_retrieve)
                    task.cancel()
            answers.extend(self._answer(task) for task in tasks)
        return answers

    async def publish_apart(self, message: Outgoing) -> Published:
        """Publish one message on a channel of its own: a queue that was full goes on refusing those that it refused before, on
        their channels, after its limit was lifted (RabbitMQ 3.10).
        """
        if self.is_blocked():
            return Published.UNCONFIRMED
        try:
            channel = await asked(self._publishing.channel(on_return_raises=False), "opening a channel")
        except LinkLostError:
            return Published.UNCONFIRMED
        assert isinstance(channel, Channel)
        try:
            answer = await asked(self._publish_one(message, channel), "publishing apart", CONFIRM_SECONDS)
        except LinkLostError:
            return Published.UNCONFIRMED
        finally:
            with suppress(LinkLostError):
                await asked(channel.close(), "closing a channel")
        return Published.CONFIRMED if isinstance(answer, spec.Basic.Ack) else Published.UNCONFIRMED

    def give_up_confirms(self) -> None:
        """Answer every publish under way with UNCONFIRMED, now."""
        for task in self._unconfirmed:
            task.cancel()

    async def _publish_one(self, message: Outgoing, channel: Channel | None = None) -> object:
        # No message id of ours: aiormq tells returned messages apart by it, and a frame may be published twice at once.
        properties = spec.Basic.Properties(
            content_type=message.media_type, delivery_mode=2, app_id="govhub", headers=message.headers
        )
        return await (channel or self._publisher).basic_publish(
            message.body, routing_key=message.queue, properties=properties, mandatory=True, wait=False
        )

    def _answer(self, task: asyncio.Task[object]) -> Published:
        if not task.done() or task.cancelled():
            self.doubt()
            return Published.UNCONFIRMED
        error = task.exception()
        if error is not None and not is_link_trouble(error):
            raise error
        if error is None and isinstance(task.result(), spec.Basic.Ack):
            return Published.CONFIRMED
        self.doubt()
        return Published.UNCONFIRMED

    def _on_closing(self, closing: asyncio.Future[Any]) -> None:
        if self._lost is None:
            error = None if closing.cancelled() else closing.exception()
            self._lost = "connection lost" if error is None else f"connection lost: {described(error)}"
        self.stirred.set()


@asynccontextmanager
async def linked(url: str) -> AsyncIterator[Link]:
    """Connect twice, and disconnect at the end. Raises ``LinkLostError`` when the broker cannot be reached."""
    async with AsyncExitStack() as stack:
        consuming, cut_consuming = await stack.enter_async_context(_connected(url, "consume"))
        publishing, cut_publishing = await stack.enter_async_context(_connected(url, "publish"))

        def cut() -> None:
            cut_consuming()
            cut_publishing()

        try:
            publisher = await asked(publishing.channel(on_return_raises=False), "opening a channel")
        except LinkLostError:
            cut()
            raise
        assert isinstance(publisher, Channel)
        yield Link(consuming, publishing, publisher, cut)


@asynccontextmanager
async def _connected(url: str, purpose: str) -> AsyncIterator[tuple[Connection, Callable[[], None]]]:
    """A connection, and how to cut it."""
    target = URL(url).update_query(heartbeat=str(HEARTBEAT_SECONDS), name=f"govhub {purpose}")
    transport = TolerantTransport(target)
    connection = Connection(target, transport_factory=transport)
    await asked(connection.connect(), "connecting")
    try:
        yield connection, transport.abort
    finally:
        with suppress(LinkLostError):
            await asked(connection.close(ConnectionClosed(200, "closed by us")), "disconnecting")
