# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A receipt as a verifier reads it: taken apart, put together again, and the same bytes."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from certs.evidence.findings import Finding
from certs.evidence.plain_json import PlainError, parse
from certs.evidence.tree import root_by_inclusion

_HEX = re.compile(r"[0-9a-f]{64}")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_MOST_STEPS = 40
_DOMAIN = b"govhub receipts 1\n"


def signed_bytes(suite: str, root_: bytes) -> bytes:
    """What is signed for a commit: a domain that nothing else has, the suite and the root in base64, a line each."""
    return b"%b%b\n%b\n" % (_DOMAIN, suite.encode(), base64.b64encode(root_))


@dataclass(frozen=True, slots=True)
class Signed:
    """What a receipt's signature says: over which root, by which key."""

    suite: str
    key: str
    root: bytes
    signature: bytes


def read_receipt(
    receipt: bytes, body: bytes, leaf: bytes, fields: Mapping[str, Any], place: str
) -> Signed | Finding | None:
    """Its signature; None if it has none. ``body`` and ``fields`` are those of the statement that it must be about."""
    head = body.removesuffix(b"}") + b',"leaf":'
    if not receipt.startswith(head):
        return Finding("RECEIPT_DIFFERS", place)
    try:
        rest = parse(b'{"leaf":' + receipt[len(head) :])
    except PlainError as error:
        return Finding("RECEIPT_FORM", place, str(error))
    fault = _fault(rest, fields, leaf, place)
    if fault is not None:
        return fault
    if _written(head, rest) != receipt:
        return Finding("RECEIPT_FORM", place, "not in its one form")
    signature = rest.get("signature")
    if signature is None:
        return None
    path = [bytes.fromhex(step) for step in signature["path"]]
    root = root_by_inclusion(leaf, signature["index"], signature["size"], path)
    if root is None:
        return Finding("RECEIPT_PATH", place)
    return Signed(signature["suite"], signature["key"], root, base64.b64decode(signature["value"]))


def _fault(rest: Any, fields: Mapping[str, Any], leaf: bytes, place: str) -> Finding | None:
    wanted = {"leaf"} if fields["v"] == 1 else {"leaf", "digest", "salt"}
    if not isinstance(rest, dict) or rest.keys() - {"signature"} != wanted:
        return Finding("RECEIPT_FORM", place, "fields")
    if rest["leaf"] != f"sha256:{leaf.hex()}":
        return Finding("RECEIPT_DIFFERS", place, "leaf")
    if "signature" in rest and not _well_formed(rest["signature"]):
        return Finding("RECEIPT_FORM", place, "signature")
    return _commitment(rest, fields, place)


def _commitment(rest: Mapping[str, Any], fields: Mapping[str, Any], place: str) -> Finding | None:
    if fields["v"] == 1:
        return None
    digest, salt = rest["digest"], rest["salt"]
    if not (isinstance(digest, str) and _SHA256.fullmatch(digest) and isinstance(salt, str) and _HEX.fullmatch(salt)):
        return Finding("RECEIPT_FORM", place, "digest")
    opened = hashlib.sha256(bytes.fromhex(salt) + bytes.fromhex(digest[7:])).hexdigest()
    return None if fields["commitment"] == f"sha256:{opened}" else Finding("COMMITMENT", place)


def _well_formed(signature: object) -> bool:
    if not isinstance(signature, dict) or list(signature) != ["suite", "key", "value", "size", "index", "path"]:
        return False
    suite, key, value, size, index, path = signature.values()
    return (
        suite in {"intl-1", "gm-1"}
        and isinstance(key, str)
        and _SHA256.fullmatch(key) is not None
        and isinstance(value, str)
        and _base64(value)
        and type(size) is int
        and type(index) is int
        and isinstance(path, list)
        and len(path) <= _MOST_STEPS
        and all(isinstance(step, str) and _HEX.fullmatch(step) for step in path)
    )


def _base64(value: str) -> bool:
    try:
        return base64.b64encode(base64.b64decode(value, validate=True)).decode() == value
    except ValueError:
        return False


def _written(head: bytes, rest: Mapping[str, Any]) -> bytes:
    parts = [f'"{rest["leaf"]}"']
    if "digest" in rest:
        parts += [f'"digest":"{rest["digest"]}"', f'"salt":"{rest["salt"]}"']
    if "signature" in rest:
        one = rest["signature"]
        path = ",".join(f'"{step}"' for step in one["path"])
        parts.append(
            f'"signature":{{"suite":"{one["suite"]}","key":"{one["key"]}","value":"{one["value"]}",'
            f'"size":{one["size"]},"index":{one["index"]},"path":[{path}]}}'
        )
    return head + ",".join(parts).encode() + b"}"
