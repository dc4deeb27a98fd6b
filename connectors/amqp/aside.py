# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Setting refused messages aside: a copy with the reason goes to another queue, and only then is the message let go."""

import asyncio
from collections.abc import Callable

from connectors.amqp.config import SourceConfig
from connectors.amqp.envelope import Address
from connectors.amqp.fate import Confirmed, Fate, LostError
from connectors.amqp.line import Line
from connectors.amqp.wire import Arrival
from connectors.sdk import Context, Refused

_RETRY_SECONDS = 2.0
_CONFIRM_SECONDS = 10.0
_WINDOW = 100


class Aside:
    """Works off what is ``put``, until closed. ``safe`` is called with the token of each message whose copy is safe."""

    def __init__(self, config: SourceConfig, context: Context, queue: str, safe: Callable[[int], None]) -> None:
        self._queue = queue
        self._context = context
        self._safe = safe
        self._address = Address("", queue)
        self._line = Line(config, context, confirms=True)  # a connection of its own: a broker may block publishers
        self._waiting: asyncio.Queue[tuple[int, Arrival, Refused]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._told = False

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._work(), name=f"set aside to {self._queue}")

    async def close(self) -> None:
        """What is not yet safe stays where it was."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._line.close()

    def put(self, token: int, arrival: Arrival, refused: Refused) -> None:
        """Bounded by the prefetch: each is an unsettled message."""
        self._waiting.put_nowait((token, arrival, refused))

    async def _work(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _WINDOW and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            while batch := await self._copied(batch):  # noqa: ASYNC110  # because the broker does not say when it will
                await asyncio.sleep(_RETRY_SECONDS)

    async def _copied(self, batch: list[tuple[int, Arrival, Refused]]) -> list[tuple[int, Arrival, Refused]]:
        """Publish the copies; those that must be tried again."""
        try:
            wire = await self._line.wire()
            await wire.clear()
        except LostError as loss:
            self._complain(str(loss))
            return batch
        fates = [
            wire.publish(self._envelope(arrival, refused), arrival.properties.message_id, arrival.body)
            for _, arrival, refused in batch
        ]
        await asyncio.wait(fates, timeout=_CONFIRM_SECONDS)
        left = [one for one, fate in zip(batch, fates, strict=True) if not self._is_safe(one[0], fate)]
        self._told = self._told and bool(left)
        return left

    def _is_safe(self, token: int, fate: "asyncio.Future[Fate]") -> bool:
        if fate.done() and isinstance(fate.result(), Confirmed):
            self._safe(token)
            return True
        self._complain(type(fate.result()).__name__ if fate.done() else "no confirm in time")
        return False

    def _envelope(self, arrival: Arrival, refused: Refused) -> bytes:
        """The message as it came, with the reason beside it; without its properties where AMQP cannot write them again."""
        properties = arrival.properties
        ours = {"govhub-code": refused.code, "govhub-problem": refused.problem.decode(errors="replace")}
        content_type = properties.content_type or "application/octet-stream"
        size = len(arrival.body)
        return (
            self._address.envelope(
                size,
                content_type,
                {**properties.headers, **ours},
                properties.message_id,
                properties.correlation_id,
            )
            or self._address.envelope(size, "application/octet-stream", dict(ours))
            or self._address.envelope(size, "application/octet-stream", {"govhub-code": refused.code})
            or b""
        )

    def _complain(self, reason: str) -> None:
        if not self._told:
            self._context.log.error("cannot set aside", queue=self._queue, reason=reason)
            self._told = True
