# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a blocked event loop stands: told while it is still blocked, from a thread that needs no loop.

A child's goes through its standard error, since its other lines belong to the loop that is blocked; the host believes
nothing there but places in code.
"""

import asyncio
import faulthandler
import os
import re
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice

BLOCKED_SECONDS = 1.5
"""A loop that has not come round for so long is blocked."""
_EVERY = 0.5
_MOST_PLACES = 30
_MOST_BYTES = 64 * 1024
_PLACE = re.compile(rb'  File "([^"\n]{1,300})", line ([0-9]{1,7}) in ([^\n]{1,100})')

Tell = Callable[[Sequence[str]], None]
"""Given the places of the blocked thread, the innermost first."""


async def watch_from_within(descriptor: int) -> None:
    """Have the interpreter write all stacks there whenever this loop is blocked. Runs until cancelled."""
    try:
        while True:
            faulthandler.dump_traceback_later(BLOCKED_SECONDS, file=descriptor)
            await asyncio.sleep(_EVERY)
    finally:
        faulthandler.cancel_dump_traceback_later()


async def overhear(descriptor: int, tell: Tell) -> None:
    """Read what a child writes there, tell the stacks, and forget all else. Returns at the end; closes the descriptor."""
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb", buffering=0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        while piece := await reader.read(_MOST_BYTES):
            if places := list(islice(_places(piece), _MOST_PLACES)):
                tell(places)
    finally:
        transport.close()


def _places(text: bytes) -> Iterator[str]:
    for file, line, name in _PLACE.findall(text):
        yield f"{file.decode('utf-8', 'replace')}:{int(line)} {name.decode('utf-8', 'replace')}"


@asynccontextmanager
async def watched_loop(tell: Tell) -> AsyncIterator[None]:
    """Have this loop watched by a thread for the length of the block. ``tell`` is called in that thread, once per blockage."""
    loop, main = asyncio.get_running_loop(), threading.get_ident()
    came_round, ended = threading.Event(), threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            came_round.clear()
            loop.call_soon_threadsafe(came_round.set)
            if came_round.wait(BLOCKED_SECONDS - _EVERY) or ended.is_set():
                continue
            frame = sys._current_frames().get(main)  # noqa: SLF001  # the only way to another thread's stack
            stack = reversed(traceback.extract_stack(frame)) if frame else ()
            tell([f"{one.filename}:{one.lineno} {one.name}" for one in islice(stack, _MOST_PLACES)])
            came_round.wait()

    thread = threading.Thread(target=watch, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        came_round.set()
        await asyncio.to_thread(thread.join)
