# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One request and its answer, within their time, and what can be said when there is no answer."""

import asyncio
import errno
import ssl
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from mmap import mmap
from typing import Self

import aiohttp
from yarl import URL

from connectors.sdk.http.departure import Departure
from connectors.sdk.http.egress import CheckedResolver, Egress, was_refused
from connectors.sdk.http.one_write import MOST_BYTES, Arriving, OneWrite
from connectors.sdk.http.spool import Body, Spool, UnkeptError
from connectors.sdk.http.tls import LiveTls, TlsConfig
from connectors.sdk.outcomes import InDoubt, Rejected, Unavailable
from connectors.sdk.session import open_session
from connectors.sdk.sink import Context

MAX_ANSWER_BYTES = 64 * 1024
REFUSED = Rejected("EGRESS_REFUSED", "The address is not one that this destination may call.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A far side's answer. ``headers`` finds names in any case. ``body`` is None when it could not be read whole, or is in
    ``file``: where the exchange has a ``spool_over``, longer ones are there, whole.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | None
    file: mmap | None = None

    @property
    def content(self) -> Body | None:
        """The whole body, wherever it is."""
        return self.body if self.file is None else self.file


def always(_status: int) -> bool:
    """The body is wanted whatever the status."""
    return True


def never(_status: int) -> bool:
    """The status is all that is wanted."""
    return False


class Exchange:
    """The way to one far side. Safe for concurrent use; holds no state but the requests under way.

    Redirects are never followed. Where egress is limited the session is its own, with a resolver that checks every address.
    ``most`` is the largest answer that is read, in bytes; one of more than ``spool_over`` is no burden to memory.
    """

    def __init__(
        self,
        context: Context,
        *,
        tls: TlsConfig | None = None,
        egress: Egress | None = None,
        most: int = MAX_ANSWER_BYTES,
        spool_over: int | None = None,
    ) -> None:
        self._context = context
        self._http = context.http
        self._egress = egress
        self._tls = None if tls is None else LiveTls(tls)
        self._most = most
        self._few = most if spool_over is None else spool_over
        self._stack = AsyncExitStack()
        self._way: OneWrite | None = None
        self._deadlines: set[asyncio.Timeout] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.closed: Unavailable | None = None

    async def __aenter__(self) -> Self:
        if self._egress is not None:
            self._http = await self._stack.enter_async_context(open_session(resolver=CheckedResolver(self._egress)))
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End what is under way by bringing its deadline forward, and wait until it has ended."""
        self.closed = Unavailable("CLOSED: this destination is being closed")
        for deadline in [one for one in self._deadlines if not one.expired()]:
            deadline.reschedule(asyncio.get_running_loop().time())
        await self._idle.wait()
        await self._stack.aclose()

    async def post(
        self,
        url: URL,
        headers: Mapping[str, str],
        body: Body,
        seconds: float,
        wanted: Callable[[int], bool] = always,
        method: str = "POST",
    ) -> Answer | Rejected | Unavailable | InDoubt:
        """A request that has an effect. ``InDoubt``: it may have had it. An answer whose body did not come in time, or is too
        long, has body None; ``wanted`` says by the status whether the body is waited for at all.
        """
        departure = Departure(body)
        answer = await self._answer(method, url, headers, departure, seconds, wanted, body)
        if isinstance(answer, str):
            return InDoubt(answer) if departure.left else Unavailable(answer)
        return answer

    async def ask(
        self,
        url: URL,
        headers: Mapping[str, str],
        seconds: float,
        wanted: Callable[[int], bool] = always,
        method: str = "GET",
    ) -> Answer | Rejected | Unavailable:
        """A request without effect and without a body."""
        answer = await self._answer(method, url, headers, None, seconds, wanted)
        return Unavailable(answer) if isinstance(answer, str) else answer

    async def ask_with(
        self, url: URL, headers: Mapping[str, str], body: Body, seconds: float, method: str = "POST"
    ) -> Answer | Rejected | Unavailable:
        """A request without effect and with a body."""
        answer = await self.post(url, headers, body, seconds, method=method)
        return Unavailable(answer.reason) if isinstance(answer, InDoubt) else answer

    async def _answer(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        departure: Departure | None,
        seconds: float,
        wanted: Callable[[int], bool],
        body: Body = b"",
    ) -> Answer | str | Rejected | Unavailable:
        """The answer, or the reason why there is none; ``Unavailable`` and ``Rejected``: it was not even tried."""
        if self.closed is not None:
            return self.closed
        tls = self._present_tls()
        if isinstance(tls, Unavailable):
            return tls
        if self._egress is not None and not self._egress.allows(url):
            return REFUSED
        seen: list[Answer] = []
        refused = False
        ready = None if departure is None else self._ready(method, url, headers, len(body), tls=tls)
        deadline = asyncio.timeout(seconds)
        try:
            async with deadline:
                self._deadlines.add(deadline)
                self._idle.clear()
                if ready is not None and departure is not None:
                    await self._in_one_write(*ready, bytes(body), departure, wanted, seen)
                else:
                    async with self._http.request(
                        method, url, data=departure, headers=headers, ssl=tls, allow_redirects=False
                    ) as response:
                        await self._see(response, wanted, seen)
        except TimeoutError:
            reason = self._why_late()
        except (aiohttp.ClientError, OSError) as error:
            reason = f"NO_ANSWER: {_named(error)}"
            refused = was_refused(error)
        else:
            reason = ""
        finally:
            self._deadlines.discard(deadline)
            if not self._deadlines:
                self._idle.set()
        return REFUSED if refused else seen[-1] if seen else reason

    def _ready(
        self, method: str, url: URL, headers: Mapping[str, str], size: int, *, tls: ssl.SSLContext | bool
    ) -> tuple[OneWrite, bytes] | None:
        """The way of what goes out at once, and what stands before its body."""
        if size > MOST_BYTES:
            return None
        if self._way is None or self._way.to != (method, url, tls):
            self._way = OneWrite(self._http, method, url, tls)
        head = self._way.head(headers, size)
        return None if head is None else (self._way, head)

    async def _in_one_write(
        self,
        way: OneWrite,
        head: bytes,
        body: bytes,
        departure: Departure,
        wanted: Callable[[int], bool],
        seen: list[Answer],
    ) -> None:
        keep = way.keeps
        arriving = await way.begin(head, body, departure)
        whole = False
        try:
            await self._see(arriving, wanted, seen)
            whole = True
        finally:
            arriving.leave(keep=keep and whole)

    async def _see(
        self, response: aiohttp.ClientResponse | Arriving, wanted: Callable[[int], bool], seen: list[Answer]
    ) -> None:
        """First an answer without its body, which counts if the time is up before there is the whole."""
        seen.append(Answer(response.status, response.headers, None))
        if wanted(response.status):
            try:
                body = await self._read(response.content)
            except UnkeptError:
                seen.clear()  # it came, and there is no room for it: as if it had not come
                raise
            if isinstance(body, mmap):
                seen.append(Answer(response.status, response.headers, None, body))
            else:
                seen.append(Answer(response.status, response.headers, body))

    def _why_late(self) -> str:
        return "TIMED_OUT: no answer in time" if self.closed is None else self.closed.reason

    def _present_tls(self) -> ssl.SSLContext | bool | Unavailable:
        if self._tls is None:
            return True
        try:
            return self._tls.present(self._context.monotonic())
        except OSError as error:  # also what is not a certificate: ssl.SSLError is an OSError
            return Unavailable(f"TLS_FILES_UNREADABLE: {_named(error)}")

    async def _read(self, stream: aiohttp.StreamReader) -> Body | None:
        """The whole body, or None when it is longer than anything we would believe."""
        spool = Spool(self._few)
        try:
            async for piece in stream.iter_any():
                spool.add(piece)
                if spool.size > self._most:
                    return None
            return spool.whole()
        finally:
            spool.close()


def _named(error: Exception) -> str:
    """What kind of failure, without the far side's words."""
    number = getattr(error, "errno", None)
    return f"{type(error).__name__} {errno.errorcode.get(number, '')}".strip() if number else type(error).__name__
