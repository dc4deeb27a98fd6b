# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/answers``: what lies unanswered, and what operators say became of it."""

import asyncio
from typing import Any

import pytest

from tests.hub.api.house import House, application
from tests.hub.api.test_cases import post
from tests.hub.api.test_description import description, holds

__all__ = ["description"]  # the fixture


async def lying(house: House, destination: str, event: dict[str, Any]) -> dict[str, Any]:
    """Its delivery, once it lies there. What other tests left lies there too."""
    async with asyncio.timeout(30):
        while True:
            after = ""
            while after is not None:
                query = f"destination={destination}" + (f"&after={after}" if after else "")
                status, told = await house.get(f"/v1/answers?{query}", "watcher")
                assert status == 200
                for one in told["answers"]:
                    if one["id"] == event["id"]:
                        found: dict[str, Any] = one
                        return found
                after = told.get("next")


async def test_an_operator_says_what_became_of_what_nobody_fetched(house: House, description: dict[str, Any]) -> None:
    event = application()
    await house.send(event)
    one = await lying(house, "civil-affairs", event)
    await lying(house, "archives", event)
    assert (one["case"], one["id"], one["dueAt"], one["behind"]) == (event["subject"], event["id"], None, 0)
    assert one["waitedSeconds"] >= 0
    _, told = await house.get("/v1/answers", "watcher")
    holds(description, "UnansweredDeliveries", told)
    _, first = await house.get("/v1/answers?limit=1", "watcher")
    _, second = await house.get(f"/v1/answers?limit=1&after={first['next']}", "watcher")
    (one_there,), (other,) = first["answers"], second["answers"]
    assert one_there["delivery"] != other["delivery"]

    body = {"request": "a-1", "reason": "电话核实", "deliveries": [one["delivery"]], "verdict": "delivered"}
    assert (await post(house, "/v1/answers/decide", body, "watcher"))[0] == 403
    assert (await post(house, "/v1/answers/decide", body, "portal"))[0] == 403
    status, done = await post(house, "/v1/answers/decide", body)
    assert (status, done["applied"], done["again"]) == (200, 1, False)
    holds(description, "ActDone", done)
    assert (await post(house, "/v1/answers/decide", body))[1] == {**done, "again": True}
    status, problem = await post(house, "/v1/answers/decide", {**body, "verdict": "rejected"})
    assert (status, problem["code"]) == (409, "E_REQUEST_REUSE")
    _, seen = await house.get(f"/v1/cases/{event['subject']}", "watcher")
    assert [(one["destination"], one["by"], one["reason"]) for one in seen["entries"] if one["what"] == "act"] == [
        ("civil-affairs", "keeper", "电话核实")
    ]
    assert [one["destination"] for one in seen["now"]] == ["archives"]
    _, acts = await house.get("/v1/acts", "watcher")
    assert [(act["kind"], act["applied"]) for act in acts["acts"] if act["request"] == "a-1"] == [("answer", 1)]


async def test_a_mailbox_cannot_be_asked(house: House) -> None:
    event = application()
    await house.send(event)
    one = await lying(house, "archives", event)
    body = {"request": "a-2", "reason": "x", "deliveries": [one["delivery"]], "verdict": "ask"}
    status, problem = await post(house, "/v1/answers/decide", body)
    assert (status, problem["code"]) == (409, "E_NOT_ASKABLE")
    assert "archives" in problem["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"request": "r", "reason": "x", "deliveries": [], "verdict": "delivered"},
        {"request": "r", "reason": "x", "deliveries": ["no id"], "verdict": "delivered"},
        {"request": "r", "reason": "", "deliveries": ["0199a000-0000-7000-8000-000000000000"], "verdict": "delivered"},
        {"request": "r", "reason": "x", "deliveries": ["0199a000-0000-7000-8000-000000000000"], "verdict": "perhaps"},
        {
            "request": "r",
            "reason": "x",
            "deliveries": ["0199a000-0000-7000-8000-000000000000"] * 1001,
            "verdict": "ask",
        },
    ],
)
async def test_what_is_no_decision_is_refused(house: House, body: dict[str, Any]) -> None:
    status, problem = await post(house, "/v1/answers/decide", body)
    assert (status, problem["code"]) == (422, "E_BODY_INVALID")


@pytest.mark.parametrize("after", ["x", ":", "archives", "archives:1", "%00:%00"])
async def test_a_page_that_is_none(house: House, after: str) -> None:
    status, problem = await house.get(f"/v1/answers?after={after}", "watcher")
    assert (status, problem["code"]) == (400, "E_QUERY_INVALID")


async def test_what_is_not_there_is_not_changed(house: House) -> None:
    body = {
        "request": "nobody", "reason": "x", "deliveries": ["0199a000-0000-7000-8000-000000000000"], "verdict": "rejected",
    }  # fmt: skip
    status, done = await post(house, "/v1/answers/decide", body)
    assert (status, done["applied"]) == (200, 0)
