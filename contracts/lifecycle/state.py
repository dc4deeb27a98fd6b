# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How far a case has come: the records that are known of it, and what follows from them."""

from dataclasses import dataclass

from contracts.codes import Code
from contracts.lifecycle.message import Kind, Message


class Phase(Code):
    """Where a case stands, for people and filters; the rules look at the records themselves."""

    UNKNOWN = "unknown", "未登记", "unknown"
    APPLIED = "applied", "已申请", "applied"
    CORRECTING = "correcting", "待补正", "to be corrected"
    PREREVIEWED = "prereviewed", "预审通过", "prereviewed"
    REFUSED = "refused", "不予受理", "refused"
    HANDLING = "handling", "办理中", "being handled"
    SUSPENDED = "suspended", "特别程序中", "in a special procedure"
    CLOSED = "closed", "已办结", "closed"
    LICENSED = "licensed", "已出证", "licence issued"
    COLLECTED = "collected", "已领取", "collected"


@dataclass(frozen=True, slots=True)
class State:
    """The latest version of every record of one case. Equal whatever order the records came in."""

    records: frozenset[Message] = frozenset()

    def record(self, kind: Kind, key: str) -> Message | None:
        """This record, if it is known."""
        return next((one for one in self.records if one.kind is kind and one.key == key), None)

    def has(self, kind: Kind, *outcomes: str) -> bool:
        """Whether there is a record of this kind, with one of these outcomes if any are given."""
        return any(one.kind is kind and (not outcomes or one.outcome in outcomes) for one in self.records)

    def count(self, kind: Kind, *outcomes: str) -> int:
        """How many such records there are."""
        return sum(one.kind is kind and (not outcomes or one.outcome in outcomes) for one in self.records)

    def keys(self, kind: Kind) -> frozenset[str]:
        """The keys of the records of this kind."""
        return frozenset(one.key for one in self.records if one.kind is kind)

    @property
    def specials_open(self) -> frozenset[str]:
        """The special procedures that have begun and not ended."""
        return self.keys(Kind.SPECIAL_STARTED) - self.keys(Kind.SPECIAL_ENDED)

    @property
    def corrections_due(self) -> int:
        """How many corrections were asked for and have not come; a prereview that asks counts where no notice does."""
        asked = self.count(Kind.CORRECTION_REQUESTED) or self.count(Kind.PREREVIEW, "correction")
        return max(0, asked - self.count(Kind.CORRECTION_SUPPLIED))

    @property
    def phase(self) -> Phase:
        """Where the case stands."""
        ends = ((Kind.COLLECTION, Phase.COLLECTED), (Kind.LICENCE, Phase.LICENSED), (Kind.COMPLETION, Phase.CLOSED))
        for kind, phase in ends:
            if self.has(kind):
                return phase
        if self.has(Kind.ACCEPTANCE, "refused") or self.has(Kind.PREREVIEW, "refused"):
            return Phase.REFUSED
        if self.has(Kind.ACCEPTANCE):
            return Phase.SUSPENDED if self.specials_open else Phase.HANDLING
        if self.corrections_due:
            return Phase.CORRECTING
        if self.has(Kind.PREREVIEW, "passed"):
            return Phase.PREREVIEWED
        return Phase.APPLIED if self.has(Kind.APPLICATION) else Phase.UNKNOWN

    def told(self, message: Message) -> "State":
        """The state with this record, in place of an earlier version of it."""
        kept = (one for one in self.records if (one.kind, one.key) != (message.kind, message.key))
        return State(frozenset((*kept, message)))
