# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The province: a front database (前置库) of its own, and a program that takes what is written there.

``python -m hub.demo.province FILE``. FILE is its part (JSON). It says where its database is on standard output, and ends when
standard input is closed. ``reconcile HUB DAY`` on standard input has it count a day and talk with the hub until both know what
differs; it answers with one line. The rows that it found go into its book, by table and case.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import aiohttp
import orjson
import structlog

from connectors.databases.address import DatabaseConfig
from connectors.databases.database import Database, Session
from connectors.databases.rows import Due, after, due, execute, lock, mark, read
from connectors.databases.tables import Tables
from connectors.databases.trouble import Trouble, TroubledError
from connectors.front_db.profiles import ddl
from connectors.sdk import Context
from connectors.sdk.session import open_session
from hub.demo.far.counting import Day, Row
from hub.demo.far.papers import BEIJING
from hub.journal.embedded import EmbeddedFault, start
from hub.ports.clock import SystemClock

T = TypeVar("T")

RESULTS, LICENCES = "up_pro_result_v4", "up_lic_data_v4"
AGREEMENT, CONTRACT = "province-completions", "cn.gov.completion.decided"

_CASES: Mapping[str, str] = {RESULTS: "project_no", LICENCES: "certificate_number"}
_DUE = Due(key="row_guid", order=("seq",), flag="is_sync", new="0")
_LOOK_SECONDS = 0.3
_SECONDS = 30.0
_MOST = 100_000
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """``key`` opens the hub to it; ``secret`` is the file that gets the password of its database."""

    book: str
    directory: str
    secret: str
    key: str


@dataclass(slots=True)
class Province:
    """``found``: how often each case, or licence, stands in each table; a row by its number once."""

    part: Part
    database: Database
    found: dict[str, Counter[str]] = field(default_factory=lambda: {table: Counter() for table in _CASES})
    _tables: Tables = field(default_factory=lambda: Tables(None))

    async def prepare(self) -> None:
        """Make the tables, unless they are there."""
        try:
            await self._do(lambda session: self._tables.table(session, RESULTS))
        except TroubledError:
            plain = "\n".join(line.partition("--")[0] for line in ddl("national_v4", "postgresql").splitlines())
            await self._do(lambda session: execute(session, [one for one in plain.split(";") if one.strip()]))
        self.keep()

    async def work(self) -> None:
        """Take what the hub writes, and say so by the flag."""
        while True:
            with suppress(TroubledError):
                taken = 0
                for table in _CASES:
                    rows = await self._do(partial(self._take, name=table))
                    self.found[table].update(str(row[_CASES[table]]) for row in rows)
                    taken += len(rows)
                if taken:
                    self.keep()
            await asyncio.sleep(_LOOK_SECONDS)

    def keep(self) -> None:
        """Write the book; whoever reads it sees a whole one."""
        beside = Path(self.part.book).with_suffix(".new")
        beside.write_bytes(orjson.dumps(self.found))
        beside.replace(self.part.book)

    async def reconcile(self, hub: str, day: date) -> dict[str, Any]:
        """Count a day, and send the hub manifests until it has seen enough; what it said last."""
        counted = Day(CONTRACT, 1, ("completed_at", "result")).count(await self._do(lambda s: self._rows_of(s, day)))
        head = {
            "manifest_no": f"DZ-{AGREEMENT}-{day:%Y%m%d}",
            "agreement": AGREEMENT,
            "from_system": "demo",
            "to_system": "province",
            "declared_by": "receiver",
            "day": day.isoformat(),
            "counted_at": SystemClock().now().astimezone(BEIJING).isoformat(),
        }
        wanted: list[str] = []
        said: dict[str, Any] = {}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_SECONDS)) as session:
            for _ in range(_ROUNDS):
                manifest = counted.manifest(head, wanted)
                headers = {"Authorization": f"Bearer {self.part.key}"}
                async with session.post(f"{hub}/v1/manifests", json=manifest, headers=headers) as answer:
                    said = await answer.json(content_type=None)
                if said.get("verdict") != "list_wanted":
                    break
                wanted = said["wanted"]
        return {"records": manifest["count"], "said": said}

    async def _take(self, session: Session, name: str) -> list[Mapping[str, Any]]:
        """The rows that nobody has taken yet, marked as taken."""
        table = await self._tables.table(session, name)
        keys = await lock(session, due(table, _DUE, _MOST, None), skip_locked=True)
        await mark(session, table, "row_guid", keys, {"is_sync": "1"})
        return [row for _, row in await read(session, table, "row_guid", keys) if row is not None]

    async def _rows_of(self, session: Session, day: date) -> list[Row]:
        table = await self._tables.table(session, RESULTS)
        keys = await after(session, table, "seq", "row_guid", None, None, _MOST)
        rows = [row for _, row in await read(session, table, "row_guid", keys) if row is not None]
        return [_row(row) for row in rows if row["cd_time"].date() == day]

    async def _do(self, work: Callable[[Session], Awaitable[T]]) -> T:
        done = await self.database.run(work, _SECONDS)
        if isinstance(done, Trouble):
            raise TroubledError(done)
        return done


def _row(row: Mapping[str, Any]) -> Row:
    completed: datetime = row["result_date"]
    return Row(
        row["project_no"], {"completed_at": f"{completed:%Y-%m-%dT%H:%M:%S}+08:00", "result": row["result_type"]}
    )


async def play(part: Part) -> int:
    """From the start to the end of standard input."""
    server = await start(Path(part.directory), clock=SystemClock())
    if isinstance(server, EmbeddedFault):
        sys.stderr.write(f"{server}\n")
        return 1
    try:
        url = urlsplit(server.dsn)
        query = parse_qs(url.query)
        password, user = unquote(url.password or ""), url.username or ""
        await asyncio.to_thread(Path(part.secret).write_text, password, encoding="utf-8")
        address = f"postgresql://{url.path}?host={query['host'][0]}&port={query['port'][0]}"
        config = DatabaseConfig.model_validate({"url": address, "user": user, "password_secret": "front"})
        async with open_session() as http:
            context = Context(
                destination="province",
                http=http,
                log=structlog.get_logger(),
                secret=lambda _: password,
                monotonic=asyncio.get_running_loop().time,
            )
            database = Database(config, context, connections=2)
            try:
                await _serve(Province(part, database), {"province_url": address, "province_user": user})
            finally:
                await database.close()
    finally:
        await server.stop()
    return 0


async def _serve(province: Province, where: Mapping[str, str]) -> None:
    await province.prepare()
    _say(where)
    working = asyncio.create_task(province.work())
    async for line in await _input():
        match line.decode().split():
            case ["reconcile", hub, day]:
                _say(await province.reconcile(hub, date.fromisoformat(day)))
            case _:
                pass  # what is said to everybody
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


def _say(said: Mapping[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(said).decode() + "\n")
    sys.stdout.flush()


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


if __name__ == "__main__":
    sys.exit(asyncio.run(play(Part(**orjson.loads(Path(sys.argv[1]).read_bytes())))))
