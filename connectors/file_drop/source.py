# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Taking files in: whole ones only, in order, by one hub at a time, and away from the folder when the hub has them."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Self

from connectors.file_drop.archive import Archive
from connectors.file_drop.config import SourceConfig
from connectors.file_drop.file_system import AwayError, Entry, Fault, FileSystem, Kind
from connectors.file_drop.finding import OURS, Candidate, Finder
from connectors.file_drop.opening import open_file_system
from connectors.file_drop.reading import NotYet, Read, Reader, Reading, Spoilt, Vanished
from connectors.file_drop.reasons import problem
from connectors.file_drop.settling import Settled, Settler
from connectors.sdk import Context, Delivered, Disposition, Item, NotNow, Outcome, Refused, Taken, Unavailable

_BATCH = 200
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0
_CLEAR_SECONDS = 3600.0
_RELEASE_SECONDS = 5.0
_CANCEL_SECONDS = 1.0
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class _Held:
    """A file in hand; ``size`` is 0 once its bytes are not."""

    candidate: Candidate
    size: int


@dataclass(slots=True)
class _Later:
    """A file that is not ready: since when, and when to look again, on the monotonic clock."""

    since: float
    again: float


class FileSource:
    """An open way in from one folder."""

    def __init__(self, config: SourceConfig, context: Context, files: FileSystem | None = None) -> None:
        self._config = config
        self._context = context
        self._files = files or open_file_system(config, context)
        self._guard = self._files.guard(OURS, config.lease_seconds)
        self._finder = Finder(config, self._files, context.monotonic, self._is_passed_over)
        self._reader = Reader(config, self._files)
        self._archive = Archive(
            self._files, config.archive.encode(config.name_encoding), config.archive_days, context.monotonic
        )
        self._settler = Settler(config, context, self._files, self._archive, self._let_go)
        self._tokens = count(1)
        self._held: dict[int, _Held] = {}
        self._names: set[bytes] = set()
        self._later: dict[bytes, _Later] = {}
        self._bytes = 0
        self._stirred = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_away = False

    async def __aenter__(self) -> Self:
        self._tasks = {asyncio.create_task(self._settler.run()), asyncio.create_task(self._keep())}
        return self

    async def __aexit__(self, *exc: object) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_RELEASE_SECONDS):
                await self._settler.tried()
        running = set(self._tasks)
        while running:  # a library may have swallowed a cancellation
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=_CANCEL_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(_RELEASE_SECONDS):
                await self._guard.release()
        await self._files.close()

    async def take(self) -> Sequence[Item]:
        """As the port says."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                items = await self._next()
            except AwayError as away:
                self._tell(str(away))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                continue
            self._tell("")
            pause = _FIRST_PAUSE_SECONDS
            if items:
                return items
            await self._stir(self._config.poll_seconds)

    async def settle(self, answers: Sequence[tuple[int, Disposition]]) -> None:
        """As the port says."""
        for token, answer in answers:
            held = self._held.get(token)
            if held is None or not held.size:
                continue
            match answer:
                case Taken():
                    self._hand_on(token, held.candidate, None)
                case Refused(problem=document):
                    self._hand_on(token, held.candidate, document)
                case NotNow():
                    self._let_go(token)
                    self._finder.put_back(held.candidate)

    async def check(self) -> Outcome:
        """Look at the folder, and at whether what was taken can be moved away."""
        try:
            found = await self._files.look(b"")
        except AwayError as away:
            return Unavailable(f"AWAY: {away}")
        match found:
            case Entry(kind=Kind.FOLDER) if self._settler.stuck:
                return Unavailable(f"STUCK: {self._settler.stuck} files that were taken cannot be moved away")
            case Entry(kind=Kind.FOLDER):
                return Delivered()
            case Entry():
                return Unavailable("NO_FOLDER: what has the folder's name is none")
            case Fault(trouble, detail):
                return Unavailable(f"{trouble}: {detail}")

    async def _next(self) -> list[Item]:
        for task in self._tasks:
            if task.done():
                task.result()  # it never ends by itself: this raises its bug where somebody sees it
        room = min(_BATCH, self._config.prefetch - len(self._held))
        budget = self._config.held_bytes - self._bytes
        if room <= 0 or budget <= 0 or not await self._guard.held():
            return []
        candidates = await self._finder.next(room)
        if not candidates:
            return []
        readings = await self._reader.read(candidates, budget)
        # From here to the end nothing is waited for: whoever is cancelled has taken all of them or none.
        self._finder.drop(len(readings))
        return [
            item
            for candidate, reading in zip(candidates, readings, strict=False)
            if (item := self._received(candidate, reading)) is not None
        ]

    def _received(self, candidate: Candidate, reading: Reading) -> Item | None:
        match reading:
            case Read(body, content_type, headers, signed):
                self._later.pop(candidate.name, None)
                token = self._hold(candidate, len(body) + 1)
                return Item(token=token, content_type=content_type, body=body, headers=headers, signed=signed)
            case Spoilt(code):
                self._spoil(candidate, code)
            case NotYet(otherwise, told):
                self._wait_for(candidate, otherwise, told)
            case Vanished():
                self._later.pop(candidate.name, None)
        return None

    def _spoil(self, candidate: Candidate, code: str) -> None:
        self._later.pop(candidate.name, None)
        self._context.log.warning("file set aside", code=code, file=_known_as(candidate.name))
        token = self._hold(candidate, 1)
        self._hand_on(token, candidate, problem(code))

    def _wait_for(self, candidate: Candidate, otherwise: str, told: str) -> None:
        now = self._context.monotonic()
        later = self._later.get(candidate.name)
        if later is None:
            if len(self._later) >= _REMEMBERED:
                self._later.clear()
            later = self._later[candidate.name] = _Later(now, now)
            if told:
                self._context.log.warning("file cannot be read", reason=told, file=_known_as(candidate.name))
        elif otherwise and now - later.since >= self._config.quiet_seconds:
            self._spoil(candidate, otherwise)
            return
        later.again = now + self._config.poll_seconds

    def _is_passed_over(self, name: bytes) -> bool:
        later = self._later.get(name)
        return name in self._names or (later is not None and self._context.monotonic() < later.again)

    def _hold(self, candidate: Candidate, size: int) -> int:
        token = next(self._tokens)
        self._held[token] = _Held(candidate, size)
        self._names.add(candidate.name)
        self._bytes += size
        return token

    def _hand_on(self, token: int, candidate: Candidate, document: bytes | None) -> None:
        """It stays in hand until it lies there no more, so that it is not found again; its bytes are not needed for that."""
        self._bytes -= self._held[token].size
        self._held[token] = _Held(candidate, 0)
        self._settler.put(Settled(token, candidate, document))

    def _let_go(self, token: int) -> None:
        held = self._held.pop(token)
        self._bytes -= held.size
        self._names.discard(held.candidate.name)
        self._stirred.set()

    async def _keep(self) -> None:
        """Show that we live, and delete what is old, until cancelled."""
        cleared = -_CLEAR_SECONDS
        while True:
            with suppress(AwayError):
                if await self._guard.held():
                    now = self._context.monotonic()
                    if now - cleared >= _CLEAR_SECONDS and self._config.after == "archive":
                        cleared = now
                        await self._archive.clear()
            await asyncio.sleep(self._config.lease_seconds / 4)

    async def _stir(self, seconds: float) -> None:
        """Wait until something was let go, but not longer than this."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
        self._stirred.clear()

    def _tell(self, away: str) -> None:
        """Say that the far side went away, or came back, once."""
        if away and not self._is_away:
            self._context.log.warning("source away", reason=away)
        elif self._is_away and not away:
            self._context.log.info("source back")
        self._is_away = bool(away)


def _known_as(name: bytes) -> str:
    """What stands for a name in the log, since names of files may be names of people: ``printf %s NAME | sha256sum``."""
    return hashlib.sha256(name).hexdigest()[:12]
