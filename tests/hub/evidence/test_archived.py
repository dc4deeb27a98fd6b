# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Statements that went to the archive are held against their leaves, in real files; what has expired is no fault."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import orjson
import pytest

from certs.evidence.roles import Role
from hub.archive.blobs import read, write
from hub.archive.segment import pack, unpack
from hub.archive.writing import Archived
from hub.evidence.archived import check_archived
from hub.evidence.checking import Fault, Report, check
from hub.evidence.state import NoteSigner
from tests.support.evidence import is_lead, signer_for
from tests.support.town import FEBRUARY, JANUARY, Town, town_on

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


@pytest.fixture
async def town(dsn: str, tmp_path: Path) -> AsyncIterator[Town]:
    """January and February are in the archive, and everything is in the log, under a checkpoint."""
    async with town_on(dsn, tmp_path) as opened:
        hub, notes = opened.rig.hub, NoteSigner(signer_for(Role.LOG))
        async with hub.journal.log.lead() as lead:
            assert is_lead(lead), lead
            while await lead.sequence(1000):
                pass
            await lead.checkpoint(notes.of(lead.log), hub.clock.now())
        for month in (JANUARY, FEBRUARY):
            assert isinstance(await opened.archiver().archive(month), Archived)
        yield opened


async def checked(town: Town) -> Report:
    hub = town.rig.hub
    report = await check(hub.journal.log)
    assert isinstance(report, Report), report
    assert await check_archived(hub.journal.log, hub.journal.archives, hub.archive, report) is None
    return report


async def test_every_statement_of_the_archive_is_compared(town: Town) -> None:
    report = await checked(town)
    assert report.findings == []
    assert report.compared == report.archived >= 8, "with the one refusal"
    assert report.statements + report.archived == report.size


async def test_a_file_that_is_gone_is_told_of(town: Town) -> None:
    (digest, *_) = await digests(town, "messages")
    await town.rig.hub.archive.remove(digest)
    found = (await checked(town)).findings
    assert [one.fault for one in found] == [Fault.ARCHIVE_DAMAGED]
    assert "2023-01" in found[0].detail


@pytest.mark.parametrize(
    ("kind", "change", "fault"),
    [
        ("messages", lambda line: reworded(line, "leaves"), Fault.STATEMENT_CHANGED),
        ("refusals", lambda line: line.replace(b"E_", b"X_"), Fault.STATEMENT_CHANGED),
        ("messages", lambda line: line.replace(b'"kind":"accepted"', b'"kind":"delivered"'), Fault.STATEMENT_CHANGED),
    ],
)
async def test_who_writes_another_file_and_its_index_meets_the_log(
    town: Town, kind: str, change: Callable[[bytes], bytes], fault: Fault
) -> None:
    """As whoever holds database and store can: the file is well formed, and the index names it."""
    hub = town.rig.hub
    (digest, *_) = await digests(town, kind)
    content = await read(hub.archive, digest)
    assert isinstance(content, bytes)
    unpacked = unpack(content)
    assert isinstance(unpacked, tuple)
    header, lines = unpacked
    header = {name: value for name, value in header.items() if name != "format"}
    forged = await write(hub.archive, pack(header, [change(lines[0]), *lines[1:]]))
    connection = await asyncpg.connect(town.dsn)
    try:
        await connection.execute("update archive_segment set digest = $1 where digest = $2", forged, digest)
    finally:
        await connection.close()
    first = (await checked(town)).first
    assert first is not None
    assert first.fault is fault
    assert first.index is not None


async def test_what_expired_is_no_fault(town: Town) -> None:
    hub = town.rig.hub
    parts = await hub.journal.archives.parts()
    assert isinstance(parts, list | tuple)
    await hub.journal.archives.expire(parts[0], hub.clock.now() + timedelta(days=4000))
    report = await checked(town)
    assert report.findings == []
    assert report.expired > 0
    assert report.compared + report.expired <= report.archived


def reworded(line: bytes, table: str) -> bytes:
    record = orjson.loads(line)
    record[table][0]["statement"] = {"utf8": "{ }"}
    return orjson.dumps(record)


async def digests(town: Town, kind: str) -> list[str]:
    connection = await asyncpg.connect(town.dsn)
    try:
        rows = await connection.fetch(
            "select digest from archive_segment where kind = $1 order by month, part, number", kind
        )
    finally:
        await connection.close()
    return [row["digest"] for row in rows]
