# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A log whose reader stalls stops nobody, takes bounded memory, and says what it lost."""

import os
from collections.abc import Iterator

import orjson
import pytest

from hub.log_stream import LogStream, TextLogStream

MOST = 64 * 1024


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        try:
            os.close(end)
        except OSError:
            continue  # the test closed it


def read(descriptor: int, stream: LogStream) -> list[bytes]:
    """Everything there is, as lines; the stream goes on writing as room is made."""
    os.set_blocking(descriptor, False)
    found = b""
    while True:
        try:
            found += os.read(descriptor, 1 << 20)
        except BlockingIOError:
            if not stream.waiting:
                return found.splitlines(keepends=True)
            stream.flush()


def test_lines_are_written_at_once_and_whole(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    stream = LogStream(writing)
    long = b"x" * 20_000 + b"\n"
    stream.write(b"one\n")
    stream.write(long)
    TextLogStream(stream).write("二\n")
    assert stream.waiting == 0
    assert read(reading, stream) == [b"one\n", long, "二\n".encode()]


def test_a_reader_that_stalls_stops_nobody_and_is_told_what_it_missed(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    stream = LogStream(writing, MOST)
    lines = [b"%06d %s\n" % (n, b"y" * 200) for n in range(5000)]
    for line in lines:
        stream.write(line)
        assert stream.waiting <= MOST
    kept = read(reading, stream)
    assert kept == lines[: len(kept)], "the oldest stay, in their order"
    assert len(kept) < len(lines)
    stream.write(b"again\n")
    told, last = read(reading, stream)
    assert orjson.loads(told) == {
        "event": "log lines dropped",
        "level": "warning",
        "count": len(lines) - len(kept),
    }
    assert last == b"again\n"


def test_a_reader_that_is_gone_stops_nobody(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    stream = LogStream(writing)
    os.close(reading)
    for _ in range(3):
        stream.write(b"nobody hears this\n")
    assert stream.waiting == 0
