# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""邮政 EMS: ``logistics_interface``, a form whose ``msg_type`` says what is asked.

Public texts give the form and its digest. The names within the order and its answer, and the types that cancel and ask, are not
published and differ by the contract that a customer has: they are settings, and without those types nothing is promised that
needs them.
"""

from urllib.parse import urlencode

import orjson

from connectors.logistics.config import EmsNames, LogisticsConfig
from connectors.logistics.digests import ems_order_digest
from connectors.logistics.order import End, Order
from connectors.logistics.said import Done, Said, Unclear, json_of, of_code, of_status, word
from connectors.sdk.http.exchange import Answer

_YES = frozenset({"true", "T", "1"})
_NO = frozenset({"false", "F", "0"})


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
    names = config.ems
    return _text(
        {
            names.company: config.partner,
            names.number: order.number,
            names.product: str(config.product),
            names.payer: names.prepaid if order.prepaid else names.collect,
            names.consignor: _end(names, order.consignor),
            names.consignee: _end(names, order.consignee),
            names.things: [{names.thing: one.name, names.count: one.count} for one in order.things],
            **({names.pickup: order.pickup} if order.pickup else {}),
            **({names.note: order.note} if order.note else {}),
        }
    )


def _end(names: EmsNames, end: End) -> dict[str, object]:
    return {
        names.name: end.name,
        names.phone: end.phone,
        names.address: end.address,
        **({names.unit: end.unit} if end.unit else {}),
    }


def naming(config: LogisticsConfig, number: str) -> str:
    """What a question about an order, or its cancellation, says."""
    return _text({config.ems.company: config.partner, config.ems.number: number})


def read(config: LogisticsConfig, answer: Answer) -> Said:
    """What an answer comes to: HTTP 200 with ``success`` false is a failure."""
    if (said := of_status(answer)) is not None:
        return said
    told = json_of(answer.body or b"")
    if told is None:
        return Unclear("ANSWER_UNREADABLE: no JSON object")
    names = config.ems
    flag = told.get(names.success)
    success = str(flag).lower() if isinstance(flag, bool) else str(flag)
    if success in _YES:
        number = word(told.get(names.waybill))
        return Done("" if number == "UNREADABLE" else number)
    code = word(told.get(names.reason))
    return (
        of_code(config, "EMS", code)
        if success in _NO and code != "UNREADABLE"
        else Unclear("ANSWER_UNREADABLE: no success")
    )


def _text(value: dict[str, object]) -> str:
    return orjson.dumps(value).decode()
