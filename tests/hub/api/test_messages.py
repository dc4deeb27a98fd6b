# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Handing messages over, singly and in batches, and asking what became of them."""

from typing import Any

import orjson
import pytest

from contracts.catalogue import builtin
from tests.hub.api.house import House, application, bearer
from tests.support.activations import Reluctant
from tests.support.sealing import opened


async def test_a_message_is_answered_with_its_receipt(house: House) -> None:
    event = application()
    status, headers, receipt = await house.send(event)
    assert status == 202
    assert receipt["id"] == event["id"]
    assert receipt["case"] == event["subject"]
    assert headers["Govhub-Message"] == receipt["message"]
    assert headers["Location"] == f"/v1/messages/{receipt['message']}"
    status, message = await house.get(headers["Location"])
    assert status == 200
    assert message["receipt"] == receipt
    assert {d["destination"] for d in message["deliveries"]} == {"civil-affairs", "archives"}


async def test_a_repeat_is_given_the_same_bytes(house: House) -> None:
    event = application()
    bodies = []
    for _ in range(2):
        async with house.http.post(
            f"{house.url}/v1/messages",
            json=event,
            headers=bearer("portal") | {"Content-Type": "application/cloudevents+json"},
        ) as answer:
            assert answer.status == 202
            bodies.append(await answer.read())
    assert bodies[0] == bodies[1]


async def test_binary_mode_is_the_same_message_as_structured_mode(house: House) -> None:
    event = application()
    _, _, receipt = await house.send(event)
    attributes = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    async with house.http.post(
        f"{house.url}/v1/messages", json=event["data"], headers=bearer("portal") | attributes
    ) as answer:
        assert answer.status == 202
        assert await answer.json() == receipt


async def test_other_content_under_an_accepted_id_is_refused(house: House) -> None:
    event = application()
    assert (await house.send(event))[0] == 202
    status, _, problem = await house.send(event | {"data": event["data"] | {"item_name": "另一事项"}})
    assert (status, problem["code"]) == (409, "E_ID_REUSE")


async def test_a_refused_message_may_be_mended_and_sent_again_under_its_id(house: House) -> None:
    event = application()
    status, _, problem = await house.send(event | {"data": event["data"] | {"case_type": "7", "region_code": "x"}})
    assert (status, problem["code"]) == (422, "E_CONTRACT_INVALID")
    assert [v["path"] for v in problem["violations"]] == ["$.data.region_code", "$.data.case_type"]
    assert (await house.send(event))[0] == 202


async def test_a_batch_is_answered_event_by_event_in_its_order(house: House) -> None:
    case = application()["subject"]
    good = [application(case) for _ in range(3)]
    again = dict(good[0])
    wrong = application(type="cn.gov.nothing")
    status, _, answers = await house.send([good[0], wrong, good[1], {"id": "half"}, good[2], again])
    assert status == 200
    assert [a["status"] for a in answers] == [202, 422, 202, 400, 202, 202]
    assert answers[5]["receipt"] == answers[0]["receipt"]
    assert answers[1]["problem"]["code"] == "E_CONTRACT_UNKNOWN"
    messages = [answers[n]["receipt"]["message"] for n in (0, 2, 4)]
    _, timeline = await house.get(f"/v1/cases/{case}")
    assert [m["message"] for m in timeline["messages"]] == messages
    for n, message in enumerate(timeline["messages"], 1):
        assert {d["position"] for d in message["deliveries"]} == {n}


def decision(case: str) -> dict[str, Any]:
    """What became of the application of that case."""
    contract = builtin().versions("cn.gov.acceptance.decided")[0]
    data = {**contract.examples[0].data, "case_no": case}
    return application(case, type=contract.type, dataschema=contract.schema_uri, data=data)


async def test_what_a_batch_cannot_be_given_now_keeps_back_what_follows_in_its_case(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = application(), application()
    follower = decision(first["subject"])
    reluctant = Reluctant(house.hub.journal.activations, first["dataschema"], times=2)
    monkeypatch.setattr(house.hub.vocabulary, "active", set())
    monkeypatch.setattr(house.hub.vocabulary, "activations", reluctant)
    _, _, answers = await house.send([first, follower, decision(other["subject"])])
    assert [a["status"] for a in answers] == [503, 503, 202]
    assert {a["problem"]["code"] for a in answers[:2]} == {"E_CONTRACT_INACTIVE"}
    reluctant.times = 0
    _, _, answers = await house.send([first, follower, other])
    assert [a["status"] for a in answers] == [202, 202, 202]
    _, timeline = await house.get(f"/v1/cases/{first['subject']}")
    assert [m["id"] for m in timeline["messages"]] == [first["id"], follower["id"]]


@pytest.mark.parametrize(("count", "status", "code"), [(0, 400, "E_BATCH_EMPTY"), (21, 413, "E_BATCH_TOO_MANY")])
async def test_a_batch_has_a_size(house: House, count: int, status: int, code: str) -> None:
    answer, _, problem = await house.send([{} for _ in range(count)])
    assert (answer, problem["code"]) == (status, code)


async def test_a_batch_of_one_is_answered_as_a_batch(house: House) -> None:
    status, _, answers = await house.send([application()])
    assert status == 200
    assert [a["status"] for a in answers] == [202]


async def test_a_message_is_found_by_the_senders_own_id(house: House) -> None:
    event = application(id="门户/2026-1 #?%")
    _, _, receipt = await house.send(event)
    quoted = "%E9%97%A8%E6%88%B7%2F2026-1%20%23%3F%25"
    status, message = await house.get(f"/v1/messages/{quoted}?by=id")
    assert status == 200
    assert message["message"] == receipt["message"]
    assert (await house.get(f"/v1/messages/{quoted}?by=id", "civil-affairs"))[0] == 404


async def test_a_destination_sees_its_own_deliveries_only(house: House) -> None:
    _, headers, _ = await house.send(application())
    status, message = await house.get(headers["Location"], "archives")
    assert status == 200
    assert [d["destination"] for d in message["deliveries"]] == ["archives"]


@pytest.mark.parametrize("system", ["stranger", "superior"])
async def test_a_message_of_others_is_not_there(house: House, system: str) -> None:
    _, headers, _ = await house.send(application())
    status, problem = await house.get(headers["Location"], system)
    assert (status, problem["code"]) == (404, "E_NOT_FOUND")


@pytest.mark.parametrize(
    "name", ["x", "01900000-0000-7000-8000-000000000000", "%00", "%00?by=id", "%ED%A0%80?by=id", "a" * 300 + "?by=id"]
)
async def test_a_message_that_cannot_be_is_not_there(house: House, name: str) -> None:
    assert (await house.get(f"/v1/messages/{name}"))[0] == 404


async def test_only_parties_see_a_case(house: House) -> None:
    event = application()
    await house.send(event)
    path = f"/v1/cases/{event['subject']}"
    for party in ("portal", "civil-affairs", "archives"):
        status, timeline = await house.get(path, party)
        assert status == 200
        assert timeline["parties"] == ["archives", "civil-affairs", "portal"]
    status, unseen = await house.get(path, "stranger")
    _, unknown = await house.get("/v1/cases/never-was", "stranger")
    assert status == 404
    assert {**unseen, "instance": ""} == {**unknown, "instance": ""}


async def test_in_a_timeline_deliveries_are_shown_to_sender_and_receiver(house: House) -> None:
    event = application()
    await house.send(event)
    shown: dict[str, list[str]] = {}
    for party in ("portal", "civil-affairs"):
        _, timeline = await house.get(f"/v1/cases/{event['subject']}", party)
        shown[party] = [d["destination"] for d in timeline["messages"][0]["deliveries"]]
    assert shown == {"portal": ["archives", "civil-affairs"], "civil-affairs": ["civil-affairs"]}


async def test_a_superior_may_speak_of_a_case_of_others(house: House) -> None:
    event = application()
    await house.send(event)
    status, _, problem = await house.send(application(event["subject"], source="stranger"), "stranger")
    assert (status, problem["code"]) == (403, "E_CASE_FOREIGN")
    assert (await house.send(application(event["subject"], source="superior"), "superior"))[0] == 202
    assert (await house.get(f"/v1/cases/{event['subject']}", "superior"))[0] == 200


async def test_what_was_received_is_kept_as_it_was(house: House) -> None:
    event: dict[str, Any] = application()
    body = orjson.dumps(event, option=orjson.OPT_INDENT_2)
    async with house.http.post(
        f"{house.url}/v1/messages",
        data=body,
        headers=bearer("portal") | {"Content-Type": "application/cloudevents+json"},
    ) as answer:
        assert answer.status == 202
    async with house.database() as connection:
        row = await connection.fetchrow(
            "select id, raw, codec from message where system = 'portal' and sender_id = $1", event["id"]
        )
        assert await opened(connection, row, "raw") == body


async def test_a_hub_with_all_it_can_take_says_so_and_when_to_come_again(house: House) -> None:
    intake, event = house.hub.intake, application()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "requests", 0)
        status, headers, problem = await house.send(event)
        assert (status, problem["code"], headers["Retry-After"]) == (503, "E_BUSY", "1")
        patch.setattr(intake, "requests", 10)
        patch.setattr(intake, "waiting", intake.backlog)
        status, headers, problem = await house.send(event)
        assert (status, problem["code"], headers["Retry-After"]) == (503, "E_BUSY", "30")
    assert (await house.send(event))[0] == 202
    assert (intake.under_way, intake.bytes_under_way) == (0, 0)


async def test_a_connection_too_many_is_told_and_closed_but_health_is_answered(house: House) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.hub.intake, "connections", 0)
        async with house.http.get(f"{house.url}/v1/messages/x", headers=bearer("portal")) as answer:
            assert (answer.status, (await answer.json(content_type=None))["code"]) == (503, "E_BUSY")
            assert answer.headers["Connection"] == "close"
        async with house.http.get(f"{house.url}/health/live") as answer:
            assert answer.status == 200
