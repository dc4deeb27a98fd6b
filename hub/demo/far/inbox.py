# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What arrives takes effect once: the ledger is the memory, and a known key is a repeat without effect."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hub.demo.far.ledger import Ledger, entries, payload_digest

OnEffect = Callable[[dict[str, Any]], Awaitable[None]]


class Inbox:
    """``on_effect`` is told of every message that took effect, once, after it is on disk."""

    def __init__(self, ledger: Ledger, path: Path, on_effect: OnEffect) -> None:
        self._ledger = ledger
        self._on_effect = on_effect
        self._known: dict[str, asyncio.Future[None]] = {}
        self._earlier = {entry["key"] for entry in entries(path) if entry["kind"] == "effect"}

    async def take(self, key: str, event: dict[str, Any]) -> bool:
        """Whether the message took effect now; False: it had before. In both cases that is on disk when this returns."""
        if key in self._earlier:
            await self._ledger.write("repeat", key=key, id=event["id"])
            return False
        if (known := self._known.get(key)) is not None:
            await known
            await self._ledger.write("repeat", key=key, id=event["id"])
            return False
        done = self._known[key] = asyncio.get_running_loop().create_future()
        await self._ledger.write(
            "effect",
            key=key,
            id=event["id"],
            source=event["source"],
            case=event.get("subject", ""),
            contract=event["type"],
            order=int(event.get("sequence", "0")),
            digest=payload_digest(event["data"]),
        )
        done.set_result(None)
        await self._on_effect(event)
        return True
