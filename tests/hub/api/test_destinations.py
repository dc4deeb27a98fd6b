# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Destinations at the API: operators see them, pause and resume them, and find in the acts who did."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.ports.journal import Heard
from tests.hub.api.house import House, application
from tests.hub.api.test_dead import post
from tests.hub.api.test_description import description, holds

__all__ = ["description"]  # the fixture

BOX = "archives"


async def destination(house: House, name: str = BOX) -> dict[str, Any]:
    _, page = await house.get("/v1/destinations", "watcher")
    return dict(next(one for one in page["destinations"] if one["destination"] == name))


@pytest.fixture
async def open_afterwards(house: House) -> AsyncIterator[None]:
    """Other tests send to it."""
    yield
    again = {"request": f"open-{house.hub.ids.new()}", "reason": "the test is over"}
    await post(house, f"/v1/destinations/{BOX}/resume", again)


async def test_all_are_listed_with_what_is_open_there(house: House, description: dict[str, Any]) -> None:
    await house.send(application())
    async with asyncio.timeout(30):
        while True:
            _, page = await house.get("/v1/destinations", "watcher")
            counts = {one["destination"]: one["deliveries"] for one in page["destinations"]}
            if sum(counts[BOX].values()) > 0:
                break
    holds(description, "Destinations", page)
    assert [name for name in counts if name in house.hub.places] == ["archives", "archives-push", "civil-affairs"]
    assert page["countedAt"] is not None


async def test_a_pause_and_a_resume(house: House, description: dict[str, Any], open_afterwards: None) -> None:
    assert (await destination(house))["state"] == "open"
    pause = {"request": "pause-1", "reason": "they move house"}
    status, done = await post(house, f"/v1/destinations/{BOX}/pause", pause)
    assert (status, done["applied"], done["again"]) == (200, 1, False)
    holds(description, "ActDone", done)
    told = await destination(house)
    assert (told["state"], told["reason"]) == ("paused", "they move house")
    assert told["paused"] == {"at": told["since"], "actor": "keeper", "reason": "they move house"}
    assert (await destination(house, "civil-affairs"))["state"] == "open"

    assert (await post(house, f"/v1/destinations/{BOX}/pause", pause))[1] == {**done, "again": True}
    other = {"request": "pause-2", "reason": "they move house"}
    assert (await post(house, f"/v1/destinations/{BOX}/pause", other))[1]["applied"] == 0
    status, problem = await post(house, f"/v1/destinations/{BOX}/resume", pause)
    assert (status, problem["code"]) == (409, "E_REQUEST_REUSE")

    status, done = await post(house, f"/v1/destinations/{BOX}/resume", {"request": "resume-1", "reason": "moved"})
    assert (status, done["applied"]) == (200, 1)
    told = await destination(house)
    assert (told["state"], told["since"], told["paused"]) == ("open", None, None)


async def test_one_that_is_away_says_why_and_nothing_of_a_person(house: House) -> None:
    away = Heard(
        destination="moved-away", answered=False, failures=1, reason="HTTP_503: no 990101190001011234", most=1, first=600.0,
        longest=600.0,
    )  # fmt: skip
    await house.hub.journal.gates.report([away])
    told = await destination(house, "moved-away")
    assert (told["state"], told["breaker"], told["configured"]) == ("away", "open", False)
    assert told["reason"] == "HTTP_503: no ＊＊＊＊34"
    assert told["nextProbe"] > told["since"]

    body = {"request": "pause-away", "reason": "it was renamed"}
    assert (await post(house, "/v1/destinations/moved-away/pause", body))[0] == 200, "it is known by its gate"
    assert (await destination(house, "moved-away"))["reason"] == "it was renamed"

    await post(house, "/v1/destinations/moved-away/resume", {"request": "resume-away", "reason": "for other tests"})
    gates, now = house.hub.journal.gates, house.hub.clock.now()
    assert await gates.take_probe("moved-away", now) is True
    assert (await destination(house, "moved-away"))["state"] == "probing"
    await gates.close("moved-away", answered=True)
    _, page = await house.get("/v1/destinations", "watcher")
    assert "moved-away" not in {one["destination"] for one in page["destinations"]}, "nothing of it is shut or open"


@pytest.mark.parametrize("turn", ["pause", "resume"])
@pytest.mark.parametrize(
    ("name", "body", "answer"),
    [
        ("nobody", {"request": "a", "reason": "b"}, (404, "E_NOT_FOUND")),
        ("%00", {"request": "a", "reason": "b"}, (404, "E_NOT_FOUND")),
        (BOX, {"reason": "b"}, (422, "E_BODY_INVALID")),
        (BOX, {"request": "a", "reason": ""}, (422, "E_BODY_INVALID")),
        (BOX, {"request": "a", "reason": "b", "actor": "somebody"}, (422, "E_BODY_INVALID")),
    ],
)
async def test_bad_input_is_told_and_does_nothing(
    house: House, turn: str, name: str, body: Any, answer: tuple[int, str]
) -> None:
    before = await house.get("/v1/acts", "watcher")
    status, problem = await post(house, f"/v1/destinations/{name}/{turn}", body)
    assert (status, problem["code"]) == answer
    assert await house.get("/v1/acts", "watcher") == before


async def test_acts_are_shown_newest_first_and_page_by_page(
    house: House, description: dict[str, Any], open_afterwards: None
) -> None:
    for n in range(3):
        await post(house, f"/v1/destinations/{BOX}/pause", {"request": f"acts-{n}", "reason": f"reason {n}"})
    _, first = await house.get("/v1/acts?limit=2", "watcher")
    holds(description, "Acts", first)
    _, second = await house.get(f"/v1/acts?limit=1&after={first['next']}", "watcher")
    shown = [*first["acts"], *second["acts"]]
    assert [one["request"] for one in shown] == ["acts-2", "acts-1", "acts-0"]
    assert [one["applied"] for one in shown] == [0, 0, 1]
    assert {(one["actor"], one["via"], one["kind"], one["subject"]) for one in shown} == {
        ("keeper", "api", "pause_destination", BOX)
    }
    assert shown[0]["reason"] == "reason 2"
    _, end = await house.get("/v1/acts?after=00000000-0000-0000-0000-000000000000", "watcher")
    assert end == {"acts": [], "next": None}


@pytest.mark.parametrize("query", ["after=x", "after=", "limit=-1", "limit=x"])
async def test_bad_queries_are_told(house: House, query: str) -> None:
    status, problem = await house.get(f"/v1/acts?{query}", "watcher")
    assert (status, problem["code"]) == (400, "E_QUERY_INVALID")


async def test_whoever_only_reads_does_not_act_and_systems_do_not_look(house: House) -> None:
    for turn in ("pause", "resume"):
        status, problem = await post(house, f"/v1/destinations/{BOX}/{turn}", {}, "watcher")
        assert (status, problem["code"]) == (403, "E_RIGHT_MISSING")
        assert (await post(house, f"/v1/destinations/{BOX}/{turn}", {}, BOX))[1]["code"] == "E_OPERATORS_ONLY"
    for path in ("/v1/destinations", "/v1/acts"):
        status, problem = await house.get(path, BOX)
        assert (status, problem["code"]) == (403, "E_OPERATORS_ONLY")
