# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Looking by ourselves: what waits for us at the platform comes in, whether its notice came, was lost, or was never sent.

A record that was announced and fetched is acknowledged, so it waits no more. Should both come to it at once, the journal knows
the second by its id.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from connectors.sdk import (
    Context,
    Delivered,
    Disposition,
    Item,
    NotNow,
    Outcome,
    Refused,
    Rejected,
    Unavailable,
)
from connectors.sharing_platform.calling import Platform
from connectors.sharing_platform.collecting import Collecting, item_of
from connectors.sharing_platform.config import SharingSourceConfig
from connectors.sharing_platform.record import Record
from connectors.sharing_platform.store import RecordStore, Waiting

_CALL_SECONDS = 30.0
_CHECK_SECONDS = 10.0
_RETRY_SECONDS = 0.5
_LONGEST_RETRY_SECONDS = 30.0
_LEAVE_SECONDS = 3.0
_UNREADABLE = Refused("E_RECORD_UNREADABLE", b'{"code":"E_RECORD_UNREADABLE","status":422}')


@dataclass(frozen=True, slots=True)
class _InHand:
    key: str
    item: Item


class SharingSource:
    """One platform's records for us."""

    def __init__(self, config: SharingSourceConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._platform = Platform(config.platform, context)
        self._store = RecordStore(self._platform, config.platform, config.services)
        self._collecting = Collecting(
            self._store, context, materials=config.services.fetch_material is not None and context.shelf is not None
        )
        self._in_hand: dict[int, _InHand] = {}
        self._again: deque[int] = deque()
        self._telling: dict[str, Disposition] = {}
        self._last = 0
        self._stirred = asyncio.Event()
        self._decided = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._leaving = False
        self._told: str | None = None
        self._pause = 0.0

    async def __aenter__(self) -> Self:
        await self._platform.__aenter__()
        self._worker = asyncio.create_task(self._tell(), name=f"acknowledge records of {self._context.destination}")
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._leaving = True
        self._decided.set()
        if self._worker is not None:
            await asyncio.wait({self._worker}, timeout=_LEAVE_SECONDS)
            self._worker.cancel()
            await asyncio.wait({self._worker})
        await self._platform.__aexit__(*exc)

    async def take(self) -> Sequence[Item]:
        """As the port says."""
        while True:
            if self._again:
                tokens = list(self._again)
                self._again.clear()
                return [self._in_hand[token].item for token in tokens]
            self._stirred.clear()
            await self._look()
            if self._again:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause or self._config.poll_seconds):
                    await self._stirred.wait()

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        """As the port says."""
        for token, answer in answers:
            if token not in self._in_hand:
                continue
            if isinstance(answer, NotNow):
                self._again.append(token)
            else:
                self._telling[self._in_hand.pop(token).key] = answer
        self._stirred.set()
        self._decided.set()

    async def check(self) -> Outcome:
        """Whether the platform lists what waits for us."""
        listed = await self._store.waiting({"limit": 1}, _CHECK_SECONDS)
        return Delivered() if isinstance(listed, Waiting) else listed

    async def _look(self) -> None:
        """Take into hand what waits, as far as there is room. Cancelled in between, nothing in hand is forgotten."""
        room = self._config.prefetch - len(self._in_hand)
        if room <= 0:
            return
        before = {one.key for one in self._in_hand.values()} | self._telling.keys()
        wish: dict[str, object] = {"limit": room + len(before), "settled_seconds": self._config.settle_seconds}
        if self._config.of is not None:
            wish["record_source"] = self._config.of
        listed = await self._store.waiting(wish, _CALL_SECONDS)
        if not isinstance(listed, Waiting):
            self._trouble(listed)
            return
        # What was settled and told while the list was on its way stands in it still.
        known = before | {one.key for one in self._in_hand.values()} | self._telling.keys()
        self._well()
        for key in [one for one in listed.keys if one not in known][:room]:
            fetched = await self._collecting.fetched(key, _CALL_SECONDS)
            match fetched:
                case Record():
                    self._last += 1
                    self._in_hand[self._last] = _InHand(key, item_of(self._last, fetched))
                    self._again.append(self._last)
                case Rejected():  # it will never be readable: told to whoever put it there, and those behind it go on
                    self._telling[key] = _UNREADABLE
                    self._decided.set()
                case Unavailable():
                    self._trouble(fetched)
                    break
                case _:
                    continue  # acknowledged by somebody in between

    async def _tell(self) -> None:
        """Acknowledge what was decided, until it is heard; what is lost at the end comes again, and the journal knows it."""
        while not (self._leaving and not self._telling):
            await self._decided.wait()
            self._decided.clear()
            for key, answer in list(self._telling.items()):
                failed = await self._collecting.acknowledged(key, answer, _CALL_SECONDS)
                if isinstance(failed, Unavailable):
                    self._trouble(failed)
                    await asyncio.sleep(_RETRY_SECONDS)
                    self._decided.set()
                    break
                self._telling.pop(key, None)
            if self._leaving:
                self._decided.set()

    def _trouble(self, failed: Rejected | Unavailable) -> None:
        code = failed.code if isinstance(failed, Rejected) else failed.reason.partition(":")[0]
        self._pause = min(max(self._pause * 2, _RETRY_SECONDS), _LONGEST_RETRY_SECONDS)
        if self._told is None:
            self._told = code
            self._context.log.warning("sharing platform away", code=code)

    def _well(self) -> None:
        self._pause = 0.0
        if self._told is not None:
            self._told = None
            self._context.log.info("sharing platform back")
