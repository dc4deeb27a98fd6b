# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A system's own book: JSON lines, numbered, only ever appended, on disk before anybody is told.

Whoever reads it later needs no word of the hub to say what was lost, doubled or out of order.
"""

import asyncio
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson


class Ledger:
    """Entries are numbered from 1 in the order of :meth:`write`; that is also their order in the file.

    Each has ``n``, ``at`` (UTC), ``t`` (seconds of the machine's monotonic clock, which all its processes share) and
    ``kind``. Several entries share one fsync.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        written = path.read_bytes()
        self._number = written.count(b"\n")
        os.ftruncate(self._file, written.rfind(b"\n") + 1)  # a line cut short by a crash was told to nobody
        self._waiting: list[bytes] = []
        self._kept = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, kind: str, **fields: Any) -> int:
        """Returns the entry's number when it is on disk."""
        self._number += 1
        number = self._number
        now = datetime.now(UTC)  # noqa: TID251  # because another's system has a clock of its own
        entry = {
            "n": number,
            "at": now.isoformat(timespec="milliseconds"),
            "t": time.monotonic(),
            "kind": kind,
            **fields,
        }
        self._waiting.append(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
        kept = self._kept
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await kept.wait()
        return number

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            kept, self._kept = self._kept, asyncio.Event()
            try:
                await asyncio.to_thread(self._append, b"".join(batch))
            except OSError as error:  # a system whose book cannot be kept must not go on
                sys.stderr.write(f"ledger: {error}\n")
                os._exit(1)
            kept.set()

    def _append(self, lines: bytes) -> None:
        view = memoryview(lines)
        while view:
            view = view[os.write(self._file, view) :]
        os.fsync(self._file)

    async def close(self) -> None:
        """Everything written is on disk."""
        if self._writing is not None:
            await self._writing
        os.close(self._file)


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """What the book holds. A last line cut short by a crash was told to nobody and does not count."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield orjson.loads(line)


def payload_digest(data: Any) -> str:
    """SHA-256 over what a message says: members in order of name, absent, null and empty being the same."""
    return bytes_digest(orjson.dumps(_said(data), option=orjson.OPT_SORT_KEYS))


def bytes_digest(content: bytes) -> str:
    """SHA-256 over exact bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _said(part) for name, part in value.items() if part is not None and part != []}
    if isinstance(value, list):
        return [_said(part) for part in value]
    return value
