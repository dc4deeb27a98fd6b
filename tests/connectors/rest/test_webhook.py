# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Webhooks in: who may call, what a call says, how it is answered. The rules of the suite are tried elsewhere."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from pydantic import ValidationError

from connectors.rest import CONNECTOR
from connectors.rest.webhook import Webhook
from connectors.rest.webhook_config import WebhookConfig
from connectors.sdk import Admission, Admitted, Context, NotNow, Refused, Reply, Request, Taken, TurnedAway
from tests.connectors.webhook_caller import SECRET, WebhookCaller

ITEM = {"type": "cn.gov.process.step", "id": "{/id}", "subject": "{/case}"}
CALLER = WebhookCaller(at=1_700_000_000_000)
NOW = datetime.fromtimestamp(1_700_000_000, UTC)
JSON = ("Content-Type", "application/json")


def hook(context: Context, **settings: Any) -> Webhook:
    config = WebhookConfig.model_validate(settings)
    return Webhook(
        config, replace(context, now=lambda: NOW, secret={"callback": SECRET, "old": "old-word"}.__getitem__)
    )


async def heard(context: Context, request: Request, **settings: Any) -> Admission:
    return await hook(context, **settings).admit(request)


def post(body: bytes, *headers: tuple[str, str], **rest: Any) -> Request:
    return Request(method="POST", body=body, headers=headers or (JSON,), **rest)


def attributes(admission: Admission, n: int = 0) -> dict[str, Any]:
    assert isinstance(admission, Admitted), admission
    return {name.removeprefix("cloudEvents:"): value for name, value in admission.items[n].headers.items()}


async def test_a_call_becomes_a_message(context: Context) -> None:
    admission = await heard(context, CALLER.call(7), **CALLER.settings)
    assert attributes(admission) == {
        "specversion": "1.0",
        "id": "c-7",
        "type": "cn.gov.process.step",
        "subject": "case-7",
        "dataschema": "urn:govhub:contract:cn.gov.process.step:1",
    }
    assert isinstance(admission, Admitted)
    (item,) = admission.items
    assert (item.content_type, item.body) == ("application/json", b'{"number":7}')


@pytest.mark.parametrize(("seconds", "believed"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)])
async def test_the_window_is_open_both_ways(context: Context, seconds: int, believed: bool) -> None:  # noqa: FBT001  # because it is a table's column
    call = replace(CALLER, at=CALLER.at + 1000 * seconds).call(1)
    admission = await heard(context, call, **CALLER.settings)
    assert isinstance(admission, Admitted) is believed
    if isinstance(admission, TurnedAway):
        assert (admission.code, admission.reply.status) == ("STALE", 401)


async def test_the_secret_before_this_one_is_good_while_it_is_named(context: Context) -> None:
    call = CALLER.signed(CALLER.call(1).body, key="old-word")
    changing = {**CALLER.settings, "verify": {**CALLER.settings["verify"], "previous_secret": "old"}}  # type: ignore[dict-item]
    assert isinstance(await heard(context, call, **CALLER.settings), TurnedAway)
    assert isinstance(await heard(context, call, **changing), Admitted)


async def test_a_secret_that_is_not_there_lets_nobody_in(context: Context) -> None:
    verify = {**CALLER.settings["verify"], "secret": "none"}  # type: ignore[dict-item]
    admission = await heard(context, CALLER.call(1), **{**CALLER.settings, "verify": verify})
    assert isinstance(admission, TurnedAway)
    assert (admission.code, admission.reply.status) == ("SECRET_MISSING", 503)


async def test_other_ways_of_knowing_a_caller(context: Context) -> None:
    body = b'{"id": "1", "case": "c"}'
    bearer = {"bearer_secret": "callback", "item": ITEM}
    assert isinstance(await heard(context, post(body, JSON, ("Authorization", f"Bearer {SECRET}")), **bearer), Admitted)
    for wrong in ("", "Bearer", "Bearer other", f"bearer {SECRET}", f"Bearer {SECRET}, Bearer {SECRET}"):
        refused = await heard(context, post(body, JSON, ("Authorization", wrong)), **bearer)
        assert isinstance(refused, TurnedAway)
        assert refused.code == "BAD_TOKEN"
    subject = {"client_subject": "CN=seals,O=made up", "item": ITEM}
    assert isinstance(await heard(context, post(body, subject="CN=seals,O=made up"), **subject), Admitted)
    assert isinstance(await heard(context, post(body, subject="CN=seals"), **subject), TurnedAway)
    assert isinstance(await heard(context, post(body), **subject), TurnedAway)
    assert isinstance(await heard(context, post(body), anybody=True, item=ITEM), Admitted)


async def test_a_signed_form_with_the_data_in_a_field(context: Context) -> None:
    fields = {"biz_content": '{"id": 5, "case": "办件"}', "timestamp": "1700000000000", "app": "a&b"}
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields)) + f"&key={SECRET}"
    signed = {**fields, "sign": hashlib.new("sm3", text.encode()).hexdigest()}
    form = ("Content-Type", "application/x-www-form-urlencoded")
    settings = {
        "verify": {
            "kind": "digest",
            "digest": "sm3",
            "encoding": "hex",
            "secret": "callback",
            "over": "{fields}&key={secret.key}",  # noqa: RUF027  # because it is a template
            "field": "sign",
            "timestamp": "{f.timestamp|from_ms}",
        },
        "item": {
            "type": "cn.gov.process.step",
            "id": "{f.timestamp}",
            "subject": "{f.app}",
            "data_field": "biz_content",
            "content_type": "application/json",
        },
    }
    admission = await heard(context, post(urlencode(signed).encode(), form), **settings)
    assert attributes(admission)["subject"] == "a&b"
    assert isinstance(admission, Admitted)
    assert admission.items[0].body == fields["biz_content"].encode()
    twice = urlencode(signed).encode() + b"&app=evil"
    assert isinstance(await heard(context, post(twice, form), **settings), TurnedAway)


async def test_a_list_is_many_messages(context: Context) -> None:
    item = {"type": "cn.gov.shipment.event", "id": "{/id}", "subject": "{/orderid}", "each": "/Body/WaybillRoute"}
    json = orjson.dumps({"Body": {"WaybillRoute": [{"id": n, "orderid": f"o-{n}"} for n in range(3)]}})
    admission = await heard(context, post(json), anybody=True, item=item)
    assert isinstance(admission, Admitted)
    assert [attributes(admission, n)["id"] for n in range(3)] == ["0", "1", "2"]
    assert admission.items[1].body == b'{"id":1,"orderid":"o-1"}'
    xml = b"<Body><Head/><Route><id>8</id><no>x</no></Route><Route><id>9</id><no>y</no></Route></Body>"
    item |= {"each": "/Body/Route", "id": "{/Route/id}", "subject": "{/Route/no}"}
    admission = await heard(context, post(xml, ("Content-Type", "text/xml")), anybody=True, item=item)
    assert isinstance(admission, Admitted)
    assert [attributes(admission, n)["subject"] for n in range(2)] == ["x", "y"]
    for wrong in (b"{}", b'{"Body": {"WaybillRoute": []}}', orjson.dumps({"Body": {"WaybillRoute": [{}] * 101}})):
        assert isinstance(
            await heard(context, post(wrong), anybody=True, item={**item, "each": "/Body/WaybillRoute"}), TurnedAway
        )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"event": "STEP", "id": "1", "case": "c", "data": {"n": 12345678901234567890123}}', "UNREADABLE"),
        (b'{"event": "STEP", "id": "1"}', "UNREADABLE"),
        (b'{"event": "STEP", "id": "1", "case": ""}', "UNREADABLE"),
        (b'{"event": "STEP", "id": {}, "case": "c"}', "UNREADABLE"),
        (b'{"event": "OTHER", "id": "1", "case": "c", "data": {}}', "TYPE_UNKNOWN"),
        (b'{"event": "STEP", "id": "1", "case": "c"}', "UNREADABLE"),
        (b"", "UNREADABLE"),
    ],
)
async def test_a_call_that_says_nothing_readable_is_turned_away(context: Context, body: bytes, code: str) -> None:
    admission = await heard(context, CALLER.signed(body), **CALLER.settings)
    assert isinstance(admission, TurnedAway)
    assert admission.code == code
    assert 400 <= admission.reply.status < 500


async def test_what_is_taken_out_of_gb18030_says_that_it_is_utf_8(context: Context) -> None:
    body = '<?xml version="1.0" encoding="GB18030"?><r><id>1</id><case>办件㐀</case><d><v>办结</v></d></r>'.encode(
        "gb18030"
    )
    item = {"type": "cn.gov.process.step", "id": "{/r/id}", "subject": "{/r/case}", "data": "/r/d"}
    admission = await heard(context, post(body, ("Content-Type", "text/xml; charset=GB18030")), anybody=True, item=item)
    assert attributes(admission)["subject"] == "办件㐀"
    assert isinstance(admission, Admitted)
    assert (admission.items[0].content_type, admission.items[0].body) == (
        "application/xml",
        "<d><v>办结</v></d>".encode(),
    )


async def test_a_challenge_gives_back_what_is_harmless(context: Context) -> None:
    settings = {"anybody": True, "item": ITEM, "challenge": {"query": "echostr"}}
    good = await heard(context, Request(method="GET", query="a=1&echostr=abc-123"), **settings)
    assert isinstance(good, Reply)
    assert (good.status, good.body) == (200, b"abc-123")
    for query in ("", "echostr=", "echostr=%3Cscript%3E", "echostr=a&echostr=b", "echostr=" + "a" * 300):
        assert isinstance(await heard(context, Request(method="GET", query=query), **settings), TurnedAway)
    assert isinstance(await heard(context, Request(method="GET"), anybody=True, item=ITEM), TurnedAway)


RECEIPT = b'{"message":"0198c0de"}'
PROBLEM = '{"code":"E_X","detail":"不对 / wrong <b>"}'.encode()


async def test_replies_as_the_far_side_wants_them(context: Context) -> None:
    replies = {
        "taken": {"status": 200, "json": {"code": 0, "data": {"no": "{message}"}}},
        "refused": {"status": 200, "text": "<r><c>{code}</c><m>{detail}</m></r>", "content_type": "text/xml"},
        "later": {"status": 500},
    }
    webhook = hook(context, anybody=True, item=ITEM, replies=replies)
    taken = await webhook.reply("", [(1, Taken(RECEIPT))])
    assert (taken.status, orjson.loads(taken.body)) == (200, {"code": 0, "data": {"no": "0198c0de"}})
    refused = await webhook.reply("", [(1, Taken(RECEIPT)), (2, Refused("E_X", PROBLEM))])
    assert refused.body.decode() == "<r><c>E_X</c><m>不对 / wrong &lt;b&gt;</m></r>"
    assert refused.headers == (("Content-Type", "text/xml"),)
    later = await webhook.reply("", [(1, Refused("E_X", PROBLEM)), (2, NotNow(6.5)), (3, Taken(RECEIPT))])
    assert later.status == 500
    assert ("Retry-After", "7") in later.headers


async def test_replies_of_the_hub(context: Context) -> None:
    webhook = hook(context, anybody=True, item=ITEM)
    assert (await webhook.reply("", [(1, Taken(RECEIPT))])).body == RECEIPT
    assert (await webhook.reply("", [(1, Taken(RECEIPT)), (2, Taken(b"{}"))])).body == b"[" + RECEIPT + b",{}]"
    assert (await webhook.reply("", [(1, Refused("E_X", PROBLEM))])).body == PROBLEM


@pytest.mark.parametrize(
    "wrong",
    [
        {"item": ITEM},
        {"item": ITEM, "anybody": True, "bearer_secret": "a"},
        {"item": ITEM, "anybody": False},
        {"item": {**ITEM, "id": "{h.X-Id}"}, "verify": {"secret": "a", "over": "{body}", "header": "X"}},
        {"item": ITEM, "verify": {"secret": "a", "over": "{h.X-Timestamp}", "header": "X"}},
        {"item": ITEM, "verify": {"secret": "a", "over": "{body}", "header": "X", "timestamp": "{h.T|from_ms}"}},
        {"item": ITEM, "verify": {"secret": "a", "over": "{body}"}},
        {"item": ITEM, "verify": {"secret": "a", "over": "{body}", "header": "X", "query": "y"}},
        {"item": {**ITEM, "data": "/a", "data_field": "b"}, "anybody": True},
        {"item": {**ITEM, "data_field": "b"}, "anybody": True},
        {"item": ITEM, "anybody": True, "replies": {"taken": {"status": 200, "text": "{body}"}}},
        {"item": ITEM, "anybody": True, "replies": {"taken": {"status": 200, "text": "a", "json": {}}}},
    ],
)
def test_settings_that_leave_a_gap(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CONNECTOR.receiver_config.model_validate(wrong)
