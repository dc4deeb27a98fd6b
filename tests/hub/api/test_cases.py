# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The timeline of a case over HTTP: for its parties as much as concerns them, for operators all of it."""

from typing import Any

from contracts.catalogue import builtin
from tests.hub.api.house import House, application


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
