# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where log lines go: a descriptor whose reader may stall, which must stop nobody.

A pipe that nobody reads blocks whoever writes to it, and with it the whole hub. So nothing is written before the descriptor
takes it; lines wait in a bounded space meanwhile, and beyond that the newest are dropped and counted.
"""

import os
import select
from collections import deque
from threading import Lock
from typing import Final

WAITING_BYTES: Final = 1024 * 1024
_PIECE = select.PIPE_BUF
"""A pipe that can be written takes so many bytes without blocking: pipe(7), poll(2)."""


class LogStream:
    """A binary file to write lines to. Never blocks, never raises; for use from any thread."""

    def __init__(self, descriptor: int, waiting_bytes: int = WAITING_BYTES) -> None:
        self._descriptor = descriptor
        self._most = waiting_bytes
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._written = 0
        """Of the first line that waits."""
        self._dropped = 0
        self._lock = Lock()
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)

    @property
    def waiting(self) -> int:
        """Bytes that wait."""
        return self._bytes

    def write(self, line: bytes) -> int:
        """Write a whole line, or keep it until there is room for it."""
        with self._lock:
            self._take(line)
        return len(line)

    def flush(self) -> None:
        """As far as that goes without waiting."""
        with self._lock:
            self._drain()

    def _take(self, line: bytes) -> None:
        self._drain()
        if self._dropped and self._bytes + len(line) <= self._most // 2:
            self._keep(b'{"event":"log lines dropped","level":"warning","count":%d}\n' % self._dropped)
            self._dropped = 0
        if self._dropped or self._bytes + len(line) > self._most:
            self._dropped += 1
        else:
            self._keep(line)
            self._drain()

    def _keep(self, line: bytes) -> None:
        self._waiting.append(line)
        self._bytes += len(line)

    def _drain(self) -> None:
        while self._waiting and self._poll.poll(0):
            first = self._waiting[0]
            try:
                self._written += os.write(self._descriptor, first[self._written : self._written + _PIECE])
            except OSError:  # the reader is gone for good, or the disk is full
                self._written = len(first)
            if self._written >= len(first):
                self._waiting.popleft()
                self._bytes -= len(first)
                self._written = 0


class TextLogStream:
    """The same for those that write text."""

    def __init__(self, inner: LogStream) -> None:
        self._inner = inner

    def write(self, text: str) -> int:
        self._inner.write(text.encode("utf-8", "replace"))
        return len(text)

    def flush(self) -> None:
        self._inner.flush()
