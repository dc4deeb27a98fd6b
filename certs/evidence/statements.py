# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Statements as a verifier reads them: which fields each kind has, and whether they can all be true of one case."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certs.evidence.findings import Finding
from certs.evidence.plain_json import PlainError, parse
from certs.leaf import ACCEPTED, DELIVERED, NOT_DELIVERED, REFUSED, RELEASED, REPLAYED, SUBMISSION

_ABOUT = {"v": int, "type": str, "hub": str, "message": str}
_DELIVERY = {"delivery": str, "destination": str, "attempt": int}
_OUTCOME = _ABOUT | _DELIVERY | {"state": str, "code": str, "reference": str, "settledAt": str}
_ACCEPTED = _ABOUT | {
    "system": str, "id": str, "contract": str, "contractVersion": int, "case": str, "acceptedAt": str,
}  # fmt: skip
_WORD = {"by": str, "reason": str}
_FIELDS: dict[tuple[str, int], tuple[Mapping[str, type], Mapping[str, type]]] = {
    (ACCEPTED, 1): (_ACCEPTED | {"digest": str}, {"warnings": list}),
    (ACCEPTED, 2): (_ACCEPTED | {"commitment": str}, {"warnings": list}),
    (REFUSED, 2): (
        _ABOUT | {"system": str, "id": str, "contract": str, "code": str, "commitment": str, "refusedAt": str},
        {},
    ),
    (DELIVERED, 1): (_OUTCOME, _WORD),
    (NOT_DELIVERED, 1): (_OUTCOME, _WORD),
    (REPLAYED, 1): (
        _ABOUT | _DELIVERY | _WORD | {"added": bool, "late": bool, "replay": str, "replayedAt": str},
        {},
    ),
    (RELEASED, 1): (
        _ABOUT | {"rule": str, "how": str, "parkedAt": str, "releasedAt": str},
        _WORD | {"case": str},
    ),
    (SUBMISSION, 1): (
        _ABOUT
        | {"system": str, "id": str, "suite": str, "digest": str, "signature": str}
        | {"stale": bool, "receivedAt": str},
        {"statusAt": str, "certificate": str},
    ),
}
KINDS = frozenset(kind for kind, _ in _FIELDS)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
_MOMENTS = ("acceptedAt", "refusedAt", "settledAt", "replayedAt", "parkedAt", "releasedAt", "receivedAt", "statusAt")
_DEAD = "dead"
"""The state of a delivery that an operator may still take up: what follows is no contradiction."""


@dataclass(frozen=True, slots=True)
class Said:
    """One statement, where it stands in the log."""

    index: int
    kind: str
    place: str
    fields: Mapping[str, Any]

    @property
    def message(self) -> str:
        """What it is about."""
        return str(self.fields["message"])

    @property
    def moment(self) -> str:
        """When the hub says that it was; texts of one form that compare as moments do."""
        at = next(
            str(self.fields[name]) for name in _MOMENTS if name in self.fields and name not in {"parkedAt", "statusAt"}
        )
        return at[:-1].ljust(27, "0") if "." in at else at[:-1] + ".000000"


def read_statement(kind: str, body: bytes, place: str) -> Mapping[str, Any] | Finding:
    """Its fields, all of which are known."""
    if kind not in KINDS:
        return Finding("KIND_UNKNOWN", place, kind)
    try:
        fields = parse(body)
    except PlainError as error:
        return Finding("JSON_FORM", place, str(error))
    if not isinstance(fields, dict):
        return Finding("STATEMENT_FORM", place)
    if fields.get("type") != kind:
        return Finding("KIND_DIFFERS", place)
    fault = _fault(kind, fields)
    return fields if fault is None else Finding("STATEMENT_FORM", place, fault)


def _fault(kind: str, fields: Mapping[str, Any]) -> str | None:
    """Which field is not as its kind and version have it."""
    version = fields.get("v")
    needed, allowed = _FIELDS.get((kind, version if type(version) is int else 0), (None, {}))
    if needed is None:
        return "version"
    types = {**allowed, **needed}
    odd = [name for name, value in fields.items() if type(value) is not types.get(name)]
    times = [name for name in _MOMENTS if name in fields and name not in odd and not _is_moment(fields[name])]
    return next(iter([*odd, *sorted(needed.keys() - fields.keys()), *times]), "")[:40] or None


def _is_moment(text: str) -> bool:
    """Whether it is a moment in UTC, as the hub writes one."""
    try:
        return _MOMENT.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def leaf_of(kind: str, body: bytes) -> bytes:
    """As :func:`certs.leaf.leaf_hash` has it."""
    name = kind.encode()
    return hashlib.sha256(b"\x00" + bytes([len(name)]) + name + body).digest()


def contradictions(case: str, hub: str, said: Sequence[Said]) -> Iterator[Finding]:
    """What of these statements, in the order of the log, cannot be true together."""
    messages: dict[str, list[Said]] = {}
    for one in said:
        messages.setdefault(one.message, []).append(one)
        if one.fields["hub"] != hub:
            yield Finding("CASE_FOREIGN", one.place, "hub")
    for about in messages.values():
        if [one.kind for one in about] != [REFUSED]:
            yield from _of_message(case, about)


def _of_message(case: str, about: Sequence[Said]) -> Iterator[Finding]:
    accepted = [one for one in about if one.kind == ACCEPTED]
    if len(accepted) != 1:
        yield Finding("CONTRADICTION", about[0].place, "not accepted once")
        return
    if (
        next(one for one in about if one.kind != SUBMISSION) is not accepted[0]
    ):  # a signature is older than its acceptance
        yield Finding("ORDER", about[0].place, "before it was accepted")
    yield from _foreign(accepted[0], about)
    cases = [accepted[0].fields["case"], *(one.fields["case"] for one in about if "case" in one.fields)]
    if case not in cases:
        yield Finding("CASE_FOREIGN", accepted[0].place)
    ends: dict[str, Said | None] = {}
    for one in about:
        if one.kind == REPLAYED:
            ends[one.fields["destination"]] = None
        elif one.kind in {DELIVERED, NOT_DELIVERED}:
            before = ends.get(one.fields["destination"])
            if before is not None and not _may_follow(before, one):
                yield Finding("CONTRADICTION", one.place, f"after {before.place}")
            ends[one.fields["destination"]] = one


def _foreign(accepted: Said, about: Sequence[Said]) -> Iterator[Finding]:
    """Signatures of another sender, or of another message of its own, and refusals of what was accepted."""
    for one in about:
        if one.kind == REFUSED:
            yield Finding("CONTRADICTION", one.place, "accepted and refused")
        if one.kind == SUBMISSION and any(one.fields[name] != accepted.fields[name] for name in ("system", "id")):
            yield Finding("SUBMISSION_FOREIGN", one.place)


def _may_follow(before: Said, after: Said) -> bool:
    """E4 and E6 exclude each other; only what was dead may end otherwise, by an operator's word."""
    return before.kind == NOT_DELIVERED and before.fields["state"] == _DEAD and "by" in after.fields
