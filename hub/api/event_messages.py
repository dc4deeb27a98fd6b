# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The message objects of the contracts, for AsyncAPI: each version as it is sent and as it is pushed, in either HTTP mode."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.bindings.http import STRUCTURED
from contracts.contract import Contract
from contracts.example import Example
from contracts.text import Text
from hub.api.documents import Event
from hub.api.route import JSON
from hub.api.schemas import Schemas

_ENVELOPE, _HEADERS = "EventEnvelope", "EventHeaders"
_PUSHED, _PUSH_KEY, _PUSHED_HEADERS = "PushedEnvelope", "PushKey", "PushedHeaders"
_STRUCTURED = Text("结构化模式", "structured mode")
_BINARY = Text("二进制模式", "binary mode")
_KEY = "Idempotency-Key"


class EventMessages:
    """``sent`` and ``pushed`` by name; ``schemas`` are those they need beside the ones they were given."""

    def __init__(self, contracts: Sequence[Contract], schemas: Schemas) -> None:
        envelope = {name: value for name, value in schemas.named(Event).items() if name != "allOf"}
        self.schemas: dict[str, Any] = {
            _ENVELOPE: {**envelope, "title": "EventEnvelope"},
            _HEADERS: _headers_of(envelope),
            _PUSHED: _with_the_hub_s_own("govhubmessage"),
            _PUSHED_HEADERS: _with_the_hub_s_own("ce-govhubmessage"),
            _PUSH_KEY: _push_key(),
        }
        self.sent: dict[str, Any] = {}
        self.pushed: dict[str, Any] = {}
        for contract in contracts:
            name = f"{contract.type}.v{contract.version}"
            event, headers = f"{name}.event", f"{name}.headers"
            self.schemas[event] = _event(contract, schemas)
            self.schemas[headers] = _binary_headers(contract)
            payload = {"payload": _of(event), "contentType": STRUCTURED}
            data = {"payload": schemas.of(contract.model), "contentType": JSON}
            examples = [(one.name, _example(contract, one)) for one in contract.examples if one.valid]
            self.sent[name] = {
                **_said(contract, _STRUCTURED),
                **payload,
                "correlationId": {"location": "$message.payload#/id"},
                "examples": [{"name": label, "payload": event_} for label, event_ in examples],
            }
            self.sent[f"{name}.binary"] = {
                **_said(contract, _BINARY),
                **data,
                "headers": _all_of(headers),
                "correlationId": {"location": "$message.header#/ce-id"},
                "examples": [
                    {"name": label, "headers": _in_headers(event_), "payload": event_["data"]}
                    for label, event_ in examples[:1]
                ],
            }
            key = {"correlationId": {"location": f"$message.header#/{_KEY}"}}
            self.pushed[f"{name}.pushed"] = {
                **_said(contract, _STRUCTURED),
                "payload": _all_of(event, _PUSHED),
                "contentType": STRUCTURED,
                "headers": _all_of(_PUSH_KEY),
                **key,
            }
            self.pushed[f"{name}.pushed.binary"] = {
                **_said(contract, _BINARY),
                **data,
                "headers": _all_of(headers, _PUSHED_HEADERS, _PUSH_KEY),
                **key,
            }


def _of(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _all_of(*names: str) -> dict[str, Any]:
    return {"type": "object", "allOf": [_of(name) for name in names]}


def _said(contract: Contract, mode: Text) -> dict[str, Any]:
    return {
        "name": contract.schema_uri,
        "title": f"{contract.title.zh}（第 {contract.version} 版，{mode.zh}）",
        "summary": f"{contract.title.en}, version {contract.version}, {mode.en}",
        "description": f"{contract.meaning.zh}\n\n{contract.meaning.en}",
    }


def _event(contract: Contract, schemas: Schemas) -> dict[str, Any]:
    own = {
        "type": {"const": contract.type},
        "dataschema": {"const": contract.schema_uri},
        "data": schemas.of(contract.model),
    }
    return {"type": "object", "allOf": [_of(_ENVELOPE), {"properties": own, "required": ["data"]}]}


def _binary_headers(contract: Contract) -> dict[str, Any]:
    own = {"ce-type": {"const": contract.type}, "ce-dataschema": {"const": contract.schema_uri}}
    return {"type": "object", "allOf": [_of(_HEADERS), {"properties": own}]}


def _headers_of(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope's attributes as headers: all strings, percent-encoded where they are not plain ASCII."""
    kept = {name: said for name, said in envelope["properties"].items() if name not in {"data", "datacontenttype"}}
    properties = {f"ce-{name}": dict(_header(said)) for name, said in kept.items()}
    return {
        "type": "object",
        "title": "EventHeaders",
        "properties": properties,
        "required": [f"ce-{name}" for name in envelope["required"]],
    }


def _header(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "type", "string"
    yield from ((name, said[name]) for name in ("description", "const", "maxLength") if name in said)


def _push_key() -> dict[str, Any]:
    same = Text(
        "投递编号，每次重试相同；头的名称可由部署文件另定",
        "The delivery's id, the same in every attempt; the deployment file may name another header",
    )
    return {
        "type": "object",
        "title": _PUSH_KEY,
        "properties": {_KEY: {"type": "string", "format": "uuid", "description": str(same)}},
        "required": [_KEY],
    }


def _with_the_hub_s_own(name: str) -> dict[str, Any]:
    """What the hub adds to every event that it sends."""
    said = {
        "type": "string",
        "format": "uuid",
        "description": str(Text("中枢给的消息编号", "The message's id in the hub")),
    }
    return {"type": "object", "properties": {name: said}, "required": [name]}


def _example(contract: Contract, example: Example) -> dict[str, Any]:
    assert isinstance(example.data, Mapping), "a valid example is an object"
    return {
        "specversion": "1.0",
        "id": "example-1",
        "source": "portal",
        "type": contract.type,
        "subject": example.data[contract.subject],
        "dataschema": contract.schema_uri,
        "datacontenttype": JSON,
        "data": example.data,
    }


def _in_headers(event: Mapping[str, Any]) -> dict[str, Any]:
    return {f"ce-{name}": value for name, value in event.items() if name not in {"data", "datacontenttype"}}
