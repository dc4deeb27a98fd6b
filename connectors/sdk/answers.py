# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The answer that comes later: what became of a delivery that the far side had only ``Accepted``.

A status report of a text message, the callback of a seal service, the route of a parcel, the acknowledgement of a bundle: it
comes by a receiver, by a source, or by something the sink itself fetches, and it is given to ``Context.answers``.

    sink.send      ->  Accepted("R-17")
    …later…        ->  await context.answers.answered([Answer("R-17", Delivered("signed 2026-11-28"))])
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NoReturn, Protocol, TypeAlias, runtime_checkable

from pydantic import Field

from connectors.sdk.outcomes import Delivered, Rejected

MAX_REFERENCE = 500
"""The longest reference, in characters. What is longer is cut, in an ``Accepted`` and in an :class:`Answer` alike."""

HEARD_SECONDS = 4.0
"""How long ``answered`` waits for the journal; what is not recorded by then is ``TOO_MANY``."""

AnswerWithin: TypeAlias = Annotated[
    float,
    Field(
        gt=0,
        le=366 * 86_400,
        description="最终答复最迟多少秒内到达；逾期则查询（可查询时）或告警 / "
        "The final answer to what was accepted comes within so many seconds; later the hub asks where it can, else it alarms",
    ),
]
"""The type of a settings field ``answer_within``; the hub reads it by that name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The far side's final word about what it accepted under ``reference``.

    ``reference`` is the one of the ``Accepted``: the connector makes it unique for ever within its destination, so that it
    cannot be mistaken for another one. ``at`` is when the far side says that it happened, with an offset.
    """

    reference: str
    outcome: Delivered | Rejected
    at: datetime | None = None


class Heard(StrEnum):
    """What the hub made of an answer. All but ``TOO_MANY``: it is kept, durably, and need not be given again."""

    RECORDED = "recorded"
    """The delivery has its outcome now."""
    KNOWN = "known"
    """It was given before, with the same outcome."""
    EARLY = "early"
    """Nothing was accepted under this reference yet: it is applied when that happens. What nobody ever asked for is dropped
    after some days, and counted.
    """
    CONTRADICTED = "contradicted"
    """Another final answer was given before, or the delivery has ended otherwise: written beside it, never applied."""
    TOO_MANY = "too_many"
    """Not kept: too many early ones wait already, or the journal is away. Give it again later."""


class Answers(Protocol):
    """Where answers are given. For a sink: about its own destination's deliveries. For a receiver or a source: about those of
    the destination that its settings name as ``answers_for``, which must be of the same system.
    """

    async def answered(self, answers: Sequence[Answer]) -> Sequence[Heard]:
        """Give answers, in the order in which they happened; returns what was made of each, in the same order, when that is
        durable, or after ``HEARD_SECONDS``.

        Concurrency: called concurrently, many share a commit. Cancellation: at any await; they may be recorded all the
        same. Idempotency: may be repeated, also to another hub. Give many at once where many come at once. Whatever the
        far side's texts hold is bounded and made storable; nothing of it may be personal data. Raises ``LookupError``
        where the settings name no destination, ``TypeError`` or ``ValueError`` for what is no answer: these are bugs.
        """
        ...


@dataclass(frozen=True, slots=True)
class AwaitedPage:
    """References under which this destination accepted something that is not answered yet. ``after`` is for the next page."""

    references: tuple[str, ...]
    after: str


@runtime_checkable
class Awaited(Protocol):
    """For sinks that look for their answers themselves, and begin again after a restart: what was accepted before."""

    async def awaited(self, after: str) -> AwaitedPage | None:
        """A page; ``after`` is empty for the first. An empty page: no more. None: the hub cannot tell now. Safe at any await."""
        ...


class NoAnswers:
    """Where no destination is named."""

    async def answered(self, answers: Sequence[Answer]) -> NoReturn:  # noqa: ARG002  # because nobody could take them
        """Raises ``LookupError``."""
        raise LookupError("the settings name no destination as answers_for")
