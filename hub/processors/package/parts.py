# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How the parts of a package stand, from what was emitted and what has joined: a pure table.

What its department says of a part, in this order of weight; of the heaviest kind the highest record_version holds, then the last.

    completion          done, refused or withdrawn, by its result
    acceptance          refused ends it; accepted (or a finding of corrections) does not
    correction asked    correcting, until something else is heard
    nothing             submitted, if it was handed over; undeliverable, if it cannot be

A part that was never handed over waits for those before it, and never starts when one of them cannot be done any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.codes import PackageOutcome, PartStanding
from hub.ports.journal import Emission, Joined, Process
from hub.processors.package.config import ItemSettings, PackageConfig

SUBMITTED = "cn.gov.package.submitted"
_COMPLETION = "cn.gov.completion.decided"
_ACCEPTANCE = "cn.gov.acceptance.decided"
_CORRECTION = "cn.gov.correction.requested"
_PREREVIEW = "cn.gov.prereview.decided"
_WEIGHTS = (_CORRECTION, _PREREVIEW, _ACCEPTANCE, _COMPLETION)
JOINING = frozenset(_WEIGHTS)
"""What a department says of a part that this processor hears."""

_IN_FAVOUR = frozenset({"issued", "permitted", "transferred", "closed"})
ENDS = frozenset(
    {
        PartStanding.DONE,
        PartStanding.REFUSED,
        PartStanding.WITHDRAWN,
        PartStanding.NOT_STARTED,
        PartStanding.UNDELIVERABLE,
        PartStanding.OVERDUE,
    }
)
_TIMES = {
    _COMPLETION: "completed_at",
    _ACCEPTANCE: "decided_at",
    _CORRECTION: "requested_at",
    _PREREVIEW: "decided_at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One item of a package and how it stands. ``said`` is the message of its department that says so."""

    number: int
    case_no: str
    item: Mapping[str, Any]
    settings: ItemSettings | None
    after: tuple[int, ...]
    standing: PartStanding
    said: Mapping[str, Any]
    since: str | None = None

    @property
    def department_code(self) -> str:
        """Who handles it: as the package says, else as it is configured."""
        named: str | None = self.item.get("department_code")
        assert named is not None or self.settings is not None, "what has no department was refused"
        return named or (self.settings.department_code if self.settings is not None else "")

    @property
    def over(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.standing in ENDS


@dataclass(frozen=True, slots=True)
class Package:
    """A process as a package. ``withdrawn``: the applicant has withdrawn it as a whole."""

    data: Mapping[str, Any]
    parts: Sequence[Part]
    withdrawn: bool

    @property
    def concluded(self) -> bool:
        """Whether every part is over."""
        return all(part.over for part in self.parts)

    @property
    def outcome(self) -> PackageOutcome:
        """What it has come to."""
        if not self.concluded:
            return PackageOutcome.UNDER_WAY
        done = sum(part.standing is PartStanding.DONE for part in self.parts)
        if done == len(self.parts):
            return PackageOutcome.COMPLETED
        if self.withdrawn or (not done and all(part.standing is PartStanding.WITHDRAWN for part in self.parts)):
            return PackageOutcome.WITHDRAWN
        return PackageOutcome.PARTLY if done else PackageOutcome.FAILED


def case_no(package_no: str, number: int) -> str:
    """The case number of a part: of the package's number and its place, counted from 1."""
    return f"{package_no}-{number + 1:02}"


def part_name(number: int) -> str:
    """The name under which a part's application is emitted."""
    return f"part.{number}"


def package(config: PackageConfig, process: Process, *, given_up: bool) -> Package:
    """How a package stands. ``given_up``: its parts are waited for no longer."""
    data = orjson.loads(process.canonical)
    items = data["items"]
    by_case: dict[str, list[Joined]] = {}
    for one in process.joined:
        by_case.setdefault(orjson.loads(one.attributes).get("subject", ""), []).append(one)
    withdrawn = _withdrawn(by_case.get(data["package_no"], ()))
    places = {item["item_code"]: number for number, item in enumerate(items)}
    parts: dict[int, Part] = {}
    for number in _in_order(config, places):
        item = items[number]
        settings = config.items.get(item["item_code"])
        after = tuple(places[code] for code in settings.after if code in places) if settings is not None else ()
        no = case_no(data["package_no"], number)
        kind, said = _heaviest(by_case.get(no, ()))
        emitted = process.emissions.get(part_name(number))
        ahead = [parts[one].standing for one in after]
        standing = _standing(kind, said, emitted, ahead, withdrawn=withdrawn)
        parts[number] = Part(
            number=number,
            case_no=no,
            item=item,
            settings=settings,
            after=after,
            standing=PartStanding.OVERDUE if given_up and standing not in ENDS else standing,
            said=said,
            since=said.get(_TIMES.get(kind, "")),
        )
    return Package(data, [parts[number] for number in range(len(items))], withdrawn)


def circles(items: Mapping[str, ItemSettings]) -> Sequence[str]:
    """Items that wait, by way of others or at once, for themselves."""

    def reaches(start: str) -> bool:
        seen: set[str] = set()
        ahead = list(items[start].after)
        while ahead:
            one = ahead.pop()
            if one == start:
                return True
            if one not in seen and one in items:
                seen.add(one)
                ahead += items[one].after
        return False

    return [code for code in items if reaches(code)]


def _in_order(config: PackageConfig, places: Mapping[str, int]) -> list[int]:
    """Parts after those that they wait for. Settings go in no circle: that is refused when they are loaded."""
    ordered: list[int] = []

    def visit(code: str) -> None:
        if code not in places or places[code] in ordered:
            return
        settings = config.items.get(code)
        for before in settings.after if settings is not None else ():
            visit(before)
        ordered.append(places[code])

    for code in places:
        visit(code)
    return ordered


def _standing(
    kind: str, said: Mapping[str, Any], emitted: Emission | None, ahead: Sequence[PartStanding], *, withdrawn: bool
) -> PartStanding:
    match kind, said:
        case "cn.gov.completion.decided", {"result": "withdrawn"}:
            return PartStanding.WITHDRAWN
        case "cn.gov.completion.decided", {"result": result}:
            return PartStanding.DONE if result in _IN_FAVOUR else PartStanding.REFUSED
        case (("cn.gov.acceptance.decided" | "cn.gov.prereview.decided"), {"decision": "refused"}):
            return PartStanding.REFUSED
        case "cn.gov.correction.requested", _:
            return PartStanding.CORRECTING
        case _, {"decision": "correction"}:
            return PartStanding.CORRECTING
        case "cn.gov.acceptance.decided", _:
            return PartStanding.ACCEPTED
        case _ if emitted is not None:
            return PartStanding.UNDELIVERABLE if emitted.lost else PartStanding.SUBMITTED
        case _ if withdrawn or any(one in ENDS and one is not PartStanding.DONE for one in ahead):
            return PartStanding.NOT_STARTED
        case _:
            return PartStanding.WAITING


def _heaviest(joined: Sequence[Joined]) -> tuple[str, Mapping[str, Any]]:
    """The kind and the data of the message that counts; of a part that nothing was said of, empty ones."""
    found: tuple[tuple[int, int, int], str, Mapping[str, Any]] | None = None
    for place, one in enumerate(joined):
        kind = orjson.loads(one.attributes)["type"]
        data = orjson.loads(one.canonical)
        rank = (_WEIGHTS.index(kind), data.get("record_version") or 1, place)
        if found is None or rank > found[0]:
            found = rank, kind, data
    return ("", {}) if found is None else found[1:]


def _withdrawn(joined: Sequence[Joined]) -> bool:
    """Whether somebody closed the package itself as withdrawn: what the portal says when the applicant takes it back."""
    kind, said = _heaviest(joined)
    return kind == _COMPLETION and said.get("result") == "withdrawn"
