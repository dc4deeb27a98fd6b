# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of rows after they were written: the far side's flag and its tables of errors become the final answer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import pytest
from pydantic import ValidationError

from connectors.databases.trouble import Trouble
from connectors.front_db import CONNECTOR
from connectors.front_db.sink import FrontDbSink
from connectors.sdk import (
    Accepted,
    Answer,
    AwaitedPage,
    Context,
    Delivered,
    Heard,
    Idempotency,
    InDoubt,
    NotSeen,
    Parcel,
    Rejected,
    Sink,
    Unavailable,
)
from connectors.sdk.far_side import Behaviour
from tests.connectors.far_database import Relay
from tests.connectors.front_db.conftest import ACCEPTED

TABLE, ERRORS = "up_pro_accept_v3", "dn_audit_abnormal"
KEY = str(ACCEPTED["row_guid"])
Parcels = Callable[..., Parcel]
FLAG = {"column": "is_sync", "new": "0", "taken": "1", "refused": "9"}
FEEDBACK: dict[str, Any] = {
    "taken": ["1"],
    "refused": ["3"],
    "code": "error_code",
    "text": "error_reason",
    "poll_seconds": 0.05,
    "errors": [{"table": ERRORS, "names": "row_guid", "code": "error_code", "text": "error_msg", "flag": FLAG}],
}


class Heeding:
    """The hub's ear: what it was told, and what it says to that."""

    def __init__(self) -> None:
        self.told: list[Answer] = []
        self.says: list[Heard] = []
        self._bell = asyncio.Condition()

    async def answered(self, answers: Sequence[Answer]) -> Sequence[Heard]:
        async with self._bell:
            self.told += answers
            self._bell.notify_all()
        return [self.says.pop(0) if self.says else Heard.RECORDED for _ in answers]

    async def until_told(self, count: int) -> list[Answer]:
        async with asyncio.timeout(30), self._bell:
            await self._bell.wait_for(lambda: len(self.told) >= count)
        return self.told


@pytest.fixture
def ear() -> Heeding:
    return Heeding()


@pytest.fixture
async def province(national: Relay) -> Relay:
    """The national tables, and one of errors that a province fills."""
    await national.server.execute(
        f"create table {ERRORS} (id integer primary key, row_guid varchar(50), project_no varchar(50), "
        "error_code varchar(50), error_msg varchar(500), is_sync varchar(1) not null default '0')"
    )
    return national


@asynccontextmanager
async def opened(relay: Relay, context: Context, ear: Heeding, **changes: Any) -> AsyncIterator[Sink]:
    settings = {**relay.address, "profile": "national_v3", "feedback": {**FEEDBACK, **changes}}
    lent = replace(context, answers=ear)
    async with CONNECTOR.sink(CONNECTOR.config.model_validate(settings), lent) as sink:
        yield sink


async def test_written_is_accepted_and_taken_is_delivered(
    province: Relay, context: Context, ear: Heeding, parcel_of: Parcels
) -> None:
    async with opened(province, context, ear) as sink:
        assert await sink.send(parcel_of((TABLE, ACCEPTED))) == Accepted(KEY)
        assert await sink.query(KEY) == Accepted(KEY)
        assert ear.told == []
        await province.server.execute(f"update {TABLE} set is_sync = '1'")
        (answer, *_) = await ear.until_told(1)
        assert await sink.query(KEY) == Delivered("is_sync=1")
        assert isinstance(await sink.query("never"), NotSeen)
    assert answer == Answer(KEY, Delivered("is_sync=1"))


async def test_a_row_that_is_refused_says_why_without_anybodys_number(
    province: Relay, context: Context, ear: Heeding, parcel_of: Parcels
) -> None:
    async with opened(province, context, ear) as sink:
        await sink.send(parcel_of((TABLE, ACCEPTED)))
        await province.server.execute(
            f"update {TABLE} set is_sync = '3', error_code = 'E-07', error_reason = '证件号 99000019900101005X 校验不通过'"
        )
        (answer, *_) = await ear.until_told(1)
    assert answer == Answer(KEY, Rejected("FAR_E-07", "证件号 … 校验不通过"))


async def test_an_error_handed_down_goes_to_the_row_it_names_once(
    province: Relay, context: Context, ear: Heeding, parcel_of: Parcels
) -> None:
    async with opened(province, context, ear) as sink:
        await sink.send(parcel_of((TABLE, ACCEPTED)))
        await province.server.execute(
            f"insert into {ERRORS} values (1, %s, null, 'A01', '环节缺失', '0'), (2, null, null, 'A02', 'x', '0')", KEY
        )
        await ear.until_told(1)
        await province.server.execute(f"insert into {ERRORS} values (3, %s, null, 'A03', 'y', '0')", KEY)
        first, second = await ear.until_told(2)
        flags = await province.server.fetch(f"select is_sync from {ERRORS} where id < 3 order by id")
    assert (first, second) == (Answer(KEY, Rejected("FAR_A01", "环节缺失")), Answer(KEY, Rejected("FAR_A03", "y")))
    assert [one["is_sync"] for one in flags] == ["1", "9"]


async def test_an_error_that_names_the_case_is_about_its_newest_row(
    province: Relay, context: Context, ear: Heeding, parcel_of: Parcels
) -> None:
    errors = {**FEEDBACK["errors"][0], "names": "project_no", "case": {"table": TABLE, "column": "project_no"}}
    newer = {**ACCEPTED, "row_guid": "corrected", "cd_operation": "U", "cd_time": "2026-03-04 10:00:05"}
    async with opened(province, context, ear, errors=[errors]) as sink:
        await sink.send(parcel_of((TABLE, ACCEPTED)))
        await sink.send(parcel_of((TABLE, newer)))
        await province.server.execute(
            f"insert into {ERRORS} values (1, null, %s, 'A01', 'x', '0')", str(ACCEPTED["project_no"])
        )
        (answer, *_) = await ear.until_told(1)
    assert answer.reference == "corrected"


async def test_what_the_hub_cannot_keep_is_told_again(
    province: Relay, context: Context, ear: Heeding, parcel_of: Parcels
) -> None:
    ear.says = [Heard.TOO_MANY, Heard.TOO_MANY, Heard.EARLY]
    async with opened(province, context, ear) as sink:
        await sink.send(parcel_of((TABLE, ACCEPTED)))
        await province.server.execute(f"insert into {ERRORS} values (1, %s, null, 'A01', 'x', '0')", KEY)
        told = await ear.until_told(3)
        assert {one.reference for one in told} == {KEY}


async def test_an_error_of_another_destination_is_left_to_it_and_in_the_end_is_nobodys(
    province: Relay, context: Context, ear: Heeding
) -> None:
    """Two destinations look into one table of errors: whoever wrote the row is to have it."""
    ear.says = [Heard.EARLY]
    clock = [0.0]

    async def flags() -> list[str]:
        return [one["is_sync"] for one in await province.server.fetch(f"select is_sync from {ERRORS}")]

    async with opened(province, replace(context, monotonic=lambda: clock[0]), ear) as sink:
        await province.server.execute(f"insert into {ERRORS} values (1, 'of-another', null, 'A01', 'x', '0')")
        await ear.until_told(1)
        await look(sink)
        await look(sink)
        assert await flags() == ["0"]
        assert len(ear.told) == 1, "it is told once"
        clock[0] = 61.0
        await look(sink)
        assert await flags() == ["9"]


async def look(sink: Sink) -> None:
    """Have it look once more, apart from its own rounds."""
    assert isinstance(sink, FrontDbSink)
    assert sink._feedback is not None  # because it looks by itself otherwise, and rings no bell
    assert not isinstance(await sink._feedback.look(), Trouble)  # the same


async def test_a_row_whose_commit_was_not_answered_is_asked_about_and_then_looked_on(
    province: Relay, context: Context, ear: Heeding, parcel_of: Parcels
) -> None:
    async with opened(province, context, ear) as sink:
        await province.behave(Behaviour.CUT)
        assert isinstance(await sink.send(parcel_of((TABLE, ACCEPTED))), InDoubt)
        await province.behave(Behaviour.ACCEPT)
        assert await sink.query(KEY) == Accepted(KEY)
        await province.server.execute(f"update {TABLE} set is_sync = '1'")
        assert await ear.until_told(1) == [Answer(KEY, Delivered("is_sync=1"))]


async def test_a_bug_that_ends_the_looking_on_is_said(province: Relay, context: Context, parcel_of: Parcels) -> None:
    said = asyncio.Event()

    class Deaf(Heeding):
        async def answered(self, answers: Sequence[Answer]) -> Sequence[Heard]:
            raise LookupError

    class Log:
        def warning(self, event: str, **_: object) -> None: ...

        def error(self, event: str, **told: object) -> None:
            assert (event, told) == ("feedback ended", {"error": "LookupError"})
            said.set()

    async with opened(province, replace(context, log=cast("Any", Log())), Deaf()) as sink:
        await sink.send(parcel_of((TABLE, ACCEPTED)))
        await province.server.execute(f"update {TABLE} set is_sync = '1'")
        async with asyncio.timeout(30):
            await said.wait()
        assert await sink.query(KEY) == Delivered("is_sync=1"), "it can still be asked"


async def test_an_outage_of_the_far_side_costs_time_alone(
    province: Relay, context: Context, ear: Heeding, parcel_of: Parcels
) -> None:
    async with opened(province, context, ear) as sink:
        await sink.send(parcel_of((TABLE, ACCEPTED)))
        await province.server.execute(f"update {TABLE} set is_sync = '1'")
        await ear.until_told(1)
        await province.behave(Behaviour.OUTAGE)
        assert isinstance(await sink.query(KEY), Unavailable)
        await province.behave(Behaviour.ACCEPT)
        assert await sink.query(KEY) == Delivered("is_sync=1")


def test_it_promises_answers_and_to_be_asked() -> None:
    settings = {"url": "postgresql://h/d", "user": "u", "password_secret": "p", "profile": "national_v3"}
    plain = CONNECTOR.promises(CONNECTOR.config.model_validate(settings))
    with_feedback = CONNECTOR.promises(CONNECTOR.config.model_validate({**settings, "feedback": FEEDBACK}))
    assert (plain.receipts, plain.idempotency) == (False, Idempotency.NATIVE)
    assert (with_feedback.receipts, with_feedback.idempotency) == (True, Idempotency.QUERYABLE)
    in_order = {**settings, "feedback": {**FEEDBACK, "in_order": True}}
    assert CONNECTOR.promises(CONNECTOR.config.model_validate(in_order)).ordered_completion
    assert not with_feedback.ordered_completion


@pytest.mark.parametrize("wrong", [{"feedback": {"refused": ["1"]}}, {"feedback": {}, "tables": []}])
def test_settings_that_do_not_fit_together(wrong: dict[str, Any]) -> None:
    settings = {"url": "postgresql://h/d", "user": "u", "password_secret": "p", "profile": "national_v3", **wrong}
    with pytest.raises(ValidationError):
        CONNECTOR.config.model_validate(settings)


class Remembering(Heeding):
    """One that also knows what was accepted before, a page at a time; and at first it does not answer."""

    def __init__(self, *references: str) -> None:
        super().__init__()
        self.pages = [None, *(AwaitedPage((one,), one) for one in references), AwaitedPage((), "")]
        self.asked: list[str] = []

    async def awaited(self, after: str) -> AwaitedPage | None:
        self.asked.append(after)
        return self.pages.pop(0)


async def test_what_was_written_before_a_restart_is_looked_for_at_once(
    province: Relay, context: Context, ear: Heeding, parcel_of: Parcels
) -> None:
    async with opened(province, context, ear) as sink:
        assert await sink.send(parcel_of((TABLE, ACCEPTED))) == Accepted(KEY)
    await province.server.execute(f"update {TABLE} set is_sync = '1'")
    before = Remembering(KEY)
    async with opened(province, replace(context, awaited=before), before, errors=[]):
        (answer, *_) = await before.until_told(1)
    assert answer == Answer(KEY, Delivered("is_sync=1"))
    assert before.asked == ["", "", KEY]
