# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The two far sides of the seal connector on loopback: a seal platform, and a hub's door with materials and messages."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import orjson
import structlog
from aiohttp import web

from connectors.e_seal.config import CallbackConfig, SealConfig
from connectors.e_seal.receiver import SealCallbacks
from connectors.e_seal.sealing import ofd, pdf
from connectors.e_seal.simulator import Options, SealPlatform, Step
from connectors.e_seal.sink import SealSink
from connectors.sdk import Answers, Context, Parcel, Reply, Request, Settings
from connectors.sdk.answers import NoAnswers
from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.hearing import MemoryAnswers
from connectors.sdk.session import open_session

SECRETS = {"platform": "simulated-secret", "door": "made-up-key"}
ORIGINALS = {
    "application/pdf": pdf.blank(),
    "application/ofd": ofd.packed(ofd.blank()),
    "application/octet-stream": b"a document",
}
ENDINGS = {"application/pdf": "pades", "application/ofd": "ses_v4", "application/octet-stream": "ses_v4"}


class Door:
    """A hub's API as far as the connector uses it."""

    def __init__(self) -> None:
        self.materials: dict[str, bytes] = {}
        self.messages: dict[str, dict[str, Any]] = {}
        self.down = False
        self.turned_away = asyncio.Event()
        application = web.Application(client_max_size=64 * 2**20)
        application.router.add_get("/v1/materials/{digest}", self._get)
        application.router.add_put("/v1/materials/{digest}", self._put)
        application.router.add_post("/v1/messages", self._post)
        self._runner = web.AppRunner(application, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def keep(self, content: bytes) -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.materials[digest] = content
        return digest

    def told(self) -> list[dict[str, Any]]:
        """The data of every message."""
        return [one["data"] for one in self.messages.values()]

    def _known(self, request: web.Request) -> bool:
        if self.down:
            self.turned_away.set()
        return request.headers.get("Authorization") == f"Bearer {SECRETS['door']}" and not self.down

    async def _get(self, request: web.Request) -> web.Response:
        if not self._known(request):
            return web.Response(status=503)
        content = self.materials.get(request.match_info["digest"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _put(self, request: web.Request) -> web.Response:
        if not self._known(request):
            return web.Response(status=503)
        assert self.keep(await request.read()) == request.match_info["digest"]
        return web.json_response({}, status=201)

    async def _post(self, request: web.Request) -> web.Response:
        if not self._known(request):
            return web.Response(status=503)
        event = orjson.loads(await request.read())
        known = self.messages.setdefault(event["id"], event)
        return web.json_response({}, status=202 if known == event else 409)


def request_to_seal(digest: str, media_type: str, **other: Any) -> dict[str, Any]:
    """The data of a cn.gov.seal.requested."""
    return {
        "case_no": "510500-20260302-000001",
        "task_no": "YY-000001",
        "digest": digest,
        "size": 1000,
        "media_type": media_type,
        "seal_id": "00000000000000",
        "purpose": "食品经营许可证用印",
        "department_name": "示例区市场监督管理局（测试）",
        "requested_at": "2026-03-11T14:00:00+08:00",
        **other,
    }


@dataclass
class Stand:
    """Platform, door, sink and receiver, open."""

    platform: SealPlatform
    door: Door
    sink: SealSink
    callbacks: SealCallbacks
    answers: MemoryAnswers
    settings: dict[str, Any]
    anchors: Path

    async def send(self, media_type: str = "application/pdf", key: str = "key-1", **other: Any) -> Any:
        digest = other.pop("digest", None) or self.door.keep(ORIGINALS[media_type])
        body = orjson.dumps(request_to_seal(digest, media_type, **other))
        return await self.sink.send(Parcel(idempotency_key=key, content_type="application/json", body=body, timeout=20))

    async def withdraw(self, media_type: str = "application/pdf", key: str = "void-1", **other: Any) -> Any:
        """Take back what ``send`` asked for."""
        digest = other.pop("digest", None) or self.door.keep(ORIGINALS[media_type])
        body, attributes = orjson.dumps(withdrawal(digest, **other)), {"type": "cn.gov.seal.withdrawn"}
        return await self.sink.send(
            Parcel(idempotency_key=key, content_type="application/json", body=body, attributes=attributes, timeout=20)
        )


def withdrawal(digest: str, **other: Any) -> dict[str, Any]:
    """The data of a cn.gov.seal.withdrawn."""
    return {
        "case_no": "510500-20260302-000001",
        "task_no": "YY-000001",
        "digest": digest,
        "reason": "申请人撤回申请",
        "withdrawn_at": "2026-03-11T14:10:00+08:00",
        **other,
    }


@asynccontextmanager
async def stand(
    folder: Path,
    script: Sequence[Step] = (),
    *,
    callback_url: str = "",
    options: Options | None = None,
    follow_seconds: float = 0,
    profile: str = "generic",
    egress: dict[str, Any] | None = None,
    **belief: Any,
) -> AsyncIterator[Stand]:
    """For the length of the block."""
    anchors = folder / "anchors"
    chosen = options or Options(anchors=str(anchors))
    answers = MemoryAnswers()
    async with Door() as door, SealPlatform(script, options=chosen) as platform, open_session() as session:
        settings = settings_for(platform.address, door.url, anchors, callback_url, **belief) | {"profile": profile}
        settings |= {} if egress is None else {"egress": egress}
        context = Context(
            destination="seals",
            http=session,
            log=structlog.get_logger(),
            secret=SECRETS.__getitem__,
            monotonic=asyncio.get_running_loop().time,
            answers=answers,
        )
        async with (
            SealSink(SealConfig.model_validate({**settings, "follow_seconds": follow_seconds}), context) as sink,
            SealCallbacks(CallbackConfig.model_validate({**settings, "answers_for": "seals"}), context) as callbacks,
        ):
            yield Stand(platform, door, sink, callbacks, answers, settings, anchors)


def settings_for(platform: str, door: str, anchors: Path, callback_url: str = "", **belief: Any) -> dict[str, Any]:
    return {
        "url": platform,
        "app_id": "govhub",
        "secret": "platform",
        "callback_url": callback_url,
        "hub": {"url": door, "key": "door", "source": "seals"},
        "belief": {"anchors": [str(anchors)], **belief},
        "timeout_seconds": 15,
    }


class SealFarSide:
    """The platform under the rules' control, with a door beside it."""

    def __init__(self, folder: Path) -> None:
        self._anchors = folder / "anchors"
        self._door = Door()
        self._platform = _Obeying(Options(anchors=str(self._anchors)))

    async def __aenter__(self) -> Self:
        await self._door.__aenter__()
        await self._platform.__aenter__()
        digest = self._door.keep(ORIGINALS["application/octet-stream"])
        self.good_body = orjson.dumps(request_to_seal(digest, "application/octet-stream"))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._platform.__aexit__(*exc)
        await self._door.__aexit__(*exc)

    @property
    def settings(self) -> Settings:
        return settings_for(self._platform.address, self._door.url, self._anchors)

    @property
    def arrived(self) -> Sequence[Arrived]:
        return [
            Arrived(idempotency_key=one["reference"], content_type="application/json", body=orjson.dumps(one))
            for one in self._platform.asked_for
        ]

    async def behave(self, behaviour: Behaviour) -> None:
        self._platform.behaviour = behaviour

    def forget(self) -> None:
        """Know of no task any more."""
        self._platform.jobs.clear()
        self._platform.asked_for.clear()

    async def until_arrived(self, count: int) -> None:
        async with self._platform.changed:
            await self._platform.changed.wait_for(lambda: len(self._platform.asked_for) >= count)


class CallingSealFarSide(SealFarSide):
    """One that seals when it is asked to and then calls back; the kind's own receiver hears it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answers: Answers = NoAnswers()
        self._stack = AsyncExitStack()
        self._callbacks: SealCallbacks | None = None

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()
        await super().__aexit__(*exc)

    async def answer(self, idempotency_key: str, *, refused: bool = False) -> None:
        """Set the seal, damaged if it is to be refused, and call back."""
        callbacks = self._callbacks or await self._open()
        job = next(one for one in self._platform.jobs.values() if one.asked["reference"] == idempotency_key)
        await self._platform.end(job, Step.WRONG_SIGNATURE if refused else Step.OK)
        admitted = await callbacks.admit(called_back(job.number))
        assert isinstance(admitted, Reply), admitted
        assert admitted.status == 200

    async def _open(self) -> SealCallbacks:
        config = CallbackConfig.model_validate({**self.settings, "answers_for": "seals"})
        context = Context(
            destination="seal-callbacks",
            http=await self._stack.enter_async_context(open_session()),
            log=structlog.get_logger(),
            secret=SECRETS.__getitem__,
            monotonic=asyncio.get_running_loop().time,
            answers=self.answers,
        )
        self._callbacks = await self._stack.enter_async_context(SealCallbacks(config, context))
        return self._callbacks


def called_back(task: str) -> Request:
    """A callback as the platform signs it."""
    body, moment = orjson.dumps({"task_id": task}), str(int(datetime.now(UTC).timestamp() * 1000))  # noqa: TID251
    made = hmac.new(SECRETS["platform"].encode(), f"{moment}\n".encode() + body, hashlib.sha256).hexdigest()
    headers = (("X-Seal-Timestamp", moment), ("X-Seal-Signature", made))
    return Request(method="POST", headers=headers, body=body)


class _Obeying(SealPlatform):
    """Does what the rules want instead of a script."""

    def __init__(self, options: Options) -> None:
        super().__init__(options=options)
        self.behaviour = Behaviour.ACCEPT
        self.asked_for: list[dict[str, Any]] = []
        self.changed = asyncio.Condition()

    def _stranger(self, request: web.Request, body: bytes) -> web.Response | None:
        if self.behaviour is Behaviour.OUTAGE:
            return web.json_response({"code": "BUSY"}, status=503)
        return super()._stranger(request, body)

    async def _begin(self, request: web.Request, asked: dict[str, Any], step: Step) -> web.StreamResponse:
        async with self.changed:
            self.asked_for.append(asked)
            self.changed.notify_all()
        words = {Behaviour.REFUSE: Step.REFUSE, Behaviour.HANG: Step.HANG, Behaviour.CUT: Step.LOST}
        return await super()._begin(request, asked, words.get(self.behaviour, Step.SLOW))
