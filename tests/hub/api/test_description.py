# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The description is valid, complete and true: every route stands in it, and answers are as it says."""

import asyncio
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no type information
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.catalogue import builtin
from contracts.xml.schema import xsd
from hub.api.server import ROUTES, build
from hub.config.deployment import Limits
from tests.hub.api.house import House, application, bearer


@pytest.fixture(scope="session")
async def description(house: House) -> dict[str, Any]:
    async with house.http.get(f"{house.url}/openapi.json") as answer:
        assert answer.status == 200
        document: dict[str, Any] = await answer.json()
        return document


def holds(description: dict[str, Any], schema: str, value: object) -> None:
    """Hold a value against one of the description's schemas.

    These are sound, as a test below says, and not looked through each time: that takes seconds, in which the hub of this loop
    stands still and loses its transactions.
    """
    whole = {"$ref": f"#/components/schemas/{schema}", "components": description["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


async def test_the_description_is_openapi_3_1(description: dict[str, Any]) -> None:
    await asyncio.to_thread(OpenAPIV31SpecValidator(description).validate)  # it takes long, and the hub's loop goes on
    assert description["openapi"] == "3.1.0"


async def test_every_route_is_described(house: House, description: dict[str, Any]) -> None:
    app = build(house.hub, Limits())
    served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource is not None}
    described = {(method.upper(), path) for path, methods in description["paths"].items() for method in methods}
    assert served == described
    names = [operation["operationId"] for methods in description["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names)) == len(app[ROUTES])


def test_everything_but_the_open_routes_wants_a_key(description: dict[str, Any]) -> None:
    unlocked = {path for path, methods in description["paths"].items() for o in methods.values() if "security" not in o}
    assert unlocked == {
        "/health/live",
        "/ops/v1/contracts",
        "/ops/v1/contracts/{type}/{version}",
        "/ops/v1/contracts/{type}/{version}.xsd",
        "/ops/v1/session/sign-in",
        "/health/ready",
        "/asyncapi.json",
        "/console",
        "/console/",
        "/console/assets/{file}",
        "/console/{file}",
        "/contracts/",
        "/contracts/{language}/",
        "/contracts/{language}/{page}",
        "/openapi.json",
        "/v1/operator/authorize",
        "/v1/operator/callback",
        "/v1/operator/sign-in",
        "/v1/contracts",
        "/v1/contracts/{type}/{version}",
        "/v1/contracts/{type}/{version}.xsd",
        "/v1/forms",
        "/v1/forms/{item}/{version}",
        "/v1/in/{source}",  # whose callers a receiver knows
        "/v1/in/{source}/{rest}",
    }


async def test_answers_are_as_described(house: House, description: dict[str, Any]) -> None:
    event = application()
    _, _, receipt = await house.send(event)
    holds(description, "Receipt", receipt)
    holds(description, "BatchAnswer", (await house.send([event, {}]))[2])
    holds(description, "Event", event)
    _, message = await house.get(f"/v1/messages/{receipt['message']}")
    holds(description, "Message", message)
    holds(description, "Case", (await house.get(f"/v1/cases/{event['subject']}"))[1])
    async with asyncio.timeout(30):
        while (fetch := await house.fetch("archives"))[0] != 200:
            pass
    holds(description, "Fetch", fetch[1])
    results = [{"delivery": m["delivery"], "outcome": "delivered"} for m in fetch[1]["messages"]]
    ack = {"lease": fetch[1]["lease"], "results": results}
    holds(description, "Ack", ack)
    async with house.http.post(f"{house.url}/v1/mailbox/archives/ack", json=ack, headers=bearer("archives")) as answer:
        holds(description, "Acked", await answer.json())
    holds(description, "Alive", (await house.get("/health/live"))[1])
    holds(description, "Ready", (await house.get("/health/ready"))[1])
    _, message = await house.get(f"/v1/messages/{receipt['message']}")
    holds(description, "Message", message)
    for status, problem in ((await house.send({}))[::2], await house.get("/nowhere")):
        assert status >= 400
        holds(description, "Problem", problem)


def test_an_event_is_held_to_the_contract_it_names(description: dict[str, Any]) -> None:
    for contract in builtin().all():
        for example in contract.examples:
            if example.valid:
                event = application(type=contract.type, dataschema=contract.schema_uri, data=example.data)
                holds(description, "Event", event)
    with pytest.raises(jsonschema.ValidationError):
        holds(description, "Event", application(data={}))


async def test_the_catalogue_lists_every_contract_with_its_schema(house: House, description: dict[str, Any]) -> None:
    async with house.http.get(f"{house.url}/v1/contracts") as answer:
        catalogue = await answer.json()
    holds(description, "ContractList", catalogue)
    assert [c["dataschema"] for c in catalogue["contracts"]] == [c.schema_uri for c in builtin().all()]
    for entry, contract in zip(catalogue["contracts"], builtin().all(), strict=True):
        async with house.http.get(f"{house.url}{entry['href']}") as answer:
            assert answer.content_type == "application/schema+json"
            assert await answer.json(content_type=None) == contract.json_schema()
        async with house.http.get(f"{house.url}{entry['xsd']}") as answer:
            assert answer.content_type == "application/xml"
            assert await answer.read() == xsd(contract)
    status, problem = await house.get("/v1/contracts/cn.gov.application.submitted/99.xsd")
    assert (status, problem["code"]) == (404, "E_NOT_FOUND")
