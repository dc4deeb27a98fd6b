# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A record as it lies at the platform, the notice that says so, and what of both is a message of the hub. Pure.

A record is a JSON object: its key, whose case it is about, contract and version, the message's attributes and content type,
its exact bytes in base64 with their digest, and the digests of the materials that belong to it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import orjson

from connectors.sdk import Parcel, Rejected
from connectors.sdk.http.place import Document
from contracts.cloudevent import JsonValue

_BEIJING = timezone(timedelta(hours=8))
_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")
_VERSION = re.compile(r":(\d{1,4})$")
_MOST_MATERIALS = 200
NOTICE_TYPE = "cn.gov.record.available"
NOTICE_SCHEMA = f"urn:govhub:contract:{NOTICE_TYPE}:1"


def digest_of(body: bytes) -> str:
    """As materials and records are named."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def materials_in(body: bytes) -> tuple[str, ...]:
    """The digests that stand in a message, in whatever dialect, each once and in their order."""
    return tuple(dict.fromkeys(one.decode() for one in _DIGEST.findall(body)))[:_MOST_MATERIALS]


def record_of(parcel: Parcel, materials: tuple[str, ...]) -> bytes | Rejected:
    """The record of a parcel; its key is the delivery's, so that a repeat is the same record."""
    attributes = parcel.attributes
    record = {
        "record_id": parcel.idempotency_key,
        "case_no": attributes.get("subject", ""),
        "contract_type": attributes.get("type", ""),
        "contract_version": version_of(attributes),
        "record_source": attributes.get("source", ""),
        "message_id": attributes.get("id", ""),
        "attributes": dict(attributes),
        "content_type": parcel.content_type,
        "digest": digest_of(parcel.body),
        "content": base64.b64encode(parcel.body).decode(),
        "materials": materials,
    }
    try:
        return orjson.dumps(record)
    except TypeError:
        return Rejected("UNSENDABLE_ATTRIBUTE", "An attribute, or the key, is not Unicode text.")


def version_of(attributes: Mapping[str, str]) -> int:
    """The contract's major version; 1 where the message does not say."""
    found = _VERSION.search(attributes.get("dataschema", ""))
    return int(found[1]) or 1 if found else 1


def notice_of(parcel: Parcel, fetch_from: str, materials: tuple[str, ...], now: datetime) -> bytes:
    """The notice of a record: keys, digests and an address, and nothing of its content. A repeat has the same id."""
    attributes = parcel.attributes
    moment = now.astimezone(_BEIJING).isoformat(timespec="seconds")
    data = {
        "case_no": attributes.get("subject", ""),
        "contract_type": attributes.get("type", ""),
        "contract_version": version_of(attributes),
        "record_source": attributes.get("source", ""),
        "keys": [{"name": "record_id", "value": parcel.idempotency_key}],
        "digest": digest_of(parcel.body),
        "materials": materials,
        "fetch_from": fetch_from,
        "available_at": moment,
    }
    event = {
        "specversion": "1.0",
        "id": f"{parcel.idempotency_key}-notice",
        "source": "govhub",
        "type": NOTICE_TYPE,
        "subject": attributes.get("subject", ""),
        "time": moment,
        "dataschema": NOTICE_SCHEMA,
        "datacontenttype": "application/json",
        "data": data,
    }
    return orjson.dumps(event)


@dataclass(frozen=True, slots=True)
class Announced:
    """What a notice says: the record's key, and the digest of its bytes."""

    key: str
    digest: str


def announced(body: bytes) -> Announced | None:
    """What a notice says, if it is one; it is data of the contract, without the event around it."""
    document = Document(body, strict=True)
    root = document.root
    if not isinstance(root, dict):
        return None
    key: JsonValue = root.get("record_id")
    keys = root.get("keys")
    if not isinstance(key, str) and isinstance(keys, list):
        named = [one.get("value") for one in keys if isinstance(one, dict) and one.get("name") == "record_id"]
        key = named[0] if len(named) == 1 else None
    digest = root.get("digest")
    return Announced(key, digest) if isinstance(key, str) and key and isinstance(digest, str) else None


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was fetched. ``digest`` is of the bytes that came."""

    content_type: str
    attributes: Mapping[str, str]
    body: bytes
    digest: str
    materials: tuple[str, ...]


def record_in(said: object) -> Record | None:
    """The record in an answer; None where it is none, or its bytes are not those that it names."""
    if not isinstance(said, dict):
        return None
    attributes, content, content_type = said.get("attributes"), said.get("content"), said.get("content_type")
    materials = said.get("materials", [])
    if not (isinstance(attributes, dict) and isinstance(content, str) and isinstance(content_type, str)):
        return None
    if not all(isinstance(name, str) and isinstance(value, str) for name, value in attributes.items()):
        return None
    if not (isinstance(materials, list) and len(materials) <= _MOST_MATERIALS):
        return None
    if not all(isinstance(one, str) and _DIGEST.fullmatch(one.encode()) for one in materials):
        return None
    body = bytes_in(content)
    if body is None or digest_of(body) != said.get("digest"):
        return None
    return Record(content_type, attributes, body, digest_of(body), tuple(materials))


def bytes_in(content: str) -> bytes | None:
    """Base64, strictly; None where it is not."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None
