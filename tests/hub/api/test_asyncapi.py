# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The description of the messages: valid for the AsyncAPI project's own parser, complete, and true of what travels."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no type information
import orjson
import pytest

from connectors.rest.config import RestConfig
from connectors.rest.request import request_headers
from connectors.sdk import Rendering
from contracts.bindings import http
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.contract import Contract
from hub.api.asyncapi import described
from hub.api.draft07 import draft07
from hub.stages.translate import Form, Translated, translate
from tests.hub.api.house import House, application, bearer
from tests.hub.stages.made_up import claim_of
from tests.support.hubs import event
from tests.support.node import diagnostics_of

CONTRACTS = builtin().all()


@pytest.fixture(scope="session")
async def served(house: House) -> bytes:
    async with house.http.get(f"{house.url}/asyncapi.json") as answer:
        assert answer.status == 200
        assert answer.content_type == "application/json"
        return await answer.read()


@pytest.fixture(scope="session")
def description(served: bytes) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(served)
    return document


def holds(description: Mapping[str, Any], schema: Mapping[str, Any], value: object) -> None:
    """Hold a value against a schema of the description, which is one of draft-07."""
    components = {"components": {"schemas": description["components"]["schemas"]}}
    jsonschema.validate(value, {**schema, **components}, cls=jsonschema.Draft7Validator)


def message(description: Mapping[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = description["components"]["messages"][name]
    return found


def test_the_parser_of_the_asyncapi_project_takes_it(served: bytes) -> None:
    told = diagnostics_of(served)

    assert [one for one in told if one.severity < 2] == []
    # Information, not a warning: 3.0.0 is the version that the hub promises, and the parser knows a later one.
    assert {one.code for one in told} <= {"asyncapi-latest-version"}
    assert orjson.loads(served)["asyncapi"] == "3.0.0"


def test_the_parser_would_see_an_error() -> None:
    broken = {
        "asyncapi": "3.0.0",
        "info": {"title": "broken", "version": "1"},
        "channels": {"one": {"messages": {"m": {"payload": {"type": "strange"}}}}},
        "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/none"}}},
    }

    errors = [one for one in diagnostics_of(orjson.dumps(broken)) if one.severity == 0]
    assert any(one.code == "invalid-ref" and "#/channels/none" in one.message for one in errors)


def test_every_version_is_sent_and_pushed_in_either_mode(description: dict[str, Any]) -> None:
    channels = description["channels"]
    names = [f"{contract.type}.v{contract.version}" for contract in CONTRACTS]

    assert set(channels["messages"]["messages"]) == {"batch", *names, *(f"{name}.binary" for name in names)}
    assert set(channels["destination"]["messages"]) == {
        *(f"{name}.pushed" for name in names),
        *(f"{name}.pushed.binary" for name in names),
    }


def test_what_stands_in_both_descriptions_has_one_name_and_address(
    description: dict[str, Any], openapi: dict[str, Any]
) -> None:
    there = {
        (operation["operationId"], method.upper(), path)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    }
    here = {
        (name, operation["bindings"]["http"]["method"], channel(description, operation)["address"])
        for name, operation in description["operations"].items()
        if operation["action"] == "receive"
    }

    assert here <= there
    assert {name for name, _, _ in here} == {"sendMessages", "fetchMailbox", "acknowledgeMailbox"}


@pytest.fixture(scope="session")
async def openapi(house: House) -> dict[str, Any]:
    async with house.http.get(f"{house.url}/openapi.json") as answer:
        document: dict[str, Any] = await answer.json()
        return document


def channel(description: Mapping[str, Any], operation: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = description["channels"][operation["channel"]["$ref"].rsplit("/", 1)[1]]
    return found


def examples(description: Mapping[str, Any]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    return [
        (name, example)
        for name, said in description["components"]["messages"].items()
        for example in said.get("examples", ())
    ]


def test_every_example_is_as_its_message_says(description: dict[str, Any]) -> None:
    """The parser does not look that deep."""
    shown = examples(description)
    valid = sum(example.valid for contract in CONTRACTS for example in contract.examples)

    assert len(shown) == valid + len(CONTRACTS)
    for name, example in shown:
        holds(description, message(description, name)["payload"], example["payload"])
        if "headers" in example:
            holds(description, message(description, name)["headers"], example["headers"])


def test_an_example_is_of_no_other_message(description: dict[str, Any]) -> None:
    """Each message is told from all others by its type and version."""
    for contract in CONTRACTS:
        own = message(description, f"{contract.type}.v{contract.version}")
        example = own["examples"][0]["payload"]
        for changed in ({"type": "cn.gov.other"}, {"dataschema": f"{contract.schema_uri}0"}, {"data": None}):
            with pytest.raises(jsonschema.ValidationError):
                holds(description, own["payload"], {**example, **changed})


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.schema_uri)
def test_what_breaks_a_field_is_refused_by_the_description_too(description: dict[str, Any], contract: Contract) -> None:
    """Rules between fields that no schema can say are beyond it; fields and code lists are not."""
    payload = message(description, f"{contract.type}.v{contract.version}.binary")["payload"]
    seen = {"E_V_MISSING", "E_V_CODE", "E_V_UNKNOWN_FIELD"}
    for example in contract.examples:
        if seen & {code for code, _ in example.expect}:
            with pytest.raises(jsonschema.ValidationError):
                holds(description, payload, example.data)


async def test_what_the_hub_takes_answers_and_lends_is_as_described(house: House, description: dict[str, Any]) -> None:
    sent = application()
    holds(description, message(description, "cn.gov.application.submitted.v1")["payload"], sent)
    _, _, receipt = await house.send(sent)
    holds(description, message(description, "receipt")["payload"], receipt)
    _, _, answers = await house.send([sent, {}])
    holds(description, message(description, "batchAnswer")["payload"], answers)
    _, _, problem = await house.send({})
    holds(description, message(description, "problem")["payload"], problem)
    async with asyncio.timeout(30):
        while (fetched := await house.fetch("archives"))[0] != 200:
            pass
    holds(description, message(description, "lent")["payload"], fetched[1])
    results = [{"delivery": one["delivery"], "outcome": "delivered"} for one in fetched[1]["messages"]]
    acknowledgement = {"lease": fetched[1]["lease"], "results": results}
    holds(description, message(description, "acknowledgement")["payload"], acknowledgement)
    url = f"{house.url}/v1/mailbox/archives/ack"
    async with house.http.post(url, json=acknowledgement, headers=bearer("archives")) as answer:
        holds(description, message(description, "settled")["payload"], await answer.json())


async def nothing(_wanted: tuple[Contract, ...]) -> Mapping[str, Mapping[str, object]]:
    return {}


async def pushed(sent: CloudEvent, rendering: Rendering, mode: str) -> tuple[Mapping[str, str], object]:
    """Headers and body as the hub and its connector make them."""
    translated = await translate(claim_of(sent), Form(rendering, 30.0), nothing)
    assert isinstance(translated, Translated), translated
    config = RestConfig.model_validate({"url": "https://department.example.gov.cn/", "mode": mode})
    headers = request_headers(config, translated.parcel, lambda name: name)
    assert isinstance(headers, dict), headers
    return headers, orjson.loads(translated.parcel.body)


async def test_what_the_hub_pushes_is_as_described(description: dict[str, Any]) -> None:
    sent = event("510500-20260302-000001", "号-1")
    name = f"{sent.type}.v1"
    for said, (headers, body) in (
        (f"{name}.pushed", await pushed(sent, Rendering.STRUCTURED, "structured")),
        (f"{name}.pushed.binary", await pushed(sent, Rendering.DATA, "binary")),
    ):
        holds(description, message(description, said)["headers"], headers)
        holds(description, message(description, said)["payload"], body)
        assert headers["Content-Type"].startswith(message(description, said)["contentType"])
    binary, _ = http.write_binary(sent)
    holds(description, message(description, f"{name}.binary")["headers"], dict(binary))
    with pytest.raises(jsonschema.ValidationError):
        holds(description, message(description, f"{name}.pushed.binary")["headers"], dict(binary))


def test_the_description_is_the_same_every_time() -> None:
    assert orjson.dumps(described(builtin())) == orjson.dumps(described(builtin()))


def test_draft_07_says_what_2020_12_says() -> None:
    together = {"dependentRequired": {"a": ["b"]}, "properties": {"dependentRequired": {"$ref": "#/x", "title": "t"}}}
    old = draft07({"items": together, "anyOf": [True, {"$ref": "#/x"}], "const": {"dependentRequired": {}}})

    assert old == {
        "items": {
            "dependencies": {"a": ["b"]},
            "properties": {"dependentRequired": {"title": "t", "allOf": [{"$ref": "#/x"}]}},
        },
        "anyOf": [True, {"$ref": "#/x"}],
        "const": {"dependentRequired": {}},
    }
