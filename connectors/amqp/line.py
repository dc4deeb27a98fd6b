# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A way to a broker that connects when it is needed, and again when it was lost."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from yarl import URL

from connectors.amqp.config import BrokerConfig
from connectors.amqp.fate import LostError
from connectors.amqp.wire import Arrival, Wire
from connectors.sdk import Context

CONNECT_SECONDS = 10.0
_PORTS = {"amqp": 5672, "amqps": 5671}

Prepare = Callable[[Wire], Awaitable[None]]


class Line:
    """``prepare`` is done to every new connection before it is used. Concurrent callers share one attempt."""

    def __init__(
        self,
        broker: BrokerConfig,
        context: Context,
        *,
        confirms: bool,
        prepare: Prepare | None = None,
        arrived: Callable[[Arrival], None] = lambda _: None,
    ) -> None:
        self._broker = broker
        self._context = context
        self._confirms = confirms
        self._prepare = prepare
        self._arrived = arrived
        self._wire: Wire | None = None
        self._dialing: asyncio.Task[Wire] | None = None
        self._closed = False

    @property
    def now(self) -> Wire | None:
        """The connection, if there is one."""
        return self._wire if self._wire is not None and self._wire.lost is None else None

    async def wire(self) -> Wire:
        """A live connection. Raises :class:`LostError` when there is none to be had now."""
        if self._wire is not None and self._wire.lost is None:
            return self._wire
        if self._closed:
            raise LostError("closed by us")
        if self._dialing is None:
            self._dialing = asyncio.create_task(self._dial())
            self._dialing.add_done_callback(self._dialed)
        try:
            return await asyncio.shield(self._dialing)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise LostError("closed by us") from None  # it was the attempt that was cancelled, not we

    async def close(self) -> None:
        """Disconnect for good. Idempotent."""
        self._closed = True
        if self._dialing is not None:
            self._dialing.cancel()
            await asyncio.wait({self._dialing})
        if self._wire is not None:
            await self._wire.close()

    def _dialed(self, task: asyncio.Task[Wire]) -> None:
        self._dialing = None
        if not task.cancelled() and task.exception() is None:
            self._wire = task.result()

    async def _dial(self) -> Wire:
        url = URL(self._broker.url)
        wire = Wire(self._arrived)
        try:
            # Not every resolver error is an OSError: a label that is too long is a UnicodeError.
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().create_connection(
                    lambda: wire, str(url.raw_host), url.port or _PORTS[url.scheme], ssl=self._tls(url)
                )
            await wire.open(
                self._broker.user,
                self._password(),
                url.path.removeprefix("/") or "/",
                f"govhub {self._context.destination}",
                confirms=self._confirms,
            )
            if self._prepare is not None:
                await self._prepare(wire)
        except TimeoutError:
            await wire.close()
            raise LostError(f"no connection within {CONNECT_SECONDS:g} s") from None
        except (OSError, UnicodeError) as error:
            await wire.close()
            raise LostError(f"no connection: {type(error).__name__}") from error
        except BaseException:
            await wire.close()
            raise
        return wire

    def _tls(self, url: URL) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self._broker.tls_ca_file) if url.scheme == "amqps" else None

    def _password(self) -> str:
        name = self._broker.password_secret
        if name is None:
            return self._broker.user
        try:
            return self._context.secret(name)
        except KeyError:
            raise LostError(f"the secret {name.name} is not there") from None
