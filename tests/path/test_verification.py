# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Verification through whole hubs: an application goes on with what registers said of it, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

import asyncpg
import orjson
import pytest

from connectors.sdk import (
    Criteria,
    Delivered,
    Finding,
    Found,
    Idempotency,
    Manifest,
    NotFound,
    Outcome,
    Question,
    Rejected,
    Rendering,
    Text,
    Unavailable,
)
from connectors.sdk.fencing.fence import Fence
from hub.config.lookups import Askable, LookupSection
from hub.journal.seals import JOINED
from hub.lookups.desk import Window
from hub.ports.journal import State
from hub.processors.verification.config import VerificationConfig
from hub.processors.verification.verifier import Verifier
from hub.workers.processing import take_turns
from tests.support.access import with_lookups
from tests.support.hubs import POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.notices import Listener
from tests.support.sealing import opened
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

ROUTES = """\
  - {name: unverified, when: {contract: cn.gov.application.submitted, source: portal}, to: [verifying]}
  - {name: verified, when: {contract: cn.gov.application.submitted, source: verifying}, to: [department]}
"""
FINAL = replace(POLICY, idempotency=Idempotency.NATIVE, dead_continues=True)
NAME, NUMBER = "测试申请人甲", "99000019900101005X"
CHECK = {
    "lookup": "population",
    "criteria": {"id_number": "applicant.id_number"},
    "compare": {"full_name": "applicant.name"},
    "when": {"applicant.type": "1"},
    "purpose": "核对申请人身份（测试）",
}
HELD = Found(({"full_name": " 测试 申请人甲 ", "address": "测试区示例街 0 号"},))


@dataclass
class Register:
    """Answers as scripted, the last answer for ever; keeps what it was asked."""

    script: list[Finding]
    asked: list[Question] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def ask(self, question: Question) -> Finding:
        self.asked.append(question)
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    async def check(self) -> Outcome:
        return Delivered()


@dataclass
class Town:
    rig: Rig
    register: Register
    department: ScriptedSink
    listener: Listener

    async def apply(self, case: str = "c-1", **changes: Any) -> UUID:
        plain = event(case)
        assert isinstance(plain.data, dict)
        return await self.rig.accept(replace(plain, data={**plain.data, **changes}))

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not enough():
                await self.turns()

    async def turns(self) -> None:
        machine = self.rig.hub.outlets["verifying"].machine
        assert machine is not None
        await take_turns(self.rig.hub, {"verifying": machine})
        self.rig.clock.step(seconds=0.5)
        await asyncio.sleep(0)

    async def answered(self) -> Delivered | Rejected:
        await self.until(lambda: bool(self.listener.told))
        return self.listener.outcomes[-1]

    async def marks(self, count: int = 1) -> Sequence[str]:
        await self.until(lambda: len(self.department.arrived) >= count)
        return [orjson.loads(parcel.body)["verification"] for parcel in self.department.arrived]


@asynccontextmanager
async def town(
    dsn: str, *script: Finding, systems: Sequence[str] = ("verifying",), **settings: Any
) -> AsyncIterator[Town]:
    register, department, listener = Register(list(script)), ScriptedSink(), Listener()
    config = VerificationConfig.model_validate({"checks": {"identity": CHECK}, **settings})
    destinations = {
        "verifying": Destination(
            sink=department, processor=Verifier(config), answers=listener, rendering=Rendering.DATA, policy=FINAL
        ),
        "department": Destination(sink=department),
    }
    async with hub_on(dsn, destinations, routes=ROUTES) as rig:
        section = LookupSection(connector="register", systems=tuple(systems))
        manifest = Manifest(kind="register", title=Text("登记", "Register"), summary=Text("登记", "Register"))
        askable = Askable("population", section, None, "", None, manifest, Criteria(), Fence())
        window = Window(askable, register, rig.clock, rig.hub.log)
        asking = replace(rig, hub=with_lookups(rig.hub, {"population": window}))
        async with at_work(asking.hub):
            yield Town(asking, register, department, listener)


def _told(listener: Listener) -> Mapping[str, Any]:
    (answer,) = listener.outcomes
    assert isinstance(answer, Rejected)
    return {"code": answer.code, "violations": answer.violations}


class TestVerifying:
    async def test_what_matches_goes_on_marked_and_nothing_of_the_register_is_kept(self, dsn: str) -> None:
        async with town(dsn, HELD) as here:
            await here.apply()
            began = here.rig.clock.now()
            assert await here.marks() == ["identity.matched"]
            assert (here.rig.clock.now() - began).total_seconds() < 10, "an answer is looked at at once"
            connection = await asyncpg.connect(dsn)
            rows = await connection.fetch("select delivery_id, codec, body from process_joined")
            bodies = [await opened(connection, row, "body", JOINED) for row in rows]
            await connection.close()
        (asked,) = here.register.asked
        assert (asked.criteria, asked.purpose) == ({"id_number": NUMBER}, "核对申请人身份（测试）")
        assert bodies == [b'{"verdict":"matched"}']

    @pytest.mark.parametrize(
        ("finding", "verdict"),
        [(Found(({"full_name": "另一个人（测试）"},)), "not_matched"), (NotFound(), "not_found")],
    )
    async def test_what_does_not_match_goes_no_further_unless_it_may(
        self, dsn: str, finding: Finding, verdict: str
    ) -> None:
        async with town(dsn, finding) as here:
            await here.apply()
            await here.answered()
        assert _told(here.listener) == {"code": "VERIFICATION_FAILED", "violations": (f"identity: {verdict}",)}
        assert here.department.arrived == []

    async def test_where_it_may_it_goes_on_marked(self, dsn: str) -> None:
        async with town(dsn, NotFound(), mismatch="continue") as here:
            await here.apply()
            assert await here.marks() == ["identity.not_found"]

    async def test_a_register_that_is_away_for_a_moment_is_asked_again(self, dsn: str) -> None:
        async with town(dsn, Unavailable("DOWN"), Unavailable("DOWN"), HELD) as here:
            await here.apply()
            assert await here.marks() == ["identity.matched"]
        assert len(here.register.asked) == 3

    async def test_a_register_that_stays_away_lets_it_go_on_marked(self, dsn: str) -> None:
        async with town(dsn, Unavailable("DOWN"), patience_seconds=60) as here:
            began = here.rig.clock.now()
            await here.apply()
            assert await here.marks() == ["identity.unavailable"]
            assert (here.rig.clock.now() - began).total_seconds() >= 60

    async def test_or_it_waits_for_as_long_as_that_takes(self, dsn: str) -> None:
        async with town(dsn, Unavailable("DOWN"), down="wait", patience_seconds=0) as here:
            message = await here.apply()
            async with asyncio.timeout(30):
                while len(here.register.asked) < 5:
                    await here.turns()
            assert here.department.arrived == []
            assert await here.rig.state(message) is State.ACCEPTED
            here.register.script[:] = [HELD]
            assert await here.marks() == ["identity.matched"]

    async def test_a_lookup_that_may_not_be_asked_is_told_as_that(self, dsn: str) -> None:
        async with town(dsn, HELD, systems=("somebody-else",)) as here:
            await here.apply()
            assert await here.marks() == ["identity.unavailable"]
        assert here.register.asked == []

    async def test_an_application_that_no_check_is_for_goes_on_at_once(self, dsn: str) -> None:
        async with town(dsn, HELD) as here:
            plain = event("c-1").data
            assert isinstance(plain, dict)
            await here.apply(applicant={**plain["applicant"], "type": "2"})
            assert await here.marks() == ["none"]
        assert here.register.asked == []
