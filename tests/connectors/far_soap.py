# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's web service on loopback, as such services are: names in pinyin, texts only, the result a text itself."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web
from lxml import etree

from connectors.sdk import Settings
from connectors.sdk.far_side import Arrived, Behaviour
from tests.connectors.far_http import HttpFarSide

WSDL = (Path(__file__).with_name("soap") / "banjian.wsdl").read_text(encoding="utf-8")
NAMESPACE = "http://service.banjian.example/"
ENVELOPES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
OK = "<RESULT><STATUS>200</STATUS><DESC/></RESULT>"


class SoapFarSide(HttpFarSide):
    """The service of ``banjian.wsdl``."""

    def __init__(self, folder: Path, version: str = "1.1") -> None:
        super().__init__()
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        """Operation, arguments and envelope of each."""
        self.result: Callable[[str, dict[str, str]], str | web.Response] = lambda _name, _arguments: OK
        self._version = version
        self._wsdl = folder / "banjian.wsdl"

    @property
    def settings(self) -> Settings:
        self._wsdl.write_text(WSDL, encoding="utf-8")
        return {
            "wsdl_file": str(self._wsdl),
            **({"url": self.url} if self._runner.addresses else {}),
            "version": self._version,
            "operation": "tijiao",
            "parameters": {
                "sblsh": "{key}",
                "leixing": "{content_type}",
                "shuxing": "{attributes}",
                "neirong": "{body64}",
            },
            "idempotency": "native",
            "answers": [
                {"at": "/tijiaoResponse/return>>/RESULT/STATUS", "in": ["200"], "means": "delivered"},
                {
                    "at": "/tijiaoResponse/return>>/RESULT/STATUS",
                    "means": "rejected",
                    "named": "/tijiaoResponse/return>>/RESULT/STATUS",
                },
            ],
        }

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("GET", "/cases", self._asked)
        application.router.add_route("POST", "/cases", self._called)
        return application

    def _answer(self, content: str, status: int = 200) -> web.Response:
        text = f'<s:Envelope xmlns:s="{ENVELOPES[self._version]}"><s:Body>{content}</s:Body></s:Envelope>'
        kind = "text/xml" if self._version == "1.1" else "application/soap+xml"
        return web.Response(status=status, text=text, content_type=kind)

    def fault(self, code: str, detail: str = "") -> web.Response:
        if self._version == "1.1":
            inner = f"<faultcode>s:{code}</faultcode><faultstring>wrong</faultstring>{detail}"
        else:
            inner = f"<s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text xml:lang='zh'>w</s:Text></s:Reason>{detail}"
        return self._answer(f"<s:Fault>{inner}</s:Fault>", 500)

    async def _called(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        envelope = await request.read()
        if self._behaviour is Behaviour.OUTAGE:
            return web.Response(status=503, text="away")
        root = etree.fromstring(envelope)
        (content,) = root.iterfind(f"{{{ENVELOPES[self._version]}}}Body/*")
        name = etree.QName(content).localname
        arguments = {etree.QName(child).localname: child.text or "" for child in content}
        if name == "chaxun":
            found = any(one.idempotency_key == arguments["sblsh"] for one in self.arrived)
            return self._result(name, json.dumps({"zhuangtai": "yiban" if found else "wu"}))
        self.calls.append((name, arguments, envelope))
        behaviour = self._behaviour
        async with self._changed:
            self.arrived.append(_arrived(arguments))
            self._changed.notify_all()
        match behaviour:
            case Behaviour.HANG:
                await self._released.wait()
            case Behaviour.CUT:
                assert request.transport is not None
                request.transport.abort()
            case Behaviour.REFUSE:
                return self.fault("Client" if self._version == "1.1" else "Sender")
            case Behaviour.ACCEPT | Behaviour.OUTAGE:
                pass
        result = self.result(name, arguments)
        return result if isinstance(result, web.Response) else self._result(name, result)

    def _result(self, name: str, text: str) -> web.Response:
        return self._answer(
            f'<n:{name}Response xmlns:n="{NAMESPACE}"><return>{escape(text)}</return></n:{name}Response>'
        )


class QueryableSoapFarSide(SoapFarSide):
    """The same service, which knows nothing of repeats but can be asked about a key."""

    @property
    def settings(self) -> Settings:
        state = "/chaxunResponse/return>>/zhuangtai"
        query: dict[str, Any] = {
            "operation": "chaxun",
            "parameters": {"sblsh": "{key}"},
            "answers": [
                {"at": state, "in": ["yiban"], "means": "delivered"},
                {"at": state, "in": ["wu"], "means": "not_seen"},
            ],
        }
        return {**super().settings, "idempotency": "queryable", "query": query}


def _arrived(arguments: dict[str, str]) -> Arrived:
    try:
        body = base64.b64decode(arguments.get("neirong", ""), validate=True)
    except ValueError:
        body = arguments["neirong"].encode()
    return Arrived(
        idempotency_key=arguments.get("sblsh", ""),
        content_type=arguments.get("leixing", ""),
        body=body,
        attributes=json.loads(arguments.get("shuxing") or "{}"),
    )
