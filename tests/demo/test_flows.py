# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What came of services and of the province is told from the far sides' counts; whatever is missing or double is found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.workshop import Workshop
from hub.demo.far.fate import COMPLETION, LICENCE
from hub.demo.far.services import document, mobile
from hub.demo.flows import Counts, Flow, HallBook, flows, verified_in
from hub.demo.province import LICENCES, RESULTS
from hub.ports.clock import SystemClock
from tests.demo.books import counted, hall_book, scenario

SCENARIO = scenario(60)
WISHES = {name: [one for one in SCENARIO.wishes if one.service == name] for name in ("notice", "seal", "parcel")}
SEALED = frozenset(one.number for one in WISHES["seal"])

Book = list[dict[str, Any]]
Counted = dict[str, dict[str, int]]
Spoil = Callable[[Book, Counted, Counted], None]


def reckoned(spoil: Spoil | None = None, verified: frozenset[str] = SEALED) -> dict[str, Flow]:
    book, (providers, province) = hall_book(SCENARIO), counted(SCENARIO)
    if spoil is not None:
        spoil(book, providers, province)
    return {flow.name: flow for flow in flows(SCENARIO, HallBook.of(book), Counts(providers, province), verified)}


def test_a_morning_on_which_all_went_well() -> None:
    found = reckoned()

    assert all(flow.complete for flow in found.values())
    assert all(len(one) > 3 for one in WISHES.values())
    told = {name: len(one) for name, one in WISHES.items()}
    assert found["notices"].counts == dict.fromkeys(("accepted", "sent", "confirmed"), told["notice"])
    assert found["documents"].counts == dict.fromkeys(("accepted", "sealed", "fetched", "verified"), told["seal"])
    assert found["parcels"].counts == {
        "accepted": told["parcel"],
        "ordered": told["parcel"],
        "routes": 2 * told["parcel"],
    }
    assert found["province"].counts == {"rows": sum(map(len, SCENARIO.going_up().values()))}


FIRST = {name: one[0] for name, one in WISHES.items()}
CASE = min(SCENARIO.going_up()[COMPLETION])


def without(kind: str, number: str) -> Spoil:
    def spoil(book: Book, _providers: Counted, _province: Counted) -> None:
        book.remove(next(one for one in book if one["kind"] == kind and one.get("number") == number))

    return spoil


def doubled(kind: str, number: str) -> Spoil:
    def spoil(book: Book, _providers: Counted, _province: Counted) -> None:
        book.append(next(one for one in book if one["kind"] == kind and one.get("number") == number))

    return spoil


def provider(name: str, key: str, times: int) -> Spoil:
    def spoil(_book: Book, providers: Counted, _province: Counted) -> None:
        providers[name][key] = times
        if not times:
            del providers[name][key]

    return spoil


def rows(table: str, key: str, times: int) -> Spoil:
    def spoil(_book: Book, _providers: Counted, province: Counted) -> None:
        province[table][key] = times
        if not times:
            del province[table][key]

    return spoil


NOTICE, SEAL, PARCEL = (FIRST[name].number for name in ("notice", "seal", "parcel"))
PHONE, ORDER = mobile(FIRST["notice"].fate), f"{PARCEL}@{FIRST['parcel'].fate.case}"


@pytest.mark.parametrize(
    ("spoil", "name", "number"),
    [
        (without("confirmed", NOTICE), "notices", NOTICE),
        (provider("texts", PHONE, 0), "notices", NOTICE),
        (without("sealed", SEAL), "documents", SEAL),
        (without("moved", PARCEL), "parcels", PARCEL),
        (provider("parcels", ORDER, 0), "parcels", PARCEL),
        (rows(RESULTS, CASE, 0), "province", f"{COMPLETION} {CASE}"),
    ],
)
def test_what_is_missing_is_lost(spoil: Spoil, name: str, number: str) -> None:
    found = reckoned(spoil)

    assert {flow.name: flow.lost for flow in found.values() if flow.lost} == {name: {number}}
    assert not any(flow.twice for flow in found.values())


@pytest.mark.parametrize(
    ("spoil", "name", "number"),
    [
        (doubled("confirmed", NOTICE), "notices", NOTICE),
        (provider("texts", PHONE, 2), "notices", NOTICE),
        (doubled("sealed", SEAL), "documents", SEAL),
        (provider("seals", "reference-0", 2), "documents", "reference-0"),
        (doubled("moved", PARCEL), "parcels", PARCEL),
        (provider("parcels", ORDER, 2), "parcels", PARCEL),
        (rows(RESULTS, CASE, 2), "province", f"{COMPLETION} {CASE}"),
        (rows(LICENCES, f"CS-{min(SCENARIO.going_up()[LICENCE])}", 2), "province", None),
    ],
)
def test_what_was_done_twice_is_found(spoil: Spoil, name: str, number: str | None) -> None:
    found = reckoned(spoil)

    [flow] = [flow for flow in found.values() if flow.twice]
    assert flow.name == name
    assert number is None or flow.twice == {number}
    assert not any(flow.lost for flow in found.values())


def test_a_document_whose_seal_does_not_hold_is_none() -> None:
    assert reckoned(verified=SEALED - {SEAL})["documents"].lost == {SEAL}


def test_what_is_of_another_morning_is_nobodys_fault() -> None:
    def spoil(_book: Book, providers: Counted, province: Counted) -> None:
        providers["texts"]["09999900001"] = 2
        providers["parcels"]["JD-5105-ffffff-000001@5105-ffffff-000001"] = 2
        province[RESULTS]["5105-ffffff-000001"] = 2

    assert all(flow.complete for flow in reckoned(spoil).values())


async def test_sealed_files_are_looked_at_here_again(tmp_path: Path) -> None:
    now = SystemClock().now()
    workshop, folder, anchors = Workshop(now, Algorithm.SM2, Algorithm.RSA), tmp_path / "sealed", tmp_path / "anchors"
    folder.mkdir()
    workshop.write(anchors)
    [first, second, third, fourth, *_] = WISHES["seal"]
    for wish in (first, second, third, fourth):
        file = document(wish.fate, ofd=True)
        made = await workshop.seal(file.content, file.media_type, "", now, trusted=wish is not third)
        if wish is fourth:
            made = workshop.damaged(made, file.media_type) if file.media_type.endswith("ofd") else made[:-9]
        (folder / f"{wish.number}.{file.media_type.rpartition('/')[2]}").write_bytes(made)

    found = verified_in(folder, anchors, WISHES["seal"], SystemClock().now(), ofd=True)

    assert {document(one.fate, ofd=True).media_type for one in (first, second)} == {
        "application/pdf",
        "application/ofd",
    }
    assert found == {first.number, second.number}
