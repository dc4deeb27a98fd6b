# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that can only call out: it fetches from its mailbox and acknowledges."""

from collections.abc import Sequence
from typing import Any, Self

import aiohttp
import orjson

from hub.sandbox.far_side import Arrival, Book, Spoken, Temper, section_of
from hub.sandbox.script import Script

_SHORTEST_LEASE = 5


class MailboxFarSide:
    """Fetches one message after the other. Silent: it keeps one without a word, until the lease has run out."""

    tempers: Sequence[Temper] = (Temper.READY, Temper.SILENT)

    def __init__(self, script: Script) -> None:
        self.book = Book()
        self._script = script
        self._temper = Temper.READY

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Its work ends with the trial."""

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        section_of(deployment, self._script.destination)["settings"]["lease_seconds"] = _SHORTEST_LEASE
        return ()

    def behave(self, temper: Temper) -> None:
        self._temper = temper

    async def at_work(self, url: str, key: str) -> None:
        mailbox = f"{url}/v1/mailbox/{self._script.destination}"
        headers = {"Authorization": f"Bearer {key}"}
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(90)) as http:
            while True:
                async with http.get(mailbox, params={"max": "1", "wait": "20"}) as answer:
                    lent = orjson.loads(await answer.read()) if answer.status == 200 else {"messages": []}
                for message in lent["messages"]:
                    await self._take(http, f"{mailbox}/ack", lent["lease"], message)

    async def say(self, spoken: Spoken) -> bool:  # noqa: ARG002  # because the port asks for it
        return False

    async def _take(self, http: aiohttp.ClientSession, address: str, lease: str, message: dict[str, Any]) -> None:
        event, temper = message["event"], self._temper
        if temper is Temper.SILENT:
            self._temper = Temper.READY
        await self.book.note(Arrival(message["delivery"], "application/cloudevents+json", orjson.dumps(event)))
        if temper is Temper.SILENT:
            return
        result = {"delivery": message["delivery"], "outcome": "delivered", "receipt": f"R-{len(self.book.arrivals)}"}
        async with http.post(address, json={"lease": lease, "results": [result]}) as answer:
            await answer.read()
