# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Answers that are kept in memory, for the bench and for tests: what the hub makes of an answer, without a journal."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.sdk.answers import MAX_REFERENCE, Answer, Heard
from connectors.sdk.guard import sound_answer
from connectors.sdk.outcomes import Accepted


@dataclass(slots=True)
class MemoryAnswers:
    """A :class:`connectors.sdk.Answers` for one destination.

    ``given`` is everything that was ever given, in order. :meth:`sent` says what the hub's own commit of an ``Accepted`` says.
    ``early_bound``: so many answers may wait for that. ``away``: the journal is away, nothing is kept.
    """

    early_bound: int = 1_000
    away: bool = False
    given: list[Answer] = field(default_factory=list)
    contradictions: list[Answer] = field(default_factory=list)
    final: dict[str, Answer] = field(default_factory=dict)
    """The answer that counts, by reference; for what was accepted and for what was not yet."""
    accepted: set[str] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def sent(self, accepted: Accepted) -> Answer | None:
        """The hub has committed this; gives the answer that had come early."""
        self.accepted.add(accepted.reference[:MAX_REFERENCE])
        return self.final.get(accepted.reference[:MAX_REFERENCE])

    async def answered(self, answers: Sequence[Answer]) -> Sequence[Heard]:
        """As the port says."""
        heard = [self._hear(answer) for answer in map(sound_answer, answers)]
        self._changed.set()
        return heard

    async def until_given(self, count: int) -> Sequence[Answer]:
        """Return once so many answers were given, repeats included."""
        while len(self.given) < count:
            self._changed.clear()
            await self._changed.wait()
        return list(self.given)

    async def until_kept(self, reference: str) -> Answer:
        """Return the answer that counts for this reference, once it was given and kept."""
        while reference not in self.final:
            self._changed.clear()
            await self._changed.wait()
        return self.final[reference]

    def _hear(self, answer: Answer) -> Heard:
        self.given.append(answer)
        reference = answer.reference
        if self.away:
            return Heard.TOO_MANY
        if (first := self.final.get(reference)) is not None:
            if type(first.outcome) is type(answer.outcome):
                return Heard.KNOWN
            self.contradictions.append(answer)
            return Heard.CONTRADICTED
        if reference in self.accepted:
            self.final[reference] = answer
            return Heard.RECORDED
        if len(self.final.keys() - self.accepted) >= self.early_bound:
            return Heard.TOO_MANY
        self.final[reference] = answer
        return Heard.EARLY
