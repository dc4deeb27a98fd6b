# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The platform as a place where records and materials lie: put, asked about, fetched, listed, acknowledged."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from connectors.sdk import Delivered, InDoubt, Material, Outcome, Rejected, Unavailable
from connectors.sdk.http.exchange import Answer
from connectors.sdk.http.place import Document
from connectors.sdk.http.ruling import Ruling, ruled
from connectors.sharing_platform.account import Account
from connectors.sharing_platform.calling import Call, Platform
from connectors.sharing_platform.config import Services
from connectors.sharing_platform.record import Record, bytes_in, digest_of, record_in

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Absent:
    """The platform's own word that it does not have it."""


@dataclass(frozen=True, slots=True)
class There:
    """The platform has it, with bytes of this digest."""

    digest: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Keys of records that wait for us, in the order in which they were put."""

    keys: tuple[str, ...]


Failed: TypeAlias = Rejected | Unavailable


class RecordStore:
    """Safe for concurrent use; remembers nothing."""

    def __init__(self, platform: Platform, account: Account, services: Services) -> None:
        self._platform = platform
        self._path = account.rest_path
        self._services = services

    async def put(self, record: bytes, rulings: tuple[Ruling, ...], seconds: float) -> Outcome:
        """Put a record. Under its key once and for all: the same again changes nothing, other bytes are refused."""
        return await self._put(self._services.put, record, rulings, seconds)

    async def put_material(
        self, digest: str, material: Material, rulings: tuple[Ruling, ...], seconds: float
    ) -> Outcome:
        """Put a material; it is known by its digest, so a repeat changes nothing."""
        said = {
            "digest": digest,
            "media_type": material.media_type,
            "content": base64.b64encode(material.body).decode(),
        }
        return await self._put(self._services.put_material, orjson.dumps(said), rulings, seconds)

    async def state(self, key: str, seconds: float) -> There | Absent | Failed:
        """Whether the platform has a record."""
        said = await self._asked(self._services.state, {"record_id": key}, seconds)
        if not isinstance(said, dict):
            return said
        digest = said.get("digest")
        return There(digest) if isinstance(digest, str) else Unavailable("STATE_UNREADABLE: it names no digest")

    async def fetch(self, key: str, seconds: float) -> Record | Absent | Failed:
        """The record under a key, whole."""
        said = await self._asked(self._services.fetch, {"record_id": key}, seconds)
        if not isinstance(said, dict):
            return said
        record = record_in(said)
        return record or Rejected(
            "RECORD_UNREADABLE", "The record at the platform is none, or its digest is another's."
        )

    async def fetch_material(self, digest: str, seconds: float) -> Material | Absent | Failed:
        """A material, whole and with the bytes that its digest names."""
        said = await self._asked(self._services.fetch_material, {"digest": digest}, seconds)
        if not isinstance(said, dict):
            return said
        content, media_type = said.get("content"), said.get("media_type", "application/octet-stream")
        body = bytes_in(content) if isinstance(content, str) else None
        if body is None or digest_of(body) != digest or not isinstance(media_type, str):
            return Unavailable("MATERIAL_UNREADABLE: its bytes are not what the digest names")
        return Material(media_type, body)

    async def waiting(self, wish: dict[str, object], seconds: float) -> Waiting | Failed:
        """What waits for us and was not acknowledged."""
        said = await self._asked(self._services.waiting, wish, seconds)
        if isinstance(said, Absent):
            return Waiting(())
        if not isinstance(said, dict):
            return said
        keys = said.get("record_ids")
        if not (isinstance(keys, Sequence) and all(isinstance(one, str) for one in keys)):
            return Unavailable("LIST_UNREADABLE: it names no records")
        return Waiting(tuple(keys))

    async def acknowledge(self, key: str, told: dict[str, object], seconds: float) -> Failed | None:
        """Say what became of a record; a repeat says the same."""
        said = await self._asked(self._services.acknowledge, {"record_id": key, **told}, seconds)
        return said if isinstance(said, Rejected | Unavailable) else None

    async def _put(self, sid: str | None, body: bytes, rulings: tuple[Ruling, ...], seconds: float) -> Outcome:
        if sid is None:
            return Rejected("NO_SERVICE", "The settings name no service for this.")
        answer = await self._platform.call(
            Call(sid=sid, path=self._path, body=body, content_type=_JSON, effect=True), seconds
        )
        if not isinstance(answer, Answer):
            return answer
        outcome = ruled(rulings, answer.status, Document(answer.body))
        if outcome is None:
            return InDoubt(f"HTTP_{answer.status}: an answer that no rule knows")
        return Delivered() if isinstance(outcome, Delivered) else outcome

    async def _asked(
        self, sid: str | None, question: dict[str, object], seconds: float
    ) -> dict[str, object] | Absent | Failed:
        """The ``data`` of an answer. Only the platform's own code says that nothing is there."""
        if sid is None:
            return Rejected("NO_SERVICE", "The settings name no service for this.")
        try:
            body = orjson.dumps(question)
        except TypeError:
            return Rejected("UNSENDABLE_KEY", "The key is not Unicode text.")
        answer = await self._platform.call(Call(sid=sid, path=self._path, body=body, content_type=_JSON), seconds)
        match answer:
            case InDoubt(reason=reason):
                return Unavailable(reason)
            case Rejected() | Unavailable():
                return answer
            case Answer(status=200):
                document = Document(answer.body, strict=True)
            case Answer(status=status):
                return Unavailable(f"HTTP_{status}")
        match document.text("/code"):
            case "0":
                said = document.at("/data")
                return dict(said) if isinstance(said, dict) else {}
            case "404":
                return Absent()
            case _:
                return Unavailable("ANSWER_UNKNOWN: a code that nobody knows, or none")
