# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A register of made-up companies: a table in a real database that is given, and a line to it that behaves as a script says.

PGPASSWORD=… govhub simulate database-query --port 5433 --option url=postgresql://127.0.0.1:5432/test --option user=test
    --script "ok,slow,lock,cut"

It makes the table ``simulated_register`` (code, name, status, since, share), and takes it away when it is ended. The hub's
``url`` is the address that it tells.
"""

import asyncio
import os
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from typing import Self, TypeVar

import structlog
from pydantic import ValidationError

from connectors.database_query.simulated_line import Line
from connectors.database_query.simulator_words import RECORDS, TABLE, LookupOptions, Step
from connectors.databases.address import DatabaseConfig, driven
from connectors.databases.database import Database, Session
from connectors.databases.rows import execute
from connectors.databases.trouble import Trouble, TroubledError
from connectors.sdk import Context
from connectors.sdk.session import open_session
from connectors.sdk.simulator import Simulator
from contracts.text import Text

_SECONDS = 60.0
_AWAY = f"{TABLE}_away"
_PORTS = {"postgresql": 5432, "mysql": 3306}

T = TypeVar("T")


class Register:
    """The table, and the line before its database, as long as it is entered; used as an async context manager."""

    def __init__(self, script: Iterable[Step], host: str, port: int, options: LookupOptions) -> None:
        self._words = deque(script)
        self.options = options
        self._place = (host, port)
        self.asked = 0
        """How many questions there were."""
        self.restarts = asyncio.Condition()
        """Notified when a restarted line is back."""
        self.restored = asyncio.Condition()
        """Notified when a table that was locked or had another name is as it was."""
        self._busy: set[asyncio.Task[None]] = set()
        self._database: Database | None = None
        self._line: Line | None = None
        self._stack = AsyncExitStack()

    @property
    def address(self) -> str:
        """What the hub's settings have as ``url``."""
        assert self._line is not None, "entered before"
        host, port = self._line.place
        return (
            driven(self.options.url)
            .set(drivername=self.options.url.partition(":")[0], host=host, port=port)
            .render_as_string()
        )

    async def __aenter__(self) -> Self:
        try:
            config = DatabaseConfig.model_validate(
                {"url": self.options.url, "user": self.options.user, "password_secret": "password"}
            )
        except ValidationError as error:
            raise OSError(0, "; ".join(one["msg"] for one in error.errors(include_input=False))) from None
        url = driven(config.url)
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(open_session())
            context = Context(
                destination="simulator",
                http=http,
                log=structlog.get_logger(),
                secret=lambda _: os.environ.get(self.options.password_env, ""),
                monotonic=asyncio.get_running_loop().time,
            )
            self._database = Database(config, context, connections=4)
            stack.push_async_callback(self._database.close)
            try:
                await self._do(_make)
            except TroubledError as error:
                raise OSError(0, f"{self.options.url}: {error}") from error
            stack.push_async_callback(self._clear)
            to = (url.host or "127.0.0.1", url.port or _PORTS.get(url.get_backend_name(), 0))
            line = Line(to, self._place, self._befall, self.options, self.restarts)
            self._line = await stack.enter_async_context(line)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _befall(self) -> Step:
        self.asked += 1
        word = self._words.popleft() if self._words else Step.OK
        match word:
            case Step.LOCK:
                await self._hold(self._locked)
            case Step.MISSING:
                await self._hold(self._renamed)
            case _:
                pass
        return word

    async def _hold(self, trouble: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        """Have the table so for a while, beginning before this returns."""
        begun = asyncio.Event()

        async def hold() -> None:
            with suppress(TroubledError):  # somebody else may have made away with the table
                await trouble(begun)
            begun.set()
            async with self.restored:
                self.restored.notify_all()

        task = asyncio.create_task(hold())
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        await begun.wait()

    async def _locked(self, begun: asyncio.Event) -> None:
        postgresql = self._is_postgresql

        async def hold(session: Session) -> None:
            await execute(session, [f"lock table {TABLE}" if postgresql else f"lock tables {TABLE} write"])
            begun.set()
            await asyncio.sleep(self.options.away_seconds)
            if not postgresql:
                await execute(session, ["unlock tables"])

        await self._do(hold, self.options.away_seconds + _SECONDS)

    async def _renamed(self, begun: asyncio.Event) -> None:
        await self._do(lambda session: execute(session, [f"alter table {TABLE} rename to {_AWAY}"]))
        begun.set()
        await asyncio.sleep(self.options.away_seconds)
        await self._do(lambda session: execute(session, [f"alter table {_AWAY} rename to {TABLE}"]))

    async def _clear(self) -> None:
        for task in self._busy:
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy)
        with suppress(TroubledError):
            await self._do(_drop)

    @property
    def _is_postgresql(self) -> bool:
        return self._database is not None and self._database.dialect == "postgresql"

    async def _do(self, work: Callable[[Session], Awaitable[T]], seconds: float = _SECONDS) -> T:
        assert self._database is not None, "entered before"
        done = await self._database.run(work, seconds)
        if isinstance(done, Trouble):
            raise TroubledError(done)
        return done


async def _drop(session: Session) -> None:
    await execute(session, [f"drop table if exists {one}" for one in (TABLE, _AWAY)])


async def _make(session: Session) -> None:
    await _drop(session)
    columns = "code varchar(50), name varchar(200), status varchar(50), since date, share decimal(7,2)"
    await execute(session, [f"create table {TABLE} ({columns})"])
    rows = ", ".join(f"({', '.join(map(_literal, one.values()))})" for one in RECORDS)
    await execute(session, [f"insert into {TABLE} values {rows}"])  # noqa: S608  # because every letter of it is ours


def _literal(value: str | None) -> str:
    """A made-up value as SQL has it; none of them has a quote."""
    return "null" if value is None else f"'{value}'"


SIMULATOR = Simulator(
    name="database_query",
    about=Text(
        "一个库中的虚构企业登记表：在给定的数据库里建表，并在中枢与数据库之间转接、按剧本出故障。",
        "A register of made-up companies in a database that is given: it makes the table, and listens between the hub and that "
        "database, with trouble as the script says.",
    ),
    words=Step,
    options=LookupOptions,
    start=Register,
)
