# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sealing before delivery through whole hubs: no licence goes on without its seal, and none is sealed twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Delivered, Idempotency, Parcel, Rejected, Rendering
from hub.ports.journal import State
from hub.processors.sealing.config import SealingConfig
from hub.processors.sealing.sealer import Sealer
from hub.workers.processing import take_turns
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.notices import Listener
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

ITEM = "1151050200000000084000131014000"
PLAIN, SEALED = "sha256:" + "0c" * 32, "sha256:" + "0e" * 32
ROUTES = """\
  - {name: unsealed, when: {contract: cn.gov.licence.issued, source: portal}, to: [sealing]}
  - {name: sealed, when: {contract: cn.gov.licence.issued, source: sealing}, to: [citizen]}
  - {name: tasks, when: {contract: cn.gov.seal.requested}, to: [seals]}
  - {name: results, when: {contract: cn.gov.seal.completed}, to: [sealing]}
  - {name: withdrawals, when: {contract: cn.gov.seal.withdrawn}, to: [seals, sealing]}
"""
FINAL = replace(POLICY, idempotency=Idempotency.NATIVE, dead_continues=True)
UNSEALED = Parcel(
    idempotency_key="k",
    content_type="application/json",
    body=orjson.dumps({"digest": PLAIN, "item_code": ITEM}),
    attributes={"type": "cn.gov.licence.issued"},
)
SEAL = {"seal_id": "00000000000000", "department_name": "示例区市场监督管理局（测试）"}


@dataclass
class Town:
    rig: Rig
    seals: ScriptedSink
    citizen: ScriptedSink
    listener: Listener

    async def issue(self, case: str = "c-1", **changes: Any) -> UUID:
        file = {"digest": PLAIN, "size": 1000, "media_type": "application/pdf", "item_code": ITEM}
        return await self._say("cn.gov.licence.issued", "issued", case, **{**file, **changes})

    async def complete(self, task: str, result: str = "done", id_: str = "1", **changes: Any) -> UUID:
        file = {"digest": SEALED, "size": 2000, "media_type": "application/pdf"} if result == "done" else {}
        said = {
            "task_no": task,
            "result": result,
            "original_digest": PLAIN,
            "reason": None if result == "done" else "测试",
            "ended_at": "2026-03-11T14:20:00+08:00",
            "structure": "pades",
            "seal_id": "00000000000000",
            "sealed_at": "2026-03-11T14:19:58+08:00",
        }
        return await self._say("cn.gov.seal.completed", f"{task}-{id_}", "c-1", **{**said, **file, **changes})

    async def withdraw(self, task: str) -> UUID:
        return await self._say("cn.gov.seal.withdrawn", f"{task}-void", "c-1", task_no=task, digest=PLAIN)

    async def task(self) -> dict[str, Any]:
        await self.until(lambda: bool(self.seals.arrived))
        data: dict[str, Any] = orjson.loads(self.seals.arrived[-1].body)["data"]
        return data

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not enough():
                await self.turns()

    async def turns(self) -> None:
        machine = self.rig.hub.outlets["sealing"].machine
        assert machine is not None
        await take_turns(self.rig.hub, {"sealing": machine})
        self.rig.clock.step(seconds=0.5)
        await asyncio.sleep(0)

    async def answered(self) -> Delivered | Rejected:
        await self.until(lambda: bool(self.listener.told))
        return self.listener.outcomes[-1]

    async def _say(self, contract: str, id_: str, case: str, **changes: Any) -> UUID:
        plain = event(case, f"{case}-{id_}", contract=contract)
        assert isinstance(plain.data, dict)
        return await self.rig.accept(replace(plain, data={**plain.data, **changes}))


@asynccontextmanager
async def town(dsn: str, *, overheard: bool = True, **settings: Any) -> AsyncIterator[Town]:
    seals, citizen, listener = ScriptedSink(), ScriptedSink(), Listener()
    config = SealingConfig.model_validate({"seals": {ITEM: SEAL}, **settings})
    destinations = {
        "sealing": Destination(
            sink=citizen,
            processor=Sealer(config),
            answers=listener if overheard else None,
            rendering=Rendering.DATA,
            policy=FINAL,
        ),
        "seals": Destination(sink=seals),
        "citizen": Destination(sink=citizen),
    }
    async with hub_on(dsn, destinations, routes=ROUTES) as rig, at_work(rig.hub):
        yield Town(rig, seals, citizen, listener)


class TestSealing:
    async def test_a_licence_goes_on_with_its_sealed_file_and_not_before(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.issue()
            task = await here.task()
            assert (task["digest"], task["seal_id"]) == (PLAIN, "00000000000000")
            assert here.citizen.arrived == []
            await here.complete(task["task_no"])
            assert await here.answered() == Delivered(SEALED)
            await here.until(lambda: bool(here.citizen.arrived))
        (licence,) = (orjson.loads(parcel.body)["data"] for parcel in here.citizen.arrived)
        assert (licence["digest"], licence["size"]) == (SEALED, 2000)
        assert licence["licence_no"]

    async def test_a_licence_without_a_file_goes_on_as_it_is(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.issue(digest=None, size=None, media_type=None)
            await here.until(lambda: bool(here.citizen.arrived))
        assert here.seals.arrived == []

    @pytest.mark.parametrize("result", ["refused", "withdrawn", "expired", "failed"])
    async def test_what_was_not_sealed_is_a_dead_letter_and_goes_nowhere(self, dsn: str, result: str) -> None:
        async with town(dsn, overheard=False) as here:
            message = await here.issue()
            nothing: Any = dict.fromkeys(("structure", "seal_id", "sealed_at"))
            await here.complete((await here.task())["task_no"], result, **nothing)
            async with asyncio.timeout(30):
                while await here.rig.state(message) is not State.DEAD:
                    await here.turns()
            (delivery,) = (await here.rig.view(message)).deliveries
        assert delivery.code == "SEAL_NOT_SET"
        assert here.citizen.arrived == []

    async def test_a_licence_whose_task_was_taken_back_goes_no_further(self, dsn: str) -> None:
        async with town(dsn, overheard=False) as here:
            message = await here.issue()
            task = (await here.task())["task_no"]
            await here.withdraw(task)
            await here.rig.until(lambda settled: sum(one.claim.destination == "sealing" for one in settled) >= 2)
            await here.turns()
            assert await here.rig.state(message) is State.ACCEPTED  # the seal service decides whether it came in time
            nothing: Any = dict.fromkeys(("structure", "seal_id", "sealed_at"))
            await here.complete(task, "withdrawn", **nothing)
            async with asyncio.timeout(30):
                while await here.rig.state(message) is not State.DELIVERED:
                    await here.turns()
            dead = await here.rig.hub.journal.dead_letters.groups(0, 10)
        assert here.citizen.arrived == []
        assert dead == ()

    async def test_what_was_sealed_before_it_was_taken_back_goes_on(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.issue()
            task = (await here.task())["task_no"]
            await here.withdraw(task)
            await here.complete(task)
            assert await here.answered() == Delivered(SEALED)
            await here.until(lambda: bool(here.citizen.arrived))

    async def test_the_seal_of_another_file_is_not_believed(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.issue()
            await here.complete((await here.task())["task_no"], original_digest=SEALED)
            answer = await here.answered()
        assert isinstance(answer, Rejected)
        assert answer.code == "SEAL_OF_ANOTHER_FILE"
        assert here.citizen.arrived == []

    async def test_a_result_told_twice_sends_the_licence_once(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.issue()
            task = await here.task()
            for id_ in ("1", "2"):
                await here.complete(task["task_no"], id_=id_)
            await here.until(lambda: bool(here.citizen.arrived and here.listener.told))
            await here.rig.until(lambda settled: sum(one.claim.destination == "sealing" for one in settled) >= 3)
            for _ in range(5):
                await here.turns()
        assert len(here.citizen.arrived) == len(here.seals.arrived) == 1

    async def test_nobody_s_answer_is_not_waited_for_for_ever(self, dsn: str) -> None:
        async with town(dsn, longest_hours=1) as here:
            await here.issue()
            await here.task()
            here.rig.clock.step(seconds=3 * 3600)
            answer = await here.answered()
        assert isinstance(answer, Rejected)
        assert answer.code == "SEAL_UNANSWERED"

    async def test_an_item_without_a_seal_is_refused_unless_one_is_for_all(self, dsn: str) -> None:
        async with town(dsn, seals={"another": SEAL}) as here:
            message = await here.issue()
            await here.rig.until_state(State.DEAD)
            (delivery,) = (await here.rig.view(message)).deliveries
        assert delivery.code == "SEAL_NOT_CONFIGURED"
        assert Sealer(SealingConfig.model_validate({"seals": {"*": SEAL}})).refusal(UNSEALED) is None
