# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Notices that are taken back, through whole hubs: what has not gone out never does, and what has is said aloud."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from connectors.sdk import Accepted, Delivered, InDoubt, Rejected, Unavailable
from contracts.families.fields import BEIJING
from hub.ports.journal import DeliveryView, State
from hub.workers.processing import take_turns
from tests.path.test_notices import Town, texts, town
from tests.support.hubs import event
from tests.support.notices import MAIL, SMS, in_seconds, notice
from tests.support.sinks import Gate, Step

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

REVOKED = "cn.gov.notice.revoked"
LATER = "此前的通知作废。"


async def revoke(here: Town, no: str, id_: str = "") -> UUID:
    """Take a notice back."""
    plain = event(no, id_ or f"revoke-{no}", contract=REVOKED)
    assert isinstance(plain.data, dict)
    return await here.rig.accept(replace(plain, data={**plain.data, "notice_no": no}))


async def end(here: Town, message: UUID) -> tuple[State, str]:
    view: DeliveryView = await here.ended(message)
    return view.state, view.code


async def test_what_waits_for_its_hour_is_never_sent(dsn: str, tmp_path: Path) -> None:
    night = datetime.now(BEIJING).replace(hour=23, minute=30)  # noqa: TID251  # because receipts need the present
    talking = {"working_days": {"begin": "08:00", "end": "21:00"}, "other_days": {"begin": "08:00", "end": "21:00"}}
    async with town(dsn, tmp_path, at=night, talking=talking, overheard=False, report=True) as here:
        asked = await here.ask("a", SMS)
        await here.rig.until_state(State.ACCEPTED)
        assert await end(here, await revoke(here, "a")) == (State.DELIVERED, "DELIVERED")
        assert await end(here, asked) == (State.EXPIRED, "NOTICE_REVOKED")
        (report,) = await here.portal.until_arrived(1)
        here.rig.clock.step(hours=9)
        await here.ask("b", SMS)
        await here.turns(lambda: bool(here.sms.arrived))
        dead = await here.rig.hub.journal.dead_letters.groups(0, 10)
    assert here.sms.of("a") == []
    assert [one["status"] for one in orjson.loads(report.body)["data"]["statuses"]] == ["deleted"]
    assert dead == ()


async def test_what_waits_at_its_channel_is_taken_back_there(dsn: str, tmp_path: Path) -> None:
    """The gateway is away, so the text waits: it is withdrawn, and no other channel is tried."""
    async with town(dsn, tmp_path, {"a": [Unavailable("AWAY", 3600.0)]}, overheard=False) as here:
        await here.ask("a", SMS, MAIL)
        await here.turns(lambda: bool(here.sms.finished))
        assert await end(here, await revoke(here, "a")) == (State.DELIVERED, "DELIVERED")
        here.rig.clock.step(days=1)
        await here.ask("b", SMS)
        await here.turns(lambda: len(here.sms.arrived) > 1)
    assert (len(here.sms.of("a")), here.mail.arrived) == (1, [])


@pytest.mark.parametrize("outcome", [Delivered("handset"), Accepted("report-1")])
async def test_what_has_gone_out_is_refused(dsn: str, tmp_path: Path, outcome: Any) -> None:
    async with town(dsn, tmp_path, {"a": [outcome]}, overheard=False) as here:
        await here.ask("a", SMS, MAIL)
        await here.turns(lambda: bool(here.sms.finished))
        await here.rig.until_state(outcome_state(outcome), 1 if outcome_state(outcome) is State.DELIVERED else 2)
        assert await end(here, await revoke(here, "a")) == (State.DEAD, "NOTICE_GONE")
    assert (len(here.sms.arrived), here.mail.arrived) == (1, [])


def outcome_state(outcome: Any) -> State:
    return State.DELIVERED if isinstance(outcome, Delivered) else State.ACCEPTED


async def test_what_is_being_sent_is_waited_for(dsn: str, tmp_path: Path) -> None:
    gate = Gate(Delivered("handset"))
    async with town(dsn, tmp_path, {"a": [gate]}) as here:
        await here.ask("a", SMS)
        machines = {n: at.machine for n, at in here.rig.hub.outlets.items() if at.machine is not None}
        await here.rig.until_state(State.ACCEPTED)
        await take_turns(here.rig.hub, machines)
        await here.sms.until_arrived(1)
        revocation = await revoke(here, "a")
        await here.rig.until_state(State.ACCEPTED, 2)
        for _ in range(5):
            await take_turns(here.rig.hub, machines)
            here.rig.clock.step(seconds=6)
        assert here.listener.told == []
        gate.open()
        await here.answered(2)
        (delivery,) = (await here.rig.view(revocation)).deliveries
    told = {one.reference: one.outcome for one in here.listener.told}
    assert told.pop(str(delivery.id)) == Rejected("NOTICE_GONE", "it had gone out already: 1 texts")
    assert len(told) == 1  # of the notice itself: told, or not known where it was closed before that was heard


async def test_what_is_in_doubt_waits_for_somebody_who_knows(dsn: str, tmp_path: Path) -> None:
    async with town(dsn, tmp_path, {"a": [InDoubt("TIMED_OUT")]}) as here:
        await here.ask("a", SMS, MAIL)
        await here.turns(lambda: any(one.state is State.IN_DOUBT for one in here.rig.watched.settled))
        await revoke(here, "a")
        await here.ask("b", SMS)
        await here.answered(1)
        assert here.listener.outcomes == [Delivered("told 1")]
    assert here.mail.arrived == []


async def test_a_correction_goes_the_way_of_what_it_corrects(dsn: str, tmp_path: Path) -> None:
    async with town(dsn, tmp_path, overheard=False, correction=LATER) as here:
        both = [{"recipient_no": "1", "ways": [SMS]}, {"recipient_no": "2", "ways": [MAIL]}]
        await here.ask("a", recipients=both)
        await here.turns(lambda: bool(here.sms.finished and here.mail.finished))
        assert await end(here, await revoke(here, "a")) == (State.DELIVERED, "DELIVERED")
        assert await end(here, await revoke(here, "a", "again")) == (State.DELIVERED, "DELIVERED")
    assert [one["text"] for one in texts(here.sms)] == [
        "【示例区政务服务】您申请的测试事项已受理。",
        f"【示例区政务服务】{LATER}",
    ]
    assert [one["text"] for one in texts(here.mail)][-1] == f"{LATER}\n\n示例区政务服务"
    assert "template_id" not in texts(here.sms)[-1]


async def test_a_correction_that_fails_goes_to_a_person(dsn: str, tmp_path: Path) -> None:
    script: dict[str, list[Step]] = {"a": [Delivered("handset"), Rejected("BLACKLISTED")]}
    async with town(dsn, tmp_path, script, overheard=False, correction=LATER) as here:
        await here.ask("a", SMS)
        await here.turns(lambda: bool(here.sms.finished))
        assert await end(here, await revoke(here, "a")) == (State.DEAD, "NOTICE_GONE")


async def test_nobody_but_its_asker_takes_it_back(dsn: str, tmp_path: Path) -> None:
    async with town(dsn, tmp_path, overheard=False) as here:
        now = here.rig.clock.now()
        await here.ask("a", SMS, not_before_at=in_seconds(now, 60))
        await here.rig.until_state(State.ACCEPTED)
        assert await end(here, await revoke(here, "x")) == (State.DEAD, "NOTICE_UNKNOWN")
        here.rig.clock.step(seconds=61)
        await here.turns(lambda: bool(here.sms.finished))


async def test_asking_again_under_its_number_sends_nothing_more(dsn: str, tmp_path: Path) -> None:
    async with town(dsn, tmp_path, overheard=False) as here:
        first = await here.ask("a", SMS)
        assert await end(here, first) == (State.DELIVERED, "DELIVERED")
        again = await here.rig.accept(replace(notice("a", here.rig.clock.now(), SMS), id="again"))
        assert await end(here, again) == (State.DELIVERED, "DELIVERED")
    assert len(here.sms.arrived) == 1
