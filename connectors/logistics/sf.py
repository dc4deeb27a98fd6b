# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""顺丰: one address, a form, a service for each question, and success on two levels.

The outer ``apiResultCode`` is the gateway's: A1000 is its yes, anything else says that the service was not reached. Then
``apiResultData``, a JSON text, holds the service's own ``errorCode``: S0000 is its yes.
"""

from typing import Any
from urllib.parse import urlencode

import orjson

from connectors.logistics.config import LogisticsConfig
from connectors.logistics.digests import sf_digest
from connectors.logistics.order import End, Order
from connectors.logistics.said import Done, NotNow, Said, Unclear, json_of, of_code, of_status, word
from connectors.sdk.http.exchange import Answer

CREATE = "EXP_RECE_CREATE_ORDER"
SEARCH = "EXP_RECE_SEARCH_ORDER_RESP"
UPDATE = "EXP_RECE_UPDATE_ORDER"
_GATEWAY_OK = "A1000"
_GATEWAY_UNCLEAR = frozenset({"A1099"})
"""The gateway broke down itself: the service may have been reached."""

SERVICE_OK = "S0000"
_CANCEL = 2
_PREPAID, _COLLECT = 1, 2


def form(config: LogisticsConfig, service: str, request: str, timestamp: str, message: str, secret: str) -> bytes:
    """The body of a request; ``request`` is its id."""
    return urlencode(
        {
            "partnerID": config.partner,
            "requestID": request,
            "serviceCode": service,
            "timestamp": timestamp,
            "msgDigest": sf_digest(message, timestamp, secret),
            "msgData": message,
        }
    ).encode()


def creating(config: LogisticsConfig, order: Order) -> str:
    """What an order says."""
    return _text(
        {
            "language": "zh-CN",
            "orderId": order.number,
            "cargoDetails": [{"name": one.name, "count": one.count} for one in order.things],
            "contactInfoList": [_contact(1, order.consignor), _contact(2, order.consignee)],
            "expressTypeId": config.product,
            "payMethod": _PREPAID if order.prepaid else _COLLECT,
            "isReturnRoutelabel": 0,
            **({"monthlyCard": config.monthly_card} if config.monthly_card and order.prepaid else {}),
            **({"sendStartTm": order.pickup, "isDocall": 1} if order.pickup else {}),
            **({"remark": order.note} if order.note else {}),
        }
    )


def _contact(kind: int, end: End) -> dict[str, object]:
    return {
        "contactType": kind,
        "contact": end.name,
        "mobile": end.phone,
        "address": end.address,
        "country": "CN",
        **({"company": end.unit} if end.unit else {}),
    }


def searching(number: str) -> str:
    """What the question after an order number says."""
    return _text({"searchType": "1", "orderId": number, "language": "zh-CN"})


def cancelling(number: str) -> str:
    """What a cancellation says."""
    return _text({"orderId": number, "dealType": _CANCEL, "language": "zh-CN"})


def read(config: LogisticsConfig, answer: Answer) -> Said:
    """What an answer comes to, through both levels."""
    if (said := of_status(answer)) is not None:
        return said
    outer = json_of(answer.body or b"")
    if outer is None:
        return Unclear("ANSWER_UNREADABLE: no JSON object")
    gateway = word(outer.get("apiResultCode"))
    if gateway != _GATEWAY_OK:
        return Unclear(f"SF_{gateway}") if gateway in {*_GATEWAY_UNCLEAR, "UNREADABLE"} else NotNow(f"SF_{gateway}")
    inner = _inner(outer.get("apiResultData"))
    if inner is None:
        return Unclear("ANSWER_UNREADABLE: no apiResultData")
    code = word(inner.get("errorCode"))
    if code == "UNREADABLE":
        return Unclear("ANSWER_UNREADABLE: no errorCode")
    return Done(_waybill(inner.get("msgData"))) if code == SERVICE_OK else of_code(config, "SF", code)


def _inner(value: object) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    return json_of(value) if isinstance(value, str) else None


def _waybill(data: object) -> str:
    listed = data.get("waybillNoInfoList") if isinstance(data, dict) else None
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and word(number := one.get("waybillNo")) != "UNREADABLE":
            return str(number)
    return ""


def _text(value: dict[str, object]) -> str:
    return orjson.dumps(value).decode()
