# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Packages and consultations: whether each came to one last telling, complete and true to what the departments said."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.model.books import Book, Message
from tests.model.recipients import Recipient
from tests.model.senders import CODES, DEPARTMENTS, Senders
from tests.model.town import APPLIED, ASKED, CLOSED, DIVIDED, GATHERED, GATHERING, OPINION, PACKAGES, PROGRESSED

_OVER = {"done", "refused", "withdrawn", "not_started", "undeliverable", "overdue"}
_STANDINGS = {"permitted": "done", "denied": "refused", "withdrawn": "withdrawn"}


def gathered(senders: Senders, recipients: Mapping[str, Recipient], book: Book) -> Iterator[str]:
    """What does not hold."""
    for process, (message, destination, finished) in book.processes.items():
        begun = book.messages[message]
        final = book.deliveries[message, destination].final
        if not finished or final not in {"delivered", "skipped"}:
            yield f"gathered: {begun.system}/{begun.sender_id} of {begun.case}: its process ended as {final or 'nothing'}"
        emitted = [one for one in book.messages.values() if one.emitted == process]
        yield from _told_once(recipients, emitted)
        if destination == PACKAGES:
            yield from _package(book, begun, emitted)
        if destination == GATHERING:
            yield from _consultation(book, begun, emitted)


def _told_once(recipients: Mapping[str, Recipient], emitted: Sequence[Message]) -> Iterator[str]:
    """Each emission took effect once where it went, and no two say the same version of the same."""
    for contract, places in ((DIVIDED, ("portal",)), (PROGRESSED, ("portal",)), (GATHERED, ("lead",))):
        ids = {one.sender_id for one in emitted if one.contract == contract}
        for place in places:
            versions = Counter(
                arrival.data.get("record_version")
                for arrival in recipients[place].book
                if arrival.effect and arrival.attributes["id"] in ids
            )
            if any(times > 1 for times in versions.values()):
                yield f"gathered: {place} was told {contract} so often by version: {dict(versions)}"
    for one, again in Counter((m.contract, m.case, str(m.data.get("record_version"))) for m in emitted).items():
        if again > 1 and one[0] not in {APPLIED, ASKED}:
            yield f"gathered: {one} was emitted {again} times"


def _last(emitted: Sequence[Message], contract: str) -> Mapping[str, Any] | None:
    told = [one.data for one in emitted if one.contract == contract]
    return max(told, key=lambda data: int(data["record_version"]), default=None)


def _package(book: Book, begun: Message, emitted: Sequence[Message]) -> Iterator[str]:
    name = f"gathered: package {begun.case}"
    applied = Counter(one.case for one in emitted if one.contract == APPLIED)
    divided = sum(one.contract == DIVIDED for one in emitted)
    if not 1 <= divided <= len(begun.data["items"]):  # once, and again as each later part begins
        yield f"{name} was divided {divided} times"
    if any(times > 1 for times in applied.values()):
        yield f"{name}: parts were handed over so often: {dict(applied)}"
    told = _last(emitted, PROGRESSED)
    if told is None or "concluded_at" not in told:
        yield f"{name} never came to an end: {told}"
        return
    concluded = [
        [(part["case_no"], part["standing"]) for part in one.data["parts"]]
        for one in emitted
        if one.contract == PROGRESSED and "concluded_at" in one.data
    ]
    results = [one for one in book.messages.values() if one.contract == CLOSED and one.case.startswith(begun.case)]
    if len(concluded) > max(1, len(results)):
        yield f"{name} came to an end {len(concluded)} times for {len(results)} results: {concluded}"
    for n, part in enumerate(told["parts"]):
        said = [
            one
            for one in results
            if one.case == part["case_no"] and book.deliveries[one.id, PACKAGES].reference == "joined"
        ]
        highest = max((int(one.data["record_version"]) for one in said), default=0)
        possible = {_STANDINGS[one.data["result"]] for one in said if one.data["record_version"] == highest}
        if part["standing"] not in _OVER:
            yield f"{name} is over, and its part {part['case_no']} is {part['standing']}"
        elif possible and part["standing"] not in possible:
            yield f"{name}: {DEPARTMENTS[n]} said {sorted(possible)} of {part['case_no']}, told was {part['standing']}"


def _consultation(book: Book, begun: Message, emitted: Sequence[Message]) -> Iterator[str]:
    number = begun.data["consultation_no"]
    name = f"gathered: consultation {number} of {begun.case}"
    asked = Counter(one.data["department_code"] for one in emitted if one.contract == ASKED)
    if asked != Counter(CODES):
        yield f"{name}: asked so often: {dict(asked)}"
    told = _last(emitted, GATHERED)
    if told is None:
        yield f"{name} was never told of"
        return
    opinions = [
        one
        for one in book.messages.values()
        if one.contract == OPINION and one.case == begun.case and one.data["consultation_no"] == number
        if book.deliveries[one.id, GATHERING].final == "delivered"
    ]
    if sum(one.contract == GATHERED for one in emitted) > 1 + len(opinions):
        yield f"{name} was told of more often than there was news"
    for one in told["opinions"]:
        said = [o for o in opinions if o.data["department_code"] == one["department_code"]]
        highest = max((int(o.data["record_version"]) for o in said), default=0)
        possible = {o.data["opinion"] for o in said if o.data["record_version"] == highest}
        if one["standing"] == "awaited":
            yield f"{name} was told of while {one['department_code']} was awaited"
        if possible and one.get("opinion") not in possible:
            yield f"{name}: {one['department_code']} said {sorted(possible)}, told was {one.get('opinion')}"
