# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Notices through whole hubs: channels in their order, hours and pace, expiry, and what a crash leaves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from connectors.sdk import Accepted, Answer, Delivered, Heard, Idempotency, InDoubt, Rejected, Rendering, Unavailable
from contracts.families.fields import BEIJING
from hub.breakers import BreakerPolicy
from hub.ports.journal import Beginning, DeliveryView, Entered, JournalDown, State
from hub.processors.message_platform.kind import KIND
from hub.workers.processing import take_turns
from tests.support.hubs import POLICY, Destination, Rig, at_work, hub_on
from tests.support.journals import SteppedClock
from tests.support.notices import MAIL, SMS, Listener, in_seconds, notice, platform
from tests.support.sinks import ScriptedSink, Step

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

ROUTES = """\
  - {name: notices, when: {contract: cn.gov.notice.requested}, to: [notices]}
  - {name: sms, when: {contract: cn.gov.notice.dispatched, channel: sms}, to: [sms]}
  - {name: mail, when: {contract: cn.gov.notice.dispatched, channel: mail}, to: [mail]}
  - {name: reports, when: {contract: cn.gov.notice.reported}, to: [portal]}
  - {name: revoked, when: {contract: cn.gov.notice.revoked}, to: [notices]}
"""
FINAL = replace(POLICY, idempotency=Idempotency.NONE, dead_continues=True)
EAGER = replace(POLICY, attempts=2, dead_continues=True)


@dataclass
class Town:
    """A hub with a message platform, two channels and a portal. The listener hears the platform's final answers, if it is told
    them; else the hub itself does.
    """

    rig: Rig
    sms: ScriptedSink
    mail: ScriptedSink
    portal: ScriptedSink
    listener: Listener

    async def ask(self, no: str, *ways: dict[str, str], **changes: Any) -> UUID:
        return await self.rig.accept(notice(no, self.rig.clock.now(), *ways, **changes))

    async def ended(self, message: UUID) -> DeliveryView:
        """The delivery of a notice to the platform, once it is answered for good."""
        async with asyncio.timeout(30):
            while True:
                (delivery,) = (await self.rig.view(message)).deliveries
                if delivery.state in (State.DELIVERED, State.DEAD, State.EXPIRED):
                    return delivery
                await self._turn()

    async def turns(self, enough: Callable[[], bool]) -> None:
        """Let turns be taken until it is enough, looking at the journal at every one of the clock's seconds."""
        async with asyncio.timeout(30):
            while not enough():
                await self._turn()

    async def _turn(self) -> None:
        """Turns are taken, what they emitted goes its way, and then the clock goes on."""
        machines = {name: one.machine for name, one in self.rig.hub.outlets.items() if one.machine is not None}
        await take_turns(self.rig.hub, machines)
        bell = self.rig.watched.bell
        async with bell:
            while await self._is_under_way():
                with suppress(TimeoutError):  # what a breaker gives back, and what expires, rings no bell
                    async with asyncio.timeout(0.25):
                        await bell.wait()
        self.rig.clock.step(seconds=0.5)

    async def _is_under_way(self) -> bool:
        counts = await self.rig.hub.journal.lookups.counts()
        assert not isinstance(counts, JournalDown), counts
        return any(counted.get(one) for counted in counts.values() for one in (State.OFFERED, State.SENDING))

    async def answered(self, count: int = 1) -> list[Delivered | Rejected]:
        await self.turns(lambda: len(self.listener.told) >= count)
        return self.listener.outcomes


@asynccontextmanager
async def town(
    dsn: str,
    folder: Path,
    sms: Mapping[str, list[Step]] | None = None,
    mail: Mapping[str, list[Step]] | None = None,
    *,
    name: str = "hub-1",
    clock: SteppedClock | None = None,
    at: datetime | None = None,
    working: bool = True,
    breaker: BreakerPolicy | None = None,
    sms_policy: Any = FINAL,
    overheard: bool = True,
    **settings: Any,
) -> AsyncIterator[Town]:
    clock = clock or SteppedClock()
    if at is not None:
        clock.moment = at
    processor, listener = platform(folder, **settings), Listener()
    by_text, by_mail, portal = ScriptedSink(sms), ScriptedSink(mail), ScriptedSink()
    destinations = {
        "notices": Destination(
            sink=portal,
            processor=processor,
            answers=listener if overheard else None,
            ordered=False,
            rendering=Rendering.DATA,
            policy=replace(FINAL, expiries=KIND.expiries),
        ),
        "sms": Destination(sink=by_text, ordered=False, policy=sms_policy, breaker=breaker),
        "mail": Destination(sink=by_mail, ordered=False, policy=FINAL),
        "portal": Destination(sink=portal),
    }
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(
            hub_on(dsn, destinations, routes=ROUTES, name=name, clock=clock, emitted=KIND.emits)
        )
        if working:
            await stack.enter_async_context(at_work(rig.hub))
        yield Town(rig, by_text, by_mail, portal, listener)


def texts(sink: ScriptedSink) -> list[dict[str, Any]]:
    return [orjson.loads(parcel.body)["data"] for parcel in sink.arrived]


class TestChannels:
    async def test_the_first_channel_gets_the_text_and_the_notice_its_answer(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.ask("a", SMS, MAIL)
            assert await here.answered() == [Delivered("told 1")]
        (sent,) = texts(here.sms)
        assert sent["text"] == "【示例区政务服务】您申请的测试事项已受理。"
        assert (sent["address"], sent["segments"], sent["channel"]) == (SMS["address"], 1, "sms")
        assert here.mail.arrived == []

    async def test_a_certain_failure_is_followed_by_the_next_channel(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, {"a": [Rejected("BLACKLISTED")]}) as here:
            await here.ask("a", SMS, MAIL)
            assert await here.answered() == [Delivered("told 1")]
        (sent,) = texts(here.mail)
        assert (sent["title"], sent["text"]) == ("受理通知", "您申请的测试事项已受理。\n\n示例区政务服务")

    async def test_every_channel_fails(self, dsn: str, tmp_path: Path) -> None:
        fails: dict[str, list[Step]] = {"a": [Rejected("NO")]}
        async with town(dsn, tmp_path, fails, fails) as here:
            await here.ask("a", SMS, MAIL)
            assert await here.answered() == [Rejected("NOTICE_UNDELIVERABLE", "told 0 of 1; undeliverable 1")]

    async def test_a_channel_that_there_is_not_is_passed_over(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            await here.ask("a", {"channel": "voice", "address": "00000000000"}, SMS)
            assert await here.answered() == [Delivered("told 1")]
        assert len(here.sms.arrived) == 1

    async def test_recipients_are_told_each_by_their_own_ways(self, dsn: str, tmp_path: Path) -> None:
        both = [{"recipient_no": "甲.1", "ways": [SMS]}, {"recipient_no": "乙", "ways": [MAIL]}]
        async with town(dsn, tmp_path, {"a": [Rejected("NO")]}, report=True) as here:
            await here.ask("a", recipients=both)
            assert await here.answered() == [Rejected("NOTICE_UNDELIVERABLE", "told 1 of 2; undeliverable 1")]
            (report,) = await here.portal.until_arrived(1)
        statuses = orjson.loads(report.body)["data"]["statuses"]
        assert [(one["recipient_no"], one["channel"], one["status"]) for one in statuses] == [
            ("甲.1", "sms", "undeliverable"),
            ("乙", "mail", "delivered"),
        ]


class TestItsOwnDelivery:
    """What becomes of a notice is what becomes of its delivery to the platform."""

    async def test_it_is_delivered_once_its_text_is(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, overheard=False) as here:
            delivery = await here.ended(await here.ask("a", SMS, MAIL))
        assert delivery.state is State.DELIVERED
        assert [one.state for one in here.rig.watched.settled] == [State.ACCEPTED, State.DELIVERED]
        assert (len(here.sms.arrived), len(here.mail.arrived)) == (1, 0)

    async def test_it_waits_for_the_final_answer_of_its_channel(self, dsn: str, tmp_path: Path) -> None:
        script: dict[str, list[Step]] = {"a": [Accepted("report-1")]}
        async with town(dsn, tmp_path, script, overheard=False) as here:
            message = await here.ask("a", SMS, MAIL)
            await here.rig.until_state(State.ACCEPTED, 2)  # the notice, and its text
            (waiting,) = (await here.rig.view(message)).deliveries
            assert waiting.state is State.ACCEPTED
            report = Answer("report-1", Delivered("handset"))
            assert await here.rig.hub.answers.of("sms").answered([report]) == [Heard.RECORDED]
            delivery = await here.ended(message)
        assert delivery.state is State.DELIVERED
        assert here.mail.arrived == []

    async def test_it_is_a_dead_letter_once_every_channel_is(self, dsn: str, tmp_path: Path) -> None:
        sms: dict[str, list[Step]] = {"a": [Accepted("report-1")]}
        mail: dict[str, list[Step]] = {"a": [Rejected("SMTP_550")]}
        async with town(dsn, tmp_path, sms, mail, overheard=False) as here:
            message = await here.ask("a", SMS, MAIL)
            await here.rig.until_state(State.ACCEPTED, 2)
            report = Answer("report-1", Rejected("UNDELIV"))
            assert await here.rig.hub.answers.of("sms").answered([report]) == [Heard.RECORDED]
            delivery = await here.ended(message)
            groups = await here.rig.hub.journal.dead_letters.groups(0, 10)
        assert (delivery.state, delivery.code) == (State.DEAD, "NOTICE_UNDELIVERABLE")
        assert delivery.detail == "told 0 of 1; undeliverable 1"
        assert not isinstance(groups, JournalDown)
        assert sorted((one.destination, one.code) for one in groups) == [
            ("mail", "SMTP_550"),
            ("notices", "NOTICE_UNDELIVERABLE"),
            ("sms", "UNDELIV"),
        ]

    async def test_it_is_expired_and_no_dead_letter_once_it_is_too_late(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, overheard=False) as here:
            now = here.rig.clock.now()
            until = in_seconds(now, 900)
            message = await here.ask("a", SMS, not_before_at=in_seconds(now, 600), expires_at=until)
            await here.rig.until_state(State.ACCEPTED)
            here.rig.clock.step(seconds=901)
            delivery = await here.ended(message)
            groups = await here.rig.hub.journal.dead_letters.groups(0, 10)
            (again,) = (await here.rig.view(message)).deliveries
        assert (delivery.state, delivery.code) == (State.EXPIRED, "NOTICE_EXPIRED")
        assert delivery.detail == "told 0 of 1; expired 1"
        assert groups == ()
        assert [(one.state, one.code) for one in again.attempts][-1] == (State.EXPIRED, "NOTICE_EXPIRED")
        assert here.sms.arrived == []

    async def test_another_hub_hears_at_once_what_became_of_a_text(self, dsn: str, tmp_path: Path) -> None:
        """Without the clock going on: nobody has come to look by himself."""
        script: dict[str, list[Step]] = {"a": [Accepted("report-1")]}
        (tmp_path / "2").mkdir()
        async with (
            town(dsn, tmp_path, script) as one,
            town(dsn, tmp_path / "2", name="hub-2", clock=one.rig.clock, working=False) as two,
        ):
            await one.ask("a", SMS, MAIL)
            await one.rig.until_state(State.ACCEPTED, 2)
            report = Answer("report-1", Delivered("handset"))
            assert await two.rig.hub.answers.of("sms").answered([report]) == [Heard.RECORDED]
            machines = {name: at.machine for name, at in two.rig.hub.outlets.items() if at.machine is not None}
            async with asyncio.timeout(20):
                while not (told := one.listener.outcomes + two.listener.outcomes):
                    await take_turns(two.rig.hub, machines)
        assert told == [Delivered("told 1")]


class TestNotKnown:
    async def test_a_case_notice_in_doubt_is_followed_by_no_other_channel(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, {"a": [InDoubt("TIMED_OUT")]}) as here:
            await here.ask("a", SMS, MAIL)
            await here.rig.until_state(State.IN_DOUBT)
            await here.ask("b", SMS)
            await here.answered(1)  # another one's, much later
            here.rig.clock.step(days=2)
            await here.ask("c", SMS)
            await here.answered(2)
            assert here.mail.arrived == []
            here.rig.clock.step(days=9)
            assert Rejected("NOTICE_UNCONFIRMED", "told 0 of 1; unknown 1") in await here.answered(3)
        assert here.mail.arrived == []
        assert here.sms.of("a") == here.sms.of("a")[:1]

    async def test_an_urgent_one_is(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, {"a": [InDoubt("TIMED_OUT")]}) as here:
            soon = in_seconds(here.rig.clock.now(), 600)
            await here.ask("a", SMS, MAIL, notice_class="urgent", expires_at=soon)
            assert await here.answered() == [Delivered("told 1")]
        assert (len(here.sms.arrived), len(here.mail.arrived)) == (1, 1)

    async def test_it_is_looked_at_no_more_once_its_notice_is_answered(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, {"a": [InDoubt("TIMED_OUT")]}) as here:
            soon = in_seconds(here.rig.clock.now(), 600)
            await here.ask("a", SMS, MAIL, notice_class="urgent", expires_at=soon)
            await here.answered()
            connection = await asyncpg.connect(dsn)
            try:
                async with asyncio.timeout(20):
                    while await connection.fetch("select name from emission where look_at is not null"):
                        here.rig.clock.step(hours=1)
                        await here.rig.hub.journal.processes.hear((), 10)
            finally:
                await connection.close()

    async def test_what_was_taken_without_a_receipt_in_time_is_not_known(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, {"a": [Accepted("1")], "b": [Accepted("2")]}) as here:
            soon = in_seconds(here.rig.clock.now(), 600)
            await here.ask("a", SMS, MAIL, notice_class="urgent", expires_at=soon)
            await here.ask("b", SMS, MAIL)
            await here.rig.until_state(State.ACCEPTED, 4)  # the two notices themselves, and their texts
            here.rig.clock.step(seconds=60)
            assert await here.answered() == [Delivered("told 1")]
        assert here.mail.of("b") == []

    async def test_dead_after_a_doubt_is_not_known_either(self, dsn: str, tmp_path: Path) -> None:
        """A far side that keeps keys is sent again after a doubt; dead at last, it may have been told all the same."""
        script: dict[str, list[Step]] = {"a": [InDoubt("TIMED_OUT"), Unavailable("AWAY")]}
        async with town(dsn, tmp_path, script, sms_policy=EAGER) as here:
            await here.ask("a", SMS, MAIL)
            await here.rig.until_state(State.ACCEPTED)
            await here.turns(lambda: any(one.state is State.DEAD for one in here.rig.watched.settled))
            await here.ask("b", MAIL)
            await here.answered()
            here.rig.clock.step(days=1)
            await here.ask("c", MAIL)
            await here.answered(2)
        assert here.mail.of("a") == []


class TestTime:
    async def test_quiet_hours_hold_a_case_notice_and_not_an_urgent_one(self, dsn: str, tmp_path: Path) -> None:
        night = datetime.now(BEIJING).replace(hour=23, minute=30)  # noqa: TID251  # because receipts need the present
        talking = {
            "working_days": {"begin": "08:00", "end": "21:00"},
            "other_days": {"begin": "08:00", "end": "21:00"},
        }
        async with town(dsn, tmp_path, at=night, talking=talking) as here:
            await here.ask("a", SMS)
            await here.ask("b", SMS, notice_class="urgent", expires_at=in_seconds(here.rig.clock.now(), 600))
            await here.ask("c", SMS, quiet_hours="send")
            await here.answered(2)
            assert sorted(one["matter_no"] for one in texts(here.sms)) == ["b", "c"]
            here.rig.clock.step(hours=9)
            await here.answered(3)
        assert texts(here.sms)[-1]["matter_no"] == "a"

    async def test_a_number_is_told_no_faster_than_its_pace(self, dsn: str, tmp_path: Path) -> None:
        rules = {"case": _class(pace=[{"times": 2, "seconds": 3600}])}
        other = {"channel": "sms", "address": "11111111111"}
        async with town(dsn, tmp_path, classes=rules) as here:
            for no in ("a", "b", "c"):
                await here.ask(no, SMS)
                await here.rig.until_state(State.ACCEPTED, "abc".index(no) + 1)
            await here.ask("d", other)
            await here.answered(3)
            assert len(here.sms.arrived) == 3
            assert {one["address"] for one in texts(here.sms)} == {SMS["address"], other["address"]}
            here.rig.clock.step(hours=1)
            await here.answered(4)
        assert len(here.sms.arrived) == 4

    async def test_a_notice_that_expires_while_it_is_held_is_never_sent(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            now = here.rig.clock.now()
            await here.ask("a", SMS, not_before_at=in_seconds(now, 600), expires_at=in_seconds(now, 900))
            await here.rig.until_state(State.ACCEPTED)
            here.rig.clock.step(seconds=901)
            assert await here.answered() == [Rejected("NOTICE_EXPIRED", "told 0 of 1; expired 1")]
        assert here.sms.arrived == []

    async def test_a_channel_that_is_away_is_left_for_the_next(self, dsn: str, tmp_path: Path) -> None:
        """Also while its breaker is open, where nothing is sent and so nothing would find out that it has expired."""
        away: list[Step] = [Unavailable("HTTP_503")] * 20
        breaker = BreakerPolicy(failures=1, first=36000.0, longest=36000.0)
        async with town(dsn, tmp_path, {"a": away}, breaker=breaker, sms_policy=replace(FINAL, first=7200.0)) as here:
            await here.ask("a", SMS, MAIL)
            await here.rig.until_state(State.WAITING)
            here.rig.clock.step(hours=2, seconds=1)
            assert await here.answered() == [Delivered("told 1")]
        assert len(here.mail.arrived) == 1


class TestCrashes:
    async def test_what_was_named_and_not_accepted_is_emitted_once(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, working=False) as first:
            processes = first.rig.hub.journal.processes
            await _begun(first)
            (process,) = await _taken(first)
            assert await processes.name(process, ["0.0"], first.rig.clock.now()) is True
            clock = first.rig.clock
        clock.step(minutes=1)
        async with town(dsn, tmp_path, clock=clock, name="hub-2") as second:
            assert await second.answered() == [Delivered("told 1")]
        assert len(second.sms.arrived) == 1

    async def test_a_turn_that_was_lost_writes_nothing(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path, working=False) as here:
            processes = here.rig.hub.journal.processes
            await _begun(here)
            (slow,) = await _taken(here)
            here.rig.clock.step(minutes=1)
            (process,) = await _taken(here)
            assert process.turn == slow.turn + 1
            assert await processes.name(slow, ["0.0"], here.rig.clock.now()) is False

    async def test_an_answer_that_nobody_took_is_given_again(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as here:
            here.listener.deaf = True
            await here.ask("a", SMS)
            await here.rig.until_state(State.DELIVERED)
            await here.turns(lambda: len(here.sms.finished) == 1)
            here.listener.deaf = False
            assert await here.answered() == [Delivered("told 1")]

    async def test_two_hubs_take_each_process_once(self, dsn: str, tmp_path: Path) -> None:
        async with town(dsn, tmp_path) as one, _another(dsn, one) as two:
            for number in range(40):  # one number each: a number's pace would hold most of them back
                way = {**SMS, "address": f"000000000{number:02}"}
                await one.ask(f"c{number}", way, not_before_at=in_seconds(one.rig.clock.now(), 600))
            await one.rig.until_state(State.ACCEPTED, 40)
            one.rig.clock.step(minutes=11)
            until = one.rig.clock.now() + timedelta(seconds=30)
            hubs = (one.rig.hub, two.hub)
            turns = await asyncio.gather(
                *(hub.journal.processes.take(["notices"], 7, until) for _ in range(4) for hub in hubs)
            )
            taken = [process.id for some in turns if not isinstance(some, JournalDown) for process in some]
            assert taken
            assert len(taken) == len(set(taken))
            one.rig.clock.step(minutes=1)  # nobody takes their turn, so others do
            await one.answered(40)
        sent = [parcel.attributes["subject"] for parcel in one.sms.arrived]
        assert sorted(sent) == sorted(f"c{number}" for number in range(40))


def _another(dsn: str, one: Town) -> AbstractAsyncContextManager[Rig]:
    """A second hub on the same journal, none of its loops running."""
    return hub_on(dsn, {"portal": Destination(sink=ScriptedSink())}, name="hub-2", clock=one.rig.clock)


async def _begun(here: Town) -> None:
    """A process of a notice, begun as its sink begins it."""
    message = await here.rig.accept(notice("a", here.rig.clock.now(), SMS))
    (delivery,) = (await here.rig.view(message)).deliveries
    assert await here.rig.hub.journal.processes.begin(Beginning(delivery.id)) is Entered.BEGUN
    assert await here.rig.hub.journal.processes.begin(Beginning(delivery.id)) is Entered.BEGUN


async def _taken(here: Town) -> Any:
    now = here.rig.clock.now()
    taken = await here.rig.hub.journal.processes.take(["notices"], 10, now + timedelta(seconds=30))
    assert not isinstance(taken, JournalDown)
    return taken


def _class(**changes: Any) -> dict[str, Any]:
    return {
        "quiet": True,
        "unknown": "wait",
        "patience_seconds": 7200,
        "receipt_seconds": 259200,
        "longest_seconds": 259200,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"template_id": "none"}, "NOTICE_TEMPLATE"),
        ({"parameters": None}, "NOTICE_PARAMETERS"),
        ({"parameters": [{"name": "item", "value": "【冒名】"}]}, "NOTICE_PARAMETERS"),
        ({"template_id": None, "parameters": None, "text": "长" * 400}, "NOTICE_TOO_LONG"),
        (
            {"recipients": [{"recipient_no": "1", "ways": [{"channel": "voice", "address": "000"}]}]},
            "NOTICE_NO_CHANNEL",
        ),
    ],
)
async def test_what_can_never_be_sent_is_told_at_once(
    dsn: str, tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    async with town(dsn, tmp_path) as here:
        await here.ask("a", **changes)
        (dead,) = await here.rig.until_state(State.DEAD)
    assert dead.code == code
    assert "冒名" not in dead.detail
    assert here.sms.arrived == []
