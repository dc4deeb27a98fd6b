# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The connections, and what an error of the database means for a batch."""

import asyncio
from enum import Enum, auto
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolAcquireContext

from hub.ports.journal import JournalDown


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
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)

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


async def _speak_plain_uuid(connection: asyncpg.Connection) -> None:
    """The driver has a UUID class of its own, which JSON encoders do not know: no vendor's type leaves the journal."""
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=_uuid_bytes, decoder=_uuid_of, format="binary")


def _uuid_bytes(value: UUID) -> bytes:
    return value.bytes


def _uuid_of(value: bytes) -> UUID:
    return UUID(bytes=value)


async def _leave_as_it_is(connection: asyncpg.Connection) -> None:
    """Whoever takes a connection leaves no trace in its session, so there is nothing to ask the server to reset.

    The driver still ends a transaction that was left open before it calls this.
    """


class _Pool(asyncpg.Pool):  # type: ignore[misc]  # because asyncpg has no types
    """A pool at which nobody queues for ever: who is not given a connection in time gets a ``TimeoutError``."""

    patience = 10.0

    def acquire(self, *, timeout: float | None = None) -> PoolAcquireContext:  # because it is asyncpg's
        return super().acquire(timeout=self.patience if timeout is None else timeout)


async def open_pool(dsn: str, *, size: int = 12, patience: float = 10.0) -> asyncpg.Pool:
    """A pool of connections with durable commits; whoever waits for one waits at most ``patience`` seconds.

    Raises what asyncpg raises when the database is away.
    """
    pool = _Pool(
        dsn,
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0,
        loop=None,
        min_size=1,
        max_size=size,
        command_timeout=30,
        timeout=10,
        init=_speak_plain_uuid,
        reset=_leave_as_it_is,
        server_settings={
            "application_name": "govhub",
            "synchronous_commit": "on",
            "timezone": "UTC",
            "jit": "off",  # compiling a plan costs more than any of our statements
        },
    )
    pool.patience = patience
    return await pool
