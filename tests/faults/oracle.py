# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the books prove after a fault: nothing lost, nothing twice, nothing made up, in order, one truth, sound leaves.

Three kinds of books are held against each other: the sender's (what it tried, and what it was answered), the recipients'
(what took effect), and the journal's. The hub itself is not asked. The invariants are numbered as the fault catalogue
numbers them: I1 no loss, I2 no double effect, I3 no phantom, I4 order, I5 one truth, I6 journal.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from certs.leaf import ACCEPTED, DELIVERED, NOT_DELIVERED, leaf_hash
from hub.demo.ledgers import Entry
from tests.faults.journal_book import JournalBook, MessageId

_UNKNOWN = frozenset({"IN_DOUBT", "CRASHED"})
_NOT_DELIVERED = frozenset({"expired", "withdrawn", "skipped"})
_BLOCKING = frozenset({"dead", "in_doubt"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant that does not hold, and where."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All books of one row. ``blind``: recipients that know no idempotency key, so every arrival is an effect."""

    sender: Sequence[Entry]
    recipients: Mapping[str, Sequence[Entry]]
    journal: JournalBook
    blind: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Counts:
    """As Jepsen's total-queue counts, by message.

    attempts      requests that were sent
    acknowledged  messages with a receipt
    ok            acknowledged, and in effect once at every destination, or not delivered with evidence
    lost          acknowledged, and neither in effect nor accounted for
    unexpected    in effect without having been sent, or with other content
    duplicated    in effect more often than once (blind recipients: than is recorded)
    recovered     ok, though at least one of its requests was never answered
    waiting       acknowledged, and waiting for a person: in doubt at a blind recipient, or behind such a one
    """

    attempts: int
    acknowledged: int
    ok: int
    lost: int
    unexpected: int
    duplicated: int
    recovered: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it. Green: no findings."""

    counts: Counts
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Message:
    """What the sender knows of one message."""

    id: str
    case: str
    order: int
    digest: str
    content: str
    answers: list[Entry] = field(default_factory=list)

    @property
    def receipts(self) -> set[str]:
        return {a["receipt"] for a in self.answers if a["status"] == 202}

    @property
    def acknowledged(self) -> bool:
        return bool(self.receipts)

    @property
    def unanswered(self) -> bool:
        return any(a["status"] == 0 for a in self.answers)


def examine(evidence: Evidence) -> Verdict:
    """Hold everything against everything."""
    return _Examination(evidence).verdict()


class _Examination:
    def __init__(self, evidence: Evidence) -> None:
        self._recipients = evidence.recipients
        self._journal = evidence.journal
        self._blind = evidence.blind
        self._sent = _read_sender(evidence.sender)
        self._requests = sum(entry["kind"] == "answer" for entry in evidence.sender)
        self._recorded = {m.sender_id: m for m in evidence.journal.messages.values()}
        self._findings: list[Finding] = []
        self._lost: set[str] = set()
        self._unexpected: set[str] = set()
        self._duplicated: set[str] = set()
        self._waiting: set[str] = set()

    def verdict(self) -> Verdict:
        for entries in self._recipients.values():
            if [entry["n"] for entry in entries] != list(range(1, len(entries) + 1)):
                self._find("book", "a recipient's book has lines missing or unreadable")
        self._acknowledgements()
        for destination, entries in sorted(self._recipients.items()):
            effects = [entry for entry in entries if entry["kind"] == "effect"]
            self._no_loss(destination, effects)
            self._no_double(destination, effects)
            self._no_phantom(destination, effects)
            self._order(destination, effects)
        self._findings += _one_truth(self._journal)
        self._findings += _leaves(self._journal)
        acknowledged = {m.id for m in self._sent.values() if m.acknowledged}
        ok = acknowledged - self._lost - self._unexpected - self._duplicated - self._waiting
        counts = Counts(
            attempts=self._requests,
            acknowledged=len(acknowledged),
            ok=len(ok),
            lost=len(self._lost),
            unexpected=len(self._unexpected),
            duplicated=len(self._duplicated),
            recovered=sum(self._sent[one].unanswered for one in ok),
            waiting=len(self._waiting),
        )
        return Verdict(counts, tuple(self._findings))

    def _find(self, invariant: str, what: str) -> None:
        self._findings.append(Finding(invariant, what))

    def _acknowledgements(self) -> None:
        """The ledger is a part of the journal: whoever holds a receipt is in it, with this very receipt."""
        for message in self._sent.values():
            if len(message.receipts) > 1:
                self._find("I5", f"{message.id} has {len(message.receipts)} different receipts")
            refused = {a["status"] for a in message.answers} - {0, 202, 429, 500, 502, 503, 507}
            if refused:
                self._find("I1", f"{message.id} was refused: {sorted(refused)}")
            recorded = self._recorded.get(message.id)
            if message.acknowledged and recorded is None:
                self._lost.add(message.id)
                self._find("I1", f"{message.id} has a receipt and is not in the journal")
            if message.acknowledged and recorded is not None:
                told = orjson.loads(recorded.receipt)
                if told["digest"] != f"sha256:{message.content}" or recorded.digest != message.content:
                    self._find("I3", f"{message.id}: the receipt's digest is not that of what was sent")
                if message.receipts != {told["leaf"]}:
                    self._find("I5", f"{message.id}: the receipt that was given is not the one in the journal")

    def _no_loss(self, destination: str, effects: Sequence[Entry]) -> None:
        arrived = {entry["id"] for entry in effects}
        blocked = self._blocked(destination)
        for message in self._sent.values():
            recorded = self._recorded.get(message.id)
            if not message.acknowledged or recorded is None:
                continue
            place = recorded.id, destination
            if place not in self._journal.positions:
                continue  # the routes do not lead it there
            final, unfinished = self._journal.final.get(place), self._journal.open.get(place)
            if (final is None) is (unfinished is None):
                self._find("I1", f"{message.id} at {destination}: in {'both' if final else 'no'} table")
            if final == "delivered" and message.id not in arrived:
                self._lost.add(message.id)
                self._find(
                    "I1", f"{message.id} at {destination}: delivered says the journal, the recipient never had it"
                )
            if final in _NOT_DELIVERED and message.id in arrived:
                self._find("I5", f"{message.id} at {destination}: {final} says the journal, and it took effect")
            if unfinished is None or unfinished.state == "dead":
                continue
            held = self._journal.positions[place] >= blocked.get(message.case, 1 << 62)
            if held:
                self._waiting.add(message.id)
            else:
                self._lost.add(message.id)
                self._find("I1", f"{message.id} at {destination}: still {unfinished.state} {unfinished.code}")

    def _blocked(self, destination: str) -> dict[str, int]:
        """The first position of each lane that waits for a person."""
        found: dict[str, int] = {}
        for (message, at), unfinished in self._journal.open.items():
            legal = unfinished.state == "dead" or (unfinished.state == "in_doubt" and destination in self._blind)
            if at == destination and legal:
                case = self._journal.messages[message].case
                position = self._journal.positions[message, at]
                found[case] = min(position, found.get(case, position))
        return found

    def _no_double(self, destination: str, effects: Sequence[Entry]) -> None:
        times: defaultdict[str, int] = defaultdict(int)
        for entry in effects:
            times[entry["id"]] += 1
        for one, count in times.items():
            if count > self._allowed(destination, one):
                self._duplicated.add(one)
                self._find("I2", f"{one} took effect {count} times at {destination}")

    def _allowed(self, destination: str, one: str) -> int:
        """Once; at a blind recipient once more for every attempt that followed one of unknown outcome."""
        recorded = self._recorded.get(one)
        if destination not in self._blind or recorded is None:
            return 1
        attempts = self._journal.attempts.get((recorded.id, destination), [])
        return 1 + sum(code in _UNKNOWN for _, code in attempts[:-1])

    def _no_phantom(self, destination: str, effects: Sequence[Entry]) -> None:
        for entry in effects:
            message, recorded = self._sent.get(entry["id"]), self._recorded.get(entry["id"])
            if message is None or recorded is None:
                what = "was never sent" if message is None else "is not in the journal"
                self._unexpected.add(entry["id"])
                self._find("I3", f"{entry['id']} took effect at {destination} and {what}")
            elif (entry["digest"], entry["case"]) != (message.digest, message.case):
                self._unexpected.add(entry["id"])
                self._find("I3", f"{entry['id']} took effect at {destination} with other content than was sent")

    def _order(self, destination: str, effects: Sequence[Entry]) -> None:
        """A case's messages were sent one after the other, so their order of acceptance is the sender's own."""
        lanes: defaultdict[str, list[int]] = defaultdict(list)
        for entry in effects:
            message = self._sent.get(entry["id"])
            if message is not None and message.order not in lanes[message.case]:
                lanes[message.case].append(message.order)
        expected: defaultdict[str, list[int]] = defaultdict(list)
        for message in self._sent.values():
            recorded = self._recorded.get(message.id)
            if recorded is not None and (recorded.id, destination) in self._journal.positions:
                skipped = self._journal.final.get((recorded.id, destination)) in _NOT_DELIVERED
                if not skipped:
                    expected[message.case].append(message.order)
        for case, orders in lanes.items():
            if orders != sorted(expected[case])[: len(orders)]:
                self._find("I4", f"case {case} at {destination}: took effect as {orders[:20]}")


def _read_sender(entries: Sequence[Entry]) -> dict[str, _Message]:
    sent: dict[str, _Message] = {}
    by_number: dict[int, _Message] = {}
    for entry in entries:
        match entry["kind"]:
            case "sent":
                message = _Message(entry["id"], entry["case"], entry["order"], entry["digest"], entry["content"])
                sent[message.id] = by_number[entry["n"]] = message
            case "answer":
                by_number[entry["to"]].answers.append(entry)
            case _:
                pass
    return sent


def _one_truth(journal: JournalBook) -> Iterator[Finding]:
    """Never both a positive and a negative answer, and never a final state without its evidence."""
    told: defaultdict[tuple[MessageId, str], list[str]] = defaultdict(list)
    for leaf in journal.leaves:
        if leaf.kind != ACCEPTED:
            told[leaf.message, leaf.destination].append(leaf.kind)
    for place, kinds in told.items():
        if len(kinds) > 1:
            yield Finding("I5", f"{place[0]} at {place[1]} has {sorted(kinds)}")
    for place, state in journal.final.items():
        wanted = DELIVERED if state == "delivered" else NOT_DELIVERED
        if told.get(place) != [wanted]:
            yield Finding("I5", f"{place[0]} at {place[1]} is {state}, its evidence says {told.get(place)}")
    for place, unfinished in journal.open.items():
        if unfinished.state == "dead" and told.get(place, [NOT_DELIVERED]) != [NOT_DELIVERED]:
            yield Finding("I5", f"{place[0]} at {place[1]} is dead, its evidence says {told.get(place)}")


def _leaves(journal: JournalBook) -> Iterator[Finding]:
    """Every leaf's hash is that of its statement, and every message has its acceptance, the one its receipt names."""
    accepted: defaultdict[MessageId, list[bytes]] = defaultdict(list)
    for leaf in journal.leaves:
        if leaf_hash(leaf.kind, leaf.statement) != leaf.hash:
            yield Finding("I6", f"the {leaf.kind} leaf of {leaf.message} does not recompute")
        if leaf.kind == ACCEPTED:
            accepted[leaf.message].append(leaf.hash)
    for message in journal.messages.values():
        named = orjson.loads(message.receipt)["leaf"]
        if [f"sha256:{one.hex()}" for one in accepted[message.id]] != [named]:
            yield Finding("I6", f"{message.sender_id} has not the one acceptance leaf that its receipt names")
