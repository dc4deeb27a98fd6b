# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Request bodies, bounded in size and time while they stream in, whatever their headers promise."""

import asyncio
import math
from typing import Self

from aiohttp import HttpVersion11, web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.ports.clock import Clock

_CODED = Refusal(
    "E_CONTENT_TYPE",
    Text("不接受压缩的正文（Content-Encoding）。", "Bodies with a Content-Encoding are not taken."),
)
_TOO_SLOW = Refusal(
    "E_TOO_SLOW", Text("没有在时限内收完请求。", "The request did not arrive within the time there is for it.")
)
_BROKEN = Refusal(
    "E_HTTP_MALFORMED", Text("正文的 HTTP 传输格式错误或中断。", "The body's HTTP framing is wrong, or it broke off.")
)


def too_large(most: int) -> Refusal:
    """``most`` in bytes."""
    return Refusal("E_TOO_LARGE", Text(f"请求正文超过 {most} 字节。", f"The body is larger than {most} bytes."))


class Arriving:
    """A body piece by piece. It ends early when it is too slow or its framing is wrong; then ``refusal`` says so.

    ``seconds`` is the time to wait for all of it; at a ``pace`` (bytes per second) what has come earns more time, so
    that a large body on a slow line may take long and a trickle may not. Time the reader takes is not counted.
    """

    def __init__(self, request: web.Request, clock: Clock, seconds: float, *, pace: float = math.inf) -> None:
        self._request = request
        self._clock = clock
        self._left = seconds
        self._pace = pace
        self._begun = False
        self.refusal: Refusal | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = b"" if self.refusal else await self._next()
        if not piece:
            raise StopAsyncIteration
        return piece

    async def _next(self) -> bytes:
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(max(self._left, 0.0)):
                await self._welcome()
                piece = await self._request.content.readany()
        except TimeoutError:
            self.refusal = _TOO_SLOW
            return b""
        except (web.RequestPayloadError, ConnectionError):
            self.refusal = _BROKEN
            return b""
        self._left += len(piece) / self._pace - (self._clock.monotonic() - started)
        return piece

    async def _welcome(self) -> None:
        """Say that the body is wanted, to a client that asked first (RFC 9110 section 10.1.1)."""
        if not self._begun:
            self._begun = True
            request = self._request
            if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11:
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                request.writer.output_size = 0  # the answer proper has not begun


def unwanted(request: web.Request, most: int) -> Refusal | None:
    """What the headers alone tell: compressed, or declared larger than ``most`` bytes."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return _CODED
    declared = request.content_length
    return too_large(most) if declared is not None and declared > most else None


async def read(request: web.Request, clock: Clock, *, most: int, seconds: float) -> bytes | Refusal:
    """The whole body of at most so many bytes, within so many seconds."""
    if refusal := unwanted(request, most):
        return refusal
    content = request.content
    if content.is_eof() and content.exception() is None:  # it came with its headers, as nearly all do
        body = content.read_nowait()
        return body if len(body) <= most else too_large(most)
    arriving, pieces, size = Arriving(request, clock, seconds), [], 0
    async for piece in arriving:
        size += len(piece)
        if size > most:
            return too_large(most)
        pieces.append(piece)
    return arriving.refusal or b"".join(pieces)
