# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A far side that is a database: a real server, and before it a relay of bytes that can do what no server does on demand."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import asyncmy.cursors
import asyncpg
import orjson

from connectors.sdk import Settings
from connectors.sdk.far_side import Arrived, Behaviour
from connectors.sdk.feed import Lying
from tests.support.mariadb import PASSWORD, USER, PrivateMariadb

SECRETS = {"front-db": "made-up"}


class Server(Protocol):
    """A database that tests speak to on their own, beside the connector."""

    scheme: str
    host: str
    port: int
    database: str
    user: str
    make: str

    async def execute(self, statement: str, *values: Any) -> None:
        """Run one statement; values stand for ``%s``."""
        ...

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of one statement."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...

    async def refuse(self, table: str, *, so: bool) -> None:
        """Have a trigger refuse whatever is written into a table, or no longer."""
        ...


class PostgresServer:
    scheme, make = "postgresql", "postgresql"

    def __init__(self, dsn: str) -> None:
        url = urlsplit(dsn)
        self._dsn = dsn
        self.host, self.port, self.database = str(url.hostname), int(url.port or 5432), url.path[1:]
        self.user = str(url.username)
        self._connection: asyncpg.Connection | None = None
        self._lock = asyncio.Lock()

    async def execute(self, statement: str, *values: Any) -> None:
        async with self._lock:
            await (await self._connected()).execute(_numbered(statement), *values)

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        async with self._lock:
            return [dict(row) for row in await (await self._connected()).fetch(_numbered(statement), *values)]

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def refuse(self, table: str, *, so: bool) -> None:
        await self.execute(f"drop trigger if exists refuse on {table}")
        if so:
            await self.execute(
                "create or replace function refuse() returns trigger language plpgsql as "
                "$$ begin raise exception 'no: %', new using errcode = '23514'; end $$"
            )
            await self.execute(f"create trigger refuse before insert on {table} for each row execute function refuse()")

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._dsn)
        return self._connection


class MariadbServer:
    scheme, make = "mariadb", "mysql"
    host, user = "127.0.0.1", USER

    def __init__(self, server: PrivateMariadb, database: str) -> None:
        self._server = server
        self.port, self.database = server.port, database
        self._connection: Any = None
        self._lock = asyncio.Lock()

    async def execute(self, statement: str, *values: Any) -> None:
        await self._run(statement, values)

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        return await self._run(statement, values)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.ensure_closed()

    async def refuse(self, table: str, *, so: bool) -> None:
        await self.execute("drop trigger if exists refuse")
        if so:
            await self.execute(
                f"create trigger refuse before insert on {table} for each row signal sqlstate '45000' set message_text = 'no'"
            )

    async def _run(self, statement: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        async with self._lock:
            if self._connection is None or not self._connection.connected:
                self._connection = await self._server.connect(self.database)
            async with self._connection.cursor(asyncmy.cursors.DictCursor) as cursor:
                await cursor.execute(statement, values or None)
                return list(await cursor.fetchall()) if cursor.description else []


def _numbered(statement: str) -> str:
    number = 0
    while "%s" in statement:
        number += 1
        statement = statement.replace("%s", f"${number}", 1)
    return statement


_TYPES = {
    "postgresql": {"bytes": "bytea", "long": "text", "serial": "bigserial primary key"},
    "mysql": {"bytes": "longblob", "long": "longtext", "serial": "bigint not null auto_increment primary key"},
}


_WRITING = re.compile(rb"\b(INSERT|UPDATE)\b", re.IGNORECASE)


class Relay:
    """Before a server: passes bytes on, and lets its owner decide what becomes of the answer to a commit.

    ``questions``: connections that only read are treated so as well.
    """

    questions = False

    def __init__(self, server: Server) -> None:
        self.server = server
        self.port = 0
        self.behaviour = Behaviour.ACCEPT
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> Settings:
        """The settings that lead through here."""
        return {
            "url": f"{self.server.scheme}://127.0.0.1:{self.port}/{self.server.database}",
            "user": self.server.user,
            "password_secret": "front-db",
        }

    async def until_decisive(self) -> None:
        """Called when the answer to a decisive statement has come, before anything becomes of it."""

    def decisive(self, said: bytes) -> bool:
        """Whether what the client says is what the behaviour is about."""
        return re.search(rb"\bCOMMIT\b", said) is not None

    async def listen(self) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def hang_up(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def behave(self, behaviour: Behaviour) -> None:
        was, self.behaviour = self.behaviour, behaviour
        if behaviour is Behaviour.OUTAGE:
            await self.hang_up()
        elif was is Behaviour.OUTAGE:
            await self.listen()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection(self.server.host, self.server.port)
        self._writers |= {writer, far_writer}
        talk = _Talk()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._outward(talk, reader, far_writer))
                group.create_task(self._inward(talk, far_reader, writer))
        except* (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            for one in (writer, far_writer):
                one.transport.abort()
                self._writers.discard(one)
            self._tasks.discard(task)

    async def _outward(self, talk: "_Talk", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65_536):
            talk.wrote = talk.wrote or _WRITING.search(said) is not None
            if (talk.wrote or self.questions) and self.decisive(said):
                talk.decisive = self.behaviour
            writer.write(said)
            await writer.drain()
        raise EOFError

    async def _inward(self, talk: "_Talk", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65_536):
            if talk.decisive is not None:
                behaviour, talk.decisive = talk.decisive, None
                await self.until_decisive()
                if behaviour is Behaviour.CUT:
                    raise EOFError
                talk.silent = talk.silent or behaviour is Behaviour.HANG
            if not talk.silent:
                writer.write(said)
                await writer.drain()
        raise EOFError


@dataclass(slots=True)
class _Talk:
    """One connection: whether it ever wrote (a question ends with a commit too), what is to become of the answer to something
    decisive, and whether nothing goes back any more.
    """

    wrote: bool = False
    decisive: Behaviour | None = None
    silent: bool = False


class DatabaseFarSide(Relay):
    """A table for whole messages; used as an async context manager."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.arrived: list[Arrived] = []
        self._seen: set[int] = set()
        self._changed = asyncio.Condition()
        self._looking = asyncio.Lock()

    async def __aenter__(self) -> Self:
        kinds = _TYPES[self.server.make]
        await self.server.execute(
            f"create table inbox (seq {kinds['serial']}, row_guid varchar(50) not null unique, content_type varchar(200), "
            f"headers {kinds['long']}, body {kinds['bytes']}, is_sync char(1) not null default '0')"
        )
        await self.listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.hang_up()
        await self.server.close()

    @property
    def settings(self) -> Settings:
        return {
            **self.address,
            "form": "message",
            "message": {"table": "inbox"},
            "flag": {"column": "is_sync", "new": "0"},
        }

    async def behave(self, behaviour: Behaviour) -> None:
        if (behaviour is Behaviour.REFUSE) != (self.behaviour is Behaviour.REFUSE):
            await self.server.refuse("inbox", so=behaviour is Behaviour.REFUSE)
        await super().behave(behaviour)

    async def until_arrived(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.arrived) >= count)

    async def until_decisive(self) -> None:
        async with self._looking:
            seen = ", ".join(map(str, self._seen)) or "0"  # a lower number may be committed after a higher one
            for row in await self.server.fetch(f"select * from inbox where seq not in ({seen}) order by seq"):
                self._seen.add(row["seq"])
                headers = orjson.loads(row["headers"])
                self.arrived.append(
                    Arrived(
                        idempotency_key=row["row_guid"],
                        content_type=row["content_type"],
                        body=bytes(row["body"]),
                        attributes={name.removeprefix("cloudEvents:"): value for name, value in headers.items()},
                    )
                )
        async with self._changed:
            self._changed.notify_all()


class QueryableDatabase(DatabaseFarSide):
    """The same, for a sink that asks before it repeats."""

    @property
    def settings(self) -> Settings:
        return {**super().settings, "idempotency": "queryable"}


class DatabaseFeed(Relay):
    """A table from which whole messages are taken."""

    claim: Mapping[str, object] = MappingProxyType({})

    async def __aenter__(self) -> Self:
        kinds = _TYPES[self.server.make]
        moment = "timestamp" if self.server.make == "postgresql" else "datetime"
        await self.server.execute(
            f"create table outbox (seq {kinds['serial']}, content_type varchar(200), headers {kinds['long']}, "
            f"body {kinds['bytes']}, is_sync char(1) not null default '0', error_code varchar(50), "
            f"error_reason varchar(200), lease_owner varchar(100), lease_until {moment} null)"
        )
        await self.listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.hang_up()
        await self.server.close()

    @property
    def settings(self) -> Settings:
        table = {
            "table": "outbox",
            "key": "seq",
            "flag": {"column": "is_sync", "new": "0", "taken": "1", "refused": "3"},
            "reason": {"code": "error_code", "text": "error_reason"},
            **self.claim,
        }
        return {
            **self.address,
            "form": "message",
            "message": {"table": "outbox"},
            "tables": [table],
            "prefetch": 20,
            "poll_seconds": 0.05,
        }

    async def put(self, messages: Sequence[Lying]) -> None:
        for one in messages:
            headers = orjson.dumps(dict(one.headers)).decode()
            await self.server.execute(
                "insert into outbox (content_type, headers, body) values (%s, %s, %s)",
                one.content_type,
                headers,
                one.body,
            )

    async def until_left(self, count: int) -> None:
        while len(await self._left()) != count:  # noqa: ASYNC110  # because a database tells nobody when a table changes
            await asyncio.sleep(0.05)

    async def until_refused(self, count: int) -> Sequence[tuple[bytes, str]]:
        while True:
            found = await self.server.fetch("select body, error_code from outbox where is_sync = '3' order by seq")
            if len(found) == count:
                return [(bytes(row["body"]), row["error_code"]) for row in found]
            await asyncio.sleep(0.05)

    async def outage(self, *, away: bool) -> None:
        await self.behave(Behaviour.OUTAGE if away else Behaviour.ACCEPT)

    async def _left(self) -> list[dict[str, Any]]:
        return await self.server.fetch("select seq from outbox where is_sync = '0' for update skip locked")


class LeasedFeed(DatabaseFeed):
    """The same, with lease columns."""

    claim = MappingProxyType({"lease": {"owner": "lease_owner", "until": "lease_until"}})

    async def _left(self) -> list[dict[str, Any]]:
        return await self.server.fetch(
            "select seq from outbox where is_sync = '0' and (lease_until is null or lease_until < localtimestamp)"
        )


__all__ = ["PASSWORD", "SECRETS", "DatabaseFarSide", "DatabaseFeed", "LeasedFeed", "MariadbServer", "PostgresServer"]
