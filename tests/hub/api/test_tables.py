# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Route tables at the API: operators see what is in force, activate, go back and cast shadows; whoever only reads may not."""

from typing import Any

from tests.hub.api.house import House
from tests.hub.api.test_dead import post
from tests.hub.api.test_description import description, holds

__all__ = ["description"]  # the fixture

OTHER = """\
version: 1
routes:
  - {name: everything-elsewhere, when: {}, to: [archives]}
"""


async def tables(house: House) -> dict[str, Any]:
    status, page = await house.get("/v1/routes", "watcher")
    assert status == 200
    return dict(page)


async def test_a_table_is_cast_activated_and_taken_back(house: House, description: dict[str, Any]) -> None:
    before = await tables(house)
    holds(description, "RouteTables", before)
    assert (before["active"], before["shadow"], before["trouble"]) == (before["here"], None, "")
    assert [one["via"] for one in before["history"]] == ["start"]

    status, done = await post(house, "/v1/routes/shadow", {"request": "t1", "reason": "to see", "table": OTHER})
    assert (status, done["applied"]) == (200, 1)
    cast = (await tables(house))["shadow"]
    assert (cast["planned"], cast["differing"], cast["differences"]) == (0, 0, [])

    act = {"request": "t2", "reason": "it is right", "table": OTHER, "expected": before["active"]}
    assert (await post(house, "/v1/routes/activate", act))[1]["applied"] == 1
    assert (await post(house, "/v1/routes/activate", act))[1]["again"] is True
    now = await tables(house)
    holds(description, "RouteTables", now)
    assert (now["active"], now["shadow"], now["seq"]) == (cast["version"], None, before["seq"] + 1)
    assert now["history"][0]["actor"] == "keeper"
    _, shown = await house.get(f"/v1/routes/{now['active']}", "watcher")
    holds(description, "RouteTable", shown)
    assert shown["table"] == OTHER

    late = {**act, "request": "t3"}
    status, problem = await post(house, "/v1/routes/activate", late)
    assert (status, problem["code"], problem["active"]) == (409, "E_ROUTES_OVERTAKEN", now["active"])
    back = {"request": "t4", "reason": "it was not", "version": before["active"]}
    assert (await post(house, "/v1/routes/activate", back))[1]["applied"] == 1
    assert (await tables(house))["active"] == before["active"]
    assert (await post(house, "/v1/routes/unshadow", {"request": "t5", "reason": "over"}))[1]["applied"] == 0


async def test_what_cannot_be_used_is_refused_with_its_lines(house: House) -> None:
    before = await tables(house)
    wrong = {"request": "w1", "reason": "a slip", "table": OTHER.replace("archives", "archive")}
    status, problem = await post(house, "/v1/routes/activate", wrong)

    assert (status, problem["code"]) == (422, "E_ROUTES_UNUSABLE")
    assert [one["path"] for one in problem["violations"]] == ["$.table:3:49"]
    for body, code in (
        ({"request": "w2", "reason": "?"}, "E_BODY_INVALID"),
        ({"request": "w3", "reason": "?", "version": "nothing"}, "E_NOT_FOUND"),
        ({"request": "w4", "reason": "?", "table": OTHER, "cases": "cases: []\n"}, "E_ROUTES_UNUSABLE"),
    ):
        assert (await post(house, "/v1/routes/activate", body))[1]["code"] == code
    assert (await house.get("/v1/routes/nothing", "watcher"))[0] == 404
    assert (await tables(house))["seq"] == before["seq"]


async def test_who_may_only_read_activates_nothing(house: House) -> None:
    body = {"request": "r1", "reason": "?", "table": OTHER}

    assert (await post(house, "/v1/routes/activate", body, "watcher"))[0] == 403
    assert (await house.get("/v1/routes", "portal"))[0] in {401, 403}
