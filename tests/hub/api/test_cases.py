# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The timeline of a case over HTTP: for its parties as much as concerns them, for operators all of it."""

from typing import Any

from contracts.catalogue import builtin
from hub.ports.journal import AliasClaim
from tests.hub.api.house import House, application, bearer
from tests.hub.api.test_description import description, holds

__all__ = ["description"]  # the fixture


def record(case: str, contract: str, **data: Any) -> dict[str, Any]:
    known = builtin().versions(contract)[0]
    return application(
        case, type=contract, dataschema=known.schema_uri, data={**known.examples[0].data, "case_no": case, **data}
    )


async def test_an_operator_sees_a_whole_case_and_who_acted(house: House) -> None:
    event = application()
    case = event["subject"]
    await house.send(event)
    await house.send(record(case, "cn.gov.acceptance.decided", promised_on="2026-03-13"))
    status, seen = await house.get(f"/v1/cases/{case}", "watcher")
    assert status == 200
    assert {one["destination"] for one in seen["now"]} == {"civil-affairs", "archives"}
    assert [one["contract"] for one in seen["entries"] if one["what"] == "accepted"] == [
        event["type"],
        "cn.gov.acceptance.decided",
    ]
    assert seen["phase"] == "handling"
    assert seen["misfits"] == []
    assert seen["supplement"] is None
    assert [(one["limit"], one["due"], one["late"]) for one in seen["clock"]["deadlines"]] == [
        ("promised", "2026-03-13", True)
    ]
    assert seen["clock"]["ticking"] == "running"


async def test_a_party_sees_where_its_own_deliveries_are(house: House) -> None:
    event = application()
    await house.send(event)
    _, seen = await house.get(f"/v1/cases/{event['subject']}", "civil-affairs")
    assert [one["destination"] for one in seen["now"]] == ["civil-affairs"]
    assert {one["destination"] for one in seen["entries"]} == {""}  # nobody has fetched it


async def test_what_does_not_fit_is_told_with_the_number_of_its_rule(house: House) -> None:
    event = application()
    case = event["subject"]
    await house.send(event)
    await house.send(record(case, "cn.gov.process.step"))
    _, seen = await house.get(f"/v1/cases/{case}", "watcher")
    assert [(one["rule"], one["early"]) for one in seen["misfits"]] == [("R03", True)]
    assert seen["misfits"][0]["says"]["zh"] == "受理"


async def test_a_case_that_is_not_there(house: House) -> None:
    status, problem = await house.get("/v1/cases/never-was", "watcher")
    assert (status, problem["code"]) == (404, "E_NOT_FOUND")


async def post(house: House, path: str, body: dict[str, Any], operator: str = "keeper") -> tuple[int, Any]:
    async with house.http.post(f"{house.url}{path}", json=body, headers=bearer(operator)) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_disputed_number_is_decided_by_an_operator(house: House, description: dict[str, Any]) -> None:
    first, second = application(), application()
    for event in (first, second):
        await house.send(event)
        claim = AliasClaim("civil-affairs", "BJ-1", event["subject"], "import")
        assert await house.hub.journal.aliases.claim([claim]) is None
    _, told = await house.get("/v1/aliases?disputed=true", "watcher")
    holds(description, "Aliases", told)
    assert [(one["number"], one["disputed"]) for one in told["aliases"]] == [("BJ-1", True)]
    body = {
        "request": "alias-1",
        "reason": "查证",
        "system": "civil-affairs",
        "number": "BJ-1",
        "case": second["subject"],
    }
    assert (await post(house, "/v1/aliases/decide", body, "watcher"))[0] == 403
    assert (await post(house, "/v1/aliases/decide", {**body, "request": "x", "case": "never-was"}))[0] == 404
    status, done = await post(house, "/v1/aliases/decide", body)
    assert (status, done["applied"], done["again"]) == (200, 1, False)
    assert (await post(house, "/v1/aliases/decide", body))[1]["again"]
    _, told = await house.get("/v1/aliases?system=civil-affairs", "watcher")
    assert [(one["case"], one["disputed"], one["decided"]) for one in told["aliases"]] == [
        (second["subject"], False, True)
    ]


async def test_what_waits_and_what_is_due_are_asked_for(house: House, description: dict[str, Any]) -> None:
    event = application()
    await house.send(event)
    await house.send(record(event["subject"], "cn.gov.acceptance.decided", promised_on="2026-03-13"))
    _, told = await house.get("/v1/parked", "watcher")
    holds(description, "ParkedMessages", told)
    assert told["parked"] == []
    _, told = await house.get("/v1/deadlines?destination=archives", "watcher")
    holds(description, "Deadlines", told)
    (archives,) = told["destinations"]
    assert event["subject"] in {one["case"] for one in archives["breaches"]}
    for path in ("/v1/deadlines?by=soon", "/v1/parked?after=x"):
        assert (await house.get(path, "watcher"))[1]["code"] == "E_QUERY_INVALID"
    assert (await house.get("/v1/deadlines?destination=nowhere", "watcher"))[0] == 404


async def test_an_operator_takes_a_case_as_under_way_before(house: House) -> None:
    event = application()
    await house.send(event)
    body = {"request": "adopt-1", "reason": "在办"}
    status, done = await post(house, f"/v1/cases/{event['subject']}/adopt", body)
    assert (status, done["applied"]) == (200, 0)
    assert (await post(house, "/v1/cases/never-was/adopt", {**body, "request": "adopt-2"}))[0] == 404
