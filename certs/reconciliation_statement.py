# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a reconciliation came to, as a statement that is made once, and its signature.

The signature is over the very bytes, ECDSA on P-256 with SHA-256 in DER (suite ``intl-1``):
``openssl dgst -sha256 -verify PUBLIC -signature statement.sig statement.json``. The roots within are SM3, as the protocol has
it. No person is named but the operator, by the id the deployment gives.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SUITE = "intl-1"
KIND = "reconciled"
VERSION = 1


class KeyUnusableError(Exception):
    """A key that cannot sign; the message says why and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class StatementKey:
    """The key that signs. ``id`` is SHA-256 of the public key (SubjectPublicKeyInfo), the first 16 hexadecimal digits."""

    id: str
    private: ec.EllipticCurvePrivateKey

    def sign(self, statement: bytes) -> bytes:
        """The signature over these bytes."""
        return self.private.sign(statement, ec.ECDSA(hashes.SHA256()))


def statement_key(pem: str) -> StatementKey:
    """The key in this PEM, without a passphrase. Raises :class:`KeyUnusableError`."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusableError("the secret holds no private key in PEM without a passphrase") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyUnusableError("the key is not on the curve P-256")
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return StatementKey(hashlib.sha256(public).hexdigest()[:16], key)


def no_key() -> StatementKey:
    """Where none was configured."""
    raise KeyUnusableError("the deployment names no reconciliation.key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side's count: when it was made, how many records, and the roots of both trees."""

    counted_at: datetime
    records: int
    digest: str
    late_records: int | None
    late_digest: str | None


def reconciliation_statement(
    *,
    hub: str,
    key_id: str,
    reconciliation: UUID,
    agreement: str,
    rule: str,
    contract: str,
    version: int,
    from_system: str,
    to_system: str,
    day: date,
    verdict: str,
    ours: Side,
    theirs: Side,
    differences: Mapping[str, int],
    differing_digest: str,
    unfinished: Mapping[str, int],
    superseded: int,
    by: str,
    stated_at: datetime,
) -> bytes:
    """Its bytes. ``differing_digest`` is SM3 over the list of differences, as the API gives it line by line."""
    return orjson.dumps(
        {
            "v": VERSION,
            "type": KIND,
            "suite": SUITE,
            "key": key_id,
            "hub": hub,
            "reconciliation": reconciliation,
            "agreement": agreement,
            "rule": f"sm3:{rule}",
            "contract": contract,
            "contractVersion": version,
            "from": from_system,
            "to": to_system,
            "day": day,
            "verdict": verdict,
            "ours": _side(ours),
            "theirs": _side(theirs),
            "differences": dict(differences),
            "differing": f"sm3:{differing_digest}",
            "unfinished": dict(unfinished),
            "superseded": superseded,
            "by": by,
            "statedAt": stated_at,
        },
        option=orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS,
    )


def _side(side: Side) -> dict[str, object]:
    late = (
        {} if side.late_records is None else {"lateRecords": side.late_records, "lateRoot": f"sm3:{side.late_digest}"}
    )
    return {"countedAt": side.counted_at, "records": side.records, "root": f"sm3:{side.digest}", **late}
