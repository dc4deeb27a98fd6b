# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How departments do over a period (计分卡): timeliness, completeness, contract lag. All three are counted, none is judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from contracts.codes import RecordDifference
from contracts.registry import Registry
from hub.ports.ids import first_of
from hub.ports.journal import JournalDown
from hub.ports.journal.reconciling import Reconciliation, Reconciliations, Sent, Verdict
from hub.reconcile.agreement import Agreement, midnight

LONGEST = timedelta(days=92)


@dataclass(slots=True, kw_only=True)
class Card:
    """One counterparty. Shares are None where there was nothing to count.

    ``timely`` of ``timed`` messages came within the agreed hours of the moment they speak of; ``matched`` of ``compared``
    records were alike on both sides; ``behind`` of ``messages`` came in a version that is not the newest.
    """

    system: str
    messages: int = 0
    timed: int = 0
    timely: int = 0
    days_due: int = 0
    days_agreed: int = 0
    days_differing: int = 0
    compared: int = 0
    matched: int = 0
    behind: int = 0
    lagging: dict[str, int] = field(default_factory=dict)
    """Contracts that are spoken in an older version: the oldest version that came."""

    @property
    def timeliness(self) -> float | None:
        return _share(self.timely, self.timed)

    @property
    def completeness(self) -> float | None:
        return _share(self.matched, self.compared)

    @property
    def lag(self) -> float | None:
        return _share(self.behind, self.messages)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


async def scorecard(
    journal: Reconciliations, registry: Registry, agreements: Mapping[str, Agreement], since: date, until: date
) -> Sequence[Card] | JournalDown:
    """A card for each counterparty, from ``since`` and before ``until``."""
    counted = await journal.between(since, until)
    if isinstance(counted, JournalDown):
        return counted
    systems = sorted({one.system for one in agreements.values()})
    within = min((one.timely for one in agreements.values()), default=timedelta(hours=24)).total_seconds()
    sent = await journal.sent(systems, first_of(midnight(since)), first_of(midnight(until)), within)
    if isinstance(sent, JournalDown):
        return sent
    cards = {system: Card(system=system) for system in systems}
    for each in agreements.values():
        cards[each.system].days_due += (until - since).days
    for one in counted:
        if (agreement := agreements.get(one.agreement)) is not None:
            _compared(cards[agreement.system], one)
    for spoken in sent:
        _spoken(cards[spoken.system], spoken, registry)
    return tuple(cards.values())


def _compared(card: Card, one: Reconciliation) -> None:
    if one.verdict not in {Verdict.AGREED, Verdict.DIFFERS} or one.root is None or one.late is None:
        return
    card.days_agreed += one.verdict is Verdict.AGREED
    card.days_differing += one.verdict is Verdict.DIFFERS
    wrong = one.differences
    here = one.root.records + one.late.records
    only_there = wrong.get(RecordDifference.MISSING_HERE, 0) + wrong.get(RecordDifference.TWICE, 0)
    card.compared += here + only_there
    card.matched += here - wrong.get(RecordDifference.MISSING_THERE, 0) - wrong.get(RecordDifference.DIFFERS, 0)


def _spoken(card: Card, sent: Sent, registry: Registry) -> None:
    card.messages += sent.messages
    card.timed += sent.timed
    card.timely += sent.timely
    newest = max((contract.version for contract in registry.versions(sent.contract)), default=sent.version)
    if sent.version < newest:
        card.behind += sent.messages
        card.lagging[sent.contract] = min(sent.version, card.lagging.get(sent.contract, sent.version))


def worst_first(cards: Iterable[Card]) -> list[Card]:
    """Those ahead that most is missing of."""
    return sorted(cards, key=lambda card: (card.completeness if card.completeness is not None else 2.0, card.system))
