# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a case told once more, plainly and in another way, for the rules to be held against."""

from contracts.lifecycle.message import Kind, Message

KINDS = {kind.value: kind for kind in Kind}


class Case:
    """What is known of a case, as (kind, key) -> (version, outcome)."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], tuple[int, str]] = {}

    def outcomes(self, kind: Kind) -> set[str]:
        return {outcome for (name, _), (_, outcome) in self.known.items() if name == kind.value}

    def any(self, kind: Kind) -> bool:
        return bool(self.outcomes(kind))

    def open(self) -> bool:
        started = {key for name, key in self.known if name == Kind.SPECIAL_STARTED.value}
        return any((Kind.SPECIAL_ENDED.value, key) not in self.known for key in started)

    def hear(self, message: Message) -> int | str:
        """Remember a message that fits; the number of the rule that keeps another from it."""
        place = (message.kind.value, message.key)
        if place in self.known:
            version, outcome = self.known[place]
            if message.version < version:
                return "superseded"
            if message.version == version:
                return "repeated" if message.outcome == outcome else 30
        before = self.known.get(place)
        self.known[place] = (message.version, message.outcome)
        answer = self._conflict() or self._missing(message.kind, message.key, message.outcome, coming=True)
        if not answer and before is not None and self._ungrounded():
            answer = 31
        if not answer:
            return "new" if before is None else "corrected"
        del self.known[place]
        if before is not None:
            self.known[place] = before
        return answer

    def _conflict(self) -> int:
        prereviews, acceptance = self.outcomes(Kind.PREREVIEW), self.outcomes(Kind.ACCEPTANCE)
        completion = self.outcomes(Kind.COMPLETION)
        if "refused" in prereviews and "accepted" in acceptance:
            return 20
        worked = any(map(self.any, (Kind.STEP, Kind.SPECIAL_STARTED, Kind.SPECIAL_ENDED, Kind.FEE, Kind.PAYMENT)))
        if "refused" in acceptance and (
            worked or self.any(Kind.LICENCE) or completion & {"issued", "permitted", "denied"}
        ):
            return 21
        return 22 if self.any(Kind.LICENCE) and completion and not completion & {"issued", "permitted"} else 0

    def _missing(self, kind: Kind, key: str, outcome: str, *, coming: bool) -> int:
        others = {place: said for place, said in self.known.items() if not coming or place != (kind.value, key)}
        asked = any(
            name == Kind.CORRECTION_REQUESTED.value or (name == Kind.PREREVIEW.value and said == "correction")
            for (name, _), (_, said) in others.items()
        )
        decides = kind is Kind.COMPLETION and outcome in {"issued", "permitted", "denied"}
        if kind is not Kind.APPLICATION and not self.any(Kind.APPLICATION):
            return 1
        if (kind is Kind.CORRECTION_SUPPLIED or outcome == "lapsed") and not asked:
            return 2
        if kind in {Kind.STEP, Kind.SPECIAL_STARTED, Kind.FEE, Kind.PAYMENT} or decides:
            if "accepted" not in self.outcomes(Kind.ACCEPTANCE):
                return 3
            if coming and decides and self.open():
                return 5
        if kind is Kind.SPECIAL_ENDED and (Kind.SPECIAL_STARTED.value, key) not in others:
            return 4
        return 6 if kind in {Kind.LICENCE, Kind.COLLECTION} and not self.any(Kind.COMPLETION) else 0

    def _ungrounded(self) -> bool:
        return any(
            self._missing(KINDS[name], key, outcome, coming=False) for (name, key), (_, outcome) in self.known.items()
        )
