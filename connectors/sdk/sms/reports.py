# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Status reports on their way to the hub: the gateway is answered when the hub has a report, and not before."""

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Final

from connectors.sdk.answers import Heard
from connectors.sdk.sink import Context
from connectors.sdk.sms.line import Brought, Verdict

BEIJING: Final = timezone(timedelta(hours=8))
_TOGETHER: Final = 500
_MOST_WAITING: Final = 5_000
_AGAIN_SECONDS: Final = 1.0


class Reports:
    """Takes reports as they come and gives them on, many at once. Started and ended by who has them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: list[Brought] = []
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Give on what comes from now on."""
        self._task = asyncio.create_task(self._work())

    async def end(self) -> None:
        """Stop. What was not given on was not answered either: the gateway brings it again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._waiting.clear()

    def take(self, brought: Brought) -> None:
        """One more report."""
        if len(self._waiting) >= _MOST_WAITING:
            brought.answer(Verdict.BUSY)
            return
        self._context.metrics.count("reports", label=brought.state)
        self._waiting.append(brought)
        self._some.set()

    async def _work(self) -> None:
        while True:
            await self._some.wait()
            batch, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
            if not self._waiting:
                self._some.clear()
            answers = [one.report for one in batch if one.report is not None]
            try:
                heard = await self._context.answers.answered(answers)
            except LookupError:
                # Opened for a look alone, as by ``govhub connectors check``: the gateway brings them again, to the hub.
                return
            late = []
            for one, what in zip(batch, heard, strict=True):
                if what is Heard.TOO_MANY:
                    late.append(one)
                else:
                    one.answer(Verdict.TAKEN)
            if late:
                # The gateway waits for its answer as long as the hub's journal is away; it brings nothing beyond its window.
                self._waiting[:0] = late
                self._some.set()
                await asyncio.sleep(_AGAIN_SECONDS)


def moment(written: str) -> datetime | None:
    """YYMMDDHHMM, perhaps with seconds, in Beijing; None where it is none."""
    for form in ("%y%m%d%H%M", "%y%m%d%H%M%S"):
        try:
            return datetime.strptime(written, form).replace(tzinfo=BEIJING)
        except ValueError:
            continue
    return None
