# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's web service that behaves as a script says, one word for each call that would have an effect.

govhub simulate soap --port 9002 --script "ok,busy,fault,cut,hang,garbage"

Its WSDL is at ``?wsdl``: ``tijiao(sblsh, neirong)`` hands a case over, ``chaxun(sblsh)`` asks what became of it.
"""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Self

from aiohttp import web

from connectors.sdk.simulator import Simulator, Word, steps
from connectors.soap.description import wsdl
from connectors.soap.endpoint_config import EndpointConfig
from connectors.soap.envelope import Opened, content_type, enveloped, fault, opened
from connectors.soap.wsdl import Version
from contracts.text import Text
from contracts.xml.text import escaped
from contracts.xml.tree import local

NAMESPACE = "http://simulated.example/"
_ARGUMENTS = {"tijiao": ["sblsh", "neirong"], "chaxun": ["sblsh"]}
_CONFIG = EndpointConfig.model_validate(
    {
        "namespace": NAMESPACE,
        "service": "SimulatedService",
        "anybody": True,
        "operations": {
            name: {
                "parameters": given,
                "type": "simulated",
                "id": "{f.sblsh}",
                "subject": "{f.sblsh}",
                "data": given[-1],
                "content_type": "text/plain",
            }
            for name, given in _ARGUMENTS.items()
        },
    }
)


class Step(Word):
    """What becomes of one call."""

    OK = "ok", "办理，结果为 200", "done; the result says 200"
    FAIL = "fail", "无 Fault，结果内含失败", "no fault, and a failure inside the result"
    REFUSE = "refuse", "客户端 Fault", "a fault of the client"
    FAULT = "fault", "已办理，但回服务端 Fault", "done, and then a fault of the server"
    BUSY = "busy", "HTTP 503，未办理", "HTTP 503; nothing is done"
    CUT = "cut", "已办理，不作答即断开", "done, and the connection is cut without an answer"
    HANG = "hang", "已办理，永不作答", "done, and never answered"
    GARBAGE = "garbage", "已办理，回答无法读懂", "done, and answered with what nobody can read"
    BOMB = "bomb", "已办理，回一份专害读者的文档", "done, and answered with a document that is made to hurt its reader"


_DONE = frozenset({Step.OK, Step.FAULT, Step.CUT, Step.HANG, Step.GARBAGE, Step.BOMB})
_BOMB = b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 1_000 + b'"><!ENTITY y "' + b"&x;" * 1_000 + b'">]><a>&y;</a>'


class WebService:
    """Used as an async context manager. When the script is at its end, everything is ``ok``."""

    def __init__(self, script: Iterable[Step] = (), host: str = "127.0.0.1", port: int = 0) -> None:
        self._steps: Iterator[Step] = steps(script, Step.OK)
        self._place = (host, port)
        self._released = asyncio.Event()
        self.done: list[str] = []
        """The number of everything that had its effect, in order; one that stands twice was done twice."""
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_get("/cases", self._described)
        application.router.add_post("/cases", self._called)
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
        """Where it is called."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/cases"

    def wsdl(self) -> bytes:
        """Its description."""
        return wsdl(_CONFIG, self.address)

    async def _described(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.wsdl(), content_type="text/xml")

    async def _called(self, request: web.Request) -> web.Response:
        said = opened(await request.read(), request.charset)
        if not isinstance(said, Opened) or said.content is None or local(said.content) not in _ARGUMENTS:
            return _fault(Version.V11, "Client", "no such call")
        number = next((child.text or "" for child in said.content if local(child) == "sblsh"), "")
        if local(said.content) == "chaxun":
            return _result(said.version, "chaxun", '{"zhuangtai": "%s"}' % ("yiban" if number in self.done else "wu"))
        step = next(self._steps)
        if step in _DONE:
            self.done.append(number)
        if step is Step.HANG:
            await self._released.wait()
        if step is Step.CUT and request.transport is not None:
            request.transport.abort()
        return _told(said.version, step)


def _told(version: Version, step: Step) -> web.Response:
    match step:
        case Step.OK | Step.FAIL:
            status = 200 if step is Step.OK else 500
            return _result(version, "tijiao", f"<RESULT><STATUS>{status}</STATUS></RESULT>")
        case Step.REFUSE | Step.FAULT:
            return _fault(version, "Client" if step is Step.REFUSE else "Server", "as the script says")
        case Step.GARBAGE | Step.BOMB:
            body = _BOMB if step is Step.BOMB else b"<e:Envelope><"
            return web.Response(body=body, content_type="text/xml")
        case Step.BUSY | Step.CUT | Step.HANG:
            return web.Response(status=503)


def _result(version: Version, operation: str, text: str) -> web.Response:
    inner = f"<return>{escaped(text)}</return>"
    body = enveloped(version, f'<t:{operation}Response xmlns:t="{NAMESPACE}">{inner}</t:{operation}Response>')
    assert isinstance(body, bytes), "UTF-8 has every character"
    return web.Response(body=body, headers={"Content-Type": content_type(version, "")})


def _fault(version: Version, code: str, reason: str) -> web.Response:
    return web.Response(
        status=500, body=fault(version, code, reason), headers={"Content-Type": content_type(version, "")}
    )


SIMULATOR = Simulator(
    name="soap",
    about=Text(
        "一个部门的 Web 服务，每次 tijiao 取剧本的一个词；WSDL 在地址后加 ?wsdl。",
        "A department's web service: one word for each call of tijiao; its WSDL is at the address with ?wsdl.",
    ),
    words=Step,
    start=lambda script, host, port, _: WebService(script, host, port),
)
