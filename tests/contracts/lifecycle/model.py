# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a case told once more, plainly and in another way, for the rules to be held against."""

from typing import NamedTuple

from contracts.lifecycle.message import Message

APPLICATION, PREREVIEW, ACCEPTANCE = (
    "cn.gov.application.submitted",
    "cn.gov.prereview.decided",
    "cn.gov.acceptance.decided",
)
NOTICE, SUPPLIED = "cn.gov.correction.requested", "cn.gov.correction.supplied"
STEP, STARTED, ENDED = "cn.gov.process.step", "cn.gov.special.started", "cn.gov.special.ended"
FEE, PAYMENT = "cn.gov.fee.notified", "cn.gov.payment.recorded"
COMPLETION, LICENCE = "cn.gov.completion.decided", "cn.gov.licence.issued"
COLLECTION, EVALUATION = "cn.gov.collection.recorded", "cn.gov.evaluation.recorded"


class Fact(NamedTuple):
    version: int
    said: str
    number: str
    at: str
    lacking: bool


class Case:
    """What is known of a case, as (kind, key) -> fact."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Fact] = {}
        self.adopted = False

    def all(self, *kinds: str) -> list[Fact]:
        return [fact for (kind, _), fact in self.known.items() if kind in kinds]

    def said(self, kind: str) -> set[str]:
        return {fact.said for fact in self.all(kind)}

    def hear(self, message: Message) -> str:
        """Remember a message that fits; the number of the rule that keeps another from it."""
        place = (message.kind.value, message.key)
        fact = Fact(message.version, message.outcome, message.number, message.at, message.lacking)
        before = self.known.get(place)
        if before is not None and fact.version <= before.version:
            return self._heard_before(place, before, fact)
        self.known[place] = fact
        answer = self._conflict()
        del self.known[place]
        if before is not None:
            self.known[place] = before
        if not answer and not self.adopted:
            answer = self._missing(message.kind.value, message.key, fact)
        if answer:
            return answer
        self.known[place] = fact
        return "new" if before is None else "corrected"

    def _heard_before(self, place: tuple[str, str], before: Fact, fact: Fact) -> str:
        if fact.version < before.version:
            return "superseded"
        if fact.said != before.said:
            return "R21"
        times = sorted((before.at, fact.at))
        self.known[place] = before._replace(
            at=times[-1 if place[0] == COMPLETION else 0], lacking=before.lacking or fact.lacking
        )
        return "repeated"

    def turned_away(self, kind: str) -> bool:
        softer = [fact for fact in self.all(kind) if fact.said == "correction"]
        for fact in self.all(kind):
            if fact.said == "refused":
                return not [one for one in softer if one.version > fact.version and not one.at < fact.at]
        return False

    def asked(self) -> list[Fact]:
        return self.all(NOTICE) + [fact for fact in self.all(PREREVIEW, ACCEPTANCE) if fact.said == "correction"]

    def _conflict(self) -> str:
        results = self.said(COMPLETION)
        away = self.turned_away(PREREVIEW) or self.turned_away(ACCEPTANCE)
        if self.turned_away(PREREVIEW) and "accepted" in self.said(ACCEPTANCE):
            return "R11"
        if away and (
            self.all(STEP, STARTED, ENDED, FEE, PAYMENT, LICENCE) or results & {"issued", "permitted", "denied"}
        ):
            return "R12"
        if self.all(LICENCE) and results - {"issued", "permitted", "closed"}:
            return "R13"
        if results & {"returned", "voided", "deleted", "lapsed", "withdrawn", "terminated"}:
            [end] = self.all(COMPLETION)
            work = self.all(PREREVIEW, NOTICE, ACCEPTANCE, STEP, STARTED)
            if end.at and any(fact.at[:10] > end.at[:10] for fact in work):
                return "R14"
        return ""

    def _missing(self, kind: str, key: str, fact: Fact) -> str:
        undecided = kind == COMPLETION and fact.said not in {"issued", "permitted", "denied"}
        if (undecided or kind == EVALUATION) and not self.all(APPLICATION, PREREVIEW, NOTICE, ACCEPTANCE):
            return "R01"
        if kind == SUPPLIED or fact.said == "lapsed":
            fitting = [one for one in self.asked() if "" in {fact.number, one.number} or one.number == fact.number]
            if not fitting and not any(one.lacking for one in self.known.values()):
                return "R02"
        if kind in {STEP, STARTED, FEE, PAYMENT} or (kind == COMPLETION and not undecided):
            return "" if "accepted" in self.said(ACCEPTANCE) else "R03"
        if kind == ENDED:
            return "" if (STARTED, key) in self.known else "R04"
        if kind in {LICENCE, COLLECTION} and not self.all(COMPLETION):
            if kind == LICENCE:
                return "R05"
            found = [fact for fact in self.all(PREREVIEW, ACCEPTANCE) if fact.said != "correction"]
            return "" if any(fact.said == "refused" or fact.version > 1 for fact in found) else "R06"
        return ""

    def clock(self) -> str:
        """What the legal clock does."""
        if self.all(COMPLETION, LICENCE, COLLECTION) or self.turned_away(PREREVIEW) or self.turned_away(ACCEPTANCE):
            return "stopped"
        work = self.all(STEP, STARTED, ENDED, FEE, PAYMENT)
        if "accepted" not in self.said(ACCEPTANCE) and not (self.adopted and work):
            return "not_started"
        for (kind, key), fact in self.known.items():
            if kind == STARTED and fact.said != "1" and (ENDED, key) not in self.known:
                return "paused"
        return "paused" if any(not self._settled(request) for request in self.asked()) else "running"

    def _settled(self, request: Fact) -> bool:
        for answer in self.all(SUPPLIED):
            both = answer.number and request.number
            if answer.number == request.number if both else answer.at >= request.at:
                return True
        found = [fact for fact in self.all(PREREVIEW, ACCEPTANCE) if fact.said != "correction"]
        return any(fact.at >= request.at for fact in found)
