# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Packages through whole hubs: divided, handed over in order, and put together again, whatever parts come to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Delivered, Idempotency, Rejected, Rendering
from contracts.families.fields import BEIJING
from contracts.legal_clock.green_channel import GreenChannel
from contracts.supervision.calendar import YearOfDays
from hub.legal_clock import LegalClock
from hub.ports.journal import State
from hub.processors.package.config import PackageConfig
from hub.processors.package.divider import Divider
from hub.workers.processing import take_turns
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.journals import SteppedClock
from tests.support.notices import Listener
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

FOOD, FIRE = "1151050200000000084000131014000", "1151050200000002704000000000000"
ROUTES = f"""\
  - {{name: packages, when: {{contract: cn.gov.package.submitted}}, to: [packages]}}
  - {{name: food, when: {{contract: cn.gov.application.submitted, item: "{FOOD}"}}, to: [food]}}
  - {{name: fire, when: {{contract: cn.gov.application.submitted, item: "{FIRE}"}}, to: [fire]}}
  - name: results
    when: {{contract: [cn.gov.acceptance.decided, cn.gov.completion.decided, cn.gov.correction.requested]}}
    to: [packages, portal]
  - {{name: told, when: {{contract: [cn.gov.package.divided, cn.gov.package.progressed]}}, to: [portal]}}
"""
FINAL = replace(POLICY, idempotency=Idempotency.NATIVE, dead_continues=True)
IN_TURN: dict[str, Any] = {
    "items": {
        FOOD: {
            "department_code": "115105020000000008",
            "promised_days": 8,
            "department_name": "示例区市场监督管理局（测试）",
        },
        FIRE: {"department_code": "115105020000000270", "after": [FOOD], "promised_days": 8},
    }
}
BESIDE: dict[str, Any] = {
    "items": {
        FOOD: {"department_code": "115105020000000008"},
        FIRE: {"department_code": "115105020000000270"},
    }
}


@dataclass
class Town:
    rig: Rig
    food: ScriptedSink
    fire: ScriptedSink
    portal: ScriptedSink
    listener: Listener

    async def submit(self, no: str = "TC-1", id_: str | None = None, **changes: Any) -> UUID:
        plain = event(no, id_, contract="cn.gov.package.submitted")
        assert isinstance(plain.data, dict)
        return await self.rig.accept(replace(plain, data={**plain.data, **changes}))

    async def close(self, case: str, result: str = "permitted", id_: str | None = None, **changes: Any) -> UUID:
        plain = event(case, id_ or f"{case}-closed", contract="cn.gov.completion.decided")
        reason = {"reason": "测试"} if result in ("denied", "returned") else {}
        data = {"case_no": case, "result": result, "completed_at": "2026-03-11T15:00:00+08:00", **reason, **changes}
        schema = (plain.dataschema or "").replace(":1", ":2" if result == "withdrawn" else ":1")
        return await self.rig.accept(replace(plain, data=data, dataschema=schema))

    async def accepted(self, case: str, decision: str = "accepted") -> UUID:
        plain = event(case, f"{case}-taken", contract="cn.gov.acceptance.decided")
        assert isinstance(plain.data, dict)
        reason = {"reason": "测试"} if decision == "refused" else {}
        return await self.rig.accept(replace(plain, data={**plain.data, "decision": decision, **reason}))

    async def until(self, enough: Callable[[], bool]) -> None:
        machine = self.rig.hub.outlets["packages"].machine
        assert machine is not None
        async with asyncio.timeout(30):
            while not enough():
                await take_turns(self.rig.hub, {"packages": machine})
                self.rig.clock.step(seconds=0.5)
                await asyncio.sleep(0)

    async def until_told(self, *standings: str) -> dict[str, Any]:
        """Until the last progress told says so of the parts, in their order."""

        def says() -> bool:
            told = self.told("cn.gov.package.progressed")
            return bool(told) and tuple(one["standing"] for one in told[-1]["parts"]) == standings

        await self.until(says)
        return self.told("cn.gov.package.progressed")[-1]

    def told(self, contract: str) -> list[dict[str, Any]]:
        bodies = [orjson.loads(parcel.body) for parcel in self.portal.arrived]
        return [one["data"] for one in bodies if one["type"] == contract]

    @staticmethod
    def applied(sink: ScriptedSink) -> list[str]:
        return [orjson.loads(parcel.body)["data"]["case_no"] for parcel in sink.arrived]


@asynccontextmanager
async def town(
    dsn: str,
    settings: dict[str, Any],
    *,
    name: str = "hub-1",
    clock: SteppedClock | None = None,
    legal: LegalClock | None = None,
    **scripts: Any,
) -> AsyncIterator[Town]:
    food, fire, portal = ScriptedSink(scripts.get("food")), ScriptedSink(scripts.get("fire")), ScriptedSink()
    listener = Listener()
    destinations = {
        "packages": Destination(
            sink=portal,
            processor=Divider(PackageConfig.model_validate(settings), legal or LegalClock()),
            answers=listener,
            rendering=Rendering.DATA,
            policy=FINAL,
        ),
        "food": Destination(sink=food, policy=FINAL),
        "fire": Destination(sink=fire, policy=FINAL),
        "portal": Destination(sink=portal),
    }
    async with hub_on(dsn, destinations, routes=ROUTES, name=name, clock=clock) as rig, at_work(rig.hub):
        yield Town(rig, food, fire, portal, listener)


class TestDividing:
    async def test_every_item_becomes_a_case_of_its_department(self, dsn: str) -> None:
        async with town(dsn, BESIDE) as here:
            await here.submit()
            await here.until(lambda: bool(here.food.arrived and here.fire.arrived))
            (sent,) = (orjson.loads(parcel.body)["data"] for parcel in here.food.arrived)
            await here.until(lambda: bool(here.told("cn.gov.package.divided")))
            (divided,) = here.told("cn.gov.package.divided")
        assert (sent["case_no"], sent["package_no"], sent["department_code"]) == (
            "TC-1-01",
            "TC-1",
            "115105020000000008",
        )
        assert sent["applicant"]["name"] == "测试申请人甲"
        assert [one["case_no"] for one in divided["parts"]] == ["TC-1-01", "TC-1-02"]
        assert here.applied(here.fire) == ["TC-1-02"]

    async def test_a_part_waits_for_the_one_before_it_and_for_nothing_else(self, dsn: str) -> None:
        async with town(dsn, IN_TURN) as here:
            await here.submit()
            await here.until(lambda: bool(here.food.arrived))
            await here.accepted("TC-1-01")
            await here.close("TC-1-01")
            await here.until_told("done", "waiting")
            await here.until(lambda: bool(here.fire.arrived))
            await here.until(lambda: len(here.told("cn.gov.package.divided")) == 2)
            first, second = here.told("cn.gov.package.divided")
        assert first["parts"][1]["after"] == ["TC-1-01"]
        assert first["parts"][0]["promised_on"] > first["divided_at"][:10]
        assert (first["record_version"], second["record_version"]) == (1, 2)
        assert second["parts"][0]["promised_on"] == first["parts"][0]["promised_on"]
        assert [one["parts"][1].get("promised_on") is not None for one in (first, second)] == [False, True]

    async def test_an_item_that_nobody_handles_is_refused_whole(self, dsn: str) -> None:
        async with town(dsn, {"items": {FOOD: IN_TURN["items"][FOOD]}}) as here:
            message = await here.submit()
            await here.rig.until_state(State.DEAD)
            (delivery,) = (await here.rig.view(message)).deliveries
        assert delivery.code == "PACKAGE_ITEM_UNKNOWN"
        assert here.food.arrived == []


class TestDeadlines:
    async def test_they_go_by_the_deployment_s_calendar_and_its_green_channel(self, dsn: str) -> None:
        off = YearOfDays(off=frozenset({date(2026, 3, 3), date(2026, 3, 4)}))
        legal = LegalClock(calendar={2026: off}, green=GreenChannel(0.5, {FIRE: None, FOOD: 1}))
        days = {"promised_days": 3, "statutory_days": 4}
        settings = {"items": {item: {**one, **days} for item, one in BESIDE["items"].items()}}
        clock = SteppedClock()
        clock.moment = datetime(2026, 3, 2, 10, tzinfo=BEIJING)
        async with town(dsn, settings, clock=clock, legal=legal) as here:
            await here.submit()
            await here.until(lambda: bool(here.told("cn.gov.package.divided")))
            (divided,) = here.told("cn.gov.package.divided")
        assert [one["promised_on"] for one in divided["parts"]] == ["2026-03-05", "2026-03-06"]
        assert {one["statutory_on"] for one in divided["parts"]} == {"2026-03-10"}

    async def test_a_day_of_a_year_that_nobody_told_is_told_when_the_year_is_known(self, dsn: str) -> None:
        clock = SteppedClock()
        async with town(dsn, IN_TURN, clock=clock, legal=LegalClock(calendar={})) as here:
            await here.submit()
            await here.until(lambda: bool(here.told("cn.gov.package.divided")))
            (undated,) = here.told("cn.gov.package.divided")
            (lacking, *_) = here.rig.logged("calendar year unknown, a limit is missing")
        assert "promised_on" not in undated["parts"][0]
        assert (lacking["year"], lacking["log_level"]) == (clock.now().year, "error")
        clock.step(seconds=2 * 86_400)
        async with town(dsn, IN_TURN, name="hub-2", clock=clock) as here:
            await here.until(lambda: bool(here.told("cn.gov.package.divided")))
            (dated,) = here.told("cn.gov.package.divided")
        assert "promised_on" in dated["parts"][0]
        assert (undated["record_version"], dated["record_version"]) == (1, 2)


class TestPuttingTogether:
    @pytest.mark.parametrize(
        ("results", "standings", "outcome"),
        [
            (("permitted", "issued"), ("done", "done"), "completed"),
            (("permitted", "denied"), ("done", "refused"), "partly"),
            (("denied", "returned"), ("refused", "refused"), "failed"),
            (("withdrawn", "withdrawn"), ("withdrawn", "withdrawn"), "withdrawn"),
        ],
    )
    async def test_the_package_comes_to_what_its_parts_come_to(
        self, dsn: str, results: Sequence[str], standings: Sequence[str], outcome: str
    ) -> None:
        async with town(dsn, BESIDE) as here:
            await here.submit()
            await here.until(lambda: bool(here.food.arrived and here.fire.arrived))
            for number, result in enumerate(results):
                licence = {"licence_name": "测试证照"} if result == "issued" else {}
                await here.close(f"TC-1-{number + 1:02}", result, **licence)
            last = await here.until_told(*standings)
            await here.until(lambda: bool(here.listener.told))
        assert last["outcome"] == outcome
        assert "concluded_at" in last
        (answer,) = here.listener.outcomes
        assert isinstance(answer, Delivered)
        assert answer.receipt.startswith(outcome)

    async def test_a_refusal_leaves_what_waits_for_it_unbegun(self, dsn: str) -> None:
        async with town(dsn, IN_TURN) as here:
            await here.submit()
            await here.until(lambda: bool(here.food.arrived))
            await here.accepted("TC-1-01", "refused")
            last = await here.until_told("refused", "not_started")
        assert last["outcome"] == "failed"
        assert here.fire.arrived == []

    async def test_a_withdrawn_package_begins_nothing_more(self, dsn: str) -> None:
        async with town(dsn, IN_TURN) as here:
            await here.submit()
            await here.until(lambda: bool(here.food.arrived))
            await here.close("TC-1", "withdrawn")
            await here.until_told("submitted", "not_started")
            await here.close("TC-1-01")
            last = await here.until_told("done", "not_started")
        assert last["outcome"] == "withdrawn"
        assert here.fire.arrived == []

    async def test_a_late_result_corrects_what_was_told(self, dsn: str) -> None:
        async with town(dsn, {**BESIDE, "give_up_days": 1}) as here:
            await here.submit()
            await here.until(lambda: bool(here.food.arrived and here.fire.arrived))
            await here.close("TC-1-01")
            await here.until_told("done", "submitted")
            here.rig.clock.step(seconds=2 * 86_400)
            first = await here.until_told("done", "overdue")
            await here.until(lambda: bool(here.listener.told))
            await here.close("TC-1-02")
            second = await here.until_told("done", "done")
        assert (first["outcome"], second["outcome"]) == ("partly", "completed")
        assert second["record_version"] > first["record_version"]

    async def test_a_correction_of_a_result_counts_and_an_older_one_does_not(self, dsn: str) -> None:
        async with town(dsn, BESIDE) as here:
            await here.submit()
            await here.until(lambda: bool(here.food.arrived and here.fire.arrived))
            await here.close("TC-1-01", "denied", record_version=1)
            await here.until_told("refused", "submitted")
            await here.close("TC-1-01", "permitted", "again", record_version=3)
            await here.until_told("done", "submitted")
            await here.close("TC-1-01", "denied", "older", record_version=2)
            await here.close("TC-1-02")
            assert (await here.until_told("done", "done"))["outcome"] == "completed"

    async def test_what_is_said_of_other_cases_passes_by(self, dsn: str) -> None:
        async with town(dsn, BESIDE) as here:
            message = await here.close("somebody-else-s")
            await here.rig.until_state(State.DELIVERED, 2)
            states = {one.destination: one.state for one in (await here.rig.view(message)).deliveries}
        assert states == {"packages": State.DELIVERED, "portal": State.DELIVERED}

    async def test_a_dead_letter_is_a_part_that_is_not_over(self, dsn: str) -> None:
        async with town(dsn, BESIDE, fire={"TC-1-02": [Rejected("NOT_TODAY")]}) as here:
            await here.submit()
            await here.rig.until_state(State.DEAD)
            await here.close("TC-1-01")
            last = await here.until_told("done", "submitted")
        assert last["outcome"] == "under_way"
        assert here.listener.told == []

    async def test_a_second_package_of_the_same_number_is_refused(self, dsn: str) -> None:
        async with town(dsn, BESIDE) as here:
            await here.submit()
            await here.until(lambda: bool(here.food.arrived))
            message = await here.submit(id_="again")
            await here.rig.until_state(State.DEAD)
            (delivery,) = (await here.rig.view(message)).deliveries
        assert delivery.code == "PACKAGE_NUMBER_TAKEN"
        assert here.applied(here.food) == ["TC-1-01"]


class TestSeveralHubs:
    async def test_two_hubs_divide_and_put_together_once(self, dsn: str) -> None:
        clock = SteppedClock()
        async with town(dsn, BESIDE, clock=clock) as one, town(dsn, BESIDE, name="hub-2", clock=clock) as two:
            for number in range(10):
                await (one, two)[number % 2].submit(f"TC-{number}")
            towns = (one, two)

            def sent() -> list[str]:
                return [no for here in towns for sink in (here.food, here.fire) for no in here.applied(sink)]

            await _both(towns, lambda: len(sent()) >= 20)
            for number, case in enumerate(sorted(sent())):
                await towns[number % 2].close(case)

            def concluded() -> list[str]:
                told = [said for here in towns for said in here.told("cn.gov.package.progressed")]
                return [said["package_no"] for said in told if said["outcome"] == "completed"]

            await _both(towns, lambda: len(set(concluded())) >= 10)
        assert len(sent()) == len(set(sent())) == 20
        assert len(concluded()) == 10, "each result was told once"


async def _both(towns: Sequence[Town], enough: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not enough():
            for here in towns:
                machine = here.rig.hub.outlets["packages"].machine
                assert machine is not None
                await take_turns(here.rig.hub, {"packages": machine})
            towns[0].rig.clock.step(seconds=0.5)
            await asyncio.sleep(0)
