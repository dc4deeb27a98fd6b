# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A platform's webhook through the whole hub: signed calls are taken once, replays are given the first answer again."""

import asyncio
from typing import Any

import orjson
from multidict import CIMultiDict

from connectors.sdk import Request
from contracts.catalogue import builtin
from tests.connectors.webhook_caller import WebhookCaller
from tests.hub.api.house import House, application, new_case


async def call(house: House, request: Request) -> tuple[int, bytes]:
    """The call, over the wire."""
    url = f"{house.url}/v1/in/steps"
    async with house.http.post(
        url, data=request.body, headers=CIMultiDict(request.headers), params=request.query
    ) as answer:
        return answer.status, await answer.read()


def step(case: str, id_: str, **changes: Any) -> bytes:
    contract = builtin().versions("cn.gov.process.step")[-1]
    data = {**contract.examples[0].data, contract.subject: case, **changes}
    return orjson.dumps({"event": "STEP", "id": id_, "case": case, "data": data})


async def a_case(house: House) -> str:
    """A case to which the platform's system is a party."""
    case = new_case()
    status, _, _ = await house.send(application(case))
    assert status == 202
    return case


async def test_replays_have_one_effect_and_one_answer(house: House) -> None:
    case, platform = await a_case(house), WebhookCaller()
    signed = platform.signed(step(case, f"w-{case}"))
    answers = await asyncio.gather(*(call(house, signed) for _ in range(5)))
    later = WebhookCaller(at=platform.at + 2_000).signed(signed.body)  # the platform tries again, and signs anew
    answers.append(await call(house, later))
    assert {status for status, _ in answers} == {202}
    assert len({body for _, body in answers}) == 1
    message = orjson.loads(answers[0][1])["message"]
    status, view = await house.get(f"/v1/messages/{message}", "civil-affairs")
    assert (status, view["id"]) == (200, f"w-{case}")


async def test_another_message_under_the_same_id_is_refused(house: House) -> None:
    case, platform = await a_case(house), WebhookCaller()
    assert (await call(house, platform.signed(step(case, f"x-{case}"))))[0] == 202
    status, body = await call(house, platform.signed(step(case, f"x-{case}", step_name="另一环节")))
    assert (status, orjson.loads(body)["code"]) == (422, "E_ID_REUSE")


async def test_what_the_contract_refuses_is_told_with_its_places(house: House) -> None:
    case, platform = await a_case(house), WebhookCaller()
    body = orjson.dumps({"event": "STEP", "id": f"y-{case}", "case": case, "data": {"case_no": case}})
    status, answer = await call(house, platform.signed(body))
    problem = orjson.loads(answer)
    assert (status, problem["code"]) == (422, "E_CONTRACT_INVALID")
    assert problem["violations"]


async def test_forgeries_reach_nobody(house: House) -> None:
    reception = house.hub.receptions["steps"]
    before = (reception.taken, reception.refused)
    for forged in WebhookCaller().forged(1):
        status, _ = await call(house, forged)
        assert status in {400, 401}
    assert (reception.taken, reception.refused) == before
