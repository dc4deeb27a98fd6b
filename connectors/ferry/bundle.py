# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The format of a bundle: what is said once and carried by anything. Pure: no files, no keys.

    govhub-bundle/1 LF            16 bytes
    length of the header          4 bytes, big endian
    header                        JSON, UTF-8: stream, sequence, hash of the bundle before, suite and key, size and digest of
                                  the payload
    length of the signature       4 bytes, big endian
    signature                     over everything before its length
    payload                       the rest, sealed or not

A payload of messages, opened, is again a length (4 bytes), an index in JSON (each message's key, content type, attributes, size
and digest), and the bodies one after the other. An acknowledgement's payload is JSON. The hash by which the next bundle names
this one is the SHA-256 of what was signed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAGIC = b"govhub-bundle/1\n"
GENESIS = "0" * 64
"""What the first bundle of a stream names as the one before it."""
_HEADER_MOST = 64 * 1024
_SIGNATURE_MOST = 1024
_INDEX_MOST = 64 * 1024 * 1024

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Kind(StrEnum):
    """What a bundle brings."""

    MESSAGES = "messages"
    ACKNOWLEDGEMENT = "acknowledgement"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Seal(_Strict):
    """How a payload is sealed. What is authenticated beside it are stream, sequence and the hash before."""

    algorithm: Literal["SM4-GCM"] = "SM4-GCM"
    nonce: str = Field(pattern=r"^[0-9a-f]{24}$")


class Header(_Strict):
    """What is signed. ``made`` is a time of the sender's clock (RFC 3339), for people."""

    kind: Kind
    stream: str = Field(min_length=1, max_length=100)
    sequence: int = Field(ge=1, le=10**15)
    previous: Hash
    made: str = Field(max_length=40)
    suite: str = Field(max_length=20)
    key: str = Field(max_length=64)
    seal: Seal | None = None
    size: int = Field(ge=0)
    sha256: Hash


class _Told(_Strict):
    key: str
    content_type: str
    attributes: dict[str, str]
    size: int = Field(ge=0)
    sha256: Hash


class _Index(_Strict):
    entries: tuple[_Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message in a bundle."""

    key: str
    content_type: str
    attributes: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle taken apart, and nothing of it believed yet. ``signed`` are the bytes that its signature is over."""

    header: Header
    signed: bytes
    signature: bytes
    payload: bytes

    @property
    def hash(self) -> str:
        """By which the next one names it."""
        return hashlib.sha256(self.signed).hexdigest()


@dataclass(frozen=True, slots=True)
class Damaged:
    """No bundle, or not all of one. ``code`` is stable and in capitals."""

    code: str


def signed_bytes(header: Header) -> bytes:
    """What is to be signed: the beginning of the bundle."""
    written = orjson.dumps(header.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    return MAGIC + len(written).to_bytes(4, "big") + written


def assemble(signed: bytes, signature: bytes, payload: bytes) -> bytes:
    """The whole bundle."""
    return signed + len(signature).to_bytes(4, "big") + signature + payload


def take_apart(written: bytes) -> Bundle | Damaged:
    """The parts of a bundle; its payload is the one its header tells of."""
    if not written.startswith(MAGIC):
        return Damaged("NOT_A_BUNDLE")
    start = len(MAGIC)
    told = _block(written, start, _HEADER_MOST)
    if told is None:
        return Damaged("TRUNCATED")
    signed = written[: start + 4 + len(told)]
    signature = _block(written, len(signed), _SIGNATURE_MOST)
    if signature is None:
        return Damaged("TRUNCATED")
    payload = written[len(signed) + 4 + len(signature) :]
    try:
        header = Header.model_validate_json(told)
    except ValidationError:
        return Damaged("HEADER_UNREADABLE")
    if len(payload) < header.size:
        return Damaged("TRUNCATED")
    if len(payload) > header.size or hashlib.sha256(payload).hexdigest() != header.sha256:
        return Damaged("PAYLOAD_DAMAGED")
    return Bundle(header, signed, signature, payload)


def authenticated(stream: str, sequence: int, previous: str) -> bytes:
    """What a seal authenticates beside the payload."""
    return f"{stream}\n{sequence}\n{previous}".encode()


def pack(entries: Sequence[Entry]) -> bytes:
    """The payload of these messages. Raises ``ValueError`` when JSON cannot write them."""
    index = [
        {
            "key": one.key,
            "content_type": one.content_type,
            "attributes": one.attributes,
            "size": len(one.body),
            "sha256": hashlib.sha256(one.body).hexdigest(),
        }
        for one in entries
    ]
    try:
        told = orjson.dumps({"entries": index})
    except orjson.JSONEncodeError as error:
        raise ValueError("what JSON cannot write") from error
    return len(told).to_bytes(4, "big") + told + b"".join(one.body for one in entries)


def unpack(payload: bytes) -> list[Entry] | Damaged:
    """The messages of a payload, each with the digest that the index tells."""
    told = _block(payload, 0, _INDEX_MOST)
    if told is None:
        return Damaged("INDEX_UNREADABLE")
    try:
        index = _Index.model_validate_json(told)
    except ValidationError:
        return Damaged("INDEX_UNREADABLE")
    entries: list[Entry] = []
    at = 4 + len(told)
    for one in index.entries:
        body = payload[at : at + one.size]
        at += one.size
        if hashlib.sha256(body).hexdigest() != one.sha256:
            return Damaged("ENTRY_DAMAGED")
        entries.append(Entry(key=one.key, content_type=one.content_type, attributes=one.attributes, body=body))
    return entries if at == len(payload) else Damaged("INDEX_UNREADABLE")


def _block(written: bytes, start: int, most: int) -> bytes | None:
    """The bytes behind a length; None when they are not all there, or more than they may be."""
    length = int.from_bytes(written[start : start + 4], "big")
    end = start + 4 + length
    return written[start + 4 : end] if start + 4 <= len(written) and length <= most and end <= len(written) else None


def read_json(payload: bytes, model: type[BaseModel]) -> Any:
    """An acknowledgement's payload; None when it is none."""
    try:
        return model.model_validate_json(payload)
    except ValidationError:
        return None
