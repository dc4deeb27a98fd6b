# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The books of a morning on which everything went well, kept without any hub; tests spoil copies of them."""

import itertools
from typing import Any

from hub.demo.far.fate import Morning, Turn
from hub.demo.far.mistakes import mistake
from hub.demo.ledgers import Entry
from hub.demo.scenario import SYSTEMS, Scenario

MUTABLE = dict[str, list[dict[str, Any]]]


class Keeper:
    """Writes entries as the far sides do: numbered per book, on one clock."""

    def __init__(self) -> None:
        self.books: MUTABLE = {system: [] for system in SYSTEMS}
        self._clock = itertools.count(1)

    def write(self, system: str, kind: str, **fields: Any) -> int:
        book = self.books[system]
        book.append({"n": len(book) + 1, "t": next(self._clock) / 1000, "kind": kind, **fields})
        return len(book)


def perfect(scenario: Scenario) -> MUTABLE:
    """Every message sent, answered and in effect, one case after another."""
    keeper = Keeper()
    for fate in scenario.fates.values():
        for turn in fate.turns:
            system = fate.speaker(turn)
            said = {
                "id": f"{fate.case}-{turn.number:02d}",
                "case": fate.case,
                "contract": turn.contract,
                "order": turn.number,
                "digest": digest(turn),
            }
            wrong = mistake(scenario.morning, fate, turn)
            if wrong is not None:
                number = keeper.write(system, "sent", **said, wrong=wrong.code)
                keeper.write(system, "answer", to=number, status=422, receipt="", message="", code=wrong.code)
            number = keeper.write(system, "sent", **said, wrong="")
            receipt = f"sha256:{said['id']}"
            keeper.write(system, "answer", to=number, status=202, receipt=receipt, message="m", code="")
            for destination in sorted(scenario.destinations(system, fate.case)):
                key = f"{destination}/{said['id']}"
                keeper.write(destination, "effect", key=key, source=system, **said)
    return keeper.books


def digest(turn: Turn) -> str:
    return f"sha256:{turn.number}"


def scenario(cases: int = 30) -> Scenario:
    return Scenario.of(Morning(seed=7, run="0a0b0c", cases=cases))


def renumbered(book: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numbers without a gap again, as if somebody had covered up what was done to the book."""
    new = {entry["n"]: n for n, entry in enumerate(book, start=1)}
    return [
        entry | {"n": new[entry["n"]]} | ({"to": new.get(entry["to"], 0)} if "to" in entry else {}) for entry in book
    ]


def where(book: list[dict[str, Any]], kind: str, **fields: Any) -> list[int]:
    """The places of the entries that look so."""
    return [
        place
        for place, entry in enumerate(book)
        if entry["kind"] == kind and all(entry.get(name) == value for name, value in fields.items())
    ]


def entries_of(books: MUTABLE) -> dict[str, list[Entry]]:
    return {system: list(book) for system, book in books.items()}
