# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The hub's own door: materials in and out, and the result of a task as a message, all under the platform's identity.

Everything here may be repeated: materials are named by their digest, messages by an id made of the task.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Self

import orjson
from yarl import URL

from connectors.e_seal.config import PlatformConfig
from connectors.sdk import Context, Rejected, Unavailable
from connectors.sdk.http.exchange import Answer, Exchange
from connectors.sdk.http.spool import Body

SPOOL_OVER = 1024 * 1024
"""Larger files are no burden to memory: they are mapped, and read and sent piece by piece."""

_EVENT = "application/cloudevents+json; charset=UTF-8"
_SCHEMA = "urn:govhub:contract:cn.gov.seal.completed:1"
_TYPE = "cn.gov.seal.completed"
_KNOWN = 409


class HubDoor:
    """Used as an async context manager. Safe for concurrent use."""

    def __init__(self, config: PlatformConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._exchange = Exchange(context, tls=config.hub.tls, most=config.file_bytes, spool_over=SPOOL_OVER)

    async def __aenter__(self) -> Self:
        await self._exchange.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exchange.__aexit__(*exc)

    async def material(self, digest: str, seconds: float = math.inf) -> Body | Rejected | Unavailable:
        """The bytes that the digest names. ``Rejected``: there are none, or too many."""
        headers = self._headers()
        if isinstance(headers, Unavailable):
            return headers
        limit = min(self._config.timeout_seconds, seconds)
        answer = await self._exchange.ask(self._url(f"/v1/materials/{digest}"), headers, limit)
        match answer:
            case Answer(status=200, content=body) if body is not None:
                sound = f"sha256:{hashlib.sha256(body).hexdigest()}" == digest
                return body if sound else Unavailable("MATERIAL_CUT: the material did not come whole")
            case Answer(status=200):
                return Rejected(
                    "MATERIAL_TOO_LARGE", "The file is larger than file_bytes allows, or did not come whole."
                )
            case Answer(status=404):
                return Rejected(
                    "MATERIAL_MISSING", "The file to seal is not stored, or not for the seal platform to see."
                )
            case Answer(status=status):
                return Unavailable(f"HUB_HTTP_{status}")
            case Rejected(code=code):
                return Unavailable(code)
            case Unavailable():
                return answer

    async def store(self, content: Body, media_type: str) -> str | Unavailable:
        """Store a file; its digest."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        headers = self._headers({"Content-Type": media_type})
        if isinstance(headers, Unavailable):
            return headers
        url = self._url(f"/v1/materials/{digest}")
        answer = await self._exchange.ask_with(url, headers, content, self._config.timeout_seconds, method="PUT")
        match answer:
            case Answer(status=200 | 201):
                return digest
            case Answer(status=status):
                return Unavailable(f"HUB_HTTP_{status}")
            case Rejected(code=code):
                return Unavailable(code)
            case Unavailable():
                return answer

    async def tell(self, identity: str, case: str, data: Mapping[str, Any]) -> str | Rejected | Unavailable:
        """Tell the result of a task; empty when the hub has it, now or before. ``Rejected``: it will never take it like this."""
        headers = self._headers({"Content-Type": _EVENT})
        if isinstance(headers, Unavailable):
            return headers
        event = {
            "specversion": "1.0",
            "id": identity,
            "source": self._config.hub.source,
            "type": _TYPE,
            "subject": case,
            "dataschema": _SCHEMA,
            "datacontenttype": "application/json",
            "data": data,
        }
        answer = await self._exchange.ask_with(
            self._url("/v1/messages"), headers, orjson.dumps(event), self._config.timeout_seconds
        )
        match answer:
            case Answer(status=200 | 201 | 202):
                return ""
            case Answer(status=status) if status == _KNOWN:
                return ""  # it was told before, in words that differ by when it was looked at
            case Answer(status=status, body=body) if 400 <= status < 500 and status not in {401, 403, 408, 425, 429}:
                return Rejected("RESULT_REFUSED", f"The hub does not take the result: {_code(body)}.")
            case Answer(status=status):
                return Unavailable(f"HUB_HTTP_{status}")
            case Rejected(code=code):
                return Unavailable(code)
            case Unavailable():
                return answer

    def _url(self, path: str) -> URL:
        return URL(f"{self._config.hub.url.rstrip('/')}{path}", encoded=True)

    def _headers(self, more: Mapping[str, str] | None = None) -> dict[str, str] | Unavailable:
        try:
            key = self._context.secret(self._config.hub.key)
        except KeyError:
            return Unavailable(f"SECRET_MISSING: no secret {self._config.hub.key.name}")
        return {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity", **(more or {})}


def _code(body: bytes | None) -> str:
    """The code of a problem document of the hub's own."""
    try:
        code = orjson.loads(body or b"").get("code", "")
    except (orjson.JSONDecodeError, AttributeError):
        return "unknown"
    return code if isinstance(code, str) and code.isascii() else "unknown"
