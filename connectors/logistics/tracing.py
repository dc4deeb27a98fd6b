# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a parcel is, asked of its carrier (查询路由): a question that changes nothing and leaves no delivery behind."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self
from urllib.parse import quote_plus, urlencode

import orjson
from pydantic import BaseModel, Field
from yarl import URL

from connectors.logistics import sf
from connectors.logistics.config import Code, Name
from connectors.logistics.digests import ems_trace_digest, sf_digest
from connectors.logistics.said import json_of, of_status, word
from connectors.sdk import (
    STRICT,
    Context,
    Criteria,
    Delivered,
    Finding,
    Found,
    NotFound,
    Outcome,
    Question,
    Rejected,
    Secret,
    Unavailable,
)
from connectors.sdk.http.egress import Egress
from connectors.sdk.http.exchange import Answer, Exchange, never
from connectors.sdk.http.fields import AddressTemplate
from connectors.sdk.http.template import BEIJING
from connectors.sdk.http.tls import TlsConfig

WAYBILL = "waybill_no"
ROUTES = "EXP_RECE_SEARCH_ROUTES"
_WAYBILL = re.compile(r"[A-Za-z0-9-]{1,40}")
_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "Accept-Encoding": "identity"}
_CHECK_SECONDS = 10.0
_MOST = 1024 * 1024
_TEXT = 500


class TraceConfig(BaseModel):
    """One carrier that is asked."""

    model_config = STRICT

    carrier: Literal["sf", "ems"] = Field(title="承运企业接口。", description="Whose interface.", examples=["sf"])
    url: AddressTemplate = Field(
        title="接口地址。",
        description="The interface's address.",
        examples=["https://bspgw.sf-express.com/std/service"],
    )
    partner: Name = Field(title="顾客编码 partnerID / sendID。", description="Who we are there.", examples=["GOVHUB"])
    check_word: Secret = Field(
        title="校验码所在的密钥。", description="The secret with the shared word.", examples=["sf-check-word"]
    )
    message_kind: Code = Field(
        default="GOVHUB_JDPT_TRACE",
        title="EMS 的 msgKind。",
        description="The kind of question at EMS.",
        examples=["XXX_JDPT_TRACE"],
    )
    timeout_seconds: float = Field(
        default=10.0, ge=0.1, le=120, title="一次查询的时限，秒。", description="Longest question.", examples=[10]
    )
    tls: TlsConfig | None = Field(
        default=None, title="双向 TLS 与自有根证书。", description="Mutual TLS and own authorities.", examples=[None]
    )
    egress: Egress | None = Field(
        title="可连接哪些地方，按实际连接的地址核对；省略为部署文件中写明的地址。",
        default=None,
        description="Whom it may call, checked at the address it connects to. Without it: where the deployment says.",
        examples=[{"networks": ["10.20.0.0/16"]}],
    )


class RouteLookup:
    """Asks one carrier. Safe for concurrent use; remembers nothing."""

    def __init__(self, config: TraceConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._exchange = Exchange(context, tls=config.tls, egress=config.egress, most=_MOST)

    async def __aenter__(self) -> Self:
        await self._exchange.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exchange.__aexit__(*exc)

    async def ask(self, question: Question) -> Finding:
        """As the port says; the records are events in their order, without the carrier's words about persons."""
        if faults := CRITERIA.faults(question.criteria):
            return Rejected("CRITERIA", "", tuple(f"{name}: missing, or not known here"[:200] for name in faults[:20]))
        waybill = question.criteria[WAYBILL]
        if not _WAYBILL.fullmatch(waybill):
            return Rejected("CRITERIA", "", (f"{WAYBILL}: letters, digits and hyphens, at most 40",))
        try:
            secret = self._context.secret(self._config.check_word)
        except KeyError:
            return Unavailable(f"SECRET_MISSING: no secret {self._config.check_word.name}")
        form = self._sf(waybill, secret) if self._config.carrier == "sf" else self._ems(waybill, secret)
        seconds = min(self._config.timeout_seconds, question.timeout)
        answer = await self._exchange.ask_with(URL(self._config.url), _FORM, form, seconds)
        if not isinstance(answer, Answer):
            return answer
        if of_status(answer) is not None:
            return Unavailable(f"HTTP_{answer.status}")
        told = json_of(answer.body or b"")
        if told is None:
            return Unavailable("ANSWER_UNREADABLE: no JSON object")
        return _sf_finding(told) if self._config.carrier == "sf" else _ems_finding(told)

    async def check(self) -> Outcome:
        """Whether anybody answers there."""
        limit = min(self._config.timeout_seconds, _CHECK_SECONDS)
        answer = await self._exchange.ask(URL(self._config.url), {}, limit, never)
        match answer:
            case Answer(status=status) if status >= 500:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case Rejected() | Unavailable():
                return answer

    def _sf(self, waybill: str, secret: str) -> bytes:
        now = self._context.now()
        timestamp = str(int(now.timestamp() * 1000))
        message = orjson.dumps(
            {"language": "0", "trackingType": "1", "trackingNumber": [waybill], "methodType": "1"}
        ).decode()
        return urlencode(
            {
                "partnerID": self._config.partner,
                "requestID": f"{waybill}-{timestamp}",
                "serviceCode": ROUTES,
                "timestamp": timestamp,
                "msgDigest": sf_digest(message, timestamp, secret),
                "msgData": message,
            }
        ).encode()

    def _ems(self, waybill: str, secret: str) -> bytes:
        """``proviceNo`` is spelt as the interface spells it. The digest is over the text as it is sent, URL-encoded."""
        now = self._context.now().astimezone(BEIJING)
        body = quote_plus(orjson.dumps({"traceNo": waybill}).decode())
        return urlencode(
            {
                "sendID": self._config.partner,
                "proviceNo": "99",
                "msgKind": self._config.message_kind,
                "serialNo": f"{now:%Y%m%d%H%M%S%f}",
                "sendDate": f"{now:%Y%m%d%H%M%S}",
                "receiveID": "JDPT",
                "batchNo": "999",
                "dataType": "1",
                "dataDigest": ems_trace_digest(body, secret),
                "msgBody": body,
            }
        ).encode()


CRITERIA = Criteria(required=frozenset({WAYBILL}))


def _sf_finding(outer: Mapping[str, Any]) -> Finding:
    if (gateway := word(outer.get("apiResultCode"))) != "A1000":
        return Unavailable(f"SF_{gateway}")
    data = outer.get("apiResultData")
    inner = json_of(data) if isinstance(data, str) else data
    if not isinstance(inner, dict):
        return Unavailable("ANSWER_UNREADABLE: no apiResultData")
    if (code := word(inner.get("errorCode"))) != sf.SERVICE_OK:
        return Unavailable("ANSWER_UNREADABLE: no errorCode") if code == "UNREADABLE" else Rejected(f"SF_{code}")
    said = inner.get("msgData")
    listed = said.get("routeResps") if isinstance(said, dict) else None
    events = [
        event
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and isinstance(one.get("routes"), list)
        for event in one["routes"]
    ]
    return _found(events, "acceptTime", "acceptAddress")


def _ems_finding(told: Mapping[str, Any]) -> Finding:
    if told.get("responseState") not in {True, "true"}:
        code = word(told.get("errorDesc"))
        return Rejected(f"EMS_{code}") if code != "UNREADABLE" else Unavailable("ANSWER_UNREADABLE: no errorDesc")
    listed = told.get("responseItems")
    return _found(listed if isinstance(listed, list) else [], "opTime", "")


def _found(events: list[Any], time: str, place: str) -> Finding:
    records = tuple(
        {
            "happened_at": _moment(one.get(time)),
            "code": word(one.get("opCode")),
            **({"place": str(one[place])[:_TEXT]} if place and isinstance(one.get(place), str) else {}),
        }
        for one in events
        if isinstance(one, dict)
    )
    return Found(records) if records else NotFound()


def _moment(value: object) -> str:
    try:
        return datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING).isoformat()
    except ValueError:
        return ""
