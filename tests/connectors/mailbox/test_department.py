# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that fetches, held to the rules of connectors: what a mailbox's sink is exempt from, its API keeps.

The sink calls nobody, so no far side can refuse it, hang or be away. The department can: it fetches, and says what became of
each message, or does not. Each test is named after the rule of :mod:`connectors.sdk.rules` that it stands for.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from certs.api_key import digest_of
from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from hub.api.server import serve
from hub.app import running
from hub.config.load import Loaded, load_deployment
from hub.running import Hub
from hub.workers.watching import Watcher, look_at_backlog
from tests.connectors.mailbox.test_conformance import TestMailbox as MailboxSuite
from tests.hub.api.house import capturing
from tests.support.hub_process import write_deployment
from tests.support.postgres import PrivatePostgres, find_postgres

MAILBOX = "/v1/mailbox/department"
WITHIN = 30.0


def bearer(system: str) -> dict[str, str]:
    return {"Authorization": f"Bearer ghk_made-up-key-of-{system}"}


@dataclass(slots=True)
class Department:
    """One that fetches, and a portal that sends to it."""

    url: str
    http: aiohttp.ClientSession
    hub: Hub
    dsn: str
    number: int = 0

    async def send(self, case: str = "", **changes: Any) -> dict[str, Any]:
        """An application that must be taken; the event."""
        self.number += 1
        (contract, *_) = builtin().versions("cn.gov.application.submitted")
        case = case or f"510500-20260302-{self.number:06}"
        event = {
            "specversion": "1.0", "id": f"d-{self.number}", "source": "portal", "type": contract.type, "subject": case,
            "dataschema": contract.schema_uri, "data": {**contract.examples[0].data, "case_no": case}, **changes,
        }  # fmt: skip
        headers = {"Content-Type": "application/cloudevents+json", **bearer("portal")}
        async with self.http.post(f"{self.url}/v1/messages", json=event, headers=headers) as answer:
            assert answer.status == 202, await answer.text()
        return event

    async def fetch(self, most: int = 50, wait: float = WITHIN) -> tuple[int, Mapping[str, str], Any]:
        query = {"max": str(most), "wait": str(wait)}
        async with self.http.get(f"{self.url}{MAILBOX}", params=query, headers=bearer("department")) as answer:
            return answer.status, answer.headers, await answer.json(content_type=None) if answer.status != 204 else None

    async def lent(self, *events: Mapping[str, Any]) -> dict[str, tuple[str, str, Any]]:
        """Lease, delivery and event of these, by their ids, once they are lent."""
        wanted = {one["id"] for one in events}
        found: dict[str, tuple[str, str, Any]] = {}
        async with asyncio.timeout(WITHIN):
            while wanted - set(found):
                status, _, fetch = await self.fetch(wait=5)
                for one in fetch["messages"] if status == 200 else ():
                    found[one["event"]["id"]] = (fetch["lease"], one["delivery"], one["event"])
        return found

    async def say(self, lease: str, delivery: str, outcome: str = "delivered", **more: Any) -> tuple[int, str]:
        """Acknowledge one; the status, and the result or the code."""
        said = {"lease": lease, "results": [{"delivery": delivery, "outcome": outcome, **more}]}
        async with self.http.post(f"{self.url}{MAILBOX}/ack", json=said, headers=bearer("department")) as answer:
            document = await answer.json(content_type=None)
            return answer.status, document["results"][0]["status"] if answer.status == 200 else document["code"]

    async def state(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """How the delivery of this event stands."""
        async with self.http.get(f"{self.url}/v1/messages/{event['id']}?by=id", headers=bearer("portal")) as answer:
            found: dict[str, Any] = (await answer.json())["deliveries"][0]
            return found


@pytest.fixture
async def department(tmp_path: Path, server: PrivatePostgres) -> AsyncIterator[Department]:
    config = write_deployment(
        tmp_path,
        {
            "hub": {"listen": "127.0.0.1:0"},
            "journal": await server.fresh_database(),
            "partitions": 2,
            "systems": {
                name: {"keys": [digest_of(f"ghk_made-up-key-of-{name}")], "sends": ["*"]}
                for name in ("portal", "department")
            },
            "destinations": {
                "department": {
                    "system": "department",
                    "connector": "mailbox",
                    "settings": {"lease_seconds": 5, "max_lent": 4, "max_age_seconds": 60},
                }
            },
        },
        [{"name": "all", "when": {}, "to": ["department"]}],
    )
    loaded = load_deployment(config)
    assert isinstance(loaded, Loaded), loaded
    _, log = capturing()
    async with running(loaded, log) as hub, aiohttp.ClientSession() as http:
        assert isinstance(hub, Hub), hub
        listening = await serve(hub, loaded.deployment.limits, "127.0.0.1", 0)
        try:
            yield Department(f"http://127.0.0.1:{listening.port}", http, hub, loaded.deployment.journal)
        finally:
            await listening.stop()


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[PrivatePostgres]:
    async with PrivatePostgres(find_postgres(15)) as postgres:
        yield postgres


async def test_carries_bytes_untouched(department: Department) -> None:
    """And ``carries_attributes``: the department gets the event, whole."""
    event = await department.send(traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    [(_, _, got)] = (await department.lent(event)).values()
    contract = builtin().resolve(event["type"], event["dataschema"])
    assert isinstance(contract, Contract)
    checked = contract.check(event["data"], event["subject"])
    assert isinstance(checked, Checked)
    assert {name: got[name] for name in event if name != "data"} == {n: v for n, v in event.items() if n != "data"}
    assert got["data"] == json.loads(checked.canonical)


async def test_repeat_is_safe(department: Department) -> None:
    """A message that comes twice bears the same delivery, and is settled once; so it is with ``sends_once``."""
    event = await department.send()
    (lease, delivery, _) = (await department.lent(event))[event["id"]]
    assert await department.say(lease, delivery) == (200, "settled")
    assert await department.say(lease, delivery) == (409, "E_LEASE_LOST")
    assert (await department.fetch(wait=0))[0] == 204


async def test_refusal_is_rejected(department: Department) -> None:
    event = await department.send()
    (lease, delivery, _) = (await department.lent(event))[event["id"]]
    assert await department.say(lease, delivery, "rejected", code="NOT_OURS", detail="另一单位") == (200, "settled")
    state = await department.state(event)
    assert (state["state"], state["code"]) == ("dead", "NOT_OURS")


async def test_outage_is_unavailable(department: Department) -> None:
    """Nobody fetches: the message lies there, no attempt is burnt, and nothing of it is lost; then ``recovers_after_outage``."""
    event = await department.send()
    async with asyncio.timeout(WITHIN):
        while (state := await department.state(event))["state"] != "accepted":
            await department.hub.clock.sleep(0.05)
    assert (state["state"], [one["state"] for one in state["attempts"]]) == ("accepted", ["accepted"])
    (lease, delivery, _) = (await department.lent(event))[event["id"]]
    assert await department.say(lease, delivery) == (200, "settled")
    assert (await department.state(event))["state"] == "delivered"


async def test_hang_ends_at_the_deadline(department: Department) -> None:
    """Who fetches and says nothing has it until the lease ends; then it comes again, and the first lease counts no more.

    That is ``cut_is_in_doubt`` too: the department may have acted on it, and knows the delivery again.
    """
    event = await department.send()
    (lease, delivery, _) = (await department.lent(event))[event["id"]]
    assert (await department.fetch(wait=0))[0] == 204
    (second, again, _) = (await department.lent(event))[event["id"]]
    assert again == delivery
    assert await department.say(lease, delivery) == (409, "E_LEASE_LOST")
    assert await department.say(second, delivery) == (200, "settled")


async def test_sends_concurrently(department: Department) -> None:
    """Several fetch at a time: each message is lent to one of them."""
    events = [await department.send() for _ in range(4)]
    async with asyncio.timeout(WITHIN):
        while [(await department.state(one))["state"] for one in events] != ["accepted"] * 4:
            await department.hub.clock.sleep(0.05)
    fetched = await asyncio.gather(*(department.fetch(most=1) for _ in range(4)))
    assert [status for status, _, _ in fetched] == [200] * 4
    assert {one["event"]["id"] for _, _, fetch in fetched for one in fetch["messages"]} == {one["id"] for one in events}


async def test_closes_while_sending(department: Department) -> None:
    """A department that goes away in the middle of a long poll takes nothing with it.

    That is ``obeys_cancellation`` too: what is broken off ends, and the mailbox goes on.
    """
    waiting = asyncio.create_task(department.fetch())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    event = await department.send()
    assert event["id"] in await department.lent(event)


async def test_check_sees_an_outage(department: Department) -> None:
    """A check calls nobody. That nobody fetches is seen by what lies there: health tells of it."""
    event = await department.send()
    async with asyncio.timeout(WITHIN):
        while (await department.state(event))["state"] != "accepted":
            await department.hub.clock.sleep(0.05)
    connection = await asyncpg.connect(department.dsn)
    await connection.execute("update delivery_open set accepted_at = accepted_at - interval '2 minutes'")
    await connection.close()
    await look_at_backlog(department.hub)
    await Watcher(department.hub).look()
    [concern] = [one for one in department.hub.health.concerns if one.what == "neglected"]
    assert concern.destination == "department"
    assert concern.since < department.hub.clock.now()


async def test_who_acknowledges_nothing_is_given_no_more(department: Department) -> None:
    events = [await department.send() for _ in range(6)]
    lent = await department.lent(*events[:4])
    assert len(lent) == 4
    status, headers, problem = await department.fetch(wait=0)
    assert (status, problem["code"]) == (503, "E_BUSY")
    assert 1 <= int(headers["Retry-After"]) <= 5
    (lease, delivery, _) = next(iter(lent.values()))
    assert await department.say(lease, delivery) == (200, "settled")
    status, _, fetch = await department.fetch()
    assert (status, len(fetch["messages"])) == (200, 1), "as many as were acknowledged"


KEPT = {
    "carries_bytes_untouched": test_carries_bytes_untouched,
    "carries_attributes": test_carries_bytes_untouched,
    "repeat_is_safe": test_repeat_is_safe,
    "sends_once": test_repeat_is_safe,
    "refusal_is_rejected": test_refusal_is_rejected,
    "outage_is_unavailable": test_outage_is_unavailable,
    "recovers_after_outage": test_outage_is_unavailable,
    "hang_ends_at_the_deadline": test_hang_ends_at_the_deadline,
    "cut_is_in_doubt": test_hang_ends_at_the_deadline,
    "sends_concurrently": test_sends_concurrently,
    "closes_while_sending": test_closes_while_sending,
    "obeys_cancellation": test_closes_while_sending,
    "check_sees_an_outage": test_check_sees_an_outage,
}
"""Which test here holds the department to which rule."""


def test_every_exemption_of_the_sink_is_kept_by_the_api() -> None:
    assert set(KEPT) == set(MailboxSuite.exempt)
