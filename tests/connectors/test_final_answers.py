# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that say what became of a delivery: by a webhook, and by a SOAP operation."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.rest.webhook import Webhook
from connectors.rest.webhook_config import WebhookConfig
from connectors.sdk import Accepted, Admitted, Answer, Context, Delivered, Rejected, Reply, Request, TurnedAway
from connectors.sdk.hearing import MemoryAnswers
from connectors.soap.endpoint import Endpoint
from connectors.soap.endpoint_config import EndpointConfig
from tests.connectors.soap_caller import PASSWORD, SoapCaller

ANSWER = {
    "reference": "{/flow}",
    "outcome": "{/status}",
    "delivered": ["COMPLETE"],
    "rejected": ["REFUSED", "9"],
    "pending": ["SIGNING"],
    "receipt": "{/seal}",
    "detail": "{/why}",
    "time": "{/at|from_ms}",
}
HOOK: dict[str, Any] = {"anybody": True, "answers_for": "seals", "answer": ANSWER}
ITEM = {"type": "cn.gov.seal.completed", "id": "{/flow}-{/status}", "subject": "{/case}"}
AT = datetime.fromtimestamp(1_700_000_000, UTC)


def hook(context: Context, answers: MemoryAnswers, **changes: Any) -> Webhook:
    return Webhook(WebhookConfig.model_validate({**HOOK, **changes}), replace(context, answers=answers))


def post(body: str, kind: str = "application/json") -> Request:
    return Request(method="POST", body=body.encode(), headers=(("Content-Type", kind),))


def said(status: str, **more: object) -> Request:
    fields = {"flow": "R-1", "status": status, "at": 1_700_000_000_000, "case": "办件-1", **more}
    return post(orjson.dumps(fields).decode())


class TestWebhook:
    @pytest.mark.parametrize(
        ("request_", "outcome"),
        [
            (said("COMPLETE", seal="S-7"), Delivered("S-7")),
            (said("COMPLETE"), Delivered("")),
            (said("REFUSED", why="no right, id 110101190001011237"), Rejected("REFUSED", "no right, id …")),
            (said("9"), Rejected("9")),
        ],
    )
    async def test_a_call_is_the_final_answer(
        self, context: Context, request_: Request, outcome: Delivered | Rejected
    ) -> None:
        answers = MemoryAnswers()
        answers.sent(Accepted("R-1"))

        reply = await hook(context, answers).admit(request_)

        assert isinstance(reply, Reply)
        assert reply.status == 202
        assert answers.given == [Answer("R-1", outcome, AT)]

    async def test_what_is_not_final_is_acknowledged_and_says_nothing(self, context: Context) -> None:
        answers = MemoryAnswers()

        reply = await hook(context, answers).admit(said("SIGNING"))

        assert isinstance(reply, Reply)
        assert not answers.given

    @pytest.mark.parametrize(
        ("request_", "code", "status"),
        [
            (said("ELSE"), "ANSWER_UNKNOWN", 422),
            (post('{"status":"COMPLETE","at":1}'), "UNREADABLE", 400),
            (post('{"flow":"","status":"COMPLETE","at":1}'), "UNREADABLE", 400),
            (post('{"flow":"R-1","at":1}'), "UNREADABLE", 400),
            (said("COMPLETE", at="yesterday"), "UNREADABLE", 400),
            (post("[" * 10_000), "UNREADABLE", 400),
            (post("a=b&c=d", "application/x-www-form-urlencoded"), "UNREADABLE", 400),
        ],
    )
    async def test_what_nobody_understands_is_turned_away(
        self, context: Context, request_: Request, code: str, status: int
    ) -> None:
        answers = MemoryAnswers()

        turned = await hook(context, answers).admit(request_)

        assert isinstance(turned, TurnedAway)
        assert (turned.code, turned.reply.status) == (code, status)
        assert not answers.given

    async def test_what_could_not_be_kept_should_come_again(self, context: Context) -> None:
        answers = MemoryAnswers(away=True)
        replies = {"later": {"status": 500, "json": {"code": "{code}"}}}

        reply = await hook(context, answers, replies=replies, item=ITEM).admit(said("COMPLETE"))

        assert isinstance(reply, Reply)
        assert (reply.status, reply.body) == (500, b'{"code":"NOT_NOW"}')

    async def test_a_call_may_be_both_message_and_answer(self, context: Context) -> None:
        answers = MemoryAnswers()

        admitted = await hook(context, answers, item=ITEM).admit(said("COMPLETE"))

        assert isinstance(admitted, Admitted)
        assert admitted.items[0].headers["cloudEvents:id"] == "R-1-COMPLETE"
        assert [one.reference for one in answers.given] == ["R-1"]

    async def test_a_form_with_a_list_of_its_own_kind(self, context: Context) -> None:
        """A status report of a text message, as most gateways send it."""
        answers = MemoryAnswers()
        form = {"reference": "{f.msgid}", "outcome": "{f.stat}", "delivered": ["DELIVRD"], "rejected": ["UNDELIV"]}
        report = post("msgid=8812&stat=DELIVRD", "application/x-www-form-urlencoded")

        assert isinstance(await hook(context, answers, answer=form).admit(report), Reply)

        assert answers.given == [Answer("8812", Delivered(""))]

    async def test_each_of_a_list_is_an_answer(self, context: Context) -> None:
        answers = MemoryAnswers()
        each = {**ITEM, "each": "/list"}
        body = post(
            '{"list":[{"flow":"R-1","status":"COMPLETE","at":1,"case":"a"},{"flow":"R-2","status":"9","at":1,"case":"b"}]}'
        )

        admitted = await hook(context, answers, item=each).admit(body)

        assert isinstance(admitted, Admitted)
        assert [(one.reference, type(one.outcome)) for one in answers.given] == [("R-1", Delivered), ("R-2", Rejected)]

    @pytest.mark.parametrize(
        "changes",
        [
            {"answer": None},
            {"answers_for": None},
            {"answer": {**ANSWER, "rejected": ["COMPLETE"]}},
            {"answer": {**ANSWER, "delivered": []}},
            {"answer": {**ANSWER, "reference": "{nothing}"}},
            {"answer": None, "answers_for": None},
            {"anybody": None, "verify": {"secret": "s", "over": "{/flow}", "encoding": "hex", "header": "X-Signature"}},
        ],
    )
    def test_settings_that_cannot_be_meant(self, changes: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            WebhookConfig.model_validate({**HOOK, **changes})


class TestSoap:
    def endpoint(self, context: Context, answers: MemoryAnswers) -> Endpoint:
        config = EndpointConfig.model_validate(
            {
                **SoapCaller().settings,
                "answers_for": "seals",
                "operations": {
                    "tijiao": {
                        "parameters": ["lsh", "zt", "yy"],
                        "answer": {
                            "reference": "{f.lsh}",
                            "outcome": "{f.zt}",
                            "delivered": ["1"],
                            "rejected": ["2"],
                            "detail": "{f.yy}",
                        },
                    }
                },
            }
        )
        return Endpoint(config, replace(context, answers=answers, secret={"soap-calls": PASSWORD}.__getitem__))

    async def test_an_operation_is_the_final_answer(self, context: Context) -> None:
        answers = MemoryAnswers()
        endpoint = self.endpoint(context, answers)

        for number, status in enumerate("12"):
            call = SoapCaller().calling({"lsh": f"R-{number}", "zt": status, "yy": "缺章"})
            reply = await endpoint.admit(call)
            assert isinstance(reply, Reply)
            assert reply.status == 200

        assert answers.given == [Answer("R-0", Delivered("")), Answer("R-1", Rejected("2", "缺章"))]

    async def test_what_could_not_be_kept_is_a_fault_to_call_again(self, context: Context) -> None:
        endpoint = self.endpoint(context, MemoryAnswers(away=True))

        reply = await endpoint.admit(SoapCaller().calling({"lsh": "R-1", "zt": "1", "yy": ""}))

        assert isinstance(reply, Reply)
        assert reply.status == 500
        assert ("Retry-After", "5") in reply.headers

    async def test_another_value_is_a_fault(self, context: Context) -> None:
        endpoint = self.endpoint(context, MemoryAnswers())

        turned = await endpoint.admit(SoapCaller().calling({"lsh": "R-1", "zt": "7", "yy": ""}))

        assert isinstance(turned, TurnedAway)
        assert turned.code == "ANSWER_UNKNOWN"

    @pytest.mark.parametrize(
        "changes",
        [
            {"answers_for": "seals"},
            {"operations": {"a": {"parameters": ["x"], "data": "x"}}},
            {
                "answers_for": "seals",
                "operations": {
                    "a": {
                        "parameters": ["x"],
                        "type": "cn.gov.process.step",
                        "answer": {"reference": "{f.x}", "outcome": "{f.x}", "delivered": ["1"]},
                    }
                },
            },
            {
                "answers_for": "seals",
                "operations": {
                    "a": {
                        "parameters": ["x"],
                        "answer": {"reference": "{f.y}", "outcome": "{f.x}", "delivered": ["1"]},
                    }
                },
            },
        ],
    )
    def test_settings_that_cannot_be_meant(self, changes: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            EndpointConfig.model_validate({**SoapCaller().settings, **changes})
