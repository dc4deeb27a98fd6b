# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An item as it came, and what it is beside the newest version known. 事项版本"""

import hashlib
from collections.abc import Mapping
from datetime import date
from uuid import UUID

import orjson

from contracts.families.fields import BEIJING
from hub.ports.journal import Claim
from hub.ports.journal.cataloguing import Arrival, Edition, Judged, Verdict

CODES: Mapping[str, str] = {
    "cn.gov.item.directory": "basic_code",
    "cn.gov.item.implementation": "item_code",
}
"""The contracts of items, with the member that names the item; it is the subject of the message too."""


def edition_of(claim: Claim) -> Edition | None:
    """The item in a message that was checked when it was accepted. None: it is no item."""
    if claim.contract not in CODES:
        return None
    data = orjson.loads(claim.canonical)
    expires = data.get("expires_on")
    return Edition(
        contract=claim.contract,
        code=data[CODES[claim.contract]],
        version=data["item_version"],
        effective_on=date.fromisoformat(data["effective_on"]),
        expires_on=None if expires is None else date.fromisoformat(expires),
        status=data["status"],
        digest=hashlib.sha256(claim.canonical).digest(),
        data=claim.canonical,
        message=UUID(int=claim.message_id.int),
    )


def judge(newest: Edition | None, arrival: Arrival) -> Judged:
    """By the province's version, then by the effective date; the same again with other content is a correction."""
    edition = arrival.edition
    coming = edition.effective_on > arrival.accepted_at.astimezone(BEIJING).date()
    if newest is None:
        return Judged(Verdict.WITHDRAWN if edition.status == "withdrawn" else Verdict.ADDED, (), coming)
    if edition.order < newest.order:
        return Judged(Verdict.LATE, (), coming)
    if edition.digest == newest.digest:
        return Judged(Verdict.REPEATED)
    fields = differing(newest.data, edition.data)
    if edition.order == newest.order:
        return Judged(Verdict.CORRECTED, fields, coming)
    withdrawn = edition.status == "withdrawn"
    return Judged(Verdict.WITHDRAWN if withdrawn else Verdict.CHANGED, fields, coming)


def differing(before: bytes, after: bytes) -> tuple[str, ...]:
    """The members whose values differ, or that only one of the two has, by name."""
    old, new = orjson.loads(before), orjson.loads(after)
    absent = object()
    return tuple(sorted(name for name in {*old, *new} if old.get(name, absent) != new.get(name, absent)))
