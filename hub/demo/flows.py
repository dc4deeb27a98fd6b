# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What came of the services that the hall used and of what went up to the province, from the far sides' own counts.

A notice is done when the gateway took it once and the hall heard that it was delivered; a document when the platform sealed it
once, the hall has it, and its seal holds here; a parcel when the carrier has it once and both events of its way are known; a row
when the province has it once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from certs.seals.verify import verify
from certs.x509.anchors import Trust, brought
from contracts.text import Text
from hub.demo.far.fate import COMPLETION, LICENCE
from hub.demo.far.services import ROUTES_OF_A_PARCEL, Service, Wish, document, mobile
from hub.demo.ledgers import Entry
from hub.demo.province import LICENCES, RESULTS
from hub.demo.scenario import Scenario

_EVENTS: Final = frozenset({"picked_up", "delivered"})


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow. ``counts`` are told by name; ``lost`` and ``twice`` name what is, by the asker's numbers."""

    name: str
    title: Text
    promised: int
    counts: Mapping[str, int]
    lost: frozenset[str]
    twice: frozenset[str]

    @property
    def complete(self) -> bool:
        """Everything came about, once."""
        return not self.lost and not self.twice

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        told = {"promised": self.promised, **self.counts, "lost": len(self.lost), "twice": len(self.twice)}
        return {**told, "findings": sorted(self.lost | self.twice)[:100]}


@dataclass(slots=True)
class HallBook:
    """What the hall wrote down, by the numbers that it gave."""

    accepted: set[str] = field(default_factory=set)
    statuses: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    documents: defaultdict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    events: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _sent: dict[int, str] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """One more entry, in the order of the book."""
        match entry["kind"]:
            case "sent":
                self._sent[entry["n"]] = entry["id"]
            case "answer" if entry["status"] == 202 and entry["to"] in self._sent:
                self.accepted.add(self._sent[entry["to"]])
            case "confirmed":
                self.statuses[entry["number"]].append(entry["status"])
            case "sealed":
                self.documents[entry["number"]].append(entry)
            case "moved":
                self.events[entry["number"]].append(entry["status"])
            case _:
                pass

    @classmethod
    def of(cls, book: Iterable[Entry]) -> "HallBook":
        """The whole book."""
        read = cls()
        for entry in book:
            read.take(entry)
        return read


@dataclass(frozen=True, slots=True)
class Counts:
    """What providers and province counted: objects of their books, empty where there is none yet."""

    providers: Mapping[str, Any]
    province: Mapping[str, Any]

    @classmethod
    def at(cls, ledgers: Path) -> "Counts":
        """Read both."""
        return cls(_object(ledgers / "providers.json"), _object(ledgers / "province.json"))


def flows(
    scenario: Scenario, hall: HallBook, counts: Counts, verified: frozenset[str] | None = None
) -> tuple[Flow, ...]:
    """All of them. ``verified``: the tasks whose sealed files hold here; None: nobody has looked yet."""
    asked: defaultdict[Service, list[Wish]] = defaultdict(list)
    for wish in scenario.wishes:
        asked[wish.service].append(wish)
    return (
        _notices(asked["notice"], hall, counts.providers.get("texts", {})),
        _documents(asked["seal"], hall, counts.providers.get("seals", {}), verified),
        _parcels(asked["parcel"], hall, counts.providers.get("parcels", {})),
        _rows(scenario, counts.province),
    )


def verified_in(folder: Path, anchors: Path, wishes: Iterable[Wish], at: datetime, *, ofd: bool) -> frozenset[str]:
    """The tasks whose sealed file is there, holds the document, and has seals that hold under these anchors, and no others."""
    known = brought({str(path): path.read_bytes() for path in sorted(anchors.iterdir())})
    trust = Trust(known.certificates, (), known.revocation)
    found = set()
    for wish in wishes:
        original = document(wish.fate, ofd=ofd)
        sealed = folder / f"{wish.number}{'.pdf' if original.media_type == 'application/pdf' else '.ofd'}"
        if sealed.is_file() and not verify(sealed.read_bytes(), trust, at, original.content).faults:
            found.add(wish.number)
    return frozenset(found)


def _notices(wishes: list[Wish], hall: HallBook, texts: Mapping[str, int]) -> Flow:
    numbers = {mobile(wish.fate): wish.number for wish in wishes}
    sent = {numbers[number] for number in texts if number in numbers}
    confirmed = {wish.number for wish in wishes if "delivered" in hall.statuses[wish.number]}
    twice = {numbers[number] for number, times in texts.items() if times > 1 and number in numbers}
    twice |= {wish.number for wish in wishes if len(hall.statuses[wish.number]) > 1}
    return Flow(
        "notices",
        Text("短信通知（CMPP）", "text messages (CMPP)"),
        len(wishes),
        {"accepted": _accepted(wishes, hall), "sent": len(sent), "confirmed": len(confirmed)},
        frozenset({wish.number for wish in wishes} - (sent & confirmed)),
        frozenset(twice),
    )


def _documents(wishes: list[Wish], hall: HallBook, seals: Mapping[str, int], verified: frozenset[str] | None) -> Flow:
    """The platform knows references of the hub's own, so its count is told as it is."""
    told = {wish.number: hall.documents[wish.number] for wish in wishes}
    whole = {number for number, entries in told.items() if any(one["whole"] for one in entries)}
    held = whole if verified is None else whole & verified
    twice = {number for number, entries in told.items() if len(entries) > 1}
    twice |= {reference for reference, times in seals.items() if times > 1}
    return Flow(
        "documents",
        Text("电子签章（PDF、OFD）", "electronic seals (PDF, OFD)"),
        len(wishes),
        {
            "accepted": _accepted(wishes, hall),
            "sealed": len(seals),
            "fetched": len(whole),
            "verified": 0 if verified is None else len(held),
        },
        frozenset(told.keys() - held),
        frozenset(twice),
    )


def _parcels(wishes: list[Wish], hall: HallBook, parcels: Mapping[str, int]) -> Flow:
    numbers = {wish.number for wish in wishes}
    ordered = {order.partition("@")[0]: times for order, times in parcels.items()}
    routes = Counter({number: len(_EVENTS & set(hall.events[number])) for number in numbers})
    twice = {number for number, times in ordered.items() if times > 1 and number in numbers}
    twice |= {number for number in numbers if len(hall.events[number]) > len(set(hall.events[number]))}
    done = {number for number in numbers if number in ordered and routes[number] == ROUTES_OF_A_PARCEL}
    return Flow(
        "parcels",
        Text("物流寄递（顺丰）", "parcels (SF Express)"),
        len(numbers),
        {
            "accepted": _accepted(wishes, hall),
            "ordered": len(numbers & ordered.keys()),
            "routes": routes.total(),
        },
        frozenset(numbers - done),
        frozenset(twice),
    )


def _rows(scenario: Scenario, province: Mapping[str, Any]) -> Flow:
    wanted = {f"{kind} {case}" for kind, cases in scenario.going_up().items() for case in cases}
    rows = Counter({f"{COMPLETION} {case}": times for case, times in province.get(RESULTS, {}).items()})
    rows += Counter({f"{LICENCE} {no.removeprefix('CS-')}": times for no, times in province.get(LICENCES, {}).items()})
    return Flow(
        "province",
        Text("省前置库上报", "rows up to the province"),
        len(wanted),
        {"rows": sum(times for key, times in rows.items() if key in wanted)},
        frozenset(wanted - rows.keys()),
        frozenset(key for key, times in rows.items() if times > 1 and key in wanted),
    )


def _accepted(wishes: list[Wish], hall: HallBook) -> int:
    return sum(wish.number in hall.accepted for wish in wishes)


def _object(path: Path) -> Mapping[str, Any]:
    try:
        said = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return said if isinstance(said, dict) else {}
