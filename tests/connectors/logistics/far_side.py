# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated carriers under the control of the SDK's rules, as a far side and as a caller."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import repeat

import orjson
import structlog

from connectors.logistics.config import RouteConfig
from connectors.logistics.receiver import RouteReceiver
from connectors.logistics.simulator import WORD, Carrier, Step, ems_push
from connectors.sdk import Admitted, Answers, Context, Reply, Request, Settings, Taken
from connectors.sdk.answers import NoAnswers
from connectors.sdk.caller import Understood
from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.session import open_session

SECRETS = {"carrier": WORD, "push": "made-up-push-token"}
_STEPS = {
    Behaviour.ACCEPT: Step.OK,
    Behaviour.REFUSE: Step.REFUSE,
    Behaviour.OUTAGE: Step.BUSY,
    Behaviour.HANG: Step.HANG,
    Behaviour.CUT: Step.CUT,
}
_END = {"name": "测试申请人甲", "phone": "00000000000", "address": "测试区示例街 0 号"}
ANY_MESSAGE = {
    "number": "{key}",
    "status": "ordered",
    "direction": "to_applicant",
    "side": "applicant",
    "applicant": _END["name"],
    "consignor": _END,
    "consignee": _END,
    "payer": "consignee",
}
"""An order that any message is: its number is the key."""


def settings_of(carrier: Carrier, **changes: object) -> dict[str, object]:
    """A destination at the simulated carrier."""
    asks = {"query_type": "ORDERQUERY", "cancel_type": "ORDERCANCEL"} if carrier.options.carrier == "ems" else {}
    plain = {"carrier": carrier.options.carrier, "url": carrier.address, "partner": "GOVHUB", "check_word": "carrier"}
    return {**plain, **asks, **changes}


class CarrierFarSide:
    """A carrier that takes, refuses, hangs, cuts or is away."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier

    @property
    def settings(self) -> Settings:
        return settings_of(self.carrier, order=ANY_MESSAGE)

    @property
    def arrived(self) -> Sequence[Arrived]:
        numbers = [message.get("orderId") or message.get("txLogisticID") or "" for _, message in self.carrier.told]
        return [Arrived(idempotency_key=number, content_type="", body=b"") for number in numbers]

    async def behave(self, behaviour: Behaviour) -> None:
        self.carrier.away = behaviour is Behaviour.OUTAGE
        self.carrier.steps = repeat(_STEPS[behaviour])

    async def until_arrived(self, count: int) -> None:
        await self.carrier.until(count)


class PushingCarrier(CarrierFarSide):
    """One that tells of a parcel's end when it is asked to, until that is acknowledged; the kind's receiver hears it."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(carrier)
        self.answers: Answers = NoAnswers()
        self._pushing = set[asyncio.Task[None]]()

    @property
    def settings(self) -> Settings:
        return settings_of(self.carrier, order={**ANY_MESSAGE, "number": "{key}@510500-20260302-000001"})

    @property
    def arrived(self) -> Sequence[Arrived]:
        return [replace(one, idempotency_key=one.idempotency_key.partition("@")[0]) for one in super().arrived]

    async def answer(self, idempotency_key: str, *, refused: bool = False) -> None:
        """Push that it was signed for, or has come back."""
        number = f"{idempotency_key}@510500-20260302-000001"
        push = self._push(number, self.carrier.orders[number], "99" if refused else "80")
        pushing = asyncio.create_task(push)
        self._pushing.add(pushing)
        pushing.add_done_callback(self._pushing.discard)

    async def _push(self, number: str, waybill: str, code: str) -> None:
        form = self.carrier.options.carrier
        settings = {"carrier": form, "token": "push", "answers_for": "here", "codes": {"99": "returned"}}
        if form == "ems":
            settings["check_word"] = "carrier"
            code = {"80": "704"}.get(code, code)
        async with open_session() as http:
            context = Context(
                destination="routes",
                http=http,
                log=structlog.get_logger(),
                secret=SECRETS.__getitem__,
                monotonic=asyncio.get_running_loop().time,
                answers=self.answers,
            )
            receiver = RouteReceiver(RouteConfig.model_validate(settings), context)
            if form == "sf":
                call = sf_call(sf_route(1, orderid=number, mailno=waybill, opCode=code))
            else:
                body = ems_push(waybill, number, [("2026-03-12 10:30:00", code, "")], WORD)
                kind = "application/x-www-form-urlencoded"
                call = Request(method="POST", path=f"/{SECRETS['push']}", headers=(("Content-Type", kind),), body=body)
            while True:
                admitted = await receiver.admit(call)
                assert isinstance(admitted, Admitted), admitted
                reply = await receiver.reply(admitted.note, [(one.token, Taken()) for one in admitted.items])
                said = orjson.loads(reply.body)
                if said.get("return_code") == "0000" or said.get("responseState"):
                    return
                await asyncio.sleep(0.05)


def sf_route(number: int, **changes: object) -> dict[str, object]:
    """A route of 顺丰 as it is pushed."""
    route = {
        "id": str(number),
        "mailno": f"SF{number:010d}",
        "orderid": f"JD-{number}@510500-20260302-{number:06d}",
        "acceptTime": "2026-03-12 10:30:00",
        "acceptAddress": "测试市",
        "opCode": "50",
        "remark": "已收件",
    }
    return {**route, **changes}


def sf_call(*routes: dict[str, object], token: str = SECRETS["push"]) -> Request:
    """A push in JSON."""
    body = orjson.dumps({"Body": {"WaybillRoute": list(routes)}})
    return Request(method="POST", path=f"/{token}", headers=(("Content-Type", "application/json"),), body=body)


def ems_call(number: int, code: str = "203") -> Request:
    """A push of 邮政."""
    body = ems_push(
        f"EM{number:09d}CN", f"JD-{number}@510500-20260302-{number:06d}", [("2026-03-12 10:30:00", code, "收寄")], WORD
    )
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    return Request(method="POST", path=f"/{SECRETS['push']}", headers=headers, body=body)


class SfCaller:
    """顺丰, telling of routes."""

    @property
    def settings(self) -> Settings:
        return {"carrier": "sf", "token": "push", "answers_for": "sf"}

    def call(self, number: int) -> Request:
        return sf_call(sf_route(number))

    def forged(self, number: int) -> Sequence[Request]:
        good = self.call(number)
        return (replace(good, path="/guessed"), replace(good, path=""))

    def understand(self, reply: Reply) -> Understood:
        told = orjson.loads(reply.body)
        if told["return_code"] != "0000":
            return Understood.LATER
        return Understood.TAKEN if told["return_msg"] == "成功" else Understood.REFUSED


class EmsCaller:
    """邮政, telling of traces."""

    @property
    def settings(self) -> Settings:
        return {"carrier": "ems", "token": "push", "check_word": "carrier", "answers_for": "ems"}

    def call(self, number: int) -> Request:
        return ems_call(number)

    def forged(self, number: int) -> Sequence[Request]:
        good = self.call(number)
        return (
            replace(good, path="/guessed"),
            replace(good, body=good.body.replace(b"203", b"704")),
            replace(good, body=b""),
        )

    def understand(self, reply: Reply) -> Understood:
        told = orjson.loads(reply.body)
        if not told["responseState"]:
            return Understood.LATER
        return Understood.REFUSED if told["errorDesc"] else Understood.TAKEN


class ParcelRegister:
    """A carrier that knows where one parcel is."""

    unknown: Mapping[str, str] = {"waybill_no": "NOSUCH0000"}

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        carrier.orders["known"] = "SF0000000009"

    @property
    def known(self) -> Mapping[str, str]:
        return {"waybill_no": "SF0000000009"}

    @property
    def settings(self) -> Settings:
        options = self._carrier.options
        return {"carrier": options.carrier, "url": self._carrier.address, "partner": "GOVHUB", "check_word": "carrier"}

    async def behave(self, behaviour: Behaviour) -> None:
        self._carrier.away = behaviour is Behaviour.OUTAGE
        self._carrier.questions = repeat(_STEPS[behaviour])

    async def until_asked(self, count: int) -> None:
        async with self._carrier.rang:
            await self._carrier.rang.wait_for(lambda: self._carrier.asked >= count)
