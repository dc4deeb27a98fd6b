# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who waits at a mailbox (长轮询), woken one at a time in the order in which they came.

Thousands may wait. Each of them asking the journal every second would be all the journal does, and one message waking them
all would be thousands of questions for one answer. So one looks; who finds all that it can carry rings for the next.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Doorbell:
    """Of one mailbox, for the tasks of one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._looking = 0
        self._rung = False

    @property
    def attended(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    def worth_a_look(self) -> bool:
        """Whether something may be there. Where others look or wait and it has not rung since, they found nothing."""
        return self._rung or not (self._looking or self._waiting)

    def ring(self) -> None:
        """Something may be there: wake the one who has waited longest, or let the next one look."""
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():
                first.set_result(None)
                return
        self._rung = True

    def wake_all(self) -> None:
        """Nobody need wait any longer."""
        for _ in range(len(self._waiting)):
            self.ring()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """For the length of a look; one that is broken off is somebody else's to repeat."""
        self._rung = False  # before looking: what is put there meanwhile rings again
        self._looking += 1
        try:
            yield
        except BaseException:
            self.ring()
            raise
        finally:
            self._looking -= 1

    async def rung(self, seconds: float) -> bool:
        """Wait to be woken, so many seconds at most: whether it rang.

        A waiter is one future and one timer: thousands of them are memory.
        """
        if self._rung:
            return True
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(woken)
        try:
            async with asyncio.timeout(seconds):
                await woken
        except TimeoutError:  # it may have rung at that very moment all the same
            return not woken.cancelled()
        except asyncio.CancelledError:
            if not woken.cancelled():
                self.ring()
            raise
        finally:
            if woken.cancelled() and woken in self._waiting:
                self._waiting.remove(woken)
        return True
