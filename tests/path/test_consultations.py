# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Consultations through whole hubs: everybody is asked, and what they say is gathered, in time, late or never."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Delivered, Idempotency, Rendering
from contracts.families.fields import BEIJING
from contracts.legal_clock.green_channel import GreenChannel
from contracts.supervision.calendar import YearOfDays
from hub.legal_clock import LegalClock
from hub.ports.journal import State
from hub.processors.consultation.config import ConsultationConfig
from hub.processors.consultation.gatherer import Gatherer
from hub.workers.processing import take_turns
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.notices import Listener, in_seconds
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

FIRE, WATER = "115105020000000270", "11510502000000035T"
ROUTES = f"""\
  - {{name: asked, when: {{contract: [cn.gov.consultation.requested, cn.gov.opinion.given]}}, to: [gathering]}}
  - {{name: fire, when: {{contract: cn.gov.opinion.requested, department: "{FIRE}"}}, to: [fire]}}
  - {{name: water, when: {{contract: cn.gov.opinion.requested, department: "{WATER}"}}, to: [water]}}
  - {{name: told, when: {{contract: cn.gov.opinions.gathered}}, to: [lead]}}
"""
FINAL = replace(POLICY, idempotency=Idempotency.NATIVE, dead_continues=True)


@dataclass
class Town:
    rig: Rig
    fire: ScriptedSink
    water: ScriptedSink
    lead: ScriptedSink
    listener: Listener

    async def ask(self, number: str = "Y-1", *, seconds: float = 3600, id_: str = "ask", **changes: Any) -> UUID:
        now = self.rig.clock.now()
        consulted = [{"department_code": FIRE}, {"department_code": WATER, "case_no": "c-own"}]
        dated = {"requested_at": now.isoformat(), "due_at": in_seconds(now, seconds), **changes}
        return await self._say("cn.gov.consultation.requested", f"{id_}-{number}", number, consulted=consulted, **dated)

    async def answer(self, department: str, opinion: str, number: str = "Y-1", id_: str = "1", **changes: Any) -> UUID:
        more = {"object": {"reason": "测试"}, "conditions": {"conditions": "测试"}}.get(opinion, {})
        id_ = f"{department}-{number}-{id_}"
        return await self._say(
            "cn.gov.opinion.given", id_, number, department_code=department, opinion=opinion, **more, **changes
        )

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not enough():
                await self.turns()

    async def turns(self) -> None:
        machine = self.rig.hub.outlets["gathering"].machine
        assert machine is not None
        await take_turns(self.rig.hub, {"gathering": machine})
        self.rig.clock.step(seconds=0.5)
        await asyncio.sleep(0)

    async def gathered(self, count: int = 1) -> dict[str, Any]:
        """What the leading department was told last, of so many tellings."""
        await self.until(lambda: len(self.lead.arrived) >= count)
        told: dict[str, Any] = orjson.loads(self.lead.arrived[-1].body)["data"]
        return told

    async def everybody_is_asked(self) -> None:
        await self.until(lambda: bool(self.fire.arrived and self.water.arrived))

    async def _say(self, contract: str, id_: str, number: str, **changes: Any) -> UUID:
        plain = event("c-1", id_, contract=contract)
        assert isinstance(plain.data, dict)
        return await self.rig.accept(replace(plain, data={**plain.data, "consultation_no": number, **changes}))


@asynccontextmanager
async def town(
    dsn: str, *, overheard: bool = True, clock: LegalClock | None = None, **settings: Any
) -> AsyncIterator[Town]:
    fire, water, lead, listener = ScriptedSink(), ScriptedSink(), ScriptedSink(), Listener()
    destinations = {
        "gathering": Destination(
            sink=lead,
            processor=Gatherer(ConsultationConfig.model_validate(settings), clock or LegalClock()),
            answers=listener if overheard else None,
            rendering=Rendering.DATA,
            policy=FINAL,
        ),
        "fire": Destination(sink=fire),
        "water": Destination(sink=water),
        "lead": Destination(sink=lead),
    }
    async with hub_on(dsn, destinations, routes=ROUTES) as rig, at_work(rig.hub):
        yield Town(rig, fire, water, lead, listener)


class TestGathering:
    async def test_each_department_is_asked_for_itself(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.ask(question="请就测试事项提出意见")
            await here.everybody_is_asked()
        (fire,), (water,) = ([orjson.loads(p.body)["data"] for p in sink.arrived] for sink in (here.fire, here.water))
        assert (fire["department_code"], fire["lead_department_code"]) == (FIRE, "115105020000000008")
        assert (water["own_case_no"], water["question"]) == ("c-own", "请就测试事项提出意见")
        assert "own_case_no" not in fire

    @pytest.mark.parametrize(
        ("opinions", "outcome"),
        [
            (("agree", "none"), "agreed"),
            (("agree", "conditions"), "conditions"),
            (("conditions", "object"), "objected"),
        ],
    )
    async def test_opinions_come_to_what_weighs_most(self, dsn: str, opinions: tuple[str, str], outcome: str) -> None:
        async with town(dsn) as here:
            await here.ask()
            await here.everybody_is_asked()
            for department, opinion in zip((FIRE, WATER), opinions, strict=True):
                await here.answer(department, opinion)
            told = await here.gathered()
            await here.until(lambda: bool(here.listener.told))
        assert told["outcome"] == outcome
        assert [one["opinion"] for one in told["opinions"]] == list(opinions)
        assert here.listener.outcomes == [Delivered(f"{outcome}: 2 of 2 answered")]

    async def test_silence_is_told_when_time_is_up_and_a_late_opinion_after_it(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.ask(seconds=60)
            await here.everybody_is_asked()
            await here.answer(FIRE, "agree")
            first = await here.gathered()
            await here.answer(WATER, "object")
            second = await here.gathered(2)
        assert [one["standing"] for one in first["opinions"]] == ["answered", "overdue"]
        assert (first["outcome"], second["outcome"]) == ("incomplete", "objected")
        assert (first["record_version"], second["record_version"]) == (1, 2)

    async def test_silence_may_count_as_consent(self, dsn: str) -> None:
        async with town(dsn, silent_is="none") as here:
            await here.ask(seconds=60)
            await here.everybody_is_asked()
            await here.answer(FIRE, "agree")
            told = await here.gathered()
        assert told["outcome"] == "agreed"
        assert told["opinions"][1]["opinion"] == "none"

    async def test_the_green_channel_shortens_the_time(self, dsn: str) -> None:
        item = "1151050200000000084000131014000"
        green = LegalClock(green=GreenChannel(0.25, {item: None}))
        async with town(dsn, clock=green) as here:
            asked_at = here.rig.clock.now()
            await here.ask(seconds=400, item_code=item)
            await here.everybody_is_asked()
            told = await here.gathered()
            waited = (here.rig.clock.now() - asked_at).total_seconds()
        assert datetime.fromisoformat(told["due_at"]) == asked_at + timedelta(seconds=100)
        assert 100 <= waited < 400

    async def test_working_days_are_those_of_the_deployment(self, dsn: str) -> None:
        year = YearOfDays(off=frozenset({date(2026, 3, 3), date(2026, 3, 4)}))
        clock = LegalClock(calendar={2026: year})
        async with town(dsn, clock=clock, longest_days={"opinion": 1}) as here:
            monday: dict[str, Any] = {
                "requested_at": "2026-03-02T09:00:00+08:00",
                "due_at": "2026-03-31T18:00:00+08:00",
            }
            await here.ask(**monday)
            await here.everybody_is_asked()
            asked = orjson.loads(here.fire.arrived[0].body)["data"]
        assert datetime.fromisoformat(asked["due_at"]) == datetime(2026, 3, 6, tzinfo=BEIJING)

    async def test_in_a_year_that_nobody_told_the_department_s_own_time_stands_and_that_is_said_aloud(
        self, dsn: str
    ) -> None:
        async with town(dsn, clock=LegalClock(calendar={}), longest_days={"opinion": 1}) as here:
            due = in_seconds(here.rig.clock.now(), 5 * 86_400)
            await here.ask(due_at=due)
            await here.everybody_is_asked()
            asked = orjson.loads(here.fire.arrived[0].body)["data"]
            errors = here.rig.logged("calendar year unknown, a limit is missing")
        assert datetime.fromisoformat(asked["due_at"]) == datetime.fromisoformat(due)
        assert {one["year"] for one in errors} == {here.rig.clock.now().year}

    async def test_a_later_opinion_replaces_an_earlier_one(self, dsn: str) -> None:
        async with town(dsn) as here:
            await here.ask()
            await here.everybody_is_asked()
            await here.answer(FIRE, "object", id_="1", record_version=1)
            await here.answer(FIRE, "agree", id_="3", record_version=3)
            await here.answer(FIRE, "conditions", id_="2", record_version=2)
            await here.answer(WATER, "agree")
            assert (await here.gathered())["outcome"] == "agreed"

    async def test_an_opinion_that_nobody_asked_for_is_a_dead_letter(self, dsn: str) -> None:
        async with town(dsn) as here:
            message = await here.answer(FIRE, "agree", number="Y-none")
            await here.rig.until_state(State.DEAD)
            (delivery,) = (await here.rig.view(message)).deliveries
        assert delivery.code == "CONSULTATION_UNKNOWN"

    async def test_the_hub_itself_hears_the_final_answer(self, dsn: str) -> None:
        async with town(dsn, overheard=False) as here:
            message = await here.ask()
            await here.everybody_is_asked()
            await here.answer(FIRE, "agree")
            await here.answer(WATER, "agree")
            await here.gathered()
            async with asyncio.timeout(30):
                while await here.rig.state(message) is not State.DELIVERED:
                    await here.turns()
