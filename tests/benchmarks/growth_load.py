# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The sender of the growth benchmark, in a process of its own: message by message, the item of the next route.

    python -m tests.benchmarks.growth_load      reads one JSON order per line, answers one JSON result per line

The orders are those of :mod:`hub.bench.load`; ``rules`` says how many items there are.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import uvloop

from hub.bench.load import Order, Sender, obey
from hub.bench.payload import Payload


def item(rule: int) -> str:
    """The item code (实施编码) that this route asks for."""
    return f"11510502000000000840001310{rule:05}"


class Items(Payload):
    """Applications for so many items in turn, whatever their cases."""

    def __init__(self, cases: int, rules: int) -> None:
        self._rules = rules
        self._written = b""
        super().__init__(cases)  # which asks for a body already, to see how long it is
        self._written = orjson.dumps(self._data["item_code"])

    def body(self, number: int, due: float) -> bytes:
        """The payload's, about another item. Replacing bytes is cheap: the sender shares the machine."""
        body = super().body(number, due)
        return body.replace(self._written, orjson.dumps(item(number % self._rules))) if self._written else body


class _ItemSender(Sender):
    def __init__(self, order: Order) -> None:
        super().__init__(order)
        self._payload = Items(int(str(order["cases"])), int(str(order["rules"])))


@asynccontextmanager
async def loading() -> AsyncIterator[asyncio.subprocess.Process]:
    """The sender's process, for the length of a block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.growth_load",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    uvloop.run(obey(_ItemSender))
