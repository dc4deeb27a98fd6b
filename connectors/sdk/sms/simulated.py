# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the simulated gateways have in common: connections, what they bring until it is answered, and being away."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from itertools import count
from typing import Any, Generic, Self, TypeVar, cast

from connectors.sdk.sms.conversation import Desynchronised, Reader

D = TypeVar("D")


class SimulatedGateway(ABC, Generic[D]):
    """Used as an async context manager. ``D`` is what it brings."""

    def __init__(
        self, script: Iterator[Any], place: tuple[str, int], again_seconds: float, away_seconds: float
    ) -> None:
        self.steps = script
        """What becomes of submissions; may be replaced."""
        self.again_seconds = again_seconds
        """When a delivery without an answer comes again."""
        self.taken: list[Any] = []
        """Everything it took, in order; what stands twice was submitted twice."""
        self.ids: list[int] = []
        """The number under which each of these is known."""
        self.undelivered: dict[int, D] = {}
        """What it brings and has no answer to yet."""
        self.refused: list[int] = []
        """The results with which something that it brought was not taken."""
        self.logins = 0
        self.malformed: list[str] = []
        self._away_seconds = away_seconds
        self._place = place
        self._server: asyncio.Server | None = None
        self._connections: set[SimulatedConnection[D]] = set()
        self.numbers = count(1)
        self._changed = asyncio.Condition()
        self._watchers = 0
        self._background: set[asyncio.Task[None]] = set()

    @abstractmethod
    def connection(self) -> "SimulatedConnection[D]":
        """A new connection to somebody."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._background:
            task.cancel()
        await self.shut()

    @property
    def address(self) -> str:
        """Host and port."""
        host, port = self._place
        return f"{host}:{port}"

    @property
    def port(self) -> int:
        """The port it listens at."""
        return self._place[1]

    @property
    def listening(self) -> bool:
        """Whether anybody can connect."""
        return self._server is not None

    @property
    def somebody(self) -> bool:
        """Whether anybody is logged in."""
        return any(one.logged_in for one in self._connections)

    async def open(self) -> None:
        """Listen, at the same port as before."""
        self._server = await asyncio.get_running_loop().create_server(self.connection, *self._place)
        self._place = (self._place[0], self._server.sockets[0].getsockname()[1])

    async def shut(self) -> None:
        """End all connections and listen no more."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for connection in [*self._connections]:
            connection.abort()
        if server is not None:
            await server.wait_closed()

    def restart(self) -> None:
        """Be away for a moment."""
        self.later(self._restart())

    def later(self, work: Coroutine[None, None, None]) -> None:
        """Something that goes on beside."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def bring(self, pdu: D) -> None:
        """Deliver this by any connection, until it has an answer."""
        key = next(self.numbers)
        self.undelivered[key] = pdu
        for connection in self._connections:
            if connection.logged_in:
                connection.bring(key, pdu)
                return

    def write_to_all(self, octets: bytes) -> None:
        """Send this to everybody who is logged in."""
        for connection in self._connections:
            if connection.logged_in:
                connection.write(octets)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once a condition holds, looked at whenever something happens."""
        self._watchers += 1
        try:
            async with self._changed:
                await self._changed.wait_for(condition)
        finally:
            self._watchers -= 1

    def joined(self, connection: "SimulatedConnection[D]") -> None:
        """Somebody connected."""
        self._connections.add(connection)

    def gone(self, connection: "SimulatedConnection[D]") -> None:
        """Somebody left; what was brought to them is brought to the next."""
        self._connections.discard(connection)

    def happened(self) -> None:
        """Something did."""
        if not self._watchers:
            return

        async def tell() -> None:
            async with self._changed:
                self._changed.notify_all()

        self.later(tell())

    def resume(self, connection: "SimulatedConnection[D]") -> None:
        """Bring to a new login what waits."""
        for key, pdu in self.undelivered.items():
            connection.bring(key, pdu)

    async def _restart(self) -> None:
        await self.shut()
        await asyncio.sleep(self._away_seconds)
        await self.open()


class SimulatedConnection(asyncio.Protocol, ABC, Generic[D]):
    """An account that is connected, or somebody who pretends to be one."""

    def __init__(self, gateway: SimulatedGateway[D], reader: Reader[Any]) -> None:
        self.logged_in = False
        self._house = gateway
        self._reader = reader
        self._transport: asyncio.Transport | None = None
        self._sequences = count(1)
        self._brought: dict[int, int] = {}
        self._trickling = False
        self._held = bytearray()

    @abstractmethod
    def understood(self, frame: Any) -> None:
        """A packet came."""

    @abstractmethod
    def packet(self, pdu: D, sequence: int) -> bytes:
        """A delivery in octets."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Cast and not asserted: the transports of uvloop, which the hub runs on, are no instances of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._house.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # because why does not matter here
        self._house.gone(self)
        self._house.happened()

    def data_received(self, data: bytes) -> None:
        for frame in self._reader.feed(data):
            if isinstance(frame, Desynchronised):
                self._house.malformed.append(f"length {frame.length}")
                self._house.happened()
                self.abort()
                return
            self.understood(frame)

    def abort(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def bring(self, key: int, pdu: D) -> None:
        """Deliver, and again while there is no answer."""
        sequence = next(self._sequences)
        self._brought[sequence] = key
        self.write(self.packet(pdu, sequence))
        asyncio.get_running_loop().call_later(self._house.again_seconds, self._once_more, sequence)

    def _once_more(self, sequence: int) -> None:
        key = self._brought.get(sequence)
        if key is not None and key in self._house.undelivered:
            self.write(self.packet(self._house.undelivered[key], sequence))

    def settled(self, sequence: int, result: int) -> None:
        """An answer to a delivery came."""
        key = self._brought.pop(sequence, None)
        if result:
            self._house.refused.append(result)
        elif key is not None:
            self._house.undelivered.pop(key, None)
        self._house.happened()

    def next_sequence(self) -> int:
        """A number of its own."""
        return next(self._sequences)

    def hang_up(self) -> None:
        """End it when everything has left."""
        if self._transport is not None:
            self._transport.close()

    async def trickle(self, octets: bytes) -> None:
        """Send octet by octet. What is sent meanwhile follows: packets never get into each other."""
        if self._trickling:
            self._held += octets
            return
        self._trickling = True
        for octet in octets:
            self._put(bytes([octet]))
            await asyncio.sleep(0)
        self._trickling = False
        held, self._held = bytes(self._held), bytearray()
        self._put(held)

    def write(self, octets: bytes) -> None:
        """Send, if somebody is there."""
        if self._trickling:
            self._held += octets
        else:
            self._put(octets)

    def _put(self, octets: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            with suppress(RuntimeError):
                self._transport.write(octets)
