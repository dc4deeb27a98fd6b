# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Fetching from a mailbox and acknowledging: long poll, lease, batch, and whose mailbox it is."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.ports.journal import JournalDown
from tests.hub.api.house import House, application, bearer
from tests.hub.api.test_dead import post

OWN = "civil-affairs"
UNKNOWN = "01900000-0000-7000-8000-000000000000"


async def until(house: House, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Fetch until a message is lent that is wanted; with the id of its lease."""
    async with asyncio.timeout(30):
        while True:
            status, fetch = await house.fetch(OWN)
            for message in fetch["messages"] if status == 200 else ():
                if wanted(message):
                    return {**message, "lease": fetch["lease"]}


async def fetched(house: House, event: dict[str, Any]) -> dict[str, Any]:
    """This event, once it has been sent and lent."""
    assert (await house.send(event))[0] == 202
    return await until(house, lambda message: message["event"]["id"] == event["id"])


async def acknowledge(house: House, lease: str, *results: dict[str, Any], system: str = OWN) -> tuple[int, Any]:
    async with house.http.post(
        f"{house.url}/v1/mailbox/{OWN}/ack", json={"lease": lease, "results": results}, headers=bearer(system)
    ) as answer:
        return answer.status, await answer.json(content_type=None)


async def state_of(house: House, event: dict[str, Any]) -> dict[str, Any]:
    """The delivery of this event to the mailbox."""
    status, document = await house.get(f"/v1/messages/{event['id']}?by=id")
    assert status == 200
    delivery: dict[str, Any] = next(d for d in document["deliveries"] if d["destination"] == OWN)
    return delivery


async def test_a_fetched_message_is_the_event_that_was_sent(house: House) -> None:
    event = application(traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", data_materials=[])
    got = await fetched(house, event)
    hubs_own = got["event"].pop("govhubmessage")
    assert got["event"].pop("datacontenttype") == "application/json"
    assert got["event"] == event
    status, document = await house.get(f"/v1/messages/{hubs_own}", OWN)
    assert status == 200
    assert [d["delivery"] for d in document["deliveries"]] == [got["delivery"]]


async def test_an_acknowledged_message_is_delivered_and_its_next_in_case_follows(house: House) -> None:
    first = application()
    second = application(first["subject"])
    one = await fetched(house, first)
    assert (await house.send(second))[0] == 202
    assert (await state_of(house, second))["blockedBy"] == one["delivery"]
    result = {"delivery": one["delivery"], "outcome": "delivered", "receipt": "R-7"}
    assert await acknowledge(house, one["lease"], result) == (
        200,
        {"results": [{"delivery": one["delivery"], "status": "settled"}]},
    )
    delivery = await state_of(house, first)
    assert (delivery["state"], delivery["reference"]) == ("delivered", "R-7")
    two = await until(house, lambda message: message["event"]["id"] == second["id"])
    await acknowledge(house, two["lease"], {"delivery": two["delivery"], "outcome": "delivered"})
    assert (await state_of(house, second))["state"] == "delivered"


async def test_a_rejected_message_is_dead_and_says_why(house: House) -> None:
    event = application()
    got = await fetched(house, event)
    result = {"delivery": got["delivery"], "outcome": "rejected", "code": "ITEM_CLOSED", "detail": "事项已取消"}
    assert (await acknowledge(house, got["lease"], result))[0] == 200
    delivery = await state_of(house, event)
    assert (delivery["state"], delivery["code"], delivery["detail"]) == ("dead", "ITEM_CLOSED", "事项已取消")


async def test_a_message_put_off_comes_again_under_the_same_delivery(house: House) -> None:
    got = await fetched(house, application())
    result = {"delivery": got["delivery"], "outcome": "retry", "after_seconds": 0}
    assert (await acknowledge(house, got["lease"], result))[0] == 200
    again = await until(house, lambda message: message["delivery"] == got["delivery"])
    assert again["attempt"] > got["attempt"]
    assert again["event"] == got["event"]
    await acknowledge(house, again["lease"], {"delivery": got["delivery"], "outcome": "delivered"})


async def test_putting_off_burns_no_attempt(house: House) -> None:
    event = application()
    got = await fetched(house, event)
    delivery = got["delivery"]
    for _ in range(house.hub.outlets[OWN].policy.attempts + 1):
        result = {"delivery": delivery, "outcome": "retry", "after_seconds": 0}
        assert (await acknowledge(house, got["lease"], result))[0] == 200
        got = await until(house, lambda message: message["delivery"] == delivery)
    await acknowledge(house, got["lease"], {"delivery": got["delivery"], "outcome": "delivered"})
    assert (await state_of(house, event))["state"] == "delivered"


async def test_a_lent_message_is_not_lent_again_within_its_lease(house: House) -> None:
    got = await fetched(house, application())
    status, fetch = await house.fetch(OWN, wait=0)
    assert status == 204 or got["delivery"] not in [m["delivery"] for m in fetch["messages"]]


async def test_a_lease_that_ran_out_counts_until_another_takes_over(house: House) -> None:
    claims = house.hub.journal.shelf
    event = application()
    got = await fetched(house, event)
    result = {"delivery": got["delivery"], "outcome": "delivered"}
    again = await until(house, lambda message: message["delivery"] == got["delivery"])  # lent for 5 s, then again
    assert again["lease"] != got["lease"]
    status, problem = await acknowledge(house, got["lease"], result)
    assert (status, problem["code"]) == (409, "E_LEASE_LOST")
    past = UUID("01900000-0000-7000-8000-00000000aaaa")
    assert await claims.lease(OWN, 50, house.hub.clock.now(), past) == []  # lent to the second lease
    assert (await acknowledge(house, again["lease"], result))[0] == 200


async def test_a_lease_counts_past_its_time_while_nobody_took_over(house: House) -> None:
    while (await house.fetch(OWN, wait=0))[0] == 200:
        pass
    event, lease = application(), house.hub.ids.new()
    assert (await house.send(event))[0] == 202
    async with asyncio.timeout(30):
        while not (lent := await house.hub.journal.shelf.lease(OWN, 50, house.hub.clock.now(), lease)):
            await house.hub.outlets[OWN].doorbell.rung(30)
    assert not isinstance(lent, JournalDown)
    results = [{"delivery": str(claim.delivery_id), "outcome": "delivered"} for claim in lent]
    assert (await acknowledge(house, str(lease), *results))[0] == 200
    assert (await state_of(house, event))["state"] == "delivered"


async def test_two_results_for_one_delivery_settle_it_once(house: House) -> None:
    got = await fetched(house, application())
    result = {"delivery": got["delivery"], "outcome": "delivered"}
    status, answer = await acknowledge(house, got["lease"], result, result, {**result, "delivery": UNKNOWN})
    assert status == 200
    assert [r["status"] for r in answer["results"]] == ["settled", "stale", "stale"]
    status, problem = await acknowledge(house, got["lease"], result)
    assert (status, problem["code"]) == (409, "E_LEASE_LOST")


async def test_a_long_poll_is_woken_by_a_message(house: House) -> None:
    while (await house.fetch(OWN, wait=0))[0] == 200:
        pass
    waiting = asyncio.create_task(house.fetch(OWN, wait=30))
    event = application()
    assert (await house.send(event))[0] == 202
    status, fetch = await waiting
    assert status == 200
    assert event["id"] in [m["event"]["id"] for m in fetch["messages"]]


async def test_an_empty_fetch_ends_when_its_time_is_over(house: House) -> None:
    while (await house.fetch(OWN, wait=0))[0] == 200:
        pass
    assert await house.fetch(OWN, wait=0.05) == (204, None)


@pytest.mark.parametrize("destination", ["archives", "archives-push", "nowhere"])
async def test_a_mailbox_of_another_system_is_not_there(house: House, destination: str) -> None:
    status, problem = await house.get(f"/v1/mailbox/{destination}?wait=0", OWN)
    assert (status, problem["code"]) == (404, "E_NOT_FOUND")


async def test_a_destination_that_is_pushed_to_has_no_mailbox(house: House) -> None:
    assert (await house.get("/v1/mailbox/archives-push?wait=0", "archives"))[0] == 404


async def test_nobody_else_acknowledges(house: House) -> None:
    got = await fetched(house, application())
    result = {"delivery": got["delivery"], "outcome": "delivered"}
    assert (await acknowledge(house, got["lease"], result, system="archives"))[0] == 404
    assert (await acknowledge(house, got["lease"], result))[0] == 200


@pytest.mark.parametrize("query", ["max=0", "max=x", "wait=-1", "wait=nan", "max="])
async def test_a_query_that_makes_no_sense_is_refused(house: House, query: str) -> None:
    status, problem = await house.get(f"/v1/mailbox/{OWN}?{query}", OWN)
    assert (status, problem["code"]) == (400, "E_QUERY_INVALID")
    assert problem["violations"][0]["path"] == f"$.query.{query.split('=', maxsplit=1)[0]}"


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (b"{", "E_JSON_MALFORMED", None),
        (b"[]", "E_BODY_INVALID", "$"),
        (b'{"lease": "x", "results": []}', "E_BODY_INVALID", "$.lease"),
        (b'{"lease": "%s", "results": [{"delivery": "%s", "outcome": "eaten"}]}', "E_BODY_INVALID", "$.results[0].outcome"),
        (b'{"lease": "%s", "results": [{"delivery": "%s", "outcome": "retry", "after_seconds": -1}]}', "E_BODY_INVALID",
         "$.results[0].after_seconds"),
        (b'{"lease": "%s", "results": [{"delivery": "%s", "outcome": "delivered", "name": "x"}]}', "E_BODY_INVALID",
         "$.results[0].name"),
    ],
)  # fmt: skip
async def test_an_acknowledgement_that_makes_no_sense_is_refused(
    house: House, body: bytes, code: str, path: str | None
) -> None:
    body = body.replace(b"%s", UNKNOWN.encode())
    async with house.http.post(f"{house.url}/v1/mailbox/{OWN}/ack", data=body, headers=bearer(OWN)) as answer:
        problem = await answer.json(content_type=None)
    assert problem["code"] == code
    assert path is None or path in [violation["path"] for violation in problem["violations"]]


async def test_a_message_that_expires_in_the_mailbox_is_not_given_any_more(house: House) -> None:
    while (await house.fetch(OWN, wait=0))[0] == 200:
        pass
    ends = house.hub.clock.now() + timedelta(seconds=2)
    event = application(expirytime=ends.isoformat())
    assert (await house.send(event))[0] == 202
    async with asyncio.timeout(30):
        while (await state_of(house, event))["state"] not in {"accepted", "expired"}:
            await house.hub.clock.sleep(0.05)
        while house.hub.clock.now() <= ends:
            await house.hub.clock.sleep(0.1)
    status, fetch = await house.fetch(OWN, wait=0)
    assert status == 204 or event["id"] not in [m["event"]["id"] for m in fetch["messages"]]
    assert (await state_of(house, event))["state"] == "expired"


async def test_a_large_fetch_is_one_lease(house: House) -> None:
    sent = [application() for _ in range(80)]
    for at in range(0, 80, 20):
        assert (await house.send(sent[at : at + 20]))[0] == 200
    async with house.database() as connection, asyncio.timeout(30):
        free = "select count(*) from delivery_open where destination = 'archives' and state = 'accepted' and holder is null"
        while await connection.fetchval(free) < 80:
            await house.hub.clock.sleep(0.05)
    status, fetch = await house.fetch("archives", most=70)
    assert status == 200
    assert len({m["delivery"] for m in fetch["messages"]}) == 70


async def test_a_lease_nobody_gave_is_lost(house: House) -> None:
    status, problem = await acknowledge(house, UNKNOWN, {"delivery": UNKNOWN, "outcome": "delivered"})
    assert (status, problem["code"]) == (409, "E_LEASE_LOST")


async def test_many_wait_at_one_mailbox_and_each_message_is_lent_once(house: House) -> None:
    while (await house.fetch(OWN, wait=0))[0] == 200:
        pass
    waits = [asyncio.create_task(house.fetch(OWN, wait=20)) for _ in range(20)]
    events = [application() for _ in range(5)]
    for event in events:
        assert (await house.send(event))[0] == 202
    sent, got = [event["id"] for event in events], list[dict[str, Any]]()
    for done in asyncio.as_completed(waits, timeout=30):
        status, fetch = await done
        for message in fetch["messages"] if status == 200 else ():  # what other tests left comes again, too
            if message["event"]["id"] in sent:
                got.append({**message, "lease": fetch["lease"]})
        if len(got) >= len(events):
            break
    for wait in waits:
        wait.cancel()
    assert sorted(message["event"]["id"] for message in got) == sorted(sent)
    for message in got:
        await acknowledge(house, message["lease"], {"delivery": message["delivery"], "outcome": "delivered"})


async def test_what_another_hub_shelved_is_noticed(house: House) -> None:
    while (await house.fetch(OWN, wait=0))[0] == 200:
        pass
    event, lease, elsewhere = application(), house.hub.ids.new(), house.hub.clock.now()
    assert (await house.send(event))[0] == 202
    async with asyncio.timeout(30):  # held for a moment by another, who rings here for nobody
        while not await house.hub.journal.shelf.lease(OWN, 50, elsewhere + timedelta(seconds=2), lease):
            await house.hub.outlets[OWN].doorbell.rung(1)
    got = await until(house, lambda message: message["event"]["id"] == event["id"])
    await acknowledge(house, got["lease"], {"delivery": got["delivery"], "outcome": "delivered"})


async def test_a_paused_mailbox_lends_nothing_and_takes_acknowledgements(house: House) -> None:
    lent = await fetched(house, application())
    pause = {"request": f"pause-{house.hub.ids.new()}", "reason": "they move house"}
    assert (await post(house, f"/v1/destinations/{OWN}/pause", pause))[0] == 200
    try:
        event = application()
        assert (await house.send(event))[0] == 202
        assert (await house.fetch(OWN, wait=0))[0] == 204
        waiting = asyncio.create_task(until(house, lambda message: message["event"]["id"] == event["id"]))
        done = {"delivery": lent["delivery"], "outcome": "delivered"}
        assert await acknowledge(house, lent["lease"], done) == (
            200,
            {"results": [{"delivery": lent["delivery"], "status": "settled"}]},
        )
        assert not waiting.done()
    finally:
        again = {"request": f"open-{house.hub.ids.new()}", "reason": "moved"}
        await post(house, f"/v1/destinations/{OWN}/resume", again)
    got = await waiting
    await acknowledge(house, got["lease"], {"delivery": got["delivery"], "outcome": "delivered"})
