# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""对账: what was lost, doubled or out of order, from the far sides' own ledgers and nothing else.

The hub is not asked. What the senders hold receipts for is held against what took effect at each destination that the
scenario demands, and the order of effects against the order in which the senders themselves know the messages to have
been accepted: a message is later than everything of its case that its sender had a receipt for, or had received,
before sending it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from hub.demo.ledgers import Books, Entry

MessageKey: TypeAlias = tuple[str, str]
"""The sender and the id it gave."""

Destinations: TypeAlias = Callable[[str, str], frozenset[str]]
"""Who must get a message, by its sender and case."""


class Fault(Enum):
    """What can be wrong. The first three are what the morning is about."""

    LOST = "lost"
    """A receipt, and a destination where the message never took effect."""
    DUPLICATED = "duplicated"
    """One message, one destination, two effects."""
    DISORDERED = "out_of_order"
    """Within a case, a later message took effect before an earlier one."""
    ALTERED = "altered"
    """It took effect with other content than was sent."""
    STRAY = "stray"
    """It took effect without a receipt, or where it does not belong."""
    CONTRADICTED = "contradicted"
    """The same message was answered with two different receipts."""
    TAKEN = "taken"
    """A mistake that was accepted, or refused for another reason than its sender expected."""
    REFUSED = "refused"
    """A message in order that was refused."""
    UNANSWERED = "unanswered"
    """The sender gave up without an answer."""
    MATERIAL = "material"
    """A material could not be stored or fetched as its digest says, or a false digest was believed."""
    DAMAGED = "damaged"
    """A book with lines missing or unreadable."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, with what is needed to look it up."""

    fault: Fault
    where: str
    source: str = ""
    id: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The result. ``accepted`` counts messages with a receipt, ``effects`` those that took effect, at any place."""

    accepted: int
    effects: int
    findings: tuple[Finding, ...]

    def count(self, fault: Fault) -> int:
        """How often this is wrong."""
        return sum(finding.fault is fault for finding in self.findings)

    @property
    def clean(self) -> bool:
        """Nothing is wrong."""
        return not self.findings


@dataclass(slots=True)
class _Message:
    """What its sender's book says about one message."""

    key: MessageKey
    case: str
    digest: str
    before: frozenset[MessageKey]
    receipts: set[str] = field(default_factory=set)


def reconcile(books: Books, destinations: Destinations) -> Reconciled:
    """Hold all books against one another. Cases for which ``destinations`` names nobody are not of this morning."""
    findings: list[Finding] = []
    messages: dict[MessageKey, _Message] = {}
    for system, book in books.items():
        findings += _damage(system, book)
        sender = _Sender(system, destinations)
        for entry in book:
            sender.take(entry)
        messages |= sender.messages
        findings += sender.findings()
    effects = {system: [e for e in book if e["kind"] == "effect"] for system, book in books.items()}
    effects = {system: [e for e in found if destinations(e["source"], e["case"])] for system, found in effects.items()}
    accepted = {key: message for key, message in messages.items() if message.receipts}
    findings += _lost(accepted, effects, destinations)
    findings += _disordered(messages, effects)
    for system, found in effects.items():
        findings += _at(system, found, accepted, destinations)
    return Reconciled(len(accepted), sum(map(len, effects.values())), tuple(findings))


class _Sender:
    """Reads one system's book for what it sent and what it knew when it did."""

    def __init__(self, system: str, destinations: Destinations) -> None:
        self._system = system
        self._destinations = destinations
        self._known: defaultdict[str, set[MessageKey]] = defaultdict(set)
        self._sent: dict[int, Entry] = {}
        self._last: dict[int, Entry] = {}
        self._materials: list[Finding] = []
        self.messages: dict[MessageKey, _Message] = {}

    def take(self, entry: Entry) -> None:
        match entry["kind"]:
            case "sent":
                self._take_sent(entry)
            case "answer":
                self._take_answer(entry)
            case "effect":
                self._known[entry["case"]].add((entry["source"], entry["id"]))
            case "upload" if (entry["status"] in {200, 201}) is entry["wrong"]:
                self._materials.append(Finding(Fault.MATERIAL, self._system, id=entry["digest"]))
            case "fetch" if not entry["right"]:
                self._materials.append(Finding(Fault.MATERIAL, self._system, id=entry["digest"], case=entry["case"]))

    def _take_sent(self, entry: Entry) -> None:
        self._sent[entry["n"]] = entry
        if entry["wrong"]:
            return
        key = (self._system, entry["id"])
        before = frozenset(self._known[entry["case"]])
        self.messages.setdefault(key, _Message(key, entry["case"], entry["digest"], before))

    def _take_answer(self, entry: Entry) -> None:
        sent = self._sent.get(entry["to"])
        if sent is None:
            return  # its line is missing: told as damage
        self._last[sent["n"]] = entry
        if sent["wrong"]:
            return
        message = self.messages[self._system, sent["id"]]
        if entry["status"] == 202:
            message.receipts.add(entry["receipt"])
            self._known[sent["case"]].add(message.key)

    def findings(self) -> Iterator[Finding]:
        yield from self._materials
        for message in self.messages.values():
            if len(message.receipts) > 1:
                yield Finding(Fault.CONTRADICTED, self._system, *message.key, message.case)
        for number, sent in self._sent.items():
            fault = _fault_of(sent, self._last.get(number))
            if fault is not None:
                yield Finding(fault, self._system, self._system, sent["id"], sent["case"])


def _fault_of(sent: Entry, answer: Entry | None) -> Fault | None:
    """What is wrong with how one sending ended."""
    if answer is None or answer["status"] in {0, 408, 425, 429, 500, 502, 503, 504}:
        return Fault.UNANSWERED
    if sent["wrong"]:
        return None if answer["code"] == sent["wrong"] else Fault.TAKEN
    return None if answer["status"] == 202 else Fault.REFUSED


def _damage(system: str, book: Sequence[Entry]) -> Iterator[Finding]:
    """Lines are numbered without a gap; one finding says enough."""
    if [entry["n"] for entry in book] != list(range(1, len(book) + 1)):
        yield Finding(Fault.DAMAGED, system)


def _lost(
    accepted: Mapping[MessageKey, _Message], effects: Mapping[str, list[Entry]], destinations: Destinations
) -> Iterator[Finding]:
    arrived = {system: {(e["source"], e["id"]) for e in found} for system, found in effects.items()}
    for key, message in accepted.items():
        for destination in sorted(destinations(key[0], message.case)):
            if key not in arrived.get(destination, ()):
                yield Finding(Fault.LOST, destination, *key, message.case)


def _at(
    system: str, effects: list[Entry], accepted: Mapping[MessageKey, _Message], destinations: Destinations
) -> Iterator[Finding]:
    """What is wrong with the effects at one destination, each by itself."""
    times = Counter((e["source"], e["id"]) for e in effects)
    for key, count in times.items():
        if count > 1:
            yield Finding(Fault.DUPLICATED, system, *key)
    for effect in effects:
        key = (effect["source"], effect["id"])
        message = accepted.get(key)
        if message is None or system not in destinations(key[0], effect["case"]):
            yield Finding(Fault.STRAY, system, *key, effect["case"])
        elif (message.digest, message.case) != (effect["digest"], effect["case"]):
            yield Finding(Fault.ALTERED, system, *key, effect["case"])


def _disordered(messages: Mapping[MessageKey, _Message], effects: Mapping[str, list[Entry]]) -> Iterator[Finding]:
    earlier = _Earlier(messages)
    for system, found in effects.items():
        met: defaultdict[str, list[MessageKey]] = defaultdict(list)
        for effect in found:
            key = (effect["source"], effect["id"])
            if any(key in earlier.than(other) for other in met[effect["case"]] if other != key):
                yield Finding(Fault.DISORDERED, system, *key, effect["case"])
            met[effect["case"]].append(key)


class _Earlier:
    """Everything that was certainly accepted before a message, through any number of systems."""

    def __init__(self, messages: Mapping[MessageKey, _Message]) -> None:
        self._messages = messages
        self._found: dict[MessageKey, frozenset[MessageKey]] = {}

    def than(self, key: MessageKey) -> frozenset[MessageKey]:
        if key not in self._found:
            message = self._messages.get(key)
            before = message.before if message else frozenset()
            self._found[key] = before  # a book that contradicts itself must not send us round in circles
            self._found[key] = before.union(*(self.than(one) for one in before))
        return self._found[key]
