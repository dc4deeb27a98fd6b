# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciliation finds every defect that a book can show, names it, and finds nothing in books that are in order."""

from collections import Counter

import pytest

from hub.demo.figures import Figures
from hub.demo.ledgers import DAMAGED
from hub.demo.reconcile import Fault, Finding, Reconciled, reconcile
from tests.demo.books import MUTABLE, entries_of, perfect, renumbered, scenario, where

SCENARIO = scenario()


@pytest.fixture
def books() -> MUTABLE:
    return perfect(SCENARIO)


def reckoned(books: MUTABLE) -> Reconciled:
    return reconcile(entries_of(books), SCENARIO.destinations)


def faults(books: MUTABLE) -> Counter[Fault]:
    return Counter(finding.fault for finding in reckoned(books).findings)


def test_books_in_order_are_clean(books: MUTABLE) -> None:
    result = reckoned(books)

    assert result == Reconciled(SCENARIO.messages, SCENARIO.effects, ())
    assert result.clean


def test_the_figures_of_books_in_order_are_complete(books: MUTABLE) -> None:
    figures = Figures(SCENARIO)
    for system, book in books.items():
        for entry in book:
            figures.take(system, entry)

    assert figures.complete
    assert figures.finished == SCENARIO.morning.cases
    assert figures.codes == SCENARIO.refusals


def test_an_effect_that_is_missing_is_lost(books: MUTABLE) -> None:
    gone = books["municipal"].pop(where(books["municipal"], "effect")[5])
    books["municipal"] = renumbered(books["municipal"])

    assert reckoned(books).findings == (Finding(Fault.LOST, "municipal", gone["source"], gone["id"], gone["case"]),)


def test_a_line_torn_out_is_damage_even_when_nothing_else_tells(books: MUTABLE) -> None:
    books["portal"].insert(0, {"n": 1, "t": 0.0, "kind": "repeat", "key": "k", "id": "i"})

    assert faults(books) == {Fault.DAMAGED: 1}


def test_an_unreadable_line_is_damage(books: MUTABLE) -> None:
    books["housing"].append(dict(DAMAGED))

    assert faults(books) == {Fault.DAMAGED: 1}


@pytest.mark.parametrize("system", ["portal", "housing", "civil", "municipal"])
def test_a_second_effect_is_a_duplicate_wherever_it_is(books: MUTABLE, system: str) -> None:
    effect = books[system][where(books[system], "effect")[-1]]
    books[system].append(effect | {"n": len(books[system]) + 1, "key": "another"})

    assert faults(books) == {Fault.DUPLICATED: 1}


def test_a_repeat_without_effect_is_none(books: MUTABLE) -> None:
    book = books["housing"]
    book.append({"n": len(book) + 1, "t": 9.0, "kind": "repeat", "key": book[-1].get("key", "k"), "id": "i"})

    assert faults(books) == {}


@pytest.mark.parametrize("system", ["portal", "housing", "civil", "municipal"])
def test_two_effects_of_one_case_the_wrong_way_round(books: MUTABLE, system: str) -> None:
    """Between a department's own messages, and between those of the two sides of a case."""
    book = books[system]
    effects = where(book, "effect")
    first, second = next(
        (a, b) for n, a in enumerate(effects) for b in effects[n + 1 :] if book[a]["case"] == book[b]["case"]
    )
    kept = {"n", "t"}
    book[first], book[second] = (
        {name: (book[here] if name in kept else book[there])[name] for name in book[here]}
        for here, there in ((first, second), (second, first))
    )

    assert set(faults(books)) == {Fault.DISORDERED}


def test_cases_may_overtake_each_other(books: MUTABLE) -> None:
    book = books["municipal"]
    by_case = sorted(book, key=lambda entry: (entry["case"] == book[0]["case"], entry["n"]))
    books["municipal"] = renumbered(by_case)

    assert faults(books) == {}


def test_other_content_is_found(books: MUTABLE) -> None:
    books["civil"][where(books["civil"], "effect")[0]]["digest"] = "sha256:other"

    assert faults(books) == {Fault.ALTERED: 1}


def test_an_effect_in_another_case_is_altered(books: MUTABLE) -> None:
    effect = books["municipal"][where(books["municipal"], "effect")[0]]
    effect["case"] = SCENARIO.morning.case(1)

    assert faults(books)[Fault.ALTERED] == 1


def test_an_effect_without_a_receipt_is_a_stray(books: MUTABLE) -> None:
    answer = books["portal"][where(books["portal"], "answer", status=202)[0]]
    answer["status"], answer["code"] = 422, "E_UNROUTABLE"

    assert faults(books) == {Fault.STRAY: 2, Fault.REFUSED: 1}


def test_an_effect_at_the_wrong_department_is_a_stray(books: MUTABLE) -> None:
    effect = books["housing"][where(books["housing"], "effect")[0]]
    books["civil"].append(effect | {"n": len(books["civil"]) + 1})

    assert faults(books) == {Fault.STRAY: 1}


def test_what_is_left_of_another_morning_does_not_count(books: MUTABLE) -> None:
    effect = books["housing"][where(books["housing"], "effect")[0]]
    for _ in range(2):
        other = {"n": len(books["housing"]) + 1, "case": "5105-ffffff-000001", "id": "5105-ffffff-000001-01"}
        books["housing"].append(effect | other)

    assert faults(books) == {}


def test_two_receipts_for_one_message_contradict_each_other(books: MUTABLE) -> None:
    book = books["portal"]
    sent = book[where(book, "sent", wrong="")[0]]
    for receipt in ("sha256:" + sent["id"], "sha256:other"):
        book.append(sent | {"n": len(book) + 1})
        book.append({"n": len(book) + 1, "t": 9.0, "kind": "answer", "to": len(book), "status": 202, "code": ""})
        book[-1]["receipt"] = receipt

    assert faults(books) == {Fault.CONTRADICTED: 1}


def test_a_mistake_that_is_accepted_is_found(books: MUTABLE) -> None:
    book = books["portal"]
    wrong = book[next(place for place in where(book, "sent") if book[place]["wrong"])]
    answer = book[where(book, "answer", to=wrong["n"])[0]]
    answer["status"], answer["code"] = 202, ""

    assert faults(books) == {Fault.TAKEN: 1}


def test_a_mistake_refused_for_another_reason_is_found(books: MUTABLE) -> None:
    book = books["portal"]
    wrong = book[next(place for place in where(book, "sent") if book[place]["wrong"])]
    book[where(book, "answer", to=wrong["n"])[0]]["code"] = "E_BUG"

    assert faults(books) == {Fault.TAKEN: 1}


@pytest.mark.parametrize("status", [0, 503])
def test_a_message_nobody_answered_is_found(books: MUTABLE, status: int) -> None:
    book = books["portal"]
    answer = book[where(book, "answer", status=202)[-1]]
    answer["status"] = status

    assert faults(books)[Fault.UNANSWERED] == 1


def test_a_message_that_got_its_receipt_at_the_second_try_is_in_order(books: MUTABLE) -> None:
    book = books["portal"]
    place = where(book, "answer", status=202)[0]
    book.insert(place, book[place] | {"n": -place, "status": 0, "receipt": ""})
    books["portal"] = renumbered(book)

    assert faults(books) == {}


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "upload", "digest": "sha256:0", "status": 422, "wrong": False},
        {"kind": "upload", "digest": "sha256:0", "status": 201, "wrong": True},
        {"kind": "fetch", "digest": "sha256:0", "case": "c", "status": 404, "right": False},
    ],
)
def test_a_material_that_is_not_what_it_should_be(books: MUTABLE, entry: dict[str, object]) -> None:
    books["portal"].append({"n": len(books["portal"]) + 1, "t": 9.0, **entry})

    assert faults(books) == {Fault.MATERIAL: 1}
