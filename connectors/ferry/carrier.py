# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What carries bundles: one end of a one-way path. Here it is a folder that the gap device (网闸、光闸) empties or fills."""

import asyncio
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

Answer = TypeVar("Answer")


class AwayError(Exception):
    """This end cannot be reached; the message says why. Never leaves the connector."""


class Carrier(Protocol):
    """Names are short and plain. A name is put by one task at a time. Every request raises :class:`AwayError` when this end is
    not there.

    Nothing is promised about the path: what was put may be lost, repeated, damaged, late or in another order at its other end.
    """

    async def check(self) -> None:
        """Only see that this end is there."""
        ...

    async def put(self, name: str, bundle: bytes) -> None:
        """Hand over a bundle, whole and safe on disk when this returns. The same name again is the same bundle again."""
        ...

    async def list(self) -> Sequence[str]:
        """The names of what has arrived at this end, sorted."""
        ...

    async def get(self, name: str, most: int) -> bytes | None:
        """A bundle that has arrived; None when it is not there any more. Of a larger one than ``most`` only the beginning."""
        ...

    async def remove(self, name: str) -> None:
        """It need not be kept at this end any longer. No error when it is not there."""
        ...


class FolderCarrier:
    """A folder of this machine, or one that is mounted on it. It must exist: nothing is made in its place."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    async def check(self) -> None:
        """As the port says."""
        await self._run(lambda: None)

    async def put(self, name: str, bundle: bytes) -> None:
        """As the port says."""
        await self._run(lambda: _put(self._folder, name, bundle))

    async def list(self) -> Sequence[str]:
        """As the port says. Hidden names are temporary, whoever made them."""
        return await self._run(lambda: _listed(self._folder))

    async def get(self, name: str, most: int) -> bytes | None:
        """As the port says."""
        return await self._run(lambda: _get(self._folder / name, most))

    async def remove(self, name: str) -> None:
        """As the port says."""
        await self._run(lambda: (self._folder / name).unlink(missing_ok=True))

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        def seen() -> Answer:
            try:
                if not stat.S_ISDIR(self._folder.stat().st_mode):
                    raise AwayError("the folder is not a folder")
                return work()
            except OSError as error:
                reason = os.strerror(error.errno) if error.errno else type(error).__name__
                raise AwayError(f"{self._folder.name}: {reason}") from error

        return await asyncio.to_thread(seen)


def _put(folder: Path, name: str, bundle: bytes) -> None:
    temporary = folder / f".{name}.{os.getpid()}.part"
    with suppress(FileNotFoundError):
        temporary.unlink()
    with temporary.open("xb") as file:
        file.write(bundle)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(folder / name)
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # not every file system can
            os.fsync(opened)
    finally:
        os.close(opened)


def _listed(folder: Path) -> list[str]:
    with os.scandir(folder) as found:
        return sorted(one.name for one in found if one.name[0] != "." and one.is_file(follow_symlinks=False))


def _get(path: Path, most: int) -> bytes | None:
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with open(opened, "rb") as file:  # noqa: PTH123  # because it is opened already, in a way that follows no link
        return file.read(most) if stat.S_ISREG(os.fstat(opened).st_mode) else b""
