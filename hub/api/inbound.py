# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/in/NAME``: systems that call in a form of their own, SOAP or a webhook; the source of that name understands them.

The hub bounds the body, accepts what the receiver made of it, and gives the receiver's answer. Who calls, the receiver
knows: by a signature, a password in the envelope or a client certificate.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from connectors.sdk import Admitted, Refused, Reply, Request, Taken, TurnedAway
from connectors.sdk.receiver_host import Fallen
from contracts.refusal import Refusal
from contracts.text import Text
from hub.api import bodies
from hub.api.gate import presented
from hub.api.problems import BUG, NOT_FOUND
from hub.api.route import SYSTEM, Answer, Parameter, Route
from hub.config.deployment import Limits
from hub.config.proxy import ProxySection
from hub.identities.trusting import Use
from hub.items import accept_items
from hub.reception import Reception
from hub.running import Hub

_AWAY = Refusal(
    "E_RECEIVER_AWAY",
    Text(
        "理解此处请求的连接器正在重新启动。",
        "The connector that understands what is called here is being started again.",
    ),
)
_HELD_UP = 1.0  # seconds that a caller waits for deliveries to keep up
_OURS = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "set-cookie", "transfer-encoding", "upgrade"}
)
_SPECIAL = re.compile(r'[,+"\\<>;=]')
_SHORT = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "stateOrProvinceName": "ST",
}
_SOURCE = Parameter("source", "path", Text("来源的名称", "The source's name in the deployment"))
_REST = Parameter("rest", "path", Text("其后的路径，由连接器解释", "What follows, for the connector to read"))


class Inbound:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def call(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """Hand one call to its receiver, and its messages to the path."""
        reception = self._hub.receptions.get(request.match_info["source"])
        if reception is None:
            return NOT_FOUND
        shown = presented(request, None).certificate
        judged = None if shown is None else self._hub.identities.trusting.judge(shown, Use.CLIENT)
        if isinstance(judged, Refusal):
            self._hub.observer.turned_away(judged.code)
            return judged
        request[SYSTEM] = reception.bringer.system
        declared = request.content_length
        size = self._limits.body_bytes if declared is None else min(declared, self._limits.body_bytes)
        with self._hub.intake.admitted(size, reception.bringer.system) as busy:
            if busy is not None:
                return busy
            await self._hub.headway.room_soon(self._hub.clock, _HELD_UP)
            if self._hub.intake.pause:
                await self._hub.clock.sleep(self._hub.intake.pause)
            return await self._received(request, reception)

    async def _received(self, request: web.Request, reception: Reception) -> web.StreamResponse | Refusal:
        limits = self._limits
        body = await bodies.read(request, self._hub.clock, most=limits.body_bytes, seconds=limits.receive_seconds)
        if isinstance(body, Refusal):
            return body
        admission = await reception.admit(_request(request, body, self._hub.proxy))
        match admission:
            case Fallen():
                return self._fallen(reception, admission)
            case Reply():
                return _response(admission)
            case TurnedAway(code=code, reply=reply):
                reception.turn_away(code)
                reception.log.info("turned away", code=code)
                self._hub.observer.turned_away(code)
                return _response(reply)
            case Admitted():
                return await self._accepted(reception, admission)

    async def _accepted(self, reception: Reception, admitted: Admitted) -> web.StreamResponse | Refusal:
        answers = await accept_items(self._hub, reception.bringer, admitted.items)
        reception.taken += sum(isinstance(answer, Taken) for answer in answers)
        reception.refused += sum(isinstance(answer, Refused) for answer in answers)
        told = [(item.token, answer) for item, answer in zip(admitted.items, answers, strict=True)]
        reply = await reception.reply(admitted.note, told)
        return self._fallen(reception, reply) if isinstance(reply, Fallen) else _response(reply)

    def _fallen(self, reception: Reception, fallen: Fallen) -> Refusal:
        """A receiver whose process is away is one to call again: what it took of the call is known by then as a repeat."""
        if fallen.retry_after is None:
            reception.log.error("bug in receiver", reason=fallen.reason)
            return BUG
        code = fallen.reason.partition(":")[0]
        reception.turn_away(code)
        reception.log.warning("receiver away", reason=fallen.reason)
        self._hub.observer.turned_away(code)
        return replace(_AWAY, retry_after=fallen.retry_after)


def _request(request: web.Request, body: bytes, proxy: ProxySection | None) -> Request:
    path, _, query = request.raw_path.partition("?")
    _, _, rest = path.removeprefix("/v1/in/").partition("/")
    subject = _subject(request.get_extra_info("peercert") or {})
    told = "" if proxy is None else proxy.subject_header.lower()
    if proxy is not None and not subject and proxy.believes(request.remote):
        said = request.headers.getall(proxy.subject_header, [])
        subject = said[0] if len(said) == 1 else ""  # twice: the proxy passes on what callers write
    return Request(
        method=request.method,
        path=f"/{rest}" if rest else "",
        query=query,
        headers=tuple((name, value) for name, value in request.headers.items() if name.lower() != told),
        body=body,
        url=f"{request.scheme}://{request.host}{path}",
        peer=request.remote or "",
        subject=subject,
    )


def _part(name: str, value: str) -> str:
    return f"{_SHORT.get(name, name)}=" + _SPECIAL.sub(r"\\\g<0>", value)


def _subject(certificate: Mapping[str, Any]) -> str:
    """The subject of a client certificate as RFC 4514 writes it, the last part first."""
    parts = [part for name in reversed(certificate.get("subject", ())) for part in name]
    return ",".join(_part(name, value) for name, value in parts)


def _response(reply: Reply) -> web.Response:
    response = web.Response(status=reply.status, body=reply.body)
    for name, value in reply.headers:
        if name.lower() not in _OURS:
            response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    inbound = Inbound(hub, limits)
    meaning = Text(
        "由外部系统按其自己的形式（SOAP、回调）调用；应答的形式由该来源的连接器决定，重复调用得到同一结果。",
        "Called by an outside system in a form of its own (SOAP, a webhook); the source's connector decides the form of the "
        "answer, and a repeated call is given the same outcome.",
    )
    return tuple(
        Route(
            method=method,
            path=f"/v1/in/{{source}}{rest}",
            name=f"{verb}In{below}",
            meaning=meaning,
            handler=inbound.call,
            parameters=(_SOURCE, _REST) if rest else (_SOURCE,),
            takes={"*/*": None} if method != "GET" else {},
            answers={200: Answer(Text("由连接器决定", "As the connector decides"), "*/*")},
            refusals=("E_NOT_FOUND", "E_TOO_LARGE", "E_TOO_SLOW", "E_CONTENT_TYPE", "E_BUSY", "E_RECEIVER_AWAY"),
            receives=True,
            quiet=True,
        )
        for rest, below in (("", ""), ("/{rest:.+}", "Below"))
        for method, verb in (("POST", "call"), ("GET", "ask"), ("PUT", "put"))
    )
