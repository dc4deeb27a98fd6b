# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The connections, and what an error of the database means for a batch."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from enum import Enum, auto
from typing import Any
from uuid import UUID

import asyncpg

from hub.journal.queries import query
from hub.ports.ids import uuid_of
from hub.ports.journal import JournalDown

PROMPT_SECONDS = 5.0
"""What others wait for is done within this time or not at all: half of a lease."""


STUCK_SECONDS = 8.0
"""A transaction that says nothing for so long is ended by the server: its locks are free before our partitions have an heir."""

_AT_HAND = 6
_OLD_SECONDS = 3600.0
"""A connection that worked for so long goes back to the driver's pool, which begins a new session after many statements."""

_SILENCE = {
    "lock_timeout": "4s",  # whose caller has given up must not queue for a lock, and then hold it
    "idle_session_timeout": "15min",  # the driver itself closes what it has not used for five
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""What becomes of the server's ends of connections when a network swallows the news that ours are gone."""


class Trouble(Enum):
    """What to do about a failed transaction."""

    DOWN = auto()
    """The database is away or cannot write: nobody's row is guilty."""
    AGAIN = auto()
    """A deadlock or serialisation failure: the same batch may go through at once."""
    GUILTY = auto()
    """Some row is refused: split the batch until it stands alone."""


_DOWN = (
    OSError,  # refused, reset, no socket file; TimeoutError is one too
    asyncio.TimeoutError,
    asyncpg.InterfaceError,  # the connection was closed under us, or the pool is closing
    asyncpg.InternalClientError,  # the server's last words came while we asked nothing, and its end is still to come
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutdown, crash recovery, cannot connect now
    asyncpg.InsufficientResourcesError,  # disk full, out of memory, too many connections
    asyncpg.PostgresSystemError,  # an I/O error of the server
    asyncpg.ReadOnlySQLTransactionError,  # a primary that has become a standby
    asyncpg.InternalServerError,  # includes a backend killed in mid-query
)
_AGAIN = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,  # we stood still for too long; nothing was written
)

DATABASE_ERRORS = (*_DOWN, asyncpg.PostgresError)
"""All that a statement may raise for reasons outside this program."""


def trouble(error: BaseException) -> Trouble:
    """Which kind of trouble an error out of asyncpg is."""
    if isinstance(error, _AGAIN):
        return Trouble.AGAIN
    if isinstance(error, _DOWN):
        return Trouble.DOWN
    return Trouble.GUILTY


def down(error: BaseException) -> JournalDown:
    """The error as a value. Only class and SQLSTATE: messages of the server may quote rows."""
    sqlstate = getattr(error, "sqlstate", None)
    return JournalDown(f"{type(error).__name__}{f' {sqlstate}' if sqlstate else ''}")


class JournalPool:
    """Connections with durable commits, none of which is waited for without end. Made by :func:`open_pool`.

    A network that swallows everything ends no connection: whoever waits on one, waits. So whatever others wait for is done
    in :meth:`prompt`; a connection that is silent there is cut, and those of its age are not used again. A few that were given
    back in order are kept at hand for the next: the driver's own pool makes tasks of taking and of giving back, and so turns of
    a busy loop during which whoever waits for a commit waits for nothing.
    """

    def __init__(self, pool: asyncpg.Pool, patience: float) -> None:
        self._pool = pool
        self._patience = patience
        self._at_hand: list[asyncpg.Connection] = []
        self._waiting = 0
        """Who waits for a connection of the driver's pool."""
        self._closing = False
        self._made_at: dict[int, float] = {}
        """By the process id of the server's end."""
        self._begun_at: dict[int, datetime] = {}
        """The same by the server's clock: with it a process id is that of one session only."""
        self._abandoned: dict[int, datetime] = {}
        """Sessions whose ends here were cut, while theirs may be in the middle of something."""
        self._doubted_at = 0.0
        """Connections made before this moment of the loop's clock may be dead without knowing it."""
        self.full = False
        """Something could not be written for want of space."""

    async def take(self) -> asyncpg.Connection:
        """One to keep until :meth:`release`. Raises ``TimeoutError`` when none is free or can be made in time."""
        while True:
            connection = self._at_hand.pop() if self._at_hand else await self._acquired()
            if _is_open(connection):
                if self._made_at.get(connection.get_server_pid(), 0.0) >= self._doubted_at:
                    return connection
                self._abandon(connection)
            await self._pool.release(connection)

    async def _acquired(self) -> asyncpg.Connection:
        self._waiting += 1
        try:
            return await self._pool.acquire(timeout=self._patience)
        finally:
            self._waiting -= 1

    async def release(self, connection: asyncpg.Connection) -> None:
        await self._pool.release(connection)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.Connection]:
        """One for the length of the block, however long that is; single statements have 30 seconds."""
        connection = await self.take()
        try:
            with _told_as_down(connection):
                yield connection
        finally:
            await self._pool.release(connection)

    @asynccontextmanager
    async def prompt(self, seconds: float = PROMPT_SECONDS) -> AsyncIterator[asyncpg.Connection]:
        """One for the length of the block, which is cut off after so many seconds: the statement under way fails."""
        connection = await self.take()
        overdue = asyncio.get_running_loop().call_later(seconds, self._cut, connection)
        in_order = False
        try:
            if self._abandoned:
                await self._end_abandoned(connection)
            with _told_as_down(connection):
                yield connection
            in_order = True
        except asyncpg.DiskFullError:
            self.full = True
            raise
        finally:
            overdue.cancel()
            if not (in_order and self._kept(connection)):
                await self._pool.release(connection)

    def _kept(self, connection: asyncpg.Connection) -> bool:
        """Whether it stays at hand; where somebody waits for one, it goes to the pool that they wait for."""
        if self._closing or self._waiting or len(self._at_hand) >= _AT_HAND or not _is_open(connection):
            return False
        age = asyncio.get_running_loop().time() - self._made_at.get(connection.get_server_pid(), 0.0)
        if connection.is_in_transaction() or age > _OLD_SECONDS:
            return False
        self._at_hand.append(connection)
        return True

    async def promptly(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """One statement, and what it returns."""
        async with self.prompt() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return rows

    async def try_to_write(self, statement: str) -> None:
        """Write something large that is not kept. Raises while there is no space for it; else ``full`` is no more."""
        async with self.prompt() as connection:
            attempt = connection.transaction()
            await attempt.start()
            try:
                await connection.execute(statement)
            finally:
                await attempt.rollback()
        self.full = False

    async def fetch(self, statement: str, *arguments: object, timeout: float | None = None) -> list[asyncpg.Record]:  # noqa: ASYNC109
        """One statement that may take its time, and what it returns; so with the three below."""
        async with self.acquire() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments, timeout=timeout)
            return rows

    async def fetchrow(self, statement: str, *arguments: object, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        async with self.acquire() as connection:
            return await connection.fetchrow(statement, *arguments, timeout=timeout)

    async def fetchval(self, statement: str, *arguments: object, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        async with self.acquire() as connection:
            return await connection.fetchval(statement, *arguments, timeout=timeout)

    async def execute(self, statement: str, *arguments: object, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        async with self.acquire() as connection:
            return await connection.execute(statement, *arguments, timeout=timeout)

    async def close(self) -> None:
        """In order, or, where the server does not answer, at once."""
        self._closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(PROMPT_SECONDS):  # which, when it is over, also terminates what is left
                while self._at_hand:
                    await self._pool.release(self._at_hand.pop())
                await self._pool.close()

    async def prepare(self, connection: asyncpg.Connection) -> None:
        """Told of every new connection, by the pool.

        The driver has a UUID class of its own, which JSON encoders do not know: no vendor's type leaves the journal.
        """
        self._made_at[connection.get_server_pid()] = asyncio.get_running_loop().time()
        self._begun_at[connection.get_server_pid()] = await connection.fetchval(query("own_session"))
        await connection.set_type_codec(
            "uuid", schema="pg_catalog", encoder=_uuid_bytes, decoder=_uuid_of, format="binary"
        )

    def _cut(self, connection: asyncpg.Connection) -> None:
        self._doubted_at = asyncio.get_running_loop().time()
        self._abandon(connection)

    def _abandon(self, connection: asyncpg.Connection) -> None:
        """Cut without a word, which might never be answered."""
        session = connection.get_server_pid()
        if session in self._begun_at:
            self._abandoned[session] = self._begun_at.pop(session)
        connection.terminate()

    async def _end_abandoned(self, connection: asyncpg.Connection) -> None:
        """Have the server end them. It may not know that we are gone, and no time-out of its own ends a transaction whose next
        statement it has read by half: that holds its locks, and whatever is in the way of everybody waits.
        """
        abandoned, self._abandoned = self._abandoned, {}
        try:
            await connection.fetch(query("end_sessions"), list(abandoned), list(abandoned.values()))
        except asyncpg.PostgresError:
            return  # the server does not let us; its time-outs have to do
        except BaseException:
            self._abandoned |= abandoned
            raise


@contextmanager
def _told_as_down(connection: asyncpg.Connection) -> Iterator[None]:
    """A connection that ends between the preparing of a statement and its beginning has no protocol any more: the driver stumbles
    over that instead of telling it.
    """
    try:
        yield
    except AttributeError as error:
        if _is_open(connection):
            raise
        raise asyncpg.InterfaceError("the connection ended under a statement") from error


def _is_open(connection: asyncpg.Connection) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # the driver has noticed its end, and taken it back by itself
        return False


def _uuid_bytes(value: UUID) -> bytes:
    return value.int.to_bytes(16, "big")  # ``value.bytes`` takes twice as long, and a message has twenty


def _uuid_of(value: bytes) -> UUID:
    return uuid_of(int.from_bytes(value, "big"))


async def _leave_as_it_is(connection: asyncpg.Connection) -> None:
    """Whoever takes a connection leaves no trace in its session, so there is nothing to ask the server to reset.

    The driver still ends a transaction that was left open before it calls this.
    """


async def open_pool(dsn: str, *, size: int = 12, patience: float = 10.0, stuck: float = STUCK_SECONDS) -> JournalPool:
    """``patience``: how long, in seconds, somebody waits for a connection; ``stuck``: how long a transaction may stand still.

    Raises what asyncpg raises when it is away.
    """
    made: list[JournalPool] = []

    async def prepare(connection: asyncpg.Connection) -> None:
        await made[0].prepare(connection)

    pool = asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        command_timeout=30,
        timeout=10,
        init=prepare,
        reset=_leave_as_it_is,
        server_settings={
            "application_name": "govhub",
            "synchronous_commit": "on",
            "timezone": "UTC",
            "jit": "off",  # compiling a plan costs more than any of our statements
            "idle_in_transaction_session_timeout": f"{int(stuck * 1000)}ms",
            **_SILENCE,
        },
    )
    made.append(JournalPool(pool, patience))
    await pool
    return made[0]
