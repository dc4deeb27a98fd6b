# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What this hub hears of its destinations, and which are shut. 熔断

The truth is in the journal (:class:`hub.ports.journal.Gates`), shared by all hubs. Here is what this hub heard and has not told
yet, and what it read last: so neither an acceptance nor a frame costs a question, and the journal is told in bunches.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.sdk import InDoubt, Outcome, QueryOutcome, Unavailable
from connectors.sdk.guard import broke
from hub.ports.journal import Breaker, Gate, Gates, Heard, JournalDown, Offers


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """So many failures in a row open it; it is probed after ``first`` seconds, then after pauses doubled up to ``longest``."""

    failures: int
    first: float
    longest: float


@dataclass(slots=True)
class _Untold:
    """Since the journal was last told."""

    answered: bool = False
    failures: int = 0
    reason: str = ""


@dataclass(slots=True)
class Breakers:
    """One per hub. ``policies`` are those of the destinations that have a breaker; a person may pause any destination."""

    gates: Gates
    offers: Offers
    policies: Mapping[str, BreakerPolicy]
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the journal should be told soon."""
    known: Mapping[str, Gate] = field(default_factory=dict)
    """As last read."""
    _untold: dict[str, _Untold] = field(default_factory=dict)
    _telling: dict[str, _Untold] = field(default_factory=dict)
    _shut: frozenset[str] = frozenset()

    def shut(self, destination: str) -> bool:
        """Whether its deliveries wait, as far as this hub knows; a claim asks the journal itself."""
        return destination in self._shut

    def hear(self, destination: str, outcome: QueryOutcome) -> None:
        """Count how a send or a query ended. ``Rejected`` is an answer too; what the connector broke by itself is none."""
        if destination not in self.policies:
            return
        match outcome:
            case Unavailable(reason):
                self._failed(destination, reason)
            case InDoubt(reason):
                if not broke(reason):
                    self._failed(destination, reason)
            case _:
                self._answered(destination)

    def _failed(self, destination: str, reason: str) -> None:
        heard = self._untold.setdefault(destination, _Untold())
        heard.failures += 1
        heard.reason = reason
        self._look()
        self.news.set()

    def _answered(self, destination: str) -> None:
        known = self.known.get(destination)
        if (
            destination in self._untold
            or destination in self._telling
            or (known is not None and (known.failures or known.openings))
        ):
            self._untold[destination] = _Untold(answered=True)
            self._look()
            self.news.set()

    async def tell(self) -> None:
        """Tell the journal what was heard, and read what it has of all destinations. A journal that is away is told later."""
        self.news.clear()
        if not self._telling:
            self._telling, self._untold = self._untold, {}
        told = [self._heard(*one) for one in self._telling.items()]
        if told and isinstance(await self.gates.report(told), JournalDown):
            return
        states = await self.gates.states()
        if not isinstance(states, JournalDown):
            self.known, self._telling = states, {}
            self._look()

    def _heard(self, destination: str, heard: _Untold) -> Heard:
        policy = self.policies[destination]
        return Heard(
            destination=destination,
            answered=heard.answered,
            failures=heard.failures,
            reason=heard.reason.replace("\x00", "")[:200],
            most=policy.failures,
            first=policy.first,
            longest=policy.longest,
        )

    def _look(self) -> None:
        """What the journal shut, and what it will shut when it hears what we heard: no send slips in until then."""
        shut = {name for name, gate in self.known.items() if gate.shut}
        for name in self._untold.keys() | self._telling.keys():
            known = self.known.get(name)
            failures = 0 if known is None else known.failures
            for heard in (self._telling.get(name), self._untold.get(name)):
                if heard is not None:
                    failures = (0 if heard.answered else failures) + heard.failures
            if failures >= self.policies[name].failures:
                shut.add(name)
        if shut != self._shut:
            self._shut = frozenset(shut)
            self.offers.shut(self._shut)

    def probe_due(self, destination: str, now: datetime) -> bool:
        """Whether its breaker, and not a person, keeps it shut, and it is time to see whether it is back."""
        gate = self.known.get(destination)
        if gate is None or gate.breaker is Breaker.CLOSED or gate.paused is not None:
            return False
        return gate.probe_at is not None and gate.probe_at <= now


def alive(outcome: Outcome) -> bool | None:
    """What an outcome says of the far side: it answered, it did not, or it cannot be told."""
    match outcome:
        case Unavailable():
            return False
        case InDoubt():
            return None
        case _:
            return True
