# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A seal platform with the generic interface, that really seals: PDFs, OFDs, and bare signatures over anything else.

govhub simulate e_seal --port 9101 --script "ok,lost,refuse,wrong_signature,other_document,callback_twice"

Its authorities are made when it starts, one each for RSA, ECDSA and SM2; with ``anchors`` their certificates and revocation
lists are written there for whoever verifies. ``GET /sealed`` counts what was sealed, by reference: a reference that counts
two was sealed twice.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import aiohttp
import orjson
from aiohttp import web
from pydantic import BaseModel, Field

from connectors.e_seal.profile import Scheme
from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.workshop import Workshop
from connectors.e_seal.signing import Draft, signed
from connectors.sdk import STRICT
from connectors.sdk.session import open_session
from connectors.sdk.simulator import Simulator, Word, steps
from contracts.text import Text

_MOST = 128 * 2**20
_LOOKS = 2
_NO_SUCH_TASK = {"code": "NO_SUCH_TASK"}


class Step(Word):
    """What becomes of one task."""

    OK = "ok", "用印，并回调", "sealed, and told by a callback"
    SLOW = "slow", "被查询两次之后才用印", "sealed only after it was looked at twice"
    LOST = "lost", "任务已建，应答丢失", "the task is made, its answer is lost"
    NEVER_CAME = "never_came", "任务未建，连接中断", "the task is not made, the connection is cut"
    HANG = "hang", "任务已建，永不应答", "the task is made and never answered"
    REFUSE = "refuse", "当场拒绝（HTTP 422）", "refused at once (HTTP 422)"
    BUSY = "busy", "稍后再来（HTTP 503）", "come back later (HTTP 503)"
    DECLINE = "decline", "签章人拒绝用印", "the signer refuses"
    EXPIRE = "expire", "逾期未用印", "not sealed in time"
    WRONG_SIGNATURE = "wrong_signature", "签名被改动", "the signature is damaged"
    OTHER_DOCUMENT = "other_document", "盖在了另一份文件上", "another document is sealed"
    STRANGER = "stranger", "用无人信任的证书用印", "sealed under an authority nobody trusts"
    CALLBACK_TWICE = "callback_twice", "回调两次", "the callback comes twice"
    CALLBACK_LATE = "callback_late", "取走文件之后才回调", "the callback comes after the file was fetched"
    CALLBACK_NEVER = "callback_never", "从不回调", "the callback never comes"
    CALLBACK_FORGED = "callback_forged", "只有伪造的回调", "a forged callback and no other"
    WAIT = "wait", "一直等人用印", "nobody seals, as long as nobody takes it back"
    VOID_LOST = "void_lost", "等人用印；撤销生效，应答丢失", "nobody seals; taking it back works, its answer is lost"
    RESTART = "restart", "任务已建，服务随即重启", "the task is made, and the service starts anew"


_UNHURRIED = frozenset({Step.SLOW, Step.WAIT, Step.VOID_LOST})
"""Not sealed by themselves."""


class Options(BaseModel):
    """What else can be said."""

    model_config = STRICT

    secret: str = Field(
        default="simulated-secret", description="双方共用的密钥 / The secret that both sides sign with", examples=["s"]
    )
    anchors: str = Field(
        default="", description="写入信任锚与 CRL 的目录 / The folder that gets anchors and CRLs", examples=["anchors"]
    )
    pdf_algorithm: Algorithm = Field(
        default=Algorithm.RSA, description="PDF 用的密钥 / The keys of PDFs", examples=["ecdsa"]
    )
    algorithm: Algorithm = Field(
        default=Algorithm.SM2, description="OFD 与签章数据用的密钥 / The keys of all else", examples=["sm2"]
    )


@dataclass(slots=True)
class Job:
    """One task."""

    number: str
    asked: dict[str, Any]
    step: Step
    state: str = "pending"
    sealed: bytes = b""
    looks: int = 0
    ended_at: str = ""
    fetched: asyncio.Event = field(default_factory=asyncio.Event)


class SealPlatform:
    """Used as an async context manager. When the script is at its end, everything is ``ok``."""

    def __init__(
        self, script: Sequence[Step] = (), host: str = "127.0.0.1", port: int = 0, options: Options | None = None
    ) -> None:
        self._steps: Iterator[Step] = steps(script, Step.OK)
        self._host, self._port = host, port
        self.options = options or Options()
        self.workshop = Workshop(datetime.now(UTC), self.options.algorithm, self.options.pdf_algorithm)  # noqa: TID251  # because a simulated platform has a clock of its own
        self.jobs: dict[str, Job] = {}
        """By number."""
        self.sealed = Counter[str]()
        """How often a reference was sealed."""
        self.created: list[dict[str, Any]] = []
        """What every task was asked to be, in order."""
        self._files: dict[str, bytes] = {}
        self._nonces = set[str]()
        self._under_way = set[asyncio.Task[None]]()
        self._released = asyncio.Event()
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        if self.options.anchors:
            self.workshop.write(Path(self.options.anchors))
        self._session = open_session()
        self._http = await self._session.__aenter__()
        await self._listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._close()
        await self._session.__aexit__(None, None, None)

    @property
    def address(self) -> str:
        """Where its interface is."""
        return f"http://{self._host}:{self._port}"

    async def until(self, count: int) -> None:
        """Return once so many tasks have ended."""
        while sum(one.state != "pending" for one in self.jobs.values()) < count:
            self._changed.clear()
            await self._changed.wait()

    async def end(self, job: Job, step: Step = Step.OK) -> None:
        """Seal a task that is still open as this word says, without any callback. One that has ended stays as it is."""
        if job.state == "pending":
            job.step = step
            await self._seal(job)

    async def finished(self) -> None:
        """Return once nothing is under way: every seal set, every callback sent."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def call_back(self, url: str, job: Job, *, forged: bool = False, moment: str = "") -> int:
        """Send one callback; the status it was answered with, 0 without an answer."""
        assert self._http is not None, "it is open"
        body = orjson.dumps({"task_id": job.number, "reference": job.asked.get("reference"), "state": job.state})
        moment = moment or _milliseconds()
        key = b"another secret" if forged else self.options.secret.encode()
        made = hmac.new(key, f"{moment}\n".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Seal-Timestamp": moment, "X-Seal-Signature": made, "Content-Type": "application/json"}
        try:
            async with self._http.post(url, data=body, headers=headers, timeout=aiohttp.ClientTimeout(5)) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    async def _listen(self) -> None:
        application = web.Application(client_max_size=_MOST)
        application.router.add_put("/files/{digest}", self._upload)
        application.router.add_post("/tasks", self._create)
        application.router.add_get("/tasks", self._find)
        application.router.add_get("/tasks/{number}", self._look)
        application.router.add_get("/tasks/{number}/file", self._fetch)
        application.router.add_post("/tasks/{number}/withdrawal", self._void)
        application.router.add_get("/sealed", self._count)
        runner = web.AppRunner(application, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, self._host, self._port).start()
        self._port = int(runner.addresses[0][1])
        self._runner = runner

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _upload(self, request: web.Request) -> web.Response:
        body = await request.read()
        if (refused := self._stranger(request, body)) is not None:
            return refused
        digest = request.match_info["digest"]
        if hashlib.sha256(body).hexdigest() != digest:
            return web.json_response({"code": "DIGEST"}, status=422)
        self._files[digest] = body
        return web.json_response({"file": digest}, status=201)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if (refused := self._stranger(request, body)) is not None:
            return refused
        asked = orjson.loads(body)
        known = next((one for one in self.jobs.values() if one.asked["reference"] == asked["reference"]), None)
        if known is not None:
            return web.json_response({"task_id": known.number}, status=200)
        return await self._begin(request, asked, next(self._steps))

    async def _begin(self, request: web.Request, asked: dict[str, Any], step: Step) -> web.StreamResponse:
        if step is Step.REFUSE or asked.get("file") not in self._files:
            return web.json_response({"code": "SEAL_NOT_ALLOWED"}, status=422)
        if step is Step.BUSY:
            return web.json_response({"code": "BUSY"}, status=503)
        if step is Step.NEVER_CAME:
            return _cut(request)
        job = Job(f"T{len(self.jobs) + 1:06d}-{secrets.token_hex(4)}", asked, step)
        self.jobs[job.number] = job
        self.created.append(asked)
        if step not in _UNHURRIED:
            self._start(self._work(job))
        if step is Step.HANG:
            await self._released.wait()
        if step is Step.RESTART:
            self._start(self._restart())
        if step in {Step.LOST, Step.RESTART, Step.HANG}:
            return _cut(request)
        return web.json_response({"task_id": job.number}, status=201)

    async def _work(self, job: Job) -> None:
        """Seal, and call back."""
        await self._seal(job)
        await self._tell(job)

    async def _tell(self, job: Job) -> None:
        url = str(job.asked.get("callback_url") or "")
        if not url or job.step is Step.CALLBACK_NEVER:
            return
        if job.step is Step.CALLBACK_LATE:
            await job.fetched.wait()
        forged = job.step is Step.CALLBACK_FORGED
        moment = _milliseconds()
        for _ in range(3):  # as platforms do: a few attempts, all of them under the moment of the first
            if await self.call_back(url, job, forged=forged, moment=moment):
                break
        if job.step is Step.CALLBACK_TWICE:
            await self.call_back(url, job, moment=moment)

    async def _seal(self, job: Job) -> None:
        match job.step:
            case Step.DECLINE:
                job.state = "refused"
            case Step.EXPIRE:
                job.state = "expired"
            case _:
                self.sealed[str(job.asked["reference"])] += 1
                job.sealed = await self._made(job)
                job.state = "done"
        job.ended_at = datetime.now(UTC).isoformat(timespec="seconds")  # noqa: TID251  # because it has a clock of its own
        self._changed.set()

    async def _made(self, job: Job) -> bytes:
        content = self._files[str(job.asked["file"])]
        kind, structure = str(job.asked.get("media_type", "")), str(job.asked.get("structure", ""))
        now = datetime.now(UTC)  # noqa: TID251  # because it has a clock of its own
        if job.step is Step.OTHER_DOCUMENT:
            content = self.workshop.another(kind)
        made = await self.workshop.seal(content, kind, structure, now, trusted=job.step is not Step.STRANGER)
        return self.workshop.damaged(made, kind) if job.step is Step.WRONG_SIGNATURE else made

    async def _find(self, request: web.Request) -> web.Response:
        if (refused := self._stranger(request, b"")) is not None:
            return refused
        by = "memo" if "memo" in request.query else "reference"
        wanted = request.query.get(by, "")
        known = next((one for one in self.jobs.values() if one.asked.get(by) == wanted), None)
        return web.json_response({"task_id": known.number}) if known else web.json_response(_NO_SUCH_TASK, status=404)

    async def _look(self, request: web.Request) -> web.Response:
        if (refused := self._stranger(request, b"")) is not None:
            return refused
        job = self.jobs.get(request.match_info["number"])
        if job is None:
            return web.json_response(_NO_SUCH_TASK, status=404)
        job.looks += 1
        if job.step is Step.SLOW and job.state == "pending" and job.looks > _LOOKS:
            await self._seal(job)
        told = {
            "task_id": job.number,
            "state": job.state,
            "memo": job.asked.get("memo"),
            "reference": job.asked["reference"],
        }
        if job.state != "pending":
            told |= {"ended_at": job.ended_at, "seal_id": self.workshop.seal_id}
        return web.json_response(told)

    async def _fetch(self, request: web.Request) -> web.Response:
        if (refused := self._stranger(request, b"")) is not None:
            return refused
        job = self.jobs.get(request.match_info["number"])
        if job is None or job.state != "done":
            return web.json_response(_NO_SUCH_TASK, status=404)
        job.fetched.set()
        return web.Response(body=job.sealed, content_type="application/octet-stream")

    async def _void(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if (refused := self._stranger(request, body)) is not None:
            return refused
        job = self.jobs.get(request.match_info["number"])
        if job is None:
            return web.json_response(_NO_SUCH_TASK, status=404)
        if job.state == "pending":
            job.state = "withdrawn"
            job.ended_at = datetime.now(UTC).isoformat(timespec="seconds")  # noqa: TID251  # because it has a clock of its own
            self._changed.set()
            self._start(self._tell(job))
            if job.step is Step.VOID_LOST:
                return _cut(request)
        if job.state != "withdrawn":
            return web.json_response({"code": "TASK_ENDED"}, status=409)
        return web.json_response({"task_id": job.number})

    async def _count(self, _request: web.Request) -> web.Response:
        return web.json_response({"sealed": dict(self.sealed)})

    async def _restart(self) -> None:
        await self._close()
        await self._listen()

    def _stranger(self, request: web.Request, body: bytes) -> web.Response | None:
        """The refusal of whoever does not sign as agreed, or uses a nonce again."""
        nonce = request.headers.get("X-Seal-Nonce", "")
        draft = Draft(
            method=request.method,
            target=request.raw_path,
            body=body,
            moment=request.headers.get("X-Seal-Timestamp", ""),
            nonce=nonce,
            app_id=request.headers.get("X-Seal-App-Id", ""),
        )
        wanted = signed(Scheme.HMAC, self.options.secret, draft)["X-Seal-Signature"]
        good = hmac.compare_digest(wanted, request.headers.get("X-Seal-Signature", "")) and nonce not in self._nonces
        self._nonces.add(nonce)
        return None if good else web.json_response({"code": "SIGNATURE"}, status=401)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


def _cut(request: web.Request) -> web.Response:
    with suppress(AttributeError):
        assert request.transport is not None, "a request has a connection"
        request.transport.abort()
    return web.Response(status=500)


def _milliseconds() -> str:
    return str(int(datetime.now(UTC).timestamp() * 1000))  # noqa: TID251  # because it has a clock of its own


SIMULATOR = Simulator(
    name="e_seal",
    about=Text(
        "会真正用印的签章平台（通用接口）：PDF、OFD 与签章数据；根证书启动时生成，--option anchors=目录 可写出。",
        "A seal platform with the generic interface that really seals PDFs, OFDs and bare signatures; its authorities are made "
        "when it starts and written to the folder anchors.",
    ),
    words=Step,
    options=Options,
    start=SealPlatform,
)
