# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The books of a morning on which everything went well, kept without any hub; tests spoil copies of them."""

import itertools
from pathlib import Path
from typing import Any

import orjson

from hub.demo.far.fate import COMPLETION, LICENCE, Morning, Turn
from hub.demo.far.mistakes import mistake
from hub.demo.far.services import mobile
from hub.demo.ledgers import Entry
from hub.demo.province import LICENCES, RESULTS
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


def hall_book(scenario: Scenario) -> list[dict[str, Any]]:
    """The hall's, on a morning on which all services did what they were asked."""
    book: list[dict[str, Any]] = []

    def write(kind: str, **fields: Any) -> int:
        book.append({"n": len(book) + 1, "t": 0.0, "kind": kind, **fields})
        return len(book)

    for wish in scenario.wishes:
        sent = write("sent", id=wish.number, case=wish.fate.case, contract="", order=1, digest="", wrong="")
        write("answer", to=sent, status=202, receipt="r", message="m", code="")
        match wish.service:
            case "notice":
                write("confirmed", number=wish.number, status="delivered")
            case "seal":
                write("sealed", number=wish.number, result="done", structure="pades", whole=True)
            case "parcel":
                for status in ("picked_up", "delivered"):
                    write("moved", number=wish.number, waybill="SF1", status=status)
    return book


def counted(scenario: Scenario) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """What providers and province counted on such a morning."""
    wishes = {name: [one for one in scenario.wishes if one.service == name] for name in ("notice", "seal", "parcel")}
    providers = {
        "texts": {mobile(one.fate): 1 for one in wishes["notice"]},
        "seals": {f"reference-{n}": 1 for n, _ in enumerate(wishes["seal"])},
        "parcels": {f"{one.number}@{one.fate.case}": 1 for one in wishes["parcel"]},
    }
    up = scenario.going_up()
    province = {
        RESULTS: dict.fromkeys(up[COMPLETION], 1),
        LICENCES: {f"CS-{case}": 1 for case in up[LICENCE]},
    }
    return providers, province


def write_others(scenario: Scenario, ledgers: Path) -> None:
    """All three of these, on disk."""
    providers, province = counted(scenario)
    (ledgers / "hall.jsonl").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in hall_book(scenario)))
    (ledgers / "providers.json").write_bytes(orjson.dumps(providers))
    (ledgers / "province.json").write_bytes(orjson.dumps(province))
