# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Three providers in one process: an SMS gateway, a seal platform, a carrier, as their connectors ship them for rehearsals.

``python -m hub.demo.providers FILE``. FILE is its part (JSON). It says where they are on standard output and ends when standard
input is closed. What they themselves count goes into their book, a JSON object that is written anew whenever it changes.
"""

import asyncio
import hashlib
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from connectors.e_seal.simulator import Options as SealOptions
from connectors.e_seal.simulator import SealPlatform
from connectors.e_seal.simulator import Step as Seal
from connectors.logistics.simulator import Carrier
from connectors.logistics.simulator import Options as CarrierOptions
from connectors.logistics.simulator import Step as Order
from connectors.sms_cmpp.simulator import Gateway
from connectors.sms_cmpp.simulator_words import GatewayOptions
from connectors.sms_cmpp.simulator_words import Step as Text

TEXTS = (Text.OK, Text.THROTTLE, Text.SPLIT, Text.TWICE, Text.LATE, Text.EARLY, Text.GLUE)
SEALS = (Seal.OK, Seal.LOST, Seal.CALLBACK_TWICE, Seal.BUSY, Seal.CALLBACK_NEVER)
ORDERS = (Order.OK, Order.BUSY, Order.CUT, Order.BROKEN)
"""A little trouble of every kind at the beginning; then all is well."""

PICKED_UP, SIGNED_FOR = "50", "80"
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """Where the hub is and what all of them share with it."""

    book: str
    hub: str
    anchors: str
    sms: str
    seal: str
    word: str
    push: str
    run: str


class Providers:
    """The three of them, and their book."""

    def __init__(self, part: Part) -> None:
        self._book = Path(part.book)
        self.gateway = Gateway(TEXTS, options=GatewayOptions(secret=part.sms))
        self.seals = SealPlatform(SEALS, options=SealOptions(secret=part.seal, anchors=part.anchors))
        push = f"{part.hub}/v1/in/sf-routes/{part.push}"
        # The numbers of two mornings differ, as those of a carrier do: the hub knows events again by them.
        first = 1 + int(part.run, 16) * 100_000
        self.carrier = Carrier(ORDERS, options=CarrierOptions(word=part.word, push_url=push, first=first))
        self._pushed = Counter[str]()
        self._written = b""

    def where(self) -> dict[str, Any]:
        """Their addresses."""
        return {"sms_port": self.gateway.port, "seals_url": self.seals.address, "sf_url": self.carrier.address}

    async def work(self) -> None:
        """Tell of every parcel's way, and keep the book."""
        while True:
            for order in list(self.carrier.orders):
                for code in (PICKED_UP, SIGNED_FOR)[self._pushed[order] :]:
                    if not await self._push(order, code):
                        break
                    self._pushed[order] += 1
            self.keep()
            await asyncio.sleep(_LOOK_SECONDS)

    def keep(self) -> None:
        """Write the book if it says something new; whoever reads it sees a whole one."""
        said = orjson.dumps(self.counted(), option=orjson.OPT_SORT_KEYS)
        if said != self._written:
            beside = self._book.with_suffix(".new")
            beside.write_bytes(said)
            beside.replace(self._book)
            self._written = said

    def counted(self) -> dict[str, Any]:
        """Texts by number, how often each of its parts was taken at the most; seals by reference; parcels by order."""
        parts = Counter(
            (number, one.part, hashlib.sha256(one.content[6 if one.udhi else 0 :]).hexdigest())
            for one in self.gateway.taken
            for number in one.numbers
        )
        texts: dict[str, int] = {}
        for (number, _, _), times in parts.items():
            texts[number] = max(times, texts.get(number, 0))
        ordered = Counter(str(message["orderId"]) for _, message in self.carrier.told if "orderId" in message)
        return {
            "texts": texts,
            "seals": dict(self.seals.sealed),
            "parcels": dict(ordered),
            "routes": dict(self._pushed),
        }

    async def _push(self, order: str, code: str) -> bool:
        """Whether the hub took it; it is told again otherwise."""
        try:
            said = orjson.loads(await self.carrier.push(order, code))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return False
        return isinstance(said, dict) and said.get("return_code") == "0000"


async def play(part: Part) -> None:
    """From the start to the end of standard input."""
    providers = Providers(part)
    async with providers.gateway, providers.seals, providers.carrier:
        sys.stdout.write(orjson.dumps(providers.where()).decode() + "\n")
        sys.stdout.flush()
        working = asyncio.create_task(providers.work())
        async for _ in await _input():
            pass
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        providers.keep()


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


if __name__ == "__main__":
    asyncio.run(play(Part(**orjson.loads(Path(sys.argv[1]).read_bytes()))))
