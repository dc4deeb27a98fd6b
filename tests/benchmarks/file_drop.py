# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How fast files come into a hub and go out of one: ``python -m tests.benchmarks.file_drop [FILES]``.

In: small files with whole events lie in a folder; a hub takes them in, commits, delivers them to a sink in memory, and moves
them to the archive. Counted until the last is settled and moved. Out: a sink alone publishes as many, 32 at a time. Both on this
machine's disk and behind a private OpenSSH server on it. CPU is this process's; the database and sshd have their own. Event loop
and collector are those of ``govhub run``.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import structlog
import uvloop

from connectors.file_drop.config import SinkConfig, SourceConfig
from connectors.file_drop.sink import FileSink
from connectors.file_drop.source import FileSource
from connectors.sdk import Context, Delivered, Parcel
from connectors.sdk.session import open_session
from contracts.bindings.http import write_structured
from hub.cli.serving import collect_seldom
from hub.inlet import Inlet
from tests.connectors.far_files import by_sftp
from tests.support.hubs import Destination, at_work, event, hub_on
from tests.support.postgres import PrivatePostgres, find_postgres
from tests.support.sinks import ScriptedSink
from tests.support.sshd import Sshd, find_sshd

_AT_A_TIME = 32


class _Took(NamedTuple):
    seconds: float
    processor: float


@asynccontextmanager
async def _context(secrets: dict[str, str]) -> AsyncIterator[Context]:
    async with open_session() as session:
        yield Context(
            destination="bench",
            http=session,
            log=structlog.get_logger(),
            secret=secrets.__getitem__,
            monotonic=time.monotonic,
        )


def _tell(what: str, files: int, took: _Took) -> None:
    sys.stdout.write(
        f"{what:28} {files / took.seconds:8.0f} files/s   {took.processor / files * 1e6:7.0f} us of CPU per file\n"
    )
    sys.stdout.flush()


async def _clocked(work: Callable[[], Awaitable[object]]) -> _Took:
    wall, processor = time.perf_counter(), time.process_time()
    await work()
    return _Took(time.perf_counter() - wall, time.process_time() - processor)


def _lay_out(folder: Path, files: int) -> None:
    folder.mkdir()
    for number in range(files):
        _, body = write_structured(event(f"case-{number % 500}", f"m{number}"))
        (folder / f"{number:08d}.json").write_bytes(body)


async def _taking(dsn: str, folder: Path, reach: dict[str, Any], context: Context, files: int) -> _Took:
    config = SourceConfig.model_validate({**reach, "prefetch": 800, "poll_seconds": 0.05})
    async with hub_on(dsn, {"housing": Destination(sink=ScriptedSink())}) as rig, FileSource(config, context) as into:
        inlet = Inlet(name="in", system="portal", source=into, log=rig.hub.log, body_bytes=1_000_000)

        async def work() -> None:
            async with at_work(replace(rig.hub, inlets={"in": inlet})):
                while inlet.taken < files or any(folder.glob("*.json")):  # noqa: ASYNC110  # because a folder tells nobody
                    await asyncio.sleep(0.02)

        return await _clocked(work)


async def _publishing(reach: dict[str, Any], context: Context, files: int) -> _Took:
    config = SinkConfig.model_validate({**reach, "mode": "structured"})
    body = write_structured(event("case-1"))[1]
    numbers = iter(range(files))
    async with FileSink(config, context) as out:

        async def one_after_the_other() -> None:
            for number in numbers:
                sent = await out.send(
                    Parcel(idempotency_key=f"k{number}", content_type="application/cloudevents+json", body=body)
                )
                assert isinstance(sent, Delivered), sent

        return await _clocked(lambda: asyncio.gather(*(one_after_the_other() for _ in range(_AT_A_TIME))))


async def main(files: int) -> None:
    """Measure each way once."""
    binaries = find_sshd()
    assert binaries is not None, "no OpenSSH server"
    async with AsyncExitStack() as stack:
        made = Path(stack.enter_context(TemporaryDirectory(prefix="govhub-bench-")))
        keys = Path(stack.enter_context(TemporaryDirectory(prefix="govhub-sshd-")))
        server = await stack.enter_async_context(PrivatePostgres(find_postgres(15)))
        sshd = await stack.enter_async_context(Sshd(binaries, keys))
        context = await stack.enter_async_context(_context({"sftp-key": sshd.private_key}))
        for way in ("local", "sftp"):
            into, out_of = made / f"{way}-in", made / f"{way}-out"
            reach = {"folder": str(into)} if way == "local" else by_sftp(into, sshd)
            _lay_out(into, files)
            took = await _taking(await server.fresh_database(), into, reach, context, files)
            _tell(f"{way}, taken in", files, took)
            out_of.mkdir()
            took = await _publishing({**reach, "folder": str(out_of)}, context, files)
            _tell(f"{way}, published", files, took)


if __name__ == "__main__":
    collect_seldom()
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
