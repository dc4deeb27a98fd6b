# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The way to the hub: send until there is an answer, upload, fetch. Everything goes into the ledger first."""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import aiohttp
import orjson

from hub.demo.far.ledger import Ledger, bytes_digest, payload_digest
from hub.demo.far.papers import File

Mode = Literal["structured", "binary", "batch"]
PATIENCE = 90.0
"""Seconds for which a sender repeats a message that gets no answer."""

_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub said. ``status`` 0: nothing. ``receipt`` is a digest of the receipt, ``code`` that of a refusal."""

    status: int
    receipt: str = ""
    message: str = ""
    code: str = ""
    retry_after: float | None = None

    @property
    def final(self) -> bool:
        """Whether asking again would be pointless."""
        return self.status not in {0, 408, 425, 429, 500, 502, 503, 504}


class Hub:
    """One system's connection to the hub, in one of the three CloudEvents HTTP modes."""

    def __init__(self, session: aiohttp.ClientSession, address: str, key: str, ledger: Ledger, mode: Mode) -> None:
        self._session = session
        self._address = address
        self._authorization = {"Authorization": f"Bearer {key}"}
        self._ledger = ledger
        self._mode = mode
        self._batch: list[tuple[dict[str, Any], asyncio.Future[Answer]]] = []
        self._posting: asyncio.Task[None] | None = None

    async def send(self, event: dict[str, Any], wrong: str = "", body: bytes | None = None) -> Answer:
        """One message under its id, repeated until the hub answers. ``wrong`` is the refusal that is expected."""
        sent = await self._ledger.write(
            "sent",
            id=event["id"],
            case=event["subject"],
            contract=event["type"],
            order=int(event["sequence"]),
            digest=payload_digest(event["data"]),
            mode=self._mode,
            wrong=wrong,
        )
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            answer = await self._one(event, body)
            await self._ledger.write(
                "answer",
                to=sent,
                status=answer.status,
                receipt=answer.receipt,
                message=answer.message,
                code=answer.code,
            )
            if answer.final or asyncio.get_running_loop().time() > deadline:
                return answer
            await asyncio.sleep(min(answer.retry_after or 0.5, 5.0))

    async def _one(self, event: dict[str, Any], body: bytes | None) -> Answer:
        if body is not None:
            return await self._post(body, {"Content-Type": "application/cloudevents+json"})
        match self._mode:
            case "structured":
                headers = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
                return await self._post(orjson.dumps(event), headers)
            case "binary":
                return await self._post(orjson.dumps(event["data"]), _headers(event))
            case "batch":
                return await self._with_others(event)

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        try:
            async with self._session.post(
                f"{self._address}/v1/messages", data=body, headers=self._authorization | headers
            ) as response:
                return _answer(response.status, await response.read(), response.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError):
            return Answer(0)

    async def _with_others(self, event: dict[str, Any]) -> Answer:
        """What is waiting while a batch is under way goes with the next."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._batch.append((event, answered))
        if self._posting is None or self._posting.done():
            self._posting = asyncio.create_task(self._post_batches())
        return await answered

    async def _post_batches(self) -> None:
        while self._batch:
            batch, self._batch = self._batch[:50], self._batch[50:]
            answers = await self._post_batch([event for event, _ in batch])
            for (_, answered), answer in zip(batch, answers, strict=True):
                answered.set_result(answer)

    async def _post_batch(self, events: list[dict[str, Any]]) -> list[Answer]:
        headers = self._authorization | {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}
        try:
            async with self._session.post(
                f"{self._address}/v1/messages", data=orjson.dumps(events), headers=headers
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError):
            return [Answer(0)] * len(events)
        if response.status != 200:
            return [_answer(response.status, body, response.headers.get("Retry-After"))] * len(events)
        return [
            _answer(one["status"], orjson.dumps(one.get("receipt") or one.get("problem")), None)
            for one in orjson.loads(body)
        ]

    async def upload(self, file: File, digest: str = "") -> int:
        """Bring a material to the hub, under its digest or, wrongly, another's. Returns the status."""
        named = digest or file.digest
        for _ in range(20):
            try:
                async with self._session.put(
                    f"{self._address}/v1/materials/{named}",
                    data=file.content,
                    headers=self._authorization | {"Content-Type": file.media_type},
                ) as response:
                    await response.read()
                    status = response.status
            except (aiohttp.ClientError, TimeoutError):
                status = 0
            if status not in {0, 503}:
                break
            await asyncio.sleep(0.5)
        await self._ledger.write("upload", digest=named, size=len(file.content), status=status, wrong=bool(digest))
        return status

    async def fetch(self, case: str, digest: str, size: int) -> bool:
        """Fetch a material named by a message, and see that it is what the message says."""
        return bool(await self.fetched(case, digest, size))

    async def fetched(self, case: str, digest: str, size: int) -> bytes:
        """The same, and its bytes; empty where it is not what the message says."""
        status, right, content = 0, False, b""
        for _ in range(20):
            try:
                async with self._session.get(
                    f"{self._address}/v1/materials/{digest}", headers=self._authorization
                ) as response:
                    content = await response.read()
                    status = response.status
                    right = status == 200 and bytes_digest(content) == digest and len(content) == size
            except (aiohttp.ClientError, TimeoutError):
                status = 0
            if status not in {0, 503}:
                break
            await asyncio.sleep(0.5)
        await self._ledger.write("fetch", case=case, digest=digest, status=status, right=right)
        return content if right else b""

    async def post_json(self, path: str, content: object) -> tuple[int, Any]:
        """A request of the mailbox. Status 0: no answer."""
        try:
            async with self._session.post(
                f"{self._address}{path}", data=orjson.dumps(content), headers=self._authorization | _JSON
            ) as response:
                return response.status, _json(await response.read())
        except (aiohttp.ClientError, TimeoutError):
            return 0, None

    async def get_json(self, path: str) -> tuple[int, Any]:
        """A question. Status 0: no answer."""
        try:
            async with self._session.get(f"{self._address}{path}", headers=self._authorization) as response:
                return response.status, _json(await response.read())
        except (aiohttp.ClientError, TimeoutError):
            return 0, None


_JSON = {"Content-Type": "application/json"}


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _answer(status: int, body: bytes, retry_after: str | None) -> Answer:
    said = _json(body)
    said = said if isinstance(said, dict) else {}
    if status in {200, 202}:
        return Answer(status, bytes_digest(body), str(said.get("message", "")))
    wait = float(retry_after) if retry_after and retry_after.isdecimal() else None
    return Answer(status, code=str(said.get("code", "")), retry_after=wait)


def _headers(event: dict[str, Any]) -> dict[str, str]:
    """CloudEvents HTTP binding 1.0.2, section 3.1: attributes as ``ce-`` headers, percent-encoded."""
    attributes = {name: value for name, value in event.items() if name not in {"data", "datacontenttype"}}
    return {
        "Content-Type": event["datacontenttype"],
        **{f"ce-{name}": quote(str(value), safe=_PLAIN) for name, value in attributes.items()},
    }
