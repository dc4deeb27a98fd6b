# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub that dies while messages wait, are let out, or teach a number: nothing parked is lost, none is let out twice, and every
case is delivered in its lawful order.

Real processes and a real database. First at every named point of the path, then in the middle of the very transactions: the
test holds a row that they need, kills the hub while it waits for it, and lets go.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import asyncpg
import orjson
import pytest

from certs.api_key import digest_of
from contracts.bindings.http import write_structured
from contracts.cloudevent import CloudEvent
from hub.ports.crash import VARIABLE
from hub.ports.probe import Point
from tests.support.far_sides import IdempotentFarSide, idempotent_far_side
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.hubs import APPLICATION, event

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True)

ACCEPTED, STEP, CLOSED, LICENCE = (
    "cn.gov.acceptance.decided", "cn.gov.process.step", "cn.gov.completion.decided", "cn.gov.licence.issued",
)  # fmt: skip
CASES = 12
CRASH_AT = 2
KEY = "ghk_made-up-department"
CASE, OWN = "case-1", "BJ-1"
SECONDS = 60


def said(contract: str, id_: str, case: str, **extensions: str) -> CloudEvent:
    return replace(event(case, id_, source="housing", contract=contract), extensions=extensions)


class Department:
    """Says everything again until it has a receipt, which it keeps by the id of the message."""

    def __init__(self, http: aiohttp.ClientSession, hub: HubProcess) -> None:
        self._http = http
        self._hub = hub
        self.up = asyncio.Event()

    async def say(self, *messages: CloudEvent) -> None:
        for one in messages:
            while not await self._said(one):
                pass

    async def _said(self, one: CloudEvent) -> bool:
        await self.up.wait()
        content_type, body = write_structured(one)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": content_type}
        try:
            async with self._http.post(f"{self._hub.url}/v1/messages", data=body, headers=headers) as answer:
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, ConnectionError):
            await asyncio.sleep(0)
            return False
        assert answer.status == 202, told
        return True


@asynccontextmanager
async def town(
    dsn: str, folder: Path, *, manner: str = "either", wait_hours: float = 24
) -> AsyncIterator[tuple[HubProcess, Department, IdempotentFarSide]]:
    """A department whose numbers are its own and whose cases are held to the rules, and a portal that wants all it says."""
    async with idempotent_far_side() as portal, aiohttp.ClientSession() as http:
        beside = {} if manner == "own" else {"own_numbers": [{"attribute": "deptcaseno"}]}
        config = write_deployment(
            folder,
            {
                "hub": {"name": "crash", "listen": "127.0.0.1:0"},
                "journal": dsn,
                "bus": "memory",
                "lifecycle": {"policy": "enforce", "wait_hours": wait_hours},
                "systems": {
                    "housing": {
                        "keys": [digest_of(KEY)],
                        "sends": ["*"],
                        "any_case": True,
                        "case_numbers": {"manner": manner},
                        **beside,
                    },
                    "portal": {},
                },
                "destinations": {
                    "portal": {
                        "system": "portal",
                        "connector": "rest",
                        "settings": {"url": portal.url, "mode": "binary"},
                    }
                },
            },
            [{"name": "all", "when": {}, "to": ["portal"]}],
        )
        hub = HubProcess(config)
        try:
            yield hub, Department(http, hub), portal
        finally:
            if hub.running:
                await hub.kill()


@pytest.mark.parametrize("point", list(Point))
async def test_a_death_at_any_point_loses_and_repeats_nothing_that_was_parked(
    point: Point, journal_dsn: str, tmp_path: Path
) -> None:
    async with town(journal_dsn, tmp_path) as (hub, department, portal):
        await hub.start({VARIABLE: f"{point.value}:{CRASH_AT}"})
        department.up.set()
        saying = [
            asyncio.create_task(
                department.say(
                    said(LICENCE, f"{n}-licence", f"case-{n}"),
                    said(CLOSED, f"{n}-closed", f"case-{n}"),
                    said(ACCEPTED, f"{n}-accepted", f"case-{n}", deptcaseno=f"BJ-{n}"),
                    said(STEP, f"{n}-step", f"BJ-{n}"),
                )
            )
            for n in range(CASES)
        ]
        assert await asyncio.wait_for(hub.died(), SECONDS) == -signal.SIGKILL, "it died at the point"
        department.up.clear()
        await hub.start()
        department.up.set()
        await asyncio.wait_for(asyncio.gather(*saying), SECONDS)
        await portal.until(4 * CASES, SECONDS)
        assert await hub.stop() == 0, hub.log()
        lawful = {
            f"case-{n}": [f"{n}-{one}" for one in ("accepted", "closed", "licence", "step")] for n in range(CASES)
        }
        assert by_case(portal) == lawful
    stands = await standing(journal_dsn)
    assert stands == {
        "parked": 0,
        "open": 0,
        "settled": 4 * CASES,
        "released": 2 * CASES,
        "aliases": CASES,
        "disputed": 0,
    }


async def test_a_death_in_the_middle_of_passing_on(journal_dsn: str, tmp_path: Path) -> None:
    async with town(journal_dsn, tmp_path, wait_hours=0.0003) as (hub, department, portal):
        await begun(hub, department, portal)
        async with holding(journal_dsn, "select from lane where case_no = $1 for update", CASE) as held:
            await department.say(said(CLOSED, "closed", CASE))
            await held.wanted()
            await hub.kill()
        await hub.start()  # its time is past by now
        await portal.until(2, SECONDS)
        assert await hub.stop() == 0, hub.log()
        assert by_case(portal) == {CASE: ["applied", "closed"]}
        assert portal.marks == {"closed": "R03"}
    assert await released(journal_dsn) == ["passed_on"]


async def test_a_death_in_the_middle_of_letting_out(journal_dsn: str, tmp_path: Path) -> None:
    async with town(journal_dsn, tmp_path) as (hub, department, portal):
        await begun(hub, department, portal)
        await department.say(said(LICENCE, "licence", CASE), said(CLOSED, "closed", CASE))
        async with holding(journal_dsn, "select from lane where case_no = $1 for update", CASE) as held:
            saying = asyncio.create_task(department.say(said(ACCEPTED, "accepted", CASE)))
            await held.wanted()
            department.up.clear()
            await hub.kill()
        assert not saying.done()
        await hub.start()
        department.up.set()
        await asyncio.wait_for(saying, SECONDS)
        await portal.until(4, SECONDS)
        assert await hub.stop() == 0, hub.log()
        assert by_case(portal) == {CASE: ["applied", "accepted", "closed", "licence"]}
        assert portal.marks == {}
    assert await released(journal_dsn) == ["released", "released"]


async def test_a_death_while_a_number_is_learned(journal_dsn: str, tmp_path: Path) -> None:
    taking = "insert into case_alias (system, number, case_no, learned_at) values ('housing', $1, 'x', now())"
    async with town(journal_dsn, tmp_path) as (hub, department, portal):
        await begun(hub, department, portal)
        async with holding(journal_dsn, taking, OWN) as held:
            saying = asyncio.create_task(department.say(said(ACCEPTED, "accepted", CASE, deptcaseno=OWN)))
            await held.wanted()
            department.up.clear()
            await hub.kill()
        await hub.start()
        assert (await standing(journal_dsn))["aliases"] == 0, "what was not accepted taught nothing"
        department.up.set()
        await asyncio.wait_for(saying, SECONDS)
        await department.say(said(STEP, "step", OWN))
        await portal.until(3, SECONDS)
        assert await hub.stop() == 0, hub.log()
        assert by_case(portal) == {CASE: ["applied", "accepted", "step"]}
    assert (await standing(journal_dsn))["aliases"] == 1


async def test_a_death_while_a_message_is_given_its_case(journal_dsn: str, tmp_path: Path) -> None:
    async with town(journal_dsn, tmp_path, manner="own") as (hub, department, portal):
        await hub.start()
        department.up.set()
        await told(journal_dsn, "BJ-0", CASE)
        await department.say(said(ACCEPTED, "accepted", "BJ-0"))
        await portal.until(1, SECONDS)
        await department.say(said(STEP, "step", OWN), said(CLOSED, "closed", OWN))
        async with holding(journal_dsn, "select from lane where case_no = $1 for update", CASE) as held:
            await told(journal_dsn, OWN, CASE)
            await held.wanted()
            await hub.kill()
        await hub.start()
        await portal.until(3, SECONDS)
        assert await hub.stop() == 0, hub.log()
        assert by_case(portal) == {CASE: ["accepted", "step", "closed"]}
    assert await released(journal_dsn) == ["resolved", "resolved"]


async def begun(hub: HubProcess, department: Department, portal: IdempotentFarSide) -> None:
    """The hub is up, and the case has a lane."""
    await hub.start()
    department.up.set()
    await department.say(said(APPLICATION, "applied", CASE))
    await portal.until(1, SECONDS)


class Held:
    """A row that is held: whoever needs it waits."""

    def __init__(self, watching: asyncpg.Connection, holder: int) -> None:
        self._watching = watching
        self._holder = holder

    async def wanted(self) -> None:
        """Wait until somebody does."""
        async with asyncio.timeout(SECONDS):
            while not await self._watching.fetchval(
                "select count(*) from pg_stat_activity where $1 = any(pg_blocking_pids(pid))", self._holder
            ):
                pass


@asynccontextmanager
async def holding(dsn: str, statement: str, value: str) -> AsyncIterator[Held]:
    """What the statement locks stays locked until the block ends; then it is as if it had never been."""
    holder, watching = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    try:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute(statement, value)
        yield Held(watching, holder.get_server_pid())
        await transaction.rollback()
    finally:
        await holder.close()
        await watching.close()


async def told(dsn: str, number: str, case: str) -> None:
    """As an import says it."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "insert into case_alias (system, number, case_no, learned_at) values ('housing', $1, $2, now())",
            number,
            case,
        )
    finally:
        await connection.close()


def by_case(portal: IdempotentFarSide) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for case, id_ in portal.effects:
        found.setdefault(case, []).append(id_)
    return found


async def standing(dsn: str) -> Mapping[str, int]:
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow(
            "select (select count(*) from parked) as parked, (select count(*) from delivery_open) as open,"
            " (select count(*) from settlement where state = 'delivered') as settled,"
            " (select count(*) from leaf where kind = 'released') as released,"
            " (select count(*) from case_alias) as aliases, (select count(*) from case_alias where disputed) as disputed"
        )
        assert row is not None
        return dict(row)
    finally:
        await connection.close()


async def released(dsn: str) -> list[str]:
    """How each message was let out, by the evidence."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("select statement from leaf where kind = 'released'")
        return sorted(orjson.loads(row["statement"])["how"] for row in rows)
    finally:
        await connection.close()
