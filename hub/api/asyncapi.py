# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/asyncapi.json``: the messages in AsyncAPI 3.0, from the hub's side: what it receives, lends and sends.

What stands in both descriptions has one name: the operations here are the ``operationId`` of the OpenAPI description. What
hubs tell each other over their bus is nobody else's to read and is not described.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import orjson
from aiohttp import web

from contracts.bindings.http import BATCHED
from contracts.problem import MEDIA_TYPE
from contracts.refusal import Refusal
from contracts.registry import Registry
from contracts.text import Text
from hub.api.documents import Ack, Acked, AsyncApi, BatchAnswer, EventBatch, Fetch, Problem, Receipt
from hub.api.draft07 import draft07
from hub.api.event_messages import EventMessages
from hub.api.once import Once
from hub.api.route import JSON, Answer, Route
from hub.api.schemas import Schemas

_HTTP = "0.3.0"
"""The version of AsyncAPI's HTTP bindings."""

_TITLE = Text("govhub 政务服务集成中枢的消息", "the messages of the hub")
_SENT = Text(
    "系统向中枢递交消息：结构化模式、二进制模式，或一批。登记完成后才答复，重发得到同一回执。",
    "Systems hand messages over: in structured mode, in binary mode, or several in a batch. Answered once they are journaled; "
    "a repeat is given the same receipt.",
)
_PUSHED = Text(
    "中枢向目的地推送消息：每条一次请求，地址、模式与请求头由部署文件设定。约定了方言的目的地，"
    "收到的 data 为该方言的写法（XML、库表行等），见契约网页。",
    "The hub pushes messages to a destination, one in each request; its address, mode and headers are set in the deployment "
    "file. A destination whose terms name a dialect receives the data as that dialect writes it (XML, rows and others; see the "
    "pages about contracts).",
)
_LENT = Text(
    "只能向外发起请求的部门取件；取走的消息在租期内不会再给别人，未确认的会再次出现。",
    "A department that can only call out fetches its messages; they are lent, and what is not acknowledged comes again.",
)
_SETTLED = Text("部门逐条说明取走的消息结果如何。", "The department says what became of each fetched message.")


def described(registry: Registry) -> Mapping[str, Any]:
    """The AsyncAPI document of a hub that speaks these contracts."""
    schemas = Schemas((EventBatch, Receipt, BatchAnswer, Problem, Fetch, Ack, Acked), registry)
    events = EventMessages(registry.all(), schemas)
    messages = {**events.sent, **events.pushed, **_documents(schemas)}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:govhub",
        "info": {
            "title": str(_TITLE),
            "version": version("govhub"),
            "description": str(
                Text("契约网页：/contracts/；接口说明：/openapi.json。", "Pages: /contracts/; the API: /openapi.json.")
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": JSON,
        "servers": _servers(),
        "channels": _channels(list(events.sent), list(events.pushed)),
        "operations": _operations(list(events.sent), list(events.pushed)),
        "components": {
            "messages": messages,
            "schemas": {name: draft07(schema) for name, schema in {**schemas.all, **events.schemas}.items()},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "ghk_…",
                    "description": str(
                        Text("登记该系统时发给的密钥", "The key given out when the system was registered")
                    ),
                }
            },
        },
    }


def _servers() -> dict[str, Any]:
    return {
        "hub": {
            "host": "{host}",
            "protocol": "http",
            "description": str(Text("中枢；TLS 由其前面的代理终止", "The hub; a proxy before it ends TLS")),
            "variables": {"host": {"default": "127.0.0.1:8480"}},
            "security": [{"$ref": "#/components/securitySchemes/key"}],
        },
        "destination": {
            "host": "{host}",
            "pathname": "{path}",
            "protocol": "http",
            "description": str(
                Text(
                    "部门系统；凭证由部署文件设定",
                    "A department's system; its credentials are set in the deployment file",
                )
            ),
            "variables": {"host": {"default": "department.example.gov.cn"}, "path": {"default": "/"}},
        },
    }


def _channels(sent: Sequence[str], pushed: Sequence[str]) -> dict[str, Any]:
    mailbox = {"description": str(Text("信箱，即目的地编号", "The mailbox: a destination's id"))}
    hub, far = [{"$ref": "#/servers/hub"}], [{"$ref": "#/servers/destination"}]
    return {
        "messages": _channel("/v1/messages", hub, _SENT, [*sent, "batch"]),
        "mailbox": {
            **_channel("/v1/mailbox/{destination}", hub, _LENT, ["fetch"]),
            "parameters": {"destination": mailbox},
        },
        "acknowledgements": {
            **_channel("/v1/mailbox/{destination}/ack", hub, _SETTLED, ["acknowledgement"]),
            "parameters": {"destination": mailbox},
        },
        "answers": _channel(
            None,
            hub,
            Text("对请求的 HTTP 应答。", "The HTTP answer to a request."),
            ["receipt", "batchAnswer", "lent", "nothing", "settled", "problem"],
        ),
        "destination": _channel(None, far, _PUSHED, pushed),
    }


def _channel(address: str | None, servers: Any, meaning: Text, names: Sequence[str]) -> dict[str, Any]:
    return {
        "address": address,
        "servers": servers,
        "description": str(meaning),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _operations(sent: Sequence[str], pushed: Sequence[str]) -> dict[str, Any]:
    number = {"type": "number", "minimum": 0}
    query = {"type": "object", "properties": {"max": {"type": "integer", "minimum": 1}, "wait": number}}
    return {
        "sendMessages": _operation("receive", "messages", _SENT, [*sent, "batch"], {"method": "POST"})
        | _reply("receipt", "batchAnswer", "problem"),
        "fetchMailbox": _operation("receive", "mailbox", _LENT, ["fetch"], {"method": "GET", "query": query})
        | _reply("lent", "nothing", "problem"),
        "acknowledgeMailbox": _operation(
            "receive", "acknowledgements", _SETTLED, ["acknowledgement"], {"method": "POST"}
        )
        | _reply("settled", "problem"),
        "pushMessage": _operation("send", "destination", _PUSHED, pushed, {"method": "POST"}),
    }


def _operation(
    action: str, channel: str, meaning: Text, names: Sequence[str], binding: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": meaning.zh,
        "description": str(meaning),
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
        "bindings": {"http": {**binding, "bindingVersion": _HTTP}},
    }


def _reply(*names: str) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/answers/messages/{name}"} for name in names]
    return {"reply": {"channel": {"$ref": "#/channels/answers"}, "messages": messages}}


def _documents(schemas: Schemas) -> dict[str, Any]:
    """The messages that are no single event."""

    def message(meaning: Text, content_type: str, model: Any = None, status: int | None = None) -> dict[str, Any]:
        return {
            "title": meaning.zh,
            "summary": str(meaning),
            **({"contentType": content_type, "payload": schemas.of(model)} if model is not None else {}),
            **({"bindings": {"http": {"statusCode": status, "bindingVersion": _HTTP}}} if status is not None else {}),
        }

    return {
        "batch": message(Text("一批消息", "Several messages"), BATCHED, EventBatch),
        "fetch": message(Text("取件请求，无正文", "A request for messages; it has no body"), JSON),
        "acknowledgement": message(Text("确认", "An acknowledgement"), JSON, Ack),
        "receipt": message(Text("已受理：回执", "Accepted: the receipt"), JSON, Receipt, 202),
        "batchAnswer": message(Text("批次：逐条结果", "A batch: what became of each"), JSON, BatchAnswer, 200),
        "lent": message(Text("借出的消息", "The messages lent"), JSON, Fetch, 200),
        "nothing": message(Text("没有消息", "Nothing there"), JSON, None, 204),
        "settled": message(Text("逐条是否记录", "Whether each was recorded"), JSON, Acked, 200),
        "problem": message(
            Text("拒绝：问题详情（RFC 9457）", "A refusal: problem details (RFC 9457)"), MEDIA_TYPE, Problem
        ),
    }


def route_of(registry: Registry) -> Route:
    """The route of this description."""
    document = Once[None, bytes](lambda _: orjson.dumps(described(registry)))

    async def describe(_request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        return web.Response(body=await document.get(None), content_type=JSON)

    return Route(
        method="GET",
        path="/asyncapi.json",
        name="describeMessages",
        meaning=Text("消息的 AsyncAPI 3.0 说明。", "The messages described in AsyncAPI 3.0."),
        handler=describe,
        answers={200: Answer(Text("说明", "The description"), JSON, AsyncApi)},
        open=True,
    )
