# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An endpoint that departments call: its WSDL at ?wsdl, calls answered by the hub's receipt or a fault. 服务端"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import orjson

from connectors.sdk import (
    Admission,
    Admitted,
    Context,
    Disposition,
    Heard,
    Item,
    NotNow,
    Refused,
    Reply,
    Request,
    Signed,
    Taken,
    TurnedAway,
)
from connectors.sdk.http.final_answer import AnswerMap, Unanswered, answers_in
from connectors.sdk.http.template import Missing, Resolve, filled
from connectors.sdk.source import SIGNATURE
from connectors.soap import security
from connectors.soap.description import wsdl
from connectors.soap.endpoint_config import EndpointConfig, Exposed
from connectors.soap.envelope import NAMESPACE, Opened, content_type, enveloped, fault, opened
from connectors.soap.wsdl import Version
from contracts.bindings import media_type
from contracts.refusal import Refusal
from contracts.xml.text import escaped
from contracts.xml.tree import Element, local, namespace, undeclared

PROBLEM = "urn:govhub:problem"
_XML = frozenset({"text/xml", "application/soap+xml", "application/xml"})
_LATER_SECONDS = 5.0
_TRUE = frozenset({"1", "true"})
_MOST_VIOLATIONS = 50


class Endpoint:
    """One endpoint. Holds no state."""

    def __init__(self, config: EndpointConfig, context: Context) -> None:
        self._config = config
        self._context = context

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def admit(self, request: Request) -> Admission:
        """As the port says."""
        if request.method == "GET":
            return self._described(request)
        kind = media_type.parse(request.header("Content-Type"))
        if request.method != "POST" or kind is None or kind.essence not in _XML:
            return _away(Version.V11, "NO_SOAP", "请以 POST 发送 SOAP 信封 / Send a SOAP envelope by POST", 415)
        said = opened(request.body, kind.charset if "charset" in request.header("Content-Type").lower() else None)
        if isinstance(said, Refusal):
            version = Version.V12 if kind.essence == "application/soap+xml" else Version.V11
            return _away(version, said.code, str(said.detail))
        if stranger := self._stranger(request, said):
            return _away(said.version, stranger, "未通过身份校验 / The caller is not known")
        return await self._called(request, said)

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply:
        """As the port says."""
        number, _, operation = note.partition(" ")
        version = Version(number)
        match answers[0][1]:
            case Taken(receipt=receipt):
                words = {"receipt": receipt.decode(), "message": str(_members(receipt).get("message", ""))}
                return self._result(version, operation, self._config.results.taken, words)
            case Refused(code=code, problem=problem):
                said = _members(problem)
                detail = str(said.get("detail", ""))
                if self._config.results.refused is not None:
                    words = {"code": code, "detail": detail}
                    return self._result(version, operation, self._config.results.refused, words)
                return _fault(version, "Client", f"{code}: {detail}", problem_detail(code, said))
            case NotNow(retry_after=seconds):
                return _later(version, seconds)

    def _described(self, request: Request) -> Reply | TurnedAway:
        if request.query.lower() not in {"wsdl", "singlewsdl"}:
            return _away(Version.V11, "METHOD", "用 ?wsdl 取服务描述 / The description is at ?wsdl", 405)
        document = wsdl(self._config, self._config.address or request.url)
        return Reply(status=200, headers=(("Content-Type", "text/xml; charset=utf-8"),), body=document)

    def _stranger(self, request: Request, said: Opened) -> str:
        """Why the caller is not believed; empty when it is. What must be understood and is not, is told too."""
        config = self._config
        own = f"{{{NAMESPACE[said.version]}}}mustUnderstand"
        for header in said.headers:
            known = namespace(header) == security.SECEXT and config.security is not None
            if not known and header.get(own, "") in _TRUE:
                return "MUST_UNDERSTAND"
        if config.security is not None:
            try:
                password = self._context.secret(config.security.password_secret)
            except KeyError:
                return "SECRET_MISSING"
            token = config.security
            return security.fault(said.headers, token.username, password, self._context.now(), token.window_seconds)
        if config.client_subject is not None and request.subject != config.client_subject:
            return "OTHER_SUBJECT"
        return ""

    async def _called(self, request: Request, said: Opened) -> Admission:
        content = said.content
        exposed = self._config.operations.get(local(content)) if content is not None else None
        if content is None or exposed is None or namespace(content) != self._config.namespace:
            return _away(said.version, "NO_OPERATION", "没有这个操作 / There is no such operation")
        fields = _fields(content, exposed)
        if fields is None:
            return _away(said.version, "PARAMETERS", "参数与 WSDL 不符 / The parameters are not those of the WSDL")
        if exposed.answer is not None:
            return await self._answered(said.version, local(content), exposed.answer, fields)
        item = _item(exposed, fields)
        if isinstance(item, str):
            return _away(said.version, "UNREADABLE", f"{item} 无法确定 / {item} cannot be told")
        if shown := request.header(SIGNATURE):
            kind = request.header("Content-Type")
            item = replace(item, signed=Signed(signature=shown, over=request.body, content_type=kind))
        return Admitted(items=(item,), note=f"{said.version.value} {local(content)}")

    async def _answered(
        self, version: Version, operation: str, answer: AnswerMap, fields: dict[str, str]
    ) -> Reply | TurnedAway:
        """Give what the call says of a delivery."""
        answers = answers_in(answer, [_argument(fields)])
        if isinstance(answers, Unanswered):
            return _away(version, answers.code, f"{answers.where} 无法理解 / cannot be understood")
        if answers and Heard.TOO_MANY in await self._context.answers.answered(answers):
            return _later(version, _LATER_SECONDS)
        return self._result(version, operation, self._config.results.taken, {})

    def _result(self, version: Version, operation: str, template: str, words: dict[str, str]) -> Reply:
        text = filled(template, lambda name: words.get(name, ""), _inner(template))
        inside = escaped(text) if isinstance(text, str) else ""
        result = f"<{self._config.result}>{inside}</{self._config.result}>"
        wrapper = f"t:{operation}Response"
        body = enveloped(version, f'<{wrapper} xmlns:t="{escaped(self._config.namespace)}">{result}</{wrapper}>')
        assert isinstance(body, bytes), "UTF-8 has every character, and what XML lacks was left out"
        return Reply(status=200, headers=(("Content-Type", content_type(version, "")),), body=body)


def _later(version: Version, seconds: float) -> Reply:
    wait = (("Retry-After", str(math.ceil(seconds))),)
    text = "暂时无法接收，请稍后重发 / Not taken now, call again later"
    return _fault(version, "Server", f"NOT_NOW: {text}", problem_detail("NOT_NOW", {}), wait)


def _argument(fields: dict[str, str]) -> Resolve:
    return lambda name: fields.get(name[2:]) if name.startswith("f.") else None


def _inner(template: str) -> Any:
    """A result that is XML itself has its values escaped once more."""
    return escaped if template.lstrip().startswith("<") else str


def _fields(content: Element, exposed: Exposed) -> dict[str, str] | None:
    """The arguments by name. A wrong name, one that stands twice or has elements in it: none at all."""
    fields: dict[str, str] = {}
    for child in content:
        name = local(child)
        if name not in exposed.parameters or name in fields or len(child):
            return None
        fields[name] = child.text or ""
    return fields


def _item(exposed: Exposed, fields: dict[str, str]) -> Item | str:
    """The message; or the attribute that cannot be told."""
    attributes = {"specversion": "1.0"}
    wanted = {
        "id": exposed.id,
        "subject": exposed.subject,
        "type": exposed.type,
        "time": exposed.time,
        "dataschema": exposed.dataschema,
    }
    for name, template in wanted.items():
        if template is not None:
            value = filled(template, _argument(fields))
            if isinstance(value, Missing) or not value:
                return name
            attributes[name] = value
    if exposed.data is None or exposed.data not in fields:
        return exposed.data or "data"
    return Item(
        token=1,
        content_type=exposed.content_type,
        body=undeclared(fields[exposed.data]),
        headers={f"cloudEvents:{name}": value for name, value in attributes.items()},
    )


def _away(version: Version, code: str, text: str, status: int | None = None) -> TurnedAway:
    reply = _fault(version, "Client", f"{code}: {text}", problem_detail(code, {}))
    return TurnedAway(code=code, reply=Reply(status=status or reply.status, headers=reply.headers, body=reply.body))


def _fault(version: Version, code: str, reason: str, detail: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """HTTP 500, but for a fault of the sender in SOAP 1.2, which is 400 (part 2, section 7.5.2.2)."""
    status = 400 if version is Version.V12 and code == "Client" else 500
    body = fault(version, code, reason, detail)
    return Reply(status=status, headers=(("Content-Type", content_type(version, "")), *headers), body=body)


def problem_detail(code: str, problem: dict[str, Any]) -> str:
    """The hub's problem as XML: its code, and of each violation code, path and what was expected."""
    violations = "".join(
        f"<violation><code>{escaped(str(one.get('code', '')))}</code><path>{escaped(str(one.get('path', '')))}</path>"
        f"<expected>{escaped(str(one.get('expected', {}).get('zh', '')))}</expected></violation>"
        for one in problem.get("violations", [])[:_MOST_VIOLATIONS]
    )
    return f'<problem xmlns="{PROBLEM}"><code>{escaped(code)}</code>{violations}</problem>'


def _members(document: bytes) -> dict[str, Any]:
    """One of the hub's own documents."""
    try:
        value = orjson.loads(document)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
