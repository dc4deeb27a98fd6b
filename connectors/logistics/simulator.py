# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Both carriers, behaving as a script says, one word for each order or cancellation. Questions are always answered.

govhub simulate logistics --port 9004 --script "ok,busy,cut,hang,refuse"

It checks digests, knows order numbers and never takes one twice. ``GET /orders`` tells what it has;
``POST /routes?order=NUMBER&code=80`` has it push a route to ``push_url``.
"""

import asyncio
import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self
from urllib.parse import quote_plus, unquote_plus

import aiohttp
import orjson
from aiohttp import web
from pydantic import BaseModel, Field

from connectors.logistics import sf
from connectors.logistics.digests import ems_order_digest, ems_trace_digest, sf_digest
from connectors.logistics.tracing import ROUTES
from connectors.sdk import STRICT
from connectors.sdk.http.template import BEIJING
from connectors.sdk.simulator import Simulator, Word, steps
from contracts.text import Text

WORD = "simulated-check-word"
TRACE = "JDPT_TRACE"


class Step(Word):
    """What becomes of one order or cancellation."""

    OK = "ok", "接单，给运单号", "taken, with a waybill"
    REFUSE = "refuse", "业务失败（HTTP 200）", "HTTP 200, and a business failure inside"
    GATEWAY = "gateway", "网关失败，未到服务（HTTP 200）", "HTTP 200, and the gateway's failure: nothing was done"
    BUSY = "busy", "HTTP 503，未办理", "HTTP 503, nothing is done"
    THROTTLE = "throttle", "HTTP 429，未办理", "HTTP 429, nothing is done"
    BROKEN = "broken", "已接单，但回 HTTP 500", "taken, and then HTTP 500"
    CUT = "cut", "已接单，不作答即断开", "taken, and the connection is cut without an answer"
    LOST = "lost", "未接单，断开", "not taken, and the connection is cut"
    HANG = "hang", "已接单，永不作答", "taken, and never answered"
    SLOW = "slow", "一秒后接单", "taken after a second"
    GARBAGE = "garbage", "已接单，回答无法读懂", "taken, and answered with what nobody can read"


_DONE = frozenset({Step.OK, Step.BROKEN, Step.CUT, Step.HANG, Step.SLOW, Step.GARBAGE})


class Options(BaseModel):
    """What else can be said."""

    model_config = STRICT

    carrier: Literal["sf", "ems"] = Field(default="sf", description="哪家的接口。Whose interface.")
    word: str = Field(default=WORD, description="校验码。The shared word.")
    push_url: str = Field(default="", description="路由推送地址（含令牌）。Where routes are pushed to, with its token.")
    first: int = Field(default=1, ge=1, description="首个运单与事件编号。The first number of waybills and events.")
    push_form: Literal["json", "xml"] = Field(default="json", description="顺丰推送格式。The form of SF pushes.")


class Carrier:
    """Used as an async context manager. When the script is at its end, everything is ``ok``."""

    def __init__(
        self, script: Iterable[Step] = (), host: str = "127.0.0.1", port: int = 0, options: Options | None = None
    ) -> None:
        self.options = options or Options()
        self.steps: Iterator[Step] = steps(script, Step.OK)
        self.orders: dict[str, str] = {}
        """Waybill by order number."""
        self.cancelled: set[str] = set()
        self.told: list[tuple[str, dict[str, Any]]] = []
        """Service and message of everything that had its effect, in order."""
        self.questions: Iterator[Step] = itertools.repeat(Step.OK)
        self.away = False
        """Nothing is taken or answered: HTTP 503."""
        self.asked = 0
        """How many questions after orders and parcels have come."""
        self.pushed: list[bytes] = []
        """What was answered to pushes."""
        self.rang = asyncio.Condition()
        self._place = (host, port)
        self._released = asyncio.Event()
        self._numbers = itertools.count(self.options.first)
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.router.add_post("/std/service", self._asked)
        application.router.add_get("/std/service", self._there)
        application.router.add_get("/orders", self._listed)
        application.router.add_post("/routes", self._route)
        self._runner = web.AppRunner(application, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._place).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        """Where orders are sent."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/std/service"

    async def until(self, count: int) -> None:
        """Return once so much has had its effect."""
        async with self.rang:
            await self.rang.wait_for(lambda: len(self.told) >= count)

    async def push(self, order: str, code: str, remark: str = "") -> bytes:
        """Tell of a route, and give what was answered."""
        body, kind = self._push_body(order, code, remark)
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as http,
            http.post(self.options.push_url, data=body, headers={"Content-Type": kind}) as answer,
        ):
            self.pushed.append(await answer.read())
        return self.pushed[-1]

    def _push_body(self, order: str, code: str, remark: str) -> tuple[bytes, str]:
        number, waybill = next(self._numbers), self.orders.get(order, "SF0000000000")
        now = datetime.now(UTC).astimezone(BEIJING) + timedelta(seconds=number - self.options.first)  # noqa: TID251  # because it is a program of its own
        at = f"{now:%Y-%m-%d %H:%M:%S}"
        if self.options.carrier == "ems":
            return ems_push(
                waybill, order, [(at, code, remark)], self.options.word
            ), "application/x-www-form-urlencoded"
        route = {
            "id": str(number),
            "mailno": waybill,
            "orderid": order,
            "acceptTime": at,
            "acceptAddress": "测试市",
            "opCode": code,
            "remark": remark,
        }
        if self.options.push_form == "json":
            return orjson.dumps({"Body": {"WaybillRoute": [route]}}), "application/json"
        attributes = " ".join(f'{name}="{value}"' for name, value in route.items())
        xml = f'<Request service="RoutePushService" lang="zh-CN"><Body><WaybillRoute {attributes}/></Body></Request>'
        return xml.encode(), "text/xml; charset=utf-8"

    async def _there(self, _request: web.Request) -> web.Response:
        return web.Response(status=503 if self.away else 405)

    async def _listed(self, _request: web.Request) -> web.Response:
        return web.json_response({"orders": self.orders, "cancelled": sorted(self.cancelled)})

    async def _route(self, request: web.Request) -> web.Response:
        answer = await self.push(request.query.get("order", ""), request.query.get("code", "80"))
        return web.Response(body=answer)

    async def _asked(self, request: web.Request) -> web.Response:
        fields = {name: str(value) for name, value in (await request.post()).items()}
        if self.away:
            return await self._shut()
        heard = self._sf_heard(fields) if self.options.carrier == "sf" else self._ems_heard(fields)
        if isinstance(heard, web.Response):
            return heard
        service, message, number = heard
        if service in {sf.SEARCH, "ORDERQUERY", ROUTES, TRACE}:
            return await self._questioned(request, service, number)
        step = next(self.steps)
        verdict = self._carried_out(service, message, number) if step in _DONE else (False, "8114")
        async with self.rang:
            self.rang.notify_all()
        return await self._stepped(request, step, verdict)

    async def _shut(self) -> web.Response:
        async with self.rang:
            self.asked += 1
            self.rang.notify_all()
        return web.Response(status=503)

    async def _questioned(self, request: web.Request, service: str, number: str) -> web.Response:
        step = next(self.questions)
        async with self.rang:
            self.asked += 1
            self.rang.notify_all()
        if step is not Step.OK:
            return await self._stepped(request, step, (False, "8114"))
        return self._answer(*self._known(number)) if service in {sf.SEARCH, "ORDERQUERY"} else self._traced(number)

    def _traced(self, waybill: str) -> web.Response:
        """The way of every parcel that was ordered here: picked up."""
        events = [("2026-03-12 10:30:00", "50" if self.options.carrier == "sf" else "203")]
        known = events if waybill in self.orders.values() else []
        if self.options.carrier == "ems":
            items = [{"opTime": at, "opCode": code, "opDesc": ""} for at, code in known]
            return web.json_response({"responseState": True, "errorDesc": "", "responseItems": items})
        routes = [{"acceptTime": at, "acceptAddress": "测试市", "opCode": code, "remark": ""} for at, code in known]
        data = {"errorCode": "S0000", "msgData": {"routeResps": [{"mailNo": waybill, "routes": routes}]}}
        return web.json_response({"apiResultCode": "A1000", "apiResultData": orjson.dumps(data).decode()})

    async def _stepped(self, request: web.Request, step: Step, verdict: tuple[bool, str]) -> web.Response:
        match step:
            case Step.HANG:
                await self._released.wait()
            case Step.SLOW:
                await asyncio.sleep(1)
            case Step.CUT | Step.LOST if request.transport is not None:
                request.transport.abort()
            case Step.BUSY | Step.THROTTLE | Step.BROKEN:
                return web.Response(status={Step.BUSY: 503, Step.THROTTLE: 429, Step.BROKEN: 500}[step])
            case Step.GATEWAY if self.options.carrier == "sf":
                return web.json_response({"apiResultCode": "A1006", "apiErrorMsg": "数字签名无效"})
            case Step.GARBAGE:
                return web.Response(body=b"\xff\xfe{", content_type="application/json")
            case _:
                pass
        return self._answer(*verdict)

    def _sf_heard(self, fields: dict[str, str]) -> tuple[str, dict[str, Any], str] | web.Response:
        message = fields.get("msgData", "")
        if sf_digest(message, fields.get("timestamp", ""), self.options.word) != fields.get("msgDigest"):
            return web.json_response({"apiResultCode": "A1006", "apiErrorMsg": "数字签名无效"})
        data = orjson.loads(message)
        number = data["trackingNumber"][0] if "trackingNumber" in data else data["orderId"]
        return fields.get("serviceCode", ""), data, number

    def _ems_heard(self, fields: dict[str, str]) -> tuple[str, dict[str, Any], str] | web.Response:
        if "msgBody" in fields:
            if ems_trace_digest(fields["msgBody"], self.options.word) != fields.get("dataDigest"):
                return web.json_response({"responseState": False, "errorDesc": "S02"})
            data = orjson.loads(unquote_plus(fields["msgBody"]))
            return TRACE, data, data["traceNo"]
        body = fields.get("logistics_interface", "")
        if ems_order_digest(body, self.options.word) != fields.get("data_digest"):
            return web.json_response({"success": "false", "reason": "S02"})
        data = orjson.loads(body)
        return fields.get("msg_type", ""), data, data["txLogisticID"]

    def _carried_out(self, service: str, message: dict[str, Any], number: str) -> tuple[bool, str]:
        if service in {sf.UPDATE, "ORDERCANCEL"}:
            if number not in self.orders:
                return False, "8018"
            self.cancelled.add(number)
            self.told.append((service, message))
            return True, self.orders[number]
        if number in self.orders:
            return False, "8016"
        self.orders[number] = f"SF{next(self._numbers):010d}"
        self.told.append((service, message))
        return True, self.orders[number]

    def _known(self, number: str) -> tuple[bool, str]:
        waybill = self.orders.get(number)
        return (True, waybill) if waybill is not None else (False, "8018")

    def _answer(self, success: bool, what: str) -> web.Response:  # noqa: FBT001  # because it is what the carrier says
        """``what`` is the waybill, or the code of a failure."""
        if self.options.carrier == "ems":
            told: dict[str, object] = {"responseState": False, "errorDesc": what}
            told |= {"success": "true", "mailNo": what} if success else {"success": "false", "reason": what}
            return web.json_response(told)
        data: dict[str, Any] = {"success": success, "errorCode": "S0000" if success else what, "errorMsg": None}
        if success:
            data["msgData"] = {"waybillNoInfoList": [{"waybillType": 1, "waybillNo": what}]}
        return web.json_response(
            {"apiResultCode": "A1000", "apiErrorMsg": "", "apiResultData": orjson.dumps(data).decode()}
        )


def ems_push(waybill: str, order: str, events: Iterable[tuple[str, str, str]], word: str) -> bytes:
    """The form in which 邮政 tells of a parcel's way."""
    items = [{"opTime": at, "opCode": code, "opDesc": said} for at, code, said in events]
    body = quote_plus(orjson.dumps({"traceNo": waybill, "txLogisticID": order, "responseItems": items}).decode())
    fields = {"msgKind": "GOVHUB_JDPT_TRACE", "msgBody": body, "dataDigest": ems_trace_digest(body, word)}
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items()).encode()


SIMULATOR = Simulator(
    name="logistics",
    about=Text(
        "顺丰或邮政 EMS：校验摘要、记住订单号、绝不重复接单，可推送路由。",
        "SF Express or China Post EMS: checks digests, knows order numbers, takes none twice, and pushes routes.",
    ),
    words=Step,
    start=Carrier,
    options=Options,
)
