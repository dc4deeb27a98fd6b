# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the books prove at the end of a run, when everything was mended and is quiet. The hub is not asked.

The senders' book, the recipients' books and the journal are held against each other:

    kept        whoever holds a receipt is in the journal, with that very receipt, always the same; nothing is left open
    delivered   what the journal says is delivered took effect; what it says is not, did not, unless an attempt is unknown
    once        no effect twice; where no key is known, none more often than an operator had it sent
    sound       no effect of what was refused, never sent, or other than was sent
    order       per case and destination effects are in the order of the lane, and the lane is in the order of acceptance
    lawful      what is held to the life of its case comes when it may, or is marked
    one table   every plan is that of the one table which the message names
    gathered    every package and consultation comes to one last telling, which is complete and true, and one final answer
    evidence    every leaf recomputes, and every end has the one leaf that says so

Exceptions, each by what the journal says: a dead letter where the destination goes on without it is late when it is sent again;
what was parked stands in its lane behind what was accepted before it was let out; an attempt of unknown outcome may have taken
effect though its delivery was given up or expired.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from certs.leaf import ACCEPTED as ACCEPTED_LEAF
from certs.leaf import DELIVERED, NOT_DELIVERED, leaf_hash
from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from tests.model.books import Book, Delivery, Message
from tests.model.gathering import gathered
from tests.model.recipients import Arrival, Recipient
from tests.model.senders import TOKEN, Letter, Senders, tokens
from tests.model.town import ACCEPTED, CLOSED, CONTINUING, LICENCE, PROCESSORS, STEP, VERSIONS, wanted

_GIVEN_UP = {"expired", "withdrawn", "skipped"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All books of one run; ``adopted``: cases of which an operator said that they were under way before."""

    senders: Senders
    recipients: Mapping[str, Recipient]
    journal: Book
    adopted: frozenset[str] = frozenset()


def examine(evidence: Evidence) -> Iterator[str]:
    """Hold everything against everything; what does not hold."""
    yield from _kept(evidence)
    yield from _delivered(evidence)
    yield from _once(evidence)
    yield from _sound(evidence)
    yield from _order(evidence)
    yield from _lawful(evidence)
    yield from _one_table(evidence)
    yield from _evidence(evidence.journal)
    yield from gathered(evidence.senders, evidence.recipients, evidence.journal)


def _kept(evidence: Evidence) -> Iterator[str]:
    book = evidence.journal
    for letter in evidence.senders.letters:
        recorded = book.message_of(letter.system, letter.event.id)
        if len(letter.receipts) > 1:
            yield f"kept: {letter} has {len(letter.receipts)} different receipts"
        if letter.receipts and recorded is None:
            yield f"kept: {letter} has a receipt and is not in the journal"
        if recorded is not None and letter.receipts - {recorded.receipt}:
            yield f"kept: the receipt of {letter} is not the one in the journal"
        if letter.rival is not None and letter.receipts and letter.rival.receipts:
            yield f"kept: two contents under the id of {letter} have receipts"
        if letter.unanswered:
            yield f"kept: {letter} was never answered"
        yield from _answers_after_acceptance(letter)
    for place, one in book.deliveries.items():
        if not one.final:
            yield f"kept: {_told(book, place)} is not finished"


def _answers_after_acceptance(letter: Letter) -> Iterator[str]:
    """Once accepted, the same bytes get the receipt for ever."""
    accepted = [one for one in letter.tries if isinstance(one.answer, bytes)]
    if accepted:
        first = min(one.ended for one in accepted)
        for one in letter.tries:
            code = getattr(one.answer, "code", None)
            if one.begun > first and code is not None and getattr(one.answer, "retry_after", None) is None:
                yield f"kept: {letter} was accepted, and then refused as {code}"


def _told(book: Book, place: tuple[str, str]) -> str:
    message = book.messages.get(place[0])
    said = f"{message.system}/{message.sender_id} of {message.case}" if message is not None else place[0]
    return f"{said} at {place[1]}"


def _effects(evidence: Evidence) -> Mapping[tuple[str, str], list[int]]:
    """By message and destination, the places in the recipient's book at which it took effect."""
    ids = {(m.system, m.sender_id): m.id for m in evidence.journal.messages.values()}
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for name, far in evidence.recipients.items():
        for n, arrival in enumerate(far.book):
            if arrival.effect and arrival.message in ids:
                found[ids[arrival.message], name].append(n)
    return found


def _delivered(evidence: Evidence) -> Iterator[str]:
    book, effects = evidence.journal, _effects(evidence)
    for place, one in book.deliveries.items():
        if place[1] in PROCESSORS:
            continue
        if one.final == "delivered" and place not in effects:
            yield f"delivered: {_told(book, place)} is delivered, says the journal, and never arrived ({one})"
        if one.final in _GIVEN_UP and place in effects and not one.unknown:
            yield f"delivered: {_told(book, place)} is {one.final}, says the journal, and it took effect ({one})"


def _once(evidence: Evidence) -> Iterator[str]:
    book = evidence.journal
    for place, times in _effects(evidence).items():
        delivery = book.deliveries.get(place)
        allowed = 1
        if delivery is not None and evidence.recipients[place[1]].blind:
            allowed += delivery.replays
        if len(times) > allowed:
            yield f"once: {_told(book, place)} took effect {len(times)} times ({delivery})"


def _sound(evidence: Evidence) -> Iterator[str]:
    letters = tokens(evidence.senders.letters)
    for name, far in evidence.recipients.items():
        for arrival in far.book:
            what = _unsound(evidence.journal, letters, name, arrival)
            if what:
                yield f"sound: {arrival.message[0]}/{arrival.message[1]} at {name} {what}"


def _unsound(book: Book, letters: Mapping[str, Letter], name: str, arrival: Arrival) -> str:
    """What is wrong with an arrival; empty: nothing."""
    message = book.message_of(*arrival.message)
    if message is None:
        return "is not in the journal"
    if (message.id, name) not in book.deliveries:
        return "was never planned"
    if arrival.key != book.deliveries[message.id, name].id:
        return "came under another key than its delivery's"
    if message.emitted:
        return "" if dict(arrival.data) == dict(message.data) else "is not as it was emitted"
    letter = letters.get(arrival.attributes.get(TOKEN, ""))
    if letter is None or not letter.receipts:
        return "was never sent, or has no receipt"
    return "" if _same(letter, arrival, message) else "has another content than was sent"


def _same(letter: Letter, arrival: Arrival, message: Message) -> bool:
    """The data as they were sent; a number of the sender's own may have become that of its case, and then says so."""
    said = _canonical(letter)
    if arrival.attributes["subject"] != letter.event.subject:
        if arrival.attributes.get("govhubalias") != letter.event.subject:
            return False
        said["case_no"] = message.case
    return said == dict(arrival.data)


def _canonical(letter: Letter) -> dict[str, Any]:
    """The data as their contract writes them."""
    contract = builtin().resolve(letter.event.type, letter.event.dataschema)
    assert isinstance(contract, Contract), contract
    checked = contract.check(letter.event.data, letter.event.subject)
    assert isinstance(checked, Checked), checked
    told: dict[str, Any] = orjson.loads(checked.canonical)
    return told


def _order(evidence: Evidence) -> Iterator[str]:
    book, effects = evidence.journal, _effects(evidence)
    lanes: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for (message, destination), one in book.deliveries.items():
        if message in book.messages:
            lanes[destination, book.messages[message].case].append((one.position, message))
    letters = _letters(evidence)
    for (destination, case), lane in lanes.items():
        lane.sort()
        if [position for position, _ in lane] != list(range(1, len(lane) + 1)):
            yield f"order: the lane of {case} at {destination} has gaps: {lane}"
        yield from _accepted_in_order(evidence, destination, case, [m for _, m in lane], letters)
        if destination in CONTINUING:
            continue
        first = [(effects[m, destination][0], m) for _, m in lane if (m, destination) in effects]
        if first != sorted(first):
            said = [_told(book, (m, destination)) for _, m in sorted(first)]
            yield f"order: case {case} at {destination}: took effect as {said}"


def _letters(evidence: Evidence) -> Mapping[str, Letter]:
    """By message. Of two contents under one id, the one that was accepted."""
    ids = {(m.system, m.sender_id): m.id for m in evidence.journal.messages.values()}
    return {ids[one.system, one.event.id]: one for one in evidence.senders.letters if one.receipts}


def _accepted_in_order(
    evidence: Evidence, destination: str, case: str, lane: Sequence[str], letters: Mapping[str, Letter]
) -> Iterator[str]:
    """What had its receipt before the next was sent stands before it, unless it was parked."""
    for n, later in enumerate(lane):
        for earlier in lane[:n]:
            one, other = letters.get(earlier), letters.get(later)
            if one is None or other is None or evidence.journal.messages[later].parked:
                continue
            answered = min(t.ended for t in other.tries if isinstance(t.answer, bytes))
            if answered < one.tries[0].begun:
                yield f"order: case {case} at {destination}: {other} was accepted before {one} was sent, and stands behind it"


def _lawful(evidence: Evidence) -> Iterator[str]:
    """At the portal: no step and no completion before an acceptance, no licence before a completion, unless it is marked."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for arrival in evidence.recipients["portal"].book:
        if not arrival.effect:
            continue
        case, contract = arrival.attributes["subject"], arrival.attributes["type"]
        held = arrival.attributes["source"] == "housing" and case not in evidence.adopted
        needs = {STEP: ACCEPTED, CLOSED: ACCEPTED, LICENCE: CLOSED}.get(contract)
        given_up = any(
            d.final in _GIVEN_UP and evidence.journal.messages[m].case == case
            for (m, at), d in evidence.journal.deliveries.items()
            if at == "portal"
        )
        if held and needs and needs not in known[case] and "govhubearly" not in arrival.attributes and not given_up:
            yield f"lawful: {contract} of {case} reached the portal before {needs}, unmarked"
        known[case].add(contract)


def _one_table(evidence: Evidence) -> Iterator[str]:
    book = evidence.journal
    planned: defaultdict[str, set[str]] = defaultdict(set)
    for message, destination in book.deliveries:
        planned[message].add(destination)
    for one in book.messages.values():
        ways = VERSIONS.get(one.table)
        if ways is None:
            yield f"one table: {one.system}/{one.sender_id} names {one.table}, which never was one"
        elif planned[one.id] != wanted(ways, one.contract, one.system, one.data):
            yield f"one table: {one.system}/{one.sender_id} went to {sorted(planned[one.id])}, which its table does not say"


def _evidence(book: Book) -> Iterator[str]:
    accepted: defaultdict[str, list[bytes]] = defaultdict(list)
    told: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for message, destination, kind, statement, hashed in book.leaves:
        if leaf_hash(kind, statement) != hashed:
            yield f"evidence: the {kind} leaf of {message} does not recompute"
        if kind == ACCEPTED_LEAF:
            accepted[message].append(hashed)
        elif kind in {DELIVERED, NOT_DELIVERED}:
            told[message, destination][kind] += 1
    for one in book.messages.values():
        named = orjson.loads(one.receipt)["leaf"]
        if [f"sha256:{leaf.hex()}" for leaf in accepted[one.id]] != [named]:
            yield f"evidence: {one.system}/{one.sender_id} has not the one leaf that its receipt names"
    for place, delivery in book.deliveries.items():
        yield from _one_end(book, place, delivery, told[place])


def _one_end(book: Book, place: tuple[str, str], delivery: Delivery, told: Counter[str]) -> Iterator[str]:
    """One positive statement where it is delivered, none where it is not; a dead letter says no each time it dies."""
    if delivery.final == "delivered" and (told[DELIVERED] != 1 or (told[NOT_DELIVERED] and not delivery.died)):
        yield f"evidence: {_told(book, place)} is delivered, its leaves say {dict(told)}"
    if delivery.final in _GIVEN_UP and (told[DELIVERED] or not told[NOT_DELIVERED]):
        yield f"evidence: {_told(book, place)} is {delivery.final}, its leaves say {dict(told)}"
