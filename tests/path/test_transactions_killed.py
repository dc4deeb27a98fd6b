# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub is killed at a named point while transactions are under way, and another real hub carries them on to their ends.

Both on one broker and one journal. Of each transaction the last step is refused, so that all of it is undone: each step and each
compensation takes effect once, in its order. Where the death left it open whether the last step took effect, that is undone too.
"""

import asyncio
import signal
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson
import pytest

from certs.api_key import digest_of
from contracts.catalogue import builtin
from hub.ports.crash import VARIABLE
from hub.ports.probe import Point
from tests.support.far_sides import IdempotentFarSide, idempotent_far_side
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.rabbitmq import RabbitNode
from tests.support.transactions import APPLICATION, APPLY, CLOSED, ENDED, NOTICE, SETTINGS, SHIP, SHIPMENT, TELL

REVOKED = "cn.gov.notice.revoked"
REVOKING = {
    "contract": REVOKED,
    "data": {
        "matter_no": "{message.case_no}",
        "notice_no": "{transaction}",
        "reason": "办理未成（{cause}）",
        "revoked_at": "{now}",
    },
}
REVERSIBLE = {**{key: value for key, value in TELL.items() if key != "irreversible"}, "compensation": REVOKING}
STEPS = {**SETTINGS, "steps": [APPLY, SHIP, REVERSIBLE]}
SENDER, OPERATOR = "ghk_made-up-sender", "ghk_made-up-operator"
CASES = ("c-1", "c-2", "c-3")
CRASH_AT = 5
"""The fifth time that a point is reached: some steps are done then, and others are not."""
EFFECTS = ["step.application", "step.shipment", "undo.shipment", "undo.application"]


def hub_at(
    folder: Path, name: str, dsn: str, bus: str, far: IdempotentFarSide, refusing: IdempotentFarSide
) -> HubProcess:
    """One of the hubs."""
    folder = folder / name
    folder.mkdir()

    def rest(at: IdempotentFarSide) -> dict[str, object]:
        settings = {"url": at.url, "mode": "binary"}
        return {"system": "far", "connector": "rest", "on_dead": "continue", "settings": settings}

    sends = [APPLICATION, CLOSED, SHIPMENT, NOTICE, REVOKED, ENDED]
    deployment = {
        "hub": {"name": name, "listen": "127.0.0.1:0"},
        "journal": dsn,
        "bus": bus,
        "systems": {
            "portal": {"keys": [digest_of(SENDER)], "sends": [APPLICATION], "speaks": {"contracts": {"*": [1, 2]}}},
            "saga": {"sends": sends, "speaks": {"contracts": {"*": [1, 2]}}},
            "far": {"speaks": {"contracts": {"*": [1, 2]}}},
        },
        "operators": {"keeper": {"keys": [digest_of(OPERATOR)], "may": ["read", "act"]}},
        "destinations": {
            "saga": {"system": "saga", "connector": "transaction", "on_dead": "continue", "settings": STEPS},
            "far": rest(far),
            "refusing": rest(refusing),
            "ends": {"system": "portal", "connector": "mailbox"},
        },
    }
    routes: list[dict[str, Any]] = [
        {"name": "begins", "when": {"contract": APPLICATION, "source": "portal"}, "to": ["saga"]},
        {
            "name": "steps",
            "when": {"contract": [APPLICATION, CLOSED, SHIPMENT, REVOKED], "source": "saga"},
            "to": ["far"],
        },
        {"name": "last", "when": {"contract": NOTICE}, "to": ["refusing"]},
        {"name": "ended", "when": {"contract": ENDED}, "to": ["ends"]},
    ]
    return HubProcess(write_deployment(folder, deployment, list(routes)))


def application(case: str) -> bytes:
    """What begins a transaction."""
    known = builtin().versions(APPLICATION)[0]
    envelope = {"specversion": "1.0", "id": f"{case}-begins", "source": "portal", "type": APPLICATION, "subject": case}
    return orjson.dumps(
        {**envelope, "dataschema": known.schema_uri, "data": {**known.examples[0].data, "case_no": case}}
    )


class Sender:
    """Repeats what was not answered, at whichever hub is up."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.hub: HubProcess | None = None
        self.up = asyncio.Event()

    async def send(self, case: str) -> None:
        headers = {"Authorization": f"Bearer {SENDER}", "Content-Type": "application/cloudevents+json"}
        while True:
            await self.up.wait()
            assert self.hub is not None
            try:
                async with self._http.post(
                    f"{self.hub.url}/v1/messages", data=application(case), headers=headers
                ) as answer:
                    assert answer.status == 202, await answer.text()
                    return
            except (aiohttp.ClientError, ConnectionError):
                await asyncio.sleep(0)

    async def until_undone(self) -> None:
        """Until every transaction is, by the word of the hub that is up."""
        headers = {"Authorization": f"Bearer {OPERATOR}"}
        async with asyncio.timeout(120):
            while True:
                assert self.hub is not None
                async with self._http.get(f"{self.hub.url}/v1/transactions", headers=headers) as answer:
                    found = (await answer.json())["transactions"]
                if [one["standing"] for one in found if one["endedAt"]] == ["undone"] * len(CASES):
                    return
                await asyncio.sleep(0.1)  # because a transaction ends without a call to anybody here


async def names(dsn: str) -> dict[str, tuple[str, str]]:
    """Case and name of every emission of a step or a compensation, by the id of its event."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "select m.sender_id, m.case_no, e.name from emission e join message m on m.id = e.message_id"
        )
        return {row["sender_id"]: (row["case_no"], row["name"]) for row in rows}
    finally:
        await connection.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("point", list(Point))
@pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True)
async def test_another_hub_carries_on_what_a_killed_one_was_in_the_middle_of(
    point: Point, journal_dsn: str, rabbit_node: RabbitNode, tmp_path: Path
) -> None:
    bus = await rabbit_node.virtual_host(f"transactions-{point.value.replace('.', '-')}")
    async with (
        idempotent_far_side() as far,
        idempotent_far_side() as refusing,
        aiohttp.ClientSession() as http,
    ):
        refusing.refuses = True
        one, two = (hub_at(tmp_path, name, journal_dsn, bus, far, refusing) for name in ("one", "two"))
        sender = Sender(http)
        try:
            await one.start({VARIABLE: f"{point.value}:{CRASH_AT}"})
            sender.hub = one
            sender.up.set()
            sending = [asyncio.create_task(sender.send(case)) for case in CASES]
            assert await asyncio.wait_for(one.died(), 90) == -signal.SIGKILL, one.log()
            sender.up.clear()
            assert len(far.effects) < len(CASES) * len(EFFECTS), "it died in the middle"
            await two.start()
            sender.hub = two
            sender.up.set()
            await asyncio.gather(*sending)
            await sender.until_undone()
            assert await two.stop() == 0, two.log()
        finally:
            for hub in (one, two):
                if hub.running:
                    await hub.kill()
    known = await names(journal_dsn)
    effects: dict[str, list[str]] = {}
    for _, event in far.effects:
        case, name = known[event]
        effects.setdefault(case, []).append(name)
    for case in CASES:
        revoked = [name for name in effects[case] if name == "undo.notice"]
        assert effects[case] == [*EFFECTS[:2], *revoked[:1], *EFFECTS[2:]], "each once, and the last one first"
    assert refusing.effects == []
