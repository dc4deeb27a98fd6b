# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Answers are made sound before anybody keeps them, and cross the border of a child process as they are."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest
import structlog

from connectors.sdk import Accepted, Answer, Answers, Context, Delivered, Heard, InDoubt, Parcel, Rejected
from connectors.sdk.answers import MAX_REFERENCE
from connectors.sdk.answers_wire import answers_of
from connectors.sdk.guard import sound_answer
from connectors.sdk.hearing import MemoryAnswers
from connectors.sdk.host import ProcessSink
from connectors.sdk.process import Limits, Order

SABOTEUR = "tests.connectors.hostile.saboteur:CONNECTOR"
AT = datetime(2026, 11, 28, 9, tzinfo=UTC)
Make = Callable[..., Parcel]


def hosted(answers: Answers | None = None) -> ProcessSink:
    return ProcessSink(
        Order(reference=SABOTEUR, settings={"mood": ""}, destination="department"),
        secret={"token": "made-up-token"}.__getitem__,
        log=structlog.get_logger(),
        monotonic=asyncio.get_running_loop().time,
        limits=Limits(restart_seconds=0),
        answers=answers,
    )


class TestSound:
    @pytest.mark.parametrize(
        "answer",
        [
            Answer("R-1", Delivered("proof"), AT),
            Answer("办件-1", Rejected("NO", "why", ("one", "two"))),
        ],
    )
    def test_a_sound_one_stays_as_it_is(self, answer: Answer) -> None:
        assert sound_answer(answer) == answer

    def test_what_a_far_side_wrote_is_bounded_and_storable(self) -> None:
        wild = Answer("R\x00" + "x" * 2_000, Rejected("A\ud800", "d" * 9_000, tuple("v" * 9_000 for _ in range(900))))

        sound = sound_answer(wild)

        assert sound.reference == "R" + "x" * (MAX_REFERENCE - 1)
        assert isinstance(sound.outcome, Rejected)
        assert sound.outcome.code == "A?"
        assert len(sound.outcome.detail) == 1_000
        assert len(sound.outcome.violations) == 100
        assert {len(one) for one in sound.outcome.violations} == {1_000}

    @pytest.mark.parametrize(
        ("nonsense", "error"),
        [
            ({"reference": "R-1"}, TypeError),
            (Answer(cast("str", 7), Delivered()), TypeError),
            (Answer("R-1", cast("Delivered", Accepted("R-1"))), TypeError),
            (Answer("R-1", Delivered(cast("str", None))), TypeError),
            (Answer("R-1", Rejected("NO", violations=cast("tuple[str, ...]", ["a"]))), TypeError),
            (Answer("R-1", Delivered(), cast("datetime", "today")), TypeError),
            (Answer("R-1", Delivered(), datetime(2026, 11, 28)), ValueError),  # noqa: DTZ001  # because that is the fault
            (Answer("", Delivered()), ValueError),
            (Answer("\x00", Delivered()), ValueError),
        ],
    )
    def test_what_is_no_answer_is_a_bug(self, nonsense: object, error: type[Exception]) -> None:
        with pytest.raises(error):
            sound_answer(nonsense)

    @pytest.mark.parametrize(
        "written",
        [
            None,
            [],
            [[]],
            [["R-1", None, "delivered"]],
            [["R-1", None, "in_doubt", "x"]],
            [["", None, "delivered", "x"]],
            [["R-1", "yesterday", "delivered", "x"]],
            [["R-1", "2026-11-28T09:00:00", "delivered", "x"]],
            [["R-1", None, "rejected", "NO", "why", None]],
            [["R-1", None, "delivered", "x"]] * 1_001,
        ],
    )
    def test_what_a_child_may_write_instead_is_none(self, written: object) -> None:
        assert answers_of(written) is None


class TestFromAChild:
    async def test_they_arrive_and_what_was_made_of_them_comes_back(self, parcel: Make) -> None:
        answers = MemoryAnswers()
        answers.sent(Accepted("R-2"))
        async with hosted(answers) as sink:
            outcome = await sink.send(parcel("R-1", body=b"answer", timeout=20))

        assert outcome == Delivered("early,recorded")
        assert answers.given == [Answer("R-1", Delivered("seen"), AT), Answer("R-2", Rejected("NO", "why", ("a", "b")))]

    async def test_more_than_a_frame_holds_arrive_in_their_order(self, parcel: Make) -> None:
        answers = MemoryAnswers(early_bound=10_000)
        async with hosted(answers) as sink:
            outcome = await sink.send(parcel(body=b"many answers", timeout=20))

        assert outcome == Delivered("3000")
        assert [one.reference for one in answers.given] == [f"R-{number}" for number in range(3_000)]

    async def test_many_questions_at_once_are_all_answered(self, parcel: Make) -> None:
        answers = MemoryAnswers()
        async with hosted(answers) as sink:
            assert await sink.send(parcel(body=b"many questions", timeout=20)) == Delivered("100")

        assert len(answers.final) == 100

    @pytest.mark.parametrize(
        ("harm", "reason"),
        [
            ("no answer", "CONNECTOR_RAISED: TypeError"),
            ("false answers", "HOST_NONSENSE: not answers"),
        ],
    )
    async def test_nonsense_is_the_connectors_own_fault(self, harm: str, reason: str, parcel: Make) -> None:
        async with hosted(MemoryAnswers()) as sink:
            outcome = await sink.send(parcel(body=harm.encode(), timeout=20))

        assert isinstance(outcome, InDoubt)
        assert outcome.reason.startswith(reason)

    async def test_where_nobody_takes_them_that_is_told(self, parcel: Make) -> None:
        async with hosted() as sink:
            outcome = await sink.send(parcel(body=b"answer", timeout=20))

        assert isinstance(outcome, InDoubt)
        assert outcome.reason.startswith("CONNECTOR_RAISED: LookupError")

    async def test_a_journal_that_is_slow_keeps_nobody_else_waiting(self, parcel: Make) -> None:
        slow = Slow()
        async with hosted(slow) as sink, asyncio.TaskGroup() as group:
            waiting = group.create_task(sink.send(parcel("R-1", body=b"answer", timeout=20)))
            await slow.asked.wait()
            assert await sink.send(parcel("key-2", body=b"well", timeout=20)) == Delivered("key-2")
            slow.back.set()

        assert waiting.result() == Delivered("known,known")


class Slow:
    """Answers behind a journal that is away for a while."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.back = asyncio.Event()

    async def answered(self, answers: Sequence[Answer]) -> Sequence[Heard]:
        self.asked.set()
        await self.back.wait()
        return [Heard.KNOWN for _ in answers]


class TestMemory:
    async def test_as_the_hub_keeps_them(self) -> None:
        answers = MemoryAnswers(early_bound=2)
        answers.sent(Accepted("R-1"))

        heard = await answers.answered(
            [
                Answer("R-1", Delivered("a")),
                Answer("R-1", Delivered("b")),
                Answer("R-1", Rejected("NO")),
                Answer("R-2", Delivered()),
                Answer("R-3", Rejected("NO")),
                Answer("R-4", Delivered()),
                Answer("R-2", Delivered()),
            ]
        )

        assert heard == [
            Heard.RECORDED, Heard.KNOWN, Heard.CONTRADICTED, Heard.EARLY, Heard.EARLY, Heard.TOO_MANY, Heard.KNOWN,
        ]  # fmt: skip
        assert answers.sent(Accepted("R-3")) == Answer("R-3", Rejected("NO"))
        assert answers.contradictions == [Answer("R-1", Rejected("NO"))]

    async def test_while_the_journal_is_away_nothing_is_kept(self) -> None:
        answers = MemoryAnswers(away=True)

        assert await answers.answered([Answer("R-1", Delivered())]) == [Heard.TOO_MANY]
        assert not answers.final

    async def test_a_context_without_a_destination_takes_none(self, context: Context) -> None:
        with pytest.raises(LookupError):
            await context.answers.answered([Answer("R-1", Delivered())])
        lent = replace(context, answers=MemoryAnswers())
        assert await lent.answers.answered([Answer("R-1", Delivered())]) == [Heard.EARLY]
