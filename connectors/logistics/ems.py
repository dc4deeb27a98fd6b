# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""邮政 EMS: ``logistics_interface``, a form whose ``msg_type`` says what is asked.

Public texts give the form and its digest; the names within the order and the types that cancel and ask differ by the contract
that a customer has, so those types are settings, and without them nothing is promised that needs them.
"""

from urllib.parse import urlencode

import orjson

from connectors.logistics.config import LogisticsConfig
from connectors.logistics.digests import ems_order_digest
from connectors.logistics.order import End, Order
from connectors.logistics.said import Done, Said, Unclear, json_of, of_code, of_status, word
from connectors.sdk.http.exchange import Answer

_YES = frozenset({"true", "T", "1"})
_NO = frozenset({"false", "F", "0"})
_PREPAID, _COLLECT = "1", "2"


def form(config: LogisticsConfig, kind: str, body: str, secret: str) -> bytes:
    """The body of a request."""
    return urlencode(
        {
            "logistics_interface": body,
            "data_digest": ems_order_digest(body, secret),
            "msg_type": kind,
            "ecCompanyId": config.partner,
        }
    ).encode()


def creating(config: LogisticsConfig, order: Order) -> str:
    """What an order says."""
    return _text(
        {
            "ecCompanyId": config.partner,
            "txLogisticID": order.number,
            "bizProductNo": str(config.product),
            "payType": _PREPAID if order.prepaid else _COLLECT,
            "sender": _end(order.consignor),
            "receiver": _end(order.consignee),
            "items": [{"itemName": one.name, "number": one.count} for one in order.things],
            **({"sendStartTime": order.pickup} if order.pickup else {}),
            **({"remark": order.note} if order.note else {}),
        }
    )


def _end(end: End) -> dict[str, object]:
    return {
        "name": end.name,
        "mobile": end.phone,
        "address": end.address,
        **({"company": end.unit} if end.unit else {}),
    }


def naming(config: LogisticsConfig, number: str) -> str:
    """What a question about an order, or its cancellation, says."""
    return _text({"ecCompanyId": config.partner, "txLogisticID": number})


def read(config: LogisticsConfig, answer: Answer) -> Said:
    """What an answer comes to: HTTP 200 with ``success`` false is a failure."""
    if (said := of_status(answer)) is not None:
        return said
    told = json_of(answer.body or b"")
    if told is None:
        return Unclear("ANSWER_UNREADABLE: no JSON object")
    success = str(told.get("success")).lower() if isinstance(told.get("success"), bool) else str(told.get("success"))
    if success in _YES:
        number = word(told.get("mailNo") or told.get("waybillNo"))
        return Done("" if number == "UNREADABLE" else number)
    code = word(told.get("reason"))
    return (
        of_code(config, "EMS", code)
        if success in _NO and code != "UNREADABLE"
        else Unclear("ANSWER_UNREADABLE: no success")
    )


def _text(value: dict[str, object]) -> str:
    return orjson.dumps(value).decode()
