# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One connection to a gateway: a window of submissions, tests of the line when it is silent, and one end for everybody.

The protocols for text messages allow a command without an answer to be sent again. A login and a test of the line are; a
submission is not: the gateway may have taken it, and a person would get it twice.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from connectors.sdk.outcomes import Unavailable

A = TypeVar("A")
F = TypeVar("F")
F_co = TypeVar("F_co", covariant=True)

MOST_ODD: Final = 100
"""So many packets that no gateway sends are passed over; then the connection is given up."""


class Unanswered(Exception):  # noqa: N818  # because it is a state of a submission and no error of ours
    """A submission went out and no answer came: whether it was taken is unknown. The text says why, with a stable first word."""


@dataclass(frozen=True, slots=True)
class Desynchronised:
    """What comes is no packet, so where the next one begins is unknown: the connection is of no use any more."""

    length: int


class Reader(Protocol[F_co]):
    """Makes packets of octets."""

    def feed(self, data: bytes) -> Iterator[F_co | Desynchronised]:
        """Every packet that is complete now."""
        ...


class Listener(Protocol):
    """Who is told that a connection is over; called on the loop."""

    def ended(self, conversation: "Conversation[Any, Any]") -> None:
        """It is over; ``reason`` says why."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """``window``: submissions without an answer. Seconds: of silence before a test, and for an answer. ``tests`` in a row."""

    window: int
    idle_seconds: float
    answer_seconds: float
    tests: int


class Conversation(asyncio.Protocol, ABC, Generic[F, A]):
    """``F`` is a packet, ``A`` the answer to a submission. A protocol says what its packets are."""

    def __init__(self, pace: Pace, listener: Listener, reader: Reader[F], first_sequence: int) -> None:
        self.reason = ""
        """Why it is over; empty as long as it is not."""
        self.pace = pace
        self.loop = asyncio.get_running_loop()
        self._listener = listener
        self._reader = reader
        self._sequence = first_sequence
        self._transport: asyncio.Transport | None = None
        self._submitted: dict[int, asyncio.Future[A]] = {}
        self._awaited: asyncio.Future[Any] | None = None
        self._window = asyncio.Semaphore(pace.window)
        self._heard = 0.0
        self._tests = 0
        self._timer: asyncio.TimerHandle | None = None
        self._odd = 0

    @abstractmethod
    def understood(self, frame: F) -> None:
        """A packet came."""

    @abstractmethod
    def test(self) -> bytes:
        """A packet that asks whether somebody is there."""

    @abstractmethod
    def farewell(self) -> bytes:
        """A packet that says good-bye."""

    @property
    def alive(self) -> bool:
        """Whether something can be sent by it."""
        return not self.reason and self._transport is not None

    def next_sequence(self) -> int:
        """A number for a packet that wants an answer; 31 bits, never 0."""
        self._sequence = self._sequence % 0x7FFF_FFFF + 1
        return self._sequence

    async def submit_octets(self, sequence: int, octets: bytes, seconds: float) -> A | Unavailable:
        """One submission, once. ``Unavailable``: nothing of it has left. Raises :class:`Unanswered` when it left in vain."""
        deadline = self.loop.time() + seconds
        try:
            async with asyncio.timeout_at(deadline):
                await self._window.acquire()
        except TimeoutError:
            return Unavailable(
                "WINDOW_FULL: 网关未应答此前的提交 / the gateway has not answered what was submitted before"
            )
        if not self.alive:
            self._window.release()
            return Unavailable(f"LINE_DOWN: {self.reason or 'not connected'}")
        answer: asyncio.Future[A] = self.loop.create_future()
        self._submitted[sequence] = answer
        self.write(octets)
        # The place in the window is taken until the gateway has answered, also when nobody waits for it any more.
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(answer)
        except TimeoutError:
            self.loop.call_later(self.pace.answer_seconds, self._forget, sequence)
            raise Unanswered("NO_ANSWER: 网关在限时内未应答 / the gateway did not answer in time") from None
        except asyncio.CancelledError:
            self.loop.call_later(self.pace.answer_seconds, self._forget, sequence)
            raise

    def answered(self, sequence: int, answer: A) -> None:
        """An answer came; a second one, or one to what was given up, is passed over."""
        waiting = self._submitted.pop(sequence, None)
        if waiting is None:
            return
        self._window.release()
        if not waiting.done():
            waiting.set_result(answer)

    async def login(self, octets: bytes) -> Any | Unavailable:
        """Send a login and wait for what is given to :meth:`logged_in`."""
        self._awaited = self.loop.create_future()
        self.write(octets)
        try:
            async with asyncio.timeout(self.pace.answer_seconds):
                return await self._awaited
        except TimeoutError:
            return Unavailable("LOGIN_UNANSWERED: 网关未应答登录 / the gateway does not answer a login")
        except Unanswered as error:
            return Unavailable(f"LOGIN_CUT: 登录时连接断开 / the connection ended during the login ({error})")

    def logged_in(self, answer: Any) -> None:
        """The answer to a login came."""
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(answer)

    def odd(self) -> None:
        """A packet came that no gateway sends, or one that cannot be read."""
        self._odd += 1
        if self._odd > MOST_ODD:
            self.over("MALFORMED: too many packets that no gateway sends")

    def write(self, octets: bytes) -> None:
        """Send."""
        assert self._transport is not None, "it is connected"
        self._transport.write(octets)

    def end(self, reason: str) -> None:
        """Say good-bye and hang up, without waiting for anybody."""
        if self.alive:
            self.write(self.farewell())
        self.over(reason)

    def watch(self) -> None:
        """Test the line when it has been silent; give it up when so many tests in a row have no answer."""
        if self.reason:
            return
        left = self.pace.idle_seconds - (self.loop.time() - self._heard)
        if not self._tests and left > 0:
            self._timer = self.loop.call_later(left, self.watch)
        elif self._tests >= self.pace.tests:
            self.over("SILENT: the gateway does not answer a test of the line")
        else:
            self._tests += 1
            self.write(self.test())
            self._timer = self.loop.call_later(self.pace.answer_seconds, self.watch)

    def over(self, reason: str) -> None:
        """Hang up; whoever waits for an answer learns that none will come."""
        if self.reason:
            return
        self.reason = reason
        if self._timer is not None:
            self._timer.cancel()
        waiting: list[asyncio.Future[Any]] = [*self._submitted.values()]
        if self._awaited is not None:
            waiting.append(self._awaited)
        for answer in waiting:
            if not answer.done():
                answer.set_exception(Unanswered(reason))
                answer.exception()  # read here, since perhaps nobody waits for it any more
        for _ in range(len(self._submitted)):
            self._window.release()
        self._submitted.clear()
        if self._transport is not None:
            self._transport.close()
        self._listener.ended(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio says."""
        # Cast and not asserted: the transports of uvloop, which the hub runs on, are no instances of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._heard = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """As asyncio says."""
        self._heard = self.loop.time()
        self._tests = 0
        for frame in self._reader.feed(data):
            if self.reason:
                return
            if isinstance(frame, Desynchronised):
                self.over(f"DESYNCHRONISED: a packet of {frame.length} octets cannot be")
                return
            self.understood(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio says."""
        self.over(f"CLOSED: {type(exc).__name__}" if exc is not None else "CLOSED: by the gateway")

    def _forget(self, sequence: int) -> None:
        if (answer := self._submitted.pop(sequence, None)) is not None:
            answer.cancel()
            self._window.release()


C = TypeVar("C", bound=Conversation[Any, Any])


async def connected(make: Callable[[], C], host: str, port: int, seconds: float) -> C | Unavailable:
    """A connection that is not logged in yet; ``make`` makes the protocol. ``Unavailable`` where there is none to have."""
    try:
        async with asyncio.timeout(seconds):
            _, conversation = await asyncio.get_running_loop().create_connection(make, host, port)
    except TimeoutError:
        return Unavailable("CONNECT_TIMED_OUT: 连接网关超时 / the gateway cannot be reached in time")
    except OSError as error:
        return Unavailable(f"CONNECT_FAILED: 连接网关失败 / the gateway cannot be reached ({type(error).__name__})")
    return conversation
