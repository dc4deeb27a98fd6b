# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fixtures that lend PostgreSQL to the tests: version 15 and the wheel's 18, and a fresh database for each test."""

import itertools
import os
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from hub.journal.migrate import Migrated, ensure_months, migrate
from hub.ports.clock import SystemClock
from tests.support.missing import missing
from tests.support.postgres import REMEDY, PrivatePostgres, find_postgres

_numbers = itertools.count(1)


class GivenPostgres:
    """A server that somebody else runs, at a URL whose user may create databases. It is not ours to kill."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    async def ensure_running(self) -> None:
        """It has to."""

    async def fresh_database(self, template: str = "template0") -> str:
        """The URL of a new database, empty unless a template is named."""
        name = f"govhub_test_{os.getpid()}_{next(_numbers)}"
        await self._execute(f"create database {name} template {template}")
        return urlunsplit(self._url._replace(path=f"/{name}"))

    async def drop_database(self, dsn: str) -> None:
        """Drop a database of :meth:`fresh_database`, whoever is connected to it."""
        await self._execute(f"drop database if exists {urlsplit(dsn).path[1:]} with (force)")

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(urlunsplit(self._url))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session", params=["pg15", "pg18"])
async def shared_postgres(request: pytest.FixtureRequest) -> AsyncIterator[PrivatePostgres | GivenPostgres]:
    """The server, as the last test left it, perhaps dead. Tests ask for ``postgres`` or ``dsn``."""
    bindir = None
    if request.param == "pg15":
        if given := os.environ.get("GOVHUB_TEST_POSTGRES"):
            yield GivenPostgres(given)
            return
        bindir = find_postgres(15)
        if bindir is None:
            missing(REMEDY)
    async with PrivatePostgres(bindir) as server:
        yield server


@pytest.fixture
async def postgres(shared_postgres: PrivatePostgres | GivenPostgres) -> PrivatePostgres:
    """A running server of the tests' own, which the test may kill and restart."""
    if isinstance(shared_postgres, GivenPostgres):
        pytest.skip("the server of GOVHUB_TEST_POSTGRES is not ours to kill")
    await shared_postgres.ensure_running()
    return shared_postgres


@pytest.fixture
async def dsn(shared_postgres: PrivatePostgres | GivenPostgres) -> AsyncIterator[str]:
    """The DSN of a fresh, empty database on a running server, dropped after the test."""
    await shared_postgres.ensure_running()
    name = await shared_postgres.fresh_database()
    yield name
    await shared_postgres.ensure_running()
    await shared_postgres.drop_database(name)


@pytest.fixture(scope="session")
async def migrated(shared_postgres: PrivatePostgres | GivenPostgres) -> AsyncIterator[str]:
    """The name of a database with the schema of today, to copy from: copying is faster than migrating."""
    await shared_postgres.ensure_running()
    template = await shared_postgres.fresh_database()
    connection = await asyncpg.connect(template)
    try:
        assert isinstance(await migrate(connection), Migrated)
        await ensure_months(connection, SystemClock().now())
    finally:
        await connection.close()
    yield template.rpartition("/")[2]
    await shared_postgres.ensure_running()
    await shared_postgres.drop_database(template)


@pytest.fixture
async def journal_dsn(shared_postgres: PrivatePostgres | GivenPostgres, migrated: str) -> AsyncIterator[str]:
    """The DSN of a fresh database with the schema of today, dropped after the test."""
    await shared_postgres.ensure_running()
    name = await shared_postgres.fresh_database(migrated)
    yield name
    await shared_postgres.ensure_running()
    await shared_postgres.drop_database(name)
