# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/materials/{digest}``: materials (材料) by claim check. The message carries the digest, the bytes go this way."""

import asyncio
import re
from collections.abc import Sequence

from aiohttp import web

from contracts.bindings import media_type
from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.bodies import Arriving, too_large, unwanted
from hub.api.documents import StoredMaterial
from hub.api.problems import JOURNAL_DOWN, STORE_DOWN
from hub.api.route import JSON, REQUEST_ID, SERVER, Answer, Parameter, Route
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.ports.journal import BeingRemoved, JournalDown
from hub.ports.materials import Corrupt, DigestMismatch, Reading, Stored, StoreDown, TooLong
from hub.running import Hub

_PACE = 64 * 1024  # bytes per second: what a line must carry at least, up and down, beyond the receive time
_ANY = "application/octet-stream"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

_NOT_DIGEST = Refusal(
    "E_QUERY_INVALID",
    Text(
        "地址中的摘要应为 sha256: 加 64 位小写十六进制数。",
        "The path wants sha256: and 64 lower-case hexadecimal digits.",
    ),
)
_MISMATCH = Refusal(
    "E_DIGEST_MISMATCH",
    Text("上传内容与摘要不符，未保存。", "The bytes are not what the digest names; nothing was kept."),
)
_NOT_FOUND = Refusal(
    "E_MATERIAL_NOT_FOUND",
    Text("没有可供本系统查看的这份材料。", "There is no such material that your system may see."),
)


class MaterialsResource:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def put(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """Store, then record whose it is; both may be repeated."""
        digest = request.match_info["digest"]
        if not _DIGEST.fullmatch(digest):
            return _NOT_DIGEST
        most = self._limits.material_bytes
        if refusal := unwanted(request, most):
            return refusal
        arriving = Arriving(request, self._hub.clock, self._limits.receive_seconds, pace=_PACE)
        result = await self._hub.materials.put(digest, arriving, most, system)
        if arriving.refusal is not None and not isinstance(result, Stored):
            return arriving.refusal
        match result:
            case TooLong():
                return too_large(most)
            case DigestMismatch():
                return _MISMATCH
            case StoreDown(reason):
                self._hub.log.error("materials down", reason=reason)
                return STORE_DOWN
            case Stored(size, new):
                return await self._keep(digest, system, size, _kind_of(request), new=new)

    async def get(self, request: web.Request, system: str) -> web.StreamResponse | Refusal:
        """Give it to who stored it and to the parties of a case that names it. HEAD: the same without the bytes."""
        digest = request.match_info["digest"]
        if not _DIGEST.fullmatch(digest):
            return _NOT_FOUND
        known = await self._hub.journal.materials.readable(digest, system)
        if known is None:
            return _NOT_FOUND
        if isinstance(known, JournalDown):
            return JOURNAL_DOWN
        async with self._hub.materials.open(digest) as reading:
            match reading:
                case None:
                    self._hub.log.error("material missing", digest=digest)
                    return STORE_DOWN
                case StoreDown(reason):
                    self._hub.log.error("materials down", reason=reason)
                    return STORE_DOWN
                case _:
                    return await self._give(request, digest, known[1], reading)

    async def _keep(self, digest: str, system: str, size: int, kind: str, *, new: bool) -> web.StreamResponse | Refusal:
        kept = await self._hub.journal.materials.keep(digest, system, size, kind, self._hub.clock.now())
        if isinstance(kept, JournalDown):
            return JOURNAL_DOWN
        # What nobody needed may have been removed between storing and recording; once recorded, it is not removed.
        if isinstance(kept, BeingRemoved) or await self._hub.materials.exists(digest) is not True:
            return STORE_DOWN
        return json_response({"digest": digest, "size": size}, 201 if new else 200)

    async def _give(self, request: web.Request, digest: str, kind: str, reading: Reading) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={
                "Server": SERVER,
                "Govhub-Request": request[REQUEST_ID],
                "Content-Type": kind,
                "Content-Length": str(reading.size),
                "Content-Disposition": "attachment",  # a browser shows nothing that some system uploaded
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
                "ETag": f'"{digest}"',
            }
        )
        if request.method == "HEAD":
            return response
        try:
            await self._stream(request, response, digest, reading)
        except TimeoutError:
            self._hub.log.warning("material not taken", digest=digest)
            _cut(request)
        return response

    async def _stream(self, request: web.Request, response: web.StreamResponse, digest: str, reading: Reading) -> None:
        """Piece by piece, each within the time a slow line may need; too slow raises ``TimeoutError``."""
        patience = self._limits.receive_seconds
        await response.prepare(request)
        while True:
            piece = await reading.read()
            if isinstance(piece, StoreDown):
                self._hub.log.error("materials down", reason=piece.reason)
                _cut(request)
                return
            if isinstance(piece, Corrupt):
                self._hub.log.error("material corrupt", digest=digest)
                _cut(request)
                return
            if not piece:
                break
            async with asyncio.timeout(patience + len(piece) / _PACE):
                await response.write(piece)
        async with asyncio.timeout(patience):
            await response.write_eof()


def _cut(request: web.Request) -> None:
    """End the connection: the only honest end of an answer whose length was promised."""
    if request.transport is not None:
        request.transport.abort()


def _kind_of(request: web.Request) -> str:
    """The media type it was declared to have, if it is one."""
    declared = media_type.parse(request.headers.get("Content-Type", _ANY))
    return declared.essence if declared is not None else _ANY


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The routes of this resource."""
    materials = MaterialsResource(hub, limits)
    by_digest = Parameter(
        "digest",
        "path",
        Text("SHA-256 摘要", "Its SHA-256 digest"),
        {"type": "string", "pattern": f"^{_DIGEST.pattern}$"},
    )
    given = {200: Answer(Text("材料内容", "The bytes"), _ANY)}
    unseen = ("E_MATERIAL_NOT_FOUND", "E_JOURNAL_DOWN", "E_STORE_DOWN")
    return (
        Route(
            method="PUT",
            path="/v1/materials/{digest}",
            name="storeMaterial",
            meaning=Text("上传材料；边收边核对摘要。", "Store a material; its digest is checked as it comes in."),
            handler=materials.put,
            parameters=(by_digest,),
            takes={_ANY: None},
            answers={
                200: Answer(Text("本来就有", "It was there already"), JSON, StoredMaterial),
                201: Answer(Text("已保存", "Stored"), JSON, StoredMaterial),
            },
            refusals=(
                "E_QUERY_INVALID",
                "E_DIGEST_MISMATCH",
                "E_TOO_LARGE",
                "E_TOO_SLOW",
                "E_CONTENT_TYPE",
                "E_JOURNAL_DOWN",
                "E_STORE_DOWN",
            ),
        ),
        Route(
            method="GET",
            path="/v1/materials/{digest}",
            name="getMaterial",
            meaning=Text(
                "下载材料；对上传者和引用它的办件的参与系统可见。",
                "Fetch a material; for who stored it and the parties of a case that names it.",
            ),
            handler=materials.get,
            parameters=(by_digest,),
            answers=given,
            refusals=unseen,
        ),
        Route(
            method="HEAD",
            path="/v1/materials/{digest}",
            name="lookAtMaterial",
            meaning=Text("材料是否可见及其大小。", "Whether a material may be fetched, and its size."),
            handler=materials.get,
            parameters=(by_digest,),
            answers={200: Answer(Text("可以下载", "It may"))},
            refusals=unseen,
        ),
    )
