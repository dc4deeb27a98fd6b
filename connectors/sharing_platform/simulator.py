# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A data-sharing platform that behaves as a script says, one word for each call of a service.

govhub simulate sharing_platform --port 9010 --script "ok,lose,busy,expire"

It checks signatures, gives new secrets, keeps records and materials in memory, lists what waits for whom, and has registers of
persons, bodies and licences who do not exist, by REST and the first of them by SOAP. When the script is at its end, everything
is ``ok``.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import orjson
from aiohttp import web
from pydantic import BaseModel, Field

from connectors.sdk import STRICT, Text
from connectors.sdk.http.place import Document
from connectors.sdk.simulator import Simulator, Word, steps
from connectors.sharing_platform.registers import PERSONS, REGISTERS, catalogue, looked_up
from connectors.sharing_platform.signing import signature, wrapped
from contracts.xml.text import escaped

PUT, STATE, PUT_MATERIAL, FETCH, FETCH_MATERIAL, WAITING, ACKNOWLEDGE = (
    f"s_5105000001_{number:04d}" for number in range(1, 8)
)
SERVICES: Final = {
    "put": PUT,
    "state": STATE,
    "put_material": PUT_MATERIAL,
    "fetch": FETCH,
    "fetch_material": FETCH_MATERIAL,
    "waiting": WAITING,
    "acknowledge": ACKNOWLEDGE,
}
"""The services that carry records, as a destination's settings name them."""

_LISTS = ("s_sys_service001", "s_sys_service002")
_RENEWAL = "s_sys_auth001"
_MOST = 64 * 2**20
_SKEW_MS = 300_000


class Step(Word):
    """What becomes of one call."""

    OK = "ok", "办好", "done"
    LOSE = "lose", "办好，但答复丢失", "done, and the connection is cut before the answer"
    BUSY = "busy", "没办，请稍后再来", "not done: HTTP 503, come back later"
    REFUSE = "refuse", "没办，也不会办：代码 422", "not done, and never will be: code 422"
    HANG = "hang", "办好，但一直不答复", "done, and never answered"
    SLOW = "slow", "办好，半秒后答复", "done, and answered half a second later"
    EXPIRE = "expire", "全部密钥此刻失效，签名被拒", "every secret ends this moment: the signature is refused"
    GARBAGE = "garbage", "没办，答复无法读懂", "not done, and answered with what nobody can read"


@dataclass(slots=True)
class Requester:
    """Somebody who is registered. ``secrets`` hold until their moment, on the machine's monotonic clock."""

    app_key: str
    secrets: dict[str, float] = field(default_factory=dict)
    given: int = 0


@dataclass(slots=True)
class Lying:
    """A record at the platform: by whom it was put, when, and what was said of it since."""

    record: dict[str, Any]
    putter: str
    since: float
    told: dict[str, Any] | None = None


class SharingPlatform:
    """Used as an async context manager. ``requesters`` are app keys by requester; ``overlap_seconds`` is how long the secret
    before the newest still holds, ``life_seconds`` how long the newest does. ``lasting`` are secrets that never end,
    by requester.
    """

    def __init__(
        self,
        script: Iterable[Step] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        requesters: Mapping[str, str] | None = None,
        life_seconds: float = 86_400,
        overlap_seconds: float = 600,
        clock_ahead_ms: int = 0,
        lasting: Mapping[str, str] | None = None,
    ) -> None:
        self.script: Iterator[Step] = steps(script, Step.OK)
        self.requesters = {rid: Requester(key) for rid, key in (requesters or {"r_govhub": "made-up-app-key"}).items()}
        self._lasting = dict(lasting or {})
        self.records: dict[str, Lying] = {}
        self.materials: dict[str, tuple[str, str]] = {}
        self.calls: list[tuple[str, str]] = []
        """Services that were called, and what was decided."""
        self.on_put: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        self._life = life_seconds
        self._overlap = overlap_seconds
        self._ahead = clock_ahead_ms
        self._place = (host, port)
        self._released = asyncio.Event()
        self._changed = asyncio.Condition()
        application = web.Application(client_max_size=_MOST)
        for path in ("/httpproxy", "/wsproxy", "/sysapi/service/getlist", "/sysapi/service/getdetail"):
            application.router.add_post(path, self._call)
            application.router.add_route("OPTIONS", path, self._there)
        application.router.add_post("/sysapi/auth/refreshappsecret", self._renew)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._place).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        """Where it is."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    def give(self, rid: str) -> str:
        """A new secret for a requester; the one before it holds a while longer, older ones end."""
        requester = self.requesters[rid]
        requester.given += 1
        now = time.monotonic()
        before = list(requester.secrets)[-1:]
        requester.secrets = {one: min(requester.secrets[one], now + self._overlap) for one in before}
        secret = hashlib.sha256(f"{rid}{requester.given}{id(self)}".encode()).hexdigest()[:32]
        requester.secrets[secret] = now + self._life
        return secret

    def expire(self) -> None:
        """Every secret ends."""
        for requester in self.requesters.values():
            requester.secrets.clear()

    async def until(self, fits: Callable[[], bool]) -> None:
        """Wait until this holds, looked at after every call."""
        async with self._changed:
            await self._changed.wait_for(fits)

    def _now_ms(self) -> int:
        return int(time.time() * 1000) + self._ahead  # noqa: TID251  # because another's system has a clock of its own

    async def _there(self, _request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _renew(self, request: web.Request) -> web.StreamResponse:
        requester = self.requesters.get(request.headers.get("gjgxjhpt_rid", ""))
        if requester is None or not self._signed(request, [requester.app_key]):
            return self._answer({"code": "SIGN_ERROR"}, status=401)
        secret = self.give(request.headers["gjgxjhpt_rid"])
        end = self._now_ms() + int(self._life * 1000)
        data = {"secret": wrapped(requester.app_key, secret), "secretEndTime": str(end)}
        return self._answer({"code": "0", "data": data})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        sid, body = request.headers.get("gjgxjhpt_sid", ""), await request.read()
        word = next(self.script)
        if word is Step.EXPIRE:
            self.expire()
        rid = request.headers.get("gjgxjhpt_rid", "")
        requester = self.requesters.get(rid)
        now = time.monotonic()
        valid = [one for one, until in requester.secrets.items() if now < until] if requester else []
        valid += [self._lasting[rid]] if rid in self._lasting else []
        if not self._signed(request, valid):
            return await self._told(sid, "unsigned", self._answer({"code": "SIGN_ERROR"}, status=401))
        if (undone := self._undone(word)) is not None:
            return await self._told(sid, word, undone)
        done = self._done(sid, rid, body)
        if sid == PUT and self.on_put is not None:
            await self.on_put(orjson.loads(body))
        await self._told(sid, word, done)
        await self._delayed(word, request)
        return done

    def _undone(self, word: Step) -> web.Response | None:
        """The answer to a call that is not carried out; None where it is."""
        match word:
            case Step.BUSY:
                return web.Response(status=503, headers={"Retry-After": "1"})
            case Step.REFUSE:
                return self._answer({"code": "422"})
            case Step.GARBAGE:
                return web.Response(body=b"\xff\xfe{", content_type="application/json")
            case _:
                return None

    async def _delayed(self, word: Step, request: web.Request) -> None:
        match word:
            case Step.LOSE if request.transport is not None:
                request.transport.abort()
            case Step.HANG:
                await self._released.wait()
            case Step.SLOW:
                await asyncio.sleep(0.5)
            case _:
                pass

    async def _told(self, sid: str, word: str, answer: web.StreamResponse) -> web.StreamResponse:
        async with self._changed:
            self.calls.append((sid, str(word)))
            self._changed.notify_all()
        return answer

    def _signed(self, request: web.Request, keys: list[str]) -> bool:
        sid, rid, rtime, sign = (
            request.headers.get(f"gjgxjhpt_{name}", "") for name in ("sid", "rid", "rtime", "sign")
        )
        if not rtime.isdecimal() or abs(int(rtime[:15]) - self._now_ms()) > _SKEW_MS:
            return False
        return any(hmac.compare_digest(signature(key, sid, rid, rtime).encode(), sign.encode()) for key in keys)

    def _answer(self, said: dict[str, Any], status: int = 200) -> web.Response:
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(self._now_ms() / 1000))
        return web.Response(
            status=status, body=orjson.dumps(said), content_type="application/json", headers={"Date": date}
        )

    def _done(self, sid: str, rid: str, body: bytes) -> web.Response:
        if body.lstrip().startswith(b"<"):
            return self._soap(body)
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError:
            return self._answer({"code": "400"})
        works: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
            PUT: self.put,
            STATE: lambda _, said: self._found(said, whole=False),
            PUT_MATERIAL: self._put_material,
            FETCH: lambda _, said: self._found(said, whole=True),
            FETCH_MATERIAL: self._fetch_material,
            WAITING: self._waiting,
            ACKNOWLEDGE: self._acknowledge,
        }
        if sid in works and isinstance(said, dict):
            return self._answer(works[sid](rid, said))
        if sid in REGISTERS and isinstance(said, dict):
            return self._answer(looked_up(sid, said))
        if sid in _LISTS:
            return self._answer(catalogue(said))
        return self._answer({"code": "403"})

    def put(self, rid: str, said: dict[str, Any]) -> dict[str, Any]:
        """What a requester puts; under its key once and for all."""
        key = str(said.get("record_id"))
        before = self.records.get(key)
        if before is not None:
            return {"code": "0"} if before.record["digest"] == said.get("digest") else {"code": "409"}
        self.records[key] = Lying(said, rid, time.monotonic())
        return {"code": "0"}

    def _found(self, said: dict[str, Any], *, whole: bool) -> dict[str, Any]:
        lying = self.records.get(str(said.get("record_id")))
        if lying is None:
            return {"code": "404"}
        return {"code": "0", "data": lying.record if whole else {"digest": lying.record["digest"], "told": lying.told}}

    def _put_material(self, _rid: str, said: dict[str, Any]) -> dict[str, Any]:
        self.materials[said["digest"]] = (said["media_type"], said["content"])
        return {"code": "0"}

    def _fetch_material(self, _rid: str, said: dict[str, Any]) -> dict[str, Any]:
        found = self.materials.get(str(said.get("digest")))
        return (
            {"code": "404"}
            if found is None
            else {"code": "0", "data": dict(zip(("media_type", "content"), found, strict=True))}
        )

    def _waiting(self, rid: str, said: dict[str, Any]) -> dict[str, Any]:
        """What others have put and nobody has acknowledged, in the order in which it came."""
        oldest = time.monotonic() - float(said.get("settled_seconds", 0))
        keys = [
            key
            for key, one in self.records.items()
            if one.putter != rid
            and one.told is None
            and one.since <= oldest
            and said.get("record_source") in {None, one.record.get("record_source")}
        ]
        return {"code": "0", "data": {"record_ids": keys[: int(said.get("limit", 100))]}}

    def _acknowledge(self, _rid: str, said: dict[str, Any]) -> dict[str, Any]:
        lying = self.records.get(str(said.get("record_id")))
        if lying is None:
            return {"code": "404"}
        lying.told = said
        return {"code": "0"}

    def _soap(self, body: bytes) -> web.Response:
        document = Document(body)
        criteria = {name: document.text(f"/Envelope/Body/query/{name}") or "" for name in ("xm", "bh")}
        found = looked_up(PERSONS, criteria)
        if document.text("/Envelope/Header/tongtechheader/gjgxjhpt_sign") is None:
            found = {"code": "403"}
        people = "".join(
            "<person>" + "".join(f"<{name}>{escaped(value)}</{name}>" for name, value in one.items()) + "</person>"
            for one in found.get("data", ())
        )
        text = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><queryResponse>'
            f"<code>{found['code']}</code>{people}</queryResponse></s:Body></s:Envelope>"
        )
        return web.Response(text=text, content_type="text/xml")


class Options(BaseModel):
    """Who is registered."""

    model_config = STRICT

    rid: str = Field(
        default="r_govhub", max_length=100, description="请求方标识。The requester.", examples=["r_govhub"]
    )
    app_key: str = Field(
        default="made-up-app-key",
        max_length=100,
        description="请求方的应用密钥，仅用于演练。The requester's app key, for rehearsal alone.",
        examples=["made-up-app-key"],
    )
    other: str = Field(
        default="r_other",
        max_length=100,
        description="另一请求方，密钥相同：部门一侧。Another requester with the same key: the department's side.",
        examples=["r_housing"],
    )
    other_secret: str = Field(
        default="",
        max_length=100,
        description="另一请求方不变的签名密钥。A secret of the other requester that never ends.",
        examples=["made-up-secret"],
    )
    life_seconds: float = Field(
        default=86_400,
        ge=1,
        description="换发的密钥有效多少秒。How long a secret that was given holds, in seconds.",
        examples=[60],
    )


def _started(script: Sequence[Step], host: str, port: int, options: Options | None) -> SharingPlatform:
    said = options or Options()
    return SharingPlatform(
        script,
        host,
        port,
        requesters={said.rid: said.app_key, said.other: said.app_key},
        life_seconds=said.life_seconds,
        lasting={said.other: said.other_secret} if said.other_secret else {},
    )


SIMULATOR = Simulator(
    name="sharing_platform",
    about=Text(
        "一个数据共享平台：验签、换发密钥、存取记录与材料，并有虚构的人口、法人、证照库。每次调用取剧本的一个词。",
        "A data-sharing platform: it checks signatures, gives new secrets, keeps records and materials, and has registers of "
        "persons, bodies and licences who do not exist. One word of the script for each call.",
    ),
    words=Step,
    start=_started,
    options=Options,
)
