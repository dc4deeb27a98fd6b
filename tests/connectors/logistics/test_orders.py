# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Orders in every trouble: what a carrier's answer comes to on both levels, and that nothing is ordered twice."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from connectors.logistics import CONNECTOR, ems
from connectors.logistics.config import LogisticsConfig
from connectors.logistics.order import End, Order
from connectors.logistics.said import Done, Known, NotNow, Refuses, Unclear, Unknown
from connectors.logistics.sf import read
from connectors.logistics.simulator import WORD, Carrier, Options, Step
from connectors.sdk import Accepted, Delivered, Idempotency, InDoubt, Outcome, Parcel, Rejected, Sink, Unavailable
from connectors.sdk.bench import lent
from connectors.sdk.http.exchange import Answer
from connectors.sdk.metrics import Meter
from connectors.sdk.overhearing import Overheard, Vault
from contracts.catalogue import builtin
from tests.connectors.logistics.far_side import SECRETS, settings_of

CASE = "510500-20260302-000001"
NUMBER = f"JD-000001@{CASE}"
(SHIPMENT,) = builtin().versions("cn.gov.shipment.ordered")
VALID = {**SHIPMENT.examples[0].data, "applicant_name": "测试申请人甲"}
TO_HALL = {**SHIPMENT.examples[1].data, "agent_name": "测试代理人丙"}
DONE = {Step.OK, Step.BROKEN, Step.CUT, Step.HANG, Step.SLOW, Step.GARBAGE}


def parcel(data: dict[str, Any] = VALID, attempt: int = 1, timeout: float = 5.0) -> Parcel:
    return Parcel(
        idempotency_key="key-1",
        content_type="application/json",
        body=orjson.dumps(data),
        attributes={"subject": data["case_no"], "type": SHIPMENT.type},
        attempt=attempt,
        timeout=timeout,
    )


@asynccontextmanager
async def ordering(
    carrier: str = "sf", script: Sequence[Step] = (), **changes: object
) -> AsyncIterator[tuple[Sink, Carrier]]:
    async with Carrier(script, options=Options(carrier=carrier)) as far:
        config = LogisticsConfig.model_validate(settings_of(far, **changes))
        async with (
            lent(Vault(SECRETS.__getitem__), Overheard(), Meter()) as context,
            CONNECTOR.sink(config, context) as sink,
        ):
            yield sink, far


@pytest.mark.parametrize("carrier", ["sf", "ems"])
async def test_an_order_says_what_the_message_says(carrier: str) -> None:
    async with ordering(carrier) as (sink, far):
        assert await sink.send(parcel()) == Accepted(NUMBER)
    ((_, told),) = far.told
    if carrier == "sf":
        ends = {one["contactType"]: one for one in told["contactInfoList"]}
        assert (told["orderId"], ends[2]["contact"], ends[1]["company"]) == (
            NUMBER, "测试申请人甲", "示例区政务服务中心（测试）",
        )  # fmt: skip
        assert (told["payMethod"], told["cargoDetails"]) == (2, [{"name": "食品经营许可证", "count": 1}])
    else:
        assert (told["txLogisticID"], told["receiver"]["name"], told["payType"]) == (NUMBER, "测试申请人甲", "2")


async def test_originals_go_to_the_hall_from_the_agent() -> None:
    async with ordering() as (sink, far):
        assert isinstance(await sink.send(parcel(TO_HALL)), Accepted)
    told = far.told[0][1]
    assert (told["sendStartTm"], told["isDocall"], told["payMethod"]) == ("2026-03-04 09:00:00", 1, 1)
    assert told["remark"] == "请勿折叠"


@pytest.mark.parametrize("carrier", ["sf", "ems"])
@pytest.mark.parametrize("step", Step)
async def test_whatever_becomes_of_an_order_a_repeat_asks_first(step: Step, carrier: str) -> None:
    async with ordering(carrier, [step]) as (sink, far):
        first: Outcome = await sink.send(parcel(timeout=2.0 if step is Step.SLOW else 0.5))
        again = await sink.send(parcel(attempt=2))
    expected: dict[Step, type[Outcome]] = {
        Step.OK: Accepted, Step.SLOW: Accepted, Step.REFUSE: Rejected, Step.BUSY: Unavailable, Step.THROTTLE: Unavailable,
        Step.GATEWAY: Unavailable if carrier == "sf" else Rejected,
    }  # fmt: skip
    assert isinstance(first, expected.get(step, InDoubt)), first
    assert again == Accepted(NUMBER)
    assert list(far.orders) == [NUMBER]
    assert len(far.told) == 1, "nothing is ordered twice"
    if step not in DONE:
        assert far.orders[NUMBER] == "SF0000000001"


async def test_the_same_order_of_another_message_is_not_ordered_twice() -> None:
    async with ordering() as (sink, far):
        await sink.send(parcel())
        assert await sink.send(parcel()) == Delivered("ALREADY_ORDERED")
    assert len(far.told) == 1


async def test_while_a_carrier_cannot_be_asked_nothing_is_ordered_again() -> None:
    async with ordering(script=[Step.CUT]) as (sink, far):
        await sink.send(parcel())
        await far.__aexit__()
        assert isinstance(await sink.send(parcel(attempt=2)), InDoubt)


async def test_a_carrier_that_cannot_be_asked_promises_nothing() -> None:
    async with ordering("ems", query_type=None) as (_, far):
        config = LogisticsConfig.model_validate(settings_of(far, query_type=None))
    assert CONNECTOR.promises(config).idempotency is Idempotency.NONE


@pytest.mark.parametrize("carrier", ["sf", "ems"])
async def test_an_order_is_cancelled(carrier: str) -> None:
    cancelled = {**VALID, "status": "cancelled", "reason": "改为窗口领取"}
    async with ordering(carrier) as (sink, far):
        unknown = await sink.send(parcel(cancelled))
        assert isinstance(unknown, Rejected)
        assert unknown.code == "ORDER_UNKNOWN"
        await sink.send(parcel())
        assert await sink.send(parcel(cancelled)) == Delivered("CANCELLED")
        assert await sink.send(parcel(cancelled, attempt=2)) == Delivered("CANCELLED")
    assert far.cancelled == {NUMBER}


async def test_without_its_type_nothing_is_cancelled_at_ems() -> None:
    async with ordering("ems", cancel_type=None) as (sink, _):
        refused = await sink.send(parcel({**VALID, "status": "cancelled"}))
    assert isinstance(refused, Rejected)
    assert refused.code == "CANCEL_UNSUPPORTED"


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"applicant_name": "测试申请人丁"}, "RECIPIENT_NOT_PARTY", "$.data.consignee.name"),
        ({"applicant_side": "agent", "agent_name": "测试代理人丙"}, "RECIPIENT_NOT_PARTY", "$.data.consignee.name"),
        ({"applicant_side": "agent"}, "PARTY_UNKNOWN", "$.data.agent_name"),
        ({"applicant_name": ""}, "PARTY_UNKNOWN", "$.data.applicant_name"),
        ({"direction": "to_hall"}, "RECIPIENT_NOT_PARTY", "$.data.consignor.name"),
        ({"consignee": {"name": "测试申请人甲"}}, "ORDER_INCOMPLETE", "$.data.consignee.phone"),
        ({"order_no": "J" * 50}, "ORDER_NUMBER_TOO_LONG", "$.data.order_no"),
        ({"pickup_at": "tomorrow"}, "PICKUP_INVALID", "$.data.pickup_at"),
        ({"direction": "sideways"}, "ORDER_UNCLEAR", "$.data.direction"),
    ],
)
async def test_what_may_not_be_carried_is_refused_with_the_place(changes: dict[str, Any], code: str, path: str) -> None:
    async with ordering() as (sink, far):
        refused = await sink.send(parcel({**VALID, **changes}))
    assert isinstance(refused, Rejected)
    assert refused.code == code
    assert refused.violations[0].startswith(path)
    assert "测试" not in refused.detail
    assert not far.told


async def test_a_wrong_word_is_nobody_s_message_s_fault() -> None:
    async with Carrier(options=Options(word="another")) as far:
        config = LogisticsConfig.model_validate(settings_of(far))
        async with (
            lent(Vault(SECRETS.__getitem__), Overheard(), Meter()) as context,
            CONNECTOR.sink(config, context) as sink,
        ):
            assert await sink.send(parcel()) == Unavailable("SF_A1006")
    assert WORD != "another"


def sf_answer(inner: object, outer: str = "A1000") -> Answer:
    return Answer(200, {}, orjson.dumps({"apiResultCode": outer, "apiResultData": inner}))


def test_both_levels_are_read() -> None:
    config = LogisticsConfig.model_validate(
        {"carrier": "sf", "url": "https://sf.test/", "partner": "p", "check_word": "w"}
    )

    def said(code: object, outer: str = "A1000") -> object:
        return read(config, sf_answer(orjson.dumps({"errorCode": code}).decode(), outer))

    assert said("S0000") == Done()
    assert read(config, sf_answer({"errorCode": "S0000"})) == Done()
    assert said("8016") == Known()
    assert said("8018") == Unknown()
    assert said("S0001") == NotNow("SF_S0001")
    assert said("8114") == Refuses("SF_8114")
    assert said("S0000", "A1001") == NotNow("SF_A1001")
    assert said("S0000", "A1099") == Unclear("SF_A1099")
    assert isinstance(said("张三 13900000000"), Unclear)
    for inner in (None, "", "[]", 7, {"errorCode": None}):
        assert isinstance(read(config, sf_answer(inner)), Unclear)
    assert isinstance(read(config, Answer(200, {}, b'{"apiResultCode":"A1000"}')), Unclear)
    for octets in (b"", b"[]", b"\xff", b"<html/>"):
        assert isinstance(read(config, Answer(200, {}, octets)), Unclear)
    assert isinstance(read(config, Answer(500, {}, b"")), Unclear)
    assert isinstance(read(config, Answer(404, {}, b"")), NotNow)


def test_ems_calls_things_as_the_customers_contract_says() -> None:
    names = {"number": "orderNo", "consignee": "to", "name": "person", "collect": "C", "success": "ok", "waybill": "no"}
    plain = {"carrier": "ems", "url": "http://127.0.0.1:9", "partner": "GOVHUB", "check_word": "word", "ems": names}
    config = LogisticsConfig.model_validate(plain)
    end = End("测试申请人甲", "00000000000", "测试区示例街 0 号", "")
    order = Order(
        number="JD-1@A", cancels=False, consignor=end, consignee=end, prepaid=False, pickup="", note="", things=()
    )
    said = orjson.loads(ems.creating(config, order))

    assert (said["orderNo"], said["to"]["person"], said["payType"]) == ("JD-1@A", "测试申请人甲", "C")
    assert not {"txLogisticID", "receiver"} & said.keys()
    assert orjson.loads(ems.naming(config, "JD-1@A"))["orderNo"] == "JD-1@A"
    assert ems.read(config, Answer(200, {}, b'{"ok": "true", "no": "E1"}')) == Done("E1")


async def test_an_address_that_is_not_on_its_list_is_not_called() -> None:
    async with ordering(egress={"networks": ["10.20.0.0/16"]}) as (sink, far):
        refused = await sink.send(parcel())
        assert isinstance(refused, Rejected)
        assert refused.code == "EGRESS_REFUSED"
        assert not far.orders
