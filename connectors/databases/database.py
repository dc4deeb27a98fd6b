# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A pool of connections to one database. Every transaction has a deadline that holds, also when the server says nothing more.

The deadline is kept by cutting the connection, not by asking the driver to cancel: a cancelled driver first tells the
server, and waits for a server that does not answer.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

from sqlalchemy import event, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from connectors.databases.address import DatabaseConfig, driven
from connectors.databases.trouble import Fault, Trouble, TroubledError, trouble_of
from connectors.sdk import Context

T = TypeVar("T")

CONNECT_SECONDS = 10.0
_GRACE_SECONDS = 0.5
_RECYCLE_SECONDS = 900
_STRICT: Final = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
"""MySQL otherwise cuts what is too long, and leaves out characters that a column cannot hold."""
_CLOSED: Final = Trouble(Fault.AWAY, "CLOSED")


class Session:
    """One connection for the length of a transaction. ``committing`` is set just before the commit leaves."""

    def __init__(self) -> None:
        self.committing = False
        self._connection: AsyncConnection | None = None
        self._driver: Any = None
        self._cut = False

    @property
    def connection(self) -> AsyncConnection:
        assert self._connection is not None, "a session is used after it was begun"
        return self._connection

    async def begin(self, engine: AsyncEngine) -> None:
        """Connect. Raises what the driver raises."""
        self._connection = await engine.connect()
        self._driver = (await self._connection.get_raw_connection()).driver_connection

    async def commit(self) -> None:
        """Commit. Raises what the driver raises; from here on nobody knows until it returns."""
        self.committing = True
        await self.connection.commit()
        self.committing = False

    def cut(self) -> None:
        """Break the connection off, at once and without a word. Idempotent."""
        self._cut = True
        if self._driver is not None:
            hang_up(self._driver)

    async def end(self) -> None:
        """Give the connection back; one that was cut is thrown away. Never raises."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if self._cut:
                await connection.invalidate()
            await connection.close()
        except Exception:  # noqa: BLE001  # because what cannot be given back is cut off
            if self._driver is not None:
                hang_up(self._driver)


def hang_up(driver: Any) -> None:
    """End a driver's connection without a word: asyncpg calls it terminate, the others close."""
    end = getattr(driver, "terminate", None) or driver.close
    with suppress(Exception):  # it is gone, which is all that was wanted
        end()


class Database:
    """One database as one user. For one event loop; its methods never raise but for cancellation."""

    def __init__(
        self,
        config: DatabaseConfig,
        context: Context,
        *,
        connections: int,
        read_only: bool = False,
        statement_seconds: float | None = None,
    ) -> None:
        self._config = config
        self._context = context
        self._open: set[Any] = set()
        self._sessions: set[Session] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._read_only = read_only
        self._statement_seconds = statement_seconds
        self.engine = self._made(connections, read_only=read_only)

    @property
    def dialect(self) -> str:
        """``postgresql``, ``mysql``, ``oracle``, …"""
        return self.engine.dialect.name

    async def run(self, work: Callable[[Session], Awaitable[T]], seconds: float) -> T | Trouble:
        """Do the work in a transaction of its own and commit it, within so many seconds; or say what hindered it."""
        if self._closed:
            return _CLOSED
        session = Session()
        self._sessions.add(session)
        try:
            return await self.within(session, self._transaction(session, work), seconds)
        finally:
            self._sessions.discard(session)

    async def begin(self, seconds: float = CONNECT_SECONDS) -> Session | Trouble:
        """A session that its holder ends: with steps of :meth:`within`, then ``end``."""
        if self._closed:
            return _CLOSED
        session = Session()
        self._sessions.add(session)
        begun = await self.within(session, session.begin(self.engine), seconds)
        if isinstance(begun, Trouble):
            await self.end(session)
            return begun
        return session

    async def within(self, session: Session, step: Coroutine[Any, Any, T], seconds: float) -> T | Trouble:
        """One step of a session that is held, within so many seconds. After :attr:`Fault.AWAY` the session is of no use."""
        task = asyncio.create_task(_told(session, step))
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        try:
            await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            session.cut()
            task.cancel()
            raise
        if task.done() and not task.cancelled():
            return task.result()
        session.cut()
        unknown = session.committing
        task.cancel()
        await asyncio.wait({task}, timeout=_GRACE_SECONDS)
        return Trouble(Fault.UNKNOWN if unknown else Fault.AWAY, "CLOSED" if self._closed else "TIMED_OUT")

    async def end(self, session: Session) -> None:
        """The holder of a session is done with it: what was not committed did not happen. Never raises."""
        self._sessions.discard(session)
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await session.end()
        except TimeoutError:
            session.cut()

    async def look(self, seconds: float) -> Trouble | None:
        """Whether it answers."""
        found = await self.run(_nothing, seconds)
        return found if isinstance(found, Trouble) else None

    async def close(self) -> None:
        """Cut everything that is under way, and let go of the rest. Waits for no server. Idempotent."""
        self._closed = True
        for session in list(self._sessions):
            session.cut()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE_SECONDS)
        for driver in list(self._open):
            hang_up(driver)
        self._open.clear()
        await self.engine.dispose(close=False)

    async def _transaction(self, session: Session, work: Callable[[Session], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await session.begin(self.engine)
            result = await work(session)
            await session.commit()
        finally:
            await session.end()
        return result

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

    def _made(self, connections: int, *, read_only: bool) -> AsyncEngine:
        engine = create_async_engine(
            driven(self._config.url),
            poolclass=AsyncAdaptedQueuePool,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=3600,  # the callers have deadlines of their own
            pool_recycle=_RECYCLE_SECONDS,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args=_arguments(
                driven(self._config.url).get_backend_name(),
                self._config.lock_seconds,
                self._statement_seconds,
                read_only=read_only,
            ),
        )
        event.listen(engine.sync_engine, "do_connect", self._identify)
        event.listen(engine.sync_engine, "connect", self._connected)
        event.listen(engine.sync_engine, "close", self._ended)
        event.listen(engine.sync_engine, "close_detached", self._ended)
        return engine

    def _identify(self, _dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        """Who we are, asked for at each connection: rotation is live."""
        parameters["user"] = self._config.user
        if (name := self._config.password_secret) is not None:
            try:
                parameters["password"] = self._context.secret(name)
            except KeyError:
                raise TroubledError(Trouble(Fault.SHAPE, "NO_SECRET", name.name)) from None
        if self._config.tls:
            parameters["ssl"] = ssl.create_default_context(cafile=self._config.tls_ca_file)

    def _connected(self, connection: Any, _record: Any) -> None:
        if self.dialect == "mysql":  # PostgreSQL is told while it connects
            cursor = connection.cursor()
            cursor.execute(
                f"set session sql_mode='{_STRICT}', session innodb_lock_wait_timeout={self._config.lock_seconds}"
            )
            # Its own level locks the gaps that others write into.
            cursor.execute("set session transaction isolation level read committed")
            if self._read_only:
                cursor.execute("set session transaction read only")
            if self._statement_seconds is not None:
                _limit(cursor, self._statement_seconds)
            cursor.close()
        if driver := getattr(connection, "driver_connection", None):
            self._open.add(driver)

    def _ended(self, connection: Any, *_: Any) -> None:
        self._open.discard(getattr(connection, "driver_connection", None))


async def _told(session: Session, step: Coroutine[Any, Any, T]) -> T | Trouble:
    """What a step comes to, whatever it raises."""
    try:
        return await step
    except Exception as error:  # noqa: BLE001  # because drivers raise what they like
        trouble = trouble_of(error)
        unknown = session.committing and (trouble.fault is Fault.AWAY or trouble.code == "DATABASE")
        return Trouble(Fault.UNKNOWN, trouble.code, trouble.where) if unknown else trouble


async def _nothing(session: Session) -> None:
    await session.connection.execute(select(literal(1)))


def _limit(cursor: Any, seconds: float) -> None:
    """MariaDB counts seconds, MySQL milliseconds; neither knows the other's name."""
    try:
        cursor.execute(f"set session max_statement_time={seconds:g}")
    except Exception:  # noqa: BLE001  # because a driver names its errors as it likes
        cursor.execute(f"set session max_execution_time={int(seconds * 1000)}")


def _arguments(backend: str, lock_seconds: int, statement_seconds: float | None, *, read_only: bool) -> dict[str, Any]:
    """What each make is told when a connection begins, so that it waits for no lock for long and truncates nothing."""
    match backend:
        case "postgresql":
            settings = {
                "application_name": "govhub",
                "jit": "off",  # compiles the driver's own questions about types for longer than they take
                "default_transaction_isolation": "read committed",
                "lock_timeout": f"{lock_seconds}s",
                **({"default_transaction_read_only": "on"} if read_only else {}),
                **({"statement_timeout": f"{int(statement_seconds * 1000)}"} if statement_seconds is not None else {}),
            }
            return {"timeout": CONNECT_SECONDS, "server_settings": settings}
        case "mysql":
            return {"connect_timeout": CONNECT_SECONDS, "charset": "utf8mb4"}
        case _:
            return {}


async def attempt(session: Session, step: Coroutine[Any, Any, Any]) -> bool:
    """Whether a step went well; what it did when it did not is undone, and the transaction goes on.

    Only trouble with the data is survived: any other is raised, since the step after it would have the same.
    """
    try:
        async with session.connection.begin_nested():
            await step
    except Exception as error:
        if trouble_of(error).fault is not Fault.DATA:
            raise
        return False
    return True
