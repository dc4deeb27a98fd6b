# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Containers of a made-up case, honest unless a test says otherwise: every step can be done differently."""

import base64
import hashlib
import secrets
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs.authority import Use, Wanted, self_signed
from certs.evidence.container import MANIFEST, SEAL, manifest, write
from certs.evidence.development import development_pair
from certs.evidence.note import key_id, signed_note
from certs.evidence.plain_json import canonical
from certs.evidence.receipts import ReceiptSigner
from certs.evidence.roles import Role
from certs.evidence.structure import CASE, LEAVES, NOTE, README
from certs.evidence.tree import paths, root
from certs.leaf import ACCEPTED, REFUSED, SUBMISSION, leaf_hash
from certs.receipt import (
    Statement,
    acceptance_statement,
    outcome_statement,
    receipt,
    refusal_statement,
    released_statement,
    replay_statement,
    with_signature,
)
from certs.submission import Submitted, submission_statement
from certs.suites.choosing import Unfit, signer_of
from certs.suites.detached import DetachedSigner
from certs.suites.intl import EcdsaSigner
from certs.suites.suite import Signer
from certs.x509.certificate import Certificate

NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
HUB, HUB_CASE, LOG = "hub-1", "BJ-2026-1", "govhub/0196aaaa-0000-7000-8000-000000000001"
MESSAGE, SECOND = UUID("01960000-0000-7000-8000-000000000001"), UUID("01960000-0000-7000-8000-000000000002")
DELIVERY, REPLAY = UUID("01960000-0000-7000-8000-000000000003"), UUID("01960000-0000-7000-8000-000000000004")
DIGEST, SALT = hashlib.sha256(b"content").digest(), bytes(range(32))


@dataclass(frozen=True)
class Keys:
    """The two keys of a hub, and what a verifier pins of them; and one of a sender."""

    receipts: Signer
    log: Signer
    sender: Signer = field(default_factory=lambda: intl_key(None))

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        return self.receipts.certificate, self.log.certificate


def intl_key(role: Role | None, at: datetime = NOW) -> Signer:
    """A new key of intl-1; None: of a sender."""
    if role is not None:
        key, certificate = development_pair(HUB, role, at)
        return _signer(certificate, key)
    private = ec.generate_private_key(ec.SECP256R1())
    spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    wanted = Wanted(
        name="portal", organisation="test", spki=spki, use=Use.SIGNING, begins=at, lasts=timedelta(days=3000)
    )
    made = self_signed(wanted, "intl-1", lambda data: private.sign(data, ec.ECDSA(SHA256())), secrets.token_bytes)
    return EcdsaSigner(made, private)


def gm_key(role: Role | None, folder: Path) -> Signer:
    """A new key of gm-1, by openssl; None: of a sender."""
    name, usage = ("sender", "emailProtection") if role is None else (role.name, role.value)
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    for command in (
        ["openssl", "ecparam", "-name", "SM2", "-genkey", "-noout", "-out", key],
        ["openssl", "req", "-x509", "-new", "-key", key, "-sm3", "-sigopt", "distid:1234567812345678", "-days", "3650",
         "-subj", f"/O=test/CN={name}", "-addext", f"extendedKeyUsage={usage}",
         "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature", "-out", certificate],
    ):  # fmt: skip
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
    return _signer(certificate.read_bytes(), key.read_bytes())


def _signer(certificate: bytes, key: bytes) -> Signer:
    signer = signer_of(certificate, key)
    assert not isinstance(signer, Unfit), signer
    return signer


def accepted(message: UUID = MESSAGE, case: str = HUB_CASE, hub: str = HUB) -> Statement:
    return acceptance_statement(
        hub=hub, message_id=message, system="portal", sender_id="m-1", contract="cn.gov.application.submitted", version=1,
        case=case, digest=DIGEST, salt=SALT, accepted_at=NOW,
    )  # fmt: skip


def submission(signer: Signer, content: bytes = b"content", *, bare: bool = False, **fields: Any) -> Statement:
    """What its sender signed, as the hub states it."""
    made = signer.sign(content) if bare else DetachedSigner(signer).over(content)
    statement = submission_statement(
        hub=HUB, message_id=MESSAGE, system="portal", sender_id="m-1", received_at=NOW,
        submitted=Submitted(
            suite=signer.suite.name, digest=signer.suite.digest(content), signature=made,
            certificate=signer.certificate.der if bare else b"", status_at=NOW, stale=False,
        ),
    )  # fmt: skip
    return reworded(statement, **fields) if fields else statement


def refused(message: UUID = SECOND, **fields: Any) -> Statement:
    """What the hub did not take."""
    statement = refusal_statement(
        hub=HUB, refusal_id=message, system="portal", sender_id="m-9", contract="cn.gov.application.submitted",
        code="E_CONTRACT", digest=DIGEST, salt=SALT, refused_at=NOW,
    )  # fmt: skip
    return reworded(statement, **fields) if fields else statement


def outcome(
    *, positive: bool, state: str = "", to: str = "housing", by: str = "", message: UUID = MESSAGE
) -> Statement:
    return outcome_statement(
        hub=HUB, message_id=message, delivery_id=DELIVERY, destination=to, attempt=1,
        state=state or ("delivered" if positive else "dead"), code="X", reference="R-1", settled_at=NOW, positive=positive,
        by=by, reason="mended" if by else "",
    )  # fmt: skip


def replayed(to: str = "housing") -> Statement:
    return replay_statement(
        hub=HUB, message_id=MESSAGE, delivery_id=DELIVERY, destination=to, attempt=1, added=False, late=False, replay=REPLAY,
        by="keeper", reason="mended", replayed_at=NOW,
    )  # fmt: skip


def released(case: str = "") -> Statement:
    return released_statement(
        hub=HUB, message_id=MESSAGE, rule="R1", how="released", parked_at=NOW, released_at=NOW, case=case
    )


def reworded(statement: Statement, **fields: Any) -> Statement:
    """The statement with other fields (None: without), under its right hash."""
    told = {**orjson.loads(statement.body), **fields}
    body = orjson.dumps({name: value for name, value in told.items() if value is not None})
    return Statement(statement.kind, body, leaf_hash(statement.kind, body))


def in_bytes(statement: Statement, body: bytes, kind: str = "") -> Statement:
    """Other bytes under their right hash."""
    return Statement(kind or statement.kind, body, leaf_hash(kind or statement.kind, body))


HONEST = (
    accepted(), outcome(positive=True, to="housing"), outcome(positive=False, to="sms"), replayed("sms"),
    outcome(positive=True, to="sms"), released(), accepted(SECOND),
)  # fmt: skip


@dataclass
class Making:
    """Makes a container, with a signed message where nothing else is said. ``receipts`` and ``files`` are hooks: what they are
    given may be changed before it goes on.
    """

    keys: Keys
    statements: Sequence[Statement] = ()
    parts: bool = True
    sealer: Signer | None = None
    noter: Signer | None = None
    sign: bool = True
    noise: int = 2
    receipts: Callable[[list[bytes]], list[bytes]] = lambda made: made
    leaves: Callable[[list[dict[str, Any]]], Any] = lambda rows: rows
    case: dict[str, Any] = field(default_factory=dict)
    note: Callable[[bytes], bytes] = lambda made: made
    files: Callable[[dict[str, bytes]], None] = lambda _files: None
    manifest: Callable[[bytes], bytes] = lambda made: made
    seal: Callable[[bytes], bytes] = lambda made: made
    stamps: Callable[[bytes], Sequence[bytes]] = lambda _note: ()

    def __post_init__(self) -> None:
        if not self.statements:
            self.statements = (*HONEST, submission(self.keys.sender))

    def made(self) -> bytes:
        """The whole."""
        files = self._parts()
        self.files(files)
        content = self.manifest(manifest(files))
        signer = self.sealer or self.keys.receipts
        return write(files | {MANIFEST: content, SEAL: self.seal(DetachedSigner(signer).over(content))})

    def _parts(self) -> dict[str, bytes]:
        hashes, indices = self._log()
        whole, proofs = root(hashes), paths(hashes)
        files: dict[str, bytes] = {}
        rows = []
        told = iter(self._receipts())
        for n, (index, one) in enumerate(zip(indices, self.statements, strict=True), start=1):
            place, ticket = f"evidence/{n:04}-{one.kind}.json", None
            files[place] = one.body
            if one.kind == SUBMISSION and self.parts:
                files[f"parts/{n:04}.bin"] = b"content"
            if one.kind in {ACCEPTED, REFUSED}:
                ticket = f"receipts/{n:04}.json"
                files[ticket] = next(told)
            rows.append(
                {"index": index, "kind": one.kind, "leaf": one.hash.hex(), "statement": place, "receipt": ticket,
                 "path": [step.hex() for step in proofs[index]]}
            )  # fmt: skip
        noter = self.noter or self.keys.log
        key = key_id(LOG, noter.certificate.spki, noter.suite.name)
        files[LEAVES] = canonical(self.leaves(rows))
        files[NOTE] = self.note(signed_note(LOG, len(hashes), whole, key, noter.sign))
        tokens = self.stamps(files[NOTE])
        files |= {f"checkpoints/stamp-{n}.tst": one for n, one in enumerate(tokens, start=1)}
        stamps = "present" if tokens else "none"
        files[CASE] = canonical({"v": 1, "case": HUB_CASE, "hub": HUB, "log": LOG, "stamps": stamps} | self.case)
        files[README] = b"read me\n"
        for role, signer in (("receipts", self.keys.receipts), ("log", self.keys.log)):
            files[trust_name(role, signer)] = signer.certificate.der
        return files

    def _log(self) -> tuple[list[bytes], list[int]]:
        hashes, indices = [], []
        for n, one in enumerate(self.statements):
            hashes += [hashlib.sha256(b"%d %d" % (n, k)).digest() for k in range(self.noise)]
            indices.append(len(hashes))
            hashes.append(one.hash)
        return hashes, indices

    def _receipts(self) -> list[bytes]:
        made = [one for one in self.statements if one.kind in {ACCEPTED, REFUSED}]
        plain = [receipt(one, DIGEST, SALT) for one in made]
        if self.sign:
            signed = ReceiptSigner(self.keys.receipts).over([one.hash for one in made if one.kind == ACCEPTED])
            signatures = iter(signed)
            plain = [
                with_signature(ticket, next(signatures)) if one.kind == ACCEPTED else ticket
                for ticket, one in zip(plain, made, strict=True)
            ]
        return self.receipts(plain)


def trust_name(role: str, signer: Signer) -> str:
    return f"trust/{role}-{signer.certificate.digest('sha256').hex()[:16]}.crt"


def pem(certificate: Certificate) -> bytes:
    """The certificate as text."""
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(certificate.der) + b"-----END CERTIFICATE-----\n"
