# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a carrier tells of a parcel's way (路由), in each of the forms in which it does, and each form's own answer.

顺丰 JSON    {"Body":{"WaybillRoute":[{id,mailno,orderid,acceptTime,acceptAddress,opCode,remark}]}} -> {"return_code":"0000",…}
顺丰 XML     <Request service="RoutePushService"><Body><WaybillRoute id=… mailno=… …/></Body></Request> -> <Head>OK</Head>
邮政         a form: msgBody (URL-encoded JSON: traceNo, txLogisticID, responseItems[{opTime,opCode,opDesc}]) and dataDigest
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import orjson

from connectors.logistics.digests import ems_trace_digest
from connectors.logistics.said import json_of
from connectors.sdk import Reply
from connectors.sdk.http.template import BEIJING
from contracts.refusal import Refusal
from contracts.xml.tree import local, parse_tree

MOST = 100
_MOST_BYTES = 256 * 1024
_LONGEST = 500
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S")


class Form(StrEnum):
    """How it was told, and how it wants to be answered."""

    SF_JSON = "sf_json"
    SF_XML = "sf_xml"
    EMS = "ems"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One event. ``id`` is the carrier's own, or made of what it says; ``at`` is in Beijing time."""

    id: str
    waybill: str
    order: str
    at: datetime
    code: str
    place: str
    remark: str


@dataclass(frozen=True, slots=True)
class Told:
    """A call that could be read."""

    form: Form
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Unheard:
    """A call that was not: ``code`` says why."""

    code: str
    status: int = 400


def sf_told(body: bytes, content_type: str) -> Told | Unheard:
    """A push of 顺丰, JSON or XML by its first character."""
    if len(body) > _MOST_BYTES:
        return Unheard("TOO_LARGE", 413)
    if body.lstrip()[:1] == b"<":
        tree = parse_tree(body)
        if isinstance(tree, Refusal):
            return Unheard("UNREADABLE")
        elements = [dict(one.attrib) for one in tree.root.iter() if local(one) == "WaybillRoute"]
        return _told(Form.SF_XML, [_sf_route(one) for one in elements])
    if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
        body = parse_qs(body.decode("utf-8", "replace")).get("content", [""])[0].encode()
    said = json_of(body)
    inner = said.get("Body") if said is not None else None
    listed = inner.get("WaybillRoute") if isinstance(inner, dict) else None
    if not isinstance(listed, list):
        return Unheard("UNREADABLE")
    return _told(Form.SF_JSON, [_sf_route(one) for one in listed])


def _sf_route(one: object) -> Route | None:
    if not isinstance(one, Mapping):
        return None
    at = _moment(one.get("acceptTime"))
    waybill, id_, code = _line(one.get("mailno")), _line(one.get("id")), _line(one.get("opCode"))
    if at is None or not waybill or not code:
        return None
    return Route(
        id=id_ or f"{waybill}-{at:%Y%m%d%H%M%S}-{code}",
        waybill=waybill,
        order=_line(one.get("orderid")),
        at=at,
        code=code,
        place=_line(one.get("acceptAddress"))[:200],
        remark=_line(one.get("remark")),
    )


def ems_told(body: bytes, word: str) -> Told | Unheard:
    """A push of 邮政; nobody is believed whose digest is not that of the text as it came."""
    if len(body) > _MOST_BYTES:
        return Unheard("TOO_LARGE", 413)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    message = fields.get("msgBody", [""])
    digest = fields.get("dataDigest", [""])
    if len(message) != 1 or len(digest) != 1:
        return Unheard("UNREADABLE")
    if not hmac.compare_digest(ems_trace_digest(message[0], word).encode(), digest[0].encode()):
        return Unheard("BAD_SIGNATURE", 401)
    said = json_of(unquote_plus(message[0]))
    listed = said.get("responseItems") if said is not None else None
    if said is None or not isinstance(listed, list):
        return Unheard("UNREADABLE")
    waybill, order = _line(said.get("traceNo")), _line(said.get("txLogisticID"))
    return _told(Form.EMS, [_ems_route(one, waybill, order) for one in listed])


def _ems_route(one: Any, waybill: str, order: str) -> Route | None:
    if not isinstance(one, dict):
        return None
    at, code = _moment(one.get("opTime")), _line(one.get("opCode"))
    if at is None or not waybill or not code:
        return None
    return Route(
        id=f"{waybill}-{at:%Y%m%d%H%M%S}-{code}",
        waybill=waybill,
        order=order,
        at=at,
        code=code,
        place="",
        remark=_line(one.get("opDesc")),
    )


def _told(form: Form, routes: Iterable[Route | None]) -> Told | Unheard:
    found = list(routes)
    if len(found) > MOST:
        return Unheard("TOO_MANY", 413)
    whole = tuple(one for one in found if one is not None)
    return Told(form, whole) if len(whole) == len(found) and whole else Unheard("UNREADABLE")


def _line(value: object) -> str:
    """One line of text; anything else is nothing."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return "".join(mark if mark.isprintable() else " " for mark in text)[:_LONGEST].strip()


def _moment(value: object) -> datetime | None:
    for form in _TIMES:
        try:
            return datetime.strptime(str(value), form).replace(tzinfo=BEIJING)
        except ValueError:
            continue
    return None


_JSON = (("Content-Type", "application/json; charset=utf-8"),)
_XML = (("Content-Type", "text/xml; charset=utf-8"),)
_SF_XML_OK = b'<Response service="RoutePushService"><Head>OK</Head></Response>'
_SF_XML_AGAIN = (
    b'<Response service="RoutePushService"><Head>ERR</Head><ERROR code="4001">try again later</ERROR></Response>'
)


def answered(form: Form, *, again: bool, refused: str = "") -> Reply:
    """What the carrier is told: that it need not come again, or that it should. What the hub will never take need not come
    again either; ``refused`` is the code that says why, for whoever reads the carrier's log.
    """
    if form is Form.SF_XML:
        note = f"<Note>{refused}</Note>".encode() if refused else b""
        body = _SF_XML_AGAIN if again else _SF_XML_OK.replace(b"</Response>", note + b"</Response>")
        return Reply(status=200, headers=_XML, body=body)
    if form is Form.EMS:
        told = {"responseState": not again, "errorDesc": "try again later" if again else refused}
        return Reply(status=200, headers=_JSON, body=orjson.dumps(told))
    said = "系统繁忙，请稍后再推" if again else f"未采用 {refused}" if refused else "成功"
    return Reply(
        status=200, headers=_JSON, body=orjson.dumps({"return_code": "1000" if again else "0000", "return_msg": said})
    )
