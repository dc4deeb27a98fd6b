# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Acceptance with materials to follow (容缺) through whole hubs: told once, and again when something has come or is late."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Delivered, Idempotency, Rendering
from contracts.catalogue import builtin
from contracts.families.fields import BEIJING
from contracts.legal_clock.green_channel import GreenChannel
from hub.case_life import Life, life_of
from hub.legal_clock import LegalClock
from hub.ports.journal import State
from hub.processors.supplementing.config import SupplementingConfig
from hub.processors.supplementing.tracker import Tracker
from hub.workers.processing import take_turns
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.journals import SteppedClock
from tests.support.notices import Listener
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

ITEM = "1151050200000000084000131014000"
MONDAY = datetime(2026, 3, 2, 10, tzinfo=BEIJING)
PLAN, HEALTH = "平面图", "从业人员健康证明"
LEAD, FIRE, FOOD = "115105020000000008", "115105020000000270", "11510502000000035T"
CASE = "c-1"
ROUTES = """\
  - name: life
    when:
      contract:
        - cn.gov.acceptance.decided
        - cn.gov.opinion.given
        - cn.gov.correction.requested
        - cn.gov.correction.supplied
        - cn.gov.material.supplied
        - cn.gov.completion.decided
    to: [following]
  - {name: told, when: {contract: cn.gov.supplement.progressed}, to: [department]}
"""
FINAL = replace(POLICY, idempotency=Idempotency.NATIVE, dead_continues=True)


@dataclass
class Town:
    rig: Rig
    department: ScriptedSink
    listener: Listener

    async def say(self, contract: str, id_: str, **data: Any) -> UUID:
        plain = event(CASE, f"{CASE}-{id_}", contract=f"cn.gov.{contract}")
        assert isinstance(plain.data, dict)
        return await self.rig.accept(replace(plain, data={**plain.data, **data}))

    async def accepted(self, *missing: str, id_: str = "taken", **changes: Any) -> UUID:
        known = builtin().versions("cn.gov.acceptance.decided")[-1]
        told = {"case_no": CASE, "decided_at": MONDAY.isoformat(), "missing_materials": list(missing), **changes}
        plain = event(CASE, f"{CASE}-{id_}", contract=known.type)
        said = {**known.examples[0].data, **told}
        return await self.rig.accept(replace(plain, dataschema=known.schema_uri, data=said))

    async def opined(self, data: dict[str, Any], id_: str = "opinion") -> UUID:
        known = builtin().versions("cn.gov.opinion.given")[-1]
        plain = event(CASE, f"{CASE}-{id_}", contract=known.type)
        return await self.rig.accept(replace(plain, dataschema=known.schema_uri, data=data))

    async def came(self, name: str, id_: str = "", **changes: Any) -> UUID:
        at = (self.rig.clock.now()).isoformat()
        return await self.say("material.supplied", f"{name}{id_}", name=name, supplied_at=at, **changes)

    async def day(self, day: int) -> None:
        """Let it be the evening of that day of March."""
        evening = datetime(2026, 3, day, 18, tzinfo=BEIJING)
        self.rig.clock.step(seconds=(evening - self.rig.clock.now()).total_seconds())
        await self.turns()

    async def turns(self) -> None:
        machine = self.rig.hub.outlets["following"].machine
        assert machine is not None
        await take_turns(self.rig.hub, {"following": machine})
        self.rig.clock.step(seconds=0.5)
        await asyncio.sleep(0)

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not enough():
                await self.turns()

    async def until_told(self, *news: str) -> dict[str, Any]:
        await self.until(lambda: len(self.told) >= len(news))
        assert [one["news"] for one in self.told] == list(news)
        return self.told[-1]

    @property
    def told(self) -> list[dict[str, Any]]:
        return [orjson.loads(parcel.body)["data"] for parcel in self.department.arrived]


@asynccontextmanager
async def town(
    dsn: str,
    *,
    legal: LegalClock | None = None,
    name: str = "hub-1",
    clock: SteppedClock | None = None,
    **settings: Any,
) -> AsyncIterator[Town]:
    config = SupplementingConfig.model_validate({"working_days": 10, **settings})
    department, listener = ScriptedSink(), Listener()
    if clock is None:
        clock = SteppedClock()
        clock.moment = MONDAY + timedelta(minutes=1)
    destinations = {
        "following": Destination(
            sink=department,
            processor=Tracker(config, legal or LegalClock()),
            answers=listener,
            rendering=Rendering.DATA,
            policy=FINAL,
        ),
        "department": Destination(sink=department),
    }
    async with hub_on(dsn, destinations, routes=ROUTES, clock=clock, name=name) as rig, at_work(rig.hub):
        yield Town(rig, department, listener)


def standings(told: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["standing"] for one in told["materials"]}


class TestTheList:
    async def test_it_says_what_by_when_and_who_said_so_once(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.accepted(PLAN, HEALTH, missing_due_on="2026-03-12", missing_consequence="测试后果")
            told = await here.until_told("asked")
            for _ in range(3):
                await here.turns()
        assert len(here.told) == 1
        assert told["missing"] == [PLAN, HEALTH]
        assert {one["due_on"] for one in told["materials"]} == {"2026-03-12"} == {told["due_on"]}
        assert {one["asked_by"] for one in told["materials"]} == {"示例区市场监督管理局（测试）"}
        assert (told["consequence"], told["department_code"]) == ("测试后果", "115105020000000008")

    @pytest.mark.parametrize(
        ("green", "due_on"), [({}, "2026-03-16"), ({ITEM: None}, "2026-03-09"), ({"9*": None}, "2026-03-16")]
    )
    async def test_without_a_day_the_settings_count_and_the_green_channel_shortens_them(
        self, dsn: str, green: dict[str, int | None], due_on: str
    ) -> None:
        async with town(dsn, legal=LegalClock(green=GreenChannel(0.5, green))) as here:
            await here.accepted(PLAN)
            told = await here.until_told("asked")
        assert told["due_on"] == due_on
        assert told["consequence"].startswith("逾期未补齐的")

    async def test_a_notice_of_correction_tells_a_day_of_its_own_whichever_comes_first(self, dsn: str) -> None:
        async with town(dsn) as here:
            notice = {"materials": [{"name": PLAN}], "requested_at": MONDAY.isoformat(), "due_on": "2026-03-05"}
            await here.say("correction.requested", "ask", **notice, department_name="示例窗口（测试）")
            await here.rig.until_state(State.ACCEPTED)
            await here.accepted(PLAN, HEALTH)
            told = await here.until_told("asked")
        assert {one["name"]: one["due_on"] for one in told["materials"]} == {PLAN: "2026-03-05", HEALTH: "2026-03-16"}
        assert told["materials"][0]["asked_by"] == "示例窗口（测试）"

    async def test_a_material_that_may_not_be_missing_makes_a_dead_letter(self, dsn: str) -> None:
        async with town(dsn, items={ITEM: {"materials": [PLAN]}}) as here:
            message = await here.accepted(PLAN, HEALTH)
            await here.rig.until_state(State.DEAD)
            (delivery,) = (await here.rig.view(message)).deliveries
        assert delivery.code == "SUPPLEMENT_NOT_TOLERABLE"

    async def test_an_acceptance_that_lacks_nothing_passes_by(self, dsn: str) -> None:
        async with town(dsn) as here:
            message = await here.accepted()
            await here.rig.until_state(State.DELIVERED)
            assert await here.rig.state(message) is State.DELIVERED
            await here.turns()
        assert here.told == []

    async def test_a_year_that_nobody_told_leaves_the_day_out_aloud_until_it_is_known(self, dsn: str) -> None:
        clock = SteppedClock()
        clock.moment = MONDAY + timedelta(minutes=1)
        async with town(dsn, legal=LegalClock(calendar={}), clock=clock) as here:
            await here.accepted(PLAN)
            undated = await here.until_told("asked")
            assert here.rig.logged("calendar year unknown, a limit is missing")
        clock.step(seconds=86_401)
        async with town(dsn, name="hub-2", clock=clock) as here:
            dated = await here.until_told("asked")
        assert ("due_on" in undated, dated["due_on"]) == (False, "2026-03-16")
        assert (undated["record_version"], dated["record_version"]) == (1, 2)


class TestWhatComes:
    async def test_all_that_has_come_is_told_and_ends_it(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.accepted(PLAN, HEALTH)
            await here.until_told("asked")
            await here.came("平面图 ")
            some = await here.until_told("asked", "supplied")
            files = [{"name": HEALTH, "copies": 1, "collected": True}]
            at = here.rig.clock.now().isoformat()
            await here.say("correction.supplied", "rest", materials=files, supplied_at=at)
            last = await here.until_told("asked", "supplied", "complete")
            await here.until(lambda: bool(here.listener.told))
            life = await life_of(here.rig.hub.case_files, CASE)
        assert standings(some) == {PLAN: "supplied", HEALTH: "awaited"}
        assert some["missing"] == [HEALTH]
        assert not last["missing"]
        assert "due_on" not in last
        told = {(one.reference, one.outcome) for one in here.listener.told}
        ((_, outcome),) = told  # one answer under one reference, which may be told again until it is known to be heard
        assert outcome == Delivered("complete: 2 of 2 supplied")
        assert isinstance(life, Life)
        assert (life.supplement["news"], life.supplement["record_version"]) == ("complete", 3)

    async def test_what_is_not_taken_in_or_is_older_than_the_acceptance_does_not_count(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.accepted(PLAN)
            await here.until_told("asked")
            before = (MONDAY - timedelta(hours=1)).isoformat()
            await here.say("material.supplied", "old", name=PLAN, supplied_at=before)
            await here.came(PLAN, id_="refused", collected=False)
            await here.came(HEALTH)
            await here.rig.until_state(State.DELIVERED, 4)
            for _ in range(3):
                await here.turns()
        assert len(here.told) == 1

    async def test_what_is_late_is_told_and_still_counts_when_it_comes(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.accepted(PLAN, missing_due_on="2026-03-05")
            await here.until_told("asked")
            await here.day(4)
            assert len(here.told) == 1
            await here.day(5)
            late = await here.until_told("asked", "overdue")
            assert here.listener.told == []
            await here.came(PLAN)
            await here.until_told("asked", "overdue", "complete")
        assert standings(late) == {PLAN: "overdue"}

    async def test_the_time_may_be_longer_once(self, dsn: str) -> None:
        async with town(dsn, overdue="extend", extension_working_days=2) as here:
            await here.accepted(PLAN, missing_due_on="2026-03-05")
            await here.until_told("asked")
            await here.day(5)
            longer = await here.until_told("asked", "extended")
            await here.day(9)
            late = await here.until_told("asked", "extended", "overdue")
            await here.day(20)
        assert (longer["due_on"], late["due_on"]) == ("2026-03-09", "2026-03-09")
        assert len(here.told) == 3

    async def test_a_corrected_acceptance_replaces_the_list(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.accepted(PLAN, HEALTH, record_version=1)
            await here.until_told("asked")
            await here.accepted(HEALTH, id_="again", record_version=2)
            told = await here.until_told("asked", "asked")
        assert told["missing"] == [HEALTH]

    async def test_a_case_that_is_closed_waits_for_nothing(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.accepted(PLAN)
            await here.until_told("asked")
            await here.say("completion.decided", "done", completed_at=here.rig.clock.now().isoformat())
            await here.until(lambda: bool(here.listener.told))
            await here.day(30)
        assert len(here.told) == 1
        assert here.listener.outcomes == [Delivered("closed: 0 of 1 supplied")]


def opinion(department: str, *missing: str, at: datetime = MONDAY, **changes: Any) -> dict[str, Any]:
    """What a department says to the one that leads; it agrees if materials follow."""
    said: dict[str, Any] = {
        "case_no": CASE,
        "consultation_no": "YJ-1",
        "department_code": department,
        "department_name": f"部门 {department[-3:]}（测试）",
        "lead_department_code": LEAD,
        "opinion": "conditions" if missing else "agree",
        "given_at": at.isoformat(),
    }
    if missing:
        said |= {"conditions": "材料补齐后有效", "missing_materials": list(missing)}
    return {**said, **changes}


class TestOpinions:
    """An opinion with conditions in a parallel approval lets materials follow as an acceptance does."""

    async def test_its_list_is_told_and_followed_until_it_has_come(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.opined(opinion(FIRE, PLAN, missing_due_on="2026-03-12", missing_consequence="意见失效（测试）"))
            told = await here.until_told("asked")
            await here.came(PLAN)
            done = await here.until_told("asked", "complete")
        (material,) = told["materials"]
        assert (material["due_on"], material["asked_by"]) == ("2026-03-12", "部门 270（测试）")
        assert (told["department_code"], told["consequence"]) == (LEAD, "意见失效（测试）")
        assert standings(done) == {PLAN: "supplied"}
        assert here.listener.outcomes == [Delivered("complete: 1 of 1 supplied")]

    async def test_it_is_added_to_what_the_acceptance_lets_follow_and_repeats_nothing(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.accepted(PLAN, missing_due_on="2026-03-10", missing_consequence="一")
            await here.until_told("asked")
            later = MONDAY + timedelta(seconds=30)
            await here.opined(
                opinion(FIRE, PLAN, HEALTH, at=later, missing_due_on="2026-03-12", missing_consequence="二")
            )
            told = await here.until_told("asked", "asked")
            await here.opined(opinion(FOOD, at=later), "agrees")
            await here.came(HEALTH)
            await here.until_told("asked", "asked", "supplied")
        assert [(one["name"], one["due_on"]) for one in told["materials"]] == [
            (PLAN, "2026-03-10"),
            (HEALTH, "2026-03-12"),
        ]
        assert told["consequence"] == "一；二"
        assert told["record_version"] == 2

    async def test_what_came_before_the_opinion_was_not_what_it_asks_for(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.accepted(HEALTH)
            await here.came(PLAN)
            await here.opined(opinion(FIRE, PLAN, at=here.rig.clock.now() + timedelta(hours=1)))
            told = await here.until_told("asked", "asked")
        assert standings(told) == {HEALTH: "awaited", PLAN: "awaited"}

    async def test_a_corrected_opinion_takes_the_place_of_the_one_before(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.opined(opinion(FIRE, PLAN, HEALTH))
            await here.until_told("asked")
            await here.opined(opinion(FIRE, HEALTH, record_version=2), "corrected")
            told = await here.until_told("asked", "asked")
            await here.opined(opinion(FIRE, PLAN), "late")
            await here.opined(opinion(FIRE, record_version=3), "agrees")
            await here.turns()
            await here.came(PLAN)
            await here.say("completion.decided", "end")
            await here.until(lambda: bool(here.listener.told))
        assert standings(told) == {HEALTH: "awaited"}
        assert here.listener.outcomes == [Delivered("nothing was missing")]

    async def test_one_that_wants_what_may_not_follow_is_a_dead_letter(self, dsn: str) -> None:
        items = {ITEM: {"materials": [HEALTH]}}
        async with town(dsn, items=items) as here:
            message = await here.opined(opinion(FIRE, PLAN, item_code=ITEM))
            await here.rig.until_state(State.DEAD)
            (delivery,) = (await here.rig.view(message)).deliveries
        assert delivery.code == "SUPPLEMENT_NOT_TOLERABLE"
        assert here.told == []

    async def test_one_without_a_list_is_nothing_to_follow(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.opined(opinion(FIRE))
            await here.rig.until_state(State.DELIVERED)
            await here.turns()
        assert here.told == []


class TestSeveralHubs:
    async def test_two_hubs_tell_each_thing_once(self, dsn: str) -> None:
        clock = SteppedClock()
        clock.moment = MONDAY + timedelta(minutes=1)
        async with town(dsn, clock=clock) as one, town(dsn, name="hub-2", clock=clock) as two:
            await one.accepted(PLAN, HEALTH)

            def news() -> list[str]:
                return sorted(told["news"] for here in (one, two) for told in here.told)

            async def both(enough: Callable[[], bool]) -> None:
                async with asyncio.timeout(60):
                    while not enough():
                        await asyncio.gather(one.turns(), two.turns())

            await both(lambda: len(news()) == 1)
            await two.came(PLAN)
            await both(lambda: len(news()) == 2)
            await one.came(HEALTH)
            await both(lambda: len(news()) == 3)
            for _ in range(5):
                await asyncio.gather(one.turns(), two.turns())
        assert news() == ["asked", "complete", "supplied"]
