# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A time stamping authority, asked over HTTP (RFC 3161, 3.4)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from certs.evidence.timestamping import MAX_REPLY, REQUEST_TYPE, Stamp, Unstamped, believed, request
from certs.x509.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Away:
    """It could not be asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Where it answers, whom its chain has to end at, and which policy is asked for."""

    url: str
    anchors: tuple[Certificate, ...]
    policy: str | None = None
    timeout_seconds: float = 10.0

    async def stamp(
        self, http: aiohttp.ClientSession, content: bytes, nonce: int, since: datetime, now: datetime
    ) -> Stamp | Unstamped | Away:
        """A stamp over the content, which was made at ``since``. Bounded in time and size; cancelling leaves nothing."""
        question = request(content, nonce, self.policy)
        try:
            async with (
                asyncio.timeout(self.timeout_seconds),
                http.post(
                    self.url, data=question, headers={"content-type": REQUEST_TYPE}, allow_redirects=False
                ) as answer,
            ):
                if answer.status != 200:
                    return Away(f"HTTP {answer.status}")
                reply = await answer.content.read(MAX_REPLY + 1)
                while len(reply) <= MAX_REPLY and (more := await answer.content.read(MAX_REPLY)):
                    reply += more
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Away(type(error).__name__)
        return believed(reply, content, nonce=nonce, policy=self.policy, anchors=self.anchors, since=since, now=now)
