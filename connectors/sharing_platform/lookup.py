# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One question to a register behind the platform: persons (人口), bodies (法人), licences (证照), or its catalogue."""

import secrets
from dataclasses import dataclass
from typing import Self

from connectors.sdk import (
    Context,
    Criteria,
    Delivered,
    Finding,
    InDoubt,
    Outcome,
    Parcel,
    Question,
    Rejected,
    Unavailable,
)
from connectors.sdk.http.dressing import dressed
from connectors.sdk.http.exchange import Answer
from connectors.sdk.http.finding import finding_of
from connectors.sdk.http.names import Names
from connectors.sdk.http.signature import Signature
from connectors.sdk.http.template import Missing, Moment, filled, xml_text
from connectors.sdk.http.wrap import Wrap
from connectors.sharing_platform.asking import PURPOSE, AskingConfig
from connectors.sharing_platform.calling import Call, Platform

_CHECK_SECONDS = 10.0
_XML = "text/xml; charset=UTF-8"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
    "<soapenv:Header><tongtechheader/></soapenv:Header><soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)


@dataclass(frozen=True, slots=True)
class _Recipe:
    url: str
    headers: dict[str, str]
    signatures: tuple[Signature, ...]
    wrap: Wrap | None


class SharingLookup:
    """Asks one service. Safe for concurrent use; remembers nothing: that is the hub's."""

    def __init__(self, config: AskingConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._criteria = criteria_of(config)
        self._platform = Platform(config.platform, context)

    async def __aenter__(self) -> Self:
        await self._platform.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._platform.__aexit__(*exc)

    async def ask(self, question: Question) -> Finding:
        """As the port says."""
        if faults := self._criteria.faults(question.criteria):
            return Rejected("CRITERIA", "", tuple(f"{name}: missing, or not known here"[:200] for name in faults[:20]))
        call = self._call(question)
        if not isinstance(call, Call):
            return call
        answer = await self._platform.call(call, min(self._config.timeout_seconds, question.timeout))
        match answer:
            case Answer():
                return finding_of(self._config, answer)
            case InDoubt(reason=reason):
                return Unavailable(reason)
            case _:
                return answer

    async def check(self) -> Outcome:
        """Whether the platform answers."""
        answer = await self._platform.there(_CHECK_SECONDS)
        match answer:
            case Answer(status=status) if status >= 500 or 300 <= status < 400:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=401 | 403 | 407 as status):
                return Rejected(f"HTTP_{status}", "The platform is there but does not know us.")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case _:
                return answer

    def _call(self, question: Question) -> Call | Rejected | Unavailable:
        config = self._config
        soap = config.style == "soap"
        proxy = config.platform.soap_path if soap else config.platform.rest_path
        path = config.path or proxy
        criteria = {**dict.fromkeys(config.optional, ""), **question.criteria, PURPOSE: question.purpose}
        nothing = Parcel(idempotency_key="", content_type="text/plain", body=b"")
        moment = Moment(self._context.now(), secrets.token_hex(16))
        names = Names(nothing, moment, self._context.secret, criteria=criteria)
        traced = {"traceparent": question.traceparent} if question.traceparent else {}
        if config.soap_body is not None:
            try:
                body = filled(config.soap_body, names, xml_text)
            except ValueError:
                body = Missing("a character that XML does not have")
            if isinstance(body, Missing):
                return Rejected("CRITERIA_UNSENDABLE", "A criterion has a character that XML does not have.")
            made = _ENVELOPE.replace("{}", body)
            headers = {**traced, "SOAPAction": f'"{config.soap_action}"'}
            try:
                sent = made.encode()
            except UnicodeEncodeError:
                return Rejected("CRITERIA_UNSENDABLE", "A criterion is not Unicode text.")
            return Call(sid=config.sid or "", path=path, body=sent, content_type=_XML, headers=headers, envelope=True)
        recipe = _Recipe(config.platform.address(path), {}, (), config.wrap)
        try:
            request = dressed(recipe, names, dict(traced))
        except (UnicodeEncodeError, TypeError):
            return Rejected("CRITERIA_UNSENDABLE", "A criterion is not Unicode text.")
        if isinstance(request, Rejected | Unavailable):
            return request
        kind = request.headers.pop("Content-Type", "application/json")
        return Call(sid=config.sid or "", path=path, body=request.body, content_type=kind, headers=request.headers)


def criteria_of(config: AskingConfig) -> Criteria:
    """What a question must and may say."""
    return Criteria(required=frozenset(config.required), optional=frozenset(config.optional))
