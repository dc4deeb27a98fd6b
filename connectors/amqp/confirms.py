# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The messages published on one channel and not yet confirmed."""

import asyncio
from dataclasses import dataclass

from connectors.amqp.fate import Confirmed, Cut, Fate, Nacked, Returned, TooLarge


@dataclass(slots=True)
class _Pending:
    message_id: str | None
    size: int
    fate: "asyncio.Future[Fate]"
    returned: str | None = None


class Confirms:
    """Numbers what is published, as the broker does, and tells each what became of it. No future is ever an exception."""

    def __init__(self) -> None:
        self._pending: dict[int, _Pending] = {}
        self._published = 0

    def expect(self, message_id: str | None, size: int) -> "asyncio.Future[Fate]":
        """One more is being published."""
        fate: asyncio.Future[Fate] = asyncio.get_running_loop().create_future()
        self._published += 1
        self._pending[self._published] = _Pending(message_id, size, fate)
        return fate

    def confirm(self, tag: int, *, acked: bool, multiple: bool) -> None:
        """The broker's word about one message, or about all up to it."""
        for one in [one for one in self._pending if one <= tag] if multiple else [tag]:
            pending = self._pending.pop(one, None)
            if pending is None or pending.fate.done():
                continue
            if not acked:
                pending.fate.set_result(Nacked())
            else:
                pending.fate.set_result(Returned(pending.returned) if pending.returned else Confirmed())

    def returned(self, message_id: str | None, reason: str) -> None:
        """The broker gives a message back; its confirm follows. It bears no number, but its id."""
        for one in self._pending.values():
            if one.returned is None and one.message_id == message_id:
                one.returned = reason
                return

    def end(self, reason: str, code: int) -> None:
        """The connection is over. When the broker ended it over a size, the message of that size is known."""
        largest = _size_refused(reason) if code == 406 else None
        pending, self._pending = self._pending, {}
        for one in pending.values():
            if not one.fate.done():
                one.fate.set_result(TooLarge() if largest is not None and one.size > largest else Cut(reason))


def _size_refused(reason: str) -> int | None:
    """The largest size a broker takes, out of its refusal of a larger one (RabbitMQ: ``… configured max size 16``)."""
    _, found, size = reason.rpartition("max size ")
    return int(size) if found and size.isdigit() else None
