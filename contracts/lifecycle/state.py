# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How far a case has come: the records that are known of it, and what follows from them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from contracts.codes import SpecialProcedure
from contracts.lifecycle.message import CORRECTION, FINDINGS, Kind, Message
from contracts.lifecycle.standing import Clock, Phase, Ticking

_WORK = (Kind.STEP, Kind.SPECIAL_STARTED, Kind.SPECIAL_ENDED, Kind.FEE, Kind.PAYMENT)
_OPENING = (Kind.APPLICATION, Kind.PREREVIEW, Kind.CORRECTION_REQUESTED, Kind.ACCEPTANCE)


@dataclass(frozen=True, slots=True)
class State:
    """The latest version of every record of one case. Equal whatever order the records came in.

    ``adopted``: the case was under way before its messages came here, so records that are missing are not waited for.
    """

    records: frozenset[Message] = frozenset()
    adopted: bool = False

    def record(self, kind: Kind, key: str) -> Message | None:
        """This record, if it is known."""
        return next((one for one in self.records if one.kind is kind and one.key == key), None)

    def of(self, kind: Kind, *outcomes: str) -> Iterator[Message]:
        """The records of this kind, with one of these outcomes if any are given."""
        return (one for one in self.records if one.kind is kind and (not outcomes or one.outcome in outcomes))

    def has(self, kind: Kind, *outcomes: str) -> bool:
        """Whether there is such a record."""
        return any(self.of(kind, *outcomes))

    @property
    def opened(self) -> bool:
        """Whether there was an application: it is known, or a record that a department makes about one only."""
        return any(map(self.has, _OPENING))

    @property
    def accepted(self) -> bool:
        """Whether the case was taken on; an adopted case also shows it by the work on it."""
        return self.has(Kind.ACCEPTANCE, "accepted") or (self.adopted and any(map(self.has, _WORK)))

    @property
    def refusals(self) -> frozenset[Message]:
        """The prereview and the acceptance that refuse the case.

        Not one that was corrected into asking for corrections: such a request has a higher version and no earlier time.
        """
        return frozenset(
            one
            for one in self.records
            if one.outcome == "refused"
            and one.kind in FINDINGS
            and not any(
                asking.version > one.version and asking.at >= one.at for asking in self.of(one.kind, CORRECTION)
            )
        )

    @property
    def requests(self) -> frozenset[Message]:
        """Everything that asks the applicant for corrections: notices, and findings that say so."""
        return frozenset(one for one in self.records if one.asks)

    @property
    def requests_open(self) -> frozenset[Message]:
        """The requests that nothing has settled: no answer, and no later finding that needs none.

        An answer settles the notice whose number it carries. Where one of the two has no number their times decide: by law
        everything is asked for at once, so an answer is one to all that was asked before it.
        """
        answers = tuple(self.of(Kind.CORRECTION_SUPPLIED))
        findings = (*self.of(Kind.PREREVIEW, "passed", "refused"), *self.of(Kind.ACCEPTANCE, "accepted", "refused"))
        return frozenset(
            request
            for request in self.requests
            if not any(settles(answer, request) for answer in answers)
            and not any(finding.at >= request.at for finding in findings)
        )

    @property
    def specials_open(self) -> frozenset[Message]:
        """The starts of special procedures that have not ended."""
        ended = {one.key for one in self.of(Kind.SPECIAL_ENDED)}
        return frozenset(one for one in self.of(Kind.SPECIAL_STARTED) if one.key not in ended)

    @property
    def clock(self) -> Clock:
        """The legal clock. An extension lengthens the period and pauses nothing; the completion ends whatever is open."""
        over = map(self.has, (Kind.COMPLETION, Kind.LICENCE, Kind.COLLECTION))
        if any(over) or self.refusals:
            return Clock(Ticking.STOPPED)
        if not self.accepted:
            return Clock(Ticking.NOT_STARTED)
        procedures = {one for one in self.specials_open if one.outcome != SpecialProcedure.EXTENSION.value}
        pauses = self.requests_open | procedures
        return Clock(Ticking.PAUSED, pauses) if pauses else Clock(Ticking.RUNNING)

    @property
    def phase(self) -> Phase:
        """Where the case stands."""
        if self.refusals and not self.has(Kind.COMPLETION):
            return Phase.REFUSED
        ends = ((Kind.COLLECTION, Phase.COLLECTED), (Kind.LICENCE, Phase.LICENSED), (Kind.COMPLETION, Phase.CLOSED))
        for kind, phase in ends:
            if self.has(kind):
                return phase
        if self.accepted:
            special = any(one.kind is Kind.SPECIAL_STARTED for one in self.clock.paused_by)
            return Phase.SUSPENDED if special else Phase.HANDLING
        if self.requests_open:
            return Phase.CORRECTING
        if self.has(Kind.PREREVIEW, "passed"):
            return Phase.PREREVIEWED
        return Phase.APPLIED if self.opened else Phase.UNKNOWN

    def told(self, message: Message) -> "State":
        """The state with this record, in place of an earlier version of it."""
        kept = (one for one in self.records if (one.kind, one.key) != (message.kind, message.key))
        return replace(self, records=frozenset((*kept, message)))

    def adopt(self) -> "State":
        """The state of the same case, adopted in the middle of its life."""
        return replace(self, adopted=True)


def settles(answer: Message, request: Message) -> bool:
    """Whether what was supplied answers a request: by its number, or where one of the two has none, by its time."""
    if answer.number and request.number:
        return answer.number == request.number
    return answer.at >= request.at
