# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that is reached by way of the data-sharing platform, both ways: it hears notices and fetches what they announce,
and what it has to say it puts there, tells the hub, and reads there what became of it.

Once in a while it forgets to tell the hub: then the hub finds by itself what waits.
"""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from hub.demo.far.calling import PATIENCE, Answer, Hub
from hub.demo.far.chance import chance
from hub.demo.far.inbox import Inbox
from hub.demo.far.ledger import Ledger, bytes_digest, payload_digest
from hub.demo.far.papers import File
from hub.demo.far.reception import Reception
from hub.demo.far.temper import Busy, Mute, Slow, Temper

RID = "r_housing"
_PUT, _STATE, _PUT_MATERIAL, _FETCH, _FETCH_MATERIAL = (f"s_5105000001_{number:04d}" for number in range(1, 6))
_NOTICE = "cn.gov.record.available"
_LOOKS = 400
_LOOK_SECONDS = 0.05
_FORGETS = 0.02


class Share:
    """The department's own way to the platform. An empty answer: there was none, or a refusal."""

    def __init__(self, session: aiohttp.ClientSession, root: str, secret: str) -> None:
        self._session = session
        self._root = root
        self._secret = secret

    async def call(self, sid: str, said: dict[str, Any]) -> dict[str, Any]:
        """One service of the platform, signed as it wants it."""
        rtime = str(time.time_ns() // 1_000_000)
        sign = hmac.new(self._secret.encode(), f"{sid}{RID}{rtime}".encode(), hashlib.sha256).digest()
        headers = {
            "gjgxjhpt_rid": RID,
            "gjgxjhpt_sid": sid,
            "gjgxjhpt_rtime": rtime,
            "gjgxjhpt_sign": base64.b64encode(sign).decode(),
            "Content-Type": "application/json",
        }
        try:
            async with self._session.post(
                f"{self._root}/httpproxy", data=orjson.dumps(said), headers=headers
            ) as answer:
                told = orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
            return {}
        return told if isinstance(told, dict) and told.get("code") == "0" else {}

    async def record(self, key: str) -> dict[str, Any]:
        """A record; empty where there is none."""
        found: dict[str, Any] = (await self.call(_FETCH, {"record_id": key})).get("data") or {}
        return found

    async def told(self, key: str) -> dict[str, Any]:
        """What the hub has said of a record; empty where it has said nothing yet."""
        found: dict[str, Any] = (await self.call(_STATE, {"record_id": key})).get("data") or {}
        return found.get("told") or {}

    async def put(self, record: dict[str, Any]) -> bool:
        """Whether it lies there now."""
        return bool(await self.call(_PUT, record))

    async def put_material(self, file: File) -> bool:
        """Whether it lies there now."""
        content = base64.b64encode(file.content).decode()
        said = {"digest": file.digest, "media_type": file.media_type, "content": content}
        return bool(await self.call(_PUT_MATERIAL, said))

    async def material(self, digest: str) -> bytes:
        """The bytes of a material; empty where there is none."""
        found = (await self.call(_FETCH_MATERIAL, {"digest": digest})).get("data") or {}
        return base64.b64decode(str(found.get("content", "")))


class NoticeReception(Reception):
    """Hears notices, and answers when the record that they announce has taken effect."""

    def __init__(self, inbox: Inbox, token: str, temper: Callable[[str, int], Temper], share: Share) -> None:
        super().__init__(inbox, token, temper)
        self._share = share

    def routes(self) -> list[web.RouteDef]:
        """What it answers to."""
        return [web.post("/notices", self._hear)]

    async def _hear(self, request: web.Request) -> web.StreamResponse:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), self._expected):
            return web.json_response({"code": "TOKEN"}, status=401)
        notice = orjson.loads(await request.read())
        key = next(one["value"] for one in notice["data"]["keys"] if one["name"] == "record_id")
        self._attempts[key] += 1
        match temper := self._temper(notice["id"], self._attempts[key]):
            case Busy(retry_after):
                return web.json_response({"code": "BUSY"}, status=503, headers={"Retry-After": str(retry_after)})
            case Slow(seconds):
                await asyncio.sleep(seconds)
            case _:
                pass
        record = await self._share.record(key)
        body = base64.b64decode(str(record.get("content", "")))
        if bytes_digest(body) != notice["data"]["digest"]:
            return web.json_response({"code": "NOT_THERE"}, status=503)
        event = {**record["attributes"], "data": orjson.loads(body)}
        await self._inbox.take(key, event)
        if isinstance(temper, Mute) and request.transport is not None:
            request.transport.abort()
        return web.json_response({"code": "0"})


class SharedHub(Hub):
    """The way to the hub by the platform. What is wrong on purpose goes straight, so that the hub refuses it to one's face."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: str,
        key: str,
        ledger: Ledger,
        share: Share,
        seed: int,
    ) -> None:
        super().__init__(session, address, key, ledger, "structured")
        self._share = share
        self._seed = seed

    async def send(self, event: dict[str, Any], wrong: str = "", body: bytes | None = None) -> Answer:
        """Put, tell, and read what became of it, until somebody has said something."""
        if wrong or body is not None:
            return await super().send(event, wrong, body)
        sent = await self._ledger.write(
            "sent",
            id=event["id"],
            case=event["subject"],
            contract=event["type"],
            order=int(event["sequence"]),
            digest=payload_digest(event["data"]),
            mode="shared",
            wrong="",
        )
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            answer = await self._by_the_platform(event)
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

    async def upload(self, file: File, digest: str = "") -> int:
        """Put a material to the platform; under a wrong digest straight to the hub, which refuses it."""
        if digest:
            return await super().upload(file, digest)
        status = 201 if await self._share.put_material(file) else 0
        await self._ledger.write("upload", digest=file.digest, size=len(file.content), status=status, wrong=False)
        return status

    async def fetch(self, case: str, digest: str, size: int) -> bool:
        """Fetch a material at the platform."""
        content = await self._share.material(digest)
        right = bytes_digest(content) == digest and len(content) == size
        await self._ledger.write("fetch", case=case, digest=digest, status=200 if right else 0, right=right)
        return right

    async def _by_the_platform(self, event: dict[str, Any]) -> Answer:
        body = orjson.dumps(event["data"])
        key = event["id"]
        record = {
            "record_id": key,
            "record_source": event["source"],
            "attributes": {name: value for name, value in event.items() if name not in {"data", "datacontenttype"}},
            "content_type": "application/json",
            "digest": bytes_digest(body),
            "content": base64.b64encode(body).decode(),
            "materials": _materials(event["data"]),
        }
        if not await self._share.put(record):
            return Answer(0)
        if chance(self._seed, key, "forgets") >= _FORGETS:
            told = await self._post(orjson.dumps(_notice(event, body)), _STRUCTURED)
            if told.status not in {200, 202}:
                return told
        for _ in range(_LOOKS):
            word = await self._share.told(key)
            if word:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        match word.get("state"):
            case "taken":
                return Answer(202, bytes_digest(key.encode()), key)
            case "refused":
                return Answer(422, code=str(word.get("code", "")))
            case _:
                return Answer(0)


def _materials(data: dict[str, Any]) -> list[str]:
    """The digests that a message names."""
    named = [*data.get("materials", ()), data]
    return [one["digest"] for one in named if isinstance(one.get("digest"), str)]


_STRUCTURED = {"Content-Type": "application/cloudevents+json; charset=utf-8"}


def _notice(event: dict[str, Any], body: bytes) -> dict[str, Any]:
    data = {
        "case_no": event["subject"],
        "contract_type": event["type"],
        "contract_version": 1,
        "record_source": event["source"],
        "record_id": event["id"],
        "digest": bytes_digest(body),
        "materials": _materials(event["data"]),
        "fetch_from": "/httpproxy",
        "available_at": event["data"].get("decided_at") or event["time"][:19] + "+08:00",
    }
    return {
        **{
            name: value for name, value in event.items() if name not in {"data", "type", "id", "dataschema", "sequence"}
        },
        "id": f"{event['id']}-notice",
        "type": _NOTICE,
        "dataschema": f"urn:govhub:contract:{_NOTICE}:1",
        "data": data,
    }
