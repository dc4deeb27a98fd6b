# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The profiles of two vendors, against far sides written from what they publish: every request is signed as they say."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs

import orjson
import pytest
import structlog
from aiohttp import web
from pydantic import ValidationError

from connectors.e_seal.config import SealConfig
from connectors.e_seal.connector import CONNECTOR
from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.workshop import Workshop
from connectors.e_seal.sink import SealSink
from connectors.sdk import Accepted, Context, Delivered, Idempotency, InDoubt, Parcel, Rejected
from connectors.sdk.session import open_session
from tests.connectors.far_seals import ORIGINALS, SECRETS, Door, request_to_seal, settings_for

KEY = SECRETS["platform"]
PDF = "application/pdf"
LOOPBACK = {"networks": ["127.0.0.0/8"]}


class Vendor:
    """What both have in common: a file is put at an address they name, sealed at once, and fetched from another."""

    def __init__(self, folder: Path) -> None:
        self.workshop = Workshop(datetime.now(UTC), Algorithm.SM2, Algorithm.RSA)  # noqa: TID251  # it has its own clock
        self.workshop.write(folder / "anchors")
        self.content = b""
        self.task: dict[str, Any] = {}
        self.strangers: list[str] = []
        self.state: Any = None
        self.code: Any = None
        application = web.Application(client_max_size=2**26)
        application.router.add_route("*", "/{path:.*}", self._asked)
        self._runner = web.AppRunner(application)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _asked(self, request: web.Request) -> web.Response:
        body = await request.read()
        match request.path:
            case "/storage":
                self.content = body
                return web.json_response({"errCode": 0})
            case "/sealed":
                now = datetime.now(UTC)  # noqa: TID251  # it has its own clock
                return web.Response(body=await self.workshop.seal(self.content, PDF, "", now))
            case _:
                if self.signature(request, body) != self.shown(request):
                    self.strangers.append(request.path)
                return web.json_response(self.answer(request.path, body))

    def signature(self, request: web.Request, body: bytes) -> str:
        raise NotImplementedError

    def shown(self, request: web.Request) -> str:
        raise NotImplementedError

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        raise NotImplementedError


class Tsign(Vendor):
    """e签宝 V3."""

    def signature(self, request: web.Request, body: bytes) -> str:
        digest = base64.b64encode(hashlib.md5(body).digest()).decode() if body else ""
        text = f"{request.method}\n*/*\n{digest}\n{request.headers['Content-Type']}\n\n{request.raw_path}"
        return base64.b64encode(hmac.new(KEY.encode(), text.encode(), hashlib.sha256).digest()).decode()

    def shown(self, request: web.Request) -> str:
        return request.headers.get("X-Tsign-Open-Ca-Signature", "")

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        match path.rpartition("/")[2]:
            case "file-upload-url":
                assert orjson.loads(body)["fileSize"] == len(ORIGINALS[PDF])
                return {"code": 0, "data": {"fileId": "f1", "fileUploadUrl": f"{self.url}/storage"}}
            case "create-by-file":
                self.task = orjson.loads(body)
                return self.code or {"code": 0, "data": {"signFlowId": "flow-1"}}
            case "detail":
                title = self.task["signFlowConfig"]["signFlowTitle"]
                return {
                    "code": 0,
                    "data": {"signFlowStatus": self.state or 2, "signFlowConfig": {"signFlowTitle": title}},
                }
            case _:
                return {"code": 0, "data": {"files": [{"downloadUrl": f"{self.url}/sealed"}]}}


class Fasc(Vendor):
    """法大大 FASC 5.1."""

    def signature(self, request: web.Request, body: bytes) -> str:
        names = ("App-Id", "Sign-Type", "Timestamp", "Nonce", "AccessToken", "Api-SubVersion", "Grant-Type")
        known = {f"X-FASC-{name}": request.headers.get(f"X-FASC-{name}", "") for name in names}
        known["bizContent"] = parse_qs(body.decode()).get("bizContent", [""])[0]
        text = "&".join(f"{name}={known[name]}" for name in sorted(known) if known[name])
        key = hmac.new(KEY.encode(), known["X-FASC-Timestamp"].encode(), hashlib.sha256).digest()
        return hmac.new(key, hashlib.sha256(text.encode()).hexdigest().encode(), hashlib.sha256).hexdigest()

    def shown(self, request: web.Request) -> str:
        return request.headers.get("X-FASC-Sign", "")

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        def good(**data: Any) -> dict[str, Any]:
            return {"code": "100000", "data": data}

        match path.rpartition("/")[2]:
            case "get-access-token":
                return good(accessToken="token-1")
            case "get-upload-url":
                return good(uploadUrl=f"{self.url}/storage", fddFileUrl="stored")
            case "process":
                return good(fileIdList=[{"fileId": "f1"}])
            case "create":
                self.task = orjson.loads(parse_qs(body.decode())["bizContent"][0])
                return self.code or good(signTaskId="task-1")
            case "get-detail":
                return good(signTaskStatus=self.state or "task_finished", signTaskSubject=self.task["signTaskSubject"])
            case _:
                return good(downloadUrl=f"{self.url}/sealed")


PROFILES: dict[str, Callable[[Path], Vendor]] = {"esign_v3": Tsign, "fasc_5_1": Fasc}
TASKS = {"esign_v3": "flow-1", "fasc_5_1": "task-1"}
REFUSED = {"esign_v3": 7, "fasc_5_1": "sign_rejected"}


@pytest.fixture(params=sorted(PROFILES))
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Open:
    """A sink that is open to a vendor."""

    def __init__(self, sink: SealSink, vendor: Vendor, door: Door) -> None:
        self.sink, self.vendor, self.door = sink, vendor, door

    async def send(self) -> Any:
        digest = self.door.keep(ORIGINALS[PDF])
        body = orjson.dumps(request_to_seal(digest, PDF, positions=[{"page": 1, "x": 150, "y": 240}]))
        return await self.sink.send(Parcel(idempotency_key="key-1", content_type="application/json", body=body))


@pytest.fixture
async def here(profile: str, tmp_path: Path) -> AsyncIterator[Open]:
    async with Door() as door, PROFILES[profile](tmp_path) as vendor, open_session() as session:
        settings = {
            **settings_for(vendor.url, door.url, tmp_path / "anchors"),
            "profile": profile,
            "egress": LOOPBACK,
            "values": {"organisation": "0000"},
        }
        context = Context(
            destination="seals",
            http=session,
            log=structlog.get_logger(),
            secret=SECRETS.__getitem__,
            monotonic=asyncio.get_running_loop().time,
        )
        async with SealSink(SealConfig.model_validate(settings), context) as sink:
            yield Open(sink, vendor, door)


async def test_a_file_is_uploaded_sealed_fetched_and_verified(here: Open, profile: str) -> None:
    accepted = await here.send()
    ended = await here.sink._collector.collect(TASKS[profile])

    assert accepted == Accepted(TASKS[profile])
    assert isinstance(ended, Delivered), ended
    assert here.vendor.content == ORIGINALS[PDF]
    assert here.vendor.strangers == []
    [told] = here.door.told()
    assert (told["result"], told["structure"], told["task_no"]) == ("done", "pades", "YY-000001")


async def test_the_reference_goes_along(here: Open) -> None:
    await here.send()

    assert b"key-1" in orjson.dumps(here.vendor.task)


async def test_a_business_failure_inside_a_success_is_a_refusal(here: Open) -> None:
    here.vendor.code = {"code": "210005", "msg": "..."}

    assert await here.send() == Rejected("CODE_210005")


async def test_a_success_nobody_can_read_is_in_doubt_and_waits_for_a_person(here: Open) -> None:
    here.vendor.code = {"unexpected": True}

    assert isinstance(await here.send(), InDoubt)
    assert isinstance(await here.sink.query("key-1"), InDoubt)


async def test_what_the_signer_refused_is_told(here: Open, profile: str) -> None:
    await here.send()
    here.vendor.state = REFUSED[profile]

    assert isinstance(await here.sink._collector.collect(TASKS[profile]), Delivered)
    assert [one["result"] for one in here.door.told()] == ["refused"]


def test_neither_can_be_asked_by_reference_and_both_say_so(profile: str, tmp_path: Path) -> None:
    settings = {**settings_for("http://127.0.0.1:9", "http://127.0.0.1:9", tmp_path), "profile": profile}
    config = SealConfig.model_validate({**settings, "egress": LOOPBACK})

    assert CONNECTOR.promises(config).idempotency is Idempotency.NONE
    with pytest.raises(ValidationError, match="egress"):
        SealConfig.model_validate(settings)
