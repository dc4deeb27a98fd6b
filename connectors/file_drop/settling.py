# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of files once it is known: archived or deleted, or set aside with the reason. Tried until it is done."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.file_drop.archive import Archive
from connectors.file_drop.config import SourceConfig
from connectors.file_drop.file_system import AwayError, Fault, FileSystem, Trouble, join
from connectors.file_drop.finding import OURS, Candidate
from connectors.sdk import Context

REASON = b".error.json"
"""Put behind the name of a file that was set aside: the name of its problem document."""
_RETRY_SECONDS = 2.0
_BATCH = 500
_VARIANTS = 1000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Settled:
    """``problem`` is the problem document of a refused file; None for one that was taken."""

    token: int
    candidate: Candidate
    problem: bytes | None


class Settler:
    """Works off what is ``put``, in :meth:`run`. ``done`` is called with the token of each file that lies there no more."""

    def __init__(
        self, config: SourceConfig, context: Context, files: FileSystem, archive: Archive, done: Callable[[int], None]
    ) -> None:
        self._config = config
        self._context = context
        self._files = files
        self._archive = archive
        self._done = done
        self._errors = config.errors.encode(config.name_encoding)
        self._waiting: asyncio.Queue[Settled] = asyncio.Queue()
        self._told = False
        self._pending = 0
        self._tried_all = asyncio.Event()
        self._tried_all.set()
        self.stuck = 0
        """Files that could not be moved at the last try."""

    def put(self, settled: Settled) -> None:
        """Bounded by the prefetch: each is a file in hand."""
        self._pending += 1
        self._tried_all.clear()
        self._waiting.put_nowait(settled)

    async def tried(self) -> None:
        """Return when nothing waits any more, or what waits could not be done at once."""
        await self._tried_all.wait()

    async def run(self) -> None:
        """Until cancelled. What is not done then lies where it was, and is taken again."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            while batch := await self._tried(batch):  # noqa: ASYNC110  # because no file system says when it will do it
                await asyncio.sleep(_RETRY_SECONDS)

    async def _tried(self, batch: Sequence[Settled]) -> list[Settled]:
        """Those that must be tried again."""
        left = {one.token: one for one in batch}
        reason = ""
        try:
            taken = [one for one in batch if one.problem is None]
            if taken:
                await self._clear_away(taken, left)
            for one in batch:
                if one.problem is not None and await self._set_aside(one, one.problem):
                    self._finish(one, left)
        except AwayError as away:
            reason = f"AWAY: {away}"
        self.stuck = len(left)
        self._pending -= len(batch) - len(left)
        if left or not self._pending:
            self._tried_all.set()
        if left and not self._told:
            self._context.log.error("files cannot be moved away", files=len(left), reason=reason or "see the folder")
        self._told = bool(left)
        return list(left.values())

    def _finish(self, one: Settled, left: dict[int, Settled]) -> None:
        left.pop(one.token, None)
        self._done(one.token)

    async def _clear_away(self, taken: Sequence[Settled], left: dict[int, Settled]) -> None:
        """The file first, and then what belongs to it: a marker alone is nothing that anybody takes for a file."""
        if self._config.after == "delete":
            faults = await self._files.remove([one.candidate.name for one in taken])
            gone: Sequence[Settled] = [
                one for one, fault in zip(taken, faults, strict=True) if await self._is_over(one.candidate.name, fault)
            ]
            await self._files.remove([name for one in gone for name in one.candidate.companions])
        else:
            gone = await self._into_archive(taken)
        for one in gone:
            self._finish(one, left)

    async def _into_archive(self, taken: Sequence[Settled]) -> Sequence[Settled]:
        folder = await self._archive.today()
        pairs = [(one.candidate.name, join(folder, _short(one.candidate.name))) for one in taken]
        faults = await self._files.move(pairs, durable=False)
        over: list[Settled] = []
        companions: list[tuple[bytes, bytes]] = []
        for one, fault in zip(taken, faults, strict=True):
            suffix = b""
            if fault is not None and fault.trouble is Trouble.EXISTS:
                fault, suffix = await self._move_beside(one.candidate.name, folder)  # noqa: PLW2901  # because it replaces the first answer
            if await self._is_over(one.candidate.name, fault):
                over.append(one)
                companions += [(name, join(folder, _short(name) + suffix)) for name in one.candidate.companions]
        for (old, new), fault in zip(companions, await self._files.move(companions, durable=False), strict=True):
            if fault is not None and fault.trouble is Trouble.EXISTS:
                await self._move_beside(old, new.rpartition(b"/")[0])
        return over

    async def _set_aside(self, one: Settled, problem: bytes) -> bool:
        """First the reason, then the file: whoever finds the file finds the reason."""
        await self._files.make_folder(self._errors)
        temporary = join(self._errors, OURS + b"-reason")
        fault = await self._files.write(temporary, problem)
        if fault is not None:
            return False
        fault, suffix = await self._move_beside(temporary, self._errors, _short(one.candidate.name), REASON)
        if fault is not None:
            return False
        for name in (one.candidate.name, *one.candidate.companions):
            fault, _ = await self._move_beside(name, self._errors, _short(name) + suffix)
            if not await self._is_over(name, fault):
                return False
        return True

    async def _is_over(self, name: bytes, fault: Fault | None) -> bool:
        """Moved, or somebody else did something with it. What is gone may also be the folder it was to go to."""
        if fault is None:
            return True
        if fault.trouble is not Trouble.GONE:
            return False
        self._archive.forget()
        there = await self._files.look(name)
        return isinstance(there, Fault) and there.trouble is Trouble.GONE

    async def _move_beside(
        self, old: bytes, folder: bytes, name: bytes = b"", ending: bytes = b""
    ) -> tuple[Fault | None, bytes]:
        """Move to the first name that nobody has: NAME, NAME.2, NAME.3, … The answer, and what was put behind the name."""
        name = name or _short(old)
        fault: Fault | None = None
        for number in range(1, _VARIANTS):
            suffix = b"" if number == 1 else b".%d" % number
            [fault] = await self._files.move([(old, join(folder, name + suffix + ending))], durable=False)
            if fault is None or fault.trouble is not Trouble.EXISTS:
                return fault, suffix
        return fault, b""


def _short(name: bytes) -> bytes:
    """The name, or where it leaves no room for what is put behind it, its beginning and a digest of it."""
    if len(name) <= _LONGEST:
        return name
    return name[: _LONGEST - 20] + b"~" + hashlib.sha256(name).hexdigest()[:10].encode()
