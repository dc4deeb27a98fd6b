# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A recipient, a process of its own: ``python -m tests.faults.recipient LEDGER TOKEN keeps|blind``.

``keeps``: knows the idempotency key, so a repeat is none. ``blind``: every arrival is an effect. Every effect is on disk
before it is answered. Says its port; told ``slow SECONDS`` or ``well`` on its input; ends when that is closed.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from hub.demo.far.inbox import Inbox
from hub.demo.far.ledger import Ledger, payload_digest
from hub.demo.far.reception import Reception
from hub.demo.far.temper import Slow, Temper, Well


class BlindInbox(Inbox):
    """Has no memory of keys."""

    async def take(self, key: str, event: dict[str, Any]) -> bool:
        await self._ledger.write(
            "effect", key=key, id=event["id"], source=event["source"], case=event["subject"], contract=event["type"],
            order=0, digest=payload_digest(event["data"]),
        )  # fmt: skip
        return True


async def _nobody(event: dict[str, Any]) -> None:
    """Nothing follows from an effect here."""


async def _play(path: Path, token: str, kind: str) -> None:
    ledger = Ledger(path)
    inbox = (BlindInbox if kind == "blind" else Inbox)(ledger, path, _nobody)
    mood: list[Temper] = [Well()]
    reception = Reception(inbox, token, lambda _key, _attempt: mood[-1])
    print(await reception.open(), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        match line.decode().split():
            case ["slow", seconds]:
                mood.append(Slow(float(seconds)))
            case _:
                mood.append(Well())
    await reception.close()
    await ledger.close()


if __name__ == "__main__":
    asyncio.run(_play(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
