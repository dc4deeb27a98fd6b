# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's front database: tables of its own in a PostgreSQL of the sandbox, read and written as its system would."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
import structlog

from contracts.dialects import rows
from hub.journal.embedded import EmbeddedFault, erase
from hub.journal.embedded.keeper import Keeper
from hub.journal.pool import JournalPool, open_pool
from hub.ports.clock import Clock
from hub.sandbox.far_side import Arrival, Book, FarSideError, Spoken, Temper, section_of
from hub.sandbox.script import Folder

_LOOK = 0.1
_PASSWORD_NAME = "sandbox-front-db"  # noqa: S105  # because it is the name of a secret
_WAYS = ("schema", "tls", "tls_ca_file")
"""Settings about the way to the real database: the simulated one is on this machine."""


class RowsFarSide:
    """Reads rows with the flag of new ones and marks them as read; writes rows, and writes one again by making it new."""

    tempers: Sequence[Temper] = (Temper.READY,)

    def __init__(self, folder: Folder, clock: Clock) -> None:
        self.book = Book()
        self._folder = folder
        self._clock = clock
        self._place = Path(mkdtemp(prefix="govhub-sandbox-rows-"))
        log = structlog.wrap_logger(None, wrapper_class=structlog.make_filtering_bound_logger(50))
        self._keeper = Keeper(self._place / "postgres", clock, log)
        self._dsn = ""
        self._pool: JournalPool | None = None
        self._inbox: Mapping[str, Any] = {}
        self._flags: dict[str, Mapping[str, Any]] = {}

    async def __aenter__(self) -> Self:
        started = await self._keeper.start()
        if isinstance(started, EmbeddedFault):
            raise FarSideError(started.text, started.remedy)
        self._dsn = started
        self._pool = await open_pool(started, size=2)
        script = self._folder.script.tables
        if script is not None:
            await self._database.execute((self._folder.path / script).read_text(encoding="utf-8"))
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._pool is not None:
            await self._pool.close()
        await self._keeper.stop()
        await erase(self._place / "postgres", clock=self._clock)
        await asyncio.to_thread(rmtree, self._place, ignore_errors=True)

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        settings = section_of(deployment, self._folder.script.destination)["settings"]
        password = self._place / "password"
        password.write_text(unquote(urlsplit(self._dsn).password or ""), encoding="utf-8")
        deployment["secrets"][_PASSWORD_NAME] = f"file:{password}"
        untried = self._local(settings)
        self._inbox = settings
        for source in (deployment.get("sources") or {}).values():
            source["settings"] = dict(source.get("settings") or {})
            untried += self._local(source["settings"])
            source["settings"]["poll_seconds"] = _LOOK
            self._flags |= {one["table"]: one["flag"] for one in source["settings"].get("tables", ()) if "flag" in one}
        return list(dict.fromkeys(untried))

    def behave(self, temper: Temper) -> None:
        """A database has no moods."""

    async def at_work(self, url: str, key: str) -> None:  # noqa: ARG002  # because the port asks for them
        flag = self._inbox.get("flag") or {"column": "is_sync", "new": "0"}
        while True:
            for table in self._inbox.get("tables", ()):
                # The names are the folder's own, and its own to write: this database is thrown away afterwards.
                column = flag["column"]
                read = await self._database.fetch(
                    f'update "{table}" set "{column}" = \'9\' where "{column}" = $1 '  # noqa: S608  # because of the above
                    f'returning to_jsonb("{table}") as read',
                    flag.get("new", "0"),
                )
                for record in read:
                    row = orjson.loads(record["read"])
                    said = {n: v for n, v in row.items() if v is not None and n not in {flag["column"], "seq"}}
                    body = orjson.dumps({"rows": [{"table": table, "row": said}]})
                    key_column = self._inbox.get("key", "row_guid")
                    await self.book.note(Arrival(str(row[key_column]), rows.MEDIA_TYPE, body))
            await self._clock.sleep(_LOOK)

    async def say(self, spoken: Spoken) -> bool:
        for one in orjson.loads(spoken.body)["rows"]:
            table, row = one["table"], one["row"]
            flag = self._flags.get(table) or {"column": "is_sync", "new": "0"}
            columns = ", ".join(f'"{name}"' for name in row)
            places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
            await self._database.execute(
                f'insert into "{table}" ({columns}) values ({places}) '  # noqa: S608  # because the names are the folder's own
                f"on conflict (row_guid) do update set \"{flag['column']}\" = '{flag.get('new', '0')}'",
                *row.values(),
            )
        return True

    @property
    def _database(self) -> JournalPool:
        assert self._pool is not None, "it is open"
        return self._pool

    def _local(self, settings: dict[str, Any]) -> list[str]:
        untried = [name for name in _WAYS if settings.pop(name, None) is not None]
        at = urlsplit(self._dsn)
        host = parse_qs(at.query).get("host", [at.hostname or ""])[0]
        settings |= {
            "url": f"postgresql://{at.path}?host={host}",
            "user": unquote(at.username or ""),
            "password_secret": _PASSWORD_NAME,
        }
        return untried
