# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which files lie in the folder and are whole, in the declared order, from few looks into it and in bounded memory.

One look keeps the first ``window`` names and forgets the others, however many there are; the next look is taken when those are
used up. So a folder with a million files is listed fifty times on the way to emptiness, and not a million times.
"""

import fnmatch
import re
from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from connectors.file_drop.config import SIDECAR, SIGNATURE_SUFFIX, SourceConfig
from connectors.file_drop.file_system import Entry, FileSystem, Kind

OURS = b".govhub"
"""What the names of the hub's own files in the folder begin with."""


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A file that may be taken. Candidates sort as their files are taken. ``companions`` are the names that go with it."""

    rank: float
    name: bytes
    companions: tuple[bytes, ...] = field(default=(), compare=False)
    size: int = field(default=-1, compare=False)
    modified: float = field(default=-1.0, compare=False)


class Finder:
    """``passed_over`` says of a name that it is not to be found now: it is in hand already, or was tried not long ago."""

    def __init__(
        self,
        config: SourceConfig,
        files: FileSystem,
        monotonic: Callable[[], float],
        passed_over: Callable[[bytes], bool],
    ) -> None:
        self._config = config
        self._files = files
        self._monotonic = monotonic
        self._passed_over = passed_over
        self._details = config.order == "time" or config.complete == "quiet"
        self._include = _one_of(config.include, config.name_encoding)
        self._ignore = _one_of(config.ignore, config.name_encoding)
        self._folders = {config.archive.encode(config.name_encoding), config.errors.encode(config.name_encoding)}
        self._suffix = {"marker": config.marker_suffix, "checksum": f".{config.checksum}"}.get(config.complete, "")
        self._ready: list[Candidate] = []
        self._used = 0
        self._quiet: dict[bytes, tuple[int, float, float]] = {}
        """By name: size, time, and since when they have not changed."""

    async def next(self, most: int) -> Sequence[Candidate]:
        """The first of those that wait, none if nothing does. They wait until :meth:`drop` takes them away."""
        if self._used >= len(self._ready):
            await self._look()
        return self._ready[self._used : self._used + most]

    def drop(self, count: int) -> None:
        """The first ``count`` wait no more."""
        self._used += count

    def put_back(self, candidate: Candidate) -> None:
        """It waits again, in its place."""
        self._ready = self._ready[self._used :]
        self._used = 0
        insort(self._ready, candidate)

    async def _look(self) -> None:
        best: list[Candidate] = []
        window = self._config.window
        async for piece in self._files.entries(b"", details=self._details):
            best += filter(None, map(self._candidate, piece))
            if len(best) > 2 * window:
                best.sort()
                del best[window:]
        best.sort()
        del best[window:]
        self._ready = self._only_quiet(best) if self._config.complete == "quiet" else best
        self._used = 0

    def _candidate(self, entry: Entry) -> Candidate | None:
        name = entry.name
        if entry.kind is Kind.FOLDER or name.startswith(OURS) or name in self._folders:
            return None
        companions: tuple[bytes, ...] = ()
        if self._suffix:
            if not name.lower().endswith(self._suffix.lower().encode()) or len(name) == len(self._suffix):
                return None
            companions = (name,)
            name = name[: -len(self._suffix)]
        if self._config.mode == "sidecar":
            if name.endswith(SIDECAR.encode()):
                return None
            companions = (name + SIDECAR.encode(), *companions)
        if self._config.signatures:
            if name.endswith(SIGNATURE_SUFFIX.encode()):
                return None
            companions = (name + SIGNATURE_SUFFIX.encode(), *companions)
        if self._ignore.fullmatch(name) or not self._include.fullmatch(name) or self._passed_over(name):
            return None
        rank = entry.modified if self._config.order == "time" else 0.0
        return Candidate(rank, name, companions, entry.size, entry.modified)

    def _only_quiet(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        now = self._monotonic()
        seen: dict[bytes, tuple[int, float, float]] = {}
        quiet: list[Candidate] = []
        for one in candidates:
            size, modified, since = self._quiet.get(one.name, (-1, -1.0, now))
            since = since if (size, modified) == (one.size, one.modified) else now
            seen[one.name] = (one.size, one.modified, since)
            if now - since >= self._config.quiet_seconds:
                quiet.append(one)
        self._quiet = seen
        return quiet


def _one_of(patterns: Sequence[str], encoding: str) -> "re.Pattern[bytes]":
    """Names like one of these; a name is matched byte by byte, and letters of ASCII in either case."""
    sources = [fnmatch.translate(one.encode(encoding, "replace").decode("latin-1")) for one in patterns]
    return re.compile("|".join(sources or [r"(?!)"]).encode("latin-1"), re.IGNORECASE)
