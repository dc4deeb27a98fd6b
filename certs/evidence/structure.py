# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Everything of a container that can be judged by hashing alone, and the signatures that are left to verify.

The standard library suffices here: the shell verifier uses this part too, and leaves the signatures to ``openssl``.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from certs.evidence.container import MANIFEST, SEAL, FormError, manifest, read
from certs.evidence.findings import Finding
from certs.evidence.note import key_id, read_note
from certs.evidence.plain_json import PlainError, canonical, parse
from certs.evidence.receipt_form import Signed, read_receipt, signed_bytes
from certs.evidence.seal import Identity, digest_of, identity, signature_in, signed_attributes
from certs.evidence.senders import read_submission
from certs.evidence.statements import Said, contradictions, leaf_of, read_statement
from certs.evidence.tree import root_by_inclusion
from certs.leaf import ACCEPTED, DELIVERED, NOT_DELIVERED, REFUSED, SUBMISSION

CASE, LEAVES, NOTE, README = "case.json", "journal/leaves.json", "checkpoints/checkpoint.note", "README.txt"
RECEIPTS_ROLE, LOG_ROLE, SENDER_ROLE = "receipts", "log", "sender"
_HEX = re.compile(r"[0-9a-f]{64}")
_NAMES = re.compile(
    r"case\.json|journal/leaves\.json|checkpoints/checkpoint\.note|README\.txt|META-INF/ASiCManifest\.xml"
    r"|META-INF/signature\.p7s|checkpoints/stamp-[1-9]\.tst|evidence/\d{4,6}-[a-z_]{1,30}\.json|receipts/\d{4,6}\.json"
    r"|parts/\d{4,6}\.bin"
    r"|trust/(receipts|log|issuer)-[0-9a-f]{16}\.crt"
)
_NEEDED = (CASE, LEAVES, NOTE, README, MANIFEST, SEAL)
_STAMPS = ("none", "pending", "present")
_MOST_STEPS = 64


@dataclass(frozen=True, slots=True)
class Task:
    """A signature that somebody has to verify: by the key of ``signer`` in the part ``role``, over ``message``. ``at``: when it
    was made, as a statement says; its certificate has to have been good then.
    """

    place: str
    role: str
    signer: Identity
    message: bytes
    signature: bytes
    at: str = ""


@dataclass(slots=True)
class Structure:
    """What came of it. ``stamps`` are time stamp tokens over ``note``, which no earlier moment than ``latest`` may have."""

    findings: list[Finding] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    stamps: list[tuple[str, bytes]] = field(default_factory=list)
    note: bytes = b""
    latest: str = ""
    issuers: list[bytes] = field(default_factory=list)
    case: str = ""
    hub: str = ""
    log: str = ""
    said: list[Said] = field(default_factory=list)

    def found(self, code: str, place: str = "", detail: str = "") -> None:
        """Add a finding."""
        self.findings.append(Finding(code, place, detail))


class _StopError(Exception):
    """What was found makes the rest meaningless."""


def judge(data: bytes) -> Structure:
    """Judge a container. Never raises, whatever the bytes."""
    told = Structure()
    try:
        files = read(data)
    except FormError as error:
        told.found("CONTAINER_FORM", detail=str(error))
        return told
    try:
        _Reader(files, told).run()
    except _StopError:
        assert told.findings, "whoever stops says why"
    return told


class _Reader:
    def __init__(self, files: Mapping[str, bytes], told: Structure) -> None:
        self._files = files
        self._told = told
        self._keys: dict[str, dict[str, Identity]] = {RECEIPTS_ROLE: {}, LOG_ROLE: {}}
        self._read: set[str] = set()

    def run(self) -> None:
        for name in self._files:
            if not _NAMES.fullmatch(name):
                self._told.found("NAME_UNKNOWN", name)
        for name in _NEEDED:
            if name not in self._files:
                self._told.found("FILE_MISSING", name)
        self._stop_if_any()
        if self._files[MANIFEST] != manifest(self._files):
            self._stop("MANIFEST_DIFFERS", MANIFEST)
        self._trust()
        self._seal()
        self._case()
        root, size = self._checkpoint()
        self._leaves(root, size)

    def _stop(self, code: str, place: str = "", detail: str = "") -> None:
        self._told.found(code, place, detail)
        raise _StopError

    def _stop_if_any(self) -> None:
        if self._told.findings:
            raise _StopError

    def _trust(self) -> None:
        for name, der in self._files.items():
            if not name.startswith("trust/"):
                continue
            role, _, rest = name.removeprefix("trust/").partition("-")
            if rest != f"{hashlib.sha256(der).hexdigest()[:16]}.crt":
                self._told.found("CERTIFICATE_FORM", name, "another name than its digest")
            elif role == "issuer":
                self._told.issuers.append(der)
            elif (one := identity(der)) is None:
                self._told.found("CERTIFICATE_FORM", name)
            else:
                self._keys[role][one.digest] = one
        shared = {one.spki for one in self._keys[RECEIPTS_ROLE].values()}
        if any(one.spki in shared for one in self._keys[LOG_ROLE].values()):
            self._told.found("KEY_SHARED", "trust")
        self._stop_if_any()

    def _seal(self) -> None:
        content, found = self._files[MANIFEST], self._files[SEAL]
        for signer in self._keys[RECEIPTS_ROLE].values():
            try:
                digest = digest_of(signer.suite, content)
                signature = signature_in(found, signer, digest)
            except OSError:
                self._stop("SUITE_UNAVAILABLE", SEAL)
            if signature is not None:
                self._told.tasks.append(Task(SEAL, RECEIPTS_ROLE, signer, signed_attributes(signer, digest), signature))
                return
        self._stop("SEAL_FORM", SEAL)

    def _json(self, name: str) -> Any:
        try:
            found = parse(self._files[name])
        except PlainError as error:
            self._stop("JSON_FORM", name, str(error))
        if canonical(found) != self._files[name]:
            self._stop("JSON_FORM", name, "not in its one form")
        return found

    def _case(self) -> None:
        told, found = self._told, self._json(CASE)
        told.stamps = [(name, self._files[name]) for name in sorted(self._files) if name.endswith(".tst")]
        texts = {"case", "hub", "log", "stamps"}
        if (
            not isinstance(found, dict)
            or found.keys() != texts | {"v"}
            or type(found["v"]) is not int
            or found["v"] != 1
            or not all(isinstance(found[name], str) for name in texts)
            or found["stamps"] not in _STAMPS
            or (found["stamps"] == "present") != bool(told.stamps)
        ):
            self._stop("CASE_FORM", CASE)
        told.case, told.hub, told.log = found["case"], found["hub"], found["log"]
        if found["stamps"] == "pending":
            told.found("TIMESTAMP_PENDING", CASE)
        elif found["stamps"] == "none":
            told.found("TIME_CLAIMED", CASE)

    def _checkpoint(self) -> tuple[bytes, int]:
        told = self._told
        told.note = self._files[NOTE]
        note = read_note(told.note)
        if note is None:
            self._stop("CHECKPOINT_FORM", NOTE)
        assert note is not None
        if note.origin != told.log:
            self._stop("LOG_FOREIGN", NOTE)
        for signer in self._keys[LOG_ROLE].values():
            wanted = key_id(note.origin, signer.spki, signer.suite.name)
            mine = [signature for name, key, signature in note.signatures if (name, key) == (note.origin, wanted)]
            told.tasks += [Task(NOTE, LOG_ROLE, signer, note.text, one) for one in mine]
            if mine:
                return note.root, note.size
        self._stop("CHECKPOINT_KEY", NOTE)
        return b"", 0

    def _leaves(self, root: bytes, size: int) -> None:
        told, found = self._told, self._json(LEAVES)
        listed = set()
        for n, one in enumerate(self._rows(found, size)):
            place = one["statement"]
            listed |= {place, one["receipt"]} - {None}
            body = self._files.get(place)
            if body is None or (one["receipt"] is not None and one["receipt"] not in self._files):
                self._stop("FILE_MISSING", place if body is None else one["receipt"])
            assert body is not None
            if place != f"evidence/{n + 1:04}-{one['kind']}.json":
                self._stop("LEAVES_FORM", LEAVES, "a statement under another name")
            self._leaf(one, body, place, root, size)
        for name in self._files:
            if name.startswith(("evidence/", "receipts/")) and name not in listed:
                told.found("STATEMENT_UNLISTED", name)
            elif name.startswith("parts/") and name not in self._read:
                told.found("PART_UNLISTED", name)
        told.findings += contradictions(told.case, told.hub, told.said)
        told.latest = max((one.moment for one in told.said), default="")
        told.findings += _still_open(told.said)

    def _rows(self, found: Any, size: int) -> list[dict[str, Any]]:
        if not isinstance(found, list) or not found:
            self._stop("LEAVES_FORM", LEAVES)
        last = -1
        for one in found:
            if not _is_row(one) or not last < one["index"] < size:
                self._stop("LEAVES_FORM", LEAVES, "a row")
            last = one["index"]
        return list(found)

    def _leaf(self, one: dict[str, Any], body: bytes, place: str, root: bytes, size: int) -> None:
        told, leaf = self._told, bytes.fromhex(one["leaf"])
        fields = read_statement(one["kind"], body, place)
        if isinstance(fields, Finding):
            told.findings.append(fields)
            return
        if leaf_of(one["kind"], body) != leaf:
            told.found("LEAF_DIFFERS", place)
            return
        path = [bytes.fromhex(step) for step in one["path"]]
        if root_by_inclusion(leaf, one["index"], size, path) != root:
            told.found("INCLUSION", place)
        told.said.append(Said(one["index"], one["kind"], place, fields))
        if one["kind"] == SUBMISSION:
            self._submission(told.said[-1])
        if one["kind"] in {ACCEPTED, REFUSED}:
            self._receipt(one["receipt"], body, leaf, fields, place)
        elif one["receipt"] is not None:
            told.found("LEAVES_FORM", LEAVES, "a receipt of something else")

    def _submission(self, said: Said) -> None:
        """The sender's own signature; the message it is over is the part of the same number, if it is here."""
        told, part = self._told, f"parts/{said.place.partition('/')[2].partition('-')[0]}.bin"
        self._read.add(part)
        try:
            found = read_submission(said.fields, self._files.get(part), said.place)
        except OSError:
            told.found("SUITE_UNAVAILABLE", said.place)
            return
        if isinstance(found, Finding):
            told.findings.append(found)
        elif found.message is None:
            told.found("SUBMISSION_UNSEEN", said.place)
        else:
            told.issuers += (one for one in found.issuers if identity(one) is not None)
            told.tasks.append(
                Task(said.place, SENDER_ROLE, found.signer, found.message, found.signature, at=said.moment)
            )

    def _receipt(self, name: str | None, body: bytes, leaf: bytes, fields: Mapping[str, Any], place: str) -> None:
        told = self._told
        if name is None:
            told.found("RECEIPT_WITHHELD", place)
            return
        match read_receipt(self._files[name], body, leaf, fields, name):
            case Finding() as fault:
                told.findings.append(fault)
            case None:
                if fields["type"] == ACCEPTED:  # of a refusal only what opens its statement is kept
                    told.found("RECEIPT_UNSIGNED", name)
            case Signed(suite, key, root, signature):
                signer = self._keys[RECEIPTS_ROLE].get(key.removeprefix("sha256:"))
                if signer is None or signer.suite.name != suite:
                    told.found("KEY_UNKNOWN", name)
                else:
                    told.tasks.append(Task(name, RECEIPTS_ROLE, signer, signed_bytes(suite, root), signature))


def _is_row(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and one.keys() == {"index", "kind", "leaf", "statement", "receipt", "path"}
        and type(one["index"]) is int
        and isinstance(one["kind"], str)
        and isinstance(one["leaf"], str)
        and _HEX.fullmatch(one["leaf"]) is not None
        and isinstance(one["statement"], str)
        and isinstance(one["receipt"], str | None)
        and isinstance(one["path"], list)
        and len(one["path"]) <= _MOST_STEPS
        and all(isinstance(step, str) and _HEX.fullmatch(step) for step in one["path"])
    )


def _still_open(said: list[Said]) -> Iterator[Finding]:
    """Messages of whose deliveries nothing is known."""
    ended = {one.message for one in said if one.kind in {DELIVERED, NOT_DELIVERED}}
    for one in said:
        if one.kind == ACCEPTED and one.message not in ended:
            yield Finding("DELIVERY_OPEN", one.place)
