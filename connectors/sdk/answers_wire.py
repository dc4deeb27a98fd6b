# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How answers cross the border of a child process: a child asks, the hub says what it made of each."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Final

import orjson

from connectors.sdk.answers import Answer, Answers, Heard
from connectors.sdk.guard import sound_answer
from connectors.sdk.outcomes import Delivered, Rejected
from connectors.sdk.wire import MAX_HEAD_BYTES

MOST_AT_ONCE: Final = 16
"""So many questions of one child may be under way."""

_FRAME_BYTES = MAX_HEAD_BYTES // 2
_MOST = 1_000
_HEARD: Final = {one.value: one for one in Heard}


class AskingAnswers:
    """The child's side: a :class:`connectors.sdk.Answers` that asks the hub. ``say`` writes a frame."""

    def __init__(self, say: Callable[[Mapping[str, object]], None]) -> None:
        self._say = say
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[Sequence[Heard] | None]] = {}
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def answered(self, answers: Sequence[Answer]) -> Sequence[Heard]:
        """As the port says."""
        heard: list[Heard] = []
        for portion in _portions([_written(sound_answer(answer)) for answer in answers]):
            heard += await self._ask(portion)
        return heard

    def hear(self, number: int, heard: object) -> None:
        """The hub has spoken. It is not doubted."""
        asked = self._asked.get(number)
        if asked is not None and not asked.done():
            asked.set_result([_HEARD[one] for one in heard] if isinstance(heard, list) else None)

    async def _ask(self, portion: Sequence[object]) -> Sequence[Heard]:
        number = next(self._numbers)
        asked: asyncio.Future[Sequence[Heard] | None] = asyncio.get_running_loop().create_future()
        async with self._room:
            self._asked[number] = asked
            try:
                self._say({"is": "answered", "id": number, "answers": portion})
                heard = await asyncio.shield(asked)
            finally:
                # Cancelled, it is still under way at the hub, and still counts there.
                del self._asked[number]
        if heard is None:
            raise LookupError("the settings name no destination as answers_for")
        return heard


class Hearing:
    """The hub's side: gives what a child says to ``answers``. ``write`` hands a frame to the child."""

    def __init__(self, answers: Answers, write: Callable[[Mapping[str, object]], None]) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._answers = answers
        self._write = write

    def hear(self, number: int, written: object) -> str:
        """Take what a child says; gives what is wrong with it. What is more than may be under way is told so."""
        answers = answers_of(written)
        if answers is None:
            return "not answers"
        if len(self.tasks) >= MOST_AT_ONCE:
            self._say(number, [Heard.TOO_MANY] * len(answers))
        else:
            task = asyncio.create_task(self._give(number, answers))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return ""

    async def _give(self, number: int, answers: Sequence[Answer]) -> None:
        try:
            heard: Sequence[Heard] | None = await self._answers.answered(answers)
        except LookupError:
            heard = None
        self._say(number, heard)

    def _say(self, number: int, heard: Sequence[Heard] | None) -> None:
        self._write({"is": "heard", "id": number, "heard": None if heard is None else [one.value for one in heard]})


def answers_of(written: object) -> list[Answer] | None:
    """The answers again, or None if they are none: a child may write anything."""
    if not isinstance(written, list) or not 0 < len(written) <= _MOST:
        return None
    try:
        return [sound_answer(_answer(one)) for one in written]
    except (TypeError, ValueError):
        return None


def _written(answer: Answer) -> list[object]:
    at = answer.at.isoformat() if answer.at is not None else None
    match answer.outcome:
        case Delivered(receipt=receipt):
            return [answer.reference, at, "delivered", receipt]
        case Rejected(code=code, detail=detail, violations=violations):
            return [answer.reference, at, "rejected", code, detail, list(violations)]


def _answer(written: object) -> Answer:
    match written:
        case [str(reference), str() | None as at, "delivered", str(receipt)]:
            outcome: Delivered | Rejected = Delivered(receipt)
        case [str(reference), str() | None as at, "rejected", str(code), str(detail), list(violations)]:
            outcome = Rejected(code, detail, tuple(violations))
        case _:
            raise TypeError("not an answer")
    return Answer(reference, outcome, datetime.fromisoformat(at) if at is not None else None)


def _portions(written: Sequence[list[object]]) -> Iterator[list[list[object]]]:
    """As many as fit into one frame, one after the other."""
    portion: list[list[object]] = []
    size = 0
    for one in written:
        length = len(orjson.dumps(one))
        if portion and (size + length > _FRAME_BYTES or len(portion) == _MOST):
            yield portion
            portion, size = [], 0
        portion.append(one)
        size += length
    if portion:
        yield portion
