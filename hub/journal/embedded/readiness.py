# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""When a started server is ready: it takes connections, and the hub's role and database are there."""

from pathlib import Path
from typing import Final

import asyncpg

from hub.journal.embedded.cluster import SUPERUSER
from hub.journal.embedded.faults import EmbeddedFault, FaultCode, fault, fault_of_log
from hub.journal.embedded.home import Home
from hub.journal.embedded.server import DATABASE, ROLE, EmbeddedPostgres, last_words
from hub.ports.clock import Clock

_POLL_SECONDS: Final = 0.02
_READY_SECONDS: Final = 600.0  # crash recovery reads up to max_wal_size of log, from a slow disk too
_SOCKET_SECONDS: Final = 10.0  # the socket is there long before recovery ends, unless somebody removed it
_NOT_YET: Final = (
    OSError,  # no socket yet; TimeoutError is one too
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)


async def ready(server: EmbeddedPostgres, home: Home, clock: Clock) -> EmbeddedPostgres | EmbeddedFault | None:
    """The server once it takes connections and has our database; None if it ended, or its socket is gone."""
    begun = clock.monotonic()
    while not server.died.is_set():
        waited = clock.monotonic() - begun
        if waited > _READY_SECONDS:
            log = last_words(home)
            return fault_of_log(FaultCode.SERVER_FAILED, log, detail="timeout", directory=home.data / "log")
        try:
            await _prepare(home, server.socket)
        except asyncpg.InvalidAuthorizationSpecificationError:
            return fault(FaultCode.PASSWORD_LOST, detail=str(home.directory / "password"))
        except _NOT_YET as error:
            if waited > _SOCKET_SECONDS and isinstance(error, FileNotFoundError):
                return None
            await clock.sleep(_POLL_SECONDS)
        except asyncpg.PostgresError as error:
            code = FaultCode.DISK_FULL if isinstance(error, asyncpg.DiskFullError) else FaultCode.SERVER_FAILED
            return fault(code, detail=f"SQLSTATE {error.sqlstate}", directory=home.data / "log")
        else:
            return server
    return None


async def _prepare(home: Home, socket: Path) -> None:
    """Make the role and the database of the hub unless they exist. Raises what asyncpg raises."""
    password = home.password() or ""  # None would have the driver look for one elsewhere
    connection = await asyncpg.connect(
        host=str(socket),
        port=5432,
        user=SUPERUSER,
        password=password,
        database="postgres",
        ssl=False,
        timeout=10,
    )
    try:
        if not await connection.fetchval("select exists(select from pg_roles where rolname = $1)", ROLE):
            statement = "select format('create role %I login password %L in role pg_monitor', $1::text, $2::text)"
            await connection.execute(await connection.fetchval(statement, ROLE, password))
        if not await connection.fetchval("select exists(select from pg_database where datname = $1)", DATABASE):
            await connection.execute(f"create database {DATABASE} owner {ROLE}")
    finally:
        await connection.close(timeout=5)
