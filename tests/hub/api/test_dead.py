# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dead letters at the API: operators see groups and entries, and what they do is done once and recorded."""

import asyncio
from typing import Any

import pytest

from tests.hub.api.house import House, application, bearer
from tests.hub.api.test_description import description, holds

__all__ = ["description"]  # the fixture

BOX = "civil-affairs"


async def post(house: House, path: str, body: Any, operator: str = "keeper") -> tuple[int, Any]:
    async with house.http.post(f"{house.url}{path}", json=body, headers=bearer(operator)) as answer:
        return answer.status, await answer.json(content_type=None)


async def rejected(house: House, code: str, count: int = 1) -> list[str]:
    """Messages that the department has refused for good with this code; the ids of the deliveries."""
    ours = [application() for _ in range(count)]
    for event in ours:
        await house.send(event)
    names, held = {event["id"] for event in ours}, list[str]()
    while len(held) < count:
        status, fetch = await house.fetch(BOX, wait=5)
        assert status == 200
        # What other tests left in the box is left to them.
        deliveries = [one["delivery"] for one in fetch["messages"] if one["event"]["id"] in names]
        results = [
            {"delivery": one, "outcome": "rejected", "code": code, "detail": "ID 990101190001011234 is odd"}
            for one in deliveries
        ]
        if results:
            await post(house, f"/v1/mailbox/{BOX}/ack", {"lease": fetch["lease"], "results": results}, BOX)
        held += deliveries
    return held


async def group_of(house: House, code: str) -> dict[str, Any]:
    after = 0
    while True:
        status, page = await house.get(f"/v1/dead?after={after}", "watcher")
        assert status == 200
        for group in page["groups"]:
            if group["code"] == code:
                return dict(group)
        assert page["next"] is not None, "there is no such group"
        after = page["next"]


async def until(house: House, replay: str, state: str) -> Any:
    """The replay once it has come to that state."""
    async with asyncio.timeout(30):
        while True:
            _, found = await house.get(f"/v1/replays/{replay}", "watcher")
            if found["state"] == state:
                return found


async def test_groups_and_their_entries(house: House, description: dict[str, Any]) -> None:
    held = await rejected(house, "FORM_1", 3)
    _, page = await house.get("/v1/dead", "watcher")
    holds(description, "DeadGroups", page)
    group = await group_of(house, "FORM_1")
    assert (group["destination"], group["count"], group["more"], group["state"]) == (BOX, 3, False, "dead")

    _, first = await house.get(f"/v1/dead/{group['group']}?limit=2", "watcher")
    holds(description, "DeadLetters", first)
    _, rest = await house.get(f"/v1/dead/{group['group']}?limit=2&after={first['next']}", "watcher")
    assert rest["next"] is None
    assert {one["delivery"] for one in (*first["deliveries"], *rest["deliveries"])} == set(held)


async def test_nothing_of_a_person_is_shown(house: House) -> None:
    await rejected(house, "FORM_2")
    group = await group_of(house, "FORM_2")
    _, page = await house.get(f"/v1/dead/{group['group']}", "watcher")
    assert page["deliveries"][0]["detail"].startswith("ID ＊＊＊＊34 is odd")
    assert "990101190001011234" not in str(page)


async def test_a_note(house: House, description: dict[str, Any]) -> None:
    await rejected(house, "FORM_3")
    group = await group_of(house, "FORM_3")
    status, done = await post(house, f"/v1/dead/{group['group']}/note", {"note": "asked on Monday"})
    assert status == 200
    holds(description, "ActDone", done)
    noted = await group_of(house, "FORM_3")
    assert (noted["note"], noted["notedBy"]) == ("asked on Monday", "keeper")


async def test_a_dry_run_and_then_the_replay_of_just_that(house: House, description: dict[str, Any]) -> None:
    held = await rejected(house, "FORM_4", 2)
    group = await group_of(house, "FORM_4")
    wanted = {"request": "replay-4", "reason": "their form is mended", "group": group["group"]}
    status, told = await post(house, "/v1/replays", {**wanted, "dry_run": True})
    assert status == 200
    holds(description, "DryRun", told)
    assert (told["would"], told["cannot"], told["seen"]) == (2, 0, group["newest"])
    later = await rejected(house, "FORM_4")

    clicks = await asyncio.gather(*(post(house, "/v1/replays", {**wanted, "seen": told["seen"]}) for _ in range(5)))
    assert {status for status, _ in clicks} == {202}
    (replay,) = {view["replay"] for _, view in clicks}
    holds(description, "Replay", clicks[0][1])
    finished = await until(house, replay, "finished")
    assert finished["counts"] == {"done": 2}
    _, fetch = await house.fetch(BOX, wait=5)
    fetched = {one["delivery"] for one in fetch["messages"]}
    assert fetched >= set(held), "under the same ids"
    assert not fetched & set(later), "and only what was seen"
    _, listed = await house.get("/v1/replays", "watcher")
    holds(description, "Replays", listed)
    assert replay in {one["replay"] for one in listed["replays"]}

    reused = {**wanted, "group": group["group"] + 1000}
    assert (await post(house, "/v1/replays", reused))[1]["code"] == "E_REQUEST_REUSE"


async def test_a_discard_is_told_to_the_sender_with_its_reason(house: House) -> None:
    (delivery,) = await rejected(house, "FORM_5")
    group = await group_of(house, "FORM_5")
    _, page = await house.get(f"/v1/dead/{group['group']}", "watcher")
    body = {"request": "discard-5", "reason": "sent by mistake", "deliveries": [delivery]}
    status, done = await post(house, "/v1/dead/discard", body)
    assert (status, done["applied"], done["again"]) == (200, 1, False)
    assert (await post(house, "/v1/dead/discard", body))[1] == {**done, "again": True}

    _, message = await house.get(f"/v1/messages/{page['deliveries'][0]['message']}")
    (ended,) = [one for one in message["deliveries"] if one["delivery"] == delivery]
    assert (ended["state"], ended["code"], ended["detail"]) == ("skipped", "SKIPPED", "sent by mistake")


async def test_what_is_dead_is_not_in_doubt(house: House) -> None:
    (delivery,) = await rejected(house, "FORM_6")
    body = {"request": "resolve-6", "reason": "they have it", "deliveries": [delivery], "verdict": "delivered"}
    status, done = await post(house, "/v1/dead/resolve", body)
    assert (status, done["applied"]) == (200, 0)


async def test_stopping_what_is_over_changes_nothing(house: House) -> None:
    wanted = {"request": "empty-7", "reason": "none", "deliveries": ["01960000-0000-7000-8000-000000000001"]}
    _, view = await post(house, "/v1/replays", wanted)
    assert view["state"] == "finished"
    for turn in ("stop", "resume"):
        status, done = await post(house, f"/v1/replays/{view['replay']}/{turn}", {"reason": "late"})
        assert (status, done["applied"]) == (200, 0)


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        ("/v1/replays", {}, (422, "E_BODY_INVALID")),
        ("/v1/replays", {"request": "a", "reason": "b"}, (422, "E_BODY_INVALID")),
        ("/v1/replays", {"request": "a", "reason": "b", "group": 1, "deliveries": ["x"]}, (422, "E_BODY_INVALID")),
        ("/v1/replays", {"request": "a b", "reason": "b", "group": 1}, (422, "E_BODY_INVALID")),
        ("/v1/replays", {"request": "a", "reason": "", "group": 1}, (422, "E_BODY_INVALID")),
        ("/v1/replays", {"request": "a", "reason": "b", "group": 10**30}, (400, "E_JSON_NUMBER")),
        ("/v1/replays", {"request": "a", "reason": "b", "group": 10**18, "dry_run": True}, (404, "E_NOT_FOUND")),
        ("/v1/replays/nobody/stop", {"reason": "b"}, (404, "E_NOT_FOUND")),
        (
            "/v1/replays",
            {"request": "a", "reason": "b", "group": 10**18, "seen": "0001-01-01T00:00:00+08:00", "dry_run": True},
            (422, "E_BODY_INVALID"),
        ),
        ("/v1/dead/discard", {"request": "a", "reason": "b"}, (422, "E_BODY_INVALID")),
        ("/v1/dead/discard", {"request": "a", "reason": "nul \x00", "group": 1}, (422, "E_BODY_INVALID")),
        ("/v1/dead/999999999999/note", {"note": "x"}, (404, "E_NOT_FOUND")),
        ("/v1/dead/x/note", {"note": "x"}, (404, "E_NOT_FOUND")),
    ],
)
async def test_bad_input_is_told(house: House, path: str, body: Any, answer: tuple[int, str]) -> None:
    status, problem = await post(house, path, body)
    assert (status, problem["code"]) == answer


@pytest.mark.parametrize("query", ["after=x", "limit=-1", "after=" + "9" * 40])
async def test_bad_queries_are_told(house: House, query: str) -> None:
    assert (await house.get(f"/v1/dead?{query}", "watcher"))[1]["code"] == "E_QUERY_INVALID"


@pytest.mark.parametrize("cursor", ["x", "AAAA", "MjAyNi0wMS0wMSAw"])
async def test_a_cursor_of_nobody_is_told(house: House, cursor: str) -> None:
    await rejected(house, "FORM_8")
    group = await group_of(house, "FORM_8")
    status, problem = await house.get(f"/v1/dead/{group['group']}?after={cursor}", "watcher")
    assert (status, problem["code"]) == (400, "E_QUERY_INVALID")


async def test_whoever_only_reads_does_not_act(house: House) -> None:
    for path in ("/v1/replays", "/v1/dead/discard", "/v1/dead/resolve", "/v1/dead/1/note"):
        status, problem = await post(house, path, {}, "watcher")
        assert (status, problem["code"]) == (403, "E_RIGHT_MISSING")
        status, problem = await post(house, path, {}, "portal")
        assert (status, problem["code"]) == (403, "E_OPERATORS_ONLY")
