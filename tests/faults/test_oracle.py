# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The checker finds what it is there to find: every kind of fault is put into perfect books, and told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import orjson
import pytest

from certs.leaf import ACCEPTED, DELIVERED, NOT_DELIVERED, leaf_hash
from tests.faults.journal_book import JournalBook, Leaf, Open, Recorded
from tests.faults.oracle import Evidence, Verdict, examine

PLACES = ("housing", "seals")
CASES, EACH = 3, 4

Book: TypeAlias = list[dict[str, Any]]


class Books:
    """Perfect ones, to be spoilt."""

    def __init__(self) -> None:
        self.sender: Book = []
        self.recipients: dict[str, Book] = {place: [] for place in PLACES}
        self.journal = JournalBook()
        for number in range(CASES * EACH):
            self.message(number)

    def message(self, number: int) -> None:
        one, case = f"m{number}", f"c{number % CASES}"
        statement = f"accepted {one}".encode()
        leaf = leaf_hash(ACCEPTED, statement)
        receipt = orjson.dumps({"digest": f"sha256:d{number}", "leaf": f"sha256:{leaf.hex()}"})
        to = self.write(self.sender, "sent", id=one, case=case, order=number, digest=f"p{number}", content=f"d{number}")
        self.write(self.sender, "answer", to=to, status=202, receipt=f"sha256:{leaf.hex()}")
        self.journal.messages[f"u{number}"] = Recorded(f"u{number}", one, case, f"d{number}", receipt)
        self.journal.leaves.append(Leaf(f"u{number}", "", ACCEPTED, statement, leaf))
        for place in PLACES:
            self.journal.positions[f"u{number}", place] = number // CASES + 1
            self.journal.final[f"u{number}", place] = "delivered"
            self.journal.attempts[f"u{number}", place] = [("delivered", "DELIVERED")]
            self.journal.leaves.append(self.leaf(f"u{number}", place, DELIVERED))
            self.write(self.recipients[place], "effect", id=one, case=case, digest=f"p{number}")

    @staticmethod
    def leaf(message: str, place: str, kind: str) -> Leaf:
        statement = f"{kind} {message} {place}".encode()
        return Leaf(message, place, kind, statement, leaf_hash(kind, statement))

    @staticmethod
    def write(book: Book, kind: str, **fields: Any) -> int:
        book.append({"n": len(book) + 1, "kind": kind, **fields})
        return len(book)

    def strike(self, place: str, one: str) -> None:
        """Take an effect out of a recipient's book."""
        kept = [entry for entry in self.recipients[place] if entry["id"] != one]
        self.recipients[place] = [{**entry, "n": n} for n, entry in enumerate(kept, 1)]

    def unfinish(self, message: str, place: str, state: str, code: str = "") -> None:
        """Make a delivery one that is not finished."""
        del self.journal.final[message, place]
        self.journal.open[message, place] = Open(state, code, 0, 1)
        self.journal.leaves = [x for x in self.journal.leaves if (x.message, x.destination) != (message, place)]

    def verdict(self) -> Verdict:
        return examine(Evidence(self.sender, self.recipients, self.journal, frozenset({"seals"})))


def lose(books: Books) -> None:
    books.strike("housing", "m11")


def lose_in_the_middle(books: Books) -> None:
    books.strike("housing", "m4")


def forget(books: Books) -> None:
    del books.journal.messages["u11"]


def leave_unfinished(books: Books) -> None:
    books.strike("housing", "m11")
    books.unfinish("u11", "housing", "waiting")


def double(books: Books) -> None:
    books.write(books.recipients["housing"], "effect", id="m3", case="c0", digest="p3")


def double_blindly(books: Books) -> None:
    books.write(books.recipients["seals"], "effect", id="m3", case="c0", digest="p3")


def swap(books: Books) -> None:
    book = books.recipients["housing"]
    first, second = (n for n, entry in enumerate(book) if entry["id"] in {"m2", "m5"})
    book[first], book[second] = {**book[second], "n": first + 1}, {**book[first], "n": second + 1}


def make_up(books: Books) -> None:
    books.write(books.recipients["housing"], "effect", id="m99", case="c0", digest="p99")


def alter(books: Books) -> None:
    books.recipients["housing"][3]["digest"] = "other"


def tear(books: Books) -> None:
    del books.recipients["seals"][3]


def contradict(books: Books) -> None:
    books.write(books.sender, "answer", to=1, status=202, receipt="sha256:other")


def say_both(books: Books) -> None:
    books.journal.leaves.append(books.leaf("u3", "housing", NOT_DELIVERED))


def say_nothing(books: Books) -> None:
    books.journal.leaves = [x for x in books.journal.leaves if (x.message, x.destination) != ("u3", "housing")]


def forge(books: Books) -> None:
    books.journal.leaves[0] = replace(books.journal.leaves[0], statement=b"something else")


def lose_the_acceptance(books: Books) -> None:
    del books.journal.leaves[0]


def sign_something_else(books: Books) -> None:
    books.journal.messages["u4"] = replace(books.journal.messages["u4"], digest="other")


def refuse(books: Books) -> None:
    books.write(books.sender, "answer", to=1, status=422, receipt="")


def skip_and_have(books: Books) -> None:
    books.journal.final["u11", "housing"] = "skipped"


def skip_over_a_dead_one(books: Books) -> None:
    books.strike("housing", "m0")
    books.unfinish("u0", "housing", "dead")


def leave_in_doubt_though_it_can_be_repeated(books: Books) -> None:
    books.unfinish("u11", "housing", "in_doubt", "IN_DOUBT")


def test_perfect_books_are_green() -> None:
    verdict = Books().verdict()
    assert verdict.findings == ()
    counts = verdict.counts
    assert (counts.attempts, counts.acknowledged, counts.ok) == (12, 12, 12)
    assert (counts.lost, counts.unexpected, counts.duplicated, counts.recovered, counts.waiting) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("spoil", "invariant", "count"),
    [
        (lose, "I1", "lost"),
        (lose_in_the_middle, "I1", "lost"),
        (lose_in_the_middle, "I4", ""),
        (forget, "I1", "lost"),
        (leave_unfinished, "I1", "lost"),
        (leave_in_doubt_though_it_can_be_repeated, "I1", "lost"),
        (refuse, "I1", ""),
        (double, "I2", "duplicated"),
        (double_blindly, "I2", "duplicated"),
        (make_up, "I3", "unexpected"),
        (alter, "I3", "unexpected"),
        (sign_something_else, "I3", ""),
        (swap, "I4", ""),
        (skip_over_a_dead_one, "I4", ""),
        (contradict, "I5", ""),
        (say_both, "I5", ""),
        (say_nothing, "I5", ""),
        (skip_and_have, "I5", ""),
        (forge, "I6", ""),
        (lose_the_acceptance, "I6", ""),
        (tear, "book", ""),
    ],
)
def test_a_fault_in_the_books_is_told(spoil: Callable[[Books], None], invariant: str, count: str) -> None:
    books = Books()
    spoil(books)
    verdict = books.verdict()
    assert invariant in {finding.invariant for finding in verdict.findings}
    if count:
        assert getattr(verdict.counts, count) == 1


def test_a_message_in_doubt_at_a_blind_recipient_waits_for_a_person_and_its_case_behind_it() -> None:
    books = Books()
    for message in ("m5", "m8", "m11"):
        books.strike("seals", message)
    books.unfinish("u5", "seals", "in_doubt", "IN_DOUBT")
    for message in ("u8", "u11"):
        books.unfinish(message, "seals", "waiting")
    verdict = books.verdict()
    assert verdict.findings == ()
    assert (verdict.counts.waiting, verdict.counts.lost, verdict.counts.ok) == (3, 0, 9)


def test_a_repeat_that_a_person_ordered_after_an_unknown_outcome_is_no_double() -> None:
    books = Books()
    double_blindly(books)
    books.journal.attempts["u3", "seals"] = [("in_doubt", "IN_DOUBT"), ("delivered", "DELIVERED")]
    assert books.verdict().findings == ()


def test_a_message_that_was_answered_only_at_the_second_try_is_recovered() -> None:
    books = Books()
    books.write(books.sender, "answer", to=1, status=0, receipt="")
    verdict = books.verdict()
    assert verdict.findings == ()
    assert (verdict.counts.recovered, verdict.counts.attempts) == (1, 13)
