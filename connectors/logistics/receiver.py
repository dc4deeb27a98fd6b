# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Is told of routes: each becomes a message of its case, and the delivery ends when the parcel was signed for.

The case stands in the order number that we gave (``ORDER@CASE``). Routes of orders that are not ours are acknowledged and let go:
else their carrier would tell of them for ever.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Self

import orjson

from connectors.logistics.config import RouteConfig
from connectors.logistics.routes import Form, Route, Told, Unheard, answered, ems_told, sf_told
from connectors.sdk import (
    Admission,
    Admitted,
    Answer,
    Context,
    Delivered,
    Disposition,
    Heard,
    Item,
    NotNow,
    Refused,
    Rejected,
    Reply,
    Request,
    TurnedAway,
)

_EVENT = "cn.gov.shipment.event"
_SCHEMA = "urn:govhub:contract:cn.gov.shipment.event:1"
_GIVES_REASON = frozenset({"not_delivered", "returning", "returned"})
_ENDS = {"delivered": True, "returned": False, "cancelled": False}
_UNSAID = "承运企业未说明原因"


class RouteReceiver:
    """One address that a carrier calls. Holds no state."""

    def __init__(self, config: RouteConfig, context: Context) -> None:
        self._config = config
        self._context = context

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def admit(self, request: Request) -> Admission:
        """As the port says."""
        told = self._told(request)
        if isinstance(told, Unheard):
            reply = Reply(
                status=told.status,
                headers=(("Content-Type", "application/json"),),
                body=orjson.dumps({"code": told.code}),
            )
            return TurnedAway(code=told.code, reply=reply)
        ours = [(one, *order) for one in told.routes if all(order := _of_case(one.order))]
        if not ours:
            return answered(told.form, again=False)
        items = tuple(
            Item(
                token=token,
                content_type="application/json",
                body=orjson.dumps(self._event(route, order, case)),
                headers=_headers(self._config.carrier, route, case),
            )
            for token, (route, order, case) in enumerate(ours, 1)
        )
        return Admitted(items=items, note=orjson.dumps([told.form.value, self._ends(told.routes)]).decode())

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply:
        """As the port says. A delivery ends only when its events are kept; told again, it has ended already."""
        name, ends = orjson.loads(note)
        form = Form(name)
        told = [answer for _, answer in answers]
        if any(isinstance(answer, NotNow) for answer in told):
            return answered(form, again=True)
        if ends and self._config.answers_for is not None:
            heard = await self._context.answers.answered([_answer(*one) for one in ends])
            if Heard.TOO_MANY in heard:
                return answered(form, again=True)
        refused = next((answer.code for answer in told if isinstance(answer, Refused)), "")
        return answered(form, again=False, refused=refused)

    def _told(self, request: Request) -> Told | Unheard:
        if request.method != "POST":
            return Unheard("METHOD", 405)
        try:
            token = self._context.secret(self._config.token)
            word = "" if self._config.check_word is None else self._context.secret(self._config.check_word)
        except KeyError:
            return Unheard("SECRET_MISSING", 503)
        if not hmac.compare_digest(request.path.rpartition("/")[2].encode(), token.encode()):
            return Unheard("BAD_TOKEN", 401)
        if self._config.carrier == "sf":
            return sf_told(request.body, request.header("Content-Type"))
        return ems_told(request.body, word)

    def _event(self, route: Route, order: str, case: str) -> dict[str, object]:
        status = self._config.status(route.code)
        reason = {"reason": route.remark or _UNSAID} if status in _GIVES_REASON else {}
        return {
            "case_no": case,
            "waybill_no": route.waybill[:50],
            "order_no": order,
            "carrier": self._config.carrier,
            "status": status,
            "carrier_status": route.code[:20],
            "carrier_event_no": route.id[:100],
            **({"description": route.remark} if route.remark else {}),
            **({"place": route.place} if route.place else {}),
            **reason,
            "happened_at": route.at.isoformat(),
        }

    def _ends(self, routes: Sequence[Route]) -> list[tuple[str, str, str, str]]:
        """Order number, status, waybill and moment of each that is over."""
        known = [(one, self._config.status(one.code)) for one in routes if all(_of_case(one.order))]
        return [(one.order, status, one.waybill, one.at.isoformat()) for one, status in known if status in _ENDS]


def _of_case(number: str) -> tuple[str, str]:
    """Order and case of an order number; empty where it is not one of ours."""
    order, _, case = number.partition("@")
    return order, case


def _headers(carrier: str, route: Route, case: str) -> dict[str, object]:
    attributes = {
        "specversion": "1.0",
        "id": f"{carrier}-{route.id}",
        "type": _EVENT,
        "dataschema": _SCHEMA,
        "subject": case,
        "time": route.at.isoformat(),
    }
    return {f"cloudEvents:{name}": value for name, value in attributes.items()}


def _answer(reference: str, status: str, waybill: str, at: str) -> Answer:
    outcome = Delivered(waybill) if _ENDS[status] else Rejected(f"SHIPMENT_{status.upper()}")
    return Answer(reference, outcome, datetime.fromisoformat(at))
