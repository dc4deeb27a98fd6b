# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A client of other makers, zeep, against our SOAP endpoint in a running hub."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import orjson
import pytest
import zeep
from aiohttp.test_utils import make_mocked_request
from lxml import etree
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken

from contracts.catalogue import builtin
from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.refusing import refused
from hub.api.route import REQUEST_ID
from tests.connectors.soap_caller import PASSWORD
from tests.hub.api.house import House, application, new_case


def step(case: str) -> dict[str, Any]:
    contract = builtin().versions("cn.gov.process.step")[-1]
    return {**contract.examples[0].data, contract.subject: case}


async def by_zeep(house: House, call: Callable[[Any], Any], port: str, password: str = PASSWORD) -> Any:
    """What a call comes to, in a thread since zeep waits there."""

    def work() -> Any:
        token = UsernameToken("housing", password, use_digest=True)  # type: ignore[no-untyped-call]  # it has no types
        with zeep.Client(f"{house.url}/v1/in/banjian?wsdl", port_name=port, wsse=token) as client:  # type: ignore[no-untyped-call]
            return call(client.service)

    return await asyncio.to_thread(work)


@pytest.mark.parametrize("port", ["ExchangeServiceSoap11", "ExchangeServiceSoap12"])
async def test_a_call_by_zeep_is_taken_once(house: House, port: str) -> None:
    case = new_case()
    assert (await house.send(application(case)))[0] == 202
    arguments = {"lsh": f"zeep-{case}", "sblsh": case, "neirong": orjson.dumps(step(case)).decode()}
    first = await by_zeep(house, lambda service: service.tijiao(**arguments), port)
    again = await by_zeep(house, lambda service: service.tijiao(**arguments), port)
    assert first == again
    message = orjson.loads(first)["message"]
    status, view = await house.get(f"/v1/messages/{message}", "civil-affairs")
    assert (status, view["id"]) == (200, f"zeep-{case}")


@pytest.mark.parametrize("port", ["ExchangeServiceSoap11", "ExchangeServiceSoap12"])
async def test_a_refusal_is_a_fault_with_the_problems_code(house: House, port: str) -> None:
    wrong = {"lsh": f"wrong-{new_case()}", "sblsh": "c", "neirong": "{}"}
    with pytest.raises(Fault, match="E_CONTRACT_INVALID") as caught:
        await by_zeep(house, lambda service: service.tijiao(**wrong), port)
    codes = [element.text for element in caught.value.detail.iter("{urn:govhub:problem}code")]
    assert codes[0] == "E_CONTRACT_INVALID"
    assert "E_V_MISSING" in codes


async def test_a_wrong_password_is_a_fault(house: House) -> None:
    with pytest.raises(Fault, match="BAD_SIGNATURE"):
        await by_zeep(house, lambda service: service.tijiao("1", "2", "3"), "ExchangeServiceSoap11", "another")


SOAP_11 = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
SOAP_12 = {"Content-Type": "application/soap+xml; charset=utf-8"}


async def posted(house: House, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, etree._Element]:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{house.url}{path}", data=body, headers=headers) as answer,
    ):
        return answer.status, answer.headers["Content-Type"], etree.fromstring(await answer.read())


@pytest.mark.parametrize(
    ("headers", "status", "kind", "code"),
    [(SOAP_11, 500, "text/xml", "{*}Client"), (SOAP_12, 400, "application/soap+xml", "{*}Sender")],
)
@pytest.mark.parametrize(
    ("path", "body", "refusal"),
    [
        ("/v1/in/banjian", b"<a>" + b"x" * 100_000 + b"</a>", "E_TOO_LARGE"),
        ("/v1/in/nobody", b"<a/>", "E_NOT_FOUND"),
    ],
)
async def test_what_is_refused_before_the_endpoint_is_a_fault_too(
    house: House, headers: dict[str, str], status: int, kind: str, code: str, path: str, body: bytes, refusal: str
) -> None:
    answered = await posted(house, path, body, headers)

    assert answered[0] == status
    assert answered[1].startswith(kind)
    assert answered[2].findtext(".//{urn:govhub:problem}code") == refusal
    said = answered[2].findtext(".//faultcode") or answered[2].findtext(".//{*}Code/{*}Value") or ""
    assert said.endswith(code.removeprefix("{*}"))


async def test_a_hub_that_is_busy_says_so_by_a_fault_with_when_to_come_again() -> None:
    busy = Refusal("E_BUSY", Text("忙", "busy"), retry_after=3.2)
    request = make_mocked_request("POST", "/v1/in/banjian", headers=SOAP_11)
    request[REQUEST_ID] = "019b0000-0000-7000-8000-000000000001"
    answer = refused(busy, request)
    assert isinstance(answer.body, bytes)
    root = etree.fromstring(answer.body)

    assert (answer.status, answer.headers["Retry-After"]) == (500, "4")
    assert (root.findtext(".//faultcode") or "").endswith("Server")


async def test_others_are_given_a_problem_document(house: House) -> None:
    """XML alone is no SOAP: webhooks send it too."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{house.url}/v1/in/nobody", data=b"<a/>", headers={"Content-Type": "text/xml"}) as answer,
    ):
        assert answer.content_type == "application/problem+json"
        assert (await answer.json())["code"] == "E_NOT_FOUND"
