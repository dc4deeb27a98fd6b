# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A client of other makers, zeep, against our SOAP endpoint in a running hub."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import zeep
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken

from contracts.catalogue import builtin
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
