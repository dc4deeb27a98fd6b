# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where connectors give the answers that come later: recorded and applied, or told that they must come again. 最终答复"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from structlog.typing import FilteringBoundLogger

from connectors.sdk import Answer, Answers, AwaitedPage, Heard, Rejected
from connectors.sdk.answers import HEARD_SECONDS, NoAnswers
from connectors.sdk.guard import sound_answer
from hub.hearing import Hearing
from hub.observing.observer import Observer
from hub.policy import Court, Policy
from hub.ports.clock import Clock
from hub.ports.journal import (
    Claim,
    FinalAnswer,
    FinalAnswers,
    HeardAnswer,
    JournalDown,
    Settlement,
    UnansweredDeliveries,
)
from hub.stages.judge import answer_given

_AT_ONCE = 1_000
_PAGE = 1_000
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class AnswerDesk:
    """Takes the answers of every destination of the deployment. ``counted`` are they, by destination and what was made of them,
    since the hub started; ``dropped`` the early ones that nothing was ever accepted for. ``hearing`` is told
    whose fate an answer was.
    """

    journal: FinalAnswers
    unanswered: UnansweredDeliveries
    court: Court
    clock: Clock
    observer: Observer
    log: FilteringBoundLogger
    policies: Mapping[str, Policy]
    hearing: Hearing = field(default_factory=Hearing)
    counted: Counter[tuple[str, Heard]] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    def of(self, destination: str) -> Answers:
        """Where the answers of this destination are given; nowhere, where there is none of that name."""
        return _Hatch(self, destination) if destination in self.policies else NoAnswers()

    async def take(self, destination: str, given: Sequence[Answer]) -> Sequence[Heard]:
        """As :meth:`connectors.sdk.Answers.answered`."""
        answers = [self._final(destination, sound_answer(one)) for one in given]
        heard = [Heard.TOO_MANY] * len(answers)
        try:
            async with asyncio.timeout(HEARD_SECONDS):
                for start in range(0, len(answers), _AT_ONCE):
                    await self._hear(heard, answers, start)
        except TimeoutError:
            self.log.warning("answers wait for the journal", destination=destination, answers=len(answers))
        for one in heard:
            self.counted[destination, one] += 1
        return heard

    async def awaited(self, destination: str, after: str) -> AwaitedPage | None:
        """As :meth:`connectors.sdk.Awaited.awaited`."""
        found = await self.unanswered.references(destination, UUID(after) if after else _FIRST, _PAGE)
        if isinstance(found, JournalDown):
            return None
        return AwaitedPage(tuple(reference for _, reference in found), str(found[-1][0]) if found else after)

    async def _hear(self, heard: list[Heard], answers: Sequence[FinalAnswer], start: int) -> None:
        some = answers[start : start + _AT_ONCE]
        for number, result in enumerate(await asyncio.gather(*map(self.journal.hear, some)), start):
            if isinstance(result, HeardAnswer):
                heard[number] = result.heard
                if result.heard is Heard.CONTRADICTED:
                    self.log.warning("answer contradicted", destination=answers[number].destination)
                if result.settlement is not None:
                    self.observer.settled(result.settlement, self.observer.stopwatch(), stale=False)
                    claim = result.settlement.claim
                    self.hearing.hear(claim.message_id, claim.contract)

    def _final(self, destination: str, answer: Answer) -> FinalAnswer:
        policy = self.policies[destination]
        settlement = partial(self._settlement, policy, answer)
        return FinalAnswer(
            destination=destination,
            reference=answer.reference,
            outcome=answer.outcome,
            at=answer.at,
            expired=isinstance(answer.outcome, Rejected) and answer.outcome.code in policy.expiries,
            settlement=settlement,
        )

    def _settlement(self, policy: Policy, answer: Answer, claim: Claim) -> Settlement:
        return answer_given(self.court, policy, answer.reference, answer.outcome, claim, self.clock.now())


@dataclass(frozen=True, slots=True)
class _Hatch:
    """The desk as one connector sees it."""

    desk: AnswerDesk
    destination: str

    async def answered(self, answers: Sequence[Answer]) -> Sequence[Heard]:
        return await self.desk.take(self.destination, answers)

    async def awaited(self, after: str) -> AwaitedPage | None:
        return await self.desk.awaited(self.destination, after)
