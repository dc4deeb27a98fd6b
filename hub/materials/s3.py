# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Materials as objects of an S3-compatible store, which several hubs share: ``<prefix><64 hex digits>``.

What fits one part is written at once, the rest in parts that become an object only when the digest was right. Both are
conditional where the store can: an object is never overwritten. Where it cannot, the same bytes are written over themselves.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from hub.materials.checked import PIECE, CheckedReading, hex_of
from hub.materials.s3_client import Absent, Bucket, Keys, NoConditions, Taken, Trouble, asked, s3_client
from hub.materials.sealed import Sealer, sealer, unsealed
from hub.ports.materials import DigestMismatch, Listed, MaterialKeys, PutResult, Reading, Stored, StoreDown, TooLong

PART = 8 * 1024 * 1024
"""Bytes of one part, and so the memory of an upload. S3 wants at least 5 MiB and takes ten thousand parts."""

_NAME = re.compile(r"[0-9a-f]{64}")


@asynccontextmanager
async def s3_materials(bucket: Bucket, keys: Keys, sealing: MaterialKeys | None = None) -> AsyncIterator["S3Materials"]:
    """The store for the length of the block. ``keys`` is asked at every request."""
    async with s3_client(bucket, keys) as client:
        yield S3Materials(client, bucket, sealing)


class S3Materials:
    """The port :class:`hub.ports.materials.Materials` on one bucket; see :func:`s3_materials`."""

    def __init__(self, client: Any, bucket: Bucket, sealing: MaterialKeys | None = None) -> None:
        self._sealing = sealing
        self._client = client
        self._bucket = bucket
        self._seconds = bucket.timeout * 3
        self._condition: dict[str, str] = {"IfNoneMatch": "*"}

    async def put(self, digest: str, pieces: AsyncIterable[bytes], limit: int, system: str = "") -> PutResult:
        sealing = await sealer(self._sealing, digest, system)
        if isinstance(sealing, StoreDown):
            return sealing
        there = await self.exists(digest)
        if isinstance(there, StoreDown):
            return there
        upload = _Upload(self, digest, sealing)
        done = False
        try:
            found = await _fill(upload, pieces, limit, keep=not there)
            if found is not None:
                return found
            if await upload.digest() != digest:
                return DigestMismatch()
            new = False if there else await upload.finish()
            if isinstance(new, StoreDown):
                return new
            done = new or there
            return Stored(upload.size, new)
        finally:
            if not done:
                await upload.abandon()

    @asynccontextmanager
    async def open(self, digest: str) -> AsyncIterator[Reading | StoreDown | None]:
        answer = await self.ask("get_object", Key=self.key(digest))
        if not isinstance(answer, dict):
            yield None if isinstance(answer, Absent) else _down(answer)
            return
        body = answer["Body"]

        async def piece() -> bytes | StoreDown:
            read = await asked(body.read(PIECE), self._bucket.timeout)
            return read if isinstance(read, bytes) else _down(read)

        try:
            found = await unsealed(self._sealing, digest, answer["ContentLength"], piece)
            yield CheckedReading(digest, *found) if isinstance(found, tuple) else found
        finally:
            body.close()

    async def exists(self, digest: str) -> bool | StoreDown:
        answer = await self.ask("head_object", Key=self.key(digest))
        if isinstance(answer, Absent):
            return False
        return True if isinstance(answer, dict) else _down(answer)

    async def listed(self, after: str, limit: int) -> Sequence[Listed] | StoreDown:
        found: list[Listed] = []
        behind = self.key(after) if after else self._bucket.prefix
        while len(found) < limit:
            answer = await self.ask("list_objects_v2", Prefix=self._bucket.prefix, StartAfter=behind, Delimiter="/")
            if not isinstance(answer, dict):
                return _down(answer)
            contents = answer.get("Contents", ())
            for one in contents:
                name = one["Key"].removeprefix(self._bucket.prefix)
                if _NAME.fullmatch(name):
                    found.append(Listed(f"sha256:{name}", one["Size"], one["LastModified"].astimezone(UTC)))
            if not answer.get("IsTruncated") or not contents:
                break
            behind = contents[-1]["Key"]
        return found[:limit]

    async def remove(self, digest: str) -> StoreDown | None:
        answer = await self.ask("delete_object", Key=self.key(digest))
        return None if isinstance(answer, dict | Absent) else _down(answer)

    async def clear(self, before: datetime) -> int | StoreDown:
        removed = 0
        marker: dict[str, str] = {}
        while True:
            answer = await self.ask("list_multipart_uploads", Prefix=self._bucket.prefix, **marker)
            if not isinstance(answer, dict):
                return _down(answer)
            for one in answer.get("Uploads", ()):
                ours = _NAME.fullmatch(one["Key"].removeprefix(self._bucket.prefix))
                if ours and one["Initiated"].astimezone(UTC) < before:
                    ended = await self.ask("abort_multipart_upload", Key=one["Key"], UploadId=one["UploadId"])
                    if isinstance(ended, StoreDown):
                        return ended
                    removed += 1
            if not answer.get("IsTruncated"):
                return removed
            marker = {"KeyMarker": answer["NextKeyMarker"], "UploadIdMarker": answer["NextUploadIdMarker"]}

    def key(self, digest: str) -> str:
        """The name of an object."""
        return self._bucket.prefix + hex_of(digest)

    async def ask(self, operation: str, **parameters: Any) -> dict[str, Any] | Trouble:
        """One request of the S3 API on this bucket."""
        request = getattr(self._client, operation)(Bucket=self._bucket.name, **parameters)
        answer: dict[str, Any] | Trouble = await asked(request, self._seconds)
        return answer

    async def write(self, operation: str, **parameters: Any) -> bool | StoreDown:
        """A conditional write; False: the object is there already."""
        answer = await self.ask(operation, **parameters, **self._condition)
        if isinstance(answer, NoConditions) and self._condition:
            self._condition = {}
            answer = await self.ask(operation, **parameters)
        if isinstance(answer, Taken):
            return False
        return True if isinstance(answer, dict) else _down(answer)


class _Upload:
    """One object on its way: a part in memory, the parts before it in the store. For one writer."""

    def __init__(self, store: S3Materials, digest: str, sealing: Sealer | None) -> None:
        self._sealing = sealing
        self._store = store
        self._key = store.key(digest)
        self._hash = hashlib.sha256()
        self._part = bytearray()
        self._upload: str | None = None
        self._parts: list[dict[str, Any]] = []
        self.size = 0

    async def take(self, piece: bytes) -> None:
        """Only look at it: the object is there already."""
        await asyncio.to_thread(self._hash.update, piece)

    async def add(self, piece: bytes) -> StoreDown | None:
        """Keep it; a full part goes to the store."""
        await asyncio.to_thread(self._hash.update, piece)
        return await self._keep(piece if self._sealing is None else self._sealing.feed(piece))

    async def _keep(self, piece: bytes) -> StoreDown | None:
        self._part += piece
        while len(self._part) >= PART:
            full = bytes(memoryview(self._part)[:PART])
            del self._part[:PART]
            if down := await self._send(full):
                return down
        return None

    async def digest(self) -> str:
        """Of everything taken or added."""
        return f"sha256:{self._hash.hexdigest()}"

    async def finish(self) -> bool | StoreDown:
        """Make it an object, after :meth:`digest` was right. False: somebody else was faster, with the same bytes."""
        if self._sealing is not None and (down := await self._keep(self._sealing.finish())):
            return down
        if self._upload is None:
            return await self._store.write("put_object", Key=self._key, Body=bytes(self._part))
        if self._part and (down := await self._send(bytes(self._part))):
            return down
        return await self._store.write(
            "complete_multipart_upload", Key=self._key, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
        )

    async def abandon(self) -> None:
        """Leave nothing behind, as far as the store can be reached; what stays is cleared later."""
        self._part.clear()
        if self._upload is not None:
            await self._store.ask("abort_multipart_upload", Key=self._key, UploadId=self._upload)

    async def _send(self, part: bytes) -> StoreDown | None:
        if self._upload is None:
            begun = await self._store.ask("create_multipart_upload", Key=self._key)
            if not isinstance(begun, dict):
                return _down(begun)
            self._upload = begun["UploadId"]
        number = len(self._parts) + 1
        sent = await self._store.ask("upload_part", Key=self._key, UploadId=self._upload, PartNumber=number, Body=part)
        if not isinstance(sent, dict):
            return _down(sent)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        return None


async def _fill(upload: _Upload, pieces: AsyncIterable[bytes], limit: int, *, keep: bool) -> TooLong | StoreDown | None:
    """Everything taken in, and kept unless it is there already."""
    async for piece in pieces:
        upload.size += len(piece)
        if upload.size > limit:
            return TooLong()
        if not keep:
            await upload.take(piece)
        elif down := await upload.add(piece):
            return down
    return None


def _down(trouble: object) -> StoreDown:
    return trouble if isinstance(trouble, StoreDown) else StoreDown(type(trouble).__name__)
