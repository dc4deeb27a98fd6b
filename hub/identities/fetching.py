# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Revocation lists and answers from their authorities, kept on disk, so that a start during their outage knows the last ones.

Nothing of what is fetched is believed for having been fetched: whoever judges a certificate verifies its signature. An older
list never takes the place of a newer one.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import aiohttp

from certs.x509.anchors import brought
from certs.x509.certificate import Certificate
from certs.x509.question import question
from certs.x509.revocation import RevocationData

_SECONDS = 30.0
_MOST_BYTES = 64 * 2**20
_MOST_ASKED = 1000
_AT_ONCE = 4
_OK = 200


@dataclass(frozen=True, slots=True)
class Trouble:
    """A place that did not give what it should, since then."""

    reason: str
    since: datetime


@dataclass(slots=True)
class RevocationFeed:
    """Lists by file or URL, and responders. One per hub, used by one loop. ``home``: where files are relative to; ``keep``: the
    folder for what was fetched. ``troubles`` by place are for health.
    """

    lists: Sequence[str]
    responders: Sequence[str]
    home: Path
    keep: Path
    troubles: dict[str, Trouble] = field(default_factory=dict)
    _known: dict[str, tuple[RevocationData, ...]] = field(default_factory=dict)

    def kept(self) -> Sequence[RevocationData]:
        """What the last run of the hub had fetched, and the lists that are files. Blocks on the disk."""
        for place in self.lists:
            self._take(place, _read(self._file_of(place)))
        for file in sorted(self.keep.glob("ocsp-*.der")) if self.keep.is_dir() else ():
            self._take(file.name, _read(file))
        return self.known()

    def known(self) -> Sequence[RevocationData]:
        """Everything that is known now."""
        return [one for place in sorted(self._known) for one in self._known[place]]

    def made(self) -> Mapping[str, datetime]:
        """Of when the newest of each place is."""
        return {place: max(one.made for one in data) for place, data in self._known.items() if data}

    async def look(self, seen: Iterable[tuple[Certificate, Certificate]], now: datetime) -> Sequence[RevocationData]:
        """Ask every place, each for half a minute at most; one that does not answer is a trouble, and what it said stays."""
        turns = asyncio.Semaphore(_AT_ONCE)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as http:
            asked = [self._list(http, place, now, turns) for place in self.lists]
            pairs = list(seen)[:_MOST_ASKED]
            asked += [self._ask(http, url, pair, now, turns) for url in self.responders for pair in pairs]
            await asyncio.gather(*asked)
        return self.known()

    async def _list(self, http: aiohttp.ClientSession, place: str, now: datetime, turns: asyncio.Semaphore) -> None:
        async with turns:
            try:
                if not _is_url(place):
                    content = await asyncio.to_thread(_read, self.home / place)
                else:
                    async with http.get(place, allow_redirects=False) as answer:
                        content = await _body(answer)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                self._trouble(place, _reason(error), now)
                return
        await self._learn(place, content, now)

    async def _ask(
        self,
        http: aiohttp.ClientSession,
        url: str,
        pair: tuple[Certificate, Certificate],
        now: datetime,
        turns: asyncio.Semaphore,
    ) -> None:
        name = f"ocsp-{hashlib.sha256(url.encode() + pair[0].der).hexdigest()[:32]}.der"
        headers = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
        async with turns:
            try:
                async with http.post(url, data=question(*pair), headers=headers, allow_redirects=False) as answer:
                    content = await _body(answer)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                self._trouble(url, _reason(error), now)
                return
        await self._learn(name, content, now, url)

    async def _learn(self, place: str, content: bytes, now: datetime, told_as: str = "") -> None:
        if not self._take(place, content):
            self._trouble(told_as or place, "UNREADABLE", now)
            return
        self.troubles.pop(told_as or place, None)
        if _is_url(place) or told_as:
            await asyncio.to_thread(self._save, self._file_of(place), content)

    def _take(self, place: str, content: bytes) -> bool:
        """Whether there is anything in it. An older one than the known one of its place is left."""
        found = brought({place: content}).revocation if content else ()
        if not found:
            return False
        known = self._known.get(place, ())
        if not known or max(one.made for one in found) >= max(one.made for one in known):
            self._known[place] = found
        return True

    def _trouble(self, place: str, reason: str, now: datetime) -> None:
        before = self.troubles.get(place)
        self.troubles[place] = Trouble(reason, now if before is None else before.since)

    def _file_of(self, place: str) -> Path:
        if place.startswith("ocsp-"):
            return self.keep / place
        if _is_url(place):
            return self.keep / f"crl-{hashlib.sha256(place.encode()).hexdigest()[:32]}.der"
        return self.home / place

    def _save(self, file: Path, content: bytes) -> None:
        self.keep.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_bytes(content)
        draft.replace(file)


def _reason(error: Exception) -> str:
    """For people, and never with what the far side wrote: its kind, or our own words."""
    return str(error) if type(error) is ValueError else type(error).__name__


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _read(file: Path) -> bytes:
    """The content; nothing where there is no such file."""
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES)
    except OSError:
        return b""


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status != _OK:
        raise ValueError(f"HTTP {answer.status}")
    content = bytearray()
    async for piece in answer.content.iter_chunked(2**16):
        content += piece
        if len(content) > _MOST_BYTES:
            raise ValueError("too large")
    return bytes(content)
