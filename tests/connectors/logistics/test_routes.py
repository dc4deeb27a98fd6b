# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Routes as carriers tell of them: events of their case, a delivery that ends, and answers as each carrier wants them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.logistics import CONNECTOR
from connectors.logistics.config import RouteConfig
from connectors.logistics.routes import MOST, Told, Unheard, ems_told, sf_told
from connectors.logistics.simulator import WORD
from connectors.sdk import Admitted, NotNow, Receiver, Refused, Reply, Request, Taken, TurnedAway
from connectors.sdk.answers import Answer
from connectors.sdk.bench import lent
from connectors.sdk.hearing import MemoryAnswers
from connectors.sdk.metrics import Meter
from connectors.sdk.outcomes import Delivered, Rejected
from connectors.sdk.overhearing import Overheard, Vault
from contracts.catalogue import builtin
from contracts.contract import Checked
from tests.connectors.logistics.far_side import SECRETS, ems_call, sf_call, sf_route

(EVENT,) = builtin().versions("cn.gov.shipment.event")
TAKEN = Taken(b"{}")
SF: dict[str, object] = {"carrier": "sf", "token": "push", "answers_for": "sf"}
EMS: dict[str, object] = {"carrier": "ems", "token": "push", "check_word": "carrier", "answers_for": "ems"}
XML = (
    '<Request service="RoutePushService" lang="zh-CN"><Body>'
    '<WaybillRoute id="7" mailno="SF7" orderid="JD-7@case-7" acceptTime="2026-03-12 10:30:00" acceptAddress="测试市" '
    'opCode="80" remark="已签收"/></Body></Request>'
)


@asynccontextmanager
async def listening(said: dict[str, object], answers: MemoryAnswers | None = None) -> AsyncIterator[Receiver]:
    config = RouteConfig.model_validate(said)
    async with (
        lent(Vault(SECRETS.__getitem__), Overheard(), Meter(), answers or MemoryAnswers()) as context,
        CONNECTOR.receiver(config, context) as receiver,
    ):
        yield receiver


async def called(receiver: Receiver, request: Request, disposition: Any = TAKEN) -> tuple[Admitted, Reply]:
    admission = await receiver.admit(request)
    assert isinstance(admission, Admitted), admission
    return admission, await receiver.reply(admission.note, [(one.token, disposition) for one in admission.items])


async def test_an_event_is_what_its_contract_says_and_a_signature_ends_the_delivery() -> None:
    answers = MemoryAnswers()
    async with listening(SF, answers) as receiver:
        admission, reply = await called(receiver, sf_call(sf_route(1), sf_route(2, opCode="80", remark="已签收")))
    for one in admission.items:
        data = orjson.loads(one.body)
        assert isinstance(EVENT.check(data, data["case_no"]), Checked)
        assert one.headers["cloudEvents:subject"] == data["case_no"]
    assert [orjson.loads(one.body)["status"] for one in admission.items] == ["picked_up", "delivered"]
    (answer,) = answers.given
    assert (answer.reference, answer.outcome) == ("JD-2@510500-20260302-000002", Delivered("SF0000000002"))
    assert orjson.loads(reply.body) == {"return_code": "0000", "return_msg": "成功"}


async def test_xml_is_answered_in_xml() -> None:
    answers = MemoryAnswers()
    request = replace(sf_call(), body=XML.encode(), headers=(("Content-Type", "text/xml"),))
    async with listening(SF, answers) as receiver:
        admission, reply = await called(receiver, request)
        _, again = await called(receiver, request, NotNow(5.0))
    assert orjson.loads(admission.items[0].body)["order_no"] == "JD-7"
    assert reply.body == b'<Response service="RoutePushService"><Head>OK</Head></Response>'
    assert b"<Head>ERR</Head>" in again.body
    assert [one.reference for one in answers.given] == ["JD-7@case-7"]


async def test_ems_is_believed_by_its_digest_alone() -> None:
    answers = MemoryAnswers()
    async with listening(EMS, answers) as receiver:
        admission, reply = await called(receiver, ems_call(3, "704"))
        forged = await receiver.admit(replace(ems_call(3), body=ems_call(4).body.replace(b"203", b"704")))
    assert orjson.loads(admission.items[0].body)["status"] == "delivered"
    assert orjson.loads(reply.body)["responseState"] is True
    assert len(answers.given) == 1
    assert isinstance(forged, TurnedAway)
    assert (forged.code, forged.reply.status) == ("BAD_SIGNATURE", 401)


async def test_what_is_over_without_a_signature_is_told_so() -> None:
    answers = MemoryAnswers()
    async with listening({**SF, "codes": {"99": "returned"}}, answers) as receiver:
        admission, _ = await called(receiver, sf_call(sf_route(1, opCode="99", remark="")))
    data = orjson.loads(admission.items[0].body)
    assert (data["status"], data["reason"]) == ("returned", "承运企业未说明原因")
    assert isinstance(EVENT.check(data, data["case_no"]), Checked)
    assert [one.outcome for one in answers.given] == [Rejected("SHIPMENT_RETURNED")]


async def test_a_carrier_comes_again_until_the_answer_is_kept() -> None:
    answers = MemoryAnswers(away=True)
    request = sf_call(sf_route(1, opCode="80"))
    async with listening(SF, answers) as receiver:
        _, reply = await called(receiver, request)
        answers.away = False
        _, second = await called(receiver, request)
        _, refused = await called(receiver, request, Refused("E_CASE_FOREIGN", b"{}"))
    assert orjson.loads(reply.body)["return_code"] == "1000"
    assert orjson.loads(second.body)["return_code"] == "0000"
    assert orjson.loads(refused.body) == {"return_code": "0000", "return_msg": "未采用 E_CASE_FOREIGN"}


async def test_routes_of_strangers_are_acknowledged_and_let_go() -> None:
    async with listening(SF) as receiver:
        reply = await receiver.admit(sf_call(sf_route(1, orderid="SOMEBODY-ELSE"), sf_route(2, orderid="")))
    assert isinstance(reply, Reply)
    assert orjson.loads(reply.body)["return_code"] == "0000"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b'{"Body":{"WaybillRoute":[]}}',
        b'{"Body":{"WaybillRoute":[1]}}',
        b'{"Body":{"WaybillRoute":[{"mailno":"1","opCode":"50","acceptTime":"soon","orderid":"a@b"}]}}',
        b"<Request/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><Request><Body><WaybillRoute/></Body></Request>",
        orjson.dumps({"Body": {"WaybillRoute": [sf_route(n) for n in range(MOST + 1)]}}),
    ],
)
async def test_what_nobody_can_read_is_turned_away(body: bytes) -> None:
    async with listening(SF) as receiver:
        admission = await receiver.admit(replace(sf_call(), body=body))
    assert isinstance(admission, TurnedAway)
    assert admission.reply.status in {400, 413}


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=100)
def test_nothing_makes_reading_raise(body: bytes) -> None:
    for prefix in (b"", b"<", b"{", b"msgBody=", b"content="):
        assert isinstance(sf_told(prefix + body, "application/x-www-form-urlencoded"), Told | Unheard)
        assert isinstance(ems_told(prefix + body, WORD), Told | Unheard)


def test_answers_have_the_reference_that_was_accepted() -> None:
    assert Answer("JD-1@case", Delivered("SF1")).reference == "JD-1@case"
