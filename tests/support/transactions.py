# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A business transaction under test: an application, a courier for the originals, a notice that cannot be taken back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from connectors.sdk import Idempotency, Parcel, Rendering
from hub.acting import Acting, Order
from hub.policy import Policy
from hub.ports.journal import Acted, Named, Pace, TransactionView
from hub.ports.probe import Probe
from hub.processors.transaction.config import TransactionConfig
from hub.processors.transaction.coordinator import Coordinator
from hub.processors.transaction.kind import KIND
from hub.running import Hub
from hub.workers.processing import take_turns
from tests.support.hubs import PARTITIONS, POLICY, Destination, Rig, at_work, event, hub_on
from tests.support.journals import SteppedClock
from tests.support.notices import Listener
from tests.support.sinks import ScriptedSink

APPLICATION, SHIPMENT, NOTICE = "cn.gov.application.submitted", "cn.gov.shipment.ordered", "cn.gov.notice.requested"
CLOSED, ENDED, ACCEPTANCE = "cn.gov.completion.decided", "cn.gov.transaction.ended", "cn.gov.acceptance.decided"
ROUTES = f"""\
  - {{name: begins, when: {{contract: {APPLICATION}, source: portal}}, to: [saga]}}
  - {{name: applied, when: {{contract: [{APPLICATION}, {CLOSED}], source: saga}}, to: [office]}}
  - {{name: said, when: {{contract: [{ACCEPTANCE}, {CLOSED}]}}, except: {{source: saga}}, to: [saga]}}
  - {{name: sent, when: {{contract: {SHIPMENT}}}, to: [carrier]}}
  - {{name: told, when: {{contract: {NOTICE}}}, to: [notices]}}
  - {{name: ended, when: {{contract: {ENDED}}}, to: [portal]}}
"""
FINAL = replace(POLICY, dead_continues=True)
HALL = {"name": "测试窗口人员辛", "phone": "0000-0000000", "address": "测试区示例大道 0 号"}
HOME = {"name": "测试申请人甲", "phone": "00000000000", "address": "测试区示例街 0 号"}
APPLY: dict[str, Any] = {
    "name": "application",
    "contract": APPLICATION,
    "compensation": {
        "contract": f"{CLOSED}@2",
        "data": {
            "case_no": "{message.case_no}",
            "result": "withdrawn",
            "completed_at": "{now}",
        },
    },
}
SHIP: dict[str, Any] = {
    "name": "shipment",
    "contract": SHIPMENT,
    "data": {
        "case_no": "{message.case_no}",
        "order_no": "{transaction}",
        "status": "ordered",
        "direction": "to_hall",
        "applicant_side": "applicant",
        "consignor": HOME,
        "consignee": HALL,
        "enclosures": [{"name": "材料原件", "copies": 1}],
        "postage_payer": "consignor",
        "ordered_at": "{now}",
    },
    "compensation": {
        "contract": SHIPMENT,
        "data": {"status": "cancelled", "reason": "办理未成（{cause}）", "ordered_at": "{now}"},
    },
}
TELL: dict[str, Any] = {
    "name": "notice",
    "contract": NOTICE,
    "data": {
        "matter_no": "{message.case_no}",
        "notice_no": "{transaction}",
        "notice_class": "case",
        "text": "您的申请已提交，快递员将上门取件。（测试）",
        "recipients": [{"recipient_no": "1", "ways": [{"channel": "sms", "address": "00000000000"}]}],
        "requested_at": "{now}",
    },
    "irreversible": True,
}
SETTINGS: dict[str, Any] = {
    "begins": APPLICATION,
    "steps": [APPLY, SHIP, TELL],
    "withdrawal": {"contract": CLOSED, "by": "case_no", "when": {"result": "withdrawn"}},
}


@dataclass
class Town:
    """A hub with a coordinator, and the three that its steps go to."""

    rig: Rig
    office: ScriptedSink
    carrier: ScriptedSink
    notices: ScriptedSink
    portal: ScriptedSink
    listener: Listener

    async def begin(self, case: str = "c-1", **changes: Any) -> UUID:
        plain = event(case, f"{case}-begins", contract=APPLICATION)
        assert isinstance(plain.data, dict)
        return await self.rig.accept(replace(plain, data={**plain.data, **changes}))

    async def withdraw(self, case: str = "c-1") -> UUID:
        return await self.close(case, "withdrawn")

    async def close(self, case: str, result: str) -> UUID:
        plain = event(case, f"{case}-{result}", contract=CLOSED)
        data = {"case_no": case, "result": result, "completed_at": "2026-03-11T15:00:00+08:00"}
        schema = (plain.dataschema or "").replace(":1", ":2")
        return await self.rig.accept(replace(plain, data=data, dataschema=schema))

    async def decide(self, decision: str, case: str = "c-1") -> UUID:
        plain = event(case, f"{case}-{decision}", contract=ACCEPTANCE)
        assert isinstance(plain.data, dict)
        reason = {"reason": "测试"} if decision == "refused" else {}
        return await self.rig.accept(replace(plain, data={**plain.data, "decision": decision, **reason}))

    async def until(self, enough: Callable[[], bool], seconds: float = 0.5) -> None:
        """Take turns, the clock going on, until it is enough."""
        async with asyncio.timeout(60):
            while not enough():
                await self.turns(seconds=seconds)

    async def turns(self, count: int = 1, seconds: float = 0.5) -> None:
        machine = self.rig.hub.outlets["saga"].machine
        assert machine is not None
        for _ in range(count):
            await take_turns(self.rig.hub, {"saga": machine})
            self.rig.clock.step(seconds=seconds)
            await asyncio.sleep(0.001)

    async def until_ended(self, *outcomes: str) -> dict[str, Any]:
        """Until the portal was told that, as the last thing."""
        await self.until(lambda: tuple(one["outcome"] for one in self.told)[-len(outcomes) :] == outcomes)
        return self.told[-1]

    async def until_standing(self, standing: str) -> TransactionView:
        """Until the transaction says that it stands so."""
        async with asyncio.timeout(60):
            while True:
                await self.turns()
                view = await self.view()
                if view is not None and view.standing == standing:
                    return view

    async def view(self) -> TransactionView | None:
        """The newest transaction, with its steps."""
        listed = await self.rig.hub.journal.transactions.list(None, 1, None)
        assert isinstance(listed, Sequence), listed
        if not listed:
            return None
        seen = await self.rig.hub.journal.transactions.view(listed[0].id)
        assert isinstance(seen, TransactionView), seen
        return seen

    @property
    def told(self) -> list[dict[str, Any]]:
        """What the portal was told that transactions have come to."""
        return [orjson.loads(parcel.body)["data"] for parcel in self.portal.arrived]

    @property
    def effects(self) -> list[str]:
        """What the three were sent, in words; what was only tried is among it."""
        return [said for sink in (self.office, self.carrier, self.notices) for said in map(word_of, sink.arrived)]

    @property
    def acting(self) -> Acting:
        hub = self.rig.hub
        return Acting(
            hub=hub.name,
            clock=hub.clock,
            ids=hub.ids,
            journal=hub.journal,
            registry=hub.rules.registry,
            routes=hub.routes,
            places=hub.places,
            partitions=PARTITIONS,
        )

    async def resend(self, message: UUID, n: int = 0, request: str = "again") -> UUID:
        """Have an operator send a dead letter again; the replay."""
        delivery = (await self.rig.view(message)).deliveries[n].id
        acted = await self.acting.resend(order(request), Named((delivery,)), Pace(), replan=False)
        assert isinstance(acted, Acted), acted
        return acted.id

    async def discard(self, message: UUID, request: str = "discard") -> int:
        delivery = (await self.rig.view(message)).deliveries[0].id
        acted = await self.acting.discard(order(request), Named((delivery,)))
        assert isinstance(acted, Acted), acted
        return acted.applied

    def step(self, view: TransactionView, name: str) -> UUID:
        """The message of an emission."""
        (found,) = (one.message for one in view.steps if one.name == name)
        assert found is not None
        return found


def order(request: str) -> Order:
    """An operator's, by hand."""
    return Order("operator", "api", request, "test")


def word_of(parcel: Parcel) -> str:
    """What a message asks for, in a word."""
    said = orjson.loads(parcel.body)
    data = said["data"]
    match said["type"]:
        case "cn.gov.application.submitted":
            return "apply"
        case "cn.gov.completion.decided":
            return "withdraw"
        case "cn.gov.shipment.ordered":
            return "ship" if data["status"] == "ordered" else "cancel"
        case _:
            return "tell"


@asynccontextmanager
async def town(
    dsn: str,
    settings: dict[str, Any] | None = None,
    *,
    name: str = "hub-1",
    clock: SteppedClock | None = None,
    probe: Probe | None = None,
    policy: Policy = POLICY,
    sinks: Sequence[ScriptedSink] = (),
    working: Callable[[Hub], AbstractAsyncContextManager[object]] = at_work,
) -> AsyncIterator[Town]:
    """A hub at work. Its coordinator has its turns from the hub, and from the test besides."""
    office, carrier, notices, portal = sinks or (ScriptedSink(), ScriptedSink(), ScriptedSink(), ScriptedSink())
    listener = Listener()
    config = TransactionConfig.model_validate(settings or SETTINGS)
    destinations = {
        "saga": Destination(
            sink=portal,
            processor=Coordinator(config),
            final=KIND.final(config),
            answers=listener,
            rendering=Rendering.DATA,
            policy=FINAL,
        ),
        "office": Destination(sink=office, policy=policy),
        "carrier": Destination(sink=carrier, policy=policy),
        "notices": Destination(sink=notices, policy=policy),
        "portal": Destination(sink=portal),
    }
    async with (
        hub_on(dsn, destinations, routes=ROUTES, name=name, clock=clock, probe=probe) as rig,
        working(rig.hub),
    ):
        yield Town(rig, office, carrier, notices, portal, listener)


async def rows(dsn: str, sql: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


BLIND = replace(POLICY, idempotency=Idempotency.NONE)
ASKABLE = replace(POLICY, idempotency=Idempotency.QUERYABLE, ask_first=0.01, ask_longest=0.05)
