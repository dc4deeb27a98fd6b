# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Receipts and settlements as statements: what the hub says it did, in bytes that are made once and never again.

A receipt is the acceptance statement, the hash of its leaf, what opens the statement's commitment, and a signature where the
hub has a key. It is stored in COMMIT 1 and repeated byte for byte to whoever sends the same message again.

Statements name no person: only systems, operators by their id, commitments and times. They outlive what they are about, so they
hold no digest of it: short data could be guessed from that. ``commitment`` is SHA-256 over a salt and the digest; the receipt
has both, and once it is erased with the message, the statement tells nothing any more and its leaf stands as before.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from certs.leaf import ACCEPTED, DELIVERED, NOT_DELIVERED, REFUSED, RELEASED, REPLAYED, leaf_hash

VERSION = 1
ACCEPTED_VERSION = 2
"""Version 1 held the digest itself."""
SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Statement:
    """Bytes with their kind and leaf hash."""

    kind: str
    body: bytes
    hash: bytes


def acceptance_statement(
    *,
    hub: str,
    message_id: UUID,
    system: str,
    sender_id: str,
    contract: str,
    version: int,
    case: str,
    digest: bytes,
    salt: bytes,
    accepted_at: datetime,
    warnings: Sequence[tuple[str, str]] = (),
) -> Statement:
    """The hub took responsibility for this message, with this content, at this time.

    ``warnings`` are (code, JSON path) of what was odd and taken all the same; when there are none, the statement says nothing.
    """
    return _statement(
        ACCEPTED,
        {
            "v": ACCEPTED_VERSION,
            "type": ACCEPTED,
            "hub": hub,
            "message": message_id,
            "system": system,
            "id": sender_id,
            "contract": contract,
            "contractVersion": version,
            "case": case,
            "commitment": "sha256:" + commitment(salt, digest).hex(),
            "acceptedAt": accepted_at,
            **({"warnings": [{"code": code, "path": path} for code, path in warnings]} if warnings else {}),
        },
    )


def commitment(salt: bytes, digest: bytes) -> bytes:
    """What stands for the content in a statement: SHA-256 of the salt (32 bytes) and the digest."""
    return hashlib.sha256(salt + digest).digest()


def refusal_statement(
    *,
    hub: str,
    refusal_id: UUID,
    system: str,
    sender_id: str,
    contract: str,
    code: str,
    digest: bytes,
    salt: bytes,
    refused_at: datetime,
) -> Statement:
    """The hub did not take this message, and why. ``sender_id`` and ``contract`` are empty where they could not be read."""
    return _statement(
        REFUSED,
        {
            "v": ACCEPTED_VERSION,
            "type": REFUSED,
            "hub": hub,
            "message": refusal_id,
            "system": system,
            "id": sender_id,
            "contract": contract,
            "code": code,
            "commitment": "sha256:" + commitment(salt, digest).hex(),
            "refusedAt": refused_at,
        },
    )


def receipt(statement: Statement, digest: bytes, salt: bytes) -> bytes:
    """The statement of an acceptance, or of a refusal, with its leaf and what opens its commitment: what the sender is given, and
    keeps.
    """
    return b'%b,"leaf":"sha256:%b","digest":"sha256:%b","salt":"%b"}' % (
        statement.body.removesuffix(b"}"),
        statement.hash.hex().encode(),
        digest.hex().encode(),
        salt.hex().encode(),
    )


def with_signature(receipt: bytes, signature: bytes) -> bytes:
    """The receipt with its signature (:mod:`certs.evidence.receipts`), which is about the leaf."""
    return b'%b,"signature":%b}' % (receipt.removesuffix(b"}"), signature)


def outcome_statement(
    *,
    hub: str,
    message_id: UUID,
    delivery_id: UUID,
    destination: str,
    attempt: int,
    state: str,
    code: str,
    reference: str,
    settled_at: datetime,
    positive: bool,
    by: str = "",
    reason: str = "",
) -> Statement:
    """What became of one message at one destination. ``by``: the operator whose word it is, with the reason given."""
    kind = DELIVERED if positive else NOT_DELIVERED
    return _statement(
        kind,
        {
            "v": VERSION,
            "type": kind,
            "hub": hub,
            "message": message_id,
            "delivery": delivery_id,
            "destination": destination,
            "attempt": attempt,
            "state": state,
            "code": code,
            "reference": reference,
            "settledAt": settled_at,
            **({"by": by, "reason": reason} if by else {}),
        },
    )


def replay_statement(
    *,
    hub: str,
    message_id: UUID,
    delivery_id: UUID,
    destination: str,
    attempt: int,
    added: bool,
    late: bool,
    replay: UUID,
    by: str,
    reason: str,
    replayed_at: datetime,
) -> Statement:
    """An operator had a delivery sent again after that attempt, or added one that the plan did not have.

    ``late``: its lane had gone on, so it is out of order.
    """
    return _statement(
        REPLAYED,
        {
            "v": VERSION,
            "type": REPLAYED,
            "hub": hub,
            "message": message_id,
            "delivery": delivery_id,
            "destination": destination,
            "attempt": attempt,
            "added": added,
            "late": late,
            "replay": replay,
            "by": by,
            "reason": reason,
            "replayedAt": replayed_at,
        },
    )


def released_statement(
    *,
    hub: str,
    message_id: UUID,
    rule: str,
    how: str,
    parked_at: datetime,
    released_at: datetime,
    by: str = "",
    reason: str = "",
    case: str = "",
) -> Statement:
    """A message that waited by a rule was let out: ``released`` since what it waited for had come, ``passed_on`` since it had
    waited for long enough, ``adopted`` since its case was under way before, or ``resolved`` since it is known now which ``case``
    it is about. ``by``: the operator who said so, and why.
    """
    return _statement(
        RELEASED,
        {
            "v": VERSION,
            "type": RELEASED,
            "hub": hub,
            "message": message_id,
            "rule": rule,
            "how": how,
            "parkedAt": parked_at,
            "releasedAt": released_at,
            **({"case": case} if case else {}),
            **({"by": by, "reason": reason} if by else {}),
        },
    )


def _statement(kind: str, fields: dict[str, object]) -> Statement:
    body = orjson.dumps(fields, option=orjson.OPT_UTC_Z)
    return Statement(kind, body, leaf_hash(kind, body))
