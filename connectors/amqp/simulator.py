# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that has message queues on a broker that is given, and a line from the hub to that broker, with trouble.

govhub simulate amqp --option url=amqp://127.0.0.1:5672/ --port 5673 --script "ok,forget,good,twice,cut,restart"

The hub's ``url`` is the address that it tells: the line's. Words of its programme are one for each message of its queue, words of
what it puts one after another, words of the line one for each message that the hub publishes.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Self

from yarl import URL

from connectors.amqp.simulated_department import Programme
from connectors.amqp.simulated_line import Line, Trouble
from connectors.amqp.simulator_words import ON_THE_LINE, AmqpOptions, Step
from connectors.sdk.simulator import Simulator
from contracts.text import Text

_PORTS = {"amqp": 5672, "amqps": 5671}
_START_SECONDS = 15.0
_CANCEL_SECONDS = 1.0


class WorkingDepartment:
    """The programme and the line, as long as it is entered."""

    def __init__(self, script: Iterable[Step], host: str, port: int, options: AmqpOptions) -> None:
        words = tuple(script)
        self._befall = deque(Trouble(str(one)) for one in words if one in ON_THE_LINE)
        self.options = options
        self.programme = Programme(options, [one for one in words if one not in ON_THE_LINE])
        self.restarts = asyncio.Condition()
        """Notified when the line that a word restarted is back."""
        url = URL(options.url)
        self._url = url
        tls = ssl.create_default_context() if url.scheme == "amqps" else None
        self._line = Line(
            (url.raw_host or "", url.port or _PORTS.get(url.scheme, 0), tls),
            (host, port),
            lambda: self._befall.popleft() if self._befall else Trouble.PASS,
            slow_seconds=options.slow_seconds,
            away_seconds=options.away_seconds,
            restarts=self.restarts,
        )
        self._stack = AsyncExitStack()

    @property
    def address(self) -> str:
        """What the hub's settings have as ``url``."""
        host, port = self._line.place
        return f"amqp://{host}:{port}{self._url.raw_path or '/'}"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._line)
            working = asyncio.create_task(self.programme.run())
            stack.push_async_callback(_ended, working)
            await self._begun()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _begun(self) -> None:
        """Wait until its queues are there. Raises ``OSError`` when there are none to be had."""
        programme = self.programme
        try:
            async with asyncio.timeout(_START_SECONDS), programme.changed:
                await programme.changed.wait_for(lambda: programme.connected or programme.trouble)
        except TimeoutError:
            programme.trouble = "no answer"
        if not programme.connected:
            raise OSError(0, f"{self.options.url}: {programme.trouble}")


async def _ended(working: asyncio.Task[None]) -> None:
    while not working.done():  # a library may have swallowed a cancellation
        working.cancel()
        await asyncio.wait({working}, timeout=_CANCEL_SECONDS)


SIMULATOR = Simulator(
    name="amqp",
    about=Text(
        "用消息队列的部门：在给定的消息服务器上取、确认、放入，并在中枢与服务器之间转接、按剧本出故障。",
        "A department that has message queues: consumes, acknowledges and puts at a broker that is given, and listens between "
        "the hub and that broker, with trouble as the script says.",
    ),
    words=Step,
    options=AmqpOptions,
    start=WorkingDepartment,
)
