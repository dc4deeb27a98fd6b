# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Rows to a running hub, in batches, like anybody's messages: no faster than a rate, and again while the hub is away.

What was sent before is the same message and has the same receipt, so a load that was cut is simply run again.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson

from contracts.bindings import http
from contracts.text import Text
from hub.loading.checking import Fit, Unfit
from hub.ports.clock import Clock

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
_BUSY: Final = frozenset({429, 503})
_SECONDS: Final = aiohttp.ClientTimeout(total=120)


@dataclass(frozen=True, slots=True)
class Away:
    """The hub did not take anything for ``patience`` seconds."""

    reason: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The hub takes nothing of this sender: the key, or the address, is wrong."""

    status: int


@dataclass(slots=True, kw_only=True)
class Sender:
    """``most`` rows and ``most_bytes`` to a request; ``rate`` rows a second; ``patience`` in seconds."""

    session: aiohttp.ClientSession
    url: str
    key: str
    clock: Clock
    rate: float
    most: int = 100
    most_bytes: int = 900_000
    patience: float = 300.0
    _free_at: float = field(default=0.0, init=False)

    async def send(self, fits: Sequence[Fit]) -> AsyncIterator[tuple[Fit, Unfit | None] | Away | Denied]:
        """What became of each, in their order; None: taken, now or before. ``Away`` and ``Denied`` end it."""
        for part in self._parts(fits):
            answers = await self._sent(part)
            if isinstance(answers, Away | Denied):
                yield answers
                return
            for fit, answer in zip(part, answers, strict=True):
                yield fit, _unfit(fit, answer)

    def _parts(self, fits: Sequence[Fit]) -> list[list[Fit]]:
        parts: list[list[Fit]] = []
        size = 0
        for fit in fits:
            size += len(fit.row.body) + 1000
            if not parts or len(parts[-1]) >= self.most or size > self.most_bytes:
                parts.append([])
                size = len(fit.row.body) + 1000
            parts[-1].append(fit)
        return parts

    async def _sent(self, part: Sequence[Fit]) -> Sequence[dict[str, Any]] | Away | Denied:
        """Until none of them is to come again later: then everything that was not taken now is asked for once more."""
        await self._in_turn(len(part))
        body = b"[" + b",".join(http.write_structured(fit.event)[1] for fit in part) + b"]"
        began, pause = self.clock.monotonic(), _FIRST_PAUSE
        while True:
            answer = await self._posted(body)
            if isinstance(answer, Denied):
                return answer
            if isinstance(answer, list) and not any(one["status"] in _BUSY for one in answer):
                return answer
            if self.clock.monotonic() - began > self.patience:
                return Away(answer if isinstance(answer, str) else "busy")
            await self.clock.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _posted(self, body: bytes) -> list[dict[str, Any]] | Denied | str:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": http.BATCHED}
        try:
            async with self.session.post(
                f"{self.url}/v1/messages", data=body, headers=headers, timeout=_SECONDS
            ) as answer:
                said = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__
        if answer.status == 200:
            found: list[dict[str, Any]] = orjson.loads(said)
            return found
        return f"HTTP {answer.status}" if answer.status in _BUSY or answer.status >= 500 else Denied(answer.status)

    async def _in_turn(self, rows: int) -> None:
        now = self.clock.monotonic()
        wait = max(self._free_at - now, 0.0)
        self._free_at = max(self._free_at, now) + rows / self.rate
        if wait:
            await self.clock.sleep(wait)
        else:
            await asyncio.sleep(0)


def _unfit(fit: Fit, answer: dict[str, Any]) -> Unfit | None:
    if answer["status"] == 202:
        return None
    problem = answer["problem"]
    text = Text(str(problem["details"]["zh"]), str(problem["details"]["en"]))
    return Unfit(fit.row.file, fit.row.line, str(problem["code"]), text)
