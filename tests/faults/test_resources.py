# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""B.3 of the fault catalogue: disks that are full, a broker that is short of memory or disk."""

import asyncio
import errno
import os
import resource
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.faults.row import Row
from tests.faults.sizes import chosen
from tests.faults.stand import Servers, Stand
from tests.faults.watch import open_files
from tests.support.postgres import PrivatePostgres

SIZE = chosen()
RESUMES = 60.0
pytestmark = pytest.mark.timeout(SIZE.row_seconds)

ALARMS = {
    "memory": (("set_vm_memory_high_watermark", "0.0001"), ("set_vm_memory_high_watermark", "absolute", "1GB")),
    "disk": (("set_disk_free_limit", str(10**15)), ("set_disk_free_limit", "50MB")),
}


@pytest.mark.parametrize("alarm", list(ALARMS))
async def test_r3_the_broker_blocks(stand: Stand, repetition: int, seed: int, alarm: str) -> None:
    broker, (set_off, call_off) = stand.servers.broker, ALARMS[alarm]
    async with Row(stand, f"R3 {alarm}", SIZE, repetition, seed) as row:
        await row.flowing(10)
        for recipient in stand.recipients.values():
            await recipient.tell("slow 0.5")  # so that something is in hand when the broker blocks
        await row.flowing(5)
        await broker.control(*set_off)
        set_off_at = time.monotonic()
        try:
            await row.blocked("bus", set_off_at)
            said = row.watch.looks[-1].blocked.get("bus", "")
            row.check("memory or disk" in said, f"health says {said!r} of it")
            await row.accepted(20)
            await asyncio.sleep(max(0.0, set_off_at + SIZE.alarm - time.monotonic()))
            kept = await row.journal()
            row.figures["kept in the journal"] = sum(one.state == "waiting" for one in kept.open.values())
            row.check(any(one.state == "waiting" for one in kept.open.values()), "nothing was kept in the journal")
        finally:
            await broker.control(*call_off)
        healed = time.monotonic()
        for recipient in stand.recipients.values():
            await recipient.tell("well")
        await row.ready(healed)
        await row.drained(healed, 2 * (healed - set_off_at) + 30)
        answers = row.answers(set_off_at, healed)
        row.within("longest wait for an answer", max(one["seconds"] for one in answers), 5.0)


@contextmanager
def small_disk(place: Path, mebibytes: int) -> Iterator[Path]:
    """A file system of its own size. Needs the right to mount, which CI has; without it the row fails and says so."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "tmpfs", place],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.fail(f"this row needs root, to mount a small file system: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """No byte is free there until the block ends."""
    ballast = disk / "ballast"
    space = os.statvfs(disk)
    with ballast.open("wb") as file:
        taken, piece = 0, space.f_bavail * space.f_frsize
        while piece >= space.f_frsize:  # somebody writes there meanwhile, so it may be less by now
            try:
                os.posix_fallocate(file.fileno(), taken, piece)
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise
                piece //= 2
            else:
                taken += piece
    try:
        yield
    finally:
        ballast.unlink()


async def test_r1_the_disks_of_postgresql_are_full(servers: Servers, repetition: int, seed: int) -> None:
    with ExitStack() as disks:
        folder = Path(disks.enter_context(TemporaryDirectory(prefix="govhub-disks-")))
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
        data = disks.enter_context(small_disk(folder / "data-disk", 256))
        wal = disks.enter_context(small_disk(folder / "wal-disk", 160))
        postgres = PrivatePostgres(base=data, wal=wal, settings={"min_wal_size": "32MB", "max_wal_size": "48MB"})
        try:
            await postgres.start()
            await _full_disks(Servers(postgres, servers.broker), folder, repetition, seed, data, wal)
        finally:
            await postgres.close()


async def _full_disks(servers: Servers, folder: Path, repetition: int, seed: int, data: Path, wal: Path) -> None:
    async with Stand(servers, folder / "stand", f"full-{repetition}", hubs=1) as stand:
        async with Row(stand, "R1 data", SIZE, repetition, seed) as row:
            await row.flowing(10)
            with filled(data):
                full = time.monotonic()
                await refusals(row, full)
                # How long the disk stays full: the length of the fault, not a wait for anything.
                await asyncio.sleep(2)
            await resumed(row, full)
        async with Row(stand, "R1 WAL", SIZE, repetition, seed) as row:
            await row.flowing(10)
            with filled(wal):
                full = time.monotonic()
                died = await write_until_it_dies(servers.postgres)
                row.figures["PostgreSQL"] = "ended itself" if died else "went on"
                await refusals(row, full)
            if died:
                await servers.postgres.ensure_running()  # as its supervisor would
            await resumed(row, full)


async def refusals(row: Row, since: float) -> None:
    """Wait until the sender is refused, by 503 or 507, and health says why."""
    async with asyncio.timeout(60):
        while not any(one["status"] in {503, 507} for one in row.answers(since, time.monotonic())):
            await asyncio.sleep(0.1)


async def resumed(row: Row, full: float) -> None:
    """There is space again: the sender is accepted in time, nothing was accepted meanwhile, and health is well."""
    free = time.monotonic()
    meanwhile = row.answers(full + 1, free)
    row.check(
        {one["status"] for one in meanwhile} <= {503, 507},
        f"answered with {sorted({one['status'] for one in meanwhile})}",
    )
    await row.accepted(1, RESUMES * 2)
    row.within("accepts again", time.monotonic() - free, RESUMES)
    await row.ready(free, most=RESUMES)
    await row.flowing(5)


async def write_until_it_dies(postgres: PrivatePostgres) -> bool:
    """Begin one log segment after the other; whether PostgreSQL ended itself over it."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(postgres.dsn())
        while True:
            await connection.execute("select pg_logical_emit_message(true, 'fill', repeat('x', 1000)), pg_switch_wal()")
    async with asyncio.timeout(30):
        while True:
            if postgres.ended:
                return True
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await (await asyncpg.connect(postgres.dsn())).close()
                return False
            await asyncio.sleep(0.1)


async def test_r4_a_hub_runs_out_of_file_descriptors(stand: Stand, repetition: int, seed: int) -> None:
    """Strangers open connections until it has none left: senders are told so, nothing is lost, and it recovers by itself."""
    name = "hub-1"
    async with Row(stand, "R4", SIZE, repetition, seed) as row, AsyncExitStack() as strangers:
        await row.flowing(10)
        pid = stand.hubs[name].pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        url = urlsplit(stand.urls[name])
        exhausted = time.monotonic()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_files(pid) + 5, before[1]))
        strangers.callback(resource.prlimit, pid, resource.RLIMIT_NOFILE, before)
        try:
            for _ in range(60):
                idle = socket.create_connection((url.hostname or "", url.port or 0))
                strangers.callback(idle.close)
            await row.flowing_at("housing", 10)  # by the other hub at least
            for proxy in (stand.to_journal[name], stand.to_broker[name]):
                proxy.reset()  # and what it has to open anew, it cannot
            row.check(stand.hubs[name].running, "the hub ended")
            # How long it has to do without: the length of the fault, not a wait for anything.
            await asyncio.sleep(max(0.0, exhausted + SIZE.outages[0] - time.monotonic()))
        finally:
            await strangers.aclose()
        healed = time.monotonic()
        answers = row.answers(exhausted, healed)
        row.figures["answers meanwhile"] = ", ".join(
            f"{status}: {sum(one['status'] == status for one in answers)}"
            for status in sorted({one["status"] for one in answers})
        )
        row.check({one["status"] for one in answers} <= {0, 202, 503}, "answered otherwise than by 202 or 503")
        row.check(not any(one["retry_after"] == "hung" for one in answers), "a sender was left hanging")
        await row.ready(healed, most=RESUMES)
        await row.drained(healed, RESUMES)
        row.check(stand.hubs[name].pid == pid, "the hub was restarted")
