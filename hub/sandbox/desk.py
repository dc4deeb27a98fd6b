# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The hub as the two systems see it, over its HTTP API."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from contracts.bindings.http import STRUCTURED, write_structured
from contracts.cloudevent import CloudEvent
from hub.ports.clock import Clock
from hub.sandbox.far_side import Spoken

_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Reply:
    """What the hub answered: a receipt, or a problem."""

    status: int
    document: Mapping[str, Any]

    @property
    def taken(self) -> bool:
        """Whether it is a receipt."""
        return self.status == 202


@dataclass(slots=True)
class Desk:
    """The two systems' connections, and what came back to the portal. ``keys`` by system."""

    url: str
    http: aiohttp.ClientSession
    clock: Clock
    portal: str
    keys: Mapping[str, str]
    back: list[Mapping[str, Any]] = field(default_factory=list)
    _bell: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def send(self, event: CloudEvent) -> Reply:
        """A canonical event of the portal."""
        content_type, body = write_structured(event)
        assert content_type.startswith(STRUCTURED), "an event in structured mode"
        return await self._post(self.portal, body, {"Content-Type": content_type})

    async def speak(self, system: str, spoken: Spoken) -> Reply:
        """A record of the department, in its dialect: binary mode, as a system that knows little writes it."""
        headers = {
            "Content-Type": spoken.content_type,
            "ce-specversion": "1.0",
            "ce-id": spoken.id,
            "ce-source": system,
            "ce-type": spoken.contract.type,
            "ce-dataschema": spoken.contract.schema_uri,
            "ce-subject": quote(spoken.case),
        }
        return await self._post(system, spoken.body, headers)

    async def ended(self, message: str, destination: str) -> Mapping[str, Any]:
        """How a message's delivery stands, once it is finished, dead or in doubt for good; the caller bounds the time."""
        while True:
            delivery = await self.delivery(message, destination)
            if delivery.get("state") in {"delivered", "dead", "in_doubt", "expired", "withdrawn", "skipped"}:
                return delivery
            await self.clock.sleep(_LOOK)

    async def delivery(self, message: str, destination: str) -> Mapping[str, Any]:
        """How a message's delivery stands; empty: it has none there."""
        headers = self._headers(self.portal)
        async with self.http.get(f"{self.url}/v1/messages/{message}", headers=headers) as answer:
            said = orjson.loads(await answer.read())
        return next((one for one in said.get("deliveries", ()) if one["destination"] == destination), {})

    async def refusals(self, system: str) -> Sequence[Mapping[str, Any]]:
        """The system's newest refusals."""
        async with self.http.get(
            f"{self.url}/v1/me/refusals", params={"limit": "20"}, headers=self._headers(system)
        ) as answer:
            found: Sequence[Mapping[str, Any]] = orjson.loads(await answer.read())["refusals"]
            return found

    async def collect(self, mailbox: str) -> None:
        """Fetch what comes back to the portal, until cancelled."""
        address, headers = f"{self.url}/v1/mailbox/{mailbox}", self._headers(self.portal)
        while True:
            async with self.http.get(address, params={"wait": "20"}, headers=headers) as answer:
                lent = orjson.loads(await answer.read()) if answer.status == 200 else {"messages": []}
            if not lent["messages"]:
                continue
            async with self._bell:
                self.back += [message["event"] for message in lent["messages"]]
                self._bell.notify_all()
            results = [{"delivery": one["delivery"], "outcome": "delivered"} for one in lent["messages"]]
            said = {"lease": lent["lease"], "results": results}
            async with self.http.post(f"{address}/ack", json=said, headers=headers) as answer:
                await answer.read()

    def heard(self, case: str) -> Sequence[Mapping[str, Any]]:
        """What came back about this case so far."""
        return [event for event in self.back if event["subject"] == case]

    async def until_heard(self, case: str, count: int) -> Sequence[Mapping[str, Any]]:
        """The same, once there is so much; the caller bounds the time."""
        async with self._bell:
            await self._bell.wait_for(lambda: len(self.heard(case)) >= count)
        return self.heard(case)

    def _headers(self, system: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[system]}"}

    async def _post(self, system: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        async with self.http.post(
            f"{self.url}/v1/messages", data=body, headers={**self._headers(system), **headers}
        ) as answer:
            return Reply(answer.status, orjson.loads(await answer.read()))
