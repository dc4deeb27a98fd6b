# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The load generator, a process of its own: ``python -m tests.faults.load ORDER``.

Sends messages of many cases at a steady pace, those of one case one after the other, each until it is accepted, and
writes every request and answer into a ledger before going on. Told ``rest`` it sends no new ones, and says ``rested``
when everything is accepted; it ends when its input is closed.
"""

import asyncio
import hashlib
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from contracts.bindings import http as binding
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.digest import content_digest
from contracts.refusal import Refusal
from hub.demo.far.chance import chance
from hub.demo.far.ledger import Ledger, bytes_digest, payload_digest

CONTRACT = "cn.gov.application.submitted"
_PATIENCE = 20.0
"""Longer than any answer may take: a request that ends here has hung."""
_AGAIN = 0.3
_SMALL, _MIDDLE, _LARGE = 1024, 64 * 1024, 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """What to send and where. ``source`` is the sending system, ``prefix`` begins every case number and id."""

    ledger: str
    urls: tuple[str, ...]
    key: str
    source: str
    prefix: str
    seed: int
    cases: int
    rate: float
    most: int = 0
    """Messages in all; 0: until told to rest."""


class Messages:
    """Made from the number alone: 97 % of 1 to 2 KiB, 2.9 % of 64 KiB, 0.1 % naming a material of 5 MiB."""

    def __init__(self, order: Order) -> None:
        self._order = order
        contract = builtin().versions(CONTRACT)[0]
        self._example = max((e.data for e in contract.examples if e.valid), key=lambda data: len(orjson.dumps(data)))
        self._envelope = {"specversion": "1.0", "type": CONTRACT, "source": order.source,
                          "dataschema": contract.schema_uri, "datacontenttype": "application/json"}  # fmt: skip
        self._places: dict[str, int] = {}

    def case(self, number: int) -> str:
        return f"{self._order.prefix}-{number * 2654435761 % self._order.cases}"

    def made(self, number: int) -> tuple[dict[str, Any], bytes | None]:
        """The event, and the material it names, if that is to be stored first."""
        drawn = chance(self._order.seed, "size", number)
        large = number == 5 or drawn < 0.001
        bytes_wanted = (
            _MIDDLE if 0.001 <= drawn < 0.03 else _SMALL + int(chance(self._order.seed, "length", number) * 1024)
        )
        case = self.case(number)
        material = hashlib.sha256(f"{case}/{number}".encode()).digest() * (_LARGE // 32) if large else None
        # Without the example's materials: the hub writes their moments in its own form, and content is compared here.
        data = {**self._example, "case_no": case, "materials": []}
        if material is not None:
            named = {"name": "图纸", "file_name": "图纸.pdf", "collected": True, "digest": bytes_digest(material),
                     "size": len(material), "media_type": "application/pdf"}  # fmt: skip
            data["materials"] = [named]
        data["form"] = {**data["form"], "data": {"note": ""}}
        missing = bytes_wanted - len(orjson.dumps(data))
        data["form"]["data"]["note"] = "测试"[0] * (max(0, missing) // 3)
        return {**self._envelope, "id": f"{self._order.prefix}-{number}", "subject": case, "data": data}, material


class Sender:
    def __init__(self, order: Order, ledger: Ledger, session: aiohttp.ClientSession) -> None:
        self._order = order
        self._ledger = ledger
        self._session = session
        self._messages = Messages(order)
        self._waiting: dict[str, deque[int]] = {}
        self._cases: set[asyncio.Task[None]] = set()
        self._authorization = {"Authorization": f"Bearer {order.key}"}
        self.resting = asyncio.Event()

    async def send_all(self) -> None:
        """Until told to rest; returns when everything is accepted."""
        loop = asyncio.get_running_loop()
        begun, number = loop.time(), 0
        while not self.resting.is_set() and number != (self._order.most or -1):
            self._begin(number)
            number += 1
            if (wait := begun + number / self._order.rate - loop.time()) > 0:
                try:
                    await asyncio.wait_for(self.resting.wait(), wait)
                except TimeoutError:
                    continue
        while self._cases:
            await asyncio.wait(self._cases)

    def _begin(self, number: int) -> None:
        case = self._messages.case(number)
        if case in self._waiting:
            self._waiting[case].append(number)
            return
        self._waiting[case] = deque([number])
        task = asyncio.create_task(self._case(case))
        self._cases.add(task)
        task.add_done_callback(self._cases.discard)

    async def _case(self, case: str) -> None:
        numbers = self._waiting[case]
        while numbers:
            await self._one(numbers.popleft())
        del self._waiting[case]

    async def _one(self, number: int) -> None:
        event, material = self._messages.made(number)
        body = orjson.dumps(event)
        read = binding.read({"content-type": binding.STRUCTURED}, body, max_batch=1)
        assert not isinstance(read, Refusal), read
        assert isinstance(read[0], CloudEvent), read[0]
        if material is not None:
            await self._store(material, number)
        to = await self._ledger.write(
            "sent", id=event["id"], case=event["subject"], order=number, digest=payload_digest(event["data"]),
            content=content_digest(read[0]).hex(), size=len(body),
        )  # fmt: skip
        attempt = 0
        while (status := await self._post(body, to, number + attempt)) != 202:
            if 400 <= status < 500 and status != 429:
                return
            attempt += 1
            await asyncio.sleep(_AGAIN)

    async def _post(self, body: bytes, to: int, turn: int) -> int:
        """One request to one of the hubs, in turn; 0: no answer."""
        loop = asyncio.get_running_loop()
        url = self._order.urls[turn % len(self._order.urls)]
        headers = self._authorization | {"Content-Type": "application/cloudevents+json"}
        begun = loop.time()
        status, said, retry_after = 0, b"", ""
        try:
            async with self._session.post(f"{url}/v1/messages", data=body, headers=headers) as answer:
                said = await answer.read()
                status, retry_after = answer.status, answer.headers.get("Retry-After", "")
        except TimeoutError:
            retry_after = "hung"
        except (aiohttp.ClientError, OSError):
            pass
        told = orjson.loads(said) if said and status else {}
        await self._ledger.write(
            "answer", to=to, status=status, receipt=told.get("leaf", ""), message=told.get("message", ""),
            code=told.get("code", ""), retry_after=retry_after, seconds=round(loop.time() - begun, 3), hub=url,
        )  # fmt: skip
        return status

    async def _store(self, material: bytes, number: int) -> None:
        """Until it is stored: a message may name only what is there."""
        address = f"/v1/materials/{bytes_digest(material)}"
        attempt = 0
        while True:
            url = self._order.urls[(number + attempt) % len(self._order.urls)]
            try:
                async with self._session.put(url + address, data=material, headers=self._authorization) as answer:
                    if answer.status in {200, 201}:
                        return
            except (aiohttp.ClientError, OSError):
                pass
            attempt += 1
            await asyncio.sleep(_AGAIN)


async def _obey(order: Order) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    ledger = Ledger(Path(order.ledger))
    limits = aiohttp.TCPConnector(limit=200)
    async with aiohttp.ClientSession(connector=limits, timeout=aiohttp.ClientTimeout(total=_PATIENCE)) as session:
        sender = Sender(order, ledger, session)
        sending = asyncio.create_task(sender.send_all())
        sending.add_done_callback(lambda _: print("rested", flush=True))
        async for _ in reader:
            sender.resting.set()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    await ledger.close()


if __name__ == "__main__":
    written = orjson.loads(Path(sys.argv[1]).read_bytes())
    asyncio.run(_obey(Order(**{**written, "urls": tuple(written["urls"])})))
