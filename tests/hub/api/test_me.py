# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A system asks about itself: its refusals, what waits for it, its limits and key; and never learns of another."""

import asyncio
from typing import Any

import pytest

from certs.api_key import digest_of
from tests.hub.api.house import House, application, bearer, key_of, new_case
from tests.hub.api.test_description import description, holds

__all__ = ["description"]  # a fixture


async def refused(house: House, **changes: Any) -> dict[str, Any]:
    """An application that is refused; its problem."""
    status, _, problem = await house.send(application(**changes))
    assert status >= 400
    return dict(problem)


async def pages(house: House, path: str, system: str, member: str, limit: int) -> list[Any]:
    """Everything, a page at a time."""
    found: list[Any] = []
    after = None
    while True:
        query = {"limit": str(limit), **({"after": after} if after else {})}
        async with house.http.get(f"{house.url}{path}", params=query, headers=bearer(system)) as answer:
            assert answer.status == 200
            page = await answer.json()
        found += page[member]
        after = page["next"]
        if after is None:
            return found


async def test_a_system_sees_what_it_may_and_by_what_it_is_known(house: House, description: dict[str, Any]) -> None:
    status, me = await house.get("/v1/me", "civil-affairs")
    assert status == 200
    holds(description, "Me", me)
    assert (me["system"], me["hub"], me["sends"], me["anyCase"]) == ("civil-affairs", "hub-1", ["*"], False)
    assert me["credentials"] == [
        {
            "kind": "api_key",
            "digest": digest_of(key_of("civil-affairs")),
            "name": None,
            "suite": None,
            "scopes": [],
            "presented": True,
            "validFrom": None,
            "expiresAt": None,
        }
    ]
    assert (me["limits"]["bodyBytes"], me["limits"]["batch"]) == (64 * 1024, 20)
    [own] = me["destinations"]
    assert own["destination"] == "civil-affairs"
    assert own["mailbox"] == {"leaseSeconds": 5.0, "maxBatch": 50, "maxLent": 1000, "maxWaitSeconds": 30.0}
    assert (own["paused"], own["since"]) == (False, None)

    _, pushed = await house.get("/v1/me", "archives")
    assert [(one["destination"], one["mailbox"] is None) for one in pushed["destinations"]] == [
        ("archives", False),
        ("archives-push", True),
    ]
    _, portal = await house.get("/v1/me", "portal")
    assert portal["destinations"] == []


async def test_what_was_refused_is_found_with_its_place_and_remedy(house: House, description: dict[str, Any]) -> None:
    problem = await refused(house, id="me-1", data_case_type="x")
    _, page = await house.get("/v1/me/refusals?limit=1")
    holds(description, "OwnRefusals", page)
    [one] = page["refusals"]
    assert (one["id"], one["contract"], one["code"]) == ("me-1", "cn.gov.application.submitted", "E_CONTRACT_INVALID")
    assert one["paths"] == ["$.data.case_type"]
    problem.pop("instance")
    assert one["problem"] == problem
    assert page["next"] == one["refusal"]


async def test_a_body_that_cannot_be_read_is_found_too(house: House) -> None:
    headers = {"Content-Type": "application/cloudevents+json", **bearer("superior")}
    async with house.http.post(f"{house.url}/v1/messages", data=b"{", headers=headers) as answer:
        assert answer.status == 400
    _, page = await house.get("/v1/me/refusals?limit=1", "superior")
    assert (page["refusals"][0]["id"], page["refusals"][0]["contract"]) == (None, None)
    assert page["refusals"][0]["code"] == "E_JSON_MALFORMED"


async def test_refusals_come_page_by_page_each_once_and_only_ones_own(house: House) -> None:
    sent = [f"me-page-{n}" for n in range(7)]
    for one in sent:
        await refused(house, id=one, data_case_type="x")
    found = await pages(house, "/v1/me/refusals", "portal", "refusals", 3)
    assert [one["id"] for one in found][:7] == sent[::-1]
    assert len({one["refusal"] for one in found}) == len(found)
    _, others = await house.get("/v1/me/refusals", "civil-affairs")
    assert not {one["refusal"] for one in found} & {one["refusal"] for one in others["refusals"]}


async def test_what_waits_is_listed_in_the_order_of_its_lanes(house: House, description: dict[str, Any]) -> None:
    cases = [new_case() for _ in range(3)]
    for case in cases * 2:
        assert (await house.send(application(case)))[0] == 202
    found = await pages(house, "/v1/me/waiting", "civil-affairs", "waiting", 2)
    _, page = await house.get("/v1/me/waiting", "civil-affairs")
    holds(description, "OwnWaitings", page)
    ours = [one for one in found if one["case"] in cases]
    assert [(one["case"], one["position"]) for one in ours] == [(case, n) for case in sorted(cases) for n in (1, 2)]
    assert {one["destination"] for one in found} == {"civil-affairs"}
    assert len({one["delivery"] for one in found}) == len(found)

    _, portal = await house.get("/v1/me/waiting", "portal")
    assert portal == {"waiting": [], "next": None}


async def test_what_is_fetched_says_until_when(house: House) -> None:
    case = new_case()
    assert (await house.send(application(case)))[0] == 202
    async with asyncio.timeout(30):
        lent: dict[str, Any] = {}
        while not lent:
            status, fetch = await house.fetch("civil-affairs")
            if status == 200:
                lent = {m["delivery"]: fetch["expires"] for m in fetch["messages"] if m["event"]["subject"] == case}
    (delivery, expires), *_ = lent.items()
    found = await pages(house, "/v1/me/waiting", "civil-affairs", "waiting", 100)
    [one] = [one for one in found if one["delivery"] == delivery]
    assert (one["state"], one["lentUntil"], one["attempts"] >= 1) == ("accepted", expires, True)


@pytest.mark.parametrize(
    "query",
    ["refusals?limit=x", "refusals?after=x", "waiting?limit=-1", "waiting?after=x", "waiting?after=a/b/c",
     "waiting?after=a/1/%00", "waiting?after=a%00/1/c"],
)  # fmt: skip
async def test_a_query_that_makes_no_sense_is_refused(house: House, query: str) -> None:
    status, problem = await house.get(f"/v1/me/{query}")
    assert (status, problem["code"]) == (400, "E_QUERY_INVALID")


@pytest.mark.parametrize("path", ["", "/refusals", "/waiting"])
async def test_operators_and_strangers_are_not_systems(house: House, path: str) -> None:
    assert (await house.get(f"/v1/me{path}", "keeper"))[1]["code"] == "E_SYSTEMS_ONLY"
    assert (await house.get(f"/v1/me{path}", "nobody"))[1]["code"] == "E_KEY_UNKNOWN"
